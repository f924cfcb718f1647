/**
 * The way in of all readings. Each is judged by what is known of its series (state.ts), what is new goes into the group that is being
 * gathered; a group is written by one fsync while the next is gathered (group commit), and whoever brought a reading is answered when
 * its group is on disk, also when all of theirs was known already: the first of it may be in that very group. Then the readings are told
 * to the listeners and taken over by the lake. received = kept + repeated + refused, always.
 */
import type { Clock } from '../../platform/clock.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import { BATCH_LIMIT, type ReadingsBatch, readingFlag } from '../readings.ts';
import type { Book } from '../registry/book.ts';
import type { Journal } from './journal.ts';
import type { Parsed } from './parsed.ts';
import type { Refusal } from './reasons.ts';

export const overloaded = problemKind(
  'sensing.overloaded',
  503,
  '平台正忙，读数未收下，请稍后重发',
  'the hub is busy and did not take the readings: send them again later',
);
export const notKept = problemKind(
  'sensing.not-kept',
  503,
  '读数未能写入磁盘，请重发',
  'the readings could not be written to disk: send them again',
);

/** Milliseconds by which a reading's clock may be ahead of ours. */
export const AHEAD = 5 * 60_000;
/** The first moment that a set clock can show: 2000-01-01. */
const CLOCK = Date.UTC(2000, 0, 1);
/** Readings of a group at most, and those that may wait for listeners or the lake before senders wait. */
const GROUP = 65_536;
const BEHIND = 262_144;
/** Milliseconds for which a sender is made to wait. */
const PATIENCE = 20_000;
/** Refused readings of a minute that are kept whole for the officer; the others are counted. */
const WHOLE = 10_000;

/** What came of readings. */
export interface Outcome {
  received: number;
  kept: number;
  /** Of the kept: older than what was already there. */
  late: number;
  repeated: number;
  converted: number;
  refused: number;
  reasons: Partial<Record<Refusal, number>>;
}

/** A refused reading as it came. */
export interface Refused {
  gateway: string;
  reason: Refusal;
  entity: string;
  property: string;
  at: string;
  value: string;
  unit: string;
}

/** What a frame of the journal says besides its readings. */
export interface Notes {
  /** Number of the frame. */
  frame: number;
  /** When it was received, ms. */
  at: number;
  counts: Record<string, Outcome>;
  refused: Refused[];
}

/** What of the lake the intake asks. */
export interface Kept {
  /** Readings that wait to be taken over. */
  readonly waiting: number;
  /** Takes a frame that is on disk; quick, the work is done later. */
  take(batch: ReadingsBatch, notes: Notes): void;
  /** Which of the pairs (series, at) are there already; frames taken before are looked at, too. */
  known(series: Int32Array, at: Float64Array): Promise<Uint8Array>;
  /** Resolves when something was taken over. */
  moved(): Promise<void>;
}

export const outcome = (): Outcome => ({
  received: 0,
  kept: 0,
  late: 0,
  repeated: 0,
  converted: 0,
  refused: 0,
  reasons: {},
});

/** A group that is gathered. */
class Group {
  series = new Int32Array(4096);
  at = new Float64Array(4096);
  value = new Float64Array(4096);
  flag = new Uint8Array(4096);
  count = 0;
  readonly counts: Record<string, Outcome> = {};
  readonly refused: Refused[] = [];
  readonly waiting: { resolve(): void; reject(error: unknown): void }[] = [];

  put(series: number, at: number, value: number, flag: number): void {
    if (this.count === this.series.length) {
      const double = <T extends Int32Array | Float64Array | Uint8Array>(old: T): T => {
        const made = new (old.constructor as new (n: number) => T)(old.length * 2);
        made.set(old);
        return made;
      };
      this.series = double(this.series);
      this.at = double(this.at);
      this.value = double(this.value);
      this.flag = double(this.flag);
    }
    const i = this.count++;
    this.series[i] = series;
    this.at[i] = at;
    this.value[i] = value;
    this.flag[i] = flag;
  }

  of(gateway: string): Outcome {
    this.counts[gateway] ??= outcome();
    return this.counts[gateway];
  }
}

export interface IntakeHost {
  clock: Clock;
  book: Book;
  journal: Journal<Notes>;
  kept: Kept;
  /** Tells listeners of readings; resolves when they are done. */
  emit(batch: ReadingsBatch): Promise<void>;
  /** Days for which single readings are kept. */
  days: number;
  /** Number of the last frame and reading on disk. */
  last: { frame: number; sequence: number };
}

