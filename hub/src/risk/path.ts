/**
 * What lies in the path (影响范围推演): a plume of gas, water over land, a storm's track as zones on the map, and everything declared in
 * `risk/paths.yaml` that is inside, with whom to tell. A screening, not a simulation: what each shape follows from is answered with it.
 */
import type { z } from 'zod';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { pathAnswer, pathBody } from './api.ts';
import type { Paths } from './exposed.ts';
import * as k from './problems.ts';
import type { Terrain } from './terrain.ts';
import { boxOf, flooded, inside, type LonLat, metres, plume, type Ring, sweep } from './zones.ts';

type Body = z.output<typeof pathBody>;
type Answer = z.input<typeof pathAnswer>;
type Input = Answer['inputs'][number];

interface Zone {
  id: string;
  title: { zh: string; en: string };
  rings: Ring[];
  /** Asked instead of the rings: water's cells. */
  has?: (lon: number, lat: number) => boolean;
}

/** Objects that are named for one kind. */
const NAMED = 40;
/** Cells that a flood is looked for in. */
const LOW = 400_000;

const input = (zh: string, en: string, value: number | string, unit = ''): Input => ({
  title: { zh, en },
  value,
  unit,
});

/** Speed and direction of the nearest stations now: the mean of their vectors, weighed by one over the distance. */
async function windAt(lake: Lake, [lon, lat]: LonLat, at: Date) {
  const rows = await lake.query<{
    entity: string;
    lon: number;
    lat: number;
    property: string;
    value: number;
    zh: string;
  }>(
    `SELECT r.entity, r.lon, r.lat, r.property, l."value" AS "value", r.label_zh AS zh FROM v.series_v1 r JOIN v.latest_v1 l ON l.series = r.series
     WHERE r.type = 'WeatherObserved' AND r.property IN ('windSpeed', 'windDirection') AND r.active AND r.lon IS NOT NULL AND l."at" > $stale`,
    { stale: new Date(at.getTime() - 2 * 3_600_000) },
  );
  const stations = new Map<string, { d: number; speed?: number; from?: number; zh: string }>();
  for (const r of rows) {
    const one = stations.get(r.entity) ?? { d: metres([lon, lat], [r.lon, r.lat]), zh: r.zh };
    if (r.property === 'windSpeed') one.speed = r.value;
    else one.from = r.value;
    stations.set(r.entity, one);
  }
  const near = [...stations.values()]
    .filter((s) => s.speed !== undefined && s.from !== undefined)
    .sort((a, b) => a.d - b.d)
    .slice(0, 3);
  if (near.length === 0) throw new Problem(k.pathWind);
  let [east, north, speed, all] = [0, 0, 0, 0];
  for (const s of near) {
    const w = 1 / (s.d + 200);
    const a = (s.from! * Math.PI) / 180;
    [east, north, speed, all] = [east + w * Math.sin(a), north + w * Math.cos(a), speed + w * s.speed!, all + w];
  }
  return {
    speed: speed / all,
    from: ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360,
    names: near.map((s) => s.zh),
  };
}

async function plumeZones(lake: Lake, paths: Paths, body: Extract<Body, { kind: 'plume' }>, at: Date) {
  const gas = paths.gases.find((g) => g.id === body.gas);
  if (!gas) throw new Problem(k.pathGas, { id: body.gas });
  const told = body.speed !== undefined && body.from !== undefined;
  const wind = told
    ? { speed: body.speed!, from: body.from!, names: [] as string[] }
    : await windAt(lake, [body.lon, body.lat], at);
  const release = { at: [body.lon, body.lat] as LonLat, grams: body.grams, speed: wind.speed, from: wind.from };
  const reach: Input[] = [];
  const zones = gas.zones.flatMap((z, i): Zone[] => {
    const found = plume(release, z.above);
    if (!found) return [];
    reach.push(input(`${z.title.zh}可达`, `${z.title.en} reaches`, Math.round(found.reach), 'm'));
    return [{ id: `zone-${i}`, title: z.title, rings: [found.ring] }];
  });
  const said = told ? '' : `（${wind.names.join('、')}）`;
  const inputs = [
    input('物质', 'Substance', gas.title.zh),
    input('泄漏速率', 'Release', body.grams, 'g/s'),
    input(`风速${said}`, `Wind speed${told ? '' : ' (stations nearby, now)'}`, Math.round(wind.speed * 10) / 10, 'm/s'),
    input('风向（来向）', 'Wind from', Math.round(wind.from), '°'),
    input('扩散', 'Dispersion', 'Gauss, Briggs, D'),
    ...reach,
  ];
  return { zones, inputs };
}

