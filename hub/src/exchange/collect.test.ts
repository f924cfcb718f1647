import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceDeclaration } from '../catalogue/index.ts';
import { Problem } from '../platform/problem.ts';
import { collect } from './collect.ts';
import { follow } from './hash/tree.ts';
import { rawTable } from './names.ts';
import { proofOfRow } from './proof.ts';
import { declare, openBench, type TestBench, testToken } from './testing.ts';

let bench: TestBench;
let files = 0;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const keyed = declare(['k', 'v'], { key: ['k'] });
async function deliver(source: SourceDeclaration, content: string | Uint8Array) {
  await bench.define(source);
  const path = bench.file(`d${files++}.csv`, content);
  const answer = await collect(bench, { source, declaration: 1, path });
  if (answer.already) return answer;
  const run = await bench.lake.first('SELECT received, accepted, quarantined, duplicate FROM ex.run WHERE run = $run', {
    run: answer.run,
  });
  const { received, accepted, quarantined, duplicate } = answer;
  expect(run).toEqual({ received, accepted, quarantined, duplicate });
  expect(received).toBe(accepted + quarantined + duplicate);
  const counted = await bench.lake.first(
    `SELECT (SELECT count(*) FROM ${rawTable(source.id)} WHERE _run = $run) AS accepted,
            (SELECT count(*) FROM ex.quarantine WHERE run = $run) AS quarantined,
            (SELECT count(*) FROM ex.duplicate WHERE run = $run) AS duplicate`,
    { run: answer.run },
  );
  expect(counted).toEqual({ accepted, quarantined, duplicate });
  return answer;
}
const counts = (a: Awaited<ReturnType<typeof deliver>>) =>
  a.already ? `already ${a.run}` : [a.received, a.accepted, a.quarantined, a.duplicate, a.vanished];
const problem = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.catch((e) => e);
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
};

test('a run is in the lake with its receipt, its rows, its quarantine and its duplicates', async () => {
  const answer = await deliver(keyed, 'k,v\n1,a\n2,b\n1,a\n3\n4,d\n1,a\n');
  expect(counts(answer)).toEqual([6, 3, 1, 2, 0]);
  expect(await bench.lake.query(`SELECT _run, _row, _op, k, v FROM ${rawTable(keyed.id)} ORDER BY _row`)).toEqual([
    { _run: 1, _row: 1, _op: 'I', k: '1', v: 'a' },
    { _run: 1, _row: 2, _op: 'I', k: '2', v: 'b' },
    { _run: 1, _row: 5, _op: 'I', k: '4', v: 'd' },
  ]);
  expect(await bench.lake.query('SELECT row, of_run, of_row FROM ex.duplicate ORDER BY row')).toEqual([
    { row: 3, of_run: 1, of_row: 1 },
    { row: 6, of_run: 1, of_row: 1 },
  ]);
  expect(await bench.lake.query('SELECT row, line, rule, raw, status FROM ex.quarantine')).toEqual([
    { row: 4, line: 5, rule: 'columns-few', raw: '3', status: 'open' },
  ]);
  expect(readdirSync(bench.work)).toEqual([]);
});

test('a snapshot that comes again keeps only what is new, and tells what vanished or was replaced', async () => {
  expect(counts(await deliver(keyed, 'k,v\n1,a\n2,b\n3,c\n'))).toEqual([3, 3, 0, 0, 0]);
  expect(counts(await deliver(keyed, 'k,v\n1,a\n2,B\n'))).toEqual([2, 1, 0, 1, 2]);
  expect(await bench.lake.query('SELECT of_run, of_row, replaced FROM v.vanished_v1 ORDER BY of_row')).toEqual([
    { of_run: 1, of_row: 2, replaced: true },
    { of_run: 1, of_row: 3, replaced: false },
  ]);
  // What vanished and comes back is new, since the row of the first run is over.
  expect(counts(await deliver(keyed, 'k,v\n1,a\n2,b\n3,c\n'))).toEqual([3, 2, 0, 1, 1]);
});

test('the same bytes are recognised and not taken twice', async () => {
  expect(counts(await deliver(keyed, 'k,v\n1,a\n'))).toEqual([1, 1, 0, 0, 0]);
  expect(counts(await deliver(keyed, 'k,v\n1,a\n'))).toBe('already 1');
  expect(await bench.lake.first('SELECT count(*) AS n FROM ex.run')).toEqual({ n: 1 });
});

