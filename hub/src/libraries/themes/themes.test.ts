import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Principal } from '../../platform/auth/principal.ts';
import { ManualClock } from '../../platform/clock.ts';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { NotedSeals } from '../../platform/seal/testing.ts';
import { useLists } from '../lists/job.ts';
import { useThemes } from './job.ts';
import { type LoadedTheme, loadThemes } from './load.ts';
import { runTheme } from './run.ts';
import { belongs, exportTheme, members, type ThemePorts } from './service.ts';
import { themeTables } from './tables.ts';

let lake: Lake;
const folder = mkdtempSync(join(tmpdir(), 'jingwei-themes-'));
const audited: { action: string; outcome: string; purpose?: string | undefined }[] = [];

const yaml = (id: string, more: Record<string, string> = {}) =>
  Object.entries({
    ...{
      theme: id,
      title: '{ zh: 专题, en: Theme }',
      purpose: '{ zh: 用途, en: Purpose }',
      ground: '{ zh: 依据, en: Ground }',
    },
    ...{ owner: 'scjg', library: 'legal-person', level: 'general', show: '[name, status]' },
    access: '{ roles: [data-steward], organisations: all }',
    ...more,
  })
    .map(([k, v]) => `${k}: ${v}`)
    .join('\n');
const good = 'SELECT entity, division, why AS reason, fact FROM v.said_v1 WHERE day <= $day::DATE';
function put(id: string, text = yaml(id), sql: string | null = good): void {
  mkdirSync(join(folder, id), { recursive: true });
  writeFileSync(join(folder, id, 'theme.yaml'), text);
  if (sql !== null) writeFileSync(join(folder, id, 'members.sql'), sql);
}
const load = () => loadThemes(folder, lake, [], new Set(['scjg']));
const steward = {
  login: 's',
  organisation: null,
  roles: ['data-steward'],
  permissions: new Set(),
  purpose: null,
} as unknown as Principal;
const officer = { ...steward, organisation: 'scjg', roles: ['data-officer'] } as Principal;
const stranger = { ...steward, roles: ['leader'] } as Principal;
const seal = new NotedSeals();
const ports = () =>
  ({
    ...{ lake, seal },
    audit: { append: async (e: (typeof audited)[number]) => void audited.push(e) },
    vault: { masks: async () => new Map() },
  }) as unknown as ThemePorts;

beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([
    ...themeTables,
    'CREATE SCHEMA f',
    'CREATE TABLE f.said (entity INTEGER, division VARCHAR, why VARCHAR, fact BIGINT, day DATE)',
    'CREATE VIEW v.said_v1 AS FROM f.said',
    `CREATE VIEW v.legal_person_v1 AS SELECT range::INTEGER AS entity, '企业' || range AS name, CASE WHEN range = 2 THEN NULL ELSE '存续' END AS status, range % 2 AS contradictions FROM range(1, 9)`,
  ]);
  useLists(lake, {
    lists: new Map(),
    jurisdictions: new Map([['scjg', { organisation: 'scjg', division: '330282002' }]]),
    problems: [],
  });
});
afterAll(async () => {
  await lake.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a theme keeps who is in it, since when and why, and who has left; a day may be run again', async () => {
  put('good');
  const theme = (await load()).themes.get('good')!;
  const go = (day: string) => runTheme({ lake, clock: new ManualClock() }, theme, day);
  const fill = (rows: string) =>
    lake.write('t', async (s) => void (await s.run(`DELETE FROM f.said; INSERT INTO f.said VALUES ${rows}`)));
  await fill(
    `(1, '330282002', 'a', 5, '2026-01-01'), (1, '330282002', 'b', 7, '2026-01-01'), (2, '330282003', 'c', NULL, '2026-01-01'), (NULL, NULL, 'd', 9, '2026-01-01')`,
  );
  expect(await go('2026-01-01')).toMatchObject({
    members: 2,
    entered: 2,
    gone: 0,
    withoutEntity: 1,
    filled: 0.75,
    contradicted: 0.5,
  });
  await fill(`(1, '330282002', 'b', 7, '2026-01-01'), (3, '330282002', 'e', 8, '2026-01-02')`);
  for (const _ of [1, 2]) expect(await go('2026-01-02')).toMatchObject({ members: 2, entered: 1, gone: 1 });
  expect(await lake.query('SELECT entity, reason, fact, since FROM v.theme_member_v1 ORDER BY entity')).toEqual([
    { entity: 1, reason: 'b', fact: 7, since: '2026-01-01' },
    { entity: 3, reason: 'e', fact: 8, since: '2026-01-02' },
  ]);
  expect(await lake.query('SELECT entity, since, until FROM v.theme_past_v1')).toEqual([
    { entity: 2, since: '2026-01-01', until: '2026-01-02' },
  ]);
  await expect(go('2026-01-01')).rejects.toMatchObject({ kind: { code: 'libraries.theme.day' } });
});

