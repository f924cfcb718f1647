import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkSample } from './sample.ts';
import { declare, openBench, type TestBench } from './testing.ts';

let bench: TestBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());
const source = declare([{ name: 'k', required: true }, 'v']);
const said = async (text: string) =>
  (await checkSample(source, bench.file('sample.csv', text))).map((p) => [p.kind.code, p.place?.line]);

test('a sample that a delivery could be passes', async () => {
  expect(await said('k,v\n1,2\n')).toEqual([]);
});

test('rows that would be quarantined are told with their lines; a refused sample with its reason', async () => {
  expect(await said('k,v\n1,2\n,2\n1\n')).toEqual([
    ['exchange.sample.row', 3],
    ['exchange.sample.row', 4],
  ]);
  expect(await said('k,w\n1,2\n')).toEqual([['exchange.contract.column-missing', 1]]);
  expect(await said('')).toEqual([['exchange.file.empty', undefined]]);
});

test('as many bad rows as the declaration expects of a delivery are no mistake', async () => {
  const rows = Array.from({ length: 39 }, (_, i) => `${i + 1},x`).join('\n');
  expect(await said(`k,v\n${rows}\n,x\n`)).toEqual([]);
});
