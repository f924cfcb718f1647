/**
 * Frames while a map of 200,000 buildings and 100,000 points is panned in a real browser (Chromium without a screen): times between
 * requestAnimationFrame calls, and how much of the time the page's main thread is at work. Tiles come from the hub's own tile thread over
 * HTTP. Where there is no graphics card the browser draws with the processor (SwiftShader), which the result says: frames are the
 * renderer's then, the main thread's share is what the page itself costs.
 *   node --import tsx bench/map-frames.ts [--buildings 200000] [--points 100000] [--seconds 10] [--chromium /usr/bin/chromium] [--out bench/results/map-frames.json]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { addLayers } from '../hub/src/map/index.ts';
import { testMap } from '../hub/src/map/testing.ts';

const { values } = parseArgs({
  options: {
    buildings: { type: 'string', default: '200000' },
    points: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' },
    chromium: { type: 'string' },
    out: { type: 'string' },
  },
});
const [buildings, points, seconds] = [Number(values.buildings), Number(values.points), Number(values.seconds)];
const [west, south, width, height] = [121.05, 30.02, 0.44, 0.27];
const side = Math.ceil(Math.sqrt(buildings));
const title = { zh: '基准', en: 'bench' };
const m = await testMap(
  [
    `CREATE VIEW v.bench_building_v1 AS SELECT i AS id, (1 + hash(i) % 20) * 3.0 AS height, printf('POLYGON ((%.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f))',
       x, y, x + 2e-4, y, x + 2e-4, y + 1.4e-4, x, y + 1.4e-4, x, y) AS wkt
     FROM (SELECT i, ${west} + ${width} * (i % ${side}) / ${side} AS x, ${south} + ${height} * (i // ${side}) / ${side} AS y FROM range(${buildings}) r(i))`,
    `CREATE VIEW v.bench_point_v1 AS SELECT i AS id, 'kind ' || i % 7 AS kind,
       ${west} + ${width} * (hash(i) % 1000000) / 1e6 AS lon, ${south} + ${height} * (hash(i * 31) % 1000000) / 1e6 AS lat FROM range(${points}) r(i)`,
  ],
  '/nowhere/sources',
);
addLayers(m.map.deps, [
  {
    ...{ id: 'bench-building', title, group: 'other', geometry: 'polygon', owner: 'zjj', zooms: { min: 13, max: 22 } },
    fields: [{ name: 'height', title, type: 'decimal', protection: 'public' }],
    style: { draw: 'extrusion', colour: 'primary', height: 'height' },
    source: { select: 'SELECT id, height, wkt FROM v.bench_building_v1' },
  },
  {
    ...{ id: 'bench-point', title, group: 'other', geometry: 'point', owner: 'zjj', open: true },
    fields: [{ name: 'kind', title, protection: 'public', tile: true }],
    style: { draw: 'circle', colour: { by: 'kind', values: [], otherwise: 'info' } },
    source: { select: 'SELECT id, kind, lon, lat FROM v.bench_point_v1' },
  },
]);
const hub = new URL(await m.http.listen());
const library = join(dirname(fileURLToPath(import.meta.resolve('maplibre-gl/package.json'))), 'dist');
const types: Record<string, string> = { '.mjs': 'text/javascript', '.js': 'text/javascript', '.css': 'text/css' };

/** The page: the map and nothing else; `pan` moves it every frame and answers the times between frames. */
const page = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/lib/maplibre-gl.css"><style>html,body,#map{margin:0;height:100%}</style><div id="map"></div>
<script type="module">
import * as gl from '/lib/maplibre-gl.mjs';
gl.setWorkerUrl?.('/lib/maplibre-gl-worker.mjs');
const tiles = (layer) => ({ type: 'vector', tiles: [location.origin + '/api/v1/map/tiles/' + layer + '/{z}/{x}/{y}?v=1'], minzoom: 4, maxzoom: 15 });
const map = new gl.Map({ container: 'map', center: [121.27, 30.155], zoom: 14.5, maxPitch: 70, fadeDuration: 0, attributionControl: false,
  style: { version: 8, sources: { b: tiles('bench-building'), p: tiles('bench-point') }, layers: [
    { id: 'land', type: 'background', paint: { 'background-color': '#f7f9f7' } },
    { id: 'b', type: 'fill-extrusion', source: 'b', 'source-layer': 'bench-building', minzoom: 13, paint: { 'fill-extrusion-color': '#17695a', 'fill-extrusion-height': ['get', 'height'], 'fill-extrusion-opacity': 0.8 } },
    { id: 'p', type: 'circle', source: 'p', 'source-layer': 'bench-point', paint: { 'circle-radius': 4, 'circle-color': ['match', ['get', 'kind'], 'kind 1', '#b3261e', 'kind 2', '#8a5a00', '#24568f'], 'circle-stroke-width': 1, 'circle-stroke-color': '#fff' } } ] } });
