/** What the tests of forms share: a department with an officer, a second officer and collectors, another department, the service on a store. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { nationalCalendar } from '@jingwei/codes';
import type { ZodType } from 'zod';
import { Catalogue, catalogueTables, EntryBook, sourceDeclared, useCatalogue, useEntries } from '../catalogue/index.ts';
import { deliverWith, exchangeTables, prepareTables, transportTables } from '../exchange/index.ts';
import { testToken, testVault } from '../exchange/testing.ts';
import { Audit, auditMigrations } from '../platform/audit/index.ts';
import { authMigrations } from '../platform/auth/index.ts';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { FolderBlobs } from '../platform/blobs/index.ts';
import { Bus } from '../platform/bus/index.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import type { StreamBody } from '../platform/http/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { type DesignInput, design } from './design.ts';
import { phoneRoutes } from './phone-routes.ts';
import type { FormsPorts } from './ports.ts';
import { formsRoutes } from './routes.ts';
import { sheetRoutes } from './sheet/routes.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const formsMigrations: MigrationSet[] = [
  auditMigrations,
  ...(Array.isArray(authMigrations) ? authMigrations : [authMigrations]),
  { room: 'catalogue', folder: folder('../catalogue/migrations') },
  { room: 'forms', folder: folder('./migrations') },
];

/** Somebody of a role. */
export const who = (role: Role, organisation: string | null, login: string): Principal => ({
  ...{ userId: login, login, name: `${login}员`, organisation, roles: [role], permissions: permissionsOf([role]) },
  ...{ sessionId: 's', purpose: null },
});
export const people = {
  officer: who('data-officer', 'mzj', 'mzj-officer'),
  second: who('data-officer', 'mzj', 'mzj-second'),
  collector: who('collector', 'mzj', 'collector'),
  other: who('collector', 'mzj', 'other'),
  head: who('department-head', 'mzj', 'mzj-head'),
  stranger: who('data-officer', 'rsj', 'rsj-officer'),
  steward: who('data-steward', null, 'steward'),
};

/** Wednesday in a plain week. */
export const DAY = '2026-03-04T02:00:00Z';
export const CITIZEN = '33028219450307001X';

/** A design with most kinds of fields. */
export const visitDesign = (over: Partial<DesignInput> = {}): DesignInput => ({
  title: { zh: '独居老人走访登记', en: 'Visits' },
  caption: 'elder',
  fields: [
    { kind: 'section', name: 's1', title: { zh: '老人情况' } },
    { kind: 'text', name: 'elder', title: { zh: '姓名' }, required: true, maxLength: 30, meaning: 'person-name' },
    { kind: 'citizen-id', name: 'id_no', title: { zh: '身份证号' }, required: true, unique: true },
    { kind: 'phone', name: 'tel', title: { zh: '电话' } },
    { kind: 'date', name: 'visited', title: { zh: '走访日期' }, required: true, max: 'today' },
    {
      ...{ kind: 'choice', name: 'health', title: { zh: '身体状况' }, required: true },
      options: [
        { code: 'good', title: { zh: '良好' } },
        { code: 'poor', title: { zh: '较差' } },
      ],
    },
    { kind: 'text', name: 'illness', title: { zh: '病情' }, visible: "health == 'poor'", required: "health == 'poor'" },
    { kind: 'decimal', name: 'income', title: { zh: '月收入' }, unit: '元', min: 0, max: 100000, places: 2 },
    { kind: 'place', name: 'at', title: { zh: '位置' }, accuracy: 500 },
    { kind: 'address', name: 'addr', title: { zh: '住址' } },
    { kind: 'picture', name: 'photo', title: { zh: '照片' } },
    { kind: 'relation', name: 'shop', title: { zh: '结对企业' }, to: 'enterprise' },
    {
      ...{ kind: 'table', name: 'needs', title: { zh: '需求' }, max: 5 },
      fields: [
        { kind: 'text', name: 'item', title: { zh: '事项' }, required: true },
        { kind: 'integer', name: 'cost', title: { zh: '费用' }, unit: '元', min: 0 },
      ],
    },
    { kind: 'calculated', name: 'total', title: { zh: '费用合计' }, expression: 'sum(needs.cost)', places: 0 },
  ],
  rules: [{ id: 'affordable', expression: 'total <= 10000', message: { zh: '合计不应超过一万元' }, fields: ['needs'] }],
  flow: { check: null, accept: { days: 5 } },
  ...over,
});
/** Values that can be handed in. */
export const visit = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ elder: '王秀英', id_no: CITIZEN, visited: '2026-03-03', health: 'good' },
  ...over,
});

export interface Bench {
  ports: FormsPorts;
  clock: ManualClock;
  lake: FormsPorts['lake'];
  reveals: string[][];
  call<T = Record<string, never>>(method: string, path: string, p: Principal, given?: Given): Promise<T>;
  /** Makes and publishes a form; answers its id. */
  form(name: string, given?: DesignInput): Promise<number>;
  end(): Promise<void>;
}
export interface Given {
  params?: object;
  query?: object;
  body?: object;
  raw?: Uint8Array;
  purpose?: string;
}

