/** Streaming anomaly detection for one series. */
import { Block, fill, goodTime, restore, toBase64 } from './state.ts';
import {
  type DetectorOptions,
  type Judgement,
  type Reason,
  type Refusal,
  type StateJson,
  WarningError,
} from './types.ts';

const VERSION = 1;
const DAY = 86_400_000;
const BINS = 48;
const refusal = (refused: Refusal): Judgement => ({
  taken: false,
  refused,
  learning: false,
  score: 0,
  anomalous: false,
  expected: null,
  low: null,
  high: null,
  outside: false,
});

/** Where what stands among the scalars. */
const N = 0;
const LAST_AT = 1;
const LEVEL = 2;
const SCALE = 3;
const REFUSED = 4;
const SCALARS = 8;

/** One series' detector: `push` every point in the order of time, keep `toJSON()` or `toBytes()`, go on with `fromJSON` or `fromBytes`. */
export class Detector {
  /** size of the state, the same for ever */
  static readonly stateBytes = SCALARS * 8 + BINS * 4;
  readonly #block = new Block(Detector.stateBytes);
  readonly #s = this.#block.f64(SCALARS);
  readonly #season = this.#block.f32(BINS);
  readonly #threshold: number;
  readonly #offset: number;

  constructor(options: DetectorOptions = {}) {
    const { threshold = 0.5, utcOffset = 480 } = options;
    if (!(threshold > 0 && threshold <= 1)) throw new WarningError('bad-option', 'threshold must be over 0 up to 1');
    if (!(Math.abs(utcOffset) <= 1440)) throw new WarningError('bad-option', 'utcOffset must be minutes within a day');
    this.#threshold = threshold;
    this.#offset = utcOffset * 60_000;
  }

  /** How many points were taken in. */
  get count(): number {
    return this.#s[N]!;
  }
  /** How many points were refused. */
  get refused(): number {
    return this.#s[REFUSED]!;
  }

  /** Judges one point and learns from it. `at` in ms UTC. Never throws. */
  push(at: number, value: number): Judgement {
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
      return refusal(refused);
    }
    const bin = Math.floor((((at + this.#offset) % DAY) / DAY) * BINS);
    const n = s[N]!;
    const expected = n === 0 ? value : s[LEVEL]! + this.#season[bin]!;
    const error = value - expected;
    const scale = s[SCALE]!;
    const learning = n < 100;
    const z = scale > 0 ? Math.abs(error) / scale : error === 0 ? 0 : 20;
    const score = learning ? 0 : 1 - Math.exp(-Math.max(0, z - 3) / 6);
    const clipped = scale > 0 && !learning ? Math.max(-4 * scale, Math.min(4 * scale, error)) : error;
    s[LEVEL] = s[LEVEL]! + Math.max(1 / (n + 1), 0.05) * clipped;
    this.#season[bin] = this.#season[bin]! + 0.1 * clipped;
    s[SCALE] = scale + Math.max(1 / (n + 1), 0.01) * (Math.abs(clipped) - scale);
    s[N] = n + 1;
    s[LAST_AT] = at;
    const reason: Reason = error > 0 ? 'high' : 'low';
    return {
      taken: true,
      learning,
      score,
      anomalous: score >= this.#threshold,
      expected: learning ? null : expected,
      low: learning ? null : expected - 3.2 * scale,
      high: learning ? null : expected + 3.2 * scale,
      outside: !learning && z > 3.2,
      ...(score >= this.#threshold / 2 ? { reason } : {}),
    };
  }

  /** The state as bytes (`stateBytes` of them); options are not in it. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#block.bytes.slice();
  }
  toJSON(): StateJson {
    const options = { threshold: this.#threshold, utcOffset: this.#offset / 60_000 };
    return { kind: 'detector', version: VERSION, options, state: toBase64(this.#block.bytes) };
  }
  /** @throws WarningError `bad-state` */
  static fromJSON(json: StateJson): Detector {
    const made = new Detector(json.options as DetectorOptions);
    restore(made.#block, json, 'detector', VERSION);
    return made;
  }
  /** @throws WarningError `bad-state` */
  static fromBytes(bytes: Uint8Array, options: DetectorOptions = {}): Detector {
    const made = new Detector(options);
    fill(made.#block, bytes);
    return made;
  }
}

/** A fresh detector for one series. @throws WarningError `bad-option` */
export const detector = (options: DetectorOptions = {}): Detector => new Detector(options);