test('a bad row that comes again waits in quarantine once, and its key has not vanished', async () => {
  const strict = declare(['k', { name: 'v', required: true }], { key: ['k'] });
  expect(counts(await deliver(strict, 'k,v\n1,a\n2,b\n'))).toEqual([2, 2, 0, 0, 0]);
  expect(counts(await deliver(strict, 'k,v\n1,a\n2,\n'))).toEqual([2, 0, 1, 1, 0]);
  expect(counts(await deliver(strict, 'k,v\n1,A\n2,\n'))).toEqual([2, 1, 0, 1, 1]);
  expect(await bench.lake.first('SELECT count(*) AS n FROM ex.quarantine')).toEqual({ n: 1 });
});

test('changes delivered twice are duplicates, and nothing vanishes', async () => {
  const changes = declare(['k', 'v'], { key: ['k'], mode: 'changes' });
  const head = 'k,v,dsc_biz_operation,dsc_biz_timestamp\n';
  expect(counts(await deliver(changes, `${head}1,a,I,2026-01-01 00:00:00\n`))).toEqual([1, 1, 0, 0, 0]);
  const second = await deliver(
    changes,
    `${head}1,a,I,2026-01-01 00:00:00\n1,b,U,2026-01-02 00:00:00\n1,b,D,2026-01-03 00:00:00\n`,
  );
  expect(counts(second)).toEqual([3, 2, 0, 1, 0]);
  expect(await bench.lake.query(`SELECT _op, _ts FROM ${rawTable(changes.id)} ORDER BY _run, _row`)).toEqual([
    { _op: 'I', _ts: '2025-12-31T16:00:00.000Z' },
    { _op: 'U', _ts: '2026-01-01T16:00:00.000Z' },
    { _op: 'D', _ts: '2026-01-02T16:00:00.000Z' },
  ]);
});

test('sensitive values are tokens wherever they are kept, and leaves are of the originals', async () => {
  const id = '330282199001011234';
  const source = declare(
    ['k', { name: 'person', format: 'citizen-id', protection: 'sensitive' }, { name: 'v', required: true }],
    { key: ['k'] },
  );
  expect(counts(await deliver(source, `k,person,v\n1,${id},x\n2,,y\n3,${id},\n4,${id}\n`))).toEqual([4, 2, 2, 0, 0]);
  const token = testToken('citizen-id', id);
  expect(await bench.lake.query(`SELECT person FROM ${rawTable(source.id)} ORDER BY _row`)).toEqual([
    { person: token },
    { person: '' },
  ]);
  expect(await bench.lake.query('SELECT cells, raw FROM ex.quarantine ORDER BY row')).toEqual([
    { cells: JSON.stringify({ k: '3', person: token, v: '' }), raw: null },
    { cells: null, raw: '4,******' },
  ]);
  const leaf = (await bench.lake.first<{ l: Uint8Array }>(
    `SELECT _leaf AS l FROM ${rawTable(source.id)} WHERE _row = 1`,
  ))!.l;
  expect(Buffer.from(leaf)).toEqual(
    createHash('sha256')
      .update(JSON.stringify(['1', id, 'x']))
      .digest(),
  );
});

test('a delivery that must be refused leaves a refusal with its reason and nothing else', async () => {
  await bench.define(keyed);
  for (const [content, code] of [
    ['', 'exchange.file.empty'],
    ['k,v\n', 'exchange.file.header-only'],
    ['k;v\n1;2\n', 'exchange.file.delimiter'],
    ['k,v,w\n1,2,3\n', 'exchange.contract.column-extra'],
    ['k\n1\n', 'exchange.contract.column-missing'],
  ] as const) {
    const refused = await problem(deliver(keyed, content));
    expect(refused.kind.code).toBe(code);
    expect(refused.place?.file).toMatch(/^d\d+\.csv$/);
  }
  const kept = await bench.lake.query<{ code: string }>("SELECT problem->>'code' AS code FROM ex.refusal ORDER BY id");
  expect(kept.length).toBe(5);
  expect(kept.at(-1)).toEqual({ code: 'exchange.contract.column-missing' });
  expect(await bench.lake.first('SELECT count(*) AS n FROM ex.run')).toEqual({ n: 0 });
});

test('what is remarked on a run is kept with it: ignored columns, expectations', async () => {
  const source = declare(['k', 'v'], { contract: 'discard', expect: { minRows: 5, maxQuarantinedShare: 0.1 } });
  const answer = await deliver(source, 'k,v,w\n1,2,3\n4,5\n');
  expect(answer.already ? [] : answer.notices.map((n) => n.kind.code)).toEqual([
    'exchange.contract.columns-ignored',
    'exchange.expect.too-few',
    'exchange.expect.quarantined-share',
  ]);
});

