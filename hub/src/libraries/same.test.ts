import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import type { Lake } from '../platform/lake/index.ts';
import { receive, type TestRun } from '../refinery/testing.ts';
import { codeOf, declarations, former, market, openLibraries, penalty, regnoOf, settle, tax } from './fixture.ts';
import { integrate } from './integrate.ts';

/** Everything that a reader could tell two libraries apart by; legal persons by their code, since ids follow arrival. */
async function library(lake: Lake): Promise<unknown> {
  const who = '(SELECT entity, coalesce(uscc, key) AS who FROM rf.entity)';
  const by = (sql: string) => lake.query(sql);
  return {
    golden: await by('SELECT * EXCLUDE (entity) FROM v.legal_person_v1 ORDER BY ALL'),
    facts: await by(
      `SELECT w.who, f.class, f.fact::VARCHAR AS fact, f.day, f.amount, f.payload FROM v.legal_person_fact_v1 f LEFT JOIN ${who} w ON w.entity = f.entity ORDER BY f.fact`,
    ),
    closed: await by(
      `SELECT fact::VARCHAR AS fact, closed_run, closed_reason FROM v.legal_person_fact_all_v1 WHERE closed_run IS NOT NULL AND closed_reason <> 'relinked' ORDER BY fact`,
    ),
    contradictions: await by(
      `SELECT w.who, c.* EXCLUDE (entity, fact), c.fact::VARCHAR AS fact FROM v.legal_person_contradiction_v1 c JOIN ${who} w ON w.entity = c.entity ORDER BY ALL`,
    ),
    names: await by(
      `SELECT w.who, a.* EXCLUDE (entity, fact) FROM v.legal_person_alias_v1 a JOIN ${who} w ON w.entity = a.entity ORDER BY ALL`,
    ),
    reviews: await by('SELECT review::VARCHAR AS review, rows, reason FROM v.link_review_v1 ORDER BY review'),
  };
}

// One mistake apart, shortened, of several, of nobody.
const names = ['宏达电器有限公司', '宏大电器有限公司', '公牛塑料制品有限公司', '小吃店', '公牛塑料制品厂'].map(
  (n) => `慈溪市${n}`,
);
const formerNames = ['慈溪市老牌灯具厂', '慈溪市老牌灯饰厂', names[3]!, names[0]!];
const addresses = ['慈溪市浒山街道新城路1号', '慈溪市周巷镇开发路2号', null];
const name = fc.constantFrom(...names, formerNames[0]!);
const code = fc.option(fc.integer({ min: 1, max: 4 }).map(codeOf), { nil: null });
const address = fc.constantFrom(...addresses);

const registered = fc.record({
  id: fc.constantFrom('M1', 'M2', 'M3', 'M4'),
  code: fc.option(fc.integer({ min: 1, max: 3 }).map(codeOf), { nil: null, freq: 5 }),
  regno: fc.option(fc.integer({ min: 1, max: 2 }).map(regnoOf), { nil: null }),
  name,
  addr: address,
  person: fc.constantFrom('张三', '李四'),
  est: fc.constantFrom('2010-01-01', '20120231', '2012年3月4日'),
  _op: fc.constantFrom('I', 'U', 'U', 'D'),
});
const renamed = fc.record({
  id: fc.constantFrom('C1', 'C2', 'C3'),
  code,
  was: fc.constantFrom(...formerNames),
  name,
  day: fc.constant('2015-01-01'),
});
const fined = fc.record({
  no: fc.string({ minLength: 1, maxLength: 3, unit: 'grapheme-ascii' }),
  code,
  name,
  addr: address,
  person: fc.constantFrom('张三', '李四', null),
  fine: fc.constantFrom('1', '1,000元', 'x'),
});
const taxed = fc.record({
  no: fc.constantFrom('T1', 'T2', 'T3'),
  code,
  name,
  addr: address,
  day: fc.constantFrom('2024-01-01', '2025-01-01', null),
});

const rows = <T>(row: fc.Arbitrary<T>) => fc.array(row, { minLength: 0, maxLength: 4 });
const day = fc.record({ market: rows(registered), former: rows(renamed), penalty: rows(fined), tax: rows(taxed) });

const runsOf = (d: Record<string, Record<string, string | null>[]>, first: number): TestRun[] => [
  { run: first, source: market, rows: d.market! },
  { run: first + 1, source: former, rows: d.former! },
  { run: first + 2, source: penalty, rows: d.penalty! },
  { run: first + 3, source: tax, rows: d.tax! },
];

// A search for further faults: SAME_RUNS=500 npx vitest run hub/src/libraries/same.test.ts
const numRuns = Number(process.env.SAME_RUNS ?? 2);

test('integrating day by day gives the same library as all days at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 3 }), async (days) => {
      // As a hub has them: what depends on which thread is first would show here.
      const apart = await openLibraries(':memory:', 2);
      const together = await openLibraries(':memory:', 2);
      try {
        const runs = days.map((d, i) => runsOf(d as never, 1 + 4 * i));
        for (const some of runs) {
          await receive(apart, some);
          await settle(apart);
        }
        await receive(together, runs.flat());
        await settle(together, { chunkRows: 5 });
        expect(await library(apart)).toEqual(await library(together));
      } finally {
        await apart.close();
        await together.close();
      }
    }),
    { numRuns, endOnFailure: true },
  );
}, 3_000_000);

test('an integration that is broken off at any step goes on and counts every row once', async () => {
  const city: TestRun[] = [
    {
      run: 1,
      source: market,
      rows: [1, 2, 3].map((n) => ({ id: `M${n}`, code: codeOf(n), name: names[n - 1]!, est: '2010-01-01' })),
    },
    {
      run: 2,
      source: penalty,
      rows: [1, 2, 3, 9].map((n) => ({ no: `${n}`, code: codeOf(n), name: names[n - 1] ?? '外地公司', fine: '1' })),
    },
    {
      run: 3,
      source: tax,
      rows: [1, 2].map((n) => ({ no: `T${n}`, code: codeOf(n), name: names[n - 1]!, day: '2024-01-01' })),
    },
  ];
  const whole = await openLibraries();
  await receive(whole, city);
  await settle(whole);
  const expected = await library(whole);
  await whole.close();
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-integrate-'));
  try {
    let stops = 0;
    for (let at = 0; ; at++) {
      const path = join(folder, `${at}.duckdb`);
      let lake = await openLibraries(path);
      await receive(lake, city);
      const stop = new AbortController();
      let steps = 0;
      const options = {
        clock: new ManualClock('2026-02-01T00:00:00Z'),
        declarations: async () => declarations,
        chunkRows: 4,
      };
      const broken = await integrate({
        lake,
        ...options,
        signal: stop.signal,
        onStep: () => {
          if (steps++ === at * 16) stop.abort(new Error('broken off'));
        },
      }).then(
        () => false,
        () => true,
      );
      await lake.close();
      lake = await openLibraries(path);
      await integrate({ lake, ...options });
      expect(await library(lake)).toEqual(expected);
      expect(await integrate({ lake, ...options })).toBeNull();
      await lake.close();
      if (!broken) break;
      stops += 1;
    }
    expect(stops).toBeGreaterThan(3);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 300_000);