/** The service on an open store. */
export async function bench(db: Db): Promise<Bench> {
  const clock = new ManualClock(DAY);
  const data = mkdtempSync(join(tmpdir(), 'jingwei-forms-'));
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([
    ...catalogueTables,
    ...exchangeTables,
    ...transportTables,
    'CREATE SCHEMA f',
    'CREATE TABLE f.legal (entity INTEGER, name VARCHAR, uscc VARCHAR, address VARCHAR)',
    "INSERT INTO f.legal VALUES (7, '慈溪市长河电器有限公司', '91330282MA2AF1Q11H', '长河镇')",
    'CREATE VIEW v.legal_person_v1 AS FROM f.legal',
    'CREATE TABLE f.person (entity INTEGER, name VARCHAR, sex VARCHAR, birth DATE)',
    "INSERT INTO f.person VALUES (9, '陈阿大', '男', DATE '1940-01-01')",
    'CREATE VIEW v.person_v1 AS FROM f.person',
  ]);
  const organisations = ['mzj', 'rsj'].map((id) => ({ id, name: { zh: `${id}局`, en: id } }));
  const catalogue = new Catalogue([], organisations, []);
  useCatalogue(lake, catalogue);
  useEntries(db, await new EntryBook(db).load());
  const audit = new Audit(db, clock);
  const originals = new Map<string, string>();
  const reveals: string[][] = [];
  const vault = {
    ...testVault,
    async stageTokens(session: never, kind: never, select: string, into: string) {
      const answer = await testVault.stageTokens(session, kind, select, into);
      const rows = await (session as { query(s: string): Promise<{ original: string }[]> }).query(`FROM "${into}"`);
      for (const { original } of rows) originals.set(testToken(kind, original), original);
      return answer;
    },
    async reveal(tokens: string[]) {
      reveals.push(tokens);
      return new Map(tokens.flatMap((t) => (originals.has(t) ? [[t, originals.get(t)!] as const] : [])));
    },
  };
  const bus = new Bus((name, error) => {
    throw new Error(`${name}: ${error}`);
  });
  const ports = {
    ...{ db, lake, clock, audit, vault, bus, log: silentLogger(), blobs: new FolderBlobs(join(data, 'blobs')) },
    ...{ folders: { data }, calendar: () => nationalCalendar },
  } as unknown as FormsPorts;
  bus.on(sourceDeclared, () => prepareTables(lake, catalogue.declarations()));
  deliverWith(lake, () => ({
    ...{ lake, vault: vault as never, clock, work: join(data, 'work'), secrets: {}, audit, keyDays: 30 },
    find: (id) => catalogue.sources.get(id)!,
  }));
  for (const p of Object.values(people))
    await db.query(
      `INSERT INTO auth.account (id, login, name, organisation, password_hash, password_set_at, must_change, created_at)
       VALUES ($1, $2, $3, $4, 'x', $5, false, $5) ON CONFLICT DO NOTHING`,
      [randomUUID(), p.login, p.name, p.organisation, clock.now()],
    );
  const routes = [...formsRoutes(ports), ...phoneRoutes(ports), ...sheetRoutes(ports)];
  const call: Bench['call'] = async (method, path, p, given = {}) => {
    const full = `/api/v1/forms${path}`;
    const route = routes.find((r) => r.method === method && r.path === full);
    if (!route) throw new Error(`no route ${method} ${full}`);
    if (route.access !== 'public' && route.access !== 'signed-in' && !p.permissions.has(route.access))
      throw new Error(`403 ${route.access}`);
    const answer = await route.handler({
      params: route.params?.parse(given.params ?? {}),
      query: route.query?.parse(given.query ?? {}),
      body: route.body?.parse(given.body ?? {}),
      ...{ principal: p, clock, reply: {} as never },
      request: { body: given.raw ? Readable.from([given.raw]) : undefined } as never,
      ...(given.purpose ? { purpose: given.purpose } : {}),
    });
    return ('stream' in route.response ? answer : (route.response as ZodType).parse(answer)) as never;
  };
  return {
    ...{ ports, clock, lake, reveals, call },
    async form(name, given = visitDesign()) {
      const made = await call<{ id: number; revision: number }>('POST', '', people.officer, {
        body: { name, design: design.parse(given) },
      });
      const params = { form: made.id };
      await call('POST', '/{form}/publish', people.officer, { params, body: { revision: made.revision } });
      return made.id;
    },
    async end() {
      await lake.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The bytes of a streamed answer. */
export async function bytesOf(body: StreamBody): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const c of body.chunks) chunks.push(Buffer.from(c));
  return Buffer.concat(chunks);
}

/** The code of the Problem that a call ends with, or `done`. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: { kind?: { code: string }; message: string }) => error.kind?.code ?? error.message,
  );
