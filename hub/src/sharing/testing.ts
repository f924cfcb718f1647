/** What the tests of sharing share: two departments, an authority, a collected class in a small lake, the service on a store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nationalCalendar, type WorkingCalendar } from '@jingwei/codes';
import type { ZodType } from 'zod';
import { Catalogue, EntryBook, sourceDeclaration, takeOver, useCatalogue, useEntries } from '../catalogue/index.ts';
import { Audit, auditMigrations } from '../platform/audit/index.ts';
import { authMigrations } from '../platform/auth/index.ts';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { FolderBlobs } from '../platform/blobs/index.ts';
import { Bus } from '../platform/bus/index.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import type { StreamBody } from '../platform/http/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { openLaw } from '../platform/law/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { Networks } from '../platform/networks/index.ts';
import { NotedNotices } from '../platform/notices/testing.ts';
import type { SealSubject } from '../platform/seal/port.ts';
import type { SharingPorts } from './act.ts';
import { deliverJob } from './delivery/make.ts';
import { deliveryTables } from './delivery/tables.ts';
import { sharingRoutes } from './routes.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const sharingMigrations: MigrationSet[] = [
  auditMigrations,
  ...(Array.isArray(authMigrations) ? authMigrations : [authMigrations]),
  { room: 'catalogue', folder: folder('../catalogue/migrations') },
  { room: 'libraries', folder: folder('../libraries/migrations') },
  { room: 'sharing', folder: folder('./migrations') },
];

/** Somebody of a role. */
export const who = (role: Role, organisation: string | null, login = `${role}@${organisation}`): Principal => ({
  ...{ userId: login, login, name: login, organisation, roles: [role], permissions: permissionsOf([role]) },
  ...{ sessionId: 's', purpose: '测试用途' },
});
export const people = {
  officer: who('data-officer', 'scjg'),
  head: who('department-head', 'scjg'),
  rsjOfficer: who('data-officer', 'rsj'),
  rsjHead: who('department-head', 'rsj'),
  taxOfficer: who('data-officer', 'sw'),
  taxHead: who('department-head', 'sw'),
  steward: who('data-steward', null),
  leader: who('leader', null),
};

const field = (name: string, more: object = {}) => ({
  ...{ name, title: { zh: `${name}项`, en: name }, type: 'text' },
  ...more,
});
export const fields = [
  field('permit_no', { required: true }),
  field('comp_nm', { format: 'company-name', role: 'name' }),
  field('contact', { format: 'person-name', protection: 'personal' }),
  field('phone', { format: 'phone', protection: 'sensitive' }),
  field('valid_to', { type: 'date' }),
  field('fee', { type: 'decimal', format: 'amount' }),
  field('note', { protection: 'internal' }),
];
const source = (id: string, number: number, over: object = {}) => ({
  declaration: sourceDeclaration.parse({
    ...{ id, number, title: { zh: `${id}许可`, en: id }, owner: id.split('.')[0], category: 'permit' },
    abstract: { zh: '本市各类企业取得的行政许可及其有效期', en: 'Permits of enterprises and how long they hold' },
    ...{ subject: 'legal-person', level: 'general', sharing: { type: 'unconditional' }, cadence: 'daily' },
    ...{ mode: 'snapshot', key: ['permit_no'], transport: { kind: 'file' }, fields, ...over },
  }),
  ...{ version: 1, sha256: id, folder: '' },
});
const sources = [
  source('scjg.permit', 11),
  source('scjg.penalty', 12, { sharing: { type: 'conditional', condition: '用于行政管理，须说明用途' } }),
  source('scjg.resident', 14, {
    ...{
      subject: 'natural-person',
      category: 'registration',
      key: ['hk_id'],
      sharing: { type: 'conditional', condition: '用于行政管理，须说明用途' },
    },
    fields: [
      field('hk_id', { required: true }),
      field('nm', { format: 'person-name', protection: 'personal' }),
      field('id_no', { format: 'citizen-id', protection: 'sensitive' }),
      field('addr', { format: 'address', protection: 'personal' }),
      field('stat'),
    ],
  }),
  source('scjg.secret', 13, { sharing: { type: 'refused', ground: '《保密法》第十条' } }),
];
const organisations = ['scjg', 'rsj', 'sw'].map((id) => ({ id, name: { zh: `${id}局`, en: id } }));

/** Two thousand and twenty-six, a plain Monday: nothing is near. */
export const MONDAY = '2026-03-02T02:00:00Z';

export interface Bench {
  ports: SharingPorts;
  clock: ManualClock;
  seals: SealSubject[];
  jobs: { kind: string; params: { delivery: number } }[];
  calendar: { current: WorkingCalendar };
  call<T = Record<string, never>>(method: string, path: string, p: Principal, given?: Given): Promise<T>;
  step<T = Record<string, never>>(
    kind: 'requests' | 'shares' | 'disputes',
    id: number,
    action: string,
    p: Principal,
    given?: object,
  ): Promise<T>;
  runJobs(): Promise<void>;
  end(): Promise<void>;
}
export interface Given {
  params?: object;
  query?: object;
  body?: object;
  purpose?: string;
  headers?: Record<string, string>;
  /** What the answer's status and headers are kept in. */
  sent?: Record<string, unknown>;
}

