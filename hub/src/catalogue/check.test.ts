import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import {
  catalogueTables,
  checkSources,
  loadSources,
  openCatalogue,
  readOrganisations,
  record,
  resourceCode,
} from './index.ts';

const root = join(import.meta.dirname, '..', '..', '..');
let folder: string;
let lake: Lake;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-catalogue-'));
  lake = await openDuckDbLake({ path: ':memory:' });
});
afterEach(async () => {
  await lake.close();
  rmSync(folder, { recursive: true });
});

const put = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const good = `id: aa.one
number: 7
title: { zh: 一, en: One }
abstract: { zh: 一, en: One }
owner: aa
category: permit
subject: legal-person
level: general
sharing: { type: unconditional }
cadence: daily
mode: snapshot
key: [no]
transport: { kind: file, pattern: '*.csv' }
fields:
  - { name: no, title: { zh: 号, en: No }, type: text, required: true }
  - { name: uscc, title: { zh: 码, en: Code }, type: text, format: uscc }
`;
const found = async (context = {}) =>
  (await checkSources(folder, { lake, ...context })).map((p) => [p.kind.code, p.place?.file, p.place?.line]);

test('the sources of the repository hold', async () => {
  const { organisations, problems } = readOrganisations(join(root, 'cities'), 'cixi');
  expect(problems).toEqual([]);
  const own = await loadSources(join(root, 'sources'), {
    lake,
    organisations: new Set(organisations.map((o) => o.id)),
  });
  expect(own.problems.map((p) => `${p.place?.file}:${p.place?.line} ${p.message}`)).toEqual([]);
  expect(own.sources.length).toBeGreaterThanOrEqual(111);
});

test('every mistake is told with its file and line, all at once', async () => {
  put(
    'aa/one/source.yaml',
    `id: Aa.one
number: -3
title: { zh: 一 }
abstract: { zh: '', en: One }
owner: 5
category: permits
subject: company
level: secret
sharing: { type: unconditional, sort: x }
cadence: hourly
mode: full
key: [No]
transport: { kind: ftp }
colour: red
fields:
  - { name: no, title: { zh: 号, en: No }, type: string }
  - { title: { zh: 码, en: Code }, type: text, form: uscc }
`,
  );
  const lines = (await found()).map(([, , line]) => line);
  for (let line = 1; line <= 17; line++) if (line !== 15) expect(lines, `line ${line}`).toContain(line);
});

test('a mistake of YAML itself is told with its line', async () => {
  put('aa/one/source.yaml', good.replace('level: general', 'level: general\nlevel: core'));
  expect(await found()).toEqual([['catalogue.yaml.syntax', 'sources/aa/one/source.yaml', 9]]);
});

test('what only shows against the rest is told: folder, owner, numbers, keys, relations, sharing, protection', async () => {
  put('aa/one/source.yaml', good);
  put(
    'aa/two/source.yaml',
    `${good.replace('sharing: { type: unconditional }', 'sharing: { type: refused }').replace('key: [no]', 'key: [nr]')}  - { name: person, title: { zh: 证, en: Id }, type: text, protection: sensitive }
  - { name: uscc, title: { zh: 码, en: Code }, type: text }
  - { name: n, title: { zh: 数, en: N }, type: integer, min: 5, max: 1 }
relations:
  - { kind: branch, organisation: nobody }
`,
  );
  const codes = (await found({ organisations: new Set(['bb']) })).map(
    ([code, file, line]) => `${file} ${line} ${code}`,
  );
  const two = 'sources/aa/two/source.yaml';
  expect(codes).toEqual([
    'sources/aa/one/source.yaml 5 catalogue.source.owner-unknown',
    `${two} 1 catalogue.source.id-folder`,
    `${two} 5 catalogue.source.owner-unknown`,
    `${two} 2 catalogue.source.number-twice`,
    `${two} 9 catalogue.source.ground-missing`,
    `${two} 17 catalogue.source.sensitive-format`,
    `${two} 18 catalogue.source.field-twice`,
    `${two} 18 catalogue.source.column-twice`,
    `${two} 19 catalogue.source.bounds`,
    `${two} 12 catalogue.source.key-unknown`,
    `${two} 21 catalogue.source.relation-unknown`,
  ]);
});

test('a mapping must compile and answer every field', async () => {
  put('aa/one/source.yaml', `${good}mapping: mapping.sql\n`);
  expect((await found())[0]).toEqual(['catalogue.source.mapping', 'sources/aa/one/mapping.sql', undefined]);
  put('aa/one/mapping.sql', 'SELECT no,\n  nothing AS uscc FROM received');
  expect((await found())[0]?.[0]).toBe('catalogue.source.mapping');
  put('aa/one/mapping.sql', 'SELECT no FROM received');
  expect((await found())[0]?.[0]).toBe('catalogue.source.mapping-columns');
  put('aa/one/mapping.sql', 'SELECT no, upper(uscc) AS uscc FROM received;');
  expect(await found()).toEqual([]);
});

test('versions of a declaration are recorded when it changes, and only then', async () => {
  await lake.define(catalogueTables);
  put('aa/one/source.yaml', good);
  const clock = new ManualClock();
  const load = async () => (await loadSources(folder)).sources;
  expect((await record(lake, clock, await load())).map((s) => s.version)).toEqual([1]);
  expect((await record(lake, clock, await load())).map((s) => s.version)).toEqual([1]);
  put('aa/one/source.yaml', good.replace('level: general', 'level: core'));
  expect((await record(lake, clock, await load())).map((s) => s.version)).toEqual([2]);
  expect(await lake.query('SELECT class, source, level FROM v.class_v1')).toEqual([
    { class: 7, source: 'aa.one', level: 'core' },
  ]);
  expect(await lake.query('SELECT version, count(*) AS n FROM v.class_field_v1 GROUP BY 1 ORDER BY 1')).toEqual([
    { version: 1, n: 2 },
    { version: 2, n: 2 },
  ]);
});

test('a national code is formed of class, item, category and sequence', async () => {
  await lake.define(catalogueTables);
  put('aa/one/source.yaml', good);
  put('c/organisations.yaml', 'organisations:\n  - { id: aa, name: { zh: 甲, en: A } }\n');
  const own = await openCatalogue(lake, new ManualClock(), { sources: folder, cities: folder, city: 'c' });
  expect(own.declarations().map(resourceCode)).toEqual(['307001/000007']);
});
