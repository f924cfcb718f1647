/**
 * The one map: 200,000 buildings and 100,000 points. Made ready; tiles encoded one after another (none from the cache), and over HTTP by
 * eight callers at once, cold (every tile encoded) and warm (every tile kept); items by OGC API over HTTP.
 *   node --import tsx bench/map.ts [--buildings 200000] [--points 100000] [--tiles 3000] [--out bench/results/map.json]
 * Frames while panning are measured by bench/map-frames.ts in a browser.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { addLayers } from '../hub/src/map/index.ts';
import { testMap } from '../hub/src/map/testing.ts';
import { mercatorX, mercatorY } from '../hub/src/map/tile/geometry.ts';

const { values } = parseArgs({
  options: {
    buildings: { type: 'string', default: '200000' },
    points: { type: 'string', default: '100000' },
    /** Most tiles of one zoom over HTTP. */
    tiles: { type: 'string', default: '3000' },
    out: { type: 'string' },
  },
});
const [buildings, points] = [Number(values.buildings), Number(values.points)];
const [west, south, width, height] = [121.05, 30.02, 0.44, 0.27];
const side = Math.ceil(Math.sqrt(buildings));
const views = [
  `CREATE VIEW v.bench_building_v1 AS SELECT i AS id, (1 + hash(i) % 20) * 3.0 AS height, printf('POLYGON ((%.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f))',
     x, y, x + 2e-4, y, x + 2e-4, y + 1e-4, x + 1e-4, y + 1e-4, x + 1e-4, y + 2e-4, x, y + 2e-4, x, y) AS wkt
   FROM (SELECT i, ${west} + ${width} * (i % ${side}) / ${side} AS x, ${south} + ${height} * (i // ${side}) / ${side} AS y FROM range(${buildings}) r(i))`,
  `CREATE VIEW v.bench_point_v1 AS SELECT i AS id, 'name ' || i AS name, 'kind ' || i % 7 AS kind,
     ${west} + ${width} * (hash(i) % 1000000) / 1e6 AS lon, ${south} + ${height} * (hash(i * 31) % 1000000) / 1e6 AS lat FROM range(${points}) r(i)`,
];
const title = { zh: '基准', en: 'bench' };
const m = await testMap(views, '/nowhere/sources');
addLayers(m.map.deps, [
  {
    ...{ id: 'bench-building', title, group: 'base', geometry: 'polygon', owner: 'zjj', zooms: { min: 13, max: 22 } },
    fields: [{ name: 'height', title, type: 'decimal', protection: 'public' }],
    style: { draw: 'extrusion', colour: 'primary', height: 'height' },
    source: { select: 'SELECT id, height, wkt FROM v.bench_building_v1' },
  },
  {
    ...{ id: 'bench-point', title, group: 'other', geometry: 'point', owner: 'zjj', label: 'name', open: true },
    fields: [
      { name: 'name', title, protection: 'public' },
      { name: 'kind', title, protection: 'public' },
    ],
    style: { draw: 'circle', colour: 'info', clusterBelow: 12 },
    source: { select: 'SELECT id, name, kind, lon, lat FROM v.bench_point_v1' },
  },
]);

const quantile = (all: number[], q: number): number => {
  const sorted = all.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]! * 100) / 100;
};
const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const from = performance.now();
  return [await work(), performance.now() - from];
};

const load = { before: loadavg()[0]! };
const layers = ['bench-building', 'bench-point'].map((id) => m.map.registry.get(id)!);
const ready: Record<string, { copyMs: number; holdMs: number }> = {};
const drawn: { layer: (typeof layers)[number]; copy: Awaited<ReturnType<typeof m.map.copies.of>>; fields: string[] }[] =
  [];
