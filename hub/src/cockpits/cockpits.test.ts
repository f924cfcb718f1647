import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { permissionsOf, type Role } from '../platform/auth/principal.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { checkScenarios } from './check.ts';
import { leaveOut } from './compute.ts';
import { Figures } from './engine.ts';
import { Exercises } from './exercises.ts';
import { dayOf, hourOf } from './history.ts';
import { fold, type Newest } from './live.ts';
import { type Known, loadScenarios, type Scenario } from './load.ts';
import { holds, instantOf, isStale, misses } from './pure/index.ts';
import type { Row } from './result.ts';
import { lacking } from './rights.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const known: Known = {
  organisations: new Set(['tjj']),
  subjects: new Map([['v.pupil_v1', 'natural-person']]),
  guardedFields: new Map([['v.pupil_v1', new Set(['nm'])]]),
};
let lake: Lake;
let root: string;

beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([
    'CREATE SCHEMA v',
    'CREATE SCHEMA f',
    "CREATE TABLE f.firm AS SELECT i AS entity, 'F' || i AS name, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS kind FROM range(10) t(i)",
    'CREATE VIEW v.firm_v1 AS FROM f.firm',
    "CREATE VIEW v.pupil_v1 AS SELECT i AS entity, 'P' || i AS nm, CASE WHEN i < 3 THEN 'few' WHEN i < 12 THEN 'some' ELSE 'many' END AS school FROM range(60) t(i)",
    'CREATE VIEW v.economy_value_v1 AS SELECT 5 AS value',
  ]);
  root = mkdtempSync(join(tmpdir(), 'jingwei-cockpits-'));
});
afterAll(async () => {
  await lake.close();
  rmSync(root, { recursive: true, force: true });
});

const bi = '{ zh: 名, en: name }';
const indicator = (id: string, kind: string, sql: string, more = '') =>
  `  - id: ${id}\n    kind: ${kind}\n    title: ${bi}\n${more}    sql: |\n      ${sql}\n`;

/** A folder of scenarios with one in it. */
function declare(
  name: string,
  indicators: string,
  of: Record<string, string[]>,
  over: Record<string, string> = {},
): string {
  const folder = mkdtempSync(join(root, 'case-'));
  const at = join(folder, name);
  mkdirSync(at);
  const shows: Record<string, string> = { head: 'figures', parts: 'bars', list: 'list' };
  const names = Object.keys(of);
  const files: Record<string, string> = {
    'scenario.yaml': `id: ${name}\ntitle: ${bi}\nquestion: ${bi}\nowner: tjj\naudience: ${bi}\nrefresh: 600\n`,
    'indicators.yaml': `indicators:\n${indicators}`,
    'cockpit.yaml': `panels:\n${names.map((n) => `  ${n}: { show: ${shows[n]}, of: [${of[n]!.join(', ')}] }\n`).join('')}screen:\n  columns: [1]\n  rows: [${names.map(() => 1).join(', ')}]\n  areas: [${names.join(', ')}]\nwide:\n  columns: [${names.map(() => 1).join(', ')}]\n  rows: [1]\n  areas: ['${names.join(' ')}']\ndesk: [${names.map((n) => `{ panel: ${n}, width: 12 }`).join(', ')}]\nphone: [${names.join(', ')}]\n`,
    ...over,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(at, file), text);
  return folder;
}
const load = async (folder: string) => loadScenarios(folder, lake, known);
const codes = async (folder: string) =>
  (await load(folder)).problems.map((p) => `${p.kind.code} ${p.place?.file?.split('/').at(-1)}:${p.place?.line}`);

class Clock {
  ms = Date.parse('2026-11-21T08:00:00Z');
  now = () => new Date(this.ms);
}

function figuresOf(
  scenarios: Iterable<Scenario>,
  newest?: Newest,
  exercised: (topics: readonly string[], since: number) => boolean = () => false,
): { figures: Figures; clock: Clock } {
  const clock = new Clock();
  const figures = new Figures({
    ...{
      lake,
      clock,
      log: silentLogger(),
      leastCell: 5,
      newest: () => newest,
      division: (code) => ({ '330282001': '甲镇', '330282002': '乙镇', '330282003': '丙镇' })[code],
    },
    ...{ freshness: () => null, exercised, computed: () => {} },
  });
  figures.take(scenarios);
  return { figures, clock };
}

