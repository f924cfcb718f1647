/** Places, households and people. */
import type { Step } from '../engine.ts';
import { bentBy, houseSql, placementSteps } from '../geography/index.ts';
import { hashOf, list, permuted, pickOf, saltOf, serial, text, weighted } from '../sql.ts';
import { femaleCharacters, maleCharacters, surnames } from '../vocabulary/names.ts';
import {
  cityName,
  divisions,
  estates,
  identityOrigins,
  roadEnds,
  roadStems,
  villageStems,
} from '../vocabulary/places.ts';

/** Roads of a division, and villages of it. */
const roadsPer = 14;
const villagesPer = 12;

/** How many buildings, households and people a city of so many enterprises has. */
export function population(enterprises: number): { people: number; households: number; buildings: number } {
  const people = Math.max(400, enterprises * 3);
  return { people, households: Math.ceil(people / 2.4), buildings: Math.max(200, Math.ceil(enterprises * 0.6)) };
}

/** Surnames with weights that fall as one over the rank; two-character surnames are rare. */
export const weightedSurnames: string[] = weighted(
  surnames.map((s, i) => [s, s.length > 1 ? 1 : Math.max(2, Math.round(90 / (i + 1.5)))] as const),
);

const firstBirth = '1938-01-01';

/** Steps that make division, road, building, household, person and adult. `today` is an ISO date. */
export function peopleSteps(seed: number | string, enterprises: number, today: string): Step[] {
  const size = population(enterprises);
  const [sRoad, sBuilding, sHome, sPerson] = ['road', 'building', 'household', 'person'].map((n) =>
    saltOf(seed, n),
  ) as [bigint, bigint, bigint, bigint];
  const where = bentBy(seed, 'spot.u', 'spot.v');
  const b = (column: number): string => hashOf('b', sBuilding, column);
  const q = (column: number): string => hashOf('p', sPerson, column);
  const origins = identityOrigins.map(([code, weight, from, to]) => `(${text(code)}, ${weight}, ${from}, ${to})`);
  const given = (pool: readonly string[]): string =>
    `${pickOf(pool, q(5))} || CASE WHEN ${q(6)} % 100 < 78 THEN ${pickOf(pool, q(7))} ELSE '' END`;
  return [
    {
      name: 'division',
      sql: `CREATE TABLE division AS SELECT * FROM (VALUES ${divisions
        .map(
          ([code, name, weight, lon, lat], i) =>
            `(${i + 1}, ${text(code)}, ${text(name)}, ${weight}, ${lon}::DOUBLE, ${lat}::DOUBLE)`,
        )
        .join(', ')}) AS t(d, code, name, weight, lon, lat)`,
    },
    {
      name: 'road',
      sql: `CREATE TABLE road AS
        SELECT ((d - 1) * ${roadsPer + villagesPer} + k)::INTEGER AS road, d, CASE WHEN k <= ${roadsPer} THEN 'road' ELSE 'village' END AS kind,
          CASE WHEN k <= ${roadsPer} THEN ${list(roadStems)}[1 + (d * 13 + k * 5) % ${roadStems.length}] || ${pickOf(roadEnds, hashOf('d * 100 + k', sRoad, 1))}
          ELSE ${list(villageStems)}[1 + (d * 17 + k * 3) % ${villageStems.length}] || '村' END AS name
        FROM division, (SELECT unnest(range(1, ${roadsPer + villagesPer + 1}))::INTEGER AS k) ORDER BY road`,
    },
    ...placementSteps(seed),
    {
      name: 'building',
      // On its road or in its village, where its number lies.
      sql: `CREATE TABLE building AS SELECT * EXCLUDE (spot), spot.u AS gu, spot.v AS gv, spot.du AS gdu, spot.dv AS gdv, ${where.lon} AS lon, ${where.lat} AS lat FROM (
        SELECT b::INTEGER AS b, r.d, r.road, v.code AS division, v.name AS division_name, r.name AS road_name, no,
          v.name || r.name || CASE WHEN r.kind = 'village' AND ${b(3)} % 10 < 4 THEN '工业区' ELSE '' END || no || '号' AS place,
          ${houseSql('x.no')} AS spot, (1 + ${b(6)} % 18)::INTEGER AS floors, CASE WHEN r.kind = 'village' THEN '工业或农村' ELSE '城镇' END AS setting
        FROM (SELECT range AS b, ${pickOf(
          weighted(divisions.map(([, , w], i) => [i + 1, w] as const)),
          hashOf('range', sBuilding, 1),
        )} AS bd, (1 + ${hashOf('range', sBuilding, 2)} % 999)::INTEGER AS no FROM range(1, ${size.buildings + 1})) x
        JOIN road r ON r.road = (x.bd - 1) * ${roadsPer + villagesPer} + 1 + (${b(7)} % ${roadsPer + villagesPer})::INTEGER
        JOIN division v ON v.d = r.d LEFT JOIN geo_run gr ON gr.road = r.road
        LEFT JOIN geo_lane gl ON gl.road = r.road AND gl.i = floor((x.no - 1) * gl.n / 999.0)) ORDER BY b`,
    },
    {
      name: 'household',
      sql: `CREATE TABLE household AS
        SELECT h::INTEGER AS h, size, g.division, ${text(cityName)} || g.division_name || g.road_name || g.no || '号' || estate || (1 + ${hashOf('h', sHome, 3)} % 30)::VARCHAR || '幢' || (101 + (${hashOf('h', sHome, 4)} % 18)::INTEGER * 100 + (${hashOf('h', sHome, 5)} % 4)::INTEGER)::VARCHAR || '室' AS address,
          (1 + ${permuted('h', size.buildings, sHome)})::INTEGER AS b, surname_a, surname_b
        FROM (SELECT range AS h, ${pickOf([1, 1, 2, 2, 3, 3, 3, 4], hashOf('range', sHome, 1))} AS size, ${pickOf(estates, hashOf('range', sHome, 2))} AS estate,
            ${pickOf(weightedSurnames, hashOf('range', sHome, 6))} AS surname_a, ${pickOf(weightedSurnames, hashOf('range', sHome, 7))} AS surname_b FROM range(1, ${size.households + 1}))
        JOIN building g ON g.b = 1 + ${permuted('h', size.buildings, sHome)} ORDER BY h`,
    },
    {
      name: 'person',
      sql: `CREATE TABLE person0 AS
        SELECT p::INTEGER AS p, h::INTEGER AS h, member, male, surname || CASE WHEN male THEN ${given(maleCharacters)} ELSE ${given(femaleCharacters)} END AS name, birth,
          ${`'1' || ${pickOf(['39', '38', '37', '36', '35', '50', '51', '58', '59', '82', '87', '88', '86', '80', '89', '33', '53', '77'], q(8))} || ${serial('p', 8, sPerson)}`} AS phone, address, division
        FROM (SELECT p, h, member, address, division,
            CASE member WHEN 1 THEN ${q(1)} % 100 < 64 WHEN 2 THEN ${q(1)} % 100 < 36 ELSE ${q(1)} % 2 = 0 END AS male,
            CASE WHEN member = 2 THEN surname_b ELSE surname_a END AS surname,
            CASE WHEN raw > latest THEN latest - (${q(12)} % 6800)::INTEGER ELSE raw END AS birth
          FROM (SELECT *, CASE WHEN member <= 2 THEN DATE ${text(today)} - 6940 ELSE DATE ${text(today)} - 1 END AS latest,
              DATE ${text(firstBirth)} + (${hashOf('h', sHome, 8)} % 23700)::INTEGER + CASE WHEN member <= 2 THEN (${q(2)} % 1500)::INTEGER ELSE 8400 + (${q(2)} % 4000)::INTEGER END AS raw
          FROM (SELECT row_number() OVER (ORDER BY h, member) AS p, h, member, address, division, surname_a, surname_b FROM
            (SELECT h, unnest(range(1, size + 1)) AS member, address, division, surname_a, surname_b FROM household ORDER BY h, member) ORDER BY h, member))) ORDER BY p`,
    },
    {
      name: 'identity numbers',
      sql: `CREATE TABLE person AS
        WITH origin AS (SELECT code, weight, born_from, born_to FROM (VALUES ${origins.join(', ')}) AS t(code, weight, born_from, born_to)),
        years AS (SELECT y, list(code ORDER BY code, k) AS codes FROM range(1900, 2101) t(y), origin, (SELECT unnest(range(0, 70)) AS k)
          WHERE y BETWEEN born_from AND born_to AND k < weight GROUP BY y),
        born AS (SELECT x.*, codes[1 + (${hashOf('p', sPerson, 9)} % len(codes))::INTEGER] AS origin FROM person0 x JOIN years ON y = year(birth)),
        ranked AS (SELECT *, row_number() OVER (PARTITION BY origin, birth, male ORDER BY ${hashOf('p', sPerson, 10)}, p) AS rn FROM born)
        SELECT p, h, member, male, name, birth, phone, address, division,
          with_citizen_check(origin || strftime(birth, '%Y%m%d') || lpad(((rn * 2 - CASE WHEN male THEN 1 ELSE 0 END) % 1000)::VARCHAR, 3, '0')) AS id
        FROM ranked ORDER BY p`,
    },
    { name: 'identity numbers', sql: 'DROP TABLE person0' },
    {
      name: 'adult',
      sql: `CREATE TABLE adult AS SELECT row_number() OVER (ORDER BY ${hashOf('p', sPerson, 11)}, p)::INTEGER AS k, p FROM person
        WHERE birth BETWEEN DATE '1950-01-01' AND DATE ${text(today)} - 8000 ORDER BY k`,
    },
  ];
}
