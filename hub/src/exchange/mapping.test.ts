import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceDeclaration } from '../catalogue/index.ts';
import { type Principal, permissionsOf } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { quarantineQuery } from './api.ts';
import { collect } from './collect.ts';
import { leafOf } from './hash/canonical.ts';
import { rootOf } from './hash/tree.ts';
import { veiled } from './mapping.ts';
import { rawTable } from './names.ts';
import { Quarantine } from './quarantine.ts';
import { checkSample } from './sample.ts';
import { declare, openBench, type TestBench, testToken } from './testing.ts';

let bench: TestBench;
let files = 0;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const fields = [
  { name: 'no', required: true },
  { name: 'province' },
  { name: 'city', required: true },
  { name: 'amount', type: 'decimal', unit: '元', onInvalid: 'quarantine' },
];
/** What a department delivers: place in one column, the amount in 万元, a telephone number among a contact's words. */
const SQL = `SELECT 编号 AS no, split_part(省市, ' ', 1) AS province, split_part(省市, ' ', 2) AS city,
  coalesce(CAST(TRY_CAST(金额万元 AS DECIMAL(18, 6)) * 10000 AS DECIMAL(18, 2))::VARCHAR, 金额万元) AS amount
FROM received;`;
const HEAD = '编号,省市,金额万元\n';
const mapped = (sql = SQL, over: Record<string, unknown> = {}, own: Record<string, unknown>[] = fields) => ({
  ...declare(own, { key: ['no'], mapping: 'mapping.sql', ...over }),
  mappingText: sql,
});
async function deliver(source: SourceDeclaration, content: string, name = `d${files++}.csv`) {
  await bench.define(source);
  const answer = await collect(bench, { source, declaration: 1, path: bench.file(name, content) });
  if (answer.already) throw new Error('collected before');
  const { received, accepted, quarantined, duplicate, vanished } = answer;
  expect(received).toBe(accepted + quarantined + duplicate);
  return { counts: [received, accepted, quarantined, duplicate, vanished], answer };
}
async function refused(source: SourceDeclaration, content: string): Promise<[string, Problem]> {
  const error = await deliver(source, content).catch((e) => e);
  expect(error).toBeInstanceOf(Problem);
  expect(await bench.lake.first('SELECT count(*) AS n FROM ex.run')).toEqual({ n: 0 });
  expect(readdirSync(bench.work)).toEqual([]);
  return [(error as Problem).kind.code, error as Problem];
}
const rows = (source: SourceDeclaration) =>
  bench.lake.query(
    `SELECT _row, ${source.fields.map((f) => f.name).join(', ')} FROM ${rawTable(source.id)} ORDER BY _row`,
  );

test('a mapping splits, renames and computes; leaves and the tree are over what was delivered', async () => {
  const source = mapped();
  const { counts } = await deliver(source, `${HEAD}A1,浙江 宁波,1.5\nA2,"浙江 ""杭州""",20\nA1,浙江 宁波,1.5\n`);
  expect(counts).toEqual([3, 2, 0, 1, 0]);
  expect(await rows(source)).toEqual([
    { _row: 1, no: 'A1', province: '浙江', city: '宁波', amount: '15000.00' },
    { _row: 2, no: 'A2', province: '浙江', city: '"杭州"', amount: '200000.00' },
  ]);
  const leaves = [
    ['A1', '浙江 宁波', '1.5'],
    ['A2', '浙江 "杭州"', '20'],
    ['A1', '浙江 宁波', '1.5'],
  ].map(leafOf);
  const kept = await bench.lake.query<{ l: Uint8Array }>(`SELECT _leaf AS l FROM ${rawTable(source.id)} ORDER BY _row`);
  expect(kept.map((k) => Buffer.from(k.l))).toEqual(leaves.slice(0, 2));
  const run = await bench.lake.first<{ root: Uint8Array }>('SELECT root FROM ex.run');
  expect(Buffer.from(run!.root)).toEqual(Buffer.from(rootOf(leaves)!.digest));
  expect(readdirSync(bench.work)).toEqual([]);
});

