import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { exchangeBackfills } from './backfills.ts';
import { keep, problems } from './problems.ts';
import { exchangeTables } from './tables.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define(exchangeTables);
});
afterAll(() => lake.close());

test('refusals of before lose the headings that may be values; what says nothing of a row stays as it is', async () => {
  const values = ['欧鑫', '330282199001011234', '慈溪市浒山街道鑫犇路701号'];
  const told = { columns: values.join('、'), column: values[0] };
  const kept = [
    new Problem(problems.columnExtra, told, { file: 'a.csv', line: 1, field: values[0]! }),
    new Problem(problems.columnTwice, told, { file: 'b.csv', line: 1 }),
    new Problem(problems.encoding, { declared: 'UTF-8', seen: 'GB18030' }, { file: 'c.csv' }),
    new Problem(problems.columnMissing, { columns: '编号' }, { file: 'd.csv', line: 1, field: '编号' }),
  ];
  await lake.write('t', async (s) => {
    for (const [i, problem] of kept.entries())
      await s.run(`INSERT INTO ex.refusal SELECT $id, 'scjg.x', 'x.csv', NULL, 0, now()::TIMESTAMP, $problem::JSON`, {
        id: i + 1,
        problem: keep(problem),
      });
  });
  const [backfill] = exchangeBackfills;
  const before = await lake.query('SELECT id, problem::VARCHAR AS p FROM ex.refusal WHERE id > 2 ORDER BY id');
  expect(await backfill!.batch({ lake } as Deps, undefined as never, null)).toEqual({ next: null, rows: 4 });
  const rows = await lake.query<{ p: string }>('SELECT problem::VARCHAR AS p FROM ex.refusal ORDER BY id');
  for (const { p } of rows) for (const value of values) expect(p).not.toContain(value);
  expect(JSON.parse(rows[0]!.p)).toMatchObject({
    code: 'exchange.contract.column-extra',
    title: { zh: expect.stringContaining('未声明的列：…') },
    place: { file: 'a.csv', line: 1 },
  });
  expect(await lake.query('SELECT id, problem::VARCHAR AS p FROM ex.refusal WHERE id > 2 ORDER BY id')).toEqual(before);
  // Twice is the same as once.
  await backfill!.batch({ lake } as Deps, undefined as never, null);
  expect(await lake.query('SELECT problem::VARCHAR AS p FROM ex.refusal ORDER BY id')).toEqual(rows);
});
