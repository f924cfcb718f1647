import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineRecordViews } from '../../libraries/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { insert } from '../fixture.ts';
import { readModel } from './model.ts';
import { movesAll, movesOf } from './moves.ts';
import { type RunResult, scoreRun } from './run.ts';
import { enterprises, record, type SourceClass, scoring, sourcesLake } from './testing.ts';

let lake: Lake;
let town: { lake: Lake; classes: Map<string, SourceClass> };
const model = readModel(join(scoring, 'enterprise-credit'), 'scoring/enterprise-credit').model!;
const N = 24;
let instant = 0;
const now = () => new Date(Date.UTC(2026, 10, 20) + 1000 * instant++);
let day = '2026-10-28';
const run = (whole: boolean) => scoreRun({ lake, model, day, now, whole });

beforeAll(async () => {
  town = await sourcesLake();
  lake = town.lake;
  await enterprises(
    lake,
    Array.from({ length: N }, (_, n) => ({ entity: n + 1, established: `${2000 + n}-11-0${1 + (n % 9)}` })),
  );
  for (let e = 1; e <= N; e++) {
    for (let month = 1; month <= 10; month++) {
      const on = `2026-${String(month).padStart(2, '0')}-${String(1 + e).padStart(2, '0')}`;
      await record(town, e, 'gysy.electricity-use', on, { elec_qty: 100 * e + month });
    }
  }
}, 60_000);
afterAll(() => lake.close());

/** Everything that a run says of everyone: scores and sums, and the points that stand. */
async function said(of: RunResult): Promise<unknown> {
  const scores = await lake.query(
    `SELECT entity, score, grade, rank_city, rank_town, sums, adjusted, cap, cap_points, scale_points
     FROM cs.score WHERE run = ${of.run} ORDER BY entity`,
  );
  const points = await lake.query(
    `SELECT * FROM (SELECT entity, indicator, arg_max(struct_pack(v := value, p := points, n := n, f := facts), run) AS p
       FROM cs.point WHERE version = ${of.version} AND run <= ${of.run} GROUP BY ALL) WHERE p.v IS NOT NULL ORDER BY 1, 2`,
  );
  return { scores, points };
}

const entity = fc.integer({ min: 1, max: N });
const past = fc
  .integer({ min: 0, max: 1200 })
  .map((n) => new Date(Date.UTC(2026, 10, 20) - n * 86_400_000).toISOString().slice(0, 10));
