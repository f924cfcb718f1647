/** Schools, hospitals, parks, markets, industrial zones: each in a house of its town, with its coordinates. */
import { sqlWgs84ToGcj02 } from '@jingwei/codes';
import type { Step } from '../engine.ts';
import { hashOf, saltOf, text } from '../sql.ts';
import { cityName } from '../vocabulary/places.ts';

/** Of every town: kind, name behind the city's and the town's, and which towns have it (a condition on `name`). */
const ofTown: readonly (readonly [kind: string, name: string, where: string])[] = [
  ['学校', '中心小学', 'true'],
  ['学校', '初级中学', 'true'],
  ['幼儿园', '中心幼儿园', 'true'],
  ['医院', '社区卫生服务中心', "name LIKE '%街道'"],
  ['医院', '卫生院', "name LIKE '%镇'"],
  ['公园', '市民公园', 'true'],
  ['市场', '农贸市场', 'true'],
  ['养老机构', '敬老院', "name NOT LIKE '%区'"],
  ['派出所', '派出所', 'true'],
  ['文化设施', '文化站', "name LIKE '%镇' OR name LIKE '%街道'"],
  ['园区', '产业园', "name LIKE '%区' OR name LIKE '%中心' OR name LIKE '%镇'"],
];

/** Of the city: kind, name, number of the town in the list of divisions. */
const ofCity: readonly (readonly [kind: string, name: string, d: number])[] = [
  ['医院', '人民医院', 4],
  ['医院', '中医医院', 3],
  ['医院', '妇幼保健院', 5],
  ['学校', '第一高级中学', 5],
  ['学校', '职业高级中学', 1],
  ['文化设施', '图书馆', 5],
  ['文化设施', '博物馆', 4],
  ['体育设施', '体育中心', 4],
  ['公园', '中央公园', 5],
  ['市场', '果品批发市场', 24],
  ['交通枢纽', '客运中心', 4],
  ['应急场所', '应急避难中心', 3],
];

/** Steps that make geo_place (n, code, name, kind, division, division_name, g, address, lon, lat in WGS 84, gcj {'x', 'y'}), after the houses. */
export function placeSteps(seed: number | string): Step[] {
  const salt = saltOf(seed, 'places');
  const named = [
    ...ofTown.map(
      ([kind, name, where], i) =>
        `SELECT d, code, name AS town, ${i} AS o, ${text(kind)} AS kind, ${text(cityName)} || name || ${text(name)} AS name FROM division WHERE ${where}`,
    ),
    ...ofCity.map(
      ([kind, name, d], i) =>
        `SELECT d, code, name, ${100 + i}, ${text(kind)}, ${text(cityName + name)} FROM division WHERE d = ${d}`,
    ),
  ];
  return [
    {
      name: 'geography: houses for places',
      sql: `CREATE TABLE geo_house AS SELECT g.g, s.d, row_number() OVER (PARTITION BY s.d ORDER BY g.g) AS k, count(*) OVER (PARTITION BY s.d) AS n
        FROM pop_building g JOIN pop_site s ON s.b = g.b WHERE NOT g.residential ORDER BY g.g`,
    },
    {
      name: 'geography: places',
      sql: `CREATE TABLE geo_place AS
        WITH wanted AS (${named.join(' UNION ALL ')}),
        seated AS (SELECT w.*, h.g FROM wanted w JOIN (SELECT d, any_value(n) AS n FROM geo_house GROUP BY d) c ON c.d = w.d
          JOIN geo_house h ON h.d = w.d AND h.k = 1 + (${hashOf('w.d * 1000 + w.o', salt, 1)} % c.n)::BIGINT),
        zones AS (SELECT s.d, g.division AS code, g.division_name AS town, 1000 + s.road AS o, '园区' AS kind, ${text(cityName)} || g.division_name || g.road_name || '工业区' AS name, min(g.g) AS g
          FROM pop_building g JOIN pop_site s ON s.b = g.b WHERE g.address LIKE '%工业区%' GROUP BY ALL),
        every AS (SELECT d, o, code, town, kind, name, g FROM seated UNION ALL SELECT d, o, code, town, kind, name, g FROM zones),
        put AS (SELECT e.*, g.address, g.lon, g.lat FROM every e JOIN pop_building g USING (g))
        SELECT row_number() OVER (ORDER BY d, o)::INTEGER AS n, 'DD' || code || lpad(row_number() OVER (PARTITION BY code ORDER BY o)::VARCHAR, 4, '0') AS code,
          name, kind, code AS division, town AS division_name, g, address, lon, lat, ${sqlWgs84ToGcj02("{'x': lon, 'y': lat}")} AS gcj FROM put ORDER BY n`,
    },
  ];
}
