import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { citizenId } from '@jingwei/codes';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { Catalogue, useCatalogue } from '../../catalogue/index.ts';
import { auditMigrations } from '../../platform/audit/index.ts';
import type { Principal, Role } from '../../platform/auth/principal.ts';
import { ManualClock } from '../../platform/clock.ts';
import { type TestDb, testStore } from '../../platform/db/testing.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { NotedNotices } from '../../platform/notices/testing.ts';
import type { AuditEntry, Deps } from '../../platform/room.ts';
import { receive } from '../../refinery/testing.ts';
import { codeOf } from '../fixture.ts';
import { integrate } from '../integrate.ts';
import { correctionRoutes } from '../verify/corrections/index.ts';
import { baseRoutes } from './routes.ts';
import { declared, normOf, openBase, seal, tokenOf } from './testing.ts';

const of = await declared();
const source = (id: string) => of.sources.find((s) => s.declaration.id === id)!;
const number = citizenId.generate(1);
const audited: AuditEntry[] = [];
let lake: Lake;
let store: TestDb;
let deps: Deps;
const clock = new ManualClock('2026-11-20T02:00:00Z');

async function call(
  method: string,
  path: string,
  given: { params?: object; query?: object; body?: object; role?: Role; purpose?: string; may?: string[] } = {},
): Promise<never> {
  const route = baseRoutes(deps).find(
    (r) => r.method === method && r.path === (path.startsWith('/api/') ? path : `/api/v1/libraries/base${path}`),
  )!;
  const principal = {
    ...{
      userId: 'u1',
      login: 'u',
      name: 'U',
      organisation: 'gaj',
      roles: [given.role ?? 'data-steward'],
      sessionId: 's',
      purpose: null,
    },
    permissions: new Set(given.may ?? ['library.read', 'person.read']),
  } as unknown as Principal;
  const answer = await route.handler({
    params: route.params?.parse(given.params ?? {}),
    query: route.query?.parse(given.query ?? {}),
    body: route.body?.parse(given.body ?? {}),
    principal,
    ...(given.purpose === undefined ? {} : { purpose: given.purpose }),
    clock: new ManualClock('2026-02-02T00:00:00Z'),
    request: {} as never,
    reply: {} as never,
  });
  return (route.response as ZodType).parse(answer) as never;
}

beforeAll(async () => {
  store = await testStore([
    auditMigrations,
    { room: 'libraries', folder: fileURLToPath(new URL('../migrations', import.meta.url)) },
  ]);
  lake = await openBase(of);
  useCatalogue(
    lake,
    new Catalogue(
      of.sources.map((s) => ({ ...s, sha256: '', folder: '' })),
      [],
      [],
    ),
  );
  deps = {
    ...{ lake, db: store.db, clock },
    folders: { sources: join(fileURLToPath(new URL('../../../../', import.meta.url)), 'sources') },
    vault: {
      masks: async (t: string[]) => new Map(t.map((x) => [x, '330***********1234'])),
      normOf: (_: string, text: string) => normOf(text),
    },
    audit: { append: async (e: AuditEntry) => void audited.push(e) },
    notices: new NotedNotices(),
  } as unknown as Deps;
  await seal(lake, 'citizen-id', [number]);
  const home = '慈溪市浒山街道新城路1号金色家园1幢101室';
  await receive(lake, [
    {
      run: 1,
      source: source('gaj.resident-register'),
      rows: [
        {
          hk_id: 'H1',
          hh_no: 'F1',
          nm: '张三丰',
          id_no: tokenOf('citizen-id', number),
          sex: '男',
          birth_dt: '1990-01-01',
          relation: '户主',
          hk_addr: home,
          stat: '正常',
          reg_dt: '2010-01-01',
        },
      ],
    },
    { run: 2, source: source('zjj.dwelling'), rows: [{ house_cd: 'W1', bld_cd: 'B1', addr: home, area: '90' }] },
    {
      run: 3,
      source: source('zjj.building'),
      rows: [
        {
          bld_cd: 'B1',
          addr: '慈溪市浒山街道新城路1号金色家园1幢',
          floors: '6',
          lon: '30.17',
          lat: '121.24',
          division: '330282004',
        },
      ],
    },
    {
      run: 4,
      source: source('ybj.insured-person'),
      rows: [
        {
          ins_no: 'Y1',
          nm: '张三峰',
          id_no: tokenOf('citizen-id', number),
          birth_dt: '1990-01-01',
          uni_social_crd_cd: codeOf(1),
          start_dt: '2015-01-01',
        },
      ],
    },
    {
      run: 5,
      source: source('scjg.market-entity'),
      rows: [{ uni_social_crd_cd: codeOf(1), comp_nm: '慈溪市宏达电器有限公司', addr: '慈溪市浒山街道新城路1号3楼' }],
    },
  ]);
  await integrate({
    lake,
    clock: new ManualClock('2026-02-01T00:00:00Z'),
    declarations: async () => of.sources,
    base: of.libraries,
  });
});
afterAll(async () => {
  await store.end();
  await lake.close();
});
beforeEach(() => {
  audited.length = 0;
});

