import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { step, takeObjects } from './compute.ts';
import { type RiskModel, readModels } from './declaration.ts';
import { riskTables } from './tables.ts';
import { detailOf, listOf } from './views.ts';

const AT = new Date('2026-07-01T08:00:00Z');
const folder = fileURLToPath(new URL('../../../risk', import.meta.url));
let lake: Lake;
const wind = (): RiskModel => readModels(folder).find((m) => m.model?.model === 'wind')!.model!;
const building = () => wind().objects.find((o) => o.kind === 'building')!;

beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:' });
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
    "CREATE VIEW v.base_library_v1 AS SELECT 5::SMALLINT AS library, 'building' AS name",
    `CREATE VIEW v.area_count_v1 AS SELECT 5::SMALLINT AS library, entity, 'person' AS measure, NULL AS sex, NULL AS band, 30 AS n FROM f.building`,
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
  expect(models.map((m) => m.model?.model)).toEqual(['flooding', 'hazardous-goods', 'wind']);
  expect(models.flatMap((m) => m.problems)).toEqual([]);
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
  const list = await listOf(lake, wind(), { model: 'wind', kind: 'building', horizon: 0, limit: 3, offset: 0 });
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