test('the delivered scenarios hold: each answers its question with eight indicators, a map and a list', async () => {
  const context = { sources: join(repository, 'sources'), cities: join(repository, 'cities'), city: 'cixi' };
  const { scenarios, problems } = await checkScenarios(join(repository, 'scenarios'), context);
  expect(problems.map((p) => `${p.place?.file}:${p.place?.line} ${p.message}`)).toEqual([]);
  const wanted =
    `city-management community credit digital-village economy education emergency environment epidemic-prevention health
    overview parking sharing tourism traffic water work-safety`.split(/\s+/);
  expect(scenarios.map((s) => s.id).sort()).toEqual(wanted);
  for (const s of scenarios) {
    const shown = Object.values(s.cockpit.panels);
    expect(shown.some((p) => p.show === 'map' && p.of.length) && shown.some((p) => p.show === 'list'), s.id).toBe(true);
    expect(
      [...s.measures.values()].filter((m) => !['towns', 'points'].includes(m.declared.kind)).length,
      s.id,
    ).toBeGreaterThanOrEqual(8);
    // Nothing is declared that no panel shows or rule reads, but for what a click away explains.
    expect(s.question.zh).toMatch(/[？?]$/);
  }
  // The map of the city's own colours: a scenario copied by `scenario new` holds as well.
  const copy = mkdtempSync(join(root, 'copy-'));
  cpSync(join(repository, 'scenarios', 'economy'), join(copy, 'trial'), { recursive: true });
  const head = join(copy, 'trial', 'scenario.yaml');
  writeFileSync(head, readFileSync(head, 'utf8').replace('id: economy', 'id: trial'));
  expect((await checkScenarios(copy, context)).problems).toEqual([]);
});

test('faults are told with file and line, and the scenario is left out', async () => {
  const of = { head: ['one'] };
  const one = indicator('one', 'value', 'SELECT count(*) AS value FROM v.firm_v1');
  expect(await codes(declare('good', one, of))).toEqual([]);
  expect(await codes(declare('wrong', indicator('one', 'value', 'SELECT count(*) AS value FROM f.firm'), of))).toEqual([
    'declared.sql.forbidden indicators.yaml:6',
  ]);
  expect(await codes(declare('wrong', indicator('one', 'value', 'SELECT count(*) AS n FROM v.firm_v1'), of))).toEqual([
    'cockpits.sql.columns indicators.yaml:6',
  ]);
  expect((await codes(declare('wrong', indicator('one', 'value', 'SELECT 1 +'), of)))[0]).toMatch(
    /^declared.sql.compile indicators/,
  );
  expect(
    await codes(
      declare(
        'wrong',
        indicator('one', 'value', "SELECT 1 AS value, '$other' FROM v.firm_v1 WHERE entity = $other"),
        of,
      ),
    ),
  ).toEqual(['declared.sql.forbidden indicators.yaml:6']);
  expect(await codes(declare('wrong', one, { head: ['two'] }))).toEqual(['cockpits.panel.indicator cockpit.yaml:2']);
  expect(await codes(declare('wrong', one, { parts: ['one'] }))).toEqual(['cockpits.panel.kind cockpit.yaml:2']);
  expect(
    await codes(
      declare('wrong', one, of, {
        'rules.yaml': `rules:\n  - id: r\n    indicator: no\n    when: {}\n    level: warn\n    say: ${bi}\n`,
      }),
    ),
  ).toEqual(['cockpits.panel.indicator rules.yaml:2', 'cockpits.rule.when rules.yaml:2']);
  expect((await load(declare('wrong', one, { head: ['two'] }))).scenarios.size).toBe(0);
  // A grid that is no rectangle, and a panel that stands nowhere.
  const grid = `panels:\n  head: { show: figures, of: [one] }\n  more: { show: figures, of: [one] }\nscreen:\n  columns: [1, 1]\n  rows: [1, 1]\n  areas: ['head .', '. head']\nwide:\n  columns: [1]\n  rows: [1]\n  areas: [head]\ndesk: [{ panel: head, width: 12 }]\nphone: [head, more]\n`;
  expect((await load(declare('wrong', one, of, { 'cockpit.yaml': grid }))).problems.map((p) => p.kind.code)).toEqual([
    'cockpits.grid.rectangle',
    ...['cockpits.grid.unused', 'cockpits.grid.unused', 'cockpits.grid.unused'],
  ]);
});

