import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { step, takeObjects } from './compute.ts';
import { type RiskModel, readModels } from './declaration.ts';
import { readPaths, takeExposed } from './exposed.ts';
import { pathOf } from './path.ts';
import { riskTables } from './tables.ts';
import { takeTerrain } from './terrain.ts';
import { detailOf, listOf } from './views.ts';
import { circle, concentration, inside, metres, moved, plume, sweep } from './zones.ts';

const AT = new Date('2026-07-01T08:00:00Z');
const folder = fileURLToPath(new URL('../../../risk', import.meta.url));
let lake: Lake;
const wind = (): RiskModel => readModels(folder).find((m) => m.model?.model === 'wind')!.model!;
const building = () => wind().objects.find((o) => o.kind === 'building')!;

beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([
    ...riskTables,
    'CREATE SCHEMA f',
    // Two stations 5 km apart and a third one of another kind.
    `CREATE TABLE f.series AS SELECT * FROM (VALUES (1, 'WeatherObserved', 'windSpeed', 121.20, 30.20, true), (2, 'WeatherObserved', 'windSpeed', 121.25, 30.20, true),
       (3, 'WeatherObserved', 'temperature', 121.20, 30.20, true)) t(series, type, property, lon, lat, active)`,
    `CREATE VIEW v.series_v1 AS SELECT series::INTEGER AS series, 'urn:' || series AS entity, type, property, lon, lat, active, '站' || series AS label_zh, 'S' || series AS label_en FROM f.series`,
    `CREATE TABLE f.latest (series INTEGER, "at" TIMESTAMP, "value" DOUBLE)`,
    'CREATE VIEW v.latest_v1 AS FROM f.latest',
    // Two weeks of hours: calm by night, wind by day.
    `CREATE VIEW v.reading_hour_v1 AS SELECT s.series::INTEGER AS series, h.hour, 60 AS n, 0::DOUBLE AS least, 30::DOUBLE AS most, (CASE WHEN hour(h.hour) BETWEEN 6 AND 12 THEN 20 ELSE 4 END)::DOUBLE AS mean, 4::DOUBLE AS last
       FROM f.series s, (SELECT unnest(range(TIMESTAMP '2026-06-17 08:00:00', TIMESTAMP '2026-07-01 08:00:00', INTERVAL 1 HOUR)) AS hour) h`,
    `CREATE TABLE f.building AS SELECT i::INTEGER AS entity, '楼' || i AS address, NULL::VARCHAR AS title, 121.20 + 0.0001 * i AS lon, 30.20 AS lat, i % 20 + 1 AS floors, CASE WHEN i = 7 THEN NULL ELSE 1970 + i % 50 END AS built FROM range(1, 101) r(i)`,
    `INSERT INTO f.building SELECT 900, '远楼', NULL, 122.9, 30.20, 3, 1990`,
    'CREATE VIEW v.building_v1 AS FROM f.building',
    "CREATE VIEW v.base_library_v1 AS SELECT * FROM (VALUES (3::SMALLINT, 'building'), (4::SMALLINT, 'dwelling'), (1::SMALLINT, 'person')) t(library, name)",
    // Thirty people in one dwelling of every building.
    `CREATE VIEW v.base_relation_v1 AS
       SELECT 1::SMALLINT AS library, b.entity * 100 + p AS entity, 'dwelling' AS kind, 4::SMALLINT AS to_library, b.entity + 5000 AS to_entity, true AS chosen FROM f.building b, range(30) r(p)
       UNION ALL SELECT 4, b.entity + 5000, 'building', 3, b.entity, true FROM f.building b`,
    'CREATE VIEW v.area_count_v1 AS SELECT 5::SMALLINT AS library, 1 AS entity, NULL AS measure, NULL AS sex, NULL AS band, 1 AS n WHERE false',
    "CREATE VIEW v.place_v1 AS SELECT 1 AS entity, '一中' AS name, '学校' AS kind, 121.2 AS lon, 30.2 AS lat",
    "CREATE VIEW v.record_jyj_pupil_v1 AS SELECT '一中' AS school_nm FROM range(12)",
    'CREATE VIEW v.division_v1 AS SELECT 1 AS entity, NULL AS name, NULL AS level, NULL AS division, NULL::DOUBLE AS lon, NULL::DOUBLE AS lat WHERE false',
  ]);
});
afterAll(() => lake.close());

const says = (series: number, value: number) =>
  lake.session((s) =>
    s
      .run('DELETE FROM f.latest WHERE series = $series; ', { series })
      .then(() => s.run('INSERT INTO f.latest VALUES ($series, $at, $value)', { series, at: AT, value })),
  );
const scores = async () =>
  new Map(
    (
      await lake.query<{ id: string; score: number }>(
        "SELECT id, score FROM risk.score WHERE model = 'wind' AND kind = 'building' AND horizon = 0",
      )
    ).map((r) => [r.id, r.score]),
  );

