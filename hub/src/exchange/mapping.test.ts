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
const steward: Principal = {
  ...{ userId: '1', login: 'li', name: '李', organisation: null, sessionId: 's', purpose: null },
  ...{ roles: ['data-steward'], permissions: permissionsOf(['data-steward']) },
};
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
  const page = await quarantine.list(quarantineQuery.parse({}), steward);
  expect(page.items[0]!.cells.map((c) => c.value)).toEqual(['A1', '浙江', '', '10000.00']);
  await quarantine.mend(answer.run, 1, { city: '宁波' }, steward);
  expect(await quarantine.release({ source: source.id }, steward)).toMatchObject({ released: 1, kept: 2 });
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

const HARD = `SELECT 编号 AS no, 省市 AS province, 省市 AS city, CAST(nullif(金额万元, '') AS DECIMAL(18, 2)) * 10000 AS amount
FROM received`;

test('a row with a value that the mapping cannot bear waits with its field, whatever may be null; the others enter', async () => {
  const own = [...fields, { name: 'day', type: 'date' }];
  const sql = HARD.replace(' * 10000 AS amount', ' * 10000 AS amount, CAST(nullif(日期, \'\') AS DATE) AS "day"');
  const source = mapped(sql, {}, own);
  const content = `编号,省市,金额万元,日期\nA1,甲,1,2026-01-02\nA2,乙,许多,2026-01-02\nA3,丙,,\nA4\nA5,戊,"1,5",昨天\nA6,己,2,今天\n`;
  const { counts, answer } = await deliver(source, content);
  expect(counts).toEqual([6, 2, 4, 0, 0]);
  expect(await rows(source)).toMatchObject([
    { no: 'A1', amount: '10000.00', day: '2026-01-02' },
    { no: 'A3', amount: null, day: null },
  ]);
  const kept = await bench.lake.query(
    'SELECT row, line, field, rule, params, cells, raw FROM ex.quarantine ORDER BY row',
  );
  const rule = 'mapping-cast';
  expect(kept).toEqual([
    {
      ...{ row: 2, line: 3, field: 'amount', rule, params: '{"fields":"amount"}' },
      cells: '{"no":"A2","province":"乙","city":"乙","amount":null,"day":"2026-01-02"}',
      raw: '{"编号":"A2","省市":"乙","金额万元":"许多","日期":"2026-01-02"}',
    },
    expect.objectContaining({ row: 4, rule: 'columns-few' }),
    expect.objectContaining({ row: 5, line: 6, field: 'amount', rule, params: '{"fields":"amount, day"}' }),
    expect.objectContaining({ row: 6, line: 7, field: 'day', rule, params: '{"fields":"day"}' }),
  ]);
  const run = await bench.lake.first<{ root: Uint8Array }>('SELECT root FROM ex.run');
  const leaves = [['A1', '甲', '1', '2026-01-02'], ['A2', '乙', '许多', '2026-01-02'], ['A3', '丙', '', ''], ['A4']];
  const more = [
    ['A5', '戊', '1,5', '昨天'],
    ['A6', '己', '2', '今天'],
  ];
  expect(Buffer.from(run!.root)).toEqual(Buffer.from(rootOf([...leaves, ...more].map(leafOf))!.digest));

  // What the mapping could not answer is not released as if it were empty: a person says what it is, of every field.
  const quarantine = new Quarantine(bench, () => ({ declaration: source, version: 1 }));
  expect(await quarantine.release({ source: source.id }, steward)).toMatchObject({ released: 0, kept: 4 });
  await quarantine.mend(answer.run, 2, { amount: '30000' }, steward);
  await quarantine.mend(answer.run, 5, { amount: '15000' }, steward);
  expect(await quarantine.release({ source: source.id }, steward)).toMatchObject({ released: 1, kept: 3 });
  await quarantine.mend(answer.run, 5, { day: '' }, steward);
  expect(await quarantine.release({ source: source.id }, steward)).toMatchObject({ released: 1, kept: 2 });
  const page = await quarantine.list(quarantineQuery.parse({ status: 'open' }), steward);
  expect(page.items.map((i) => i.sentence.zh)).toContain('映射无法由该行的值得出：day。');
});

test('which rows wait does not depend on how many there are or where they stand', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('1', '2.5', 'x', '', '1e400'), { minLength: 1, maxLength: 30 }),
      async (amounts) => {
        const own = await openBench();
        try {
          const source = mapped(HARD);
          await own.define(source);
          const content = amounts.map((a, i) => `N${i},甲,${a}\n`).join('');
          const done = await collect(own, { source, declaration: 1, path: own.file('p.csv', HEAD + content) });
          const bad = amounts.flatMap((a, i) => (a === 'x' || a === '1e400' ? [i + 1] : []));
          const waits = await own.lake.query<{ row: number }>(
            "SELECT row FROM ex.quarantine WHERE rule = 'mapping-cast' AND field = 'amount' ORDER BY row",
          );
          expect(waits.map((w) => w.row)).toEqual(bad);
          expect(done).toMatchObject({ received: amounts.length, accepted: amounts.length - bad.length });
        } finally {
          await own.close();
        }
      },
    ),
    { numRuns: 8 },
  );
});

test('a mapping that cannot be taken apart refuses the delivery and names the first row and its field, never the value', async () => {
  const statements = {
    with: `WITH r AS (${HARD.replace('SELECT', 'SELECT _row,')}) SELECT * FROM r`,
    alias: HARD.replace('编号 AS no', "编号 AS no, CAST(nullif(金额万元, '') AS DECIMAL(18, 2)) AS whole").replace(
      /CAST\(nullif\(金额万元, ''\) AS DECIMAL\(18, 2\)\) \* 10000/,
      'whole * 10000',
    ),
    where: `${HARD} WHERE coalesce(CAST(金额万元 AS DECIMAL(18, 2)), 0) >= 0`,
  };
  for (const [kind, sql] of Object.entries(statements)) {
    const value = '"330282\'1990\n01011234"';
    const [code, problem] = await refused(mapped(sql), `${HEAD}A1,甲,1\nA2\nA3,丙,${value}\nA4,丁,x\nA5,戊,5\n`);
    expect([kind, code]).toEqual([kind, 'exchange.mapping.failed']);
    const field = kind === 'where' ? 'no' : 'amount';
    expect([kind, problem.place]).toEqual([kind, { file: expect.stringMatching(/csv$/), row: 3, line: 4, field }]);
  }
  const kept = await bench.lake.query<{ p: string }>('SELECT problem::VARCHAR AS p FROM ex.refusal');
  expect(kept.length).toBe(3);
  expect(JSON.stringify(kept)).not.toMatch(/330282|1990|01011234/);
  // Where only all rows together fail, none is blamed.
  const together = `SELECT _row, 编号 AS no, 省市 AS province, 省市 AS city,
    CAST(string_agg(金额万元, '-') OVER () AS DECIMAL(18, 2)) AS amount FROM received ORDER BY 编号`;
  const [, problem] = await refused(mapped(together), `${HEAD}A1,甲,1\nA2,乙,2\n`);
  expect(problem.place).toEqual({ file: expect.stringMatching(/csv$/) });
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
