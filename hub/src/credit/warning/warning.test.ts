import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineRecordViews } from '../../libraries/index.ts';
import { type TestDb, testStore } from '../../platform/db/testing.ts';
import type { Lake } from '../../platform/lake/index.ts';
import type { AuditEntry, VaultPort } from '../../platform/room.ts';
import { Metadata } from '../metadata.ts';
import { enterprises, record, type SourceClass, scoring, sourcesLake } from '../score/testing.ts';
import { person } from '../testing.ts';
import { findWarnings } from './find.ts';
import { warningRoutes } from './routes.ts';
import { askable, readRules } from './rules.ts';
import { ruleTables } from './still.ts';

let store: TestDb;
let lake: Lake;
let town: { lake: Lake; classes: Map<string, SourceClass> };
const audit: AuditEntry[] = [];
const { rules, problems } = readRules(scoring);
const run = (day: string) => findWarnings({ lake, db: store.db }, rules, day, { high: 3, medium: 10, low: 30 });

beforeAll(async () => {
  const folder = fileURLToPath(new URL('migrations', import.meta.url));
  store = await testStore([{ room: 'credit', folder }]);
  town = await sourcesLake();
  lake = town.lake;
  await lake.define(ruleTables);
  await enterprises(lake, [{ entity: 1 }, { entity: 2 }, { entity: 3, status: '注销' }]);
  await record(town, 1, 'sw.tax-arrears', '2026-06-01', { cumu_own_amt: 5000 });
  await record(town, 3, 'sw.tax-arrears', '2026-06-01', { cumu_own_amt: 5000 });
  await record(town, 2, 'scjg.abnormal-list', '2026-02-01', { inclu_reason: '通过登记的住所无法联系' });
}, 60_000);
afterAll(async () => {
  await lake.close();
  await store.end();
});

async function ask(
  method: string,
  path: string,
  asked: { query?: object; params?: object; body?: object; as?: ReturnType<typeof person> } = {},
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
): Promise<any> {
  const route = warningRoutes({
    lake,
    db: store.db,
    metadata: new Metadata(lake),
    vault: { masks: async () => new Map() } as unknown as VaultPort,
    audit: { append: async (entry) => void audit.push(entry) },
    jobs: { submit: async () => 'j' } as never,
    clock: { now: () => new Date('2026-11-21T00:00:00Z') } as never,
    folder: () => scoring,
  }).find((r) => r.method === method && r.path === `/api/v1/credit/warnings${path}`)!;
  const answer = await route.handler({
    query: route.query?.parse(asked.query ?? {}),
    params: route.params?.parse(asked.params ?? {}),
    body: route.body?.parse(asked.body ?? {}),
    principal: asked.as ?? person('data-steward'),
    clock: { now: () => new Date('2026-11-21T00:00:00Z') },
  } as never);
  return (route.response as unknown as { parse(v: unknown): unknown }).parse(answer);
}

test('every declared rule can be asked of the declared sources', async () => {
  expect(problems).toEqual([]);
  expect(rules.length).toBeGreaterThanOrEqual(12);
  await lake.session(async (s) => {
    await defineRecordViews(s);
    for (const rule of rules) expect([rule.id, await askable(s, rule)]).toEqual([rule.id, true]);
  });
});

test('a warning says what, of whom and by which record; who is closed is not warned of; an open one comes once', async () => {
  expect(await run('2026-11-20')).toMatchObject({ found: 2, created: 2, still: [] });
  // Nothing is new: only what looks at scores is looked at again.
  const again = await run('2026-11-20');
  expect(again).toMatchObject({ found: 2, created: 0 });
  expect(rules.map((r) => r.id).filter((id) => !again.still.includes(id))).toEqual(['score-fall']);
  expect(await run('2026-11-21')).toMatchObject({ created: 0, lapsed: 0 });
  const list = await ask('GET', '');
  expect(list.total).toBe(2);
  expect(list.items.map((w: { rule: string }) => w.rule)).toEqual(['address-gone', 'tax-arrears']);
  const arrears = list.items[1];
  const fact = await lake.first<{ fact: bigint }>('SELECT fact FROM v.legal_person_fact_v1 WHERE entity = 1');
  expect(arrears).toMatchObject({
    entity: 1,
    name: '企业1',
    value: 5000,
    day: '2026-06-01',
    foundOn: '2026-11-20',
    seenOn: '2026-11-21',
    facts: [String(fact!.fact)],
  });
});