test('the declared models hold', () => {
  const models = readModels(folder);
  expect(models.map((m) => m.model?.model)).toEqual(['flooding', 'hazardous-goods', 'landslide', 'wind']);
  expect(models.flatMap((m) => m.problems)).toEqual([]);
  expect(readPaths(folder)).toMatchObject({ problems: [], paths: { gases: [{ id: 'ammonia' }, { id: 'chlorine' }] } });
});

test('a score is hazard × exposure × vulnerability, and its tree gives the same number', async () => {
  expect(await takeObjects(lake, wind(), building(), 'h', AT)).toBe(101);
  await says(1, 10.8 + 0.5 * (28.5 - 10.8));
  await says(2, 10.8);
  await step(lake, wind(), AT);
  const d = await detailOf(lake, wind(), 'building', '10');
  const now = d.scores.find((s) => s.horizon === 0)!;
  expect(d.exposure.factor).toBe(0.5);
  expect(now.score).toBeCloseTo(100 * now.h * d.exposure.factor * d.vulnerability.factor, 9);
  expect(d.vulnerability.parts.reduce((n, v) => n * v.factor, 1)).toBeCloseTo(d.vulnerability.factor, 9);
  // Nearer stations weigh more: half the scale here, nothing five kilometres off.
  const own = d.hazards[0]!.stations.filter((s) => s.horizon === 0);
  expect(own.map((s) => s.h)).toEqual([expect.closeTo(0.5, 12), 0]);
  const w = own.map((s) => 1 / (s.metres + 200));
  expect(now.h).toBeCloseTo((0.5 * w[0]!) / (w[0]! + w[1]!), 3);
  // The forecast knows the afternoons of the last two weeks.
  expect(d.scores.map((s) => s.horizon)).toEqual([0, 1, 3, 6]);
  // What is not known counts in the engine as the tree says.
  const unknown = (await detailOf(lake, wind(), 'building', '7')).vulnerability;
  expect(unknown.parts[1]).toMatchObject({ known: false, factor: 0.75 });
  expect(unknown.parts.reduce((n, v) => n * v.factor, 1)).toBeCloseTo(unknown.factor, 9);
  const list = await listOf(lake, wind(), { model: 'wind', kind: 'building', horizon: 0, limit: 3, offset: 0 }, AT);
  expect([list.objects, list.total, list.stations]).toEqual([101, 100, 2]);
  expect(list.items[0]!.score).toBeGreaterThanOrEqual(list.items[1]!.score);
  await expect(detailOf(lake, wind(), 'building', 'none')).rejects.toThrow('risk.object.unknown');
});

test('a step reckons what changed and nothing else; step by step is the same as all at once; silence tells nothing', async () => {
  expect(await step(lake, wind(), AT)).toBe(0);
  await says(2, 28.5);
  expect(await step(lake, wind(), AT)).toBeGreaterThan(0);
  const slowly = await scores();
  await takeObjects(lake, wind(), building(), 'again', AT);
  await step(lake, wind(), AT);
  expect(await scores()).toEqual(slowly);
  await step(lake, wind(), new Date(AT.getTime() + 3 * 3_600_000));
  expect((await scores()).size).toBe(0);
});

