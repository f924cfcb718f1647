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
  sourceDeclaration,
} from './index.ts';

const root = join(import.meta.dirname, '..', '..', '..');
let folder: string;
let lake: Lake;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-catalogue-'));
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
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
  expect(await found()).toEqual([['declared.yaml.syntax', 'sources/aa/one/source.yaml', 9]]);
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
  expect(await found()).toEqual([['catalogue.source.mapping-file', 'sources/aa/one/source.yaml', expect.any(Number)]]);
  const says = async (sql: string) => {
    put('aa/one/mapping.sql', sql);
    return (await found()).map(([code, file, line]) => `${code} ${file} ${line}`);
  };
  const file = 'sources/aa/one/mapping.sql';
  expect(await says('SELECT no,\n  nothing AS uscc FROM received')).toEqual([`catalogue.source.mapping ${file} 2`]);
  expect(await says('SELECT no,\n\n FROM WHERE')).toEqual([`catalogue.source.mapping ${file} 3`]);
  expect(await says('SELECT no FROM received')).toEqual([`catalogue.source.mapping-columns ${file} undefined`]);
  expect(await says('SELECT no, upper(uscc) AS uscc FROM received; -- all')).toEqual([]);
  expect(await says('SELECT * REPLACE (upper(uscc) AS uscc) FROM received')).toEqual([]);
});

test('a mapping that is no plain SELECT must answer the row itself', async () => {
  put('aa/one/source.yaml', `${good}mapping: mapping.sql\n`);
  const says = async (sql: string) => {
    put('aa/one/mapping.sql', sql);
    return (await found()).map(([code]) => code);
  };
  const joined = "FROM received r LEFT JOIN (VALUES ('a', 'b')) t(x, y) ON r.uscc = t.x";
  expect(await says(`SELECT no, y AS uscc ${joined}`)).toEqual(['catalogue.source.mapping-row']);
  expect(await says('SELECT DISTINCT no, uscc FROM received')).toEqual(['catalogue.source.mapping-row']);
  expect(await says(`SELECT r._row, no, y AS uscc ${joined}`)).toEqual([]);
  expect(await says('WITH a AS (FROM received) SELECT _row, no, uscc FROM a')).toEqual([]);
});

test('a mapping reads nothing but what was received', async () => {
  put('aa/one/source.yaml', `${good}mapping: mapping.sql\n`);
  const says = async (sql: string) => {
    put('aa/one/mapping.sql', sql);
    return (await found()).map(([code]) => String(code).replace('catalogue.source.mapping-', ''));
  };
  const fields = 'SELECT no, uscc FROM received';
  for (const sql of [
    "SELECT no, content AS uscc FROM received, read_text('/etc/hostname')",
    "SELECT no, (SELECT any_value(content) FROM read_text('/etc/hostname')) AS uscc FROM received",
    "SELECT no, uscc FROM '/etc/hostname.csv'",
    'SELECT no, (SELECT any_value(source) FROM ex.run) AS uscc FROM received',
    "WITH a AS (FROM glob('*')) SELECT _row, no, uscc FROM received, a",
    "SELECT no, uscc FROM query('FROM received')",
    "SELECT no, current_setting('temp_directory') AS uscc FROM received",
    'SELECT no, random() AS uscc FROM received',
    'SELECT no, current_date AS uscc FROM received',
    'SELECT no, now() AS uscc FROM received',
    'SELECT no, ? AS uscc FROM received',
    'SELECT no, uscc FROM received TABLESAMPLE 10%',
    'SELECT no, uscc FROM received USING SAMPLE 10%',
    'FROM duckdb_settings()',
    'SHOW TABLES',
  ])
    expect([sql, await says(sql)]).toEqual([sql, ['forbidden']]);
  for (const sql of [
    `COPY (${fields}) TO '/tmp/x.csv'`,
    "ATTACH '/tmp/x.duckdb'",
    'PRAGMA database_list',
    'SET threads = 1',
    'DROP TABLE received',
    `${fields}; ${fields}`,
    '',
  ])
    expect([sql, await says(sql)]).toEqual([sql, ['select']]);
});

test('a mapping that changes makes a new version of the declaration', async () => {
  await lake.define(catalogueTables);
  put('aa/one/source.yaml', `${good}mapping: mapping.sql\n`);
  const versions = async (sql: string) => {
    put('aa/one/mapping.sql', sql);
    const { sources } = await loadSources(folder, { lake });
    return (await record(lake, new ManualClock(), sources)).map((s) => s.version);
  };
  expect(await versions('SELECT no, uscc FROM received')).toEqual([1]);
  expect(await versions('SELECT no, uscc FROM received')).toEqual([1]);
  expect(await versions('SELECT no, upper(uscc) AS uscc FROM received')).toEqual([2]);
  const kept = await lake.query<{ mapping: string; declaration: string }>(
    'SELECT * FROM cat.declaration ORDER BY version',
  );
  expect(kept.map((v) => v.mapping)).toEqual([
    'SELECT no, uscc FROM received',
    'SELECT no, upper(uscc) AS uscc FROM received',
  ]);
  for (const { declaration } of kept) expect(sourceDeclaration.safeParse(JSON.parse(declaration)).success).toBe(true);
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
