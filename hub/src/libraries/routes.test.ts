import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { Catalogue, useCatalogue } from '../catalogue/index.ts';
import { auditMigrations } from '../platform/audit/index.ts';
import type { Principal, Role } from '../platform/auth/principal.ts';
import { ManualClock } from '../platform/clock.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import type { Lake } from '../platform/lake/index.ts';
import { NotedNotices } from '../platform/notices/testing.ts';
import type { AuditEntry, Deps } from '../platform/room.ts';
import { room as refinery } from '../refinery/index.ts';
import { declare, receive } from '../refinery/testing.ts';
import { codeOf, declarations, holder, market, openLibraries, penalty, settle, tax } from './fixture.ts';
import { room as libraries } from './module.ts';
import { correctionRoutes, wrongValues } from './verify/corrections/index.ts';

const token = `c~${'a'.repeat(26)}`;
let lake: Lake;
let store: TestDb;
let deps: Deps;
const audited: AuditEntry[] = [];
const submitted: string[] = [];

const who = (role: Role, purpose: string | null = null): Principal =>
  ({
    userId: 'u1',
    login: 'u',
    name: 'U',
    organisation: 'scjg',
    roles: [role],
    permissions: new Set(),
    sessionId: 's',
    purpose,
  }) as Principal;

/** Calls a route as the server would: what comes in and goes out passes its schemas. */
async function call(
  method: string,
  path: string,
  given: { params?: object; query?: object; body?: object; role?: Role; purpose?: string } = {},
): Promise<never> {
  const all = [...refinery().routes!(deps), ...libraries().routes!(deps)];
  const route = all.find((r) => r.method === method && r.path === path)!;
  const answer = await route.handler({
    params: route.params?.parse(given.params ?? {}),
    query: route.query?.parse(given.query ?? {}),
    body: route.body?.parse(given.body ?? {}),
    principal: who(given.role ?? 'data-steward', given.purpose ?? null),
    clock: new ManualClock('2026-02-02T00:00:00Z'),
    request: {} as never,
    reply: {} as never,
  });
  return (route.response as ZodType).parse(answer) as never;
}

const catalogueFrom = (all: typeof declarations) =>
  new Catalogue(
    all.map((d) => ({ ...d, sha256: '', folder: '' })),
    [],
    [],
  );

beforeAll(async () => {
  store = await testStore([
    auditMigrations,
    { room: 'libraries', folder: fileURLToPath(new URL('./migrations', import.meta.url)) },
  ]);
});
afterAll(() => store.end());
beforeEach(async () => {
  lake = await openLibraries();
  audited.length = 0;
  submitted.length = 0;
  useCatalogue(lake, catalogueFrom(declarations));
  deps = {
    lake,
    clock: new ManualClock(),
    vault: { masks: async (tokens: string[]) => new Map(tokens.map((t) => [t, '330282********1234'])) },
    audit: { append: async (e: AuditEntry) => void audited.push(e) },
    jobs: { submit: async (kind: string) => `job-${submitted.push(kind)}` },
    notices: new NotedNotices(),
  } as unknown as Deps;
  const person = { person: '张三丰', est: '2010-01-01', addr: '慈溪市浒山街道新城路1号' };
  await receive(lake, [
    {
      run: 1,
      source: market,
      rows: [
        { id: 'M1', code: codeOf(1), name: '慈溪市小吃店', ...person },
        { id: 'M2', code: codeOf(2), name: '慈溪市小吃店', ...person },
      ],
    },
    {
      run: 2,
      source: tax,
      rows: [{ no: 'T1', code: codeOf(1), name: '慈溪市小吃店', person: '李四', addr: '慈溪市周巷镇开发路2号' }],
    },
    { run: 3, source: penalty, rows: [{ no: 'P1', name: '慈溪市小吃店', day: '20210231' }] },
    {
      run: 4,
      source: holder,
      rows: [{ id: 'S1', code: codeOf(1), name: '慈溪市小吃店', person: '王五', cer: token, share: '100' }],
    },
  ]);
  await settle(lake);
});
afterEach(() => lake.close());

test('a golden record is shown with its contradictions, and persons only to whom it may', async () => {
  const path = '/api/v1/libraries/legal-persons/{entity}';
  const steward = (await call('GET', path, { params: { entity: '1' }, purpose: '核对' })) as {
    attributes: { attribute: string; value: unknown; contradicted: boolean }[];
  };
  const analyst = (await call('GET', path, { params: { entity: '1' }, role: 'analyst' })) as typeof steward;
  expect(audited).toMatchObject([{ action: 'person.look', object: 'legal-person:1', purpose: '核对', outcome: 'ok' }]);
  const person = (r: typeof steward) => r.attributes.find((a) => a.attribute === 'legal-representative');
  expect(person(steward)).toMatchObject({ value: { value: '张三丰', shown: 'plain' }, contradicted: true });
  expect(person(analyst)).toMatchObject({ value: { value: '张**', shown: 'masked' } });
  await expect(call('GET', path, { params: { entity: '99' } })).rejects.toMatchObject({
    kind: { code: 'refinery.entity.unknown' },
  });
});

