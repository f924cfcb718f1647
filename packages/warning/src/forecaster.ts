/** Streaming forecasts with intervals for one series. */
import { Block, fill, goodTime, restore, toBase64 } from './state.ts';
import {
  type ForecasterOptions,
  type Prediction,
  type Refusal,
  type StateJson,
  type Taken,
  WarningError,
} from './types.ts';

const VERSION = 1;
const N = 0;
const LAST_AT = 1;
const LAST = 2;
const STEP = 3;
const SCALE = 4;
const REFUSED = 5;
const SCALARS = 8;

/** One series' forecaster: `push` every point in the order of time, ask `forecast(steps)` at any time. */
export class Forecaster {
  readonly options: Required<Omit<ForecasterOptions, 'step'>> & { readonly step: number | undefined };
  readonly #block = new Block(SCALARS * 8);
  readonly #s = this.#block.f64(SCALARS);

  constructor(options: ForecasterOptions = {}) {
    const { coverages = [0.8, 0.95], step, steps = 24, min = -Infinity, max = Infinity, utcOffset = 480 } = options;
    const bad = (text: string) => new WarningError('bad-option', text);
    if (coverages.length < 1 || coverages.length > 4 || coverages.some((c) => !(c >= 0.5 && c <= 0.99))) {
      throw bad('coverages must be one to four numbers from 0.5 to 0.99');
    }
    if (step !== undefined && !(step > 0 && Number.isFinite(step))) throw bad('step must be milliseconds over 0');
    if (!Number.isInteger(steps) || steps < 1 || steps > 168) throw bad('steps must be a whole number from 1 to 168');
    if (!(min < max)) throw bad('min must be below max');
    if (!(Math.abs(utcOffset) <= 1440)) throw bad('utcOffset must be minutes within a day');
    this.options = { coverages, step, steps, min, max, utcOffset };
    this.#s[STEP] = step ?? 0;
  }

  /** Size of the state in bytes; the same for ever with the same `steps` and `coverages`. */
  get stateBytes(): number {
    return this.#block.bytes.length;
  }
  /** How many points were taken in. */
  get count(): number {
    return this.#s[N]!;
  }
  /** How many points were refused. */
  get refused(): number {
    return this.#s[REFUSED]!;
  }

  /** Learns from one point. `at` in ms UTC. Never throws. */
  push(at: number, value: number): Taken {
    const s = this.#s;
    const refused: Refusal | undefined =
      typeof value !== 'number' || !Number.isFinite(value)
        ? 'not-finite'
        : !goodTime(at)
          ? 'bad-time'
          : s[N]! > 0 && at <= s[LAST_AT]!
            ? 'late'
            : undefined;
    if (refused) {
      s[REFUSED] = s[REFUSED]! + 1;
      return { taken: false, refused };
    }
    if (s[N]! > 0) {
      if (this.options.step === undefined)
        s[STEP] = s[STEP] === 0 ? at - s[LAST_AT]! : Math.min(s[STEP]!, at - s[LAST_AT]!);
      s[SCALE] = s[SCALE]! + Math.max(1 / s[N]!, 0.01) * (Math.abs(value - s[LAST]!) - s[SCALE]!);
    }
    s[LAST] = value;
    s[LAST_AT] = at;
    s[N] = s[N]! + 1;
    return { taken: true };
  }

  /**
   * The next `steps` values. Empty until two points were taken in (a step is not known before).
   * @throws WarningError `bad-option` for more steps than the options allow or a coverage that is not among theirs
   */
  forecast(steps: number = this.options.steps, coverage: number = this.options.coverages[0]!): Prediction[] {
    if (!Number.isInteger(steps) || steps < 1 || steps > this.options.steps) {
      throw new WarningError('bad-option', `steps must be a whole number from 1 to ${this.options.steps}`);
    }
    if (!this.options.coverages.includes(coverage)) {
      throw new WarningError('bad-option', `coverage must be one of ${this.options.coverages.join(', ')}`);
    }
    const s = this.#s;
    if (s[N]! < 2) return [];
    const { min, max } = this.options;
    const within = (x: number) => Math.max(min, Math.min(max, x));
    const wide = Math.log(2 / (1 - coverage)) * s[SCALE]!;
    return Array.from({ length: steps }, (_, i) => ({
      at: s[LAST_AT]! + (i + 1) * s[STEP]!,
      median: within(s[LAST]!),
      low: within(s[LAST]! - wide * Math.sqrt(i + 1)),
      high: within(s[LAST]! + wide * Math.sqrt(i + 1)),
    }));
  }

  /** The state as bytes (`stateBytes` of them); options are not in it. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#block.bytes.slice();
  }
  toJSON(): StateJson {
    const { min, max, step, ...rest } = this.options;
    const options = {
      ...rest,
      ...(step === undefined ? {} : { step }),
      // JSON has no infinity
      ...(min === -Infinity ? {} : { min }),
      ...(max === Infinity ? {} : { max }),
    };
    return { kind: 'forecaster', version: VERSION, options, state: toBase64(this.#block.bytes) };
  }
  /** @throws WarningError `bad-state` */
  static fromJSON(json: StateJson): Forecaster {
    const made = new Forecaster(json.options as ForecasterOptions);
    restore(made.#block, json, 'forecaster', VERSION);
    return made;
  }
  /** @throws WarningError `bad-state` */
  static fromBytes(bytes: Uint8Array, options: ForecasterOptions = {}): Forecaster {
    const made = new Forecaster(options);
    fill(made.#block, bytes);
    return made;
  }
}

/** A fresh forecaster for one series. @throws WarningError `bad-option` */
export const forecaster = (options: ForecasterOptions = {}): Forecaster => new Forecaster(options);
