import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { Catalogue, useCatalogue } from '../../catalogue/index.ts';
import { type Principal, permissionsOf, type Role } from '../../platform/auth/principal.ts';
import { ManualClock } from '../../platform/clock.ts';
import { type TestDb, testPglite } from '../../platform/db/testing.ts';
import type { StreamBody } from '../../platform/http/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { NotedNotices } from '../../platform/notices/testing.ts';
import type { AuditEntry, Deps } from '../../platform/room.ts';
import { NotedSeals } from '../../platform/seal/testing.ts';
import { listRoutes, listsOf, loadLists, runList, useLists } from './index.ts';
import { endCases } from './members.ts';
import { goodList, listFolder, openListLake, organisations } from './testing.ts';

const clock = new ManualClock('2026-03-01T02:00:00Z');
let lake: Lake;
let store: TestDb;
let deps: Deps;
const audited: AuditEntry[] = [];
const seal = new NotedSeals();
const base = '/api/v1/libraries/lists';

/** Somebody who is signed in. */
const who = (role: Role, organisation: string | null, purpose: string | null = null): Principal => ({
  ...{ userId: 'u', login: `${role}@${organisation}`, name: 'U', organisation, roles: [role] },
  ...{ permissions: permissionsOf([role]), sessionId: 's', purpose },
});
const steward = who('data-steward', null, '核对');
const zonghan = who('data-officer', 'zonghan', '催办');
const kandun = who('data-officer', 'kandun', '催办');
const county = who('data-officer', 'scjg', '催办');

async function call<T = never>(
  method: string,
  path: string,
  principal: Principal,
  given: { params?: object; query?: object; body?: object; purpose?: string } = {},
): Promise<T> {
  const route = listRoutes(deps).find((r) => r.method === method && r.path === base + path)!;
  const answer = await route.handler({
    params: route.params?.parse(given.params ?? {}),
    query: route.query?.parse(given.query ?? {}),
    body: route.body?.parse(given.body ?? {}),
    ...{ principal, clock, request: {} as never, reply: {} as never },
    ...(given.purpose ? { purpose: given.purpose } : {}),
  });
  return ('stream' in route.response ? answer : (route.response as ZodType).parse(answer)) as T;
}
type Page = {
  items: { entity: number; division: string | null; state: string; name: { value: string } }[];
  total: number;
};
const pageOf = (principal: Principal, query: object = {}, list = 'firms') =>
  call<Page>('GET', '/{list}/members', principal, { params: { list }, query });
const entities = async (...args: Parameters<typeof pageOf>) => (await pageOf(...args)).items.map((m) => m.entity);
const run = (list: string, day: string) => runList({ lake, clock }, listsOf(lake).lists.get(list)!, day);
const text = async (body: StreamBody) => Buffer.concat(await bytes(body)).toString();
async function bytes(body: StreamBody): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const c of body.chunks) chunks.push(Buffer.from(c));
  return chunks;
}

beforeAll(async () => {
  lake = await openListLake();
  store = await testPglite([{ room: 'libraries', folder: fileURLToPath(new URL('../migrations', import.meta.url)) }]);
  audited.length = 0;
  deps = {
    ...{ lake, db: store.db, clock, seal },
    vault: { masks: async (tokens: string[]) => new Map(tokens.map((t) => [t, '330282********1234'])) },
    audit: { append: async (e: AuditEntry) => void audited.push(e) },
    jobs: { submit: async () => 'job-1' },
    notices: new NotedNotices(),
  } as unknown as Deps;
  const names = [...organisations].map((id) => ({ id, name: { zh: id, en: id } }));
  useCatalogue(lake, new Catalogue([], names, []));
  const { folder, end } = listFolder({
    ...goodList('firms'),
    ...goodList('people', { subject: 'person', owner: 'wjj' }),
    ...goodList('county-only', { entitled: '{ county: [scjg] }' }),
    ...goodList('later'),
    'later/done.sql': 'SELECT entity FROM v.later_v1',
  });
  useLists(lake, await loadLists(folder, lake, organisations));
  end();
  await lake.session((s) =>
    s.run(`INSERT INTO f.should VALUES (1, '330282002001', 'r', '2026-02-01'), (2, '330282002', 'r', '2026-05-01'),
             (3, '330282003', 'r', NULL), (4, NULL, 'r', NULL), (5, '330281001', 'r', NULL);
           UPDATE f.should SET due = '2026-02-15' WHERE entity = 3;
           INSERT INTO f.firm SELECT entity, '企业' || entity, '9133028200000000' || entity, division, '路1号', '存续' FROM f.should;
           INSERT INTO f.person SELECT entity, '张三' || entity, 'c~' || repeat('a', 26), '1', '1950-01-01', '1', NULL, NULL,
             division, '慈溪市浒山街道新城路1号' FROM f.should`),
  );
  // Nothing that is due later than the day is on the list; $day of the declared SQL sees to it.
  for (const list of ['firms', 'people', 'county-only']) await run(list, '2026-06-01');
});
afterAll(async () => {
  await store.end();
  await lake.close();
});