test('why, history, contradictions and relations answer for one legal person', async () => {
  const of = (what: string, more = {}) =>
    call('GET', `/api/v1/libraries/legal-persons/{entity}/${what}`, { params: { entity: '1', ...more }, purpose: 'x' });
  expect(await of('why/{attribute}', { attribute: 'address' })).toMatchObject({
    chosen: { value: '慈溪市浒山街道新城路1号' },
    claims: [
      { source: 'scjg.market-entity', chosen: true, run: 1, row: 1 },
      { source: 'sw.tax-registration', chosen: false },
    ],
  });
  expect(await of('contradictions')).toMatchObject({
    items: [{ attribute: 'legal-representative' }, { attribute: 'address' }],
  });
  expect(((await of('history')) as { items: unknown[] }).items.length).toBeGreaterThan(5);
  expect(await of('relations')).toMatchObject({
    items: [
      {
        kind: 'shareholder',
        direction: 'out',
        personNumber: { value: '330282********1234', shown: 'masked', token },
        share: '100.0000',
      },
    ],
  });
  expect(await call('GET', '/api/v1/libraries/summary')).toMatchObject({ entities: 2, facts: 5, unlinked: 1 });
});

test('every accepted row is linked, unlinked, waiting, about others than legal persons, or takes a row back', async () => {
  const worker = declare('rsj.worker', 70, [{ name: 'person', format: 'person-name', protection: 'personal' }], {
    subject: 'natural-person',
  });
  useCatalogue(lake, catalogueFrom([...declarations, worker]));
  await receive(lake, [
    { run: 5, source: market, rows: [{ id: 'M2', code: codeOf(2), _op: 'D', _ts: '2026-01-09T00:00:00Z' }] },
  ]);
  await settle(lake);
  await receive(lake, [
    { run: 6, source: tax, rows: [{ no: 'T2', code: codeOf(2), name: '慈溪市小吃店' }] },
    { run: 7, source: worker, rows: [{ person: '赵六' }, { person: '钱七' }] },
  ]);
  const answer = (await call('GET', '/api/v1/refinery/summary')) as { linked: number; unlinked: number };
  expect(answer).toMatchObject({ others: { waiting: 1, apart: 2, withdrawing: 1 } });
  expect(answer.linked + answer.unlinked + 1 + 2 + 1).toBe(5 + 1 + 1 + 2);
});

test('the refinery shows its classes, quality, profiles and the rows behind a number', async () => {
  expect(await call('GET', '/api/v1/refinery/summary')).toMatchObject({
    runs: 4,
    waiting: 0,
    rows: 5,
    linked: 4,
    unlinked: 1,
    others: { waiting: 0, apart: 0, withdrawing: 0 },
    entities: 2,
    reviewsOpen: 1,
  });
  expect(await call('GET', '/api/v1/refinery/classes')).toMatchObject({
    items: [{ source: 'scjg.market-entity', rows: 2, linked: 2 }, {}, {}, {}, {}],
  });
  for (const by of ['department', 'class', 'run', 'field', 'rule']) {
    const { items } = (await call('GET', '/api/v1/refinery/quality', { query: { by } })) as {
      items: { score: number; owner: string }[];
    };
    expect(items.length).toBeGreaterThan(1);
    expect(items.every((i) => i.score >= 0 && i.score <= 1)).toBe(true);
  }
  expect(
    await call('GET', '/api/v1/refinery/quality', { query: { by: 'field', source: 'scjg.penalty', field: 'day' } }),
  ).toMatchObject({ items: [{ field: 'day', fieldTitle: { zh: 'day', en: 'day' } }] });
  expect(await call('GET', '/api/v1/refinery/profile/{source}', { params: { source: 'scjg.penalty' } })).toMatchObject({
    run: 3,
    fields: [{ field: 'no', rows: 1 }, {}, {}, {}, {}, {}, {}, {}],
  });
  expect(
    await call('GET', '/api/v1/refinery/quality/failing', {
      query: { source: 'scjg.penalty', run: '3', field: 'day', rule: 'check' },
    }),
  ).toMatchObject({
    total: 1,
    items: [{ row: 1, entity: null }],
  });
});

test('a review is decided once told whose it is, audited, and integrated at once', async () => {
  const { items } = (await call('GET', '/api/v1/refinery/reviews')) as {
    items: { review: string; fact: string; candidates: { name: string }[] }[];
  };
  expect(items).toMatchObject([
    { reason: 'shared-name', candidates: [{ name: '慈溪市小吃店' }, { name: '慈溪市小吃店' }] },
  ]);
  const review = items[0]!.review;
  await call('POST', '/api/v1/refinery/reviews/{review}/decision', {
    params: { review },
    body: { decision: 'link', entity: 2 },
  });
  expect(audited).toMatchObject([
    { action: 'refinery.review.decide', outcome: 'ok', detail: { decision: 'link', entity: 2 } },
  ]);
  expect(submitted).toEqual(['refinery.integrate']);
  await settle(lake);
  expect(await call('GET', '/api/v1/refinery/links/{fact}', { params: { fact: items[0]!.fact } })).toMatchObject({
    entity: 2,
    method: 'decided',
  });
});