test('the libraries are listed with what there is of each, to everyone who may read libraries', async () => {
  const { libraries } = (await call('GET', '', { may: ['library.read'] })) as {
    libraries: { library: string; entities: number; open: boolean }[];
  };
  expect(libraries.filter((l) => l.entities > 0).map((l) => [l.library, l.entities, l.open])).toEqual([
    ['person', 1, false],
    ['household', 1, false],
    ['building', 1, true],
    ['dwelling', 1, true],
  ]);
});

test('a building has its place on the map, with coordinates that were exchanged put right; what has none shows what it belongs to', async () => {
  const one = (await call('GET', '/{library}/entities/{entity}/map', {
    params: { library: 'building', entity: 1 },
  })) as {
    own: { wkt: string; label: string; through: boolean };
  };
  expect(one.own).toMatchObject({
    wkt: 'POINT (121.240000 30.170000)',
    label: '慈溪市浒山街道新城路1号金色家园1幢',
    through: false,
  });
  const home = { library: 'dwelling', entity: 1 };
  expect(await call('GET', '/{library}/entities/{entity}/map', { params: home })).toMatchObject({
    own: { library: 'building', entity: 1, through: true },
  });
  const somebody = { params: { library: 'person', entity: 1 }, may: ['library.read'] };
  await expect(call('GET', '/{library}/entities/{entity}/map', somebody)).rejects.toThrow();
});

test('an address written otherwise is read to its building and room; what is nowhere is not guessed', async () => {
  const read = (text: string) =>
    call('POST', '/api/v1/libraries/addresses/look-up', { body: { text }, may: ['library.read'] }) as Promise<unknown>;
  expect(await read('浒山新城路1号金色家园一号楼101')).toMatchObject({
    building: { entity: 1, code: 'B1', longitude: 121.24 },
    standard: '慈溪市浒山街道新城路1号金色家园1幢101室',
  });
  expect(await read('慈溪市浒山街道新城路3号')).toMatchObject({ building: null, level: 'road', candidates: [] });
});

test('an enterprise stands in its building; who is insured by it is a name only to those who may look up persons', async () => {
  const place = (given: object) =>
    call('GET', '/api/v1/libraries/legal-persons/{entity}/place', {
      params: { entity: 1 },
      ...given,
    }) as Promise<unknown>;
  expect(await place({ may: ['library.read'] })).toMatchObject({
    building: { entity: 1 },
    enterprises: 1,
    insured: null,
    people: [],
  });
  expect(audited).toEqual([]);
  expect(await place({ purpose: '核对参保' })).toMatchObject({ insured: 1, people: [{ entity: 1 }] });
  expect(audited.map((e) => e.action)).toContain('library.look');
});

test('persons are not looked up without permission or purpose, and the refusal is audited', async () => {
  const params = { library: 'person', entity: 1 };
  await expect(
    call('GET', '/{library}/entities/{entity}', { params, purpose: '核查', may: ['library.read'] }),
  ).rejects.toMatchObject({ kind: { code: 'libraries.base.person-forbidden' } });
  await expect(call('GET', '/{library}/entities/{entity}', { params })).rejects.toMatchObject({
    kind: { code: 'auth.purpose-needed' },
  });
  expect(audited.map((a) => [a.action, a.outcome])).toEqual([
    ['library.look', 'refused'],
    ['library.look', 'refused'],
  ]);
});

