/** The geography as tables of the engine: constant in size, whatever the number of people. */
import { convertPoint } from '@jingwei/codes';
import type { Step } from '../engine.ts';
import { text } from '../sql.ts';
import { cityCode, cityName, divisions, roadStems, villageStems } from '../vocabulary/places.ts';
import { type Features, featuresOf, lakeNames, riverNames } from './features.ts';
import { type Bend, bendOf, bent, bentSql, drawOf, frame } from './lattice.ts';
import { type Ring, ringsOf } from './outline.ts';
import { type Regions, regionsOf, villagesPer } from './regions.ts';

/** Everything of a seed that does not depend on the size of the city. */
export interface Geography {
  bend: Bend;
  regions: Regions;
  features: Features;
}

const kept = new Map<string, Geography>();

/** The geography of a seed; the last few are kept. */
export function geographyOf(seed: number | string): Geography {
  const key = String(seed);
  let known = kept.get(key);
  if (!known) {
    const regions = regionsOf(seed);
    known = { bend: bendOf(seed), regions, features: featuresOf(seed, regions) };
    if (kept.size > 3) kept.clear();
    kept.set(key, known);
  }
  return known;
}

/** Roads and villages of a town share one numbering in the addresses. */
const placesPer = 14 + villagesPer;
const roadId = (d: number, k: number): number => (d - 1) * placesPer + k;

/**
 * Steps that make what houses are placed by: geo_run (road, horizontal, at, start, length), geo_lane (road, n, i, x, y) and
 * geo_cell (x, y, grid).
 */
export function placementSteps(seed: number | string): Step[] {
  const { regions, features } = geographyOf(seed);
  const runs = features.roads.map((r) => `(${roadId(r.d, r.k)}, ${r.horizontal}, ${r.at}, ${r.start}, ${r.length})`);
  const lanes = [...features.lanes].flatMap(([i, cells]) => {
    const c = regions.communities[i]!;
    return cells.map(
      (cell, j) =>
        `${roadId(c.d + 1, 14 + c.k)} ${cells.length} ${j} ${cell % frame.nx} ${Math.floor(cell / frame.nx)}`,
    );
  });
  const cells = [...regions.grid.entries()].flatMap(([c, g]) =>
    g < 0 ? [] : [`${c % frame.nx} ${Math.floor(c / frame.nx)} ${g}`],
  );
  // One long text cut up by the engine: a list of values would take the parser seconds.
  const table = (name: string, rows: readonly string[], columns: readonly string[]): Step => ({
    name: 'geography: places of houses',
    sql: `CREATE TABLE ${name} AS SELECT ${columns.map((c, i) => `p[${i + 1}]::INTEGER AS ${c}`).join(', ')}
      FROM (SELECT string_split(unnest(string_split('${rows.join(';')}', ';')), ' ') AS p)`,
  });
  return [
    {
      name: 'geography: roads',
      sql: `CREATE TABLE geo_run AS SELECT * FROM (VALUES ${runs.join(', ')}) AS t(road, horizontal, "at", "start", "length")`,
    },
    table('geo_lane', lanes, ['road', 'n', 'i', 'x', 'y']),
    table('geo_cell', cells, ['x', 'y', 'grid']),
  ];
}

/**
 * SQL of a house's place in the lattice, `{'u', 'v', 'du', 'dv'}` (du, dv: away from the road, for further blocks), by its number `no` (1 … 999):
 * numbers grow along the road, odd ones on one side, even ones on the other. Names `gr`, its row of geo_run or NULL, and `gl`, of geo_lane.
 */
export function houseSql(no: string): string {
  const along = (n: string): string => `((${no} - 1) * ${n} / 999.0)`;
  // Within a cell between a fifth and four fifths, near the middle line: what outlines may cut off is never built on.
  const spread = (x: string): string => `(floor(${x}) + 0.22 + 0.56 * (${x} - floor(${x})))`;
  const side = `CASE WHEN ${no} % 2 = 1 THEN 1 ELSE -1 END`;
  const road = `gr."start" + ${spread(along('gr."length"'))}`;
  return `CASE WHEN gr.road IS NOT NULL AND gr.horizontal THEN {'u': ${road}, 'v': gr."at" + 0.5 + ${side} * 0.07, 'du': 0.0, 'dv': ${side} * 0.03}
    WHEN gr.road IS NOT NULL THEN {'u': gr."at" + 0.5 + ${side} * 0.07, 'v': ${road}, 'du': ${side} * 0.03, 'dv': 0.0}
    ELSE {'u': gl.x + 0.22 + 0.56 * (${along('gl.n')} - floor(${along('gl.n')})), 'v': gl.y + 0.5 + ${side} * 0.07, 'du': 0.0, 'dv': ${side} * 0.03} END`;
}

/** Longitude and latitude of SQL of a place in the lattice. */
export function bentBy(seed: number | string, u: string, v: string): { lon: string; lat: string } {
  return bentSql(geographyOf(seed).bend, u, v);
}

/** A named outline or line in WGS 84. */
export interface GeoPlace {
  code: string;
  name: string;
  wkt: string;
}

type System = 'wgs84' | 'gcj02';
const written = (bend: Bend, system: System, [u, v]: readonly [number, number]): string => {
  const point = bent(bend, u, v);
  const [x, y] = system === 'wgs84' ? point : convertPoint(point, 'wgs84', system);
  return `${x.toFixed(6)} ${y.toFixed(6)}`;
};
const ringText = (bend: Bend, system: System, ring: Ring): string =>
  `(${ring.map((p) => written(bend, system, p)).join(', ')})`;