test('a list that reads guarded fields must say how each column is guarded; ratios of people must count them', async () => {
  const columns = `    columns:\n      - { name: nm, title: ${bi} }\n`;
  const bare = declare('people', indicator('one', 'list', 'SELECT nm FROM v.pupil_v1', columns), { list: ['one'] });
  expect(await codes(bare)).toEqual(['cockpits.list.protection indicators.yaml:6']);
  const ratio = indicator('one', 'value', 'SELECT 0.5 AS value FROM v.pupil_v1 LIMIT 1', '    as: percent\n');
  expect(await codes(declare('people', ratio, { head: ['one'] }))).toEqual(['cockpits.sql.people indicators.yaml:2']);
  // Shown in a panel, names are masked for everybody; the viewer's own protection holds for the records.
  const guarded = `    columns:\n      - { name: nm, title: ${bi}, protection: personal, format: person-name }\n`;
  const { scenarios } = await load(
    declare('people', indicator('one', 'list', 'SELECT nm FROM v.pupil_v1 LIMIT 1', guarded), { list: ['one'] }),
  );
  const { figures } = figuresOf(scenarios.values());
  await figures.settle(['people/one']);
  expect(figures.result('people/one').rows).toEqual([{ nm: 'P**' }]);
  expect(figures.measure('people/one')!.permissions).toContain('person.read');
});

test('small cells are left out, and with a single one the next smallest', async () => {
  const sql = 'SELECT school AS label, count(*) AS value FROM v.pupil_v1 GROUP BY 1 ORDER BY 1';
  const { scenarios } = await load(declare('cells', indicator('one', 'parts', sql), { parts: ['one'] }));
  const { figures } = figuresOf(scenarios.values());
  await figures.settle(['cells/one']);
  const { rows, suppressed } = figures.result('cells/one');
  expect(rows.map((r) => [r.label, r.value])).toEqual([
    ['few', null],
    ['many', 48],
    ['some', null],
  ]);
  expect(suppressed).toBe(2);
  const cells: Row[] = [
    { value: 9, n: 9 },
    { value: 0, n: 0 },
  ];
  expect(leaveOut(cells, 5)).toBe(0);
  expect(cells).toEqual([{ value: 9 }, { value: 0 }]);
});

test('a list of towns is names of towns and counts, and nothing else gets through', async () => {
  const columns = `    towns: true\n    columns: [{ name: town, title: ${bi} }, { name: n, title: ${bi}, as: number }]\n`;
  const sql = `SELECT unnest(['330282001', '330282002', '330282003', '张三']) AS division, unnest([20, 3, 9, 40]) AS n, any_value(nm) AS nm FROM v.pupil_v1`;
  const { scenarios, problems } = await load(
    declare('towns', indicator('one', 'list', sql, columns), { list: ['one'] }),
  );
  expect(problems).toEqual([]);
  const { figures } = figuresOf(scenarios.values());
  await figures.settle(['towns/one']);
  expect(figures.result('towns/one')).toMatchObject({
    rows: [
      { town: '甲镇', n: 20 },
      { town: '乙镇', n: null },
      { town: '丙镇', n: null },
    ],
    suppressed: 2,
  });
  expect(figures.measure('towns/one')!.permissions).toEqual([]);
  const text = `    towns: true\n    columns: [{ name: town, title: ${bi} }, { name: nm, title: ${bi} }]\n`;
  expect(await codes(declare('towns', indicator('one', 'list', sql, text), { list: ['one'] }))).toEqual([
    'cockpits.list.towns indicators.yaml:5',
  ]);
});