test('rows that come again are known, and what vanished is told', async () => {
  const source = mapped();
  await deliver(source, `${HEAD}A1,浙江 宁波,1\nA2,浙江 杭州,2\n`);
  expect((await deliver(source, `${HEAD}A1,浙江 宁波,1\nA3,浙江 温州,3\n`)).counts).toEqual([2, 1, 0, 1, 1]);
});

test('a mapped row that breaks a rule waits with its mapped cells and the delivered text, and can be released', async () => {
  const source = mapped();
  const { counts, answer } = await deliver(source, `${HEAD}A1,浙江,1\nA2,浙江 杭州,许多\nA3\nA4,浙江 温州,4\n`);
  expect(counts).toEqual([4, 1, 3, 0, 0]);
  const kept = await bench.lake.query('SELECT row, line, field, rule, cells, raw FROM ex.quarantine ORDER BY row');
  expect(kept).toEqual([
    {
      ...{ row: 1, line: 2, field: 'city', rule: 'required', raw: '{"编号":"A1","省市":"浙江","金额万元":"1"}' },
      cells: '{"no":"A1","province":"浙江","city":"","amount":"10000.00"}',
    },
    {
      ...{ row: 2, line: 3, field: 'amount', rule: 'type', raw: '{"编号":"A2","省市":"浙江 杭州","金额万元":"许多"}' },
      cells: '{"no":"A2","province":"浙江","city":"杭州","amount":"许多"}',
    },
    { row: 3, line: 4, field: null, rule: 'columns-few', raw: 'A3', cells: null },
  ]);
  const quarantine = new Quarantine(bench, () => ({ declaration: source, version: 1 }));
  const who: Principal = {
    ...{ userId: '1', login: 'li', name: '李', organisation: null, sessionId: 's', purpose: null },
    ...{ roles: ['data-steward'], permissions: permissionsOf(['data-steward']) },
  };
  const page = await quarantine.list(quarantineQuery.parse({}), who);
  expect(page.items[0]!.cells.map((c) => c.value)).toEqual(['A1', '浙江', '', '10000.00']);
  await quarantine.mend(answer.run, 1, { city: '宁波' }, who);
  expect(await quarantine.release({ source: source.id }, who)).toMatchObject({ released: 1, kept: 2 });
  expect((await rows(source)).map((r) => r.city)).toEqual(expect.arrayContaining(['宁波', '温州']));
});

test('a delivery without a column that the mapping reads is refused by its name', async () => {
  const [code, problem] = await refused(mapped(), '编号,省份城市,金额万元\nA1,浙江 宁波,1\n');
  expect([code, problem.place?.field]).toEqual(['exchange.contract.column-extra', '省份城市']);
  const [other, missing] = await refused(mapped(SQL, { contract: 'discard' }), '编号,金额万元\nA1,1\n');
  expect([other, missing.place?.field]).toEqual(['exchange.contract.column-missing', '省市']);
  expect((await refused(mapped(), '编号;省市;金额万元\nA1;浙江;1\n'))[0]).toBe('exchange.file.delimiter');
  expect((await refused(mapped(SQL, { contract: 'discard' }), `_row,${HEAD}1,A1,浙江 宁波,1\n`))[0]).toBe(
    'exchange.mapping.reserved',
  );
});

test('columns that the mapping does not read follow the contract', async () => {
  const content = '备注,编号,省市,金额万元,dsc_loaded\n急,A1,浙江 宁波,1,x\n';
  expect((await refused(mapped(), content))[0]).toBe('exchange.contract.column-extra');
  const discard = await deliver(mapped(SQL, { contract: 'discard' }), content);
  expect(discard.answer.notices.map((n) => n.kind.code)).toEqual(['exchange.contract.columns-ignored']);
  const evolve = await deliver(mapped(SQL, { id: 'ts.more', contract: 'evolve' }), content);
  expect(evolve.answer.notices.map((n) => n.kind.code)).toEqual(['exchange.contract.columns-kept']);
  expect(await bench.lake.query('SELECT run, row, extra FROM ex.extra')).toEqual([
    { run: evolve.answer.run, row: 1, extra: '{"备注":"急"}' },
  ]);
});