test('a look with a purpose shows values, never the number, and is audited with the purpose', async () => {
  const answer = (await call('GET', '/{library}/entities/{entity}', {
    params: { library: 'person', entity: 1 },
    purpose: '核查户籍',
  })) as Record<string, never>;
  const text = JSON.stringify(answer);
  expect(text).toContain('张三丰');
  expect(text).not.toContain(number);
  expect(answer).toMatchObject({
    keys: [{ name: 'citizen', value: { shown: 'masked', value: '330***********1234' } }],
    relations: expect.arrayContaining([
      expect.objectContaining({ kind: 'household', library: 'household', label: { value: 'F1', shown: 'plain' } }),
      expect.objectContaining({ kind: 'dwelling', library: 'dwelling', chosen: true }),
      expect.objectContaining({
        kind: 'employer',
        library: 'legal-person',
        label: { value: '慈溪市宏达电器有限公司', shown: 'plain' },
      }),
    ]),
  });
  expect(audited.map((a) => [a.action, a.purpose, a.outcome])).toEqual([
    ['person.look', '核查户籍', 'ok'],
    ['library.look', '核查户籍', 'ok'],
  ]);
});

test('who may see persons only masked sees them masked', async () => {
  const answer = (await call('GET', '/{library}/entities/{entity}', {
    params: { library: 'person', entity: 1 },
    purpose: '核查',
    role: 'analyst',
  })) as { label: object };
  expect(answer.label).toEqual({ value: '张**', shown: 'masked' });
});

test('a person is found by number or whole name, and never leafed through', async () => {
  const params = { library: 'person' };
  const byNumber = await call('POST', '/{library}/identity', { params, body: { identity: number }, purpose: '核查' });
  const byName = await call('GET', '/{library}/entities', { params, query: { q: '张三丰' }, purpose: '核查' });
  expect(byName).toEqual(byNumber);
  expect(byName).toMatchObject({ items: [{ entity: 1, facts: 2, contradictions: 1 }], next: null });
  await expect(call('GET', '/{library}/entities', { params, query: {}, purpose: '核查' })).rejects.toMatchObject({
    kind: { code: 'libraries.base.query-needed' },
  });
});

test('the way leads from a building to its dwellings, its people and its enterprises', async () => {
  const building = (await call('GET', '/{library}/entities/{entity}', {
    params: { library: 'building', entity: 1 },
  })) as { relations: { kind: string; library: string }[] };
  expect(building.relations.map((r) => [r.kind, r.library])).toEqual([
    ['building', 'dwelling'],
    ['enterprise', 'legal-person'],
  ]);
  const dwelling = (await call('GET', '/{library}/entities/{entity}', {
    params: { library: 'dwelling', entity: 1 },
  })) as { relations: { kind: string; library: string; label: { shown: string } }[] };
  expect(dwelling.relations.filter((r) => r.library === 'person').map((r) => [r.kind, r.label.shown])).toEqual([
    ['dwelling', 'masked'],
    ['registered-dwelling', 'masked'],
  ]);
});

test('why a name is what it is: every claim with its row, the chosen one first', async () => {
  const why = await call('GET', '/{library}/entities/{entity}/why/{attribute}', {
    params: { library: 'person', entity: 1, attribute: 'name' },
    purpose: '核查',
  });
  expect(why).toMatchObject({
    claims: [
      {
        value: { value: '张三丰' },
        source: 'gaj.resident-register',
        run: 1,
        row: 1,
        chosen: true,
        method: { zh: '登记来源' },
      },
      {
        value: { value: '张三峰' },
        source: 'ybj.insured-person',
        run: 4,
        chosen: false,
        says: { zh: '来源级别低于采用值的来源' },
      },
    ],
  });
  await expect(
    call('GET', '/{library}/entities/{entity}/why/{attribute}', {
      params: { library: 'person', entity: 1, attribute: 'x' },
      purpose: '核查',
    }),
  ).rejects.toMatchObject({ kind: { code: 'libraries.base.attribute-unknown' } });
});

test('what is not there is told as a problem', async () => {
  await expect(
    call('GET', '/{library}/entities/{entity}', { params: { library: 'nothing', entity: 1 } }),
  ).rejects.toMatchObject({ kind: { code: 'libraries.base.library-unknown' } });
  await expect(
    call('GET', '/{library}/entities/{entity}', { params: { library: 'building', entity: 99 } }),
  ).rejects.toMatchObject({ kind: { code: 'libraries.base.entity-unknown' } });
});

