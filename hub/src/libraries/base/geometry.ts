/**
 * Geometries of declared libraries, without any extension of the engine: what sources write (WKT, or longitude and latitude) becomes
 * WKT in WGS 84 with six digits; box, middle, area and length are computed of it in SQL, and who lies inside whom.
 */
import { sqlGcj02ToWgs84 } from '@jingwei/codes';
import type { SourceField } from '../../catalogue/index.ts';
import { type LakeStep, literal } from '../../platform/lake/index.ts';
import type { LibraryPlan } from './plan.ts';

type System = SourceField['system'];
type Bounded = Pick<SourceField, 'min' | 'max' | 'system'>;

/** Bounds of China: what lies outside is no coordinate of a department. */
const china = { lon: [73, 136], lat: [3, 54] } as const;

const converted = (point: string, system: System): string =>
  system === 'gcj02' ? sqlGcj02ToWgs84(point) : `(${point})`;
const between = (x: string, [low, high]: readonly [number, number]): string => `${x} BETWEEN ${low} AND ${high}`;

/**
 * SQL of the WKT of a point, or NULL. `lon` and `lat` are SQL of what was written, clean or not; exchanged coordinates are found by
 * their declared bounds and put right, anything else outside them is nowhere.
 */
export function pointSql(lon: string, lat: string, x: Bounded, y: Bounded): string {
  const bounds = (f: Bounded, [low, high]: readonly [number, number]): [number, number] => [
    Number(f.min ?? low),
    Number(f.max ?? high),
  ];
  const [bx, by] = [bounds(x, china.lon), bounds(y, china.lat)];
  return `list_transform([{'x': try_cast(${lon} AS DOUBLE), 'y': try_cast(${lat} AS DOUBLE)}], lambda w_said:
    list_transform([CASE WHEN ${between('w_said.x', bx)} AND ${between('w_said.y', by)} THEN w_said WHEN ${between('w_said.y', bx)} AND ${between('w_said.x', by)} THEN {'x': w_said.y, 'y': w_said.x} END],
      lambda w_at: CASE WHEN w_at.x IS NOT NULL THEN list_transform([${converted('w_at', x.system)}], lambda w_done: printf('POINT (%.6f %.6f)', w_done.x, w_done.y))[1] END)[1])[1]`;
}

/** One vertex with what stands before and behind it in a text that was cut at the commas. */
const VERTEX = "'^([^0-9-]*)(-?[0-9.]+) +(-?[0-9.]+)(.*)$', ['a', 'x', 'y', 'z']";
const KINDS = 'POINT|LINESTRING|POLYGON|MULTILINESTRING|MULTIPOLYGON';

/**
 * SQL of a written WKT (clean or not) in WGS 84 with six digits, or NULL. Exchanged axes are put right. (The names of what lambdas bind
 * must not be those of any column, or inner lambdas would mean the column.)
 */
export function shapeSql(wkt: string, system: System): string {
  const number = '-?[0-9]+(?:[.][0-9]+)?';
  const shape = `^ *(?:${KINDS}) *[(]+ *${number} +${number} *(?:[)]* *, *[(]* *${number} +${number} *)*[)]+ *$`;
  const first = (n: 1 | 2) => `try_cast(regexp_extract(w_text, '(${number}) +(${number})', ${n}) AS DOUBLE)`;
  const read =
    "CASE WHEN w_all.turned THEN {'x': w_at.y::DOUBLE, 'y': w_at.x::DOUBLE} ELSE {'x': w_at.x::DOUBLE, 'y': w_at.y::DOUBLE} END";
  const vertex = `list_transform([regexp_extract(trim(w_part), ${VERTEX})], lambda w_at:
    list_transform([${converted(read, system)}], lambda w_done: w_at.a || printf('%.6f %.6f', w_done.x, w_done.y) || trim(w_at.z))[1])[1]`;
  return `list_transform([upper(trim(${wkt}))], lambda w_text: CASE WHEN regexp_matches(w_text, ${literal(shape)}) THEN
    list_transform([CASE WHEN ${between(first(1), china.lon)} AND ${between(first(2), china.lat)} THEN {'w': w_text, 'turned': false}
        WHEN ${between(first(2), china.lon)} AND ${between(first(1), china.lat)} THEN {'w': w_text, 'turned': true} END],
      lambda w_all: CASE WHEN w_all.w IS NOT NULL THEN list_aggregate(list_transform(string_split(w_all.w, ','), lambda w_part: ${vertex}), 'string_agg', ', ') END)[1] END)[1]`;
}

