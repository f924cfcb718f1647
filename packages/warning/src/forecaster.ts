/**
 * Streaming forecasts with intervals for one series. Five forecasts compete at some horizons (anchors): stay, as a day ago, half way between
 * both, and two regressions (plain and on logarithms); they are averaged by how well each did. Intervals are quantiles of the errors of what
 * was really forecast, followed online (conformal). README.md tells why.
 */
import { refusalOf } from './detector.ts';
import { featuresOf, logOffset, naiveOf } from './features.ts';
import {
  DAY_AGO,
  FIELDS,
  type Layout,
  LEVEL,
  layoutOf,
  PREVIOUS,
  QUICK,
  SEASON,
  SLOW,
  Store,
  UNIT,
  Y,
} from './forecaster-state.ts';
import { type Anchor, learnError, reach, startOf } from './intervals.ts';
import { FEATURES, learnRegression, predict } from './regression.ts';
import { fill, restore, toBase64 } from './state.ts';
import { type ForecasterOptions, type Prediction, type StateJson, type Taken, WarningError } from './types.ts';

const VERSION = 3;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BINS = 96;
/** Distances seen before the step is their median. */
const FIRST = 8;
/** Points before the regressions learn, and before forecasts are more than "stay". */
const SETTLE = 30;
const READY = 48;
/** Number of forecasts that compete: stay, day ago, half way, regression, regression on logarithms. */
const EXPERTS = 5;
/** Memory of the errors of experts. */
const LOSS_GAIN = 0.003;

/** One series' forecaster: `push` every point in the order of time, ask `forecast(steps)` at any time. */
export class Forecaster {
  readonly options: Required<Omit<ForecasterOptions, 'step'>> & { readonly step: number | undefined };
  readonly #layout: Layout;
  readonly #m: Store;
  readonly #offset: number;
  readonly #f = new Float64Array(FEATURES);
  readonly #g = new Float64Array(FEATURES);
  readonly #experts = new Float64Array(EXPERTS);

  /** @throws WarningError `bad-option` */
  constructor(options: ForecasterOptions = {}) {
    const { coverages = [0.8, 0.95], step, steps = 24, utcOffset = 480, light = false } = options;
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
    const bad = (text: string) => new WarningError('bad-option', text);
    if (coverages.length < 1 || coverages.length > 4 || coverages.some((c) => !(c >= 0.5 && c <= 0.99))) {
      throw bad('coverages must be one to four numbers from 0.5 to 0.99');
    }
    if (step !== undefined && !(step > 0 && Number.isFinite(step))) throw bad('step must be milliseconds over 0');
    if (!Number.isInteger(steps) || steps < 1 || steps > 168) throw bad('steps must be a whole number from 1 to 168');
    if (!(min < max)) throw bad('min must be below max');
    if (!(Math.abs(utcOffset) <= 1440)) throw bad('utcOffset must be minutes within a day');
    this.options = { coverages, step, steps, min, max, utcOffset, light };
    this.#offset = utcOffset * 60_000 + 2 * DAY;
    this.#layout = layoutOf(steps, coverages.length, light);
    this.#m = new Store(this.#layout, FIELDS, EXPERTS);
    this.#m.step = step ?? 0;
  }

  /** Size of the state in bytes; the same for ever with the same `steps`, `coverages` and `light`. */
  get stateBytes(): number {
    return this.#m.block.bytes.length;
  }
  /** How many points were taken in. */
  get count(): number {
    return this.#m.count;
  }
  /** How many points were refused. */
  get refused(): number {
    return this.#m.refused;
  }

  /** Learns from one point. `at` in ms UTC. Never throws. */
  push(at: number, value: number): Taken {
    const m = this.#m;
    const refused = refusalOf(at, value, m.count > 0 ? m.lastAt : -1);
    if (refused) {
      m.refused++;
      return { taken: false, refused };
    }
    if (m.count === 0) {
      m.value = m.quick = m.slow = m.level = value;
      m.gridAt = at;
    } else if (m.step === 0) this.#learnStep(at - m.lastAt);
    m.lastAt = at;
    m.count++;
    if (m.step === 0 || m.count === 1) {
      m.unit += (Math.abs(value - m.value) - m.unit) / Math.max(1, m.count - 1);
      m.value = value;
      m.gridAt = at;
      return { taken: true };
    }
    const steps = Math.round((at - m.gridAt) / m.step);
    // closer than half a step to the last one: it stands in its place
    if (steps < 1) {
      m.value = value;
      m.set(m.place, Y, value);
      return { taken: true };
    }
    this.#advance(steps);
    m.gridAt = at;
    if (m.count > SETTLE) this.#learnAll(at, value);
    this.#update(at, value, steps);
    this.#remember();
    return { taken: true };
  }

