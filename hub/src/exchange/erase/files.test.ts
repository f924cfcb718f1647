import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderBlobs } from '../../platform/blobs/index.ts';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { exchangeTables } from '../tables.ts';
import { declare } from '../testing.ts';
import { cutFiles } from './files.ts';

let folder: string;
let lake: Lake;
let blobs: FolderBlobs;
const at = new Date('2026-11-22T00:00:00Z');
const source = declare(['nm']);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-cut-'));
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define(exchangeTables);
  blobs = new FolderBlobs(join(folder, 'blobs'));
});
afterAll(async () => {
  await lake.close();
  rmSync(folder, { recursive: true });
});

const put = async (...names: string[]): Promise<string> =>
  (await blobs.put([Buffer.from(['nm', ...names, ''].join('\n'))])).sha256;
const textOf = async (blob: string): Promise<string[]> => {
  const chunks: Uint8Array[] = [];
  for await (const c of blobs.get(blob)) chunks.push(c);
  return Buffer.concat(chunks).toString().trim().split('\n').slice(1);
};
const received = (run: number, blob: string, rows: number) =>
  lake.write('test', (s) =>
    s.run(
      `INSERT INTO ex.run (run, source, blob, received, kind) VALUES (${run}, 'ts.rows', '${blob}', ${rows}, 'collect')`,
    ),
  );
const erased = (run: number, row: number, erasure: number) =>
  lake.write('test', (s) =>
    s.run(
      `INSERT INTO ex.erased (run, row, source, place, erasure, whole) VALUES (${run}, ${row}, 'ts.rows', 'accepted', ${erasure}, true)`,
    ),
  );
const cut = () => cutFiles({ lake, blobs, work: join(folder, 'work') }, () => source, at);
const standing = async (blob: string): Promise<string | null> =>
  (await lake.first<{ r: string | null }>(
    'SELECT arg_max(replacement, turn) AS r FROM ex.cut_file WHERE blob = $blob',
    {
      blob,
    },
  ))!.r;

test('a file that several runs received is cut once; what is left of one file may be another’s, or a delivery, and stays for it', async () => {
  // Two originals of which the same is left, the one received twice; and a delivery that is what will be left of a third.
  const [one, two] = [await put('甲', '乙', '丙'), await put('丁', '乙', '丙')];
  const [three, rest] = [await put('戊', '己'), await put('己')];
  await received(1, one, 3);
  await received(2, one, 3);
  await received(3, two, 3);
  await received(4, three, 2);
  await received(5, rest, 1);
  for (const run of [1, 2, 3, 4]) await erased(run, 1, 1);
  // The order and the look at what came since at once.
  const [first, second] = await Promise.all([cut(), cut()]);
  expect([first.map((c) => c.run), second]).toEqual([[1, 3, 4], []]);
  const left = await standing(one);
  expect([await standing(two), await standing(three)]).toEqual([left, rest]);
  expect(await textOf(left!)).toEqual(['乙', '丙']);
  for (const blob of [one, two, three]) expect([blob, await blobs.has(blob)]).toEqual([blob, false]);
  expect(await textOf(rest)).toEqual(['己']);

  // Another person stands in the first only as far as the orders know, then in both: each time what the other file stands for is there.
  await erased(1, 2, 2);
  await erased(2, 2, 2);
  await cut();
  expect(await textOf((await standing(one))!)).toEqual(['丙']);
  expect(await textOf((await standing(two))!)).toEqual(['乙', '丙']);
  await erased(3, 2, 2);
  await cut();
  expect(await textOf((await standing(two))!)).toEqual(['丙']);
  expect(await blobs.has(left!)).toBe(false);

  // The delivery's own row: the third file's rest is the same bytes and goes on for nobody else.
  await erased(4, 2, 3);
  await cut();
  expect(await textOf((await standing(three))!)).toEqual([]);
  expect(await textOf(rest)).toEqual(['己']);
  expect(await lake.query('SELECT count(*) AS n FROM ex.cut_file')).toEqual([{ n: 6 }]);
});
