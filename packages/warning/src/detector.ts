/**
 * Streaming anomaly detection for one series. Two expectations run side by side (a slow and a quick level, each with its own profile of the
 * day, and one of the week where it proves itself); how surprising their errors are is told by the tails of all errors before. Beside them
 * stand the tails of the values themselves, of the mean error and of the mean size of errors over some points. README.md tells why.
 */
import { Block, fill, goodTime, restore, toBase64 } from './state.ts';
import { pushTail, quantile, TAIL, WARM } from './tail.ts';
import {
  type DetectorOptions,
  type Judgement,
  type Reason,
  type Refusal,
  type StateJson,
  WarningError,
} from './types.ts';

const VERSION = 3;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The two expectations: share of an error that the level takes, parts of the day. */
const EXPERTS = [
  { gain: 0.01, bins: 64 },
  { gain: 0.05, bins: 96 },
] as const;
const BINS = EXPERTS[0].bins + EXPERTS[1].bins;
const HOURS_OF_WEEK = 168;

/** Points before errors mean anything, and before anything is judged. */
const SETTLE = 20;
const LEARN = SETTLE + WARM;
/** Errors enter the level, the profile and the scale cut at so many mean errors: an anomaly is not learnt as the rule. */
const CUT = 5;
const PROFILE_GAIN = 0.07;
/** Errors below this share of the values' own mean deviation are never surprising. */
const FLOOR = 0.1;
/** Length of the means of errors, in points. */
const SHORT = 12;
/** What the other signals count beside the errors. */
const VALUE = 0.8;
const SHIFT = 0.7;
const RESTLESS = 0.7;
/** A longer memory has seen more: decades of surprise taken off per decade of points. */
const LONGER = 0.5;
const MEMORY = 20_000;
/** While an event lasts (points since it was told), only what is more surprising is news. */
const REST = 80;
/** Score of the point at which a sensor is found stuck. */
const STUCK = 0.6;
/** Surprise at which the score is 0.5; chosen once on the public part of the benchmark, see README.md. */
const HALF = 2.9;
/** A pause of so many steps is a gap: levels are learnt anew behind it. */
const GAP = 24;
/** Stuck (flat): so many equal values at least, so many times the longest run before, in so many decades. */
const RUN = 12;
/** A series that never moved is constant, not stuck: so many changes must have been seen. */
const MOVED = 20;
const LONGER_RUN = 3;
const RUN_DECADES = 6;
/** Values beyond are refused: profiles are kept in 32 bits. */
const GREATEST = 1e30;

/** Where what stands among the scalars. */
const N = 0;
const LAST_AT = 1;
const REFUSED = 2;
const STEP = 3;
const MEAN = 4;
const SPREAD = 5;
const PEAK = 6;
const PEAK_AGE = 7;
const SINCE = 8;
const GREATER = 9;
const LESS = 10;
const WITH_WEEK = 11;
const WITHOUT_WEEK = 12;
const ERROR_MEAN = 13;
const ERROR_SIZE = 14;
/** per expert: level, mean size of errors */
const LEVEL = 15;
const SCALE = 17;
/** the value before, equal values up to it, the longest run that ended, points that were equal to the one before */
const PREVIOUS = 19;
const SAME = 20;
const LONGEST = 21;
const REPEATS = 22;
const SCALARS = 24;
/** Tails: errors up and down per expert, values up and down, mean error up and down, mean size. */
const ERROR_TAIL = 0;
const VALUE_TAIL = 4 * TAIL;
const SHIFT_TAIL = 6 * TAIL;
const RESTLESS_TAIL = 8 * TAIL;
const TAILS = 9 * TAIL;

/** One series' detector: `push` every point in the order of time, keep `toJSON()` or `toBytes()`, go on with `fromJSON` or `fromBytes`. */
export class Detector {
  /** size of the state in bytes, the same for ever */
  static readonly stateBytes = (SCALARS + TAILS) * 8 + (BINS + HOURS_OF_WEEK) * 5;
  readonly #block = new Block(Detector.stateBytes);
  readonly #s = this.#block.f64(SCALARS);
  readonly #tails = this.#block.f64(TAILS);
  readonly #day = this.#block.f32(BINS);
  readonly #week = this.#block.f32(HOURS_OF_WEEK);
  readonly #daySeen = this.#block.u8(BINS);
  readonly #weekSeen = this.#block.u8(HOURS_OF_WEEK);
  readonly #threshold: number;
  readonly #offset: number;

