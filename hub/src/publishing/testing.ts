/** What the tests of publishing share: one department with a register of firms and one of people in a small lake, the service on a store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nationalCalendar } from '@jingwei/codes';
import { Catalogue, EntryBook, sourceDeclaration, takeOver, useCatalogue, useEntries } from '../catalogue/index.ts';
import { Audit, auditMigrations } from '../platform/audit/index.ts';
import { authMigrations } from '../platform/auth/index.ts';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { FolderBlobs } from '../platform/blobs/index.ts';
import { Bus } from '../platform/bus/index.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { act } from './act.ts';
import { checkJob, editionJob } from './edition.ts';
import { editionTables } from './editions.ts';
import type { PublishingPorts } from './ports.ts';
import { datasetOf } from './store.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const publishingMigrations: MigrationSet[] = [
  auditMigrations,
  ...(Array.isArray(authMigrations) ? authMigrations : [authMigrations]),
  { room: 'catalogue', folder: folder('../catalogue/migrations') },
  { room: 'publishing', folder: folder('./migrations') },
];

export const who = (role: Role, organisation: string | null, login = `${role}@${organisation}`): Principal => ({
  ...{ userId: login, login, name: login, organisation, roles: [role], permissions: permissionsOf([role]) },
  ...{ sessionId: 's', purpose: null },
});
export const people = {
  officer: who('data-officer', 'scjg'),
  head: who('department-head', 'scjg'),
  other: who('data-officer', 'rsj'),
  steward: who('data-steward', null),
  leader: who('leader', null),
};

const field = (name: string, more: object = {}) => ({
  ...{ name, title: { zh: `${name}项`, en: name }, type: 'text' },
  ...more,
});
const firm = [
  field('permit_no', { required: true }),
  field('comp_nm', { format: 'company-name', role: 'name' }),
  field('kind'),
  field('town'),
  field('contact', { format: 'person-name', protection: 'personal' }),
  field('phone', { format: 'phone', protection: 'sensitive' }),
  field('issued', { type: 'date' }),
  field('fee', { type: 'decimal' }),
  field('remark'),
];
const person = [
  field('aid_no', { required: true }),
  field('nm', { format: 'person-name', protection: 'personal' }),
  field('birth', { type: 'date', protection: 'personal' }),
  field('town', { protection: 'personal' }),
  field('aid', { protection: 'personal' }),
];
const source = (id: string, number: number, key: string, fields: object[], over: object = {}) => ({
  declaration: sourceDeclaration.parse({
    ...{ id, number, title: { zh: `${id}名录`, en: id }, owner: id.split('.')[0], category: 'permit' },
    abstract: { zh: '本市发放的各类许可与救助情况', en: 'Permits and aid of the city' },
    ...{ subject: 'legal-person', level: 'general', sharing: { type: 'unconditional' }, open: true, cadence: 'daily' },
    ...{ mode: 'snapshot', key: [key], transport: { kind: 'file' }, fields, ...over },
  }),
  ...{ version: 1, sha256: id, folder: '' },
});
const sources = [
  source('scjg.permit', 11, 'permit_no', firm),
  source('scjg.aid', 12, 'aid_no', person, { subject: 'natural-person' }),
  source('scjg.grave', 13, 'permit_no', firm, { level: 'important' }),
  source('scjg.refused', 14, 'permit_no', firm, {
    sharing: { type: 'refused', ground: '《保密法》第十条' },
    open: false,
  }),
];
const organisations = ['scjg', 'rsj'].map((id) => ({ id, name: { zh: `${id}局`, en: id } }));

/** Ground that names a law. */
export const GROUND = '《浙江省公共数据条例》第二十七条';

export interface Bench {
  ports: PublishingPorts;
  clock: ManualClock;
  seals: { subject: string }[];
  step(id: number, action: string, p: Principal, comment?: string): Promise<void>;
  /** Checks, submits, agrees, opens and makes the edition. */
  open(id: number): Promise<void>;
  runJobs(): Promise<void>;
  end(): Promise<void>;
}

