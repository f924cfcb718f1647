/** Takes what is in the journal over into the lake, each frame once, and keeps its tables in order: hot, days, hours, retention. */
import type { Clock } from '../../platform/clock.ts';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import type { Logger } from '../../platform/log/index.ts';
import type { Kept, Notes, Outcome } from '../intake/intake.ts';
import { outcome, sum } from '../intake/intake.ts';
import type { Frame, Journal } from '../intake/journal.ts';
import type { ReadingsBatch } from '../readings.ts';
import { DAY, dayTable, dayTables, HOUR, makeDays, makeViews, partsOf } from './tables.ts';

/** Readings of the hot table at which it is emptied. */
const HOT = 4_000_000;
/** Milliseconds between two takings. */
const EVERY = 1000;
/** One writer of these tables. */
const LANE = 'sensing';

export interface FoldHost {
  lake: Lake;
  clock: Clock;
  log: Pick<Logger, 'error'>;
  journal: Journal<Notes>;
  /** Days of single readings, of hours, of days. */
  keep: { readings: number; hours: number; days: number };
  /** Newest readings of all series, for the table of them; asked at most every few seconds. */
  latest(): { series: Int32Array; at: Float64Array; value: Float64Array };
  /** Rows of the hot table at which it is emptied (tests). */
  hot?: number;
}

/** Milliseconds as the lake's TIMESTAMP: 64-bit microseconds, written as two halves since numbers are exact up to 2^53. */
export function micros(ms: Float64Array): BigInt64Array {
  const halves = new Int32Array(ms.length * 2);
  for (let i = 0; i < ms.length; i++) {
    const us = Math.round(ms[i]! * 1000);
    const high = Math.floor(us / 4_294_967_296);
    halves[2 * i] = us - high * 4_294_967_296;
    halves[2 * i + 1] = high;
  }
  return new BigInt64Array(halves.buffer);
}

export class Fold implements Kept {
  readonly #host: FoldHost;
  #frames: Frame<Notes>[] = [];
  #waiting = 0;
  #hot = 0;
  /** The hour in which the hot table was begun. */
  #hour = 0;
  #mark = { frame: 0, sequence: 0 };
  #latestAt = 0;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #moved: (() => void)[] = [];

  constructor(host: FoldHost) {
    this.#host = host;
  }

  /** Readings that wait to be taken over. */
  get waiting(): number {
    return this.#waiting;
  }

  get mark(): { frame: number; sequence: number } {
    return this.#mark;
  }

