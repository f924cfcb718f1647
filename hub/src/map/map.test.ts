import { gunzipSync } from 'node:zlib';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { PMTiles } from 'pmtiles';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addLayers } from './index.ts';
import { buildJob } from './pmtiles/build.ts';
import { type TestMap, testMap } from './testing.ts';

const views = [
  `CREATE VIEW v.school_v1 AS SELECT * FROM (VALUES (1, '第一小学', '小学', 121.20, 30.17, '校长甲', 'c~aaaaaaaaaaaaaaaaaaaaaaaaaa', TIMESTAMPTZ '2026-11-01 00:00:00+00', NULL::TIMESTAMPTZ),
     (2, '第二小学', '小学', 121.24, 30.18, '校长乙', NULL, TIMESTAMPTZ '2026-11-10 00:00:00+00', TIMESTAMPTZ '2026-11-12 00:00:00+00'),
     (3, '第一中学', '中学', 121.30, 30.20, '校长丙', NULL, TIMESTAMPTZ '2026-11-15 00:00:00+00', NULL),
     (4, '无处中学', '中学', NULL, NULL, NULL, NULL, NULL, NULL), (5, '天外中学', '中学', 999, 30, NULL, NULL, NULL, NULL))
     t(n, name, kind, lon, lat, head, phone, opened, ended)`,
  `CREATE VIEW v.base_library_v1 AS SELECT 11::SMALLINT AS library, 'grid' AS name`,
  `CREATE VIEW v.grid_v1 AS SELECT i AS entity, 'G' || i AS name, i // 4 AS community, 1e5 AS area,
     printf('POLYGON ((%.3f 30.1, %.3f 30.1, %.3f 30.11, %.3f 30.11, %.3f 30.1))', 121.1 + i * 0.01, 121.11 + i * 0.01, 121.11 + i * 0.01, 121.1 + i * 0.01, 121.1 + i * 0.01) AS outline FROM range(12) r(i)`,
  // Community 0: one small cell; 1: two small ones that hold fewer than five together; 2: none small.
  `CREATE VIEW v.area_count_v1 AS SELECT 11::SMALLINT AS library, i AS entity, 'person' AS measure, '' AS sex, -1 AS band,
     [3, 40, 60, 80, 1, 2, 33, 90, 20, 30, 40, 50][i + 1] AS n FROM range(12) r(i)`,
  "CREATE TABLE road AS SELECT 1 AS n, 'LINESTRING (121.1 30.1, 121.3 30.3)' AS line",
  'CREATE VIEW v.road_test_v1 AS SELECT n, line FROM road',
];
let m: TestMap;
let url: string;
const live = { asked: [] as unknown[] };

beforeAll(async () => {
  m = await testMap(views, '/nowhere/sources');
  await m.map.start();
  addLayers(m.map.deps, [
    {
      ...{ id: 'school', title: { zh: '学校', en: 'Schools' }, group: 'base', geometry: 'point', owner: 'jyj' },
      ...{ open: true, label: 'name', search: true, time: { from: 'opened', to: 'ended' }, link: '/places/{id}' },
      fields: [
        { name: 'name', title: { zh: '名称', en: 'Name' }, protection: 'public' },
        { name: 'kind', title: { zh: '类别', en: 'Kind' }, protection: 'internal' },
        { name: 'head', title: { zh: '校长', en: 'Head' }, protection: 'personal', format: 'person-name' },
        { name: 'phone', title: { zh: '电话', en: 'Telephone' }, protection: 'sensitive', format: 'phone' },
        { name: 'opened', title: { zh: '起', en: 'From' }, type: 'instant', protection: 'public' },
        { name: 'ended', title: { zh: '止', en: 'To' }, type: 'instant', protection: 'public' },
      ],
      style: { draw: 'circle', colour: 'info' },
      source: { select: 'SELECT n AS id, name, kind, head, phone, opened, ended, lon, lat FROM v.school_v1' },
    },
    {
      ...{ id: 'road-test', title: { zh: '路', en: 'Roads' }, group: 'region', geometry: 'line', owner: 'jtj' },
      ...{ permission: 'economy.detail', fields: [], style: { draw: 'line', colour: 'ink3' } },
      source: { select: 'SELECT n AS id, line AS wkt FROM v.road_test_v1', refresh: 60 },
    },
    {
      ...{
        id: 'gone',
        title: { zh: '没有', en: 'Absent' },
        group: 'other',
        geometry: 'point',
        owner: 'jtj',
        fields: [],
      },
      ...{ style: { draw: 'circle', colour: 'ink3' }, source: { select: 'SELECT id, lon, lat FROM v.not_there_v1' } },
    },
    {
      ...{ id: 'alarm', title: { zh: '警报', en: 'Alarms' }, group: 'alert', geometry: 'point', owner: 'yjgl' },
      fields: [{ name: 'level', title: { zh: '级别', en: 'Level' }, type: 'integer' }],
      style: { draw: 'circle', colour: 'bad' },
      source: {
        features: async (ask) => {
          live.asked.push(ask);
          return [
            {
              id: 'a',
              geometry: { type: 'Point', coordinates: [121.2, 30.17] },
              properties: { level: 3, secret: 'x' },
            },
            { id: 'b', geometry: { type: 'Point', coordinates: [Number.NaN, 30.17] }, properties: { level: 1 } },
          ];
        },
      },
    },
  ]);
  url = await m.http.listen();
});
afterAll(() => m.end());