type Who = Pick<Principal, 'organisation' | 'roles'> & { may: string[] };
const officer: Who = { roles: ['data-officer'], organisation: 'rsj', may: ['credit.read', 'lists.handle'] };
const analyst: Who = { roles: ['analyst'], organisation: null, may: ['credit.read'] };

async function correct<T = never>(method: string, path: string, given: Who & Record<string, unknown>): Promise<T> {
  const ports = { ...deps, db: store.db, clock: new ManualClock('2026-11-20T02:00:00Z') };
  const full = `/api/v1/libraries/corrections${path}`;
  const route = correctionRoutes(ports).find((r) => r.method === method && r.path === full)!;
  const login = `${given.roles[0]}@${given.organisation}`;
  const answer = await route.handler({
    params: route.params?.parse(given.params ?? {}),
    query: route.query?.parse(given.query ?? {}),
    body: route.body?.parse(given.body ?? {}),
    principal: {
      ...who(given.roles[0]!),
      login,
      organisation: given.organisation,
      permissions: new Set(given.may),
    } as never,
    ...{ clock: ports.clock, request: {} as never, reply: {} as never },
  });
  return (route.response as ZodType).parse(answer) as T;
}
type Possible = { due: string; items: { attribute: string | null; field: string; open: { id: number } | null }[] };
const fault = (code: string) => ({ kind: { code: `libraries.correction.${code}` } });
const fact = String((1n << 32n) + 1n);

test('a golden value is asked of the department whose claim stands, by the tenth working day, and never twice', async () => {
  const whole = { library: 'legal-person', entity: 1 };
  const before = await correct<Possible>('GET', '/possible', {
    ...analyst,
    query: { library: 'legal-person', entity: '1' },
  });
  expect(before.due).toBe('2026-12-04');
  expect(before.items.find((i) => i.attribute === 'address')).toMatchObject({
    ...{ field: 'addr', source: 'scjg.market-entity', owner: 'scjg', open: null, shown: 'plain' },
  });
  const ask = (body: object, who: Who = officer) =>
    correct<{ id: number }>('POST', '', { ...who, body: { comment: '住所已变更', ...body } });
  const { id } = await ask({ ...whole, attribute: 'address' });
  expect(audited).toMatchObject([{ action: 'correction.raise', object: 'legal-person/1', detail: { correction: id } }]);
  await expect(ask({ ...whole, attribute: 'address' })).rejects.toMatchObject(fault('already-open'));
  // The same value on the received record is the same matter; another field of it is another.
  await expect(ask({ fact, field: 'addr' })).rejects.toMatchObject(fault('already-open'));
  expect(await ask({ fact, field: 'name' })).toMatchObject({ owner: 'scjg', due: '2026-12-04' });
  const { items } = await correct<Possible>('GET', '/possible', { ...analyst, query: { fact } });
  expect(items.filter((i) => i.open).map((i) => i.field)).toEqual(['name', 'addr']);
  const two = await Promise.allSettled([1, 2].map(() => ask({ fact, field: 'status' })));
  expect(two.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);

  const desk: Who = { roles: ['data-officer'], organisation: 'scjg', may: ['lists.read', 'lists.handle'] };
  const mine = await correct<{ items: object[] }>('GET', '', { ...desk, query: { which: 'mine', field: 'addr' } });
  expect(mine.items).toMatchObject([
    {
      ...{ id, library: 'legal-person', name: { value: '慈溪市小吃店' }, originTitle: { zh: '法人库' } },
      ...{ received: { run: 1, row: 1 }, raisedOrganisation: 'rsj', next: ['source-wrong', 'list-wrong'] },
    },
  ]);
  const say = (who: Who, state: string) =>
    correct('PUT', '/{id}', { ...who, params: { id: String(id) }, body: { state, comment: '已查档案' } });
  await say(desk, 'source-wrong');
  expect(await wrongValues(store.db, 0)).toMatchObject([{ correction: id, field: 'addr', item: true, fact }]);
  await say(officer, 'settled');
  await ask({ ...whole, attribute: 'address' });
  await expect(say(officer, 'open')).rejects.toMatchObject(fault('already-open'));

  // Withheld and not there at all are told in the same words; what is masked is corrected without being shown.
  const share = String((4n << 32n) + 1n);
  for (const field of ['cer', 'nothing'])
    await expect(ask({ fact: share, field }, analyst)).rejects.toMatchObject(fault('field-unknown'));
  expect(await ask({ fact: share, field: 'cer' })).toMatchObject({ source: 'scjg.shareholder' });
  await receive(lake, [{ run: 5, source: market, rows: [{ id: 'M1', code: codeOf(1), name: '慈溪市大吃店' }] }]);
  await settle(lake);
  await expect(ask({ fact, field: 'regno' })).rejects.toMatchObject(fault('record-over'));
});
