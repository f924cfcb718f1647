/** The state of one rule over its series, in columns: what is kept of a slot and how it is written down and read again. */
import type { Program } from './rule.ts';
import { Windows } from './window.ts';

/** Levels 1..4 in columns. */
export const LEVELS = 4;
/** Bits of `flags`. */
export const flag = { noData: 1, flapping: 2, silenceTold: 4, exercise: 8 } as const;

/** A model of one series that a rule measures by (anomaly, forecast): one pass, bounded memory. */
export interface SlotModel {
  /** Takes a reading in and answers the measure; NaN while it is learning. */
  push(at: number, value: number): number;
  bytes(): Uint8Array;
}
/** Makes the models of a rule; `bytes` is a kept state, which may be refused by answering a fresh model. */
export type ModelOf = (program: Program, bytes?: Uint8Array) => SlotModel;

/** What is kept of a rule's slots; a slot is one series of the rule. */
export class RuleColumns {
  readonly program: Program;
  /** Series of each slot. */
  series: number[] = [];
  /** Slot of a series. */
  readonly slots = new Map<number, number>();
  /** Slots that the rule no longer watches; their numbers are not given again in this process. */
  readonly retired = new Set<number>();
  capacity = 0;
  /** Time of the last reading, or of the beginning of watching. */
  lastAt = new Float64Array();
  /** Measure at the last reading; NaN before one. */
  last = new Float64Array();
  /** Raw value at the last reading. */
  raw = new Float64Array();
  /** Since when each level's condition is as it is (ms UTC). */
  since = new Float64Array();
  /** Bits of levels whose condition holds now. */
  holds = new Uint8Array();
  /** Bits of levels that are on. */
  on = new Uint8Array();
  flags = new Uint8Array();
  /** Time of the last transition: transitions of a slot never go back. */
  changed = new Float64Array();
  /** Since when, and how often since then, the slot began to fire. */
  flapFrom = new Float64Array();
  flaps = new Uint8Array();
  windows: Windows | undefined;
  models: (SlotModel | undefined)[] = [];
  /** Values left out as impossible. */
  implausible = 0;
  /** Readings not after the last one of their series. */
  late = 0;

  constructor(program: Program) {
    this.program = program;
    if (program.window) this.windows = new Windows(program.measure, program.window, 0);
  }

  /** The slot of a series, new ones watched from `at` on. */
  slotOf(series: number, at: number): number {
    const known = this.slots.get(series);
    if (known !== undefined) {
      this.retired.delete(known);
      return known;
    }
    const slot = this.series.length;
    if (slot >= this.capacity) this.grow(Math.max(16, this.capacity * 2));
    this.series.push(series);
    this.slots.set(series, slot);
    this.lastAt[slot] = at;
    this.last[slot] = Number.NaN;
    this.raw[slot] = Number.NaN;
    return slot;
  }

  grow(capacity: number): void {
    const wider = <A extends Float64Array | Uint8Array>(old: A, length: number): A => {
      const next = new (old.constructor as new (n: number) => A)(length);
      next.set(old as never);
      return next;
    };
    this.capacity = capacity;
    for (const name of ['lastAt', 'last', 'raw', 'changed', 'flapFrom'] as const)
      this[name] = wider(this[name], capacity);
    for (const name of ['holds', 'on', 'flags', 'flaps'] as const) this[name] = wider(this[name], capacity);
    this.since = wider(this.since, capacity * LEVELS);
    this.windows?.grow(capacity);
  }

  /** The level that is on: 0 … 4. */
  level(slot: number): number {
    const bits = this.on[slot]!;
    return bits & 8 ? 4 : bits & 4 ? 3 : bits & 2 ? 2 : bits & 1;
  }
}

const scalars = ['lastAt', 'last', 'raw', 'since', 'changed', 'flapFrom'] as const;
const bytes = ['holds', 'on', 'flags', 'flaps'] as const;

interface Head {
  key: string;
  slots: number;
  late: number;
  implausible: number;
  windows: string[];
  /** Bytes of each slot's model; absent: the rule has none. */
  models?: number[];
}

/** Writes rules' columns into one block of bytes: a line of JSON that says what follows, then the columns. */
export function writeColumns(rules: readonly RuleColumns[]): Uint8Array {
  const heads: Head[] = [];
  const parts: Uint8Array[] = [];
  const add = (array: Float64Array | Int32Array | Uint8Array, n: number) =>
    parts.push(new Uint8Array(array.buffer, array.byteOffset, n * array.BYTES_PER_ELEMENT));
  for (const r of rules) {
    const n = r.series.length;
    const windows = Object.keys(r.windows?.columns ?? {});
    const models = r.program.measure === 'anomaly' || r.program.measure === 'forecast';
    const states = models ? r.series.map((_, slot) => r.models[slot]?.bytes() ?? new Uint8Array()) : [];
    heads.push({
      ...{ key: r.program.key, slots: n, late: r.late, implausible: r.implausible, windows },
      ...(models ? { models: states.map((s) => s.length) } : {}),
    });
    add(Float64Array.from(r.series), n);
    for (const name of scalars) add(r[name], name === 'since' ? n * LEVELS : n);
    for (const name of windows)
      add(r.windows!.columns[name]!, (r.windows!.columns[name]!.length / (r.capacity || 1)) * n);
    for (const name of bytes) add(r[name], n);
    parts.push(...states);
  }
  const head = Buffer.from(`${JSON.stringify(heads)}\n`);
  return Buffer.concat([head, ...parts]);
}

/** Reads what `writeColumns` wrote into the rules of the same key; others are left as they are. Answers the keys that were found. */
export function readColumns(block: Uint8Array, rules: readonly RuleColumns[], modelOf: ModelOf): string[] {
  const buffer = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const end = buffer.indexOf(10);
  const heads = JSON.parse(buffer.subarray(0, end).toString('utf8')) as Head[];
  let at = end + 1;
  const take = (n: number): Buffer => {
    if (at + n > buffer.length) throw new Error('the kept state is cut off');
    at += n;
    return buffer.subarray(at - n, at);
  };
  // Copied, since columns must stand at multiples of eight.
  const floats = (n: number) => new Float64Array(Uint8Array.from(take(n * 8)).buffer);
  const found: string[] = [];
  for (const head of heads) {
    const r = rules.find((one) => one.program.key === head.key);
    const series = floats(head.slots);
    const read = new Map<string, Float64Array>();
    for (const name of scalars) read.set(name, floats(name === 'since' ? head.slots * LEVELS : head.slots));
    const windows = head.windows.map((name) => [name, floats(head.slots * 24)] as const);
    const small = bytes.map((name) => [name, Uint8Array.from(take(head.slots))] as const);
    const states = (head.models ?? []).map((n) => Uint8Array.from(take(n)));
    if (!r || r.series.length) continue;
    found.push(head.key);
    r.grow(Math.max(16, head.slots));
    r.series = [...series];
    for (const [slot, s] of r.series.entries()) r.slots.set(s, slot);
    for (const name of scalars) r[name].set(read.get(name)!);
    for (const [name, values] of small) r[name].set(values);
    for (const [name, values] of windows) r.windows?.columns[name]?.set(values);
    states.forEach((state, slot) => {
      if (state.length) r.models[slot] = modelOf(r.program, state);
    });
    r.late = head.late;
    r.implausible = head.implausible;
  }
  return found;
}
