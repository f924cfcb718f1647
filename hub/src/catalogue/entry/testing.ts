/** What the tests of entries share: a store with the catalogue's tables, declared sources, people. */

import { fileURLToPath } from 'node:url';
import { Audit, auditMigrations } from '../../platform/audit/index.ts';
import { type Principal, permissionsOf, type Role } from '../../platform/auth/principal.ts';
import { ManualClock } from '../../platform/clock.ts';
import { type TestDb, testStore } from '../../platform/db/testing.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { NotedNotices } from '../../platform/notices/testing.ts';
import { Catalogue, type CataloguedSource } from '../catalogue.ts';
import { sourceDeclaration } from '../declaration.ts';
import { EntryBook } from './book.ts';
import { legalDays } from './clock.ts';
import { type EntryContent, entryContent } from './content.ts';
import { EntryContext } from './context.ts';
import { useEntries } from './published.ts';
import { readWords } from './words.ts';

/** A source as its folder would declare it. */
export function source(id: string, number: number, over: object = {}, version = 1): CataloguedSource {
  const declaration = sourceDeclaration.parse({
    ...{ id, number, title: { zh: '行政许可信息', en: 'Permits' }, owner: id.split('.')[0], category: 'permit' },
    abstract: { zh: '本市各类企业取得的行政许可及其有效期', en: 'Permits of enterprises and how long they hold' },
    ...{ subject: 'legal-person', level: 'general', sharing: { type: 'unconditional' }, cadence: 'daily' },
    ...{ mode: 'snapshot', key: ['permit_no'], transport: { kind: 'file' } },
    fields: [
      { name: 'permit_no', title: { zh: '许可证号', en: 'Permit number' }, type: 'text', required: true },
      { name: 'comp_nm', title: { zh: '企业名称', en: 'Name' }, type: 'text', format: 'company-name', role: 'name' },
      { name: 'valid_to', title: { zh: '有效期止', en: 'Valid to' }, type: 'date' },
      { name: 'fee', title: { zh: '费用', en: 'Fee' }, type: 'decimal', format: 'amount' },
    ],
    ...over,
  });
  return { declaration, version, sha256: 'x', folder: '' };
}

/** Somebody of a role. */
export const who = (role: Role, organisation: string | null): Principal => ({
  ...{ userId: 'u', login: `${role}@${organisation}`, name: 'U', organisation, roles: [role] },
  ...{ permissions: permissionsOf([role]), sessionId: 's', purpose: null },
});

export const organisations = [
  { id: 'scjg', name: { zh: '慈溪市市场监督管理局', en: 'Market regulation' }, code: '113302820296605042' },
  { id: 'rsj', name: { zh: '慈溪市人力资源和社会保障局', en: 'Human resources' }, code: '11330282029818885N' },
];

/** A store of its own with the catalogue's tables, at ten in the morning of Monday, 2 March 2026. */
export async function entryBench(sources: CataloguedSource[] = []) {
  const clock = new ManualClock('2026-03-02T02:00:00Z');
  const store: TestDb = await testStore([
    auditMigrations,
    { room: 'catalogue', folder: fileURLToPath(new URL('../migrations', import.meta.url)) },
  ]);
  const book = await new EntryBook(store.db).load();
  useEntries(store.db, book);
  const catalogue = new Catalogue(sources, organisations, []);
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const standards = `${root}standards`;
  const audit = new Audit(store.db, clock);
  const notices = new NotedNotices();
  // No runs: the lake has no view of them.
  const lake = { first: async () => undefined, query: async () => [] } as unknown as Lake;
  const legal = legalDays({ standards, cities: `${root}cities` }, 'none');
  const { words } = readWords(standards);
  const context = await new EntryContext(
    { db: store.db, lake, clock, audit, notices },
    { book, words, legal, catalogue },
  ).load();
  return { clock, db: store.db, book, catalogue, audit, notices, context, words, end: () => store.end() };
}

/** A content without errors, but for what is given otherwise. */
export const content = (over: object = {}): EntryContent =>
  entryContent.parse({
    title: { zh: '就业登记信息', en: 'Employment registrations' },
    abstract: { zh: '用人单位办理的劳动者就业登记，含合同起止与岗位', en: 'Registrations of employment' },
    ...{ classification: '203001', format: 'xlsx', subject: 'natural-person', level: 'general', cycle: 'monthly' },
    sharing: { type: 'conditional', condition: '用于就业服务和劳动监察，限有关部门', ways: ['下载'] },
    open: {},
    items: [
      { title: { zh: '劳动者姓名' }, type: 'C', protection: 'personal' },
      { title: { zh: '合同起始日期' }, type: 'D' },
    ],
    ...over,
  });