const get = async (path: string, role: string | null, headers: Record<string, string> = {}) => {
  const r = await fetch(url + path, { headers: { ...(role ? { 'x-role': role } : {}), ...headers } });
  const bytes = Buffer.from(await r.arrayBuffer());
  const type = r.headers.get('content-type') ?? '';
  return { status: r.status, headers: r.headers, bytes, body: /json/.test(type) ? JSON.parse(bytes.toString()) : null };
};
const tile = async (layer: string, role: string | null, at = '10/856/421') => {
  const r = await get(`/api/v1/map/tiles/${layer}/${at}`, role);
  return { ...r, layers: r.status === 200 ? new VectorTile(new PbfReader(r.bytes)).layers : {} };
};

describe('layers', () => {
  test('the list tells what is drawn, what was left out and why there is nothing', async () => {
    const { body } = await get('/api/v1/map', 'analyst');
    const of = (id: string) => body.layers.find((l: { id: string }) => l.id === id);
    expect(of('school')).toMatchObject({ count: 3, left: 2, live: false, box: [121.2, 30.17, 121.3, 30.2] });
    expect(of('school').fields.map((f: { name: string }) => f.name)).toEqual(['name', 'kind', 'opened', 'ended']);
    expect(of('gone').fault).toMatchObject({ code: 'map.layer-absent' });
    expect(of('alarm')).toMatchObject({ live: true, count: null });
    expect(body.city.name.zh).toBe('慈溪市');
    const head = await get('/api/v1/map', 'department-head');
    expect(head.body.layers.some((l: { id: string }) => l.id === 'road-test')).toBe(false);
  });

  test('who may not: strangers, roles without the map, layers of others', async () => {
    expect((await get('/api/v1/map', null)).status).toBe(401);
    expect((await get('/api/v1/map', 'collector')).status).toBe(403);
    expect((await tile('road-test', 'department-head')).status).toBe(403);
    expect((await tile('road-test', null)).status).toBe(404);
    expect((await tile('people-density', null)).status).toBe(404);
    expect((await tile('school', 'collector')).status).toBe(403);
    for (const path of ['features', 'features/1'])
      expect((await get(`/api/v1/map/layers/road-test/${path}`, 'department-head')).status).toBe(403);
  });

  test('a copy changes its version when a row does, and is old no longer than its declaration says', async () => {
    const version = async () =>
      (await get('/api/v1/map', 'analyst')).body.layers.find((l: { id: string }) => l.id === 'road-test').version;
    const first = await version();
    await m.lake.define(["INSERT INTO road VALUES (2, 'LINESTRING (121.1 30.2, 121.3 30.2)')"]);
    expect(await version()).toBe(first);
    m.clock.advance(61_000);
    await version();
    await expect.poll(version, { timeout: 20_000 }).not.toBe(first);
  });
});