test('a change touches the figures that read it and no other', async () => {
  const many = Array.from({ length: 30 }, (_, i) =>
    indicator(`i${i}`, 'value', `SELECT count(*) + ${i} AS value FROM v.${i % 3 === 0 ? 'pupil' : 'firm'}_v1`),
  ).join('');
  const { scenarios } = await load(declare('many', many, { head: ['i0', 'i1'] }));
  const { figures, clock } = figuresOf(scenarios.values());
  const keys = [...figures.all()].map((m) => m.key);
  await figures.settle(keys);
  expect(figures.computations).toBe(30);
  const told: string[] = [];
  const off = figures.watch(keys, (key) => told.push(key));
  clock.ms += 5000;
  await figures.settle(keys);
  expect(figures.computations).toBe(30);
  expect(figures.touch(['v.pupil_v1'])).toBe(10);
  clock.ms += 100_000;
  await lake.define([
    "CREATE OR REPLACE VIEW v.pupil_v1 AS SELECT i AS entity, 'P' || i AS nm, 'many' AS school FROM range(61) t(i)",
  ]);
  await figures.settle(keys);
  expect(figures.computations).toBe(40);
  expect(new Set(told)).toEqual(new Set(keys.filter((_, i) => i % 3 === 0)));
  expect(figures.result('many/i3').value).toBe(64);
  // When its refresh is over a figure is computed again although nothing told of a change.
  off();
  clock.ms += 600_000;
  await figures.settle(['many/i1']);
  expect(figures.computations).toBe(41);
});

test('a figure that fails, is slow or waits stands in its place, and the others go on', async () => {
  await lake.define([
    'CREATE OR REPLACE TABLE f.mood AS SELECT 1 AS x',
    'CREATE OR REPLACE VIEW v.mood_v1 AS FROM f.mood',
  ]);
  const sql = [
    indicator('fine', 'value', 'SELECT count(*) AS value FROM v.firm_v1'),
    indicator('fails', 'value', "SELECT CASE WHEN x = 2 THEN ('a' || x)::INTEGER ELSE 7 END AS value FROM v.mood_v1"),
    indicator('slow', 'value', 'SELECT count(*) AS value FROM range(100000000000) a(i), v.firm_v1', '    seconds: 1\n'),
    indicator('waits', 'value', 'SELECT count(*) AS value FROM v.coming_v1'),
    indicator('wide', 'parts', 'SELECT i::VARCHAR AS label, i AS value FROM range(1000) t(i), v.mood_v1'),
    indicator('none', 'value', 'SELECT max(entity) AS value FROM v.firm_v1 WHERE entity < 0'),
  ].join('');
  const { scenarios, problems } = await load(declare('mixed', sql, { head: ['fine'] }));
  expect(problems).toEqual([]);
  const { figures, clock } = figuresOf(scenarios.values());
  const keys = [...figures.all()].map((m) => m.key);
  await figures.settle(keys);
  const states = () => keys.map((k) => [k.split('/')[1], figures.result(k).state, figures.result(k).problem?.code]);
  expect(states()).toEqual([
    ...[
      ['fine', 'ready', undefined],
      ['fails', 'ready', undefined],
      ['slow', 'failed', 'cockpits.indicator.slow'],
    ],
    ...[
      ['waits', 'waiting', 'cockpits.indicator.waiting'],
      ['wide', 'failed', 'cockpits.indicator.rows'],
      ['none', 'empty', undefined],
    ],
  ]);
  // What was known before stays, with its own time, and says that the last try failed.
  const before = figures.result('mixed/fails');
  await lake.write('test', (s) => s.run('UPDATE f.mood SET x = 2'));
  figures.touch(['v.mood_v1']);
  clock.ms += 200_000;
  await figures.settle(['mixed/fails']);
  expect(figures.result('mixed/fails')).toMatchObject({ state: 'failed', value: 7, at: before.at });
});

test('a figure that an exercise has a part in says so, and no longer when the exercise is over', async () => {
  const sql = [
    indicator('real', 'value', 'SELECT count(*) AS value FROM v.firm_v1'),
    indicator('drill', 'value', 'SELECT count(*) AS value, bool_or(entity = 3) AS exercise FROM v.firm_v1'),
    indicator('parts', 'parts', 'SELECT kind AS label, count(*) AS value, false AS exercise FROM v.firm_v1 GROUP BY 1'),
    `  - { id: rain, kind: value, title: ${bi}, live: { topic: WeatherObserved.precipitation, fold: max } }\n`,
  ].join('');
  const { scenarios, problems } = await load(declare('drills', sql, { head: ['real', 'drill', 'rain'] }));
  expect(problems).toEqual([]);
  const exercises = new Exercises();
  const newest: Newest = {
    series: () => [{ number: 1, entity: 'urn:ngsi-ld:WeatherObserved:w-1' }],
    find: () => undefined,
    latest: () => ({ at: clock.ms, value: 30 }),
  };
  const { figures, clock } = figuresOf(scenarios.values(), newest, (topics, since) => exercises.since(topics, since));
  const keys = [...figures.all()].map((m) => m.key);
  const marked = () => keys.filter((key) => figures.result(key).exercise);
  exercises.heard('WeatherObserved.precipitation', clock.ms - 60_000);
  exercises.heard('WeatherObserved.windSpeed', clock.ms);
  await figures.settle(keys);
  expect(marked()).toEqual(['drills/drill', 'drills/rain']);
  clock.ms += 2 * 3_600_000;
  await figures.settle(keys);
  expect(marked()).toEqual(['drills/drill']);
});