test('a snapshot with fewer rows than expected closes nothing', async () => {
  const source = declare(['k', 'v'], { key: ['k'], expect: { minRows: 2 } });
  await deliver(source, 'k,v\n1,a\n2,b\n');
  expect(counts(await deliver(source, 'k,v\n1,a\n'))).toEqual([1, 0, 0, 1, 0]);
});

test('JSON lines: numbers keep their digits, null and absent are null, what is no object is set apart', async () => {
  const source = declare(['k', 'v'], { transport: { kind: 'file', format: 'jsonl' } });
  const lines = [
    '{"k": 1.10, "v": "\\u7ecf\\n"}',
    '{"v":null,"k":[1, 2]}',
    '{"k":"x"}',
    '[1]',
    '{"k":',
    '',
    '{"k":"\\ud800"}',
  ];
  expect(counts(await deliver(source, lines.join('\n')))).toEqual([6, 3, 3, 0, 0]);
  expect(await bench.lake.query(`SELECT k, v FROM ${rawTable(source.id)} ORDER BY _row`)).toEqual([
    { k: '1.10', v: '经\n' },
    { k: '[1, 2]', v: null },
    { k: 'x', v: null },
  ]);
  expect(await bench.lake.query('SELECT line, rule FROM ex.quarantine ORDER BY row')).toEqual([
    { line: 4, rule: 'json' },
    { line: 5, rule: 'json' },
    { line: 7, rule: 'encoding' },
  ]);
});

test('Parquet is read value by value as text', async () => {
  const source = declare(['k', 'v'], { transport: { kind: 'file', format: 'parquet' } });
  const path = `${bench.folder}/x.parquet`;
  await bench.lake.define([
    `COPY (SELECT i AS k, DATE '2026-01-01' + i::INTEGER AS v FROM range(3) r(i)) TO '${path}' (FORMAT parquet)`,
  ]);
  await bench.define(source);
  const answer = await collect(bench, { source, declaration: 1, path });
  expect(counts(answer as never)).toEqual([3, 3, 0, 0, 0]);
  expect(await bench.lake.query(`SELECT k, v FROM ${rawTable(source.id)} ORDER BY _row LIMIT 1`)).toEqual([
    { k: '0', v: '2026-01-01' },
  ]);
  const refused = await problem(deliver(source, 'no parquet at all'));
  expect(refused.kind.code).toBe('exchange.file.unreadable');
});

test('every row of a run proves that it stands in the tree, also across blocks', async () => {
  const source = declare(['k', 'v']);
  const rows = Array.from({ length: 140_000 }, (_, i) =>
    i % 1000 === 7 ? `bad${i}` : i % 1000 === 9 ? 'same,row' : `${i},v${i}`,
  );
  const answer = await deliver(source, `k,v\n${rows.join('\n')}\n`);
  expect(counts(answer)).toEqual([140_000, 140_000 - 140 - 139, 140, 139, 0]);
  for (const row of [1, 8, 1010, 65_536, 65_537, 131_072, 131_073, 139_999, 140_000]) {
    const proof = await proofOfRow(bench.lake, () => source, 1, row);
    const text = rows[row - 1]!;
    const leaf = createHash('sha256')
      .update(JSON.stringify(text.includes(',') ? text.split(',') : [text]))
      .digest();
    expect(proof.leaf).toBe(leaf.toString('hex'));
    const steps = proof.path.map((s) => ({
      side: s.side,
      digest: Buffer.from(s.imprint.slice(2), 'hex'),
      level: s.level,
    }));
    expect(`01${Buffer.from(follow(leaf, steps)).toString('hex')}`).toBe(proof.root);
  }
  expect((await problem(proofOfRow(bench.lake, () => source, 1, 140_001))).kind.code).toBe('exchange.run.row-unknown');
});

test('a collection that is cancelled leaves nothing', async () => {
  await bench.define(keyed);
  const path = bench.file('big.csv', `k,v\n${Array.from({ length: 200_000 }, (_, i) => `${i},x`).join('\n')}`);
  const stop = new AbortController();
  const work = collect(bench, { source: keyed, declaration: 1, path, signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  expect((await problem(work)).kind.code).toBe('exchange.collect.cancelled');
  expect(await bench.lake.first('SELECT count(*) AS n FROM ex.run')).toEqual({ n: 0 });
  expect(await bench.lake.first(`SELECT count(*) AS n FROM ${rawTable(keyed.id)}`)).toEqual({ n: 0 });
});
