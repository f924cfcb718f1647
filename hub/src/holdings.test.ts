/** What the rooms say that people and organisations hold is asked of a store with every room's tables. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pages } from '../../web/console/src/pages.ts';
import { migrationSets } from './migrations.ts';
import { type TestDb, testPglite } from './platform/db/testing.ts';
import { type HoldingKind, heldBy, ownHoldings } from './platform/people/index.ts';
import { allRooms } from './rooms.ts';

let store: TestDb;
let kinds: readonly HoldingKind[];
beforeAll(async () => {
  const rooms = allRooms();
  kinds = [...ownHoldings, ...rooms.flatMap((room) => room.holdings ?? [])];
  store = await testPglite(migrationSets(rooms));
}, 120_000);
afterAll(() => store.end());

const ID = '6f1c1c9e-0000-4000-8000-000000000001';
const at = () => ({ db: store.db, today: '2026-03-02' });

test('every kind can be asked of its table, has a name of its own and leads to a page that exists', async () => {
  const names = kinds.map((k) => k.kind);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(30);
  const paths = new Set<string>(pages.map((p) => p.path));
  expect(kinds.filter((k) => !paths.has(k.page)).map((k) => [k.kind, k.page])).toEqual([]);
  for (const k of kinds) {
    const found = await heldBy([k], [{ holder: k.of, key: k.of === 'account' ? ID : 'nobody' }], at()).catch(
      (error) => error,
    );
    expect([k.kind, found]).toEqual([k.kind, []]);
  }
});

test('what is open is counted under the one who holds it, what is over is not', async () => {
  const { db } = store;
  await db.query(`INSERT INTO sharing.request (requester, provider, entry, sharing, state, content, created_by, created_at, submitted_at)
    VALUES ('mzj', 'scjg', 'scjg.a', 'conditional', 'deciding', '{}', 'mzj-officer', now(), now()),
      ('mzj', 'scjg', 'scjg.a', 'conditional', 'draft', '{}', 'mzj-officer', now(), NULL),
      ('mzj', 'scjg', 'scjg.a', 'conditional', 'granted', '{}', 'mzj-officer', now(), now())`);
  const of = async (holder: 'organisation' | 'login', key: string) =>
    (await heldBy(kinds, [{ holder, key }], at())).map((h) => [h.kind, h.count]);
  expect(await of('organisation', 'mzj')).toEqual([['sharing.asked', 2]]);
  expect(await of('organisation', 'scjg')).toEqual([['sharing.received', 1]]);
  expect(await of('login', 'mzj-officer')).toEqual([['sharing.drafts', 1]]);
});
