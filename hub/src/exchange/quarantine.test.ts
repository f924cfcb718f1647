import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { quarantineQuery } from './api.ts';
import { collect } from './collect.ts';
import { rawTable } from './names.ts';
import { Quarantine } from './quarantine.ts';
import { declare, openBench, type TestBench, testToken } from './testing.ts';

const source = declare(
  [
    { name: 'k', required: true },
    { name: 'person', format: 'citizen-id', protection: 'sensitive' },
    { name: 'd', type: 'date', onInvalid: 'quarantine' },
  ],
  { key: ['k'] },
);
const who = (role: Role): Principal => ({
  ...{ userId: '1', login: 'li', name: '李', organisation: null, sessionId: 's', purpose: null },
  ...{ roles: [role], permissions: permissionsOf([role]) },
});
const ID = '330282199001011234';
let bench: TestBench;
let quarantine: Quarantine;
beforeEach(async () => {
  bench = await openBench();
  await bench.define(source);
  quarantine = new Quarantine(bench, () => ({ declaration: source, version: 1 }));
  const path = bench.file(
    'in.csv',
    `k,person,d\n1,${ID},2026-01-01\n2,${ID},20210231\n,${ID},2026-01-01\n4\n5,,0000-00-00\n`,
  );
  await collect(bench, { source, declaration: 1, path });
});
afterEach(() => bench.close());
const all = (over: Record<string, unknown> = {}) => quarantineQuery.parse(over);

test('rows are listed by pages with what they broke, and cells as the viewer may see them', async () => {
  const first = await quarantine.list(all({ limit: 2 }), who('data-steward'));
  expect([first.total, first.next, first.items.map((i) => [i.row, i.line, i.field, i.rule])]).toEqual([
    4,
    '1-3',
    [
      [2, 3, 'd', 'type'],
      [3, 4, 'k', 'required'],
    ],
  ]);
  const cell = first.items[0]!.cells.find((c) => c.field === 'person')!;
  expect(cell.value === null || cell.value === '***').toBe(true);
  const second = await quarantine.list(all({ limit: 2, after: first.next! }), who('data-steward'));
  expect(second.items.map((i) => [i.row, i.rule, i.raw])).toEqual([
    [4, 'columns-few', expect.any(String)],
    [5, 'type', null],
  ]);
  expect((await quarantine.list(all({ rule: 'required' }), who('data-steward'))).total).toBe(1);
  expect(first.facets[0]).toMatchObject({ rule: 'type', field: 'd', rows: 2 });
});

test('a mended row is released into a run of its own; what still breaks a rule stays', async () => {
  const steward = who('data-steward');
  await quarantine.mend(1, 2, { d: '2021-02-28' }, steward);
  await quarantine.mend(1, 5, { d: '0000-00-01' }, steward);
  const answer = await quarantine.release({ source: source.id }, steward);
  expect(answer).toEqual({ run: 2, released: 1, duplicate: 0, kept: 3 });
  expect(await bench.lake.query(`SELECT _run, _row, k, person, d FROM ${rawTable(source.id)} ORDER BY _run`)).toEqual([
    { _run: 1, _row: 1, k: '1', person: testToken('citizen-id', ID), d: '2026-01-01' },
    { _run: 2, _row: 1, k: '2', person: testToken('citizen-id', ID), d: '2021-02-28' },
  ]);
  expect(
    await bench.lake.query(
      "SELECT row, released_run, released_row, decided_by FROM ex.quarantine WHERE status = 'released'",
    ),
  ).toEqual([{ row: 2, released_run: 2, released_row: 1, decided_by: 'li' }]);
  expect(await bench.lake.first('SELECT kind, received, accepted, vanished FROM ex.run WHERE run = 2')).toEqual({
    ...{ kind: 'release', received: 1, accepted: 1, vanished: 0 },
  });
  expect(await quarantine.mend(1, 2, { d: 'x' }, steward).catch((e: Problem) => e.kind.code)).toBe(
    'exchange.quarantine.not-open',
  );
});

test('a row without columns can be mended by giving every field; the released one has not vanished in the next snapshot', async () => {
  const steward = who('data-steward');
  await quarantine.mend(1, 4, { k: '4', person: ID }, steward);
  expect((await quarantine.release({ source: source.id, rows: [{ run: 1, row: 4 }] }, steward)).kept).toBe(1);
  await quarantine.mend(1, 4, { d: null }, steward);
  await quarantine.mend(1, 4, { d: '2026-02-01' }, steward);
  expect(await quarantine.release({ source: source.id, rows: [{ run: 1, row: 4 }] }, steward)).toMatchObject({
    released: 1,
  });
  const path = bench.file('next.csv', `k,person,d\n1,${ID},2026-01-01\n4\n`);
  const next = await collect(bench, { source, declaration: 1, path });
  expect(next).toMatchObject({ received: 2, accepted: 0, quarantined: 0, duplicate: 2, vanished: 0 });
});

test('dropping needs no value, keeps the row on record and counts what it dropped', async () => {
  expect(await quarantine.drop({ source: source.id, rule: 'type', reason: '错误数据' }, who('data-steward'))).toBe(2);
  expect(await bench.lake.query("SELECT row, reason FROM ex.quarantine WHERE status = 'dropped' ORDER BY row")).toEqual(
    [
      { row: 2, reason: '错误数据' },
      { row: 5, reason: '错误数据' },
    ],
  );
});

test('a field that is not declared cannot be mended', async () => {
  const error = await quarantine.mend(1, 2, { x: '1' }, who('data-steward')).catch((e) => e);
  expect(error).toBeInstanceOf(Problem);
  expect(error.kind.code).toBe('exchange.quarantine.unknown-field');
});

test('the export never holds an identity number', async () => {
  let text = '';
  for await (const chunk of quarantine.export(all(), who('data-steward'))) text += chunk;
  expect(text.split('\r\n').length).toBe(6);
  expect(text).not.toContain(ID);
});