beforeEach(() => void audited.splice(0));

test('each organisation sees the members of its own division only, page, figures, cases and file alike', async () => {
  expect(await entities(steward)).toEqual([1, 3, 2, 4, 5]);
  expect(await entities(county)).toEqual([1, 3, 2]);
  expect(await entities(zonghan)).toEqual([1, 2]);
  expect(await entities(kandun)).toEqual([3]);
  for (const query of [{ town: '330282002' }, { town: 'none' }, { state: 'open', town: '330281001' }])
    expect(await entities(kandun, query)).toEqual([]);
  const counts = async (p: Principal) => {
    const d = await call<{ counts: { members: number }; towns: { town: string }[]; history: { members: number }[] }>(
      ...(['GET', '/{list}', p, { params: { list: 'firms' } }] as const),
    );
    return [d.counts.members, d.towns.map((t) => t.town).sort(), d.history.map((h) => h.members)];
  };
  expect(await counts(zonghan)).toEqual([2, ['330282002'], [2]]);
  expect(await counts(kandun)).toEqual([1, ['330282003'], [1]]);
  const one = (p: Principal, entity: number) =>
    call('GET', '/{list}/members/{entity}', p, { params: { list: 'firms', entity: String(entity) } });
  expect(await one(kandun, 3)).toMatchObject({ entity: 3 });
  await expect(one(kandun, 1)).rejects.toMatchObject({ kind: { code: 'libraries.list.member-unknown' } });
  const follow = { params: { list: 'firms', entity: '1' }, body: { state: 'contacted' } };
  await expect(call('PUT', '/{list}/members/{entity}/follow-up', kandun, follow)).rejects.toMatchObject({
    kind: { code: 'libraries.list.member-unknown' },
  });
  const file = await text(await call('GET', '/{list}/export', kandun, { params: { list: 'firms' } }));
  expect(file.split('\r\n').filter((l) => /^\d/.test(l))).toEqual([expect.stringContaining('企业3')]);
});

test('a list that is not delivered to somebody is not there for them', async () => {
  const seen = async (p: Principal) =>
    (await call<{ items: { id: string; members: string }[] }>('GET', '', p)).items.map((i) => `${i.id} ${i.members}`);
  expect(await seen(zonghan)).toEqual(['firms each', 'later each', 'people each']);
  expect(await seen(who('data-officer', 'sw'))).toEqual([]);
  expect(await seen(who('credit-user', 'demobank'))).toEqual([]);
  expect(await seen(who('leader', null))).toEqual(
    ['county-only', 'firms', 'later', 'people'].map((l) => `${l} figures`),
  );
  await expect(pageOf(zonghan, {}, 'county-only')).rejects.toMatchObject({ kind: { code: 'libraries.list.unknown' } });
  await expect(pageOf(who('leader', null))).rejects.toMatchObject({ kind: { code: 'libraries.list.not-yours' } });
  const { items } = await call<{ items: { id: string; state: string; missing: string[] }[] }>('GET', '', steward);
  expect(items.find((i) => i.id === 'later')).toMatchObject({ state: 'waiting', missing: ['v.later_v1'] });
});

test('persons are masked by role and purpose, and looks at them are audited', async () => {
  const shown = async (p: Principal) => (await pageOf(p, {}, 'people')).items[0] as unknown as Record<string, unknown>;
  expect(await shown(zonghan)).toMatchObject({
    name: { value: '张三1', shown: 'plain' },
    number: { value: '330282********1234', shown: 'masked' },
  });
  expect(audited).toMatchObject([{ action: 'person.look', purpose: '催办', object: 'list:people' }]);
  expect(await shown({ ...zonghan, purpose: null })).toMatchObject({
    name: { value: '张**', shown: 'masked' },
    address: { value: '慈溪市浒山街道新城路***', shown: 'masked' },
  });
});

