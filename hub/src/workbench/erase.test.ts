import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authMigrations } from '../platform/auth/index.ts';
import { ManualClock } from '../platform/clock.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { type ErasureWork, telling } from '../platform/personal.ts';
import { workbenchHolder } from './erase.ts';
import { historyOf, remember } from './history.ts';
import { save, savedById, shownOf } from './saved.ts';
import { somebody } from './testing.ts';

const own = { room: 'workbench', folder: fileURLToPath(new URL('./migrations', import.meta.url)) };
const clock = new ManualClock('2026-11-22T01:00:00Z');
const token = `c~${'a'.repeat(26)}`;
const mobile = `p~${'b'.repeat(26)}`;
const theirs = `c~${'c'.repeat(26)}`;
// A landline with its area code is no number that the history masks by itself.
const landline = '0574-63981234';
const plain = telling(['330282199003071237', landline, '8123']);
const work: ErasureWork = {
  subject: { erasure: 1, norm: token, citizen: [token], own: [mobile] },
  ...{ plain, names: ['欧阳擎苍'], at: clock.now(), signal: new AbortController().signal },
};
let store: TestDb;
const user = randomUUID();
const analyst = somebody(['analyst'], { userId: user, organisation: 'scjg' });
const ports = () => ({
  ...{ db: store.db, clock, config: { workbench: { historyDays: 90, historyPerPerson: 30 } } as never },
  audit: { append: async () => undefined },
});
const body = (over: object = {}) => ({
  ...{ name: '各镇街企业数', description: '', statement: 'SELECT 1', parameters: [], chart: null },
  ...{ shared: 'own' as const, roles: [], ...over },
});

beforeAll(async () => {
  store = await testStore([authMigrations, own]);
  await store.db.query(
    `INSERT INTO auth.account (id, login, name, organisation, password_hash, password_set_at, must_change, created_at)
     VALUES ($1, 'a', 'a', 'scjg', 'x', $2, false, $2)`,
    [user, clock.now()],
  );
}, 60_000);
afterAll(() => store.end());

const everything = async (): Promise<string[]> =>
  (
    await store.db.query<{ r: unknown }>(
      'SELECT to_jsonb(x) AS r FROM workbench.history x UNION ALL SELECT to_jsonb(x) FROM workbench.saved x',
    )
  )
    .map((x) => JSON.stringify(x.r))
    .sort();

test('queries that say the person’s number or token are emptied, can still be read, and every other stays bit for bit', async () => {
  const asked = (statement: string, value = 'x') =>
    remember(ports(), user, {
      ...{ statement, parameters: [{ name: 'x', type: 'text', value }], rows: 3, ms: 1, views: ['firm_v1'] },
      problem: undefined,
    });
  await asked(`SELECT * FROM v.person_v1 WHERE citizen = '${token}'`);
  await asked('SELECT * FROM v.person_v1 WHERE citizen = $x', token);
  await asked(`SELECT 1 WHERE tel = '${landline}'`);
  // Others: another token, digits of a longer number, a short number.
  await asked(`SELECT * FROM v.person_v1 WHERE citizen = '${theirs}'`);
  await asked(`SELECT 1 WHERE no = '9${landline}' OR room = '8123'`);
  const mine = await save(ports(), analyst, body({ name: '查一人', statement: `SELECT '${mobile}'` }) as never);
  const titled = await save(ports(), analyst, body({ name: '号码', description: `座机${landline}` }) as never);
  const others = await save(ports(), analyst, body({ statement: `SELECT '${theirs}'` }) as never);
  const before = await everything();
  const held = workbenchHolder({ db: store.db });
  expect(await held.find(work.subject, work)).toMatchObject([{ place: 'queries', count: 5, action: 'blank' }]);
  expect(await everything()).toEqual(before);

  expect((await held.erase(work)).done).toMatchObject([{ place: 'queries', count: 5 }]);
  const after = await everything();
  expect(after.filter((r) => r.includes(token) || r.includes(mobile) || r.includes(`'${landline}`))).toEqual([]);
  expect(after.filter((r) => r.includes('座机'))).toEqual([]);
  // What did not say the person is as it was; what did is gone, or empty and still a query.
  const says = (r: string) =>
    r.includes(token) || r.includes(mobile) || r.includes(`'${landline}`) || r.includes('座机');
  expect(before.filter((r) => !says(r)).every((r) => after.includes(r))).toBe(true);
  expect(after.length).toBe(before.length - 3);
  for (const id of [mine, titled])
    expect(shownOf(await savedById(store.db.kysely, analyst, id), analyst, () => null)).toMatchObject({
      ...{
        name: '（因个人信息删除已清空 / emptied: a person was erased）',
        statement: 'SELECT 1',
        parameters: [],
        chart: null,
        version: 2,
      },
    });
  expect((await savedById(store.db.kysely, analyst, others)).statement).toContain(theirs);
  expect((await historyOf(store.db, user, { limit: 10 })).items.length).toBe(2);
  expect((await held.erase(work)).done).toEqual([]);
  expect(await everything()).toEqual(after);
}, 60_000);
