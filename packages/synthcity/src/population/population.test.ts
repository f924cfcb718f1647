import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateCity } from '../generate.ts';
import type { CityReport } from '../options.ts';
import { ask, csv, fingerprints, inScratch, rightIdentity } from '../testing.ts';
import { populationClasses } from './classes.ts';
import { defaultPopulationRates, populationDefectNames } from './rates.ts';

const out = mkdtempSync(join(tmpdir(), 'synthcity-people-'));
const options = {
  seed: 7,
  threads: 1,
  rows: 12_000,
  enterprises: 700,
  target: { kind: 'files', formats: 'csv' },
} as const;
const people = new Set(populationClasses.map((c) => c.id));
const fast = 120_000;
let report: CityReport;
beforeAll(async () => {
  report = await generateCity({ ...options, out, population: true });
}, fast);
afterAll(() => rmSync(out, { recursive: true, force: true }));

const file = (id: string, of = report, folder = out): string =>
  csv(join(folder, of.classes.find((c) => c.id === id)?.file ?? 'absent'));
const truth = (name: string, folder = out): string => `read_parquet('${join(folder, 'truth', `${name}.parquet`)}')`;
const bit = (name: (typeof populationDefectNames)[number]): number => 1 << populationDefectNames.indexOf(name);

/** Whether a point lies in a polygon of WKT. */
function within(wkt: string, x: number, y: number): boolean {
  let odd = false;
  for (const [, ring] of wkt.matchAll(/\(([^()]+)\)/g)) {
    const points = ring!.split(', ').map((p) => p.split(' ').map(Number) as [number, number]);
    for (const [i, [ax, ay]] of points.slice(1).entries()) {
      const [bx, by] = points[i]!;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
  }
  return odd;
}

describe('the population', () => {
  it(
    'leaves every byte of the 111 classes and their truth as it is',
    async () => {
      await inScratch(async (folder) => {
        await generateCity({ ...options, out: folder });
        const alone = fingerprints(folder);
        const both = fingerprints(out);
        expect(alone.size).toBeGreaterThan(220);
        for (const [name, hash] of alone) expect(both.get(name), name).toBe(hash);
        expect(both.size - alone.size).toBe(2 * people.size + 5);
      });
    },
    fast,
  );

  it('says in the truth what is wrong with a row, and the row is wrong so', async () => {
    const rows = await ask<{
      id: string | null;
      nm: string;
      birth: string;
      defects: number;
      tid: string;
      tname: string;
      tbirth: string;
    }>(
      `SELECT f.id_no AS id, f.nm, f.birth_dt AS birth, t.defects, p.id AS tid, p.name AS tname, p.birth::VARCHAR AS tbirth
       FROM ${file('ybj.insured-person')} f JOIN ${truth('ybj.insured-person')} t USING (row) JOIN ${truth('population-persons')} p USING (person)`,
    );
    expect(rows.length).toBeGreaterThan(1500);
    const has = (d: number, name: (typeof populationDefectNames)[number]): boolean => (d & bit(name)) !== 0;
    for (const r of rows) {
      if (has(r.defects, 'id-missing')) expect(r.id).toBeNull();
      else if (has(r.defects, 'id-wrong')) expect(rightIdentity(r.id ?? ''), `${r.id}`).toBe(false);
      else if (has(r.defects, 'id-of-another')) expect(rightIdentity(r.id ?? '')).toBe(true);
      else if (has(r.defects, 'id-15')) expect(r.id).toBe(r.tid.slice(0, 6) + r.tid.slice(8, 17));
      else expect(r.id).toBe(r.tid);
      expect(r.nm === r.tname, r.nm).toBe(!has(r.defects, 'name-error'));
      expect(r.birth === r.tbirth).toBe(!has(r.defects, 'wrong-birth'));
    }
  });

  it('has defects at the stated rates', async () => {
    const [row] = await ask<Record<string, bigint>>(
      `SELECT count(*) AS n, count(*) FILTER (defects & ${bit('id-missing')} <> 0) AS missing, count(*) FILTER (defects & ${bit('name-error')} <> 0) AS name,
         count(*) FILTER (defects & ${bit('address-variant')} <> 0) AS variant FROM ${truth('ybj.insured-person')}`,
    );
    const n = Number(row?.n);
    const near = (found: bigint | undefined, stated: number): void =>
      expect(Math.abs(Number(found) / n - stated)).toBeLessThan(4 * Math.sqrt((stated * (1 - stated)) / n) + 1e-3);
    near(row?.missing, defaultPopulationRates.idMissing);
    near(row?.name, defaultPopulationRates.nameError);
    near(row?.variant, defaultPopulationRates.addressVariant);
  });

  it('registers every person once, and every dwelling stands in a building', async () => {
    const [row] = await ask<Record<string, bigint>>(
      `WITH r AS (SELECT person FROM ${truth('gaj.resident-register')} WHERE defects & ${bit('duplicate')} = 0 UNION ALL
          SELECT person FROM ${truth('gaj.floating-population')} WHERE defects & ${bit('duplicate')} = 0)
       SELECT (SELECT count(*) FROM r) AS registered, (SELECT count(DISTINCT person) FROM r) AS persons, (SELECT count(*) FROM ${truth('population-persons')}) AS people,
         (SELECT count(*) FROM ${file('zjj.dwelling')} WHERE bld_cd NOT IN (SELECT bld_cd FROM ${file('zjj.building')})) AS homeless,
         (SELECT count(*) - count(DISTINCT address) FROM ${truth('population-dwellings')}) AS shared`,
    );
    expect(row?.registered).toBe(row?.people);
    expect(row?.persons).toBe(row?.people);
    expect([row?.homeless, row?.shared].map(Number)).toEqual([0, 0]);
  });

  it('places every building in its grid, town and community, and house numbers grow along their road', async () => {
    const houses = await ask<{
      lon: number;
      lat: number;
      wkt: string;
      grid: string;
      community: string;
      division: string;
    }>(
      `SELECT b.lon, b.lat, b.grid, b.community, b.division, w.geom AS wkt FROM ${truth('population-buildings')} b
       JOIN ${file('zrzy.division-boundary')} w ON w.div_cd = b.community JOIN ${truth('zrzy.division-boundary')} t ON t.row = w.row AND t.defects = 0`,
    );
    expect(houses.length).toBeGreaterThan(300);
    for (const h of houses) {
      expect([h.grid.slice(2, 14), h.community.slice(0, 9)]).toEqual([h.community, h.division]);
      expect(within(h.wkt, h.lon, h.lat), JSON.stringify(h)).toBe(true);
    }
    const [roads] = await ask<Record<string, bigint>>(
      `WITH h AS (SELECT road, number AS no, lon, lat, first_value(lon) OVER w AS lon0, first_value(lat) OVER w AS lat0 FROM ${truth('buildings')} WHERE setting = '城镇' WINDOW w AS (PARTITION BY road ORDER BY number)),
         o AS (SELECT *, lag(pow(lon - lon0, 2) + pow(lat - lat0, 2)) OVER (PARTITION BY road, no % 2 ORDER BY no) AS before, pow(lon - lon0, 2) + pow(lat - lat0, 2) AS far FROM h)
       SELECT count(*) FILTER (before IS NOT NULL) AS n, count(*) FILTER (far < before - 1e-6) AS back FROM o`,
    );
    expect(Number(roads?.n)).toBeGreaterThan(30);
    expect(Number(roads?.back)).toBe(0);
  });

  it('exchanges, leaves out and misplaces coordinates where the truth says so', async () => {
    const rows = await ask<{ lon: string | null; lat: string | null; x: number; y: number; defects: number }>(
      `SELECT f.lon, f.lat, t.defects, p.lon AS x, p.lat AS y FROM ${file('zjj.building')} f JOIN ${truth('zjj.building')} t USING (row) JOIN ${truth('population-buildings')} p USING (building)`,
    );
    for (const r of rows) {
      const has = (name: (typeof populationDefectNames)[number]): boolean => (r.defects & bit(name)) !== 0;
      if (has('coordinates-missing')) expect([r.lon, r.lat]).toEqual([null, null]);
      else if (has('coordinates-swapped')) expect([Number(r.lon), Number(r.lat)]).toEqual([r.y, r.x]);
      else expect(Math.abs(Number(r.lon) - r.x) > 1).toBe(has('coordinates-outside'));
    }
    expect(rows.some((r) => (r.defects & bit('coordinates-swapped')) !== 0)).toBe(true);
  });

  it('never names two records alike', async () => {
    for (const c of populationClasses) {
      const [row] = await ask<{ n: bigint }>(
        `SELECT count(*) AS n FROM (SELECT ${c.key.join(', ')} FROM ${file(c.id)} f JOIN ${truth(c.id)} t USING (row)
           WHERE t.defects & ${bit('duplicate') | bit('missing-key')} = 0 GROUP BY ALL HAVING count(*) > 1)`,
      );
      expect(Number(row?.n), c.id).toBe(0);
    }
  });

  it(
    'agrees with its second day: updates differ, deletions were there, additions were not',
    async () => {
      await inScratch(async (folder) => {
        const second = await generateCity({ ...options, out: folder, day: 2, changesOnly: true, population: true });
        let changes = 0;
        for (const c of populationClasses) {
          const columns = Object.keys(c.columns).join(', ');
          const keys = c.key.join(', ');
          const [row] = await ask<Record<string, bigint>>(
            `WITH o AS (SELECT * FROM ${file(c.id)}), n AS (SELECT * FROM ${file(c.id, second, folder)})
             SELECT (SELECT count(*) FROM (SELECT ${columns} FROM n WHERE dsc_biz_operation = 'U' INTERSECT SELECT ${columns} FROM o)) AS same,
               (SELECT count(*) FROM (SELECT ${columns} FROM n WHERE dsc_biz_operation = 'D' EXCEPT SELECT ${columns} FROM o)) AS unknown,
               (SELECT count(*) FROM (SELECT ${keys} FROM n WHERE dsc_biz_operation = 'U' EXCEPT SELECT ${keys} FROM o)) AS strange,
               (SELECT count(*) FROM (SELECT ${keys} FROM n WHERE dsc_biz_operation = 'I' INTERSECT SELECT ${keys} FROM o)) AS known,
               (SELECT count(*) FROM n) AS changes`,
          );
          expect([row?.same, row?.unknown, row?.strange, row?.known].map(Number), c.id).toEqual([0, 0, 0, 0]);
          changes += Number(row?.changes);
        }
        expect(changes).toBeGreaterThan(20);
        expect(changes).toBeLessThan(400);
      });
    },
    fast,
  );
});
