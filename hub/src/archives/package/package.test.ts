import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDb, testStore } from '../../platform/db/testing.ts';
import { archiveMigrations } from '../module.ts';
import { ArchiveRoom, officer } from '../testing.ts';
import { type Packed, zipOf } from './testing.ts';

let store: TestDb;
let room: ArchiveRoom;
beforeAll(async () => {
  store = await testStore([archiveMigrations]);
  room = new ArchiveRoom(store.db, { fileMiB: 1, files: 5 });
});
afterAll(async () => {
  room.end();
  await store.end();
});

const take = (files: readonly Packed[] | Buffer<ArrayBufferLike>) =>
  room.call(officer, 'POST', '/packages', {
    query: { name: '归档包.zip' },
    file: Buffer.isBuffer(files) ? files : zipOf(files as readonly Packed[]),
  });
const notes = '会议记录';
const sha256 = createHash('sha256').update(notes).digest('hex');
const json = (more: object = {}, files: object[] = [{ name: '记录.txt', sha256, bytes: 12 }]) =>
  JSON.stringify({
    metadata: { 题名: '纪要', 年度: '2026', 保管期限: '永久', unit: 'BGS', 门类: '文书档案', ...more },
    files,
  });

test('metadata in JSON, XML and CSV, named in Chinese or English, make the same archive', async () => {
  const xml = `<?xml version="1.0"?><包><元数据><题名>纪要</题名><年度>2026</年度><保管期限>永久</保管期限><unit>BGS</unit><门类>文书档案</门类></元数据>
    <文件><文件名>记录.txt</文件名><摘要>${sha256}</摘要><大小>12</大小></文件></包>`;
  const csv = '项目,值\n题名,纪要\n年度,2026\n保管期限,永久\nunit,BGS\n门类,文书档案\n';
  const list = `文件名,摘要,大小\n记录.txt,${sha256},12\n`;
  const text = { name: '记录.txt', content: notes };
  for (const files of [
    [{ name: 'metadata.json', content: json() }, text],
    [
      { name: '包/metadata.xml', content: xml },
      { name: '包/记录.txt', content: notes },
    ],
    [{ name: '元数据.csv', content: csv }, { name: '文件清单.csv', content: list }, text],
  ]) {
    const made = await take(files);
    expect(made).toMatchObject({
      ...{ state: 'draft', package: true },
      metadata: { title: '纪要', year: 2026, retention: 'Y', unit: 'BGS', category: 'WS', fonds: '0057' },
      fileList: [{ name: '记录.txt', role: 'main', sha256, declaredSha256: sha256 }],
    });
  }
});

test('what a package declares wrongly is found by its checks', async () => {
  const made = await take([
    {
      name: 'metadata.json',
      content: json({ date: '2026-13-01', 文件数: 3, item: 'x', 附件题名: ['名单'] }, [
        { name: '记录.txt', sha256: '0'.repeat(64), bytes: 99 },
      ]),
    },
    { name: '记录.txt', content: notes },
  ]);
  await room.call(officer, 'POST', '/{id}/submit', { params: { id: made.id } });
  await room.work();
  const { state, examinations } = await room.call(officer, 'GET', '/{id}', { params: { id: made.id } });
  expect(state).toBe('failed');
  const failed = examinations[0].items.filter((o: { result: string }) => o.result === 'failed');
  expect(failed.map((o: { code: string }) => o.code)).toEqual(['A01', 'A03', 'A05', 'A07', 'I01', 'I02', 'I04']);
});

test('packages that cannot be taken are refused whole, with the reason, and leave nothing', async () => {
  const metadata = { name: 'metadata.json', content: json({}, []) };
  const file = { name: 'a.txt', content: 'a' };
  const before = (await room.call(officer, 'GET', '')).total;
  for (const [files, reason] of [
    [[file], 'metadata.json'],
    [[metadata, { name: '../a.txt', content: 'x' }], 'outside'],
    [[metadata, { name: 'C:/a.txt', content: 'x' }], 'outside'],
    [[metadata, ...['a', 'b', 'c'].map((name) => ({ name, content: Buffer.alloc(900_000) }))], 'larger than allowed'],
    [[metadata, { name: 'bomb', content: Buffer.alloc(2 ** 20 + 2 ** 19) }], 'beyond reason'],
    [[metadata, { name: 'liar', content: Buffer.alloc(5000), claims: 10 }], 'larger than it says'],
    [[metadata, { name: 'x', content: 'x', flags: 1 }], 'encrypted'],
    [[metadata, file, { name: 'A.TXT', content: 'b' }], 'twice'],
    [[metadata, ...[1, 2, 3, 4, 5].map((n) => ({ name: `${n}.txt`, content: 'x' }))], 'more than 5'],
    [[{ name: 'metadata.json', content: json() }, file], 'not in the package'],
    [zipOf([metadata, file]).subarray(0, 120), 'cut'],
    [Buffer.from('no zip at all'), 'cut'],
  ] as const)
    await expect(take(files as never), reason).rejects.toThrow(new RegExp(`archives\\.package.*${reason}`));
  await expect(take([{ name: 'metadata.json', content: '{' }])).rejects.toThrow('archives.metadata-unreadable');
  await expect(take([{ name: 'metadata.xml', content: '<a>' }])).rejects.toThrow('archives.metadata-unreadable');
  await expect(take(Buffer.alloc(2 ** 20 + 1))).rejects.toThrow('archives.too-large');
  expect((await room.call(officer, 'GET', '')).total).toBe(before);
  const work = join(room.folder, 'archive-work');
  expect(existsSync(work) ? readdirSync(work) : []).toEqual([]);
});