test('a dismissal needs a reason, is kept with its trace and audited; the matter does not come again, a new one does', async () => {
  const [gone, arrears] = (await ask('GET', '')).items;
  await expect(
    ask('POST', '/{id}/handle', { params: { id: arrears.id }, body: { state: 'dismissed' } }),
  ).rejects.toMatchObject({ kind: { code: 'credit.warning.reason-needed' } });
  await ask('POST', '/{id}/handle', { params: { id: arrears.id }, body: { state: 'confirmed' } });
  // More arrears while it is open: the same warning, with the newer evidence.
  await record(town, 1, 'sw.tax-arrears', '2026-09-01', { cumu_own_amt: 100 });
  expect(await run('2026-11-21')).toMatchObject({ created: 0 });
  expect((await ask('GET', '', { query: { entity: '1' } })).items[0]).toMatchObject({
    state: 'confirmed',
    value: 5100,
    day: '2026-09-01',
  });
  await ask('POST', '/{id}/handle', { params: { id: arrears.id }, body: { state: 'dismissed', reason: '已补缴' } });
  expect(audit.at(-1)).toMatchObject({
    action: 'credit.warning-handle',
    object: `warning/${arrears.id}`,
    detail: { from: 'confirmed', to: 'dismissed' },
  });
  expect(await run('2026-11-22')).toMatchObject({ created: 0 });
  await record(town, 1, 'sw.tax-arrears', '2026-11-01', { cumu_own_amt: 9 });
  expect(await run('2026-11-23')).toMatchObject({ created: 1 });
  const dismissed = (await ask('GET', '', { query: { state: 'dismissed' } })).items[0];
  expect(dismissed.steps.map((s: { to: string }) => s.to)).toEqual(['confirmed', 'dismissed']);
  await expect(
    ask('POST', '/{id}/handle', { params: { id: arrears.id }, body: { state: 'done' } }),
  ).rejects.toMatchObject({ kind: { code: 'credit.warning.state' } });
  await expect(ask('POST', '/{id}/handle', { params: { id: 999 }, body: { state: 'done' } })).rejects.toMatchObject({
    kind: { code: 'credit.warning.unknown' },
  });
  expect(gone.state).toBe('new');
});

test('what is no longer found is marked while it is open', async () => {
  await lake.define(['DELETE FROM fx.legal_person_fact_all_v1 WHERE entity = 2']);
  expect(await run('2026-11-24')).toMatchObject({ lapsed: 1 });
  expect((await ask('GET', '', { query: { entity: '2' } })).items[0].lapsedOn).toBe('2026-11-24');
});

test('what comes back while it is open is the same warning, counted; a deadline may be moved with a remark, and passes', async () => {
  await record(town, 2, 'scjg.abnormal-list', '2026-02-01', { inclu_reason: '通过登记的住所无法联系' });
  expect(await run('2026-11-25')).toMatchObject({ created: 0 });
  const [gone] = (await ask('GET', '', { query: { entity: '2' } })).items;
  expect(gone).toMatchObject({ times: 2, lapsedOn: null, dueOn: '2026-11-23', overdue: false, foundOn: '2026-11-20' });
  await ask('POST', '/{id}/handle', { params: { id: gone.id }, body: { reason: '已约谈', dueOn: '2026-11-20' } });
  const late = await ask('GET', '', { query: { overdue: 'true' } });
  expect(late).toMatchObject({ total: 1, counts: { overdue: 1 } });
  expect(late.items[0]).toMatchObject({
    id: gone.id,
    state: 'new',
    overdue: true,
    steps: [{ reason: '已约谈 → 2026-11-20' }],
  });
});

test('somebody to whom a class is closed sees that there is a warning, not what was found', async () => {
  await lake.define(["UPDATE fx.class_v1 SET level = 'core' WHERE source = 'sw.tax-arrears'"]);
  const seen = (await ask('GET', '', { query: { entity: '1' }, as: person('credit-user') })).items[0];
  expect(seen).toMatchObject({ hidden: true, value: null, facts: [], day: null });
});