test('rights follow from the views', async () => {
  const sql = [
    indicator('open', 'value', 'SELECT count(*) AS value FROM v.firm_v1'),
    indicator('closed', 'value', 'SELECT sum(value) AS value FROM v.economy_value_v1'),
  ].join('');
  const { scenarios } = await load(declare('rights', sql, { head: ['open', 'closed'] }));
  const of = (id: string) => scenarios.get('rights')!.measures.get(id)!.permissions;
  const as = (role: Role) => ({ permissions: permissionsOf([role]) });
  expect(lacking(as('duty-officer'), of('open'))).toBeUndefined();
  expect(lacking(as('duty-officer'), of('closed'))).toBe('economy.read');
  expect(lacking(as('leader'), of('closed'))).toBeUndefined();
});

test('newest readings are folded; what is too old is left out', () => {
  const now = 1_000_000_000;
  const readings: Record<number, { at: number; value: number }> = {
    1: { at: now - 1000, value: 4 },
    2: { at: now - 2000, value: 30 },
    3: { at: now - 9_000_000, value: 1000 },
    11: { at: now, value: 10 },
    12: { at: now, value: 40 },
  };
  const newest: Newest = {
    series: () => [1, 2, 3].map((number) => ({ number, entity: `urn:ngsi-ld:OffStreetParking:c-${number}` })),
    find: (entity) => 10 + Number(entity.at(-1)),
    latest: (n) => readings[n],
  };
  const topic = 'OffStreetParking.availableSpotNumber';
  const of = (more: object) => fold({ topic, fold: 'sum', fresh: 3600, ...more } as never, newest, now).value;
  expect(of({})).toBe(34);
  expect(of({ fold: 'mean' })).toBe(17);
  expect(of({ fold: 'count', where: { below: 10 } })).toBe(1);
  expect(of({ fold: 'share', where: { below: 10 } })).toBe(0.5);
  expect(of({ over: 'OffStreetParking.totalSpotNumber' })).toBe(34 / 50);
  expect(of({ entity: 'nobody' })).toBeNull();
  expect(fold({ topic, fold: 'sum', fresh: 60 } as never, newest, now + 8_000_000)).toEqual({
    value: null,
    at: now - 1000,
  });
});

test('what a figure means: target, rules, age, days of the city', () => {
  const meaning = { as: 'number', digits: 0, direction: 'down', stale: 1 } as const;
  const told = { state: 'ready', value: 12, target: 10, asOf: '2026-11-21 08:00:00' };
  const at = Date.parse('2026-11-21T08:30:00Z');
  expect(misses(told, meaning)).toBe(true);
  expect(misses(told, { direction: 'up' })).toBe(false);
  expect(holds({ missed: true }, told, meaning, at)).toBe(true);
  expect(holds({ above: 12 }, told, meaning, at)).toBe(false);
  expect(holds({ above: 1 }, { ...told, state: 'failed' }, meaning, at)).toBe(false);
  expect(isStale(told, meaning, at)).toBe(false);
  expect(isStale(told, meaning, at + 3_600_000)).toBe(true);
  expect(instantOf('2026-11-21')).toBe(Date.parse('2026-11-20T16:00:00Z'));
  expect(dayOf(Date.parse('2026-11-21T16:00:00Z'))).toBe(Date.parse('2026-11-21T16:00:00Z'));
  expect(hourOf(Date.parse('2026-11-21T16:59:00Z'))).toBe(Date.parse('2026-11-21T16:00:00Z'));
});
