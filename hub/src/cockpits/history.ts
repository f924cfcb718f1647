/** History of single figures: the last value of every hour (for ten days) and of every day (for three years). */
import { sql } from 'kysely';
import type { Db } from '../platform/db/index.ts';
import type { Logger } from '../platform/log/index.ts';

/** Milliseconds between writings. */
const WRITE = 10_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Asia/Shanghai is eight hours before UTC the year round. */
const EAST = 8 * HOUR;
const KEPT = { h: 10 * DAY, d: 1100 * DAY } as const;

/** A kept value. `at`: start of its hour or day, ms UTC. */
export interface Kept {
  at: number;
  value: number;
}

/** Start of the hour, and of the day in Asia/Shanghai, of an instant (ms UTC). */
export const hourOf = (at: number): number => Math.floor(at / HOUR) * HOUR;
export const dayOf = (at: number): number => Math.floor((at + EAST) / DAY) * DAY - EAST;

/** Keeps values in memory for the screens and writes them behind; what is read is what is kept. */
export class History {
  readonly #db: Db;
  readonly #log: Logger;
  readonly #hours = new Map<string, Kept[]>();
  readonly #days = new Map<string, Kept[]>();
  #open = new Map<string, { key: string; grain: 'h' | 'd'; at: number; value: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Db, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  /** Reads what is kept and begins to write. */
  async start(now: number): Promise<void> {
    const rows = await sql<{ key: string; grain: 'h' | 'd'; at: Date; value: number }>`
      SELECT key, grain, at, value FROM cockpits.kept
      WHERE (grain = 'h' AND at > ${new Date(now - 2 * DAY)}) OR (grain = 'd' AND at > ${new Date(now - 400 * DAY)}) ORDER BY at`.execute(
      this.#db.kysely,
    );
    for (const r of rows.rows) {
      const map = r.grain === 'h' ? this.#hours : this.#days;
      const list = map.get(r.key) ?? [];
      list.push({ at: new Date(r.at).getTime(), value: Number(r.value) });
      map.set(r.key, list);
    }
    this.#timer = setInterval(
      () => void this.write().catch((e: unknown) => this.#log.error({ err: e }, 'history of figures')),
      WRITE,
    ).unref();
  }

  /** A figure said this at this instant (ms UTC). */
  add(key: string, at: number, value: number): void {
    for (const [grain, map, start, most] of [
      ['h', this.#hours, hourOf(at), 48],
      ['d', this.#days, dayOf(at), 400],
    ] as const) {
      const list = map.get(key) ?? [];
      map.set(key, list);
      const last = list.at(-1);
      if (last?.at === start) {
        if (last.value === value) continue;
        last.value = value;
      } else {
        list.push({ at: start, value });
        if (list.length > most) list.shift();
      }
      this.#open.set(`${key} ${grain} ${start}`, { key, grain, at: start, value });
    }
  }

  /** Hours of the last two days and days of the last year, oldest first. */
  of(key: string): { hours: readonly Kept[]; days: readonly Kept[] } {
    return { hours: this.#hours.get(key) ?? [], days: this.#days.get(key) ?? [] };
  }

  /** The last value of a day before this one (ms UTC), at most three days back. */
  yesterday(key: string, now: number): number | null {
    const today = dayOf(now);
    const found = (this.#days.get(key) ?? []).findLast((d) => d.at < today && d.at >= today - 3 * DAY);
    return found?.value ?? null;
  }

  /** Writes what is open. */
  async write(): Promise<void> {
    if (this.#open.size === 0) return;
    const rows = JSON.stringify([...this.#open.values()].map((r) => ({ ...r, at: new Date(r.at).toISOString() })));
    const open = this.#open;
    this.#open = new Map();
    try {
      await sql`INSERT INTO cockpits.kept (key, grain, at, value)
        SELECT key, grain, at, value FROM jsonb_to_recordset(${rows}::jsonb) AS r(key text, grain text, at timestamptz, value double precision)
        ON CONFLICT (key, grain, at) DO UPDATE SET value = excluded.value`.execute(this.#db.kysely);
    } catch (error) {
      // Not lost: what came meanwhile stands before it.
      for (const [name, row] of open) if (!this.#open.has(name)) this.#open.set(name, row);
      throw error;
    }
  }

  /** Removes what is older than it is kept. */
  async prune(now: number): Promise<void> {
    for (const grain of ['h', 'd'] as const)
      await sql`DELETE FROM cockpits.kept WHERE grain = ${grain} AND at < ${new Date(now - KEPT[grain])}`.execute(
        this.#db.kysely,
      );
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.write().catch((e: unknown) => this.#log.error({ err: e }, 'history of figures'));
  }
}
