import { afterEach, beforeEach, expect, test } from 'vitest';
import { Catalogue } from '../catalogue/index.ts';
import { collect } from './collect.ts';
import { checkExchange } from './fsck.ts';
import { declare, openBench, type TestBench } from './testing.ts';

const source = declare([{ name: 'a', required: true }, 'b']);
let bench: TestBench;
let catalogue: Catalogue;

beforeEach(async () => {
  bench = await openBench();
  await bench.define(source);
  catalogue = new Catalogue([{ declaration: source, version: 1 } as never], [], []);
  const path = bench.file('x.csv', 'a,b\n1,x\n2,y\n1,x\n,z\n3,w\n');
  await collect(bench, { source, declaration: 1, path });
});
afterEach(() => bench.close());

test('a lake that is whole has no fault, its trees among it', async () => {
  const found = await checkExchange(bench.lake, catalogue, { trees: true });
  expect(found).toEqual({ runs: 1, rows: 5, problems: [] });
});

test('a row that is gone is found by its count and by the root', async () => {
  await bench.lake.define(["DELETE FROM raw.ts_rows WHERE a = '2'"]);
  const found = await checkExchange(bench.lake, catalogue, { trees: true });
  expect(found.problems.map((p) => p.kind.code)).toEqual(['exchange.fsck.counts', 'exchange.fsck.root']);
  expect(found.problems[0]?.params).toMatchObject({ run: 1, what: 'accepted', expected: 3, found: 2 });
});

test('a leaf that was changed is found by the root only', async () => {
  await bench.lake.define(["UPDATE raw.ts_rows SET _leaf = unhex(repeat('00', 32)) WHERE a = '3'"]);
  expect((await checkExchange(bench.lake, catalogue, { trees: false })).problems).toEqual([]);
  const found = await checkExchange(bench.lake, catalogue, { trees: true });
  expect(found.problems.map((p) => p.kind.code)).toEqual(['exchange.fsck.root']);
});