  /** @throws WarningError `bad-option` */
  constructor(options: DetectorOptions = {}) {
    const { threshold = 0.5, utcOffset = 480 } = options;
    if (!(threshold > 0 && threshold <= 1)) throw new WarningError('bad-option', 'threshold must be over 0 up to 1');
    if (!(Math.abs(utcOffset) <= 1440)) throw new WarningError('bad-option', 'utcOffset must be minutes within a day');
    this.#threshold = threshold;
    this.#offset = utcOffset * 60_000 + 2 * DAY;
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
    const refused = refusalOf(at, value, s[N]! > 0 ? s[LAST_AT]! : -1);
    if (refused) {
      s[REFUSED] = s[REFUSED]! + 1;
      return { ...NOTHING, refused };
    }
    const n = s[N]!;
    this.#clock(at, n);
    const flat = this.#flat(n, value);
    if (n === 0) {
      s[MEAN] = s[LEVEL] = s[LEVEL + 1] = s[GREATER] = s[LESS] = value;
    }
    const slowly = Math.max(1 / (n + 1), 0.0005);
    s[MEAN] = s[MEAN]! + slowly * (value - s[MEAN]!);
    s[SPREAD] = s[SPREAD]! + slowly * (Math.abs(value - s[MEAN]!) - s[SPREAD]!);
    const floor = FLOOR * s[SPREAD]!;

    const local = at + this.#offset;
    const hour = Math.floor(local / HOUR) % HOURS_OF_WEEK;
    const weekly = this.#weekly(hour);
    const part = (local % DAY) / DAY;
    const bin0 = Math.floor(part * EXPERTS[0].bins);
    const bin1 = EXPERTS[0].bins + Math.floor(part * EXPERTS[1].bins);
    const expected0 = s[LEVEL]! + this.#daily(bin0) + weekly;
    const expected1 = s[LEVEL + 1]! + this.#daily(bin1) + weekly;
    const error0 = value - expected0;
    const error1 = value - expected1;

    const learning = n < LEARN;
    const bounds = learning ? NO_BOUNDS : this.#bounds(expected0, expected1);
    const [surprise, reason] = this.#surprise(n, value, error0, error1, floor);
    const told = this.#news(n, surprise);

    this.#learnWeek(hour, error0 + weekly, n);
    this.#learn(0, bin0, value, error0, n);
    this.#learn(1, bin1, value, error1, n);
    if (value > s[GREATER]!) s[GREATER] = value;
    if (value < s[LESS]!) s[LESS] = value;
    s[N] = n + 1;
    s[SINCE] = s[SINCE]! + 1;
    // told once, where it begins
    const stuck = flat && s[SAME] === this.#least(n);
    const other = learning ? 0 : told / (told + HALF);
    const score = stuck && !learning ? Math.max(other, STUCK) : other;
    const what = flat && score !== other ? 'flat' : score >= this.#threshold / 2 ? reason : flat ? 'flat' : undefined;
    return {
      taken: true,
      learning,
      score,
      anomalous: score >= this.#threshold,
      ...bounds,
      outside: bounds.low !== null && (value < bounds.low || value > bounds.high),
      flat,
      ...(what ? { reason: what } : {}),
    };
  }

