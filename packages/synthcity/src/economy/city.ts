/**
 * What enterprises truly produce, sell, pay, employ and use: one line per enterprise (`eco_ent`) and one per enterprise and
 * month (`eco_month`); the city's parks with their house numbers and tenants. Stands on the steps of city/enterprises.ts and
 * changes nothing of them. Money is in 万元.
 */
import type { Step } from '../engine.ts';
import { hashOf, saltOf, text } from '../sql.ts';

/** Enterprises above designated size (规上): the largest hundredth, at least so many. */
const fewestAbove = 80;

/** Official parks by the division that they are; other towns have a small park (小微企业园) where they have industrial ground. */
const zones: readonly (readonly [division: string, name: string, level: string])[] = [
  ['330282402', '慈溪滨海经济开发区', '省级'],
  ['330282403', '慈溪高新技术产业开发区', '省级'],
  ['330282404', '环杭州湾创新中心', '市级'],
  ['330282405', '慈溪现代农业产业园', '省级'],
  ['330282406', '长三角商贸园区', '市级'],
];

/** Steps that make eco_ent, eco_month, eco_year, eco_park, eco_place and eco_tenant. `today`: ISO date of the first day. */
export function economySteps(seed: number | string, enterprises: number, today: string): Step[] {
  const [sEnt, sMonth, sPark] = ['economy', 'economy month', 'park'].map((n) => saltOf(seed, n)) as [
    bigint,
    bigint,
    bigint,
  ];
  const u = (index: string, salt: bigint, column: number): string =>
    `(${hashOf(index, salt, column)} % 10000 / 10000.0)`;
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const above = Math.max(fewestAbove, Math.round(enterprises * 0.01));
  return [
    {
      name: 'economy: enterprises',
      sql: `CREATE TABLE eco_ent AS
        WITH f AS (SELECT *, kind IN ('company', 'stock', 'foreign', 'sole', 'collective') AS firm FROM ent
            WHERE e <= ${enterprises} AND status = '存续' AND kind NOT IN ('individual', 'social', 'institution', 'branch')
              AND established < DATE ${text(today)} - 1100),
        r AS (SELECT *, firm AND sector = 'factory' AND row_number() OVER (PARTITION BY firm AND sector = 'factory'
            ORDER BY scale DESC, e) <= ${above} AS above FROM f),
        s AS (SELECT *, CASE WHEN above THEN 2100 + pow(scale, 1.15) * 150 * (0.5 + ${u('e', sEnt, 1)})
              ELSE scale * 22 * (0.4 + ${u('e', sEnt, 1)}) END AS sales FROM r)
        SELECT e, uscc, name, division, address, industry, sector, above, sales,
          -0.15 + 0.33 * ${u('e', sEnt, 2)} AS growth,
          0.94 + 0.12 * ${u('e', sEnt, 3)} AS made, 0.17 + 0.14 * ${u('e', sEnt, 4)} AS added,
          CASE WHEN left(industry, 2) IN ('17', '22', '29', '33', '34') THEN 0.09 ELSE 0.03 END * (0.6 + 0.8 * ${u('e', sEnt, 5)}) AS energy,
          0.022 + 0.04 * ${u('e', sEnt, 6)} AS taxed, 0.012 + 0.035 * ${u('e', sEnt, 7)} AS research,
          0.01 + 0.09 * pow(${u('e', sEnt, 8)}, 2) AS invested, 8.2 + 4.5 * ${u('e', sEnt, 9)} AS wage,
          (4 + sales / (55 + 70 * ${u('e', sEnt, 10)}))::INTEGER AS staff,
          CASE WHEN above OR (sector = 'factory' AND ${hashOf('e', sEnt, 11)} % 100 < 15)
            THEN round(sales / (90 + 420 * pow(${u('e', sEnt, 12)}, 2)) * 666.667, 1) END AS land,
          'TJ' || lpad(((e::BIGINT * 7919 + 50411) % 100000000)::VARCHAR, 8, '0') AS stat_no
        FROM s ORDER BY e`,
    },
    {
      name: 'economy: months',
      // From the January of the year before last to the last month that is over.
      sql: `CREATE TABLE eco_month AS
        SELECT x.e, m.m, x.sales / 12 * pow(1 + growth, (m.m - ${year * 12}) / 12.0)
            * [0.86, 0.72, 1.03, 1.0, 1.02, 1.05, 0.98, 0.99, 1.06, 1.04, 1.09, 1.16][1 + m.m % 12]
            * (0.94 + 0.12 * ${u('x.e * 1000 + m.m % 1000', sMonth, 1)}) AS sales,
          greatest(3, x.staff * (0.96 + 0.08 * ${u('x.e * 1000 + m.m % 1000', sMonth, 2)}))::INTEGER AS staff
        FROM eco_ent x, (SELECT range AS m FROM range(${(year - 2) * 12}, ${year * 12 + month - 1})) m WHERE x.above ORDER BY x.e, m.m`,
    },
    {
      name: 'economy: years',
      sql: `CREATE TABLE eco_year AS
        SELECT x.e, y.y, CASE WHEN x.above THEN (SELECT sum(sales) FROM eco_month q WHERE q.e = x.e AND q.m // 12 = y.y)
            ELSE x.sales * pow(1 + growth, y.y - ${year}) * (0.92 + 0.16 * ${u('x.e * 10 + y.y % 10', sMonth, 3)}) END AS sales,
          x.taxed * (0.85 + 0.3 * ${u('x.e * 10 + y.y % 10', sMonth, 4)}) AS taxed
        FROM eco_ent x, (SELECT unnest([${year - 2}, ${year - 1}]) AS y) y ORDER BY x.e, y.y`,
    },
    {
      name: 'economy: parks',
      sql: `CREATE TABLE eco_park AS
        WITH z AS (SELECT * FROM (VALUES ${zones.map(([d, n, l]) => `(${text(d)}, ${text(n)}, ${text(l)})`).join(', ')}) t(division, name, level)),
        small AS (SELECT division, regexp_replace(any_value(division_name), '(街道|镇)$', '') || '小微企业园' AS name, '小微园' AS level
          FROM building WHERE contains(place, '工业区') AND division NOT IN (SELECT division FROM z) GROUP BY division HAVING count(*) >= 3)
        SELECT row_number() OVER (ORDER BY division)::INTEGER AS k, 'YQ330282' || lpad(row_number() OVER (ORDER BY division)::VARCHAR, 3, '0') AS code,
          name, level, division, CASE level WHEN '小微园' THEN 60 + ${hashOf('division', sPark, 1)} % 300 ELSE 2400 + ${hashOf('division', sPark, 1)} % 21000 END AS area,
          2004 + ${hashOf('division', sPark, 2)} % 17 AS since FROM (FROM z UNION ALL FROM small) ORDER BY k`,
    },
    {
      name: 'economy: places of parks',
      sql: `CREATE TABLE eco_place AS
        SELECT row_number() OVER (ORDER BY p.k, place)::INTEGER AS n, p.k, p.code, place, division FROM (SELECT DISTINCT place, division FROM building) b
        JOIN eco_park p USING (division) WHERE p.level <> '小微园' OR contains(place, '工业区') ORDER BY n`,
    },
    {
      name: 'economy: tenants',
      sql: `CREATE TABLE eco_tenant AS
        SELECT x.e, p.k, p.code, x.name, x.uscc, x.established, ${hashOf('x.e', sPark, 3)} % 100 AS draw FROM ent x JOIN eco_park p USING (division)
        WHERE x.e <= ${enterprises} AND x.kind NOT IN ('social', 'institution') AND (p.level <> '小微园' OR contains(x.address, '工业区')) ORDER BY x.e`,
    },
  ];
}