for (const layer of layers) {
  const [copy, copyMs] = await timed(() => m.map.copies.of(layer));
  const [, holdMs] = await timed(() => m.map.tiles.hold(layer, copy));
  ready[layer.id] = { copyMs: Math.round(copyMs), holdMs: Math.round(holdMs) };
  drawn.push({ layer, copy, fields: layer.fields.map((f) => f.name) });
}
const encode: Record<string, { tiles: number; p50: number; p95: number; most: number; kiBp95: number }> = {};
for (const z of [10, 11, 12, 13, 14, 15]) {
  const times: number[] = [];
  const sizes: number[] = [];
  // Places spread over the county, the same in every run; each tile once.
  const wanted = new Map<string, [number, number]>();
  for (let i = 0; i < 60; i++) {
    const lon = west + width * ((i * 0.618) % 1);
    const lat = south + height * ((i * 0.414) % 1);
    const [x, y] = [Math.floor(mercatorX(lon) * 2 ** z), Math.floor(mercatorY(lat) * 2 ** z)];
    wanted.set(`${x}/${y}`, [x, y]);
  }
  for (const [x, y] of wanted.values()) {
    const [tile, ms] = await timed(() => m.map.tiles.tile(drawn, z, x, y));
    times.push(ms);
    sizes.push(tile.length / 1024);
  }
  encode[`z${z}`] = {
    ...{ tiles: times.length, p50: quantile(times, 0.5), p95: quantile(times, 0.95), most: quantile(times, 1) },
    kiBp95: quantile(sizes, 0.95),
  };
}
const url = await m.http.listen();

/** Every tile of the county at a zoom in both layers, over HTTP by eight callers: tiles, tiles a second, KiB a second. */
async function served(
  z: number,
  pass: string,
): Promise<{ tiles: number; perSecond: number; kiBps: number; p95: number }> {
  const wanted: string[] = [];
  const [x0, x1] = [mercatorX(west), mercatorX(west + width)].map((x) => Math.floor(x * 2 ** z)) as [number, number];
  const [y0, y1] = [mercatorY(south + height), mercatorY(south)].map((y) => Math.floor(y * 2 ** z)) as [number, number];
  for (let x = x0; x <= x1; x++)
    for (let y = y0; y <= y1; y++)
      for (const layer of ['bench-building', 'bench-point']) wanted.push(`${layer}/${z}/${x}/${y}`);
  const list = wanted.slice(0, MOST_TILES);
  let [next, bytes] = [0, 0];
  const times: number[] = [];
  const caller = async () => {
    for (let i = next++; i < list.length; i = next++) {
      const [size, ms] = await timed(async () => {
        const answer = await fetch(`${url}/api/v1/map/tiles/${list[i]}?v=${pass}`, {
          headers: { 'x-role': 'data-steward' },
        });
        if (answer.status !== 200 && answer.status !== 204) throw new Error(`${answer.status} ${list[i]}`);
        return (await answer.arrayBuffer()).byteLength;
      });
      times.push(ms);
      bytes += size;
    }
  };
  const [, ms] = await timed(() => Promise.all(Array.from({ length: 8 }, caller)));
  return {
    ...{ tiles: list.length, perSecond: Math.round((1000 * list.length) / ms), kiBps: Math.round(bytes / 1.024 / ms) },
    p95: quantile(times, 0.95),
  };
}
const MOST_TILES = Number(values.tiles);
const http: Record<string, { cold: Awaited<ReturnType<typeof served>>; warm: Awaited<ReturnType<typeof served>> }> = {};
for (const z of [12, 13, 14]) http[`z${z}`] = { cold: await served(z, 'cold'), warm: await served(z, 'warm') };
const items: number[] = [];
for (let i = 0; i < 120; i++) {
  const [lon, lat] = [west + width * ((i * 0.618) % 0.95), south + height * ((i * 0.414) % 0.95)];
  const q = `bbox=${lon.toFixed(4)},${lat.toFixed(4)},${(lon + 0.02).toFixed(4)},${(lat + 0.01).toFixed(4)}&limit=100`;
  const [answer, ms] = await timed(async () =>
    (await fetch(`${url}/api/v1/map/ogc/collections/bench-point/items?${q}`)).json(),
  );
  if ((answer as { type?: string }).type !== 'FeatureCollection') throw new Error('no collection');
  if (i >= 20) items.push(ms);
}
const result = {
  bench: 'map',
  at: new Date().toISOString(),
  machine: { cores: cpus().length, node: process.version, load: { ...load, after: loadavg()[0]! } },
  buildings,
  points,
  ready,
  encodeMs: encode,
  http,
  ogcItemsMs: { requests: items.length, limit: 100, p50: quantile(items, 0.5), p95: quantile(items, 0.95) },
};
console.log(JSON.stringify(result, null, 2));
if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
await m.end();
