import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { type ErasureWork, telling } from '../platform/personal.ts';
import { settle } from './archiving.ts';
import { pdf } from './demo/pdf.ts';
import { archivesHolder } from './erase.ts';
import { archiveMigrations } from './module.ts';
import { refresh } from './store.ts';
import { ArchiveRoom, archivist, officer, stranger } from './testing.ts';

const number = '330282199003071237';
const work: ErasureWork = {
  subject: { erasure: 1, norm: 'n', citizen: ['c~mine'], own: [] },
  ...{
    plain: telling([number]),
    names: ['欧阳擎苍'],
    at: new Date('2026-03-05T00:00:00Z'),
    signal: new AbortController().signal,
  },
};
const described = {
  ...{ category: 'WS', year: 2026, retention: 'Y', unit: 'BGS', date: '2026-02-03' },
  ...{ responsible: '市场监管局', secrecy: 'public', opening: 'open', documentNumber: '慈市监许〔2026〕7号' },
};
const document = pdf([{ heading: '决定书' }, '同意。']);
let store: TestDb;
let room: ArchiveRoom;
beforeAll(async () => {
  store = await testStore([archiveMigrations]);
  room = new ArchiveRoom(store.db);
}, 60_000);
afterAll(async () => {
  room.end();
  await store.end();
});

async function kept(title: string): Promise<number> {
  const { id } = await room.call(officer, 'POST', '', { body: { metadata: { ...described, title } } });
  const query = { name: '决定书.pdf', sha256: createHash('sha256').update(document).digest('hex') };
  await room.call(officer, 'POST', '/{id}/files', { params: { id }, query, file: document });
  await room.call(officer, 'POST', '/{id}/submit', { params: { id } });
  await room.work();
  await room.call(archivist, 'POST', '/{id}/take-in', { params: { id }, body: {} });
  await room.seals.signAll();
  await settle(room.deps);
  return id;
}
const everything = async (except: readonly string[] = []): Promise<string[]> => {
  const rows: string[] = [];
  for (const t of ['archive', 'file', 'generation', 'step', 'examination'])
    for (const { r } of await store.db.query<{ r: Record<string, unknown> }>(
      `SELECT to_jsonb(x) AS r FROM archives.${t} x`,
    ))
      rows.push(`${t} ${JSON.stringify(Object.fromEntries(Object.entries(r).filter(([c]) => !except.includes(c))))}`);
  return rows.sort();
};
const found = async (as: typeof officer, q: string): Promise<number[]> =>
  ((await room.call(as, 'GET', '', { query: { q } })).items as { id: number }[]).map((i) => i.id);

test('an archive that says the number is kept as it was sealed and leaves the search; others are found as before', async () => {
  const mine = await kept(`关于欧阳擎苍（${number}）低保申请的批复`);
  const longer = await kept(`合同9${number}号的批复`);
  const namesake = await kept('关于欧阳擎苍先生提案的答复');
  expect(await found(officer, '欧阳擎苍')).toEqual(expect.arrayContaining([mine, namesake]));
  expect(await found(archivist, number)).toEqual(expect.arrayContaining([mine, longer]));
  expect(await found(stranger, '低保')).toEqual([mine]);
  const before = await everything();
  const without = await everything(['haystack', 'tokens', 'restricted', 'controlled']);
  const held = archivesHolder({ db: store.db });
  expect(await held.find(work.subject, work)).toMatchObject([{ place: 'archives', count: 1, action: 'keep' }]);
  expect(await everything()).toEqual(before);

  expect((await held.erase(work)).done).toMatchObject([{ place: 'archives', count: 1, action: 'keep' }]);
  // What is archived and sealed is as it was; only what the search reads of this one is gone.
  expect(await everything(['haystack', 'tokens', 'restricted', 'controlled'])).toEqual(without);
  const changed = (await everything()).filter((r) => !before.includes(r));
  expect(changed.map((r) => [r.slice(0, 8), r.includes(`"id":${mine},`)])).toEqual([['archive ', true]]);
  expect(await found(officer, '欧阳擎苍')).toEqual([namesake]);
  expect(await found(archivist, number)).toEqual([longer]);
  expect(await found(stranger, '低保')).toEqual([]);
  const { reference } = await room.call(archivist, 'GET', '/{id}', { params: { id: mine } });
  expect(await found(archivist, reference)).toEqual([mine]);
  await expect(room.call(stranger, 'GET', '/{id}', { params: { id: mine } })).rejects.toThrow('archives.unknown');
  // What is written anew of it later does not bring it back.
  await store.db.tx((trx) => refresh(trx, mine));
  expect(await found(officer, '欧阳擎苍')).toEqual([namesake]);
  const once = await everything();
  expect((await held.erase(work)).done).toMatchObject([{ count: 1 }]);
  expect(await everything()).toEqual(once);
}, 120_000);