  /** Takes over what a killed hub left; answers the last frame and reading on disk. */
  async start(every = EVERY): Promise<{ frame: number; sequence: number }> {
    const { lake, journal, clock } = this.#host;
    await lake.write(LANE, async (s) => {
      await makeViews(s);
      this.#mark = (await s.first<{ frame: number; sequence: number }>('SELECT frame, sequence FROM sns.mark'))!;
      this.#hot = Number((await s.first<{ n: number }>('SELECT count(*) AS n FROM sns.hot'))!.n);
    });
    this.#hour = Math.floor(clock.now().getTime() / 3_600_000);
    for await (const frame of journal.read(this.#mark.sequence)) {
      if (frame.notes.frame <= (this.#frames.at(-1)?.notes.frame ?? this.#mark.frame)) continue;
      this.take(frame.batch, frame.notes);
      if (this.#waiting > 1_000_000) await this.flush();
    }
    await this.flush();
    if (this.#hot) await this.#empty();
    if (every > 0) {
      this.#timer = setInterval(() => {
        void this.look().catch((err: unknown) => this.#host.log.error({ err }, 'readings wait in the journal'));
      }, every);
      this.#timer.unref();
    }
    return { ...this.#mark };
  }

  take(batch: ReadingsBatch, notes: Notes): void {
    this.#frames.push({ batch, notes });
    this.#waiting += batch.series.length;
  }

  moved(): Promise<void> {
    return new Promise((resolve) => this.#moved.push(resolve));
  }

  /** Takes over everything that was taken before this call. */
  flush(): Promise<void> {
    const mine = this.#work.then(() => this.#flush());
    this.#work = mine.catch(() => undefined);
    return mine;
  }

  async #flush(): Promise<void> {
    const frames = this.#frames;
    if (!frames.length) return;
    this.#frames = [];
    const n = frames.reduce((all, f) => all + f.batch.series.length, 0);
    const { frame } = frames.at(-1)!.notes;
    const sequence = this.#mark.sequence + n;
    const now = this.#host.clock.now().getTime();
    const latest = n > 0 && Math.abs(now - this.#latestAt) >= 5000;
    try {
      await this.#host.lake.write(LANE, async (s) => {
        if (n) {
          const at = new Float64Array(n);
          const series = new Int32Array(n);
          const value = new Float64Array(n);
          const flag = new Uint8Array(n);
          let i = 0;
          for (const { batch } of frames) {
            at.set(batch.at, i);
            series.set(batch.series, i);
            value.set(batch.value, i);
            flag.set(batch.flag, i);
            i += batch.series.length;
          }
          await s.appendColumns('sns.hot', [series, micros(at), value, flag]);
        }
        await count(s, frames);
        if (latest) await this.#writeLatest(s);
        await s.run('UPDATE sns.mark SET frame = $frame, sequence = $sequence', { frame, sequence });
      });
    } catch (error) {
      this.#frames = [...frames, ...this.#frames];
      throw error;
    }
    if (latest) this.#latestAt = now;
    this.#mark = { frame, sequence };
    this.#waiting -= n;
    this.#hot += n;
    for (const go of this.#moved.splice(0)) go();
  }

  async #writeLatest(s: LakeSession): Promise<void> {
    const { series, at, value } = this.#host.latest();
    await s.run('DELETE FROM sns.latest');
    await s.appendColumns('sns.latest', [series, micros(at), value]);
  }

  /** What is done every second: take over, empty, keep the retention, let go of old journal. */
  async look(): Promise<void> {
    await this.flush();
    const hour = Math.floor(this.#host.clock.now().getTime() / 3_600_000);
    if (this.#hot >= (this.#host.hot ?? HOT) || (this.#hot && hour !== this.#hour)) await this.empty();
    if (hour !== this.#hour) {
      this.#hour = hour;
      await this.retain();
    }
  }

  /** Empties the hot table into the tables of days. */
  empty(): Promise<void> {
    const mine = this.#work.then(() => this.#empty());
    this.#work = mine.catch(() => undefined);
    return mine;
  }

  async #empty(): Promise<void> {
    await this.#host.lake.write(LANE, async (s) => {
      const days = await s.query<{ day: string }>('SELECT DISTINCT "at"::DATE AS day FROM sns.hot ORDER BY 1');
      await makeDays(
        s,
        days.map((d) => d.day),
      );
      for (const { day } of days)
        await s.run(
          `INSERT INTO sns.${dayTable(day)} SELECT * FROM sns.hot WHERE "at" >= $day::DATE AND "at" < $day::DATE + INTERVAL 1 DAY
           ORDER BY series, "at"`,
          { day },
        );
      await s.run(`INSERT INTO sns.hour ${partsOf(HOUR, 'sns.hot')} ORDER BY series, slot`);
      await s.run(`INSERT INTO sns.day ${partsOf(DAY, 'sns.hot')} ORDER BY series, slot`);
      await s.run('TRUNCATE sns.hot');
    });
    this.#hot = 0;
  }

  /** Puts parts of hours and days together and drops what is older than it is kept. */
  retain(): Promise<void> {
    const mine = this.#work.then(() => this.#retain());
    this.#work = mine.catch(() => undefined);
    return mine;
  }

  async #retain(): Promise<void> {
    const { lake, clock, keep } = this.#host;
    const now = clock.now().getTime();
    const before = (days: number) => new Date(now - days * 86_400_000).toISOString().slice(0, 10);
    await lake.write(LANE, async (s) => {
      // A table goes when its whole day is older than readings may be that still come in.
      const gone = [...(await dayTables(s))].filter(([day]) => day < before(keep.readings + 1));
      for (const [, table] of gone) await s.run(`DROP TABLE sns.${table}`);
      if (gone.length) await makeViews(s);
      for (const [by, days] of [
        ['hour', keep.hours],
        ['day', keep.days],
      ] as const) {
        await s.run(`DELETE FROM sns.${by} WHERE slot < $before::DATE`, { before: before(days) });
        const parts = await s.first<{ n: number; slots: number }>(
          `SELECT count(*) AS n, count(DISTINCT (series, slot)) AS slots FROM sns.${by} WHERE slot >= $before::DATE`,
          { before: before(2) },
        );
        if (Number(parts!.n) <= Number(parts!.slots)) continue;
        await s.run(
          `CREATE TEMP TABLE together AS SELECT series, slot, sum(n)::BIGINT AS n, min(least) AS least, max(most) AS most, sum(total) AS total,
             max(last_at) AS last_at, arg_max(last, last_at) AS last FROM sns.${by} WHERE slot >= $before::DATE GROUP BY series, slot`,
          { before: before(2) },
        );
        await s.run(`DELETE FROM sns.${by} WHERE slot >= $before::DATE`, { before: before(2) });
        await s.run(`INSERT INTO sns.${by} SELECT * FROM together ORDER BY series, slot; DROP TABLE together`);
      }
      await s.run(`DELETE FROM sns.refused WHERE received < $before::DATE`, { before: before(30) });
      await s.run(`DELETE FROM sns.intake WHERE minute < $before::DATE`, { before: before(keep.hours) });
      await s.run(`DELETE FROM sns.refusal WHERE minute < $before::DATE`, { before: before(keep.hours) });
    });
  }

  /** Lets go of journal that is taken over and old, or too large. */
  trim(done: number, olderThan: number, mostBytes: number): Promise<void> {
    return this.#host.journal.trim(Math.min(done, this.#mark.sequence), olderThan, mostBytes);
  }

  async known(series: Int32Array, at: Float64Array): Promise<Uint8Array> {
    await this.flush();
    const found = new Uint8Array(series.length);
    const time = micros(at);
    await this.#host.lake.session(async (s) => {
      await s.run('CREATE TEMP TABLE asked (i INTEGER, series INTEGER, "at" TIMESTAMP)');
      await s.appendColumns('asked', [Int32Array.from(series.keys()), series, time]);
      const range = (await s.first<{ a: string; b: string }>(
        'SELECT min("at")::DATE AS a, max("at")::DATE AS b FROM asked',
      ))!;
      const tables = [...(await dayTables(s))]
        .filter(([day]) => day >= range.a && day <= range.b)
        .map(([, name]) => name);
      for (const table of [...tables, 'hot']) {
        const rows = await s.query<{ i: number }>(
          `SELECT DISTINCT i FROM asked JOIN sns.${table} r ON r.series = asked.series AND r."at" = asked."at"`,
        );
        for (const { i } of rows) found[i] = 1;
      }
      await s.run('DROP TABLE asked');
    });
    return found;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
    await this.flush().catch((err: unknown) => this.#host.log.error({ err }, 'readings wait in the journal'));
  }
}

/** Counts by minute and gateway, and refused readings whole. */
async function count(s: LakeSession, frames: readonly Frame<Notes>[]): Promise<void> {
  const minutes = new Map<string, Outcome & { minute: number; gateway: string }>();
  for (const { notes } of frames)
    for (const [gateway, o] of Object.entries(notes.counts)) {
      const minute = Math.floor(notes.at / 60_000) * 60_000;
      const key = `${minute} ${gateway}`;
      const into = minutes.get(key) ?? { ...outcome(), minute, gateway };
      sum(into, o);
      minutes.set(key, into);
    }
  const rows = [...minutes.values()].filter((m) => m.received > 0);
  if (!rows.length) return;
  await s.append(
    'sns.intake',
    rows.map((m) => [
      new Date(m.minute),
      m.gateway,
      ...[m.received, m.kept, m.late, m.repeated, m.converted, m.refused].map((x) => BigInt(x)),
    ]),
  );
  await s.append(
    'sns.refusal',
    rows.flatMap((m) =>
      Object.entries(m.reasons).map(([reason, n]) => [new Date(m.minute), m.gateway, reason, BigInt(n)]),
    ),
  );
  await s.append(
    'sns.refused',
    frames.flatMap(({ notes }) =>
      notes.refused.map((r) => [new Date(notes.at), r.gateway, r.reason, r.entity, r.property, r.at, r.value, r.unit]),
    ),
  );
}