interface Who {
  may?: string[];
  role?: Role;
  organisation?: string | null;
  purpose?: string;
}

/** Corrections, by somebody who may read records unless it is said otherwise. */
async function correct<T = never>(method: string, path: string, given: Who & Record<string, unknown>): Promise<T> {
  const route = correctionRoutes(deps).find(
    (r) => r.method === method && r.path === `/api/v1/libraries/corrections${path}`,
  )!;
  const { may = ['credit.read', 'library.read'], role = 'analyst', organisation = null, purpose } = given;
  const login = `${role}@${organisation}`;
  const answer = await route.handler({
    params: route.params?.parse(given.params ?? {}),
    query: route.query?.parse(given.query ?? {}),
    body: route.body?.parse(given.body ?? {}),
    principal: {
      ...{ userId: login, login, name: login, organisation, roles: [role], sessionId: 's', purpose: null },
      permissions: new Set(may),
    } as unknown as Principal,
    ...(purpose === undefined ? {} : { purpose }),
    ...{ clock, request: {} as never, reply: {} as never },
  });
  return (route.response as ZodType).parse(answer) as T;
}
type Possible = { due: string; items: { attribute: string | null; field: string; open: { id: number } | null }[] };
const fault = (code: string) => ({ kind: { code: `libraries.correction.${code}` } });

test('a library’s value is asked of the source of the row that it stands by; whoever may not see it learns nothing', async () => {
  const ask = (body: object, who: Who = {}) =>
    correct('POST', '', { ...who, body: { comment: '请来源核实', ...body } });
  const building = { library: 'building', entity: 1 };
  expect(await ask({ ...building, attribute: 'location' })).toMatchObject({ source: 'zjj.building', field: 'lon' });
  const all = await correct<{ items: object[] }>('GET', '', {
    ...{ organisation: 'zjj', role: 'data-officer', may: ['lists.read'], query: { which: 'mine' } },
  });
  expect(all.items).toMatchObject([{ subject: 'other', name: { value: '慈溪市浒山街道新城路1号金色家园1幢' } }]);
  await expect(ask({ ...building, attribute: 'address' }, { may: ['credit.read'] })).rejects.toMatchObject(
    fault('library-forbidden'),
  );
  await expect(ask({ ...building, entity: 99, attribute: 'address' })).rejects.toMatchObject({
    kind: { code: 'refinery.entity.unknown' },
  });
  await expect(ask({ fact: '12345', field: 'addr' })).rejects.toMatchObject(fault('record-unknown'));
  await expect(ask({ ...building, attribute: 'nothing' })).rejects.toMatchObject(fault('field-unknown'));
  for (const body of [
    { fact: '0', field: 'addr' },
    { fact: '9'.repeat(19), field: 'addr' },
    { fact: '1' },
    { ...building },
  ])
    await expect(ask(body)).rejects.toThrow();
});

test('a person’s masked value is corrected without being shown; without permission or purpose nothing is', async () => {
  const person = { library: 'person', entity: 1 };
  const may = ['credit.read', 'library.read', 'person.read'];
  const ask = (who: Who) =>
    correct('POST', '', { ...who, body: { ...person, attribute: 'name', comment: '姓名有误' } });
  await expect(ask({ purpose: '核查' })).rejects.toMatchObject({ kind: { code: 'libraries.base.person-forbidden' } });
  await expect(ask({ may })).rejects.toMatchObject({ kind: { code: 'auth.purpose-needed' } });
  expect(audited.map((e) => [e.action, e.outcome])).toEqual(Array(2).fill(['correction.raise', 'refused']));
  const answer = await ask({ may, purpose: '核查' });
  expect(answer).toMatchObject({ source: 'gaj.resident-register', owner: 'gaj', field: 'nm' });
  const possible = await correct<Possible>('GET', '/possible', {
    ...{ may, purpose: '核查', query: { library: 'person', entity: '1' } },
  });
  expect(possible.items.find((i) => i.attribute === 'name')).toMatchObject({
    shown: 'masked',
    open: { state: 'open' },
  });
  expect(JSON.stringify([answer, possible])).not.toMatch(/张三/);
});