window.ready = new Promise((done) => map.once('idle', done));
window.look = async (zoom, pitch) => { map.jumpTo({ center: [121.27, 30.155], zoom, pitch }); await new Promise((done) => map.once('idle', done)); };
window.shown = () => ({ buildings: map.queryRenderedFeatures({ layers: ['b'] }).length, points: map.queryRenderedFeatures({ layers: ['p'] }).length });
window.pan = (ms) => new Promise((done) => {
  const times = []; const from = performance.now(); let last = from;
  const step = (now) => {
    times.push(now - last); last = now;
    const t = (now - from) / 1000;
    map.jumpTo({ center: [121.27 + 0.05 * Math.sin(t * 0.9), 30.155 + 0.03 * Math.sin(t * 0.6)] });
    if (now - from < ms) requestAnimationFrame(step); else done(times.slice(1));
  };
  requestAnimationFrame(step);
});
</script>`;

const server = createServer((asked, answer) => {
  const path = new URL(asked.url!, 'http://page').pathname;
  if (path.startsWith('/api/')) {
    const passed = request(
      { host: hub.hostname, port: hub.port, path: asked.url, headers: { 'x-role': 'data-steward' } },
      (from) => {
        answer.writeHead(from.statusCode!, from.headers);
        from.pipe(answer);
      },
    );
    passed.on('error', () => answer.destroy());
    passed.end();
    return;
  }
  const file = join(library, path.slice('/lib/'.length));
  if (path.startsWith('/lib/') && !path.includes('..') && existsSync(file))
    answer.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(readFileSync(file));
  else if (path === '/') answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  else answer.writeHead(404).end();
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

const executablePath = values.chromium ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((f) => existsSync(f));
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
const quantile = (all: number[], q: number): number => {
  const sorted = all.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]! * 10) / 10;
};
const load = { before: loadavg()[0]! };
const views: Record<string, unknown> = {};
let renderer = '';
try {
  const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  tab.on('pageerror', (e) => console.error(e.message));
  await tab.goto(address);
  await tab.evaluate('window.ready');
  renderer =
    (await tab.evaluate(`(() => { const g = document.createElement('canvas').getContext('webgl2'); const d = g.getExtension('WEBGL_debug_renderer_info');
    return g.getParameter(d ? d.UNMASKED_RENDERER_WEBGL : g.RENDERER); })()`)) as string;
  const devtools = await tab.context().newCDPSession(tab);
  await devtools.send('Performance.enable');
  const spent = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    const of = (name: string) => metrics.find((x) => x.name === name)?.value ?? 0;
    return { task: of('TaskDuration'), script: of('ScriptDuration'), at: of('Timestamp') };
  };
  for (const [name, zoom, pitch] of [
    ['flat z12', 12, 0],
    ['flat z14.5', 14.5, 0],
    ['turned z15.5', 15.5, 55],
  ] as const) {
    await tab.evaluate(`window.look(${zoom}, ${pitch})`);
    const shown = await tab.evaluate('window.shown()');
    // Once round without measuring: tiles of the way are fetched and encoded; panning over known land is measured.
    await tab.evaluate(`window.pan(${Math.round(seconds * 700)})`);
    const before = await spent();
    const times = (await tab.evaluate(`window.pan(${seconds * 1000})`)) as number[];
    const after = await spent();
    const wall = after.at - before.at;
    views[name] = {
      ...{
        shown,
        frames: times.length,
        p50: quantile(times, 0.5),
        p95: quantile(times, 0.95),
        most: quantile(times, 1),
      },
      mainThread: Math.round((100 * (after.task - before.task)) / wall) / 100,
      script: Math.round((100 * (after.script - before.script)) / wall) / 100,
      mainMsPerFrame: Math.round((10_000 * (after.task - before.task)) / times.length) / 10,
    };
  }
} finally {
  await browser.close();
  server.close();
  await m.end();
}
const result = {
  ...{ bench: 'map-frames', at: new Date().toISOString(), renderer },
  machine: { cores: cpus().length, node: process.version, load: { ...load, after: loadavg()[0]! } },
  ...{ buildings, points, seconds, viewport: '1440x900', views },
};
console.log(JSON.stringify(result, null, 2));
if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