describe('tiles', () => {
  test('carry ids and the fields that their viewer sees, never personal ones', async () => {
    const { layers, headers } = await tile('school', 'analyst');
    const features = Array.from({ length: layers.school!.length }, (_, i) => layers.school!.feature(i));
    expect(features.map((f) => [f.id, f.properties.id, f.properties.name])).toEqual([
      [1, '1', '第一小学'],
      [2, '2', '第二小学'],
    ]);
    expect(Object.keys(features[1]!.properties).sort()).toEqual(['at_from', 'at_to', 'id', 'name']);
    const point = features[0]!.toGeoJSON(856, 421, 10).geometry as { coordinates: number[] };
    expect(point.coordinates[0]).toBeCloseTo(121.2, 4);
    expect(point.coordinates[1]).toBeCloseTo(30.17, 4);
    const again = await get('/api/v1/map/tiles/school/10/856/421', 'analyst', {
      'if-none-match': headers.get('etag')!,
    });
    expect(again.status).toBe(304);
  });

  test('a live layer is asked with the box, the instant and the viewer; what is nowhere is left out', async () => {
    const { layers } = await tile('alarm', 'duty-officer', '10/856/421?at=2026-11-20T00:00:00Z');
    expect(layers.alarm!.length).toBe(1);
    expect(layers.alarm!.feature(0).properties).toEqual({ id: 'a' });
    const asked = live.asked.at(-1) as { zoom: number; at: Date; who: { login: string }; bbox: number[] };
    expect(asked).toMatchObject({ zoom: 10, at: new Date('2026-11-20T00:00:00Z'), who: { login: 'duty-officer' } });
    expect(asked.bbox[0]).toBeCloseTo(120.9375, 6);
  });

  test.each(['16/0/0', '3/8/0', '3/0/8', '-1/0/0', '3/x/0', '3/0/1.5', '31/0/0'])('there is no tile %s', async (at) => {
    expect((await tile('school', 'analyst', at)).status).toBeGreaterThanOrEqual(400);
    expect((await tile('school', 'analyst', at)).status).toBeLessThan(500);
  });
});

describe('people', () => {
  test('only as rounded densities; small cells and what would give them away are kept back', async () => {
    const { body } = await get('/api/v1/map/layers/people-density/features?limit=100', 'leader');
    const by = new Map(
      body.features.map((f: { properties: Record<string, unknown> }) => [f.properties.name, f.properties]),
    ) as Map<string, { persons: number | null; density: number | null }>;
    const persons = Array.from({ length: 12 }, (_, i) => by.get(`G${i}`)!.persons);
    // 3 alone would follow from its community's total: 40 goes with it. 1 and 2 hold three together: 33 goes with them.
    expect(persons).toEqual([null, null, 60, 80, null, null, null, 90, 20, 30, 40, 50]);
    expect(by.get('G2')!.density).toBe(600);
  });
});

