import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lake } from '../platform/lake/index.ts';
import { failingRows, planOf } from '../refinery/index.ts';
import { receive } from '../refinery/testing.ts';
import { factsOfRuns } from './facts.ts';
import { codeOf, market, openLibraries, penalty, settle, tax } from './fixture.ts';

let lake: Lake;
beforeEach(async () => {
  lake = await openLibraries();
  await receive(lake, [
    {
      run: 1,
      source: market,
      rows: [
        {
          id: 'M1',
          code: codeOf(1),
          name: '慈溪市宏达电器有限公司',
          est: '2010-01-01',
          until: '2009-01-01',
          capital: '-5',
        },
        {
          id: 'M2',
          code: codeOf(2),
          name: '慈溪市公牛塑料制品有限公司',
          est: '20110231',
          until: '2030-01-01',
          capital: '7万',
        },
      ],
    },
    {
      run: 2,
      source: penalty,
      quarantined: 3,
      rows: [
        { no: '1', code: codeOf(1), name: '慈溪市宏达电器有限公司', fine: '1', day: '2031-01-01', grade: '1' },
        { no: '2', code: codeOf(2), name: '慈溪市宏达电器有限公司', fine: '-1', day: '20210231', grade: '7' },
        { no: '3', code: '91330282BAD', name: '慈溪市公牛塑料制品有限公司', fine: 'many', day: null, grade: null },
        { no: '4', code: codeOf(77), name: '外地某公司', fine: '4', day: 'soon', grade: '2' },
      ],
    },
    {
      run: 3,
      source: tax,
      rows: [
        { no: 'T1', code: codeOf(1) },
        { no: 'T1', code: codeOf(1) },
        { no: 'T2', code: codeOf(2) },
      ],
      finished: '2026-01-03T00:00:00Z',
    },
    { run: 4, source: tax, rows: [{ no: 'T3', code: codeOf(1) }], finished: '2026-01-20T00:00:00Z' },
  ]);
  await settle(lake);
});
afterEach(async () => {
  await lake.close();
});

const number = async (run: number, field: string, rule: string) => {
  const row = await lake.first<{ a: number; b: number }>(
    'SELECT a, b FROM v.quality_v1 WHERE run = $run AND field = $field AND rule = $rule',
    { run, field, rule },
  );
  return row ? [row.a, row.b] : null;
};

test('numbers are what counting the rows by hand gives', async () => {
  const expected: [number, string, string, number, number][] = [
    [1, 'name', 'required', 2, 2],
    [1, 'regno', 'filled', 0, 2],
    [1, 'capital', 'bounds', 1, 2],
    [1, 'capital', 'format', 2, 2],
    [1, 'est', 'check', 1, 2],
    [1, 'until', 'order', 1, 2],
    [2, 'code', 'format', 3, 4],
    [2, 'code', 'check', 4, 4],
    [2, 'code', 'golden', 1, 3],
    [2, 'name', 'golden', 3, 3],
    [2, 'fine', 'format', 3, 4],
    [2, 'fine', 'bounds', 3, 4],
    [2, 'day', 'filled', 3, 4],
    [2, 'day', 'check', 2, 3],
    [2, 'day', 'format', 2, 3],
    [2, 'day', 'future', 0, 1],
    [2, 'grade', 'codes', 2, 3],
    [2, '', 'accepted', 4, 7],
    [2, '', 'linked', 3, 4],
    [2, '', 'cadence', 1, 1],
    [3, 'no', 'unique', 2, 3],
    [3, '', 'cadence', 1, 1],
    [4, '', 'cadence', 0, 1],
  ];
  for (const [run, field, rule, a, b] of expected)
    expect([run, field, rule, ...((await number(run, field, rule)) ?? [])]).toEqual([run, field, rule, a, b]);
});

test('behind every number stand exactly the rows that it leaves out', async () => {
  const plans = new Map([market, penalty, tax].map((d) => [d.declaration.id, planOf(d)]));
  const lines = await lake.query<{ source: string; run: number; field: string; rule: never; a: number; b: number }>(
    "SELECT source, run, field, rule, a, b FROM v.quality_v1 WHERE rule NOT IN ('accepted', 'cadence')",
  );
  expect(lines.length).toBeGreaterThan(60);
  for (const l of lines) {
    const rows = await failingRows(lake, plans.get(l.source)!, { ...l, page: 1, size: 50 }, factsOfRuns);
    expect([l.source, l.run, l.field, l.rule, rows.total, rows.items.length]).toEqual([
      l.source,
      l.run,
      l.field,
      l.rule,
      l.b - l.a,
      l.b - l.a,
    ]);
  }
});

test('rules of a whole run have no rows, unknown runs and fields are told', async () => {
  const ask = (more: object) =>
    failingRows(
      lake,
      planOf(penalty),
      { run: 2, field: 'day', rule: 'check', page: 1, size: 10, ...more },
      factsOfRuns,
    );
  await expect(ask({ rule: 'cadence' })).rejects.toMatchObject({ kind: { code: 'refinery.rule.without-rows' } });
  await expect(ask({ run: 99 })).rejects.toMatchObject({ kind: { code: 'refinery.run.not-refined' } });
  await expect(ask({ field: 'nothing' })).rejects.toMatchObject({ kind: { code: 'refinery.field.unknown' } });
  expect((await ask({})).items).toMatchObject([
    { row: 2, values: ['2', codeOf(2), '慈溪市宏达电器有限公司', null, null, '-1', '20210231', '7'] },
  ]);
});

test('profiles tell exact counts, shapes, and drift against the run before', async () => {
  const p = await lake.query(
    'SELECT run, rows, filled, flagged, sampled, min, max, drift FROM v.profile_v1 WHERE source = $s AND field = $f ORDER BY run',
    {
      s: 'sw.tax-registration',
      f: 'no',
    },
  );
  expect(p).toEqual([
    { run: 3, rows: 3, filled: 3, flagged: 0, sampled: 3, min: 'T1', max: 'T2', drift: null },
    { run: 4, rows: 1, filled: 1, flagged: 0, sampled: 1, min: 'T3', max: 'T3', drift: null },
  ]);
  await receive(lake, [{ run: 5, source: tax, rows: [{ no: '2026-1', code: codeOf(1) }] }]);
  await settle(lake);
  const later = await lake.first<{ drift: number; patterns: string }>(
    "SELECT drift, patterns FROM v.profile_v1 WHERE run = 5 AND field = 'no'",
  );
  expect(later?.drift).toBeGreaterThan(0.25);
  expect(JSON.parse(later!.patterns)).toEqual([{ pattern: '9-9', rows: 1 }]);
});