/** WKT of rings: counterclockwise ones are outer rings, the others holes. */
function polygon(bend: Bend, rings: readonly Ring[], system: System = 'wgs84'): string {
  const turns = (ring: Ring): number =>
    ring.reduce((s, [x, y], i) => s + x * (ring[i + 1]?.[1] ?? y) - (ring[i + 1]?.[0] ?? x) * y, 0);
  const outer = rings.filter((r) => turns(r) > 0);
  const holes = rings.filter((r) => turns(r) < 0);
  const one = outer.length === 1;
  return one
    ? `POLYGON (${[...outer, ...holes].map((r) => ringText(bend, system, r)).join(', ')})`
    : `MULTIPOLYGON (${outer.map((r) => `(${ringText(bend, system, r)})`).join(', ')})`;
}

const lineText = (bend: Bend, line: Ring): string => `LINESTRING ${ringText(bend, 'wgs84', line)}`;

/** Code of a community: nine digits of its town and three of its own, 001 … for residents' communities, 201 … for villages. */
const communityCode = (d: number, village: boolean, k: number): string =>
  `${divisions[d]![0]}${String(village ? 200 + k : k).padStart(3, '0')}`;
const communityName = (d: number, village: boolean, k: number): string =>
  village
    ? `${villageStems[((d + 1) * 17 + k * 3) % villageStems.length]}村`
    : `${roadStems[((d + 1) * 11 + k * 7) % roadStems.length]}社区`;

const load = (name: string, columns: readonly string[], rows: readonly (readonly string[])[]): Step => ({
  name: 'geography: outlines',
  sql: `CREATE TABLE ${name} AS SELECT * FROM (VALUES ${rows.map((r) => `(${r.join(', ')})`).join(', ')}) AS t(${columns.join(', ')})`,
});

/**
 * Steps that make geo_division (n, code, name, level, parent, wkt), geo_grid (grid, code, name, community, division, wkt in WGS 84, gcj in GCJ-02),
 * geo_road (road, code, name, division, wkt, class), geo_water (n, code, name, kind, division, wkt), after those of the city's houses.
 */
export function geographySteps(seed: number | string): Step[] {
  const { bend, regions, features } = geographyOf(seed);
  const outline = (cells: readonly number[]): Ring[] => ringsOf(cells, regions.grid);
  const draw = drawOf(seed, 'widths');
  const all = [...regions.town.keys()].filter((c) => regions.town[c]! >= 0);
  const areas: [code: string, name: string, level: string, parent: string, wkt: string][] = [
    [cityCode, cityName, '县级', '330200', polygon(bend, outline(all))],
    ...divisions.map(([code, name], d): [string, string, string, string, string] => [
      code,
      name,
      '乡级',
      cityCode,
      polygon(bend, outline(all.filter((c) => regions.town[c] === d))),
    ]),
    ...regions.communities.map((c): [string, string, string, string, string] => [
      communityCode(c.d, c.village, c.k),
      communityName(c.d, c.village, c.k),
      '村级',
      divisions[c.d]![0],
      polygon(bend, outline(c.cells)),
    ]),
  ];
  const grids = regions.grids.map((g, i) => {
    const c = regions.communities[g.community]!;
    const code = communityCode(c.d, c.village, c.k);
    const rings = outline(g.cells);
    const name = `${communityName(c.d, c.village, c.k)}第${'一二三四五'[g.k - 1]}网格`;
    return [
      String(i),
      text(`WG${code}${String(g.k).padStart(2, '0')}`),
      text(name),
      text(code),
      text(divisions[c.d]![0]),
      text(polygon(bend, rings)),
      text(polygon(bend, rings, 'gcj02')),
    ];
  });
  const roads = features.roads.map((r) => {
    const line: Ring = Array.from({ length: r.length }, (_, i) =>
      r.horizontal ? [r.start + i + 0.5, r.at + 0.5] : [r.at + 0.5, r.start + i + 0.5],
    );
    const [first, last] = [line[0]!, line.at(-1)!];
    const [along, across] = r.horizontal ? [0.4, 0] : [0, 0.4];
    const whole: Ring = [[first[0] - along, first[1] - across], ...line, [last[0] + along, last[1] + across]];
    const id = roadId(r.d, r.k);
    return [
      String(id),
      `'DL${divisions[r.d - 1]![0]}${String(r.k).padStart(3, '0')}'`,
      text(lineText(bend, whole)),
      String(12 + (draw(id) % 5) * 6),
    ];
  });
  const waters = [
    ...features.rivers.map((line, i) => [
      '河道',
      riverNames[i]!,
      '',
      lineText(bend, line),
      String(15 + (draw(i) % 5) * 8),
    ]),
    ...features.lakes.map((l, i) => [
      '水库',
      `${lakeNames[i]}水库`,
      divisions[l.d - 1]![0],
      polygon(bend, [l.ring]),
      '',
    ]),
  ];
  return [
    load(
      'geo_division',
      ['n', 'code', 'name', 'level', 'parent', 'wkt'],
      areas.map((a, i) => [String(i + 1), ...a.map(text)]),
    ),
    load('geo_grid', ['grid', 'code', 'name', 'community', 'division', 'wkt', 'gcj'], grids),
    load('geo_line', ['road', 'code', 'wkt', 'width'], roads),
    {
      name: 'geography: roads',
      sql: `CREATE TABLE geo_road AS SELECT l.road, l.code, r.name, v.code AS division, v.name AS division_name, l.wkt, l.width FROM geo_line l JOIN road r ON r.road = l.road JOIN division v ON v.d = r.d ORDER BY l.road`,
    },
    load(
      'geo_water',
      ['n', 'code', 'kind', 'name', 'division', 'wkt', 'width'],
      waters.map((w, i) => [String(i + 1), `'SY330282${String(i + 1).padStart(4, '0')}'`, ...w.map(text)]),
    ),
  ];
}
