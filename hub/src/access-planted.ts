/**
 * A planted city for the test of access rules: the repository's own declarations and six sources more, one for each level and each of
 * two owners, that hold one enterprise's row with a value of each protection which stands nowhere else. Whatever shows such a value
 * has shown exactly that cell. Used by tests only.
 */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { citizenId } from '@jingwei/codes';
import type { Level } from './platform/auth/protection.ts';

export const plantedLevels: readonly Level[] = ['core', 'important', 'general'];
export const plantedOwners = ['scjg', 'rsj'] as const;

/** One value that stands in one cell of the whole city. */
export interface Planted {
  source: string;
  owner: string;
  level: Level;
  protection: 'public' | 'internal' | 'personal' | 'sensitive';
  field: string;
  value: string;
  /** The same kind of value, which stands nowhere: what a search by it finds is what nobody's value finds. */
  absent: string;
}

/** The enterprise that every planted row is about. */
export const plantedEnterprise = { code: '91330282MAR6BYQW1T', name: '慈溪市通诺方模具厂（普通合伙）' };

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** Characters that stand in no other text of the city, so that a value is found by its own. */
const rare = [...'鑫犇骉羴猋麤毳淼焱垚晶磊森鱻飍龘靐'];

const identity = (n: number): string => citizenId.generate(`planted ${n}`);
const phone = (n: number): string => `1990574${String(1000 + n * 37).slice(-4)}`;
const word = (n: number, kind: string): string =>
  `${kind}${rare[n % rare.length]}${rare[(n * 7 + 3) % rare.length]}${n}号`;
const person = (n: number): string => `欧${rare[n % rare.length]}${rare[(n * 5 + 1) % rare.length]}`;
const road = (n: number): string =>
  `慈溪市浒山街道${rare[n % rare.length]}${rare[(n * 3 + 2) % rare.length]}路${700 + n}号`;

/** Every planted cell. */
export const planted: readonly Planted[] = plantedLevels.flatMap((level, l) =>
  plantedOwners.flatMap((owner, o) => {
    const n = 1 + l * 2 + o;
    const at = { source: `${owner}.planted-${level}`, owner, level };
    return [
      { ...at, protection: 'public', field: 'open_text', value: word(n, '公'), absent: word(n + 40, '公') },
      { ...at, protection: 'internal', field: 'own_text', value: word(n, '内'), absent: word(n + 40, '内') },
      { ...at, protection: 'personal', field: 'person', value: person(n), absent: person(n + 9) },
      { ...at, protection: 'personal', field: 'home', value: road(n), absent: road(n + 50) },
      { ...at, protection: 'sensitive', field: 'id_no', value: identity(n), absent: identity(n + 50) },
      { ...at, protection: 'sensitive', field: 'tel', value: phone(n), absent: phone(n + 50) },
    ] as const;
  }),
);

const declaration = (source: string, n: number, level: Level) => `
id: ${source}
number: ${30_000 + n}
title: { zh: 试验类别${n}, en: Planted class ${n} }
abstract: { zh: 各级各类数据项各一，供访问规则试验使用。, en: One item of each protection to try the rules of access. }
owner: ${source.split('.')[0]}
category: other
subject: legal-person
rank: 60
level: ${level}
sharing: { type: conditional, condition: 用于访问规则试验，须说明用途 }
cadence: daily
mode: snapshot
key: [no]
transport: { kind: file, pattern: '*.csv', format: csv, encoding: utf-8 }
fields:
  - { name: no, title: { zh: 编号, en: Number }, type: text, required: true }
  - { name: code, title: { zh: 统一社会信用代码, en: Unified social credit code }, type: text, format: uscc, role: uscc }
  - { name: nm, title: { zh: 企业名称, en: Enterprise name }, type: text, format: company-name, role: name }
  - { name: day, title: { zh: 日期, en: Day }, type: date, fact: date }
  - { name: open_text, title: { zh: 公开项, en: Public item }, type: text }
  - { name: own_text, title: { zh: 内部项, en: Internal item }, type: text, protection: internal }
  - { name: person, title: { zh: 姓名, en: Name }, type: text, format: person-name, protection: personal, role: person }
  - { name: home, title: { zh: 住址, en: Home }, type: text, format: address, protection: personal }
  - { name: id_no, title: { zh: 身份证号, en: Identity number }, type: text, format: citizen-id, protection: sensitive, role: person-id }
  - { name: tel, title: { zh: 联系电话, en: Telephone }, type: text, format: phone, protection: sensitive }
relations:
  - { kind: executive, person: person, personId: id_no, from: day }
expect: { maxQuarantinedShare: 1 }
`;

const sources = [...new Set(planted.map((p) => p.source))];

/** Makes the city's repository in a folder. */
export function plantRepository(root: string): void {
  for (const name of ['cities', 'standards', 'libraries', 'elements', 'codesets', 'web', 'hub'])
    symlinkSync(join(repository, name), join(root, name));
  // What is reckoned out of the classes afterwards holds none of the planted values and would take most of the time.
  for (const name of ['themes', 'lists', 'scoring', 'assessment']) mkdirSync(join(root, name));
  cpSync(join(repository, 'sources'), join(root, 'sources'), { recursive: true });
  sources.forEach((source, i) => {
    const folder = join(root, 'sources', ...source.split('.'));
    mkdirSync(folder, { recursive: true });
    const { level } = planted.find((p) => p.source === source)!;
    writeFileSync(join(folder, 'source.yaml'), declaration(source, i, level));
  });
}

/** Lays the deliveries: the enterprise's registration, and of each planted class a row that is accepted and one that is not. */
export function layDeliveries(inbox: string, registration: string): void {
  const lay = (source: string, text: string) => {
    const folder = join(inbox, ...source.split('.'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'day1.csv'), text);
  };
  lay('scjg.market-entity', registration);
  for (const source of sources) {
    const of = (field: string) => planted.find((p) => p.source === source && p.field === field)!.value;
    const fields = ['open_text', 'own_text', 'person', 'home', 'id_no', 'tel'];
    const cells = fields.map(of).join(',');
    const head = `no,code,nm,day,${fields.join(',')}`;
    const row = (no: string) => `${no},${plantedEnterprise.code},${plantedEnterprise.name},2026-10-01,${cells}`;
    // The second row has no number: it waits in quarantine with all its values.
    lay(source, `${head}\n${row('1')}\n${row('')}\n`);
  }
}
