import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { describeDb } from '../db/testing.ts';
import { Jobs, jobMigrations } from '../jobs/index.ts';
import { silentLogger } from '../log/index.ts';
import { type Backfill, Backfills } from './backfills.ts';
import { upgradeMigrations } from './index.ts';

describeDb('backfills of data', [jobMigrations, upgradeMigrations], (db) => {
  const clock = new ManualClock();
  let n = 0;

  /** A hub with jobs and what is declared. */
  function hub(sets: readonly { room: string; backfills: readonly Backfill<null>[] }[]) {
    const jobs = new Jobs({ db: db(), clock, log: silentLogger() });
    const backfills = new Backfills<null>({ db: db(), clock, jobs, deps: () => null }, sets);
    jobs.define(backfills.job());
    return { jobs, backfills };
  }
  /** Doubles every number, ten a batch; `stop` breaks off at one. */
  const doubling = (table: string, stop?: (at: number) => void): Backfill<null> => ({
    name: `2026-12-03-double-${table}`,
    title: { zh: '翻倍', en: 'doubles' },
    async batch(_deps, trx, cursor) {
      const after = Number(cursor ?? 0);
      const { rows } = await sql<{
        n: number;
      }>`UPDATE ${sql.id(table)} SET v = v * 2 WHERE n > ${after} AND n <= ${after + 10}
        RETURNING n`.execute(trx);
      stop?.(after);
      return { next: rows.length < 10 ? null : after + 10, rows: rows.length };
    },
  });
  async function numbers(): Promise<string> {
    const table = `numbers${++n}`;
    await db().query(`CREATE TABLE ${table} AS SELECT n, n AS v FROM generate_series(1, 95) AS n`);
    return table;
  }
  const doubled = async (table: string) =>
    (await db().query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE v = 2 * n`))[0]!.n;
  const state = async (name: string) =>
    (
      await db().query<{ rows: number; cursor: unknown; done: boolean }>(
        'SELECT rows::int AS rows, cursor, finished_at IS NOT NULL AS done FROM upgrade.backfill WHERE name = $1',
        [name],
      )
    )[0];

  test('each row is done once though the process dies in the midst, and it says how far it is until it is done', async () => {
    const table = await numbers();
    let died = false;
    const stop = (at: number) => {
      if (at === 40 && !died) {
        died = true;
        throw new Error('the process is gone');
      }
    };
    const of = doubling(table, stop);
    const first = hub([{ room: 'town', backfills: [of] }]);
    await first.jobs.start();
    await first.backfills.start(false);
    const [job] = await first.jobs.list({ kind: 'upgrade.backfill', limit: 1 });
    expect((await first.jobs.wait(job!.id)).state).toBe('failed');
    expect(await doubled(table)).toBe(40);
    expect(await state(of.name)).toEqual({ rows: 40, cursor: 40, done: false });
    expect(await first.backfills.standing()).toMatchObject([
      { id: 'backfills', standing: 'warn', text: { zh: '还有 1 项：翻倍，已处理 40 行' } },
    ]);
    await first.jobs.stop();
    // The next start goes on where it was; a third has nothing to do.
    const second = hub([{ room: 'town', backfills: [of] }]);
    await second.jobs.start();
    await second.backfills.start(false);
    const [again] = await second.jobs.list({ kind: 'upgrade.backfill', limit: 1 });
    expect(await second.jobs.wait(again!.id)).toMatchObject({ state: 'done', result: { rows: 95 } });
    expect(await doubled(table)).toBe(95);
    expect(await second.backfills.standing()).toEqual([]);
    const before = (await second.jobs.list({ kind: 'upgrade.backfill', limit: 100 })).length;
    await second.backfills.start(false);
    expect(await second.jobs.list({ kind: 'upgrade.backfill', limit: 100 })).toHaveLength(before);
    await second.jobs.stop();
  });

  test('in a fresh data folder nothing is filled; what another version declared is left alone', async () => {
    const table = await numbers();
    const of = doubling(table);
    await db().query(
      `INSERT INTO upgrade.backfill (room, name, declared_at) VALUES ('later', '2027-01-01-of-a-later-version', now())`,
    );
    const { jobs, backfills } = hub([{ room: 'town', backfills: [of] }]);
    await jobs.start();
    await backfills.start(true);
    expect(await state(of.name)).toMatchObject({ done: true });
    expect(await doubled(table)).toBe(0);
    expect(await backfills.standing()).toEqual([]);
    expect((await jobs.counts()).queued ?? 0).toBe(0);
    await jobs.stop();
  });

  test('a name that is no name, or given twice, stops the start', () => {
    for (const names of [['double'], ['2026-12-03-a', '2026-12-03-a']])
      expect(() => hub([{ room: 'town', backfills: names.map((name) => ({ ...doubling('x'), name })) }])).toThrow();
  });
});