  /** Keeps the time and the typical step; behind a gap levels are learnt anew. */
  #clock(at: number, n: number): void {
    const s = this.#s;
    if (n > 0) {
      const distance = at - s[LAST_AT]!;
      if (s[STEP]! > 0) {
        if (n > SETTLE && distance > GAP * s[STEP]!) s[SINCE] = s[SAME] = 0;
        // a running median: up or down by a share, whatever the distance
        const share = Math.max(1 / (n + 1), 0.01);
        s[STEP] = s[STEP]! * (distance > s[STEP]! ? 1 + share : distance < s[STEP]! ? 1 - share : 1);
      } else s[STEP] = distance;
    }
    s[LAST_AT] = at;
  }

  /** Counts equal values; whether they stay equal for longer than chance and this series' past explain. */
  #flat(n: number, value: number): boolean {
    const s = this.#s;
    const equal = n > 0 && value === s[PREVIOUS]!;
    s[PREVIOUS] = value;
    if (equal) {
      s[SAME] = s[SAME]! + 1;
      s[REPEATS] = s[REPEATS]! + 1;
    } else {
      // of a run that was told of only so much is taken for usual as it was told at: dry weather is learnt, a dead sensor is not
      s[LONGEST] = Math.max(s[LONGEST]!, Math.min(s[SAME]!, this.#least(n)));
      s[SAME] = 0;
    }
    return n >= LEARN && s[SAME]! >= this.#least(n);
  }

  /** Length from which a run of equal values is no chance: by the share of repeats outside the present run, and the longest run before. */
  #least(n: number): number {
    const s = this.#s;
    if (n - s[REPEATS]! < MOVED) return Number.POSITIVE_INFINITY;
    const share = (s[REPEATS]! - s[SAME]! + 1) / (n - s[SAME]! + 2);
    const chance = share < 1 ? -RUN_DECADES / Math.log10(share) : Number.POSITIVE_INFINITY;
    return Math.ceil(Math.max(RUN, LONGER_RUN * s[LONGEST]!, chance));
  }

  /** Deviation of this part of the day from the level, smaller while seldom seen. */
  #daily(bin: number): number {
    const seen = this.#daySeen[bin]!;
    return seen ? (this.#day[bin]! * seen) / (seen + 1) : 0;
  }

  /** Deviation of this hour of the week from the day's profile; 0 unless it has made errors smaller so far. */
  #weekly(hour: number): number {
    const s = this.#s;
    const seen = this.#weekSeen[hour]!;
    return seen >= 2 && s[WITH_WEEK]! < 0.95 * s[WITHOUT_WEEK]! ? (this.#week[hour]! * seen) / (seen + 2) : 0;
  }

  /** The largest of all signals in decades, and what it says. */
  #surprise(n: number, value: number, error0: number, error1: number, floor: number): [number, Reason] {
    const s = this.#s;
    const t = this.#tails;
    const settled = n - SETTLE;
    const values = VALUE * bothTails(t, VALUE_TAIL, n, value, Number.NEGATIVE_INFINITY);
    s[ERROR_MEAN] = s[ERROR_MEAN]! + (error0 - s[ERROR_MEAN]!) / SHORT;
    s[ERROR_SIZE] = s[ERROR_SIZE]! + (Math.abs(error0) - s[ERROR_SIZE]!) / SHORT;
    if (settled < 0) return [0, 'high'];
    const errors =
      (bothTails(t, ERROR_TAIL, settled, error0, floor) + bothTails(t, ERROR_TAIL + 2 * TAIL, settled, error1, floor)) /
      EXPERTS.length;
    const shift = SHIFT * bothTails(t, SHIFT_TAIL, settled, s[ERROR_MEAN]!, floor);
    const restless = RESTLESS * pushTail(t, RESTLESS_TAIL, settled, s[ERROR_SIZE]!, floor);
    // behind a gap only the values themselves are held against the past: the level is not known
    const known = s[SINCE]! >= 5;
    const most = known ? Math.max(errors, values, shift, restless) : values;
    const surprise = Math.max(0, most - LONGER * Math.log10(Math.max(1, Math.min(n + 1, MEMORY) / 1000)));
    const up = (most === values ? value - s[MEAN]! : most === shift ? s[ERROR_MEAN]! : error0 + error1) > 0;
    const reason: Reason =
      value > s[GREATER]!
        ? 'unseen-high'
        : value < s[LESS]!
          ? 'unseen-low'
          : most === shift
            ? up
              ? 'shift-up'
              : 'shift-down'
            : most === restless
              ? 'restless'
              : up
                ? 'high'
                : 'low';
    return [most > 0 ? surprise : 0, reason];
  }

  /** The surprise where it is news: nothing as surprising was told within the last points. */
  #news(n: number, surprise: number): number {
    const s = this.#s;
    s[PEAK_AGE] = s[PEAK_AGE]! + 1;
    const bar = n === 0 || s[PEAK_AGE]! > REST ? 0 : s[PEAK]!;
    if (surprise <= bar) return 0;
    s[PEAK] = surprise;
    s[PEAK_AGE] = 0;
    return surprise;
  }

  #bounds(expected0: number, expected1: number): { expected: number; low: number; high: number } {
    const t = this.#tails;
    const expected = (expected0 + expected1) / 2;
    const up = (quantile(t, ERROR_TAIL, 0.005) + quantile(t, ERROR_TAIL + 2 * TAIL, 0.005)) / 2;
    const down = (quantile(t, ERROR_TAIL + TAIL, 0.005) + quantile(t, ERROR_TAIL + 3 * TAIL, 0.005)) / 2;
    return { expected, low: expected - Math.max(0, down), high: expected + Math.max(0, up) };
  }

  #learn(expert: 0 | 1, bin: number, value: number, error: number, n: number): void {
    const s = this.#s;
    const cut = n > 100 ? CUT * s[SCALE + expert]! : Number.POSITIVE_INFINITY;
    const level = s[LEVEL + expert]!;
    const seen = this.#daySeen[bin]!;
    const rest = within(value - level - (seen ? this.#day[bin]! : 0), cut);
    // from a start or a gap on the level is a plain mean until its own memory is shorter
    const gain = Math.max(1 / (s[SINCE]! + 1), EXPERTS[expert].gain);
    s[LEVEL + expert] = level + gain * (s[SINCE]! < SETTLE ? error : within(error, cut));
    s[SCALE + expert] = s[SCALE + expert]! + Math.max(1 / (n + 1), 0.002) * (Math.abs(error) - s[SCALE + expert]!);
    this.#daySeen[bin] = Math.min(255, seen + 1);
    this.#day[bin] = this.#day[bin]! + Math.max(1 / (seen + 1), PROFILE_GAIN) * rest;
  }

  /** `error`: what the slow expectation without the week left. */
  #learnWeek(hour: number, error: number, n: number): void {
    const s = this.#s;
    const seen = this.#weekSeen[hour]!;
    const cut = n > 100 ? CUT * s[SCALE]! : Number.POSITIVE_INFINITY;
    const clipped = Math.max(-cut, Math.min(cut, error));
    if (seen >= 2) {
      const share = 0.005;
      const left = Math.abs(clipped - (this.#week[hour]! * seen) / (seen + 2));
      s[WITH_WEEK] = s[WITH_WEEK]! + share * (left - s[WITH_WEEK]!);
      s[WITHOUT_WEEK] = s[WITHOUT_WEEK]! + share * (Math.abs(clipped) - s[WITHOUT_WEEK]!);
    }
    this.#weekSeen[hour] = Math.min(255, seen + 1);
    this.#week[hour] = this.#week[hour]! + Math.max(1 / (seen + 1), PROFILE_GAIN) * (clipped - this.#week[hour]!);
  }

  /** The state as bytes (`stateBytes` of them); options are not in it. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#block.bytes.slice();
  }
  toJSON(): StateJson {
    const options = { threshold: this.#threshold, utcOffset: (this.#offset - 2 * DAY) / 60_000 };
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

/** Surprise of `x` in the tail at `at` and of −x in the one behind it, whichever is larger. */
const bothTails = (t: Float64Array, at: number, n: number, x: number, floor: number): number =>
  Math.max(pushTail(t, at, n, x, floor), pushTail(t, at + TAIL, n, -x, floor));
const within = (x: number, most: number): number => Math.max(-most, Math.min(most, x));

const NO_BOUNDS = { expected: null, low: null, high: null } as const;
const NOTHING = {
  taken: false,
  learning: false,
  score: 0,
  anomalous: false,
  ...NO_BOUNDS,
  outside: false,
  flat: false,
} as const;

/** Why a point cannot be taken in; `last` is the time of the last one that was, −1 for none. */
export function refusalOf(at: number, value: number, last: number): Refusal | undefined {
  if (typeof value !== 'number' || !(Math.abs(value) <= GREATEST)) return 'not-finite';
  if (!goodTime(at)) return 'bad-time';
  return at <= last ? 'late' : undefined;
}

/** A fresh detector for one series. @throws WarningError `bad-option` */
export const detector = (options: DetectorOptions = {}): Detector => new Detector(options);
