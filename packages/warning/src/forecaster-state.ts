/** What a forecaster remembers, and where it stands in its block of memory. */
import { REGRESSION, startRegression } from './regression.ts';
import { Block } from './state.ts';

/** Fields of a point kept for learning. */
export const Y = 0;
export const PREVIOUS = 1;
export const QUICK = 2;
export const SLOW = 3;
export const LEVEL = 4;
export const SEASON = 5;
export const DAY_AGO = 6;
export const UNIT = 7;
export const FIELDS = 8;

/** What the size of the state depends on. */
export interface Layout {
  /** horizons with a model of their own; between them models are blended */
  readonly anchors: readonly number[];
  /** how many points are kept for learning */
  readonly ring: number;
  readonly coverages: number;
  /** regressions per anchor */
  readonly kinds: number;
}

/** Anchors grow by factors; the last one is the longest horizon asked for. */
export function layoutOf(steps: number, coverages: number, light: boolean): Layout {
  const anchors = [1, 2, 6, 24, 72].filter((h) => h < steps);
  anchors.push(steps);
  return { anchors, ring: steps + 1, coverages, kinds: light ? 1 : 2 };
}

/** Names of the scalars, in their order. */
const SCALARS = [
  ...['count', 'refused', 'lastAt', 'gridAt', 'step', 'value', 'quick', 'slow', 'level'],
  ...['unit', 'vivid', 'error', 'least', 'place', 'turn'],
] as const;
const NUMBERS = 16;
/** Kept per anchor and step: the forecast, and the two regressions', as distances from the value then. */
const SAID = 3;

/** Typed views on one block; the scalars have names. */
export class Store {
  readonly block: Block;
  readonly first: Float64Array;
  readonly ring: Float64Array;
  readonly regression: Float64Array;
  readonly loss: Float64Array;
  readonly size: Float64Array;
  readonly quantile: Float64Array;
  readonly season: Float32Array;
  readonly yesterday: Float32Array;
  readonly week: Float32Array;
  readonly seen: Uint8Array;
  readonly weekSeen: Uint8Array;
  readonly scalars: Float64Array;
  /** points taken in; points refused */
  declare count: number;
  declare refused: number;
  /** time of the last point; of the last step (both ms UTC); the step in ms, 0 while unknown */
  declare lastAt: number;
  declare gridAt: number;
  declare step: number;
  /** the last value, its quick and slow running means, and the level without the season */
  declare value: number;
  declare quick: number;
  declare slow: number;
  declare level: number;
  /** mean size of changes over a long and a short while; of errors of level and season */
  declare unit: number;
  declare vivid: number;
  declare error: number;
  /** the least value so far */
  declare least: number;
  /** place in the ring; steps since the start */
  declare place: number;
  declare turn: number;
  readonly #said: Float32Array;
  readonly #at: readonly number[];
  readonly #layout: Layout;
  readonly #fields: number;

  constructor(layout: Layout, fields: number, experts: number) {
    this.#layout = layout;
    this.#fields = fields;
    const { anchors, ring, coverages, kinds } = layout;
    let said = 0;
    this.#at = anchors.map((h) => {
      const at = said;
      said += h * SAID;
      return at;
    });
    const doubles = NUMBERS + 8 + ring * fields + anchors.length * (kinds * REGRESSION + experts + 1 + coverages * 2);
    const bytes = doubles * 8 + (2 * 96 + 168 + said) * 4 + 96 + 168;
    this.block = new Block(bytes);
    this.scalars = this.block.f64(NUMBERS);
    this.first = this.block.f64(8);
    this.ring = this.block.f64(ring * fields);
    this.regression = this.block.f64(anchors.length * kinds * REGRESSION);
    this.loss = this.block.f64(anchors.length * experts);
    this.size = this.block.f64(anchors.length);
    this.quantile = this.block.f64(anchors.length * coverages * 2);
    this.season = this.block.f32(96);
    this.yesterday = this.block.f32(96);
    this.week = this.block.f32(168);
    this.#said = this.block.f32(said);
    this.seen = this.block.u8(96);
    this.weekSeen = this.block.u8(168);
    this.ring.fill(Number.NaN);
    this.#said.fill(Number.NaN);
    this.least = Number.POSITIVE_INFINITY;
    for (let a = 0; a < anchors.length * kinds; a++) startRegression(this.regression, a * REGRESSION);
  }

  /** Field of the point at a place of the ring. */
  get(place: number, field: number): number {
    return this.ring[place * this.#fields + field]!;
  }
  set(place: number, field: number, value: number): void {
    this.ring[place * this.#fields + field] = value;
  }
  /** Where the regression of an anchor begins; with one kind only, both are the same. */
  regressionAt(anchor: number, kind: 0 | 1): number {
    return (anchor * this.#layout.kinds + Math.min(kind, this.#layout.kinds - 1)) * REGRESSION;
  }
  /** What the anchor said as many steps ago as it looks ahead. */
  said(anchor: number): Float32Array {
    return this.#slot(anchor);
  }
  /** Puts what the anchor says now where it stands when its time has come. */
  keep(anchor: number, whole: number, plain: number, log: number): void {
    const slot = this.#slot(anchor);
    slot[0] = whole;
    slot[1] = plain;
    slot[2] = log;
  }
  /** Nothing is said at the present step by any anchor. */
  skip(): void {
    for (let a = 0; a < this.#layout.anchors.length; a++) this.#slot(a).fill(Number.NaN);
  }
  #slot(anchor: number): Float32Array {
    const at = this.#at[anchor]! + (this.turn % this.#layout.anchors[anchor]!) * SAID;
    return this.#said.subarray(at, at + SAID);
  }
}

/** The scalars stand at the beginning of the block; each is an accessor, so that nothing of the state lives outside it. */
SCALARS.forEach((name, i) => {
  Object.defineProperty(Store.prototype, name, {
    get(this: Store) {
      return this.scalars[i]!;
    },
    set(this: Store, x: number) {
      this.scalars[i] = x;
    },
  });
});