/** What can happen to a city between two scorings. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('penalty' as const), entity, on: past, fine: fc.integer({ min: 0, max: 90_000 }) }),
  fc.record({
    kind: fc.constant('permit' as const),
    entity,
    until: fc.constantFrom('2026-10-30', '2026-11-05', '2027-12-01'),
  }),
  fc.record({ kind: fc.constant('listed' as const), entity, removed: fc.constantFrom('', '2026-11-02', '2026-11-20') }),
  fc.record({ kind: fc.constant('report' as const), entity, year: fc.integer({ min: 2022, max: 2026 }) }),
  fc.record({ kind: fc.constant('debtor' as const), entity }),
  fc.record({ kind: fc.constant('tie' as const), entity, other: entity }),
  fc.record({ kind: fc.constant('closed-fact' as const), entity }),
  fc.record({ kind: fc.constant('moved-fact' as const), entity, other: entity }),
  fc.record({ kind: fc.constant('status' as const), entity, status: fc.constantFrom('存续', '注销', '吊销') }),
  fc.record({ kind: fc.constant('capital' as const), entity, capital: fc.integer({ min: 1, max: 9000 }) }),
  fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 12 }) }),
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function happen(e: Event): Promise<void> {
  const set = (column: string, value: string) =>
    lake.define([`UPDATE fx.legal_person_v1 SET ${column} = ${value} WHERE entity = ${'entity' in e ? e.entity : 0}`]);
  switch (e.kind) {
    case 'penalty':
      await record(town, e.entity, 'scjg.penalty', e.on, { punish_amt: e.fine });
      return;
    case 'permit':
      await record(town, e.entity, 'scjg.permit', '2025-01-01', { val_to: e.until, type: '有效' });
      return;
    case 'listed':
      await record(town, e.entity, 'scjg.serious-dishonesty', '2025-01-01', { rem_dt: e.removed });
      return;
    case 'report':
      await record(town, e.entity, 'scjg.annual-report-asset', `${e.year}-06-01`, {
        annual_year: e.year,
        asset_zmt: 100,
        debt_amt: 40 + e.entity,
        opt_income_total: 100 + e.year,
        net_profit: 5,
      });
      return;
    case 'debtor':
      await record(town, e.entity, 'fy.dishonest-debtor', '2026-11-03', { executed_perfor: '全部未履行' });
      return;
    case 'tie':
      await insert(lake, 'legal_person_relation_v1', [
        { entity: e.entity, kind: 'shareholder', other_entity: e.other, valid_from: '2020-01-01', class: 3, fact: 1 },
      ]);
      return;
    case 'closed-fact':
      await lake.define([
        `UPDATE fx.legal_person_fact_all_v1 SET closed_run = 9 WHERE fact = (SELECT max(fact) FROM v.legal_person_fact_v1 WHERE entity = ${e.entity})`,
      ]);
      return;
    // What a reviewer's decision does: the same record is another enterprise's.
    case 'moved-fact':
      await lake.define([
        `UPDATE fx.legal_person_fact_all_v1 SET entity = ${e.other} WHERE fact = (SELECT max(fact) FROM v.legal_person_fact_v1 WHERE entity = ${e.entity})`,
      ]);
      return;
    case 'status':
      return set('status', `'${e.status}'`);
    case 'capital':
      return set('capital', String(e.capital));
    case 'days':
      day = new Date(Date.parse(day) + e.days * 86_400_000).toISOString().slice(0, 10);
  }
}

test('whatever happens between two scorings, asking only those who changed says the same as asking everyone', {
  timeout: 120_000,
}, async () => {
  await run(true);
  let sparing = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 4 }), async (events) => {
      for (const e of events) await happen(e);
      const part = await run(false);
      const own = await said(part);
      const all = await run(true);
      if (part.slices === 0) sparing += 1;
      expect(own).toEqual(await said(all));
      // The whole run that followed found nothing to write.
      expect(all.points).toBe(0);
    }),
    // The first two are known to spare: drawn ones alone may happen to move everybody.
    {
      numRuns: 2 + Number(process.env.JINGWEI_TEST_RUNS ?? 2),
      examples: [
        [[{ kind: 'penalty', entity: 3, on: '2026-09-01', fine: 20_000 }]],
        [[{ kind: 'report', entity: 5, year: 2024 }]],
      ],
    },
  );
  expect(sparing).toBeGreaterThan(1);
});

test('only those are asked of whom something changed; a day on which no row crosses a date asks nobody', async () => {
  // Whatever happened to them in the test before.
  await lake.define(["UPDATE fx.legal_person_v1 SET status = '存续' WHERE entity IN (3, 5)"]);
  await run(true);
  expect(await run(false)).toMatchObject({ slices: 0, asked: 0, points: 0 });
  await record(town, 3, 'scjg.penalty', '2026-01-10', { punish_amt: 5 });
  expect(await run(false)).toMatchObject({ slices: 0, asked: 1, points: 2 });
  // The record crosses the three years of its indicators on this day, and with it nobody else.
  await record(town, 5, 'scjg.penalty', '2024-02-28', { punish_amt: 5 });
  day = '2027-02-27';
  await run(true);
  day = '2027-02-28';
  expect(await run(false)).toMatchObject({ slices: 0, asked: 1 });
});

test('a run that was cleaned anew, or a class read otherwise, is asked of everyone', async () => {
  await run(true);
  await lake.define(["UPDATE fx.refined_run_v1 SET refined_at = TIMESTAMP '2027-01-01 00:00:00' WHERE run = 62"]);
  expect((await run(false)).slices).toBeGreaterThan(0);
  expect((await run(false)).slices).toBe(0);
});

test('of the declared model only the years in business move everybody from one day to the next', async () => {
  await lake.session(async (s) => {
    await defineRecordViews(s);
    const wide: string[] = [];
    for (const i of model.indicators) {
      if (i.scope === 'city') continue;
      if (await movesAll(s, await movesOf(s, model.sql.get(i.id)!), '2026-11-20', '2026-11-21')) wide.push(i.id);
    }
    expect(wide).toEqual(['years-in-business']);
  });
});

test('where a statement depends on the day is found, and what cannot be followed is taken for everybody', async () => {
  await lake.session(async (s) => {
    await defineRecordViews(s);
    const of = (sql: string) => movesOf(s, sql);
    const view = 'v.record_scjg_penalty_v1';
    expect(await of(`SELECT entity FROM ${view} p WHERE p.day > $day - INTERVAL 3 DAY`)).toMatchObject({
      flips: [{ view: 'record_scjg_penalty_v1', alias: 'p' }],
      loose: [],
      always: false,
    });
    // A name of the list itself, a join, an aggregate: no row of a view can be asked.
    for (const sql of [
      `SELECT entity, max(day) AS last FROM ${view} GROUP BY entity HAVING max(day) > $day`,
      `SELECT a.entity FROM ${view} a JOIN v.legal_person_v1 b ON b.entity = a.entity WHERE a.day > $day`,
      `WITH x AS (SELECT entity, day AS d FROM ${view}) SELECT entity FROM x WHERE d > $day`,
    ]) {
      const moves = await of(sql);
      expect(moves.flips).toEqual([]);
      expect(await movesAll(s, moves, '2026-01-01', '2026-01-02')).toBe(true);
    }
    const yearly = await of(`SELECT entity, year($day) - max(year(day)) AS v FROM ${view} GROUP BY entity`);
    expect(await movesAll(s, yearly, '2026-01-01', '2026-12-31')).toBe(false);
    expect(await movesAll(s, yearly, '2026-12-31', '2027-01-01')).toBe(true);
    expect((await of(`SELECT entity FROM ${view} WHERE day > current_date`)).always).toBe(true);
    expect((await of('SELECT entity FROM v.legal_person_alias_v1')).always).toBe(true);
  });
});