test('a mapping that does not answer every row exactly once is refused with the counts', async () => {
  const content = `${HEAD}A1,浙江 宁波,1\nA2,浙江 杭州,2\nA3,浙江 温州,3\n`;
  const plain = 'SELECT 编号 AS no, 省市 AS province, 省市 AS city, 金额万元 AS amount FROM received';
  const counts = async (sql: string) => {
    const [code, problem] = await refused(mapped(sql), content);
    expect([code, problem.params.mapping]).toEqual(['exchange.mapping.rows', 'mapping.sql']);
    return [problem.params.received, problem.params.answered, problem.params.missing, problem.params.more];
  };
  expect(await counts(`${plain} WHERE 编号 <> 'A2'`)).toEqual([3, 2, 1, 0]);
  expect(await counts(plain.replace('编号 AS no', "unnest([编号, 'x']) AS no"))).toEqual([3, 6, 0, 3]);
  expect(await counts(plain.replace('SELECT', 'SELECT 1 AS _row,').replace('received', 'received LIMIT 3'))).toEqual([
    3, 3, 2, 2,
  ]);
  const kept = await bench.lake.first<{ n: number }>('SELECT count(*) AS n FROM ex.refusal');
  expect(kept!.n).toBe(3);
});

test('a mapping that joins what it writes out itself says whose rows they are', async () => {
  const source = mapped(
    `SELECT r._row, 编号 AS no, p.name AS province, 省市 AS city, 金额万元 AS amount
     FROM received r LEFT JOIN (VALUES ('浙', '浙江省')) p(short, name) ON starts_with(r.省市, p.short) ORDER BY no DESC`,
  );
  await deliver(source, `${HEAD}A1,浙江 宁波,1\nA2,江苏 苏州,2\n`);
  expect((await rows(source)).map((r) => [r._row, r.province])).toEqual([
    [1, '浙江省'],
    [2, null],
  ]);
});

test('a mapping that reaches outside is refused, also when it was not checked before', async () => {
  for (const from of ["read_text('/etc/hostname')", 'delivered', 'ex.run', "'/etc/x.csv'"]) {
    const sql = `SELECT 编号 AS no, 省市 AS province, 省市 AS city, (SELECT count(*) FROM ${from}) AS amount FROM received`;
    expect([from, (await refused(mapped(sql), `${HEAD}A1,浙江 宁波,1\n`))[0]]).toEqual([
      from,
      'catalogue.source.mapping-forbidden',
    ]);
  }
  expect((await refused(mapped('PRAGMA database_list'), `${HEAD}A1,x,1\n`))[0]).toBe('catalogue.source.mapping-select');
});

test('a value that the mapping cannot bear refuses the delivery without being told', async () => {
  const sql =
    'SELECT 编号 AS no, 省市 AS province, 省市 AS city, CAST(金额万元 AS DECIMAL(18, 2)) AS amount FROM received';
  const [code, problem] = await refused(mapped(sql), `${HEAD}A1,浙江 宁波,"330282'1990\n01011234"\n`);
  expect([code, problem.place?.file]).toEqual(['exchange.mapping.failed', expect.stringMatching(/csv$/)]);
  const kept = await bench.lake.first<{ p: string }>('SELECT problem::VARCHAR AS p FROM ex.refusal');
  expect(kept!.p).not.toMatch(/330282|1990|01011234/);
});

test('no message of the engine shows a quoted value', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      const shown = veiled(`Conversion Error: Could not convert string '${value}☂' to INT32\n\nLINE 1: SELECT`);
      expect(shown).toBe('Conversion Error: Could not convert string *** to INT32');
    }),
  );
});

test('sensitive answers are tokens before anything is kept, and what they are made of is covered', async () => {
  const id = '330282199001011234';
  const source = mapped(
    "SELECT 编号 AS no, regexp_extract(联系人, '[0-9X]{18}') AS person, 备注 AS note FROM received",
    {},
    [
      { name: 'no', required: true },
      { name: 'person', format: 'citizen-id', protection: 'sensitive' },
      { name: 'note', required: true },
    ],
  );
  await deliver(source, `编号,联系人,备注\n1,张三 ${id},好\n2,李四（${id}）,\n`);
  const token = testToken('citizen-id', id);
  expect(await rows(source)).toEqual([{ _row: 1, no: '1', person: token, note: '好' }]);
  expect(await bench.lake.query('SELECT cells, raw FROM ex.quarantine')).toEqual([
    { cells: JSON.stringify({ no: '2', person: token, note: '' }), raw: '{"编号":"2","联系人":"***","备注":""}' },
  ]);
  const leaf = await bench.lake.first<{ l: Uint8Array }>(`SELECT _leaf AS l FROM ${rawTable(source.id)}`);
  expect(Buffer.from(leaf!.l)).toEqual(leafOf(['1', `张三 ${id}`, '好']));
  await bench.lake.define(['CHECKPOINT']);
  for (const name of readdirSync(bench.folder).filter((n) => n.startsWith('lake')))
    expect(readFileSync(`${bench.folder}/${name}`).includes(id)).toBe(false);
});