test('a broken theme is told with its place and leaves the others alone', async () => {
  const wrong: [string, string, string | null, string][] = [
    ['sql-mistake', yaml('sql-mistake'), 'SELECT entity,\nFROM WHERE', 'declared.sql.compile'],
    [
      'no-column',
      yaml('no-column'),
      'SELECT entity, nothing AS division, 1 AS reason, 2 AS fact FROM v.said_v1',
      'declared.sql.compile',
    ],
    ['lacks', yaml('lacks'), 'SELECT entity FROM v.said_v1', 'declared.sql.columns'],
    [
      'own-table',
      yaml('own-table'),
      'SELECT entity, division, why AS reason, fact FROM f.said',
      'declared.sql.forbidden',
    ],
    ['no-sql', yaml('no-sql'), null, 'declared.file.unreadable'],
    ['attribute', yaml('attribute', { show: '[name, colour]' }), good, 'libraries.theme.attribute'],
    ['library', yaml('library', { library: 'animal' }), good, 'libraries.theme.library'],
    ['owner', yaml('owner', { owner: 'nobody' }), good, 'libraries.theme.owner'],
    ['nobody', yaml('nobody', { access: '{}' }), good, 'libraries.theme.access'],
    ['named', yaml('other'), good, 'libraries.theme.folder'],
  ];
  for (const [id, text, sql] of wrong) put(id, text, sql);
  put('waits', yaml('waits'), 'SELECT entity, division, why AS reason, fact FROM v.later_v1');
  const { themes, problems } = await load();
  for (const [id, , , code] of wrong) {
    const mine = problems.filter((p) => p.place?.file?.startsWith(`themes/${id}/`));
    expect(
      mine.map((p) => p.kind.code),
      id,
    ).toContain(code);
    expect(themes.has(id)).toBe(false);
    rmSync(join(folder, id), { recursive: true });
  }
  expect(themes.get('waits')?.missing).toEqual(['v.later_v1']);
  expect(themes.get('good')?.missing).toEqual([]);
  // What only the data shows is a mistake of the theme, too.
  put('late', yaml('late'), "SELECT entity, division, why AS reason, (why || 'x')::INTEGER AS fact FROM v.said_v1");
  const late = (await load()).themes.get('late') as LoadedTheme;
  await expect(runTheme({ lake, clock: new ManualClock() }, late, '2026-01-03')).rejects.toMatchObject({
    ...{ kind: { code: 'libraries.theme.run' }, place: { file: 'themes/late/members.sql' } },
  });
});

test('each sees the members of the own division only, others nothing; an export names its purpose', async () => {
  useThemes(lake, await load());
  const query = { which: 'current', offset: 0, limit: 20 } as const;
  expect((await members(ports(), 'good', query, { principal: steward })).items.map((m) => m.entity)).toEqual([3, 1]);
  await lake.write(
    't',
    async (s) => void (await s.run("UPDATE thm.member SET division = '330282003' WHERE entity = 3")),
  );
  expect((await members(ports(), 'good', query, { principal: officer })).items.map((m) => m.entity)).toEqual([1]);
  expect((await belongs(ports(), 'legal-person', 3, { principal: officer })).items).toEqual([]);
  expect((await belongs(ports(), 'legal-person', 3, { principal: steward })).items.map((t) => t.id)).toEqual(['good']);
  await expect(members(ports(), 'good', query, { principal: stranger })).rejects.toMatchObject({
    kind: { code: 'libraries.theme.unknown' },
  });
  await expect(
    exportTheme(ports(), 'good', { which: 'current', format: 'csv' }, { principal: officer }),
  ).rejects.toMatchObject({
    kind: { code: 'auth.purpose-needed' },
  });
  const file = await exportTheme(
    ports(),
    'good',
    { which: 'current', format: 'csv' },
    { principal: officer, purpose: '核查' },
  );
  let text = '';
  for await (const chunk of file.chunks) text += chunk.toString();
  expect(text.trim().split('\r\n')).toHaveLength(2);
  expect(seal.asked).toMatchObject([{ kind: 'export', facts: { theme: 'good', bytes: Buffer.byteLength(text) } }]);
  expect(audited.filter((a) => a.action === 'themes.export').map((a) => a.purpose)).toEqual(['核查', '核查']);
});

test('members of a theme of persons ask for the right and a purpose, and the refusal is audited', async () => {
  const themes = await load();
  const theme = themes.themes.get('good')!;
  useThemes(lake, {
    ...themes,
    themes: new Map([['good', { ...theme, library: { ...theme.library, personal: true } }]]),
  });
  const query = { which: 'current', offset: 0, limit: 20 } as const;
  const asked = members(ports(), 'good', query, { principal: steward, purpose: '核查' });
  await expect(asked).rejects.toMatchObject({ kind: { code: 'libraries.theme.forbidden' } });
  const entitled = { ...steward, permissions: new Set(['person.read']) } as unknown as Principal;
  await expect(members(ports(), 'good', query, { principal: entitled })).rejects.toMatchObject({
    kind: { code: 'auth.purpose-needed' },
  });
  expect(audited.filter((a) => a.outcome === 'refused')).toHaveLength(2);
  expect((await members(ports(), 'good', query, { principal: entitled, purpose: '核查' })).total).toBe(2);
});