test('an export needs a purpose, is audited at both ends, and holds what the page shows', async () => {
  const ask = (p: Principal, format: string) =>
    call<StreamBody>('GET', '/{list}/export', p, { params: { list: 'people' }, query: { format } });
  await expect(ask({ ...zonghan, purpose: null }, 'csv')).rejects.toMatchObject({
    kind: { status: expect.any(Number) },
  });
  const csv = await text(await ask(zonghan, 'csv'));
  const cells = csv.split('\r\n')[1]!.split(',');
  expect([...cells.slice(0, 5), ...cells.slice(6, 9), cells[11]]).toEqual([
    ...['1', '张三1', '330282********1234', '慈溪市浒山街道新城路1号', '330282002001', 'r', '2026-02-01', '2026-06-01'],
    '待办理',
  ]);
  expect(audited.filter((e) => e.action === 'lists.export')).toMatchObject([
    { purpose: '催办', detail: { phase: 'begun', scope: '330282002' } },
    { purpose: '催办', detail: { phase: 'ended', rows: 2 } },
  ]);
  const digest = createHash('sha256').update(csv).digest();
  expect(seal.asked.at(-1)).toMatchObject({ kind: 'export', imprint: new Uint8Array([1, ...digest]) });
  const zip = Buffer.concat(await bytes(await ask(zonghan, 'xlsx')));
  const name = Buffer.from('xl/worksheets/sheet1.xml');
  const local = zip.indexOf(name);
  const start = local + name.length + zip.readUInt16LE(local - 2);
  const sheet = inflateRawSync(zip.subarray(start), { finishFlush: 2 }).toString();
  expect(sheet.match(/<row /g)).toHaveLength(3);
  expect(sheet).toContain('张三1');
});

test('a case is worked on, kept with its history, filtered by, counted and ended when the member leaves', async () => {
  const say = (state: string, comment?: string, p = zonghan) =>
    call<{ entries: unknown[] }>('PUT', '/{list}/members/{entity}/follow-up', p, {
      params: { list: 'firms', entity: '1' },
      body: { state, comment },
    });
  await say('contacted', '已电话联系');
  expect(await say('cannot')).toMatchObject({
    state: 'cannot',
    by: 'data-officer@zonghan',
    entries: [
      { state: 'cannot', comment: null },
      { state: 'contacted', comment: '已电话联系', organisation: 'zonghan', at: '2026-03-01T02:00:00.000Z' },
    ],
  });
  expect(audited.filter((e) => e.action === 'lists.follow')).toMatchObject([
    { object: 'list/firms/1', detail: { state: 'contacted' } },
    { object: 'list/firms/1', detail: { state: 'cannot' } },
  ]);
  await expect(say('nonsense')).rejects.toMatchObject({ kind: { code: 'libraries.list.state-unknown' } });
  await expect(say('done', undefined, who('analyst', 'zonghan'))).rejects.toMatchObject({
    kind: { code: 'libraries.list.not-yours' },
  });
  expect(await entities(zonghan, { state: 'cannot' })).toEqual([1]);
  expect(await entities(zonghan, { state: 'open' })).toEqual([2]);
  const cases = async () =>
    (await call<{ cases: unknown[] }>('GET', '/{list}', zonghan, { params: { list: 'firms' } })).cases;
  expect(await cases()).toEqual([
    { state: 'open', members: 1 },
    { state: 'cannot', members: 1 },
  ]);
  await lake.session((s) => s.run('INSERT INTO f.has VALUES (1)'));
  await run('firms', '2026-06-02');
  expect(await endCases(deps, 'firms', '2026-06-02')).toBe(1);
  expect(await cases()).toEqual([{ state: 'open', members: 1 }]);
  expect(await entities(zonghan, { which: 'done' })).toEqual([1]);
  // Whoever comes back is a new case; what was said before is still there to read.
  await lake.session((s) => s.run('DELETE FROM f.has'));
  await run('firms', '2026-06-03');
  const back = await call('GET', '/{list}/members/{entity}', zonghan, { params: { list: 'firms', entity: '1' } });
  expect(back).toMatchObject({
    state: 'open',
    since: '2026-06-03',
    stays: [{ since: '2026-06-01', until: '2026-06-02', ending: 'done' }],
    entries: [{ state: 'cannot' }, { state: 'contacted' }],
  });
});