export class Intake {
  readonly #host: IntakeHost;
  #group = new Group();
  #writing: Promise<void> | undefined;
  #last: { frame: number; sequence: number };
  #telling: Promise<void> = Promise.resolve();
  #untold = 0;
  #told: (() => void)[] = [];
  #late: Promise<unknown> = Promise.resolve();
  #closed = false;
  #whole = { minute: 0, n: 0 };
  /** Totals since the hub began, by gateway. */
  readonly totals = new Map<string, Outcome>();

  constructor(host: IntakeHost) {
    this.#host = host;
    this.#last = { ...host.last };
  }

  /** Sequence number of the last reading on disk. */
  get sequence(): number {
    return this.#last.sequence;
  }

  /** Readings that listeners have not dealt with yet. */
  get untold(): number {
    return this.#untold;
  }

  /** Takes readings; what came of them, on disk when it resolves. Problems: `sensing.overloaded`, `sensing.not-kept`. */
  async add(parsed: Parsed, gateway: string, bulk = false): Promise<Outcome> {
    if (this.#busy()) await this.#room();
    if (this.#closed) throw new Problem(overloaded);
    const { book, clock, days } = this.#host;
    const { state } = book;
    const now = clock.now().getTime();
    const [ahead, oldest] = [now + AHEAD, now - days * 86_400_000];
    const group = this.#group;
    const into = group.of(gateway);
    const mine = outcome();
    const { series, at, value, flag, n } = parsed;
    let undecided: number[] | undefined;
    for (let i = 0; i < n; i++) {
      const s = series[i]!;
      const t = at[i]!;
      if (s <= 0) continue;
      if (t > ahead) parsed.refuse(i, 'future');
      else if (t < CLOCK) parsed.refuse(i, 'clock');
      else if (t < oldest) parsed.refuse(i, 'expired');
      else if (!state.active[s]) parsed.refuse(i, 'retired');
      else {
        let f = flag[i]! | (bulk ? readingFlag.bulk : 0);
        let v = value[i]!;
        if (state.scale[s] !== 1 || state.shift[s] !== 0) {
          v = v * state.scale[s]! + state.shift[s]!;
          f |= readingFlag.calibrated;
        }
        if (!(v >= state.least[s]! && v <= state.most[s]!)) {
          parsed.refuse(i, 'impossible');
          continue;
        }
        value[i] = v;
        const seen = state.seen(s, t);
        if (seen === 'newest') {
          if (t - state.at[s]! < state.gap[s]!) {
            parsed.refuse(i, 'flood');
            continue;
          }
        } else if (seen === 'repeated') {
          mine.repeated += 1;
          continue;
        } else {
          f |= readingFlag.late;
          if (seen === 'undecided') {
            flag[i] = f;
            undecided ??= [];
            undecided.push(i);
            continue;
          }
          mine.late += 1;
        }
        state.heard[s] = now;
        state.keep(s, t, v);
        group.put(s, t, v, f);
        mine.kept += 1;
        if (f & readingFlag.converted) mine.converted += 1;
      }
    }
    for (const fault of parsed.faults) {
      mine.refused += 1;
      mine.reasons[fault.reason] = (mine.reasons[fault.reason] ?? 0) + 1;
      if (this.#mayKeepWhole(now)) group.refused.push({ ...parsed.described(fault), gateway });
    }
    mine.received = mine.kept + mine.repeated + mine.refused;
    sum(into, mine);
    const done = this.#durable(group);
    // Heard below; until then a failure of it must not end the process.
    done.catch(() => undefined);
    if (undecided) sum(mine, await this.#decide(parsed, undecided, gateway));
    await done;
    return mine;
  }

  /** Whether one more refused reading of this minute may be kept whole. */
  #mayKeepWhole(now: number): boolean {
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#whole.minute) this.#whole = { minute, n: 0 };
    this.#whole.n += 1;
    return this.#whole.n <= WHOLE;
  }

  /** Readings older than what is remembered of their series: whether they are known is asked of the lake, one caller after the other. */
  #decide(parsed: Parsed, which: readonly number[], gateway: string): Promise<Outcome> {
    const work = this.#late.then(async () => {
      // What is gathered or written just now is looked at, too.
      await this.#durable(this.#group);
      const series = Int32Array.from(which, (i) => parsed.series[i]!);
      const at = Float64Array.from(which, (i) => parsed.at[i]!);
      const known = await this.#host.kept.known(series, at);
      const group = this.#group;
      const mine = outcome();
      const here = new Set<string>();
      for (const [k, i] of which.entries()) {
        const key = `${series[k]} ${at[k]}`;
        if (known[k] || here.has(key)) mine.repeated += 1;
        else {
          here.add(key);
          const f = parsed.flag[i]!;
          group.put(series[k]!, at[k]!, parsed.value[i]!, f);
          mine.kept += 1;
          mine.late += 1;
          if (f & readingFlag.converted) mine.converted += 1;
        }
      }
      mine.received = which.length;
      sum(group.of(gateway), mine);
      await this.#durable(group);
      return mine;
    });
    this.#late = work.catch(() => undefined);
    return work;
  }