async function floodZones(lake: Lake, land: Terrain | null, body: Extract<Body, { kind: 'flood' }>) {
  if (!land) throw new Problem(k.pathTerrain);
  const { cols, rows, west, south, cell } = land;
  const cellOf = (lon: number, lat: number): number => {
    const [col, row] = [Math.floor((lon - west) / cell), Math.floor((lat - south) / cell)];
    return col < 0 || row < 0 || col >= cols || row >= rows ? -1 : row * cols + col;
  };
  const start = cellOf(body.lon, body.lat);
  const span = Math.ceil(body.reach / 96_000 / cell);
  const [col, row] = [start % cols, Math.floor(start / cols)];
  const here = await lake.first<{ height: number }>(
    'SELECT height FROM risk.terrain WHERE col = $col AND "row" = $row',
    { col: start < 0 ? -1 : col, row: start < 0 ? -1 : row },
  );
  if (!here) throw new Problem(k.pathTerrain);
  if (here.height >= body.level)
    throw new Problem(k.pathDry, { height: here.height.toFixed(1), level: body.level.toFixed(1) });
  const low = await lake.query<{ col: number; row: number; height: number }>(
    `SELECT col, "row", height FROM risk.terrain WHERE height < $level AND height > -0.5 AND col BETWEEN $west AND $east AND "row" BETWEEN $south AND $north LIMIT ${LOW}`,
    { level: body.level, west: col - span, east: col + span, south: row - span, north: row + span },
  );
  const { cells, runs } = flooded(new Set(low.map((c) => c.row * cols + c.col)), cols, start);
  const rings = runs.map(([r, from, to]): Ring => {
    const [x0, x1, y0, y1] = [west + from * cell, west + (to + 1) * cell, south + r * cell, south + (r + 1) * cell];
    return [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
      [x0, y0],
    ];
  });
  const deep = low.reduce(
    (most, c) => (cells.has(c.row * cols + c.col) ? Math.max(most, body.level - c.height) : most),
    0,
  );
  const square = cells.size * cell * cell * 110_900 * 111_320 * Math.cos((body.lat * Math.PI) / 180);
  const zone: Zone = {
    ...{ id: 'water', title: { zh: '淹没区', en: 'Under water' }, rings },
    has: (lon, lat) => cells.has(cellOf(lon, lat)),
  };
  const inputs = [
    input('水位（1985 国家高程）', 'Water level (1985 datum)', body.level, 'm'),
    input('该处地面高程', 'Land there', Math.round(here.height * 100) / 100, 'm'),
    input('最大水深', 'Greatest depth', Math.round(deep * 100) / 100, 'm'),
    input('面积', 'Area', Math.round(square / 10_000) / 100, 'km²'),
    input('范围', 'Looked at within', body.reach, 'm'),
  ];
  return { zones: [zone], inputs };
}

function trackZones(body: Extract<Body, { kind: 'track' }>) {
  const rings = body.points.slice(1).map((p, i) => {
    const before = body.points[i]!;
    return sweep(
      { at: [before.lon, before.lat], radius: before.radius * 1000 },
      { at: [p.lon, p.lat], radius: p.radius * 1000 },
    );
  });
  const zone: Zone = { id: 'track', title: { zh: '风圈扫过区', en: 'Swept by the circle of wind' }, rings };
  const inputs = [
    input('路径点', 'Points of the track', body.points.length),
    input('风圈半径', 'Radius', body.points.map((p) => p.radius).join(' → '), 'km'),
  ];
  return { zones: [zone], inputs };
}

/** Everything declared that lies in a path, by zone and kind; an object counts in the worst zone that holds it. */
export async function pathOf(
  lake: Lake,
  paths: Paths | null,
  land: Terrain | null,
  body: Body,
  at: Date,
): Promise<Omit<Answer, 'tell'>> {
  if (!paths) throw new Problem(k.pathNone);
  const { zones, inputs } =
    body.kind === 'plume'
      ? await plumeZones(lake, paths, body, at)
      : body.kind === 'flood'
        ? await floodZones(lake, land, body)
        : trackZones(body);
  const kinds = new Map(
    paths.exposed.map((e) => [
      e.kind,
      {
        kind: e.kind,
        title: e.title,
        counts: e.counts,
        objects: 0,
        n: 0,
        zones: zones.map(() => ({ objects: 0, n: 0 })),
        items: [] as Answer['kinds'][number]['items'],
      },
    ]),
  );
  if (zones.length > 0) {
    const [west, south, east, north] = boxOf(zones.flatMap((z) => z.rings));
    const boxes = zones.map((z) => z.rings.map((r) => boxOf([r])));
    const holds = (z: number, lon: number, lat: number): boolean =>
      zones[z]!.has?.(lon, lat) ??
      zones[z]!.rings.some((r, i) => {
        const b = boxes[z]![i]!;
        return lon >= b[0] && lon <= b[2] && lat >= b[1] && lat <= b[3] && inside(r, lon, lat);
      });
    const rows = lake.stream<{ kind: string; id: string; name: string | null; lon: number; lat: number; n: number }>(
      `SELECT kind, id, name, lon, lat, n FROM risk.exposed WHERE lon BETWEEN ${west} AND ${east} AND lat BETWEEN ${south} AND ${north} ORDER BY kind, n DESC, id`,
    );
    for await (const batch of rows)
      for (const r of batch) {
        const kind = kinds.get(r.kind);
        const z = kind ? zones.findIndex((_, i) => holds(i, r.lon, r.lat)) : -1;
        if (!kind || z < 0) continue;
        kind.objects++;
        kind.n += r.n;
        kind.zones[z]!.objects++;
        kind.zones[z]!.n += r.n;
        if (kind.items.length < NAMED)
          kind.items.push({ id: r.id, name: r.name, lon: r.lon, lat: r.lat, n: r.n, zone: zones[z]!.id });
      }
  }
  return {
    inputs,
    zones: zones.map((z) => ({
      id: z.id,
      title: z.title,
      polygons: z.rings.map((r) => r.map(([x, y]): [number, number] => [x, y])),
    })),
    kinds: [...kinds.values()],
  };
}