/** The service on an open store. */
export async function bench(db: Db): Promise<Bench> {
  const clock = new ManualClock('2026-03-02T02:00:00Z');
  const data = mkdtempSync(join(tmpdir(), 'jingwei-publishing-'));
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  const token = `p~${'a'.repeat(26)}`;
  await lake.define([
    ...editionTables,
    'CREATE SCHEMA IF NOT EXISTS v',
    'CREATE SCHEMA f',
    `CREATE TABLE f.firm (entity INTEGER, day DATE, fact BIGINT, amount DECIMAL(18,4), permit_no VARCHAR, comp_nm VARCHAR, kind VARCHAR,
      town VARCHAR, contact VARCHAR, phone VARCHAR, issued DATE, fee DECIMAL(18,4), remark VARCHAR)`,
    `INSERT INTO f.firm SELECT i, DATE '2026-01-01', i, NULL, 'P' || i, '慈溪第' || i || '食品有限公司', CASE WHEN i % 3 = 0 THEN '餐饮' ELSE '零售' END,
      CASE WHEN i <= 2 THEN '小镇' ELSE ['周巷镇', '浒山街道', '横河镇', '崇寿镇', '附海镇'][i % 5 + 1] END, '王小' || chr(20000 + i::INTEGER), '${token}',
      DATE '2024-01-15' + (i * 7)::INTEGER, i * 10, NULL FROM range(1, 61) r(i)`,
    `CREATE TABLE f.aid (entity INTEGER, day DATE, fact BIGINT, amount DECIMAL(18,4), aid_no VARCHAR, nm VARCHAR, birth DATE, town VARCHAR, aid VARCHAR)`,
    `INSERT INTO f.aid SELECT i, DATE '2026-01-01', i, NULL, 'A' || i, '陈小' || chr(20000 + i::INTEGER), DATE '1950-01-01' + (i * 400)::INTEGER,
      CASE WHEN i % 2 = 0 THEN '周巷镇' ELSE '浒山街道' END, CASE WHEN i % 3 = 0 THEN '低保' ELSE '特困' END FROM range(1, 61) r(i)`,
    ...['permit', 'grave', 'refused'].map((n) => `CREATE VIEW v.record_scjg_${n}_v1 AS FROM f.firm`),
    'CREATE VIEW v.record_scjg_aid_v1 AS FROM f.aid',
  ]);
  const book = await new EntryBook(db).load();
  useEntries(db, book);
  useCatalogue(lake, new Catalogue(sources, organisations, []));
  await takeOver({ db, clock }, book, sources);
  const seals: Bench['seals'] = [];
  const jobs: { kind: string; params: never }[] = [];
  const ports: PublishingPorts = {
    ...{
      db,
      lake,
      clock,
      audit: new Audit(db, clock),
      blobs: new FolderBlobs(join(data, 'blobs')),
      log: silentLogger(),
    },
    ...{ bus: new Bus(() => undefined), city: 'cixi', url: () => 'http://hub', calendar: () => nationalCalendar },
    folders: { data, standards: folder('../../../standards') },
    rules: { k: 5, answerDays: 10, anonymousPerMinute: 60, keyPerMinute: 600, keyPerDay: 1000 },
    seal: { request: async (s: { subject: string }) => seals.push(s), get: async () => undefined } as never,
    jobs: { submit: async (kind: string, params: never) => String(jobs.push({ kind, params })) } as never,
  };
  const context = { signal: new AbortController().signal } as never;
  const made: Bench = {
    ...{ ports, clock, seals },
    async step(id, action, p, comment = '依法办理') {
      const { version } = await datasetOf(db.kysely, id, null);
      await act(ports, id, { action: action as never, version, comment }, p);
      await made.runJobs();
    },
    async open(id) {
      await made.step(id, 'check', people.officer);
      await made.step(id, 'submit', people.officer);
      await made.step(id, 'agree', people.head);
      await made.step(id, 'open', people.steward);
    },
    async runJobs() {
      const kinds = [checkJob(ports), editionJob(ports)];
      for (const { kind, params } of jobs.splice(0)) await kinds.find((k) => k.kind === kind)!.run(context, params);
    },
    async end() {
      await lake.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return made;
}