/** As much of an answer as handlers touch. */
function replyOf(sent: Record<string, unknown> = {}) {
  const reply = {
    code: (status: number) => Object.assign(reply, Object.assign(sent, { status }) && {}),
    header: (name: string, value: string) => Object.assign(reply, Object.assign(sent, { [name]: value }) && {}),
  };
  return reply;
}

/** The service on an open store. */
export async function bench(db: Db): Promise<Bench> {
  const clock = new ManualClock(MONDAY);
  const data = mkdtempSync(join(tmpdir(), 'jingwei-sharing-'));
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  const token = `p~${'a'.repeat(26)}`;
  const columns =
    'entity INTEGER, day DATE, fact BIGINT, amount DECIMAL(18,4), permit_no VARCHAR, comp_nm VARCHAR, contact VARCHAR, phone VARCHAR, valid_to DATE, fee DECIMAL(18,4), note VARCHAR';
  await lake.define([
    ...deliveryTables,
    'CREATE SCHEMA IF NOT EXISTS v',
    'CREATE SCHEMA f',
    `CREATE TABLE f.permit (${columns})`,
    'CREATE VIEW v.record_scjg_permit_v1 AS FROM f.permit',
    'CREATE VIEW v.record_scjg_penalty_v1 AS FROM f.permit',
    `CREATE VIEW v.identity_v1 AS SELECT '${token}' AS token, '138****0000' AS mask`,
    'CREATE VIEW v.legal_person_fact_v1 AS SELECT entity, fact FROM f.permit',
    `INSERT INTO f.permit SELECT i, DATE '2026-01-01', (7::BIGINT << 32) + i, NULL, 'P' || i, '企业' || i || '有限公司', '王小' || i,
       '${token}', DATE '2026-01-01' + i::INTEGER, i * 100, CASE WHEN i % 2 = 0 THEN '备注' || i END FROM range(1, 21) r(i)`,
  ]);
  const book = await new EntryBook(db).load();
  useEntries(db, book);
  useCatalogue(lake, new Catalogue(sources, organisations, []));
  await takeOver({ db, clock }, book, sources);
  const seals: SealSubject[] = [];
  const jobs: Bench['jobs'] = [];
  const calendar = { current: nationalCalendar };
  const ports = {
    ...{
      db,
      lake,
      clock,
      audit: new Audit(db, clock),
      blobs: new FolderBlobs(join(data, 'blobs')),
      log: silentLogger(),
      bus: new Bus((_, error) => {
        throw error;
      }),
    },
    ...{
      folders: { data, keys: join(data, 'keys') },
      networks: new Networks(['127.0.0.0/8']),
      law: openLaw(folder('../../../standards')),
      calendar: () => calendar.current,
    },
    vault: { masks: async (tokens: string[]) => new Map(tokens.map((t) => [t, '138****0000'])) },
    notices: new NotedNotices(),
    seal: { request: async (s: SealSubject) => seals.push(s), get: async () => undefined },
    jobs: { submit: async (kind: string, params: { delivery: number }) => String(jobs.push({ kind, params })) },
  } as unknown as SharingPorts;
  const routes = sharingRoutes(ports);
  const call: Bench['call'] = async (method, path, p, given = {}) => {
    const full = `/api/v1/sharing${path}`;
    const route = routes.find((r) => r.method === method && r.path === full);
    if (!route) throw new Error(`no route ${method} ${full}`);
    if (route.access !== 'public' && route.access !== 'signed-in' && !p.permissions.has(route.access))
      throw new Error(`403 ${route.access}`);
    const answer = await route.handler({
      params: route.params?.parse(given.params ?? {}),
      query: route.query?.parse(given.query ?? {}),
      body: route.body?.parse(given.body ?? {}),
      ...{
        principal: p,
        clock,
        request: { headers: given.headers ?? {} } as never,
        reply: replyOf(given.sent) as never,
      },
      ...(given.purpose ? { purpose: given.purpose } : {}),
    });
    return ('stream' in route.response ? answer : (route.response as ZodType).parse(answer)) as never;
  };
  return {
    ...{ ports, clock, seals, jobs, calendar, call },
    async step(kind, id, action, p, given = {}) {
      const path = kind === 'disputes' ? '/disputes' : `/${kind}/{id}`;
      const now =
        kind === 'disputes'
          ? (await call<{ items: { id: number; version: number }[] }>('GET', path, p)).items.find((d) => d.id === id)
          : await call<{ version: number }>('GET', path, p, { params: { id } });
      const body = { action, version: now?.version ?? 0, ...given };
      return call('POST', `/${kind}/{id}/steps`, p, { params: { id }, body });
    },
    async runJobs() {
      const job = deliverJob(ports);
      for (const { params } of jobs.splice(0))
        await job.run({ signal: new AbortController().signal } as never, params).catch(() => undefined);
    },
    async end() {
      await lake.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The text of a streamed answer. */
export async function textOf(body: StreamBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const c of body.chunks) chunks.push(Buffer.from(c));
  return Buffer.concat(chunks).toString();
}

/** A content that is complete. */
export const whole = (over: object = {}): Record<string, unknown> => ({
  ...{ ground: '《食品安全法》第六条', scene: '社保稽核', scope: '稽核科内部使用', mode: 'file', until: '2026-12-31' },
  ...{ items: ['permit_no', 'comp_nm', 'valid_to'], conditions: '仅用于行政管理', contact: '张三 63800000' },
  ...over,
});