  /** The step is the median of the first distances. */
  #learnStep(distance: number): void {
    const m = this.#m;
    m.first[m.count - 1] = distance;
    if (m.count === FIRST) m.step = Float64Array.from(m.first).sort()[FIRST / 2]!;
  }

  /** Moves on by so many steps; those passed over are empty. */
  #advance(steps: number): void {
    const m = this.#m;
    const places = this.#layout.ring;
    const moves = Math.min(steps, places);
    for (let i = 1; i <= moves; i++) {
      m.place = (m.place + 1) % places;
      m.set(m.place, Y, Number.NaN);
      m.turn++;
      if (i < moves) m.skip();
    }
  }

  /** Every anchor learns from what it said so many steps ago. */
  #learnAll(at: number, value: number): void {
    const m = this.#m;
    const { anchors, ring } = this.#layout;
    for (let a = 0; a < anchors.length; a++) {
      const h = anchors[a]!;
      const from = (m.place - h + 2 * ring) % ring;
      const y = m.get(from, Y);
      if (!Number.isFinite(y)) continue;
      const unit = m.get(from, UNIT);
      if (m.count > READY) this.#score(a, from, at, value, y, unit);
      this.#features(from, at, h * m.step);
      learnRegression(m.regression, m.regressionAt(a, 0), this.#f, (value - y) / unit);
      if (this.#hasLog()) {
        const c = logOffset(m.get(from, SLOW), unit);
        const logUnit = unit / (y + c);
        learnRegression(m.regression, m.regressionAt(a, 1), this.#g, (Math.log(value + c) - Math.log(y + c)) / logUnit);
      }
    }
  }

  /** Errors of what was said then: of each expert, and of the whole for the interval. */
  #score(a: number, from: number, at: number, value: number, y: number, unit: number): void {
    const m = this.#m;
    const said = m.said(a);
    if (!Number.isFinite(said[0]!)) return;
    this.#naive(from, at, this.#layout.anchors[a]! * m.step);
    this.#experts[3] = y + said[1]!;
    this.#experts[4] = y + said[2]!;
    const gain = Math.max(LOSS_GAIN, 1 / m.count);
    for (let e = 0; e < EXPERTS; e++) {
      // in the value's own unit: who does well when it matters most counts most
      const loss = Math.abs(this.#experts[e]! - value);
      const i = a * EXPERTS + e;
      m.loss[i] = m.loss[i] === 0 ? loss : m.loss[i]! + gain * (loss - m.loss[i]!);
    }
    learnError(m, this.options.coverages, this.#anchor(a), (value - y - said[0]!) / unit);
  }

  /** An anchor with how many of its errors were seen. */
  #anchor(a: number): Anchor {
    return { a, h: this.#layout.anchors[a]!, n: Math.max(1, this.#m.count - READY) };
  }

  /** Levels, profiles and the kept point. */
  #update(at: number, value: number, steps: number): void {
    const m = this.#m;
    const n = m.count;
    const { bin, hour } = this.#clock(at);
    const change = Math.abs(value - m.value);
    const cap = n > READY ? 20 * m.unit + 1e-300 : Number.POSITIVE_INFINITY;
    m.unit += Math.max(1 / n, 0.003) * (Math.min(change, m.unit > 0 ? cap : change) - m.unit);
    m.vivid += Math.max(1 / n, 0.05) * (change - m.vivid);
    const seen = m.seen[bin]!;
    const season = seen ? m.season[bin]! : 0;
    const error = value - m.level - season;
    const cut = n > READY ? 6 * m.error : Number.POSITIVE_INFINITY;
    m.error += Math.max(1 / n, 0.01) * (Math.abs(error) - m.error);
    const weekSeen = m.weekSeen[hour]!;
    m.week[hour] = m.week[hour]! + Math.max(1 / (weekSeen + 2), 0.25) * (error - m.week[hour]!);
    m.weekSeen[hour] = Math.min(255, weekSeen + 1);
    m.season[bin] = season + Math.max(1 / (seen + 1), 0.08) * Math.max(-cut, Math.min(cut, error));
    const dayAgo = seen ? m.yesterday[bin]! : Number.NaN;
    m.yesterday[bin] = value;
    m.seen[bin] = Math.min(255, seen + 1);
    m.level += Math.max(1 / n, 0.02) * (value - m.level - m.season[bin]!);
    m.quick += 0.4 * (value - m.quick);
    m.slow += Math.max(1 / n, 0.003) * (value - m.slow);
    m.least = Math.min(m.least, value);
    const p = m.place;
    m.set(p, PREVIOUS, steps === 1 ? m.value : value);
    m.value = value;
    m.set(p, Y, value);
    m.set(p, QUICK, m.quick);
    m.set(p, SLOW, m.slow);
    m.set(p, LEVEL, m.level);
    m.set(p, SEASON, m.season[bin]!);
    m.set(p, DAY_AGO, dayAgo);
    const unit = Math.sqrt(Math.max(m.vivid, 0.05 * m.unit) * m.unit);
    m.set(p, UNIT, unit > 0 ? unit : Math.max(1e-9 * Math.abs(value), 1e-12));
  }

  /** Keeps what is said now for each anchor, to be held against what comes. */
  #remember(): void {
    const m = this.#m;
    if (m.count < READY) return;
    const { anchors } = this.#layout;
    for (let a = 0; a < anchors.length; a++) {
      const y = m.get(m.place, Y);
      const whole = this.#say(anchors[a]!, a, a, 0);
      m.keep(a, whole - y, this.#experts[3]! - y, this.#experts[4]! - y);
    }
  }

  #clock(at: number): { bin: number; hour: number } {
    const local = at + this.#offset;
    return { bin: Math.floor(((local % DAY) / DAY) * BINS), hour: Math.floor(local / HOUR) % 168 };
  }

  /** Features of the point at `from` for the time `to`, `span` later: plain ones, and on logarithms where there are any. */
  #features(from: number, to: number, span: number): void {
    const { bin, hour } = this.#clock(to);
    featuresOf(this.#m, { from, bin, hour, span }, this.#f, this.#hasLog() ? this.#g : undefined);
  }

  /** What the regressions of two anchors say together, kept within reason. */
  #blend(a: number, b: number, w: number, kind: 0 | 1, f: Float64Array): number {
    const m = this.#m;
    const x =
      (1 - w) * predict(m.regression, m.regressionAt(a, kind), f) +
      w * predict(m.regression, m.regressionAt(b, kind), f);
    return Number.isFinite(x) ? Math.max(-FAR, Math.min(FAR, x)) : 0;
  }

  #lossOf(a: number, b: number, w: number, expert: number): number {
    return (1 - w) * this.#m.loss[a * EXPERTS + expert]! + w * this.#m.loss[b * EXPERTS + expert]!;
  }

  /** Logarithms are for what was never below zero. */
  #hasLog(): boolean {
    return !this.options.light && this.#m.least >= 0;
  }

  /** The three forecasts that learn nothing: stay, as a day ago, half way. */
  #naive(from: number, to: number, span: number): void {
    naiveOf(this.#m, from, this.#clock(to).bin, span, this.#experts);
  }

  /** All experts `h` steps ahead, between the anchors `a` and `b` (share `w` of b), and their weighted mean. */
  #say(h: number, a: number, b: number, w: number): number {
    const m = this.#m;
    const span = h * m.step;
    const to = m.gridAt + span;
    const e = this.#experts;
    const y = m.get(m.place, Y);
    const unit = m.get(m.place, UNIT);
    this.#features(m.place, to, span);
    this.#naive(m.place, to, span);
    e[3] = y + unit * this.#blend(a, b, w, 0, this.#f);
    // without logarithms staying has two votes: cautious
    e[4] = y;
    if (this.#hasLog()) {
      const c = logOffset(m.get(m.place, SLOW), unit);
      const z = (this.#blend(a, b, w, 1, this.#g) * unit) / (y + c);
      e[4] = (y + c) * Math.exp(Math.max(-5, Math.min(5, z))) - c;
    }
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < EXPERTS; i++) best = Math.min(best, this.#lossOf(a, b, w, i));
    // nobody was ever wrong: stay
    const little = best + 1e-9 * unit;
    let sum = 0;
    let weights = 0;
    for (let i = 0; i < EXPERTS; i++) {
      const ratio = little / (this.#lossOf(a, b, w, i) + 1e-9 * unit);
      const fourth = ratio * ratio * ratio * ratio;
      sum += fourth * fourth * (e[i]! - y);
      weights += fourth * fourth;
    }
    return y + sum / weights;
  }

  /**
   * The next `steps` values. Empty until the step is known (nine points, or two when it was given).
   * @throws WarningError `bad-option` for more steps than the options allow or a coverage that is not among theirs
   */
  forecast(steps: number = this.options.steps, coverage: number = this.options.coverages[0]!): Prediction[] {
    const c = this.#check(steps, coverage);
    return this.#m.step === 0 || this.#m.count < 2
      ? []
      : Array.from({ length: steps }, (_, i) => this.#one(i + 1, coverage, c));
  }

  /** The forecast for one step ahead of time only; undefined where `forecast` is empty. @throws as `forecast` */
  forecastStep(step: number, coverage: number = this.options.coverages[0]!): Prediction | undefined {
    const c = this.#check(step, coverage);
    return this.#m.step === 0 || this.#m.count < 2 ? undefined : this.#one(step, coverage, c);
  }

  #check(steps: number, coverage: number): number {
    if (!Number.isInteger(steps) || steps < 1 || steps > this.options.steps) {
      throw new WarningError('bad-option', `steps must be a whole number from 1 to ${this.options.steps}`);
    }
    const c = this.options.coverages.indexOf(coverage);
    if (c < 0) throw new WarningError('bad-option', `coverage must be one of ${this.options.coverages.join(', ')}`);
    return c;
  }

  #one(h: number, coverage: number, c: number): Prediction {
    const m = this.#m;
    const { anchors } = this.#layout;
    const { min, max } = this.options;
    const within = (x: number) => Math.max(min, Math.min(max, x));
    const at = m.gridAt + h * m.step;
    // early: stay, with a random walk's width
    const wide = Math.log(1 / (1 - coverage)) * m.unit * Math.sqrt(h);
    if (m.count < READY)
      return { at, median: within(m.value), low: within(m.value - wide), high: within(m.value + wide) };
    let b = 0;
    while (anchors[b]! < h) b++;
    const a = anchors[b] === h ? b : b - 1;
    const w = a === b ? 0 : Math.log(h / anchors[a]!) / Math.log(anchors[b]! / anchors[a]!);
    const median = this.#say(h, a, b, w);
    if (m.count < READY + startOf(anchors[b]!) + 1) {
      return { at, median: within(median), low: within(median - wide), high: within(median + wide) };
    }
    const unit = m.get(m.place, UNIT);
    const all = anchors.slice(0, b + 1).map((_, k) => this.#anchor(k));
    const far = (k: number, side: 0 | 1) => reach(m, this.options.coverages, all, k, c, side);
    const edge = (side: 0 | 1) => unit * ((1 - w) * far(a, side) + w * far(b, side));
    return {
      at,
      median: within(median),
      low: within(median - edge(0)),
      high: within(median + edge(1)),
    };
  }

  /** The state as bytes (`stateBytes` of them); options are not in it. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#m.block.bytes.slice();
  }
  toJSON(): StateJson {
    const { min, max, step, ...rest } = this.options;
    const options = {
      ...rest,
      ...(step === undefined ? {} : { step }),
      // JSON has no infinity
      ...(min === Number.NEGATIVE_INFINITY ? {} : { min }),
      ...(max === Number.POSITIVE_INFINITY ? {} : { max }),
    };
    return { kind: 'forecaster', version: VERSION, options, state: toBase64(this.#m.block.bytes) };
  }
  /** @throws WarningError `bad-state` */
  static fromJSON(json: StateJson): Forecaster {
    const made = new Forecaster(json.options as ForecasterOptions);
    restore(made.#m.block, json, 'forecaster', VERSION);
    return made;
  }
  /** @throws WarningError `bad-state` */
  static fromBytes(bytes: Uint8Array, options: ForecasterOptions = {}): Forecaster {
    const made = new Forecaster(options);
    fill(made.#m.block, bytes);
    return made;
  }
}

/** No regression says a change of more units. */
const FAR = 1e3;
/** A fresh forecaster for one series. @throws WarningError `bad-option` */
export const forecaster = (options: ForecasterOptions = {}): Forecaster => new Forecaster(options);