describe('cards, search, what lies inside', () => {
  test('a card masks personal values by role and audits those shown plain', async () => {
    const card = await get('/api/v1/map/layers/school/features/1', 'analyst');
    const cell = (name: string) => card.body.fields.find((f: { name: string }) => f.name === name);
    expect(cell('head')).toMatchObject({ value: '校**', shown: 'masked' });
    expect(cell('phone')).toMatchObject({ value: null, shown: 'hidden' });
    expect(card.body.link).toBe('/places/1');
    expect(m.audited).toHaveLength(0);
    const purpose = { 'jingwei-purpose': encodeURIComponent('核对') };
    const steward = await get('/api/v1/map/layers/school/features/1', 'data-steward', purpose);
    expect(steward.body.fields.find((f: { name: string }) => f.name === 'head').value).toBe('校长甲');
    expect(steward.body.fields.find((f: { name: string }) => f.name === 'phone').value).toBe('138****0000');
    expect(m.audited).toMatchObject([{ action: 'person.look', object: 'map/school/1' }]);
    expect((await get('/api/v1/map/layers/school/features/99', 'analyst')).status).toBe(404);
  });

  test('search finds by part of a name, the beginning first', async () => {
    const found = async (q: string) =>
      (await get(`/api/v1/map/search?q=${encodeURIComponent(q)}`, 'analyst')).body.found;
    expect((await found('小学')).map((f: { label: string }) => f.label)).toEqual(['第一小学', '第二小学']);
    expect(await found("' OR 1=1 --")).toEqual([]);
  });

  const within = async (body: unknown) => {
    const headers = { 'x-role': 'analyst', 'content-type': 'application/json' };
    const r = await fetch(`${url}/api/v1/map/within`, { method: 'POST', headers, body: JSON.stringify(body) });
    // biome-ignore lint/suspicious/noExplicitAny: an answer is judged by what is expected of it.
    return { status: r.status, body: (await r.json()) as any };
  };
  test('an area, a buffer around a line; shapes that cannot be are refused', async () => {
    const ring = [
      [121.19, 30.16],
      [121.25, 30.16],
      [121.25, 30.19],
      [121.19, 30.19],
      [121.19, 30.16],
    ];
    const area = await within({ geometry: { type: 'Polygon', coordinates: [ring] }, layers: ['school', 'alarm'] });
    expect(area.body.layers.map((l: { count: number }) => l.count)).toEqual([2, 1]);
    expect(area.body.layers[0].items.map((i: { label: string }) => i.label)).toEqual(['第一小学', '第二小学']);
    const line = {
      type: 'LineString',
      coordinates: [
        [121.2, 30.16],
        [121.22, 30.16],
      ],
    };
    // 0.01 degrees of latitude are 1,109 m.
    const near = await within({ geometry: line, metres: 1_150, layers: ['school'] });
    expect(near.body.layers[0].count).toBe(1);
    expect((await within({ geometry: line, metres: 1_050, layers: ['school'] })).body.layers[0].count).toBe(0);
    const bad = [
      { geometry: line, layers: ['school'] },
      { geometry: { type: 'Polygon', coordinates: [ring.slice(0, 4)] }, layers: ['school'] },
      { geometry: { type: 'Point', coordinates: [1e9, 0] }, metres: 5, layers: ['school'] },
      { geometry: { type: 'Polygon', coordinates: [ring] }, metres: 1e9, layers: ['school'] },
    ];
    for (const body of bad) expect([400, 422]).toContain((await within(body)).status);
    expect((await within({ geometry: line, metres: 5, layers: ['nothing'] })).status).toBe(404);
  });
});

