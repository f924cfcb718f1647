import { convertPoint } from '@jingwei/codes';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { pointSql, shapeSql, shapeSteps, withinSteps } from './geometry.ts';
import { keptBack } from './map.ts';
import type { LibraryPlan } from './plan.ts';
import { baseTables } from './tables.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([
    'CREATE SCHEMA v; CREATE TABLE v.x (a INTEGER)',
    ...baseTables.filter((t) => /CREATE (SCHEMA|TABLE)/.test(t)),
  ]);
});
afterAll(() => lake?.close());

const city = { min: 120.9, max: 121.8, system: 'wgs84' } as const;
const lats = { min: 29.9, max: 30.5, system: 'wgs84' } as const;
const point = async (lon: string | null, lat: string | null) =>
  (await lake.first<{ w: string | null }>(`SELECT ${pointSql('$lon::VARCHAR', '$lat::VARCHAR', city, lats)} AS w`, {
    lon,
    lat,
  }))!.w;
const shape = async (wkt: string, system: 'wgs84' | 'gcj02' = 'wgs84') =>
  (await lake.first<{ w: string | null }>(`SELECT ${shapeSql('$wkt::VARCHAR', system)} AS w`, { wkt }))!.w;

test.each([
  ['as it is', '121.2', '30.1', 'POINT (121.200000 30.100000)'],
  ['exchanged', '30.1', '121.2', 'POINT (121.200000 30.100000)'],
  ['outside the city', '113.2', '30.1', null],
  ['no number', '无', '30.1', null],
  ['missing', null, null, null],
])('a point whose coordinates are %s', async (_, lon, lat, wkt) => expect(await point(lon, lat)).toBe(wkt));

test('WKT with exchanged axes is put right, what is none is nothing', async () => {
  const square = 'POLYGON ((121.2 30.1, 121.3 30.1, 121.3 30.2, 121.2 30.1))';
  const written = square.replaceAll(/(\d+\.\d)/g, '$100000');
  expect(await shape(square)).toBe(written);
  expect(await shape('POLYGON ((30.1 121.2, 30.1 121.3, 30.2 121.3, 30.1 121.2))')).toBe(written);
  for (const none of ['POLYGON EMPTY', '慈溪市', 'POINT (1 2', 'POINT (500 30)']) expect(await shape(none)).toBeNull();
});

test('a GCJ-02 line becomes the WGS 84 line that the package would make of it', async () => {
  const [x, y] = convertPoint([121.25, 30.2], 'wgs84', 'gcj02');
  expect(await shape(`LINESTRING (${x} ${y}, ${x} ${y})`, 'gcj02')).toBe(
    'LINESTRING (121.250000 30.200000, 121.250000 30.200000)',
  );
});

const plan = (library: string, number: number, relations: unknown[] = []) =>
  ({
    number,
    declaration: { library, attributes: [{ name: 'shape', type: 'geometry' }], relations },
  }) as unknown as LibraryPlan;

test('whoever lies in an outline is found there and nowhere else, for any star-shaped outline', async () => {
  const houses = plan('house', 91, [{ kind: 'area', to: 'area', within: { rank: 1, when: {} } }]);
  const areas = plan('area', 92);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 5, maxLength: 9 }),
      fc.array(fc.tuple(fc.integer({ min: -110, max: 110 }), fc.integer({ min: -110, max: 110 })), {
        minLength: 8,
        maxLength: 8,
      }),
      async (radii, places) => {
        const corner = (r: number, i: number): [number, number] => [
          121.2 + (r / 10_000) * Math.cos((2 * Math.PI * i) / radii.length),
          30.1 + (r / 10_000) * Math.sin((2 * Math.PI * i) / radii.length),
        ];
        const ring = [...radii.map(corner), corner(radii[0]!, 0)].map(
          ([x, y]) => [Number(x.toFixed(6)), Number(y.toFixed(6))] as const,
        );
        const at = places.map(([x, y]) => [121.2 + x / 10_000 + 0.0000037, 30.1 + y / 10_000 + 0.0000037] as const);
        const inside = ([x, y]: readonly [number, number]): boolean =>
          ring.slice(1).reduce((odd, [ax, ay], i) => {
            const [bx, by] = ring[i]!;
            return ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !odd : odd;
          }, false);
        const found = await lake.write('t', async (s) => {
          await s.run('DELETE FROM lib.base_value; DELETE FROM lib.base_shape; DELETE FROM lib.base_relation');
          await s.run('INSERT INTO lib.base_value VALUES (92, 1, 1, $w, 1, 1, false)', {
            w: `POLYGON ((${ring.map(([x, y]) => `${x.toFixed(6)} ${y.toFixed(6)}`).join(', ')}))`,
          });
          for (const [i, [x, y]] of at.entries())
            await s.run('INSERT INTO lib.base_value VALUES (91, $e, 1, $w, 1, $e, false)', {
              e: i + 1,
              w: `POINT (${x.toFixed(6)} ${y.toFixed(6)})`,
            });
          for (const p of [areas, houses]) {
            await s.run(
              `CREATE OR REPLACE TEMP TABLE b_touched AS SELECT DISTINCT entity FROM lib.base_value WHERE library = ${p.number}`,
            );
            await s.steps(shapeSteps(p));
          }
          await s.steps(withinSteps([houses, areas]));
          return s.query<{ entity: number }>('SELECT entity FROM lib.base_relation ORDER BY entity');
        });
        const truth = at.flatMap((p, i) => (inside([Number(p[0].toFixed(6)), Number(p[1].toFixed(6))]) ? [i + 1] : []));
        expect(found.map((f) => f.entity)).toEqual(truth);
      },
    ),
    { numRuns: 12 },
  );
});

test('the area of a square kilometre and the length of its sides are measured within one in a thousand', async () => {
  const [dx, dy] = [1000 / 96_330, 1000 / 110_866];
  const [x, y] = [121.2, 30.1];
  await lake.write('t', async (s) => {
    await s.run('DELETE FROM lib.base_value; DELETE FROM lib.base_shape');
    await s.run('INSERT INTO lib.base_value VALUES (92, 1, 1, $w, 1, 1, false)', {
      w: `POLYGON ((${x} ${y}, ${x + dx} ${y}, ${x + dx} ${y + dy}, ${x} ${y + dy}, ${x} ${y}))`,
    });
    await s.run('CREATE OR REPLACE TEMP TABLE b_touched AS SELECT 1 AS entity');
    await s.steps(shapeSteps(plan('area', 92)));
  });
  const m = (await lake.first<{ area: number; length: number; lon: number; lat: number }>(
    'SELECT area, length, lon, lat FROM lib.base_shape',
  ))!;
  expect(Math.abs(m.area / 1e6 - 1)).toBeLessThan(0.002);
  expect(Math.abs(m.length / 4000 - 1)).toBeLessThan(0.002);
  expect([m.lon, m.lat]).toEqual([Number((x + dx / 2).toFixed(6)), Number((y + dy / 2).toFixed(6))]);
});

test('counts below five are kept back, and never one alone', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 2, maxLength: 14 }), (cells) => {
      const shown = keptBack(cells);
      for (const [i, n] of shown.entries()) expect(n === null || n === 0 || (n >= 5 && n === cells[i])).toBe(true);
      const hidden = cells.filter((_, i) => shown[i] === null);
      const others = shown.some((n) => n !== null && n > 0);
      if (hidden.length > 0 && others) {
        expect(hidden.length).toBeGreaterThan(1);
        expect(hidden.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(5);
      }
    }),
  );
});