  #durable(group: Group): Promise<void> {
    const done = new Promise<void>((resolve, reject) => group.waiting.push({ resolve, reject }));
    this.#writing ??= this.#write();
    return done;
  }

  #busy(): boolean {
    return this.#untold > BEHIND || this.#host.kept.waiting > 4 * BEHIND || this.#group.count > GROUP;
  }

  /** Waits until there is room; a Problem when it takes too long. */
  async #room(): Promise<void> {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      for (const go of this.#told.splice(0)) go();
    }, PATIENCE);
    try {
      while (this.#busy() && !over && !this.#closed) {
        if (this.#untold > BEHIND) await new Promise<void>((resolve) => this.#told.push(resolve));
        else if (this.#host.kept.waiting > 4 * BEHIND)
          await Promise.race([this.#host.kept.moved(), new Promise<void>((resolve) => this.#told.push(resolve))]);
        else await this.#writing?.catch(() => undefined);
      }
    } finally {
      clearTimeout(timer);
    }
    if (over) throw new Problem(overloaded);
  }

  async #write(): Promise<void> {
    // Whatever comes in with this turn of the loop goes with the first write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#group.waiting.length) {
      const group = this.#group;
      this.#group = new Group();
      const { count: n } = group;
      const batch: ReadingsBatch = {
        sequence: this.#last.sequence + 1,
        series: group.series.subarray(0, n),
        at: group.at.subarray(0, n),
        value: group.value.subarray(0, n),
        flag: group.flag.subarray(0, n),
      };
      const now = this.#host.clock.now().getTime();
      const notes: Notes = { frame: this.#last.frame + 1, at: now, counts: group.counts, refused: group.refused };
      try {
        await this.#host.journal.write({ batch, notes }, now);
      } catch {
        this.#takeBack(group);
        continue;
      }
      this.#last = { frame: notes.frame, sequence: batch.sequence + n - 1 };
      for (const [id, o] of Object.entries(group.counts)) {
        const total = this.totals.get(id) ?? outcome();
        sum(total, o);
        this.totals.set(id, total);
      }
      for (const w of group.waiting) w.resolve();
      this.#host.kept.take(batch, notes);
      if (n) this.#tell(batch);
    }
    this.#writing = undefined;
  }

  /** A group could not be written: it never was, nor what was gathered meanwhile in the belief that it is there. */
  #takeBack(group: Group): void {
    const next = this.#group;
    this.#group = new Group();
    for (const g of [next, group]) {
      for (let i = g.count - 1; i >= 0; i--) this.#host.book.state.forget(g.series[i]!, g.at[i]!);
      for (const w of g.waiting) w.reject(new Problem(notKept));
    }
  }

  #tell(batch: ReadingsBatch): void {
    const n = batch.series.length;
    this.#untold += n;
    this.#telling = this.#telling.then(async () => {
      for (const part of parts(batch)) {
        await this.#host.emit(part);
        this.#untold -= part.series.length;
        if (this.#untold <= BEHIND) for (const go of this.#told.splice(0)) go();
      }
    });
  }

  /** Resolves when everything that was brought is on disk and told. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing.catch(() => undefined);
    await this.#telling;
  }

  /** Takes no more; resolves when what was taken is on disk and told. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const go of this.#told.splice(0)) go();
    await this.#late.catch(() => undefined);
    await this.settled();
  }
}

/** Adds what came of readings. */
export function sum(into: Outcome, more: Outcome): void {
  into.received += more.received;
  into.kept += more.kept;
  into.late += more.late;
  into.repeated += more.repeated;
  into.converted += more.converted;
  into.refused += more.refused;
  for (const [reason, n] of Object.entries(more.reasons) as [Refusal, number][])
    into.reasons[reason] = (into.reasons[reason] ?? 0) + n;
}

/** A batch in parts of the size that is promised. */
export function* parts(batch: ReadingsBatch): Generator<ReadingsBatch> {
  const n = batch.series.length;
  for (let i = 0; i < n; i += BATCH_LIMIT) {
    const end = Math.min(n, i + BATCH_LIMIT);
    yield {
      sequence: batch.sequence + i,
      series: batch.series.subarray(i, end),
      at: batch.at.subarray(i, end),
      value: batch.value.subarray(i, end),
      flag: batch.flag.subarray(i, end),
    };
  }
}