/** Metres of a degree of longitude and latitude at a latitude (SQL), of the WGS 84 ellipsoid. */
const metresX = (lat: string) => `(111412.84 * cos(radians(${lat})) - 93.5 * cos(3 * radians(${lat})))`;
const metresY = (lat: string) => `(111132.92 - 559.82 * cos(2 * radians(${lat})))`;

/** SQL of the vertices of WKT: entity, ring, i, x, y, with the next one's nx, ny (NULL at the end). `shapes`: SQL of entity, wkt. */
function verticesSql(shapes: string): string {
  return `SELECT entity, ring, i, x, y, lead(x) OVER w AS nx, lead(y) OVER w AS ny FROM (
      SELECT entity, ring, i, split_part(v, ' ', 1)::DOUBLE AS x, split_part(v, ' ', 2)::DOUBLE AS y FROM (
        SELECT entity, ring, unnest(list_transform(string_split(r, ','), lambda t: trim(t))) AS v, generate_subscripts(string_split(r, ','), 1) AS i FROM (
          SELECT entity, unnest(rs) AS r, generate_subscripts(rs, 1) AS ring FROM (
            SELECT entity, regexp_extract_all(wkt, '[(]([^()]+)[)]', 1) AS rs FROM (${shapes}))))) WINDOW w AS (PARTITION BY entity, ring ORDER BY i)`;
}

/** Steps that bring the shapes of the entities in the temporary table `b_touched` up to date; none without a geometry. */
export function shapeSteps({ declaration: d, number: n }: LibraryPlan): LakeStep[] {
  const at = d.attributes.findIndex((a) => a.type === 'geometry') + 1;
  if (at === 0) return [];
  return [
    {
      name: `${d.library}: shapes that changed`,
      sql: `CREATE OR REPLACE TEMP TABLE b_shape AS SELECT t.entity, v.value AS wkt, v.fact FROM b_touched t
          LEFT JOIN (SELECT entity, value, fact FROM lib.base_value WHERE library = ${n} AND attribute = ${at}) v ON v.entity = t.entity
          LEFT JOIN (SELECT entity, wkt, fact FROM lib.base_shape WHERE library = ${n}) s ON s.entity = t.entity WHERE v.value IS DISTINCT FROM s.wkt OR v.fact IS DISTINCT FROM s.fact;
        INSERT INTO lib.base_shape_touched SELECT DISTINCT ${n}, entity FROM b_shape;
        DELETE FROM lib.base_shape WHERE library = ${n} AND entity IN (SELECT entity FROM b_shape)`,
    },
    {
      name: `${d.library}: their box, middle and measure`,
      sql: `INSERT INTO lib.base_shape
        WITH p AS (${verticesSql('SELECT entity, wkt FROM b_shape WHERE wkt IS NOT NULL')}),
        m AS (SELECT *, first_value(x) OVER (PARTITION BY entity ORDER BY ring, i) AS x0, first_value(y) OVER (PARTITION BY entity ORDER BY ring, i) AS y0 FROM p),
        r AS (SELECT entity, ring, min(x) AS min_lon, min(y) AS min_lat, max(x) AS max_lon, max(y) AS max_lat, count(*) AS n,
            sum(sqrt(pow((nx - x) * ${metresX('(y + ny) / 2')}, 2) + pow((ny - y) * ${metresY('(y + ny) / 2')}, 2))) AS length,
            sum(((x - x0) + (nx - x0)) / 2 * (ny - y) * ${metresX('(y + ny) / 2')} * ${metresY('(y + ny) / 2')}) AS turned,
            sum(((x - x0) + (nx - x0)) * ((x - x0) * (ny - y0) - (nx - x0) * (y - y0))) AS mx, sum(((y - y0) + (ny - y0)) * ((x - x0) * (ny - y0) - (nx - x0) * (y - y0))) AS my,
            sum((x - x0) * (ny - y0) - (nx - x0) * (y - y0)) AS twice, any_value(x0) AS x0, any_value(y0) AS y0, list({'x': x, 'y': y} ORDER BY i) AS line FROM m GROUP BY entity, ring)
        SELECT ${n}, s.entity, any_value(s.wkt), any_value(s.fact), min(min_lon), min(min_lat), max(max_lon), max(max_lat),
          round(CASE WHEN any_value(s.wkt) LIKE '%POLYGON%' THEN any_value(x0) + arg_max(mx / nullif(3 * twice, 0), abs(turned)) ELSE arg_max(line[1 + len(line) // 2].x, n) END, 6),
          round(CASE WHEN any_value(s.wkt) LIKE '%POLYGON%' THEN any_value(y0) + arg_max(my / nullif(3 * twice, 0), abs(turned)) ELSE arg_max(line[1 + len(line) // 2].y, n) END, 6),
          CASE WHEN any_value(s.wkt) LIKE 'POLYGON%' THEN round(2 * max(abs(turned)) - sum(abs(turned)), 1) WHEN any_value(s.wkt) LIKE 'MULTIPOLYGON%' THEN round(sum(abs(turned)), 1) END,
          CASE WHEN any_value(s.wkt) NOT LIKE '%POINT%' THEN round(sum(length), 1) END
        FROM r JOIN b_shape s ON s.entity = r.entity GROUP BY s.entity ORDER BY s.entity`,
    },
  ];
}