describe('OGC API Features', () => {
  const ogc = '/api/v1/map/ogc';
  test('landing, conformance, collections by who asks', async () => {
    const landing = (await get(ogc, null)).body;
    expect(landing.links.map((l: { rel: string }) => l.rel)).toEqual([
      'self',
      'service-desc',
      'service-doc',
      'conformance',
      'data',
    ]);
    expect((await get(`${ogc}/conformance`, null)).body.conformsTo).toContain(
      'http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core',
    );
    const ids = async (role: string | null) =>
      (await get(`${ogc}/collections`, role)).body.collections.map((c: { id: string }) => c.id);
    expect(await ids(null)).toEqual(['school']);
    expect(await ids('analyst')).toEqual(['people-density', 'school', 'road-test', 'alarm']);
    expect((await get(`${ogc}/collections/school`, null)).body.extent.temporal.interval[0][0]).toBe(
      '2026-11-01T00:00:00.000Z',
    );
    expect((await get(`${ogc}/collections/people-density`, null)).status).toBe(404);
  });

  test('items: pages that join without gap, boxes, instants, values; strangers see public fields only', async () => {
    const items = async (q: string, role: string | null = 'analyst') =>
      (await get(`${ogc}/collections/school/items?${q}`, role)).body;
    const first = await items('limit=2');
    expect(first).toMatchObject({ numberMatched: 3, numberReturned: 2, type: 'FeatureCollection' });
    const next = new URL(first.links.find((l: { rel: string }) => l.rel === 'next').href);
    const second = (await get(next.pathname + next.search, 'analyst')).body;
    expect([...first.features, ...second.features].map((f: { id: string }) => f.id)).toEqual(['1', '2', '3']);
    expect((await items('bbox=121.23,30.1,121.4,30.3')).features).toHaveLength(2);
    expect((await items('bbox=121.23,30.1,0,121.4,30.3,9')).features).toHaveLength(2);
    expect((await items('kind=%E4%B8%AD%E5%AD%A6')).features.map((f: { id: string }) => f.id)).toEqual(['3']);
    const at = async (t: string) => (await items(`datetime=${t}`)).features.map((f: { id: string }) => f.id);
    expect(await at('2026-11-11T00:00:00Z')).toEqual(['1', '2']);
    expect(await at('2026-11-13T00:00:00Z/..')).toEqual(['1', '3']);
    expect(await at('../2026-11-05')).toEqual(['1']);
    expect((await items('limit=1000000')).features).toHaveLength(3);
    const stranger = await items('', null);
    expect(Object.keys(stranger.features[0].properties)).toEqual(['name', 'opened', 'ended']);
    expect((await get(`${ogc}/collections/school/items?kind=x`, null)).status).toBe(400);
    const one = await get(`${ogc}/collections/school/items/3`, null);
    expect(one.headers.get('content-type')).toContain('application/geo+json');
    expect(one.body).toMatchObject({
      type: 'Feature',
      id: '3',
      geometry: { type: 'Point', coordinates: [121.3, 30.2] },
    });
  });

  test.each([
    'bbox=1,2,3',
    'bbox=NaN,1,2,3',
    'bbox=5,1,2,3',
    'bbox=1,2,3,999',
    'bbox=1e3,0,1e4,1',
    'limit=0',
    'limit=-1',
    'limit=x',
    'offset=-5',
    'offset=1e99',
    'datetime=yesterday',
    'datetime=2026-11-20T00:00:00Z/2026-11-01T00:00:00Z',
    'datetime=../..',
    'crs=EPSG:4547',
    'head=x',
    'nothing=1',
    'limit=1&limit=2',
    'f=html',
  ])('400 for %s', async (q) => {
    const r = await get(`${ogc}/collections/school/items?${q}`, 'analyst');
    expect([r.status, typeof r.body.code]).toEqual([400, 'string']);
  });
});

test('the archive of the base map is what the tiles are, read by ranges', async () => {
  const path = '/api/v1/map/archive/base.pmtiles';
  expect((await get(path, 'analyst')).status).toBe(404);
  const signal = new AbortController().signal;
  const ran = await buildJob(() => m.map).run({ signal, progress: () => undefined } as never, {});
  expect(ran).toMatchObject({ tiles: expect.any(Number) });
  const listed = (await get('/api/v1/map', 'analyst')).body.archive;
  expect(listed).toMatchObject({ minZoom: 6, maxZoom: 15 });
  const file = new PMTiles({
    getKey: () => 'base',
    getBytes: async (offset: number, length: number) => {
      const r = await get(path, 'analyst', { range: `bytes=${offset}-${offset + length - 1}` });
      expect(r.status).toBe(206);
      return { data: new Uint8Array(r.bytes).buffer };
    },
  });
  const header = await file.getHeader();
  expect([header.minLon, header.maxLat, header.tileType, header.numAddressedTiles]).toEqual([
    121.2,
    30.2,
    1,
    (ran as { tiles: number }).tiles,
  ]);
  const own = await file.getZxy(10, 856, 421);
  const served = await get('/api/v1/map/tiles/school/10/856/421', null);
  expect(Buffer.from(own!.data).equals(served.bytes)).toBe(true);
  expect(await file.getZxy(10, 0, 0)).toBeUndefined();
  expect((await get(path, 'analyst', { range: 'bytes=99999999-' })).status).toBe(416);
  expect((await get(path, null)).status).toBe(401);
  expect(gunzipSync(await m.map.tiles.tile(await m.map.base(null), 10, 856, 421)).equals(served.bytes)).toBe(true);
});
