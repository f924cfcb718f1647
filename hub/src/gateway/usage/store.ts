/** Records of use in the lake: taken from the journal once and for ever, summed up by day, read by both sides and the authority. */

import { ident, type LakeParam, type LakeSession } from '../../platform/lake/index.ts';
import { cityDay } from '../../platform/law/index.ts';
import type { Deps } from '../../platform/room.ts';
import { groupBy } from '../group.ts';
import { createMonth, USAGE_COLUMNS, usageTable } from '../tables.ts';
import type { Call, Journal } from './journal.ts';

/** Days are days of Asia/Shanghai. */
export const DAY_OF = '("at" + INTERVAL 8 HOUR)::DATE';

export class UsageStore {
  readonly #deps: Pick<Deps, 'lake' | 'clock' | 'log' | 'audit'>;
  readonly #journal: Journal;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: Pick<Deps, 'lake' | 'clock' | 'log' | 'audit'>, journal: Journal) {
    this.#deps = deps;
    this.#journal = journal;
  }

  /** Takes what a killed hub left, and from now on what comes in. */
  async start(every = 2000): Promise<void> {
    await this.#deps.lake.write('gateway-usage', (s) => this.#months(s, [cityDay(this.#deps.clock.now()).slice(0, 7)]));
    await this.take();
    this.#timer = setInterval(() => {
      void this.take().catch((err: unknown) => this.#deps.log.error({ err }, 'records of use wait in the journal'));
    }, every);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#journal.turn();
    await this.take().catch((err: unknown) => this.#deps.log.error({ err }, 'records of use wait in the journal'));
  }

  /** Takes every record that is in the journal; on disk in the lake when it resolves. */
  take(): Promise<void> {
    const mine = this.#work.then(() => this.#take());
    this.#work = mine.catch(() => undefined);
    return mine;
  }

  async #take(): Promise<void> {
    // A day is over for the sums when every record of it has been taken: the moment is the one before the journal is read.
    const today = cityDay(this.#deps.clock.now());
    await this.#journal.turn();
    for (const name of this.#journal.segments()) {
      const calls = await this.#journal.read(name);
      await this.#deps.lake.write('gateway-usage', async (s) => {
        // Taken already, and killed before the file was removed.
        if (await s.first('SELECT 1 AS one FROM gw.segment WHERE name = $name', { name })) return;
        const byMonth = groupBy(calls, (c) => cityDay(new Date(c.at)).slice(0, 7));
        await this.#months(s, [...byMonth.keys()]);
        for (const [month, some] of byMonth) await s.append(`gw.${usageTable(month)}`, some.map(rowOf));
        await s.run('INSERT INTO gw.segment VALUES ($name, $rows)', { name, rows: calls.length });
      });
      await this.#journal.remove(name);
      // The file is gone: nobody will ask for its name any more.
      await this.#deps.lake.write('gateway-usage', (s) => s.run('DELETE FROM gw.segment WHERE name = $name', { name }));
    }
    await this.#closeDays(today);
  }

  async #months(s: LakeSession, months: readonly string[]): Promise<void> {
    const there = new Set(
      (
        await s.query<{ name: string }>(
          `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'gw' AND starts_with(table_name, 'usage_')`,
        )
      ).map((t) => t.name),
    );
    const missing = months.filter((m) => !there.has(usageTable(m)));
    if (!missing.length) return;
    for (const month of missing) {
      await s.run(createMonth(month));
      there.add(usageTable(month));
    }
    const all = [...there].sort().map((t) => `SELECT * FROM gw.${ident(t)}`);
    await s.run(`CREATE OR REPLACE VIEW gw.usage AS ${all.join(' UNION ALL ')}`);
  }

  /** Sums up days that are over, once; the audit gets their totals. */
  async #closeDays(today: string): Promise<void> {
    const { lake, audit } = this.#deps;
    const open = await lake.query<{ day: string }>(
      `SELECT DISTINCT ${DAY_OF}::VARCHAR AS day FROM gw.usage
       WHERE "at" < ($today::DATE)::TIMESTAMP - INTERVAL 8 HOUR
         AND "at" >= coalesce((SELECT max(day) FROM gw.day)::TIMESTAMP + INTERVAL 16 HOUR, TIMESTAMP '2000-01-01') ORDER BY 1`,
      { today },
    );
    for (const { day } of open) {
      await lake.write('gateway-usage', async (s) => {
        await s.run('DELETE FROM gw.day WHERE day = $day::DATE', { day });
        await s.run(`INSERT INTO gw.day ${sums(`${DAY_OF} = $day::DATE`)}`, { day });
      });
      const totals = await lake.query<{ share: number; calls: number; refused: number; rows: number }>(
        `SELECT share, sum(calls) AS calls, sum(calls) FILTER (WHERE status >= 400) AS refused, sum(rows) AS rows FROM gw.day
         WHERE day = $day::DATE GROUP BY share ORDER BY share`,
        { day },
      );
      const shares = totals.map((t) => ({
        ...t,
        calls: Number(t.calls),
        refused: Number(t.refused ?? 0),
        rows: Number(t.rows),
      }));
      await audit.append({
        ...{ actor: null, action: 'gateway.day', object: `gateway-day/${day}`, outcome: 'ok', detail: { shares } },
      });
    }
  }

  /** Rows that answer by day, of days that are over and of today. Conditions are over `gw.day`'s columns. */
  async sums<T extends Record<string, unknown>>(
    select: string,
    where: string,
    params: Record<string, LakeParam>,
    tail = '',
  ): Promise<T[]> {
    await this.take();
    return this.#deps.lake.query<T>(
      `WITH all_days AS (SELECT * FROM gw.day UNION ALL
         SELECT * FROM (${sums(`"at" >= coalesce((SELECT max(day) FROM gw.day)::TIMESTAMP + INTERVAL 16 HOUR, TIMESTAMP '2000-01-01')`)}))
       SELECT ${select} FROM all_days WHERE ${where} ${tail}`,
      params,
    );
  }

  /** Single records, newest first. Conditions are over their columns. */
  async calls(where: string, params: Record<string, LakeParam>, limit: number): Promise<Call[]> {
    await this.take();
    const rows = await this.#deps.lake.query(
      `SELECT * FROM gw.usage WHERE ${where} ORDER BY "at" DESC, id LIMIT ${Math.floor(limit)}`,
      params,
    );
    return rows as unknown as Call[];
  }

  /** Records as they come, the oldest month first, for export. */
  async *stream(where: string, params: Record<string, LakeParam>): AsyncIterable<Call[]> {
    await this.take();
    yield* this.#deps.lake.stream(
      `SELECT * FROM gw.usage WHERE ${where} ORDER BY "at", id`,
      params,
    ) as unknown as AsyncIterable<Call[]>;
  }
}

/** SELECT of sums by day in the order of `gw.day`. */
const sums = (where: string): string =>
  `SELECT ${DAY_OF} AS day, share, client, requester, provider, operation, sandbox, status, problem, count(*) AS calls,
     sum(units)::BIGINT AS units, sum(rows)::BIGINT AS rows, sum(ms) AS ms, max(ms) AS slowest
   FROM gw.usage WHERE ${where} GROUP BY ALL`;

const rowOf = (call: Call): LakeParam[] =>
  USAGE_COLUMNS.map(([name, type]) => {
    const value = call[name];
    if (name === 'at') return new Date(call.at);
    if (value === null || value === undefined) return null;
    return type === 'BIGINT' ? BigInt(value as number) : (value as LakeParam);
  });