/** Bands of latitude in which edges are looked for: 0.005 degrees, half a kilometre. */
const BANDS = 200;

/**
 * Steps that relate by position: of every entity whose shape (or whose library's outlines) changed, the outlines in which its middle
 * lies. An outline is met by the parity of its edges to the east, looked for only in the same band and only among boxes that contain
 * the place. Their relations have class -1; no row says them.
 */
export function withinSteps(libraries: readonly LibraryPlan[]): LakeStep[] {
  const steps = libraries.flatMap((library) =>
    library.declaration.relations.flatMap((r): LakeStep[] => {
      const target = libraries.find((l) => l.declaration.library === r.to);
      if (!r.within || !target) return [];
      const [n, t] = [library.number, target.number];
      const only = Object.entries(r.within.when).map(([name, is]) => {
        const at = target.declaration.attributes.findIndex((a) => a.name === name) + 1;
        return ` AND entity IN (SELECT entity FROM lib.base_value WHERE library = ${t} AND attribute = ${at} AND value = ${literal(is)})`;
      });
      const kind = `library = ${n} AND kind = ${literal(r.kind)} AND class = -1`;
      return [
        {
          name: `${library.declaration.library}: inside which ${r.to} (${r.kind})`,
          sql: `CREATE OR REPLACE TEMP TABLE b_where AS SELECT entity, fact, lon, lat, floor(lat * ${BANDS})::INTEGER AS band FROM lib.base_shape WHERE library = ${n}
              AND ((SELECT count(*) FROM lib.base_shape_touched WHERE library = ${t}) > 0 OR entity IN (SELECT entity FROM lib.base_shape_touched WHERE library = ${n}));
            CREATE OR REPLACE TEMP TABLE b_outline AS SELECT entity, wkt, min_lon, max_lon, min_lat, max_lat FROM lib.base_shape
              WHERE library = ${t} AND wkt LIKE '%POLYGON%' AND (SELECT count(*) FROM b_where) > 0${only.join('')};
            CREATE OR REPLACE TEMP TABLE b_edge AS SELECT entity, x, y, nx, ny, unnest(range(floor(least(y, ny) * ${BANDS})::INTEGER, floor(greatest(y, ny) * ${BANDS})::INTEGER + 1))::INTEGER AS band
              FROM (${verticesSql('SELECT entity, wkt FROM b_outline')}) WHERE nx IS NOT NULL AND y <> ny;
            CREATE OR REPLACE TEMP TABLE b_box AS SELECT entity, min_lon, max_lon, min_lat, max_lat, unnest(range(floor(min_lat * ${BANDS})::INTEGER, floor(max_lat * ${BANDS})::INTEGER + 1))::INTEGER AS band FROM b_outline;
            CREATE OR REPLACE TEMP TABLE b_inside AS
              WITH near AS (SELECT w.entity, w.fact, w.lon, w.lat, w.band, o.entity AS other FROM b_where w JOIN b_box o ON o.band = w.band
                WHERE w.lon BETWEEN o.min_lon AND o.max_lon AND w.lat BETWEEN o.min_lat AND o.max_lat)
              SELECT n.entity, n.other, any_value(n.fact) AS fact FROM near n JOIN b_edge e ON e.entity = n.other AND e.band = n.band
              WHERE (e.y > n.lat) <> (e.ny > n.lat) AND n.lon < (e.nx - e.x) * (n.lat - e.y) / (e.ny - e.y) + e.x
              GROUP BY n.entity, n.other HAVING count(*) % 2 = 1`,
        },
        {
          name: `${library.declaration.library}: keep where they lie (${r.kind})`,
          sql: `DELETE FROM lib.base_relation WHERE ${kind} AND (entity IN (SELECT entity FROM b_where) OR entity IN (SELECT entity FROM lib.base_shape_touched WHERE library = ${n}));
            INSERT INTO lib.base_relation SELECT ${n}, ${literal(r.kind)}, entity, ${t}, other, NULL, NULL, ${r.within.rank}, -1, fact, NULL FROM b_inside ${t === n ? 'WHERE entity <> other' : ''} ORDER BY entity`,
        },
      ];
    }),
  );
  return [...steps, { name: 'positions are related', sql: 'DELETE FROM lib.base_shape_touched' }];
}