test('where a sensitive field may be made of any column, nothing of the delivered text is kept', async () => {
  const own = [
    { name: 'person', format: 'citizen-id', protection: 'sensitive' },
    { name: 'note', required: true },
  ];
  const sql = 'WITH a AS (FROM received) SELECT _row, x AS person, note FROM a';
  await deliver(mapped(sql, { key: [] }, own), 'x,note\nab12,\n');
  expect(await bench.lake.query('SELECT raw FROM ex.quarantine')).toEqual([{ raw: '{"x":"***","note":"***"}' }]);
});

test('changes without their trace columns are refused', async () => {
  const source = mapped('SELECT k AS no FROM received', { mode: 'changes' }, [{ name: 'no' }]);
  const [code, problem] = await refused(source, 'k\na\n');
  expect([code, problem.place?.field]).toEqual(['exchange.contract.column-missing', 'dsc_biz_operation']);
});

test('changes keep their operation and instant through a mapping', async () => {
  const source = mapped('SELECT upper(k) AS no FROM received', { mode: 'changes' }, [{ name: 'no', required: true }]);
  const head = 'k,dsc_biz_operation,dsc_biz_timestamp\n';
  const { counts } = await deliver(source, `${head}a,I,2026-01-01 00:00:00\na,D,2026-01-02 00:00:00\nb,X,2026-01-02\n`);
  expect(counts).toEqual([3, 2, 1, 0, 0]);
  expect(await bench.lake.query(`SELECT no, _op, _ts FROM ${rawTable(source.id)} ORDER BY _row`)).toEqual([
    { no: 'A', _op: 'I', _ts: '2025-12-31T16:00:00.000Z' },
    { no: 'A', _op: 'D', _ts: '2026-01-01T16:00:00.000Z' },
  ]);
});

test('JSON lines are mapped by their members, null where a row does not name one', async () => {
  const source = mapped(
    'SELECT a AS no, coalesce(b, c) AS v FROM received',
    { transport: { kind: 'file', format: 'jsonl' } },
    [{ name: 'no' }, { name: 'v' }],
  );
  const { counts } = await deliver(source, '{"a":1,"b":"x"}\n{"c":"y","a":2}\n[1]\n', 'rows.jsonl');
  expect(counts).toEqual([3, 2, 1, 0, 0]);
  expect(await rows(source)).toEqual([
    { _row: 1, no: '1', v: 'x' },
    { _row: 2, no: '2', v: 'y' },
  ]);
  const kept = await bench.lake.query<{ l: Uint8Array }>(`SELECT _leaf AS l FROM ${rawTable(source.id)} ORDER BY _row`);
  expect(kept.map((k) => Buffer.from(k.l))).toEqual([leafOf(['1', 'x', null]), leafOf(['2', null, 'y'])]);
});

test('a sample is judged through the mapping', async () => {
  const says = async (text: string, sql = SQL) =>
    (await checkSample(mapped(sql), bench.file('sample.csv', text))).map((p) => [p.kind.code, p.place?.line]);
  expect(await says(`${HEAD}A1,浙江 宁波,1\n`)).toEqual([]);
  expect(await says(`${HEAD}A1,浙江 宁波,1\nA2,浙江,2\n`)).toEqual([['exchange.sample.row', 3]]);
  expect((await says(`${HEAD}A1,浙江 宁波,1\n`, SQL.replace(';', " WHERE 编号 = 'x'")))[0]![0]).toBe(
    'exchange.mapping.rows',
  );
});