describe('the land', () => {
  const folderOf = () => mkdtempSync(join(tmpdir(), 'jingwei-terrain-'));
  // Twenty columns and ten rows of a thousandth of a degree; the west a plain at 3 m, the east a hill of 12 m a cell.
  const grid = (rows = 10) =>
    [
      ...['ncols 20', 'nrows 10', 'xllcorner 121.19', 'yllcorner 30.195', 'cellsize 0.001', 'NODATA_value -9999'],
      ...Array.from({ length: rows }, () =>
        Array.from({ length: 20 }, (_, c) => (c < 10 ? 3 : 3 + 12 * (c - 9)).toFixed(1)).join(' '),
      ),
    ].join('\n');
  let land: string;
  beforeAll(() => {
    land = folderOf();
  });
  afterAll(() => rmSync(land, { recursive: true, force: true }));

  test('a grid is read with its slopes; steep land makes the risk, and the tree says so; without land nothing is said', async () => {
    const file = join(land, 'terrain.asc');
    writeFileSync(file, grid(9));
    await expect(takeTerrain(lake, file)).rejects.toThrow('risk.terrain');
    writeFileSync(file, grid());
    const slide = readModels(folder).find((m) => m.model?.model === 'landslide')!.model!;
    const building = slide.objects.find((o) => o.kind === 'building')!;
    expect(await takeObjects(lake, slide, building, 'no land', AT)).toBe(101);
    expect(
      await listOf(lake, slide, { model: 'landslide', kind: 'building', horizon: 0, limit: 1, offset: 0 }, AT),
    ).toMatchObject({ objects: 0, terrain: 'none' });
    expect(await takeTerrain(lake, file)).toMatchObject({ cols: 20, rows: 10 });
    const cells = await lake.query<{ slope: number }>(
      'SELECT slope FROM risk.terrain WHERE col IN (2, 15) AND "row" = 5 ORDER BY col',
    );
    expect(cells[0]!.slope).toBe(0);
    expect(cells[1]!.slope).toBeCloseTo(
      (Math.atan(12 / (0.001 * 111_320 * Math.cos((30.2 * Math.PI) / 180))) * 180) / Math.PI,
      3,
    );
    await lake.session(async (s) => {
      await s.run("INSERT INTO f.series VALUES (9, 'WeatherObserved', 'precipitation', 121.2, 30.2, true)");
      await s.run('INSERT INTO f.latest VALUES (9, $at, 30)', { at: AT });
    });
    await takeObjects(lake, slide, building, 'land', AT);
    await step(lake, slide, AT);
    const d = await detailOf(lake, slide, 'building', '1');
    const now = d.scores.find((x) => x.horizon === 0)!;
    expect(d.ground.parts[0]).toMatchObject({ id: 'slope', known: true });
    expect(now.score).toBeCloseTo(100 * now.h * d.ground.factor * d.exposure.factor * d.vulnerability.factor, 9);
    // Everybody lives in thirties: that is the usual here, and half of the worst.
    expect(d.exposure).toMatchObject({ value: 30, half: 30, median: true, factor: 0.5 });
    // Rain of a day is the sum of its hourly means: six hours of 20 lie in it, seventeen of 4; the present hour has none yet.
    const day = d.hazards.find((h) => h.id === 'day')!.stations.find((x) => x.horizon === 0)!;
    expect(day.value).toBe(6 * 20 + 17 * 4);
  });

  test('water follows the land to where it hangs together; what lies in it is named with whom to tell', async () => {
    const paths = readPaths(folder);
    const file = join(land, 'terrain.asc');
    await takeExposed(lake, paths, AT, true, { warn: () => undefined });
    const own = await takeTerrain(lake, file);
    const flood = await pathOf(
      lake,
      paths.paths,
      own,
      { kind: 'flood', lon: 121.195, lat: 30.2, level: 20, reach: 5000 },
      AT,
    );
    const building = flood.kinds.find((x) => x.kind === 'building')!;
    // One column of the hill is under 20 m: houses stand from 121.2001 on, ten to a column.
    expect(building.objects).toBe(10);
    expect(building.n).toBe(300);
    expect(flood.kinds.find((x) => x.kind === 'school')).toMatchObject({ objects: 1, n: 12 });
    await expect(
      pathOf(lake, paths.paths, own, { kind: 'flood', lon: 121.195, lat: 30.2, level: 2, reach: 5000 }, AT),
    ).rejects.toThrow('risk.path.dry');
    await expect(
      pathOf(lake, paths.paths, null, { kind: 'flood', lon: 121.195, lat: 30.2, level: 2, reach: 5000 }, AT),
    ).rejects.toThrow('risk.path.terrain');
    const gas = await pathOf(
      lake,
      paths.paths,
      own,
      { kind: 'plume', lon: 121.199, lat: 30.2, gas: 'ammonia', grams: 900, speed: 3, from: 270 },
      AT,
    );
    expect(gas.zones).toHaveLength(3);
    const hit = gas.kinds.find((x) => x.kind === 'building')!;
    expect(hit.zones.reduce((n, z) => n + z.objects, 0)).toBe(hit.objects);
    expect(hit.objects).toBeGreaterThan(50);
    // Nobody told the direction of the wind lately: it must be said.
    await expect(
      pathOf(lake, paths.paths, own, { kind: 'plume', lon: 121.2, lat: 30.2, gas: 'ammonia', grams: 900 }, AT),
    ).rejects.toThrow('risk.path.wind');
  });
});

test('shapes hold what their formula says', () => {
  const release = { at: [121.2, 30.2] as const, grams: 900, speed: 3, from: 270 };
  const found = plume(release, 111)!;
  expect(concentration(release, found.reach, 0)).toBeGreaterThan(111);
  expect(concentration(release, found.reach * 1.1, 0)).toBeLessThan(111);
  // The wind comes from the west: east of the source is inside, west of it is not.
  expect(inside(found.ring, ...moved(release.at, found.reach / 2, 0))).toBe(true);
  expect(inside(found.ring, ...moved(release.at, -found.reach / 2, 0))).toBe(false);
  expect(plume({ ...release, grams: 0.001 }, 111)).toBeNull();
  const [a, b] = [
    { at: [121.2, 30.2] as const, radius: 5000 },
    { at: [121.4, 30.2] as const, radius: 2000 },
  ];
  const swept = sweep(a, b);
  for (let i = 0; i < 200; i++) {
    const t = i / 199;
    const at: [number, number] = [121.2 + 0.2 * t, 30.2];
    const rim = moved(at, 0, (5000 - 3000 * t) * 0.98);
    expect(inside(swept, ...rim)).toBe(true);
    expect(inside(swept, ...moved(at, 0, (5000 - 3000 * t) * 1.1))).toBe(false);
  }
  expect(inside(sweep(a, { at: [121.205, 30.2], radius: 500 }), ...moved(a.at, 0, 4900))).toBe(true);
  expect(metres(circle(a.at, 1000)[3]!, a.at)).toBeCloseTo(1000, 0);
});
