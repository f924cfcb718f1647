import { VectorTile, type VectorTileFeature } from '@mapbox/vector-tile';
import fc from 'fast-check';
import { PbfReader } from 'pbf';
import { expect, test } from 'vitest';
import { geoJsonOfWkt } from '../feature/geojson.ts';
import { tileId, writeArchive } from '../pmtiles/write.ts';
import { EXTENT, encodeTile, namesOf, type TileLayer } from './encode.ts';
import {
  cut,
  inside,
  labelPlace,
  latitude,
  longitude,
  mercatorX,
  mercatorY,
  near,
  shapeOfGeoJson,
  shapeOfWkt,
  simplify,
  turned,
} from './geometry.ts';
import { LayerStore, type StoreRows } from './store.ts';
import { rowsOf, wktOf } from './tiles.ts';

const runs = Number(process.env.JINGWEI_TEST_RUNS ?? 60);
const place = fc.tuple(
  fc.double({ min: 121, max: 121.6, noNaN: true }),
  fc.double({ min: 30, max: 30.4, noNaN: true }),
);

const layerOf = (rows: Partial<StoreRows> & { ids: string[] }, over: Partial<TileLayer> = {}): TileLayer => {
  const store = new LayerStore(['name']);
  const blank = rows.ids.map(() => null);
  store.add({ lon: blank, lat: blank, wkt: blank, values: { name: rows.ids.map((i) => `n${i}`) }, ...rows });
  store.close();
  return { name: 'x', store, fields: ['name'], clusterBelow: 0, exact: true, least: 0, ...over };
};
const featuresIn = (layer: TileLayer, z: number, x: number, y: number): VectorTileFeature[] => {
  const own = new VectorTile(new PbfReader(encodeTile([layer], z, x, y))).layers.x;
  return own ? Array.from({ length: own.length }, (_, i) => own.feature(i)) : [];
};
const tileAt = (lon: number, lat: number, z: number): [number, number] => [
  Math.floor(mercatorX(lon) * 2 ** z),
  Math.floor(mercatorY(lat) * 2 ** z),
];

test('every point is in exactly one tile, with its id, at its place to half a unit', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(place, { minLength: 1, maxLength: 40, selector: String }),
      fc.integer({ min: 8, max: 15 }),
      (places, z) => {
        const layer = layerOf({
          ids: places.map((_, i) => String(i)),
          lon: places.map((p) => p[0]),
          lat: places.map((p) => p[1]),
        });
        const tiles = new Map(places.map((p) => [tileAt(p[0], p[1], z).join('/'), tileAt(p[0], p[1], z)]));
        const found = [...tiles.values()].flatMap(([x, y]) =>
          featuresIn(layer, z, x, y).map((f) => ({ id: f.id!, own: f.properties, at: f.loadGeometry()[0]![0]!, x, y })),
        );
        expect(found.map((f) => f.id).sort((a, b) => a - b)).toEqual(places.map((_, i) => i));
        for (const f of found) {
          const [lon, lat] = places[f.id]!;
          expect(f.own).toEqual({ id: String(f.id), name: `n${f.id}` });
          expect(Math.abs(f.at.x - (mercatorX(lon) * 2 ** z - f.x) * EXTENT)).toBeLessThanOrEqual(0.51);
          expect(Math.abs(f.at.y - (mercatorY(lat) * 2 ** z - f.y) * EXTENT)).toBeLessThanOrEqual(0.51);
        }
      },
    ),
    { numRuns: runs },
  );
});

test('clusters count every point once, whatever the zoom', () => {
  const places = Array.from(
    { length: 500 },
    (_, i) => [121 + (i % 25) * 0.011, 30 + Math.floor(i / 25) * 0.009] as const,
  );
  const layer = layerOf(
    { ids: places.map((_, i) => `p${i}`), lon: places.map((p) => p[0]), lat: places.map((p) => p[1]) },
    { clusterBelow: 14 },
  );
  for (const z of [6, 9, 11, 13, 14]) {
    const tiles = new Map(places.map((p) => [tileAt(...p, z).join('/'), tileAt(...p, z)]));
    const n = [...tiles.values()].flatMap(([x, y]) =>
      featuresIn(layer, z, x, y).map((f) => Number(f.properties.point_count ?? 1)),
    );
    expect(n.reduce((a, b) => a + b, 0)).toBe(500);
    expect(n.length < 500).toBe(z < 12);
  }
});

test('areas are cut to the tile with its margin: inside stays inside, rings are closed and turn as the format says', () => {
  const wave = fc.array(fc.double({ min: 0.2, max: 1, noNaN: true }), { minLength: 5, maxLength: 14 });
  fc.assert(
    fc.property(
      place,
      wave,
      fc.double({ min: 0.005, max: 0.4, noNaN: true }),
      fc.integer({ min: 9, max: 13 }),
      (middle, radii, size, z) => {
        const ring = radii.map((r, i) => {
          const turn = (2 * Math.PI * i) / radii.length;
          return [middle[0] + r * size * Math.cos(turn), middle[1] + r * size * Math.sin(turn)] as [number, number];
        });
        const wkt = wktOf({ type: 'Polygon', coordinates: [[...ring, ring[0]!]] });
        const layer = layerOf({ ids: ['7'], wkt: [wkt] });
        const whole = shapeOfWkt(wkt)!;
        const [x, y] = tileAt(...middle, z);
        for (const f of featuresIn(layer, z, x, y)) {
          expect([f.id, f.type]).toEqual([7, 3]);
          const rings = f.loadGeometry();
          for (const r of rings) {
            expect([r[0]!.x, r[0]!.y]).toEqual([r.at(-1)!.x, r.at(-1)!.y]);
            for (const p of r) for (const v of [p.x, p.y]) expect(v >= -64 && v <= EXTENT + 64).toBe(true);
            expect(turned(r.flatMap((p) => [p.x, p.y]))).toBeGreaterThan(0);
          }
          // Units are taken for millionths of a degree: near the equator a straight line of theirs stays one in the projection.
          // Places well away from any edge lie inside the cut shape just when they lie inside the whole.
          const left = shapeOfGeoJson({
            type: 'Polygon',
            coordinates: rings.map((r) => r.map((p) => [p.x / 1e6, p.y / 1e6])),
          });
          for (const [u, v] of [
            [512, 512],
            [2048, 2048],
            [3600, 900],
          ] as const) {
            const [wx, wy] = [(x + u / EXTENT) / 2 ** z, (y + v / EXTENT) / 2 ** z];
            if (near({ ...whole, type: 2 }, wx, wy, 8 / EXTENT / 2 ** z)) continue;
            expect(inside(left, mercatorX(u / 1e6), mercatorY(v / 1e6))).toBe(inside(whole, wx, wy));
          }
        }
      },
    ),
    {
      numRuns: runs,
      // Found once: an edge ten units from a place.
      examples: [
        [
          [121, 30],
          [0.2, 0.2, 0.744509882105744, 0.21293596682613783, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2],
          0.18845646873231425,
          11,
        ],
      ],
    },
  );
});

test('holes stay holes and lines stay on their way', () => {
  const [lon, lat] = [121.2, 30.2];
  const box = (d: number): [number, number][] => [
    [lon - d, lat - d],
    [lon + d, lat - d],
    [lon + d, lat + d],
    [lon - d, lat + d],
    [lon - d, lat - d],
  ];
  const donut = layerOf({ ids: ['a'], wkt: [wktOf({ type: 'Polygon', coordinates: [box(0.05), box(0.02)] })] });
  const [x, y] = tileAt(lon, lat, 9);
  const rings = featuresIn(donut, 9, x, y)[0]!
    .loadGeometry()
    .map((r) => Math.sign(turned(r.flatMap((p) => [p.x, p.y]))));
  expect(rings).toEqual([1, -1]);
  const line = {
    type: 'LineString' as const,
    coordinates: [
      [120, 30.2],
      [123, 30.2],
    ] as [number, number][],
  };
  const part = featuresIn(layerOf({ ids: ['b'], wkt: [wktOf(line)] }), 10, ...tileAt(lon, lat, 10))[0]!.loadGeometry();
  expect(part[0]!.map((p) => p.x)).toEqual([-64, EXTENT + 64]);
  const out = cut({ type: 2, rings: [[0, 0, 10, 0, 10, 10, 0, 10]], outer: [true] }, [-1, -1, 5, 20])!;
  expect(out.rings).toEqual([
    [0, 0, 5, 0],
    [5, 10, 0, 10],
  ]);
});

test('simplified lines keep their ends and stay within the tolerance', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 })), {
        minLength: 2,
        maxLength: 60,
      }),
      (points) => {
        const ring = points.flat();
        const less = simplify(ring, 4);
        expect([less.slice(0, 2), less.slice(-2)]).toEqual([ring.slice(0, 2), ring.slice(-2)]);
        for (const [px, py] of points)
          expect(near({ type: 2, rings: [less], outer: [true] }, px, py, 4.0001)).toBe(true);
      },
    ),
    { numRuns: runs },
  );
});

test('WKT and GeoJSON say the same, and what is neither is null', () => {
  const ring = [
    [121, 30],
    [121.5, 30],
    [121.5, 30.5],
    [121, 30],
  ] as [number, number][];
  const shapes = [
    { type: 'Point', coordinates: [121.123456, 30.2] },
    { type: 'MultiPoint', coordinates: ring },
    { type: 'LineString', coordinates: ring },
    { type: 'MultiLineString', coordinates: [ring, ring] },
    { type: 'Polygon', coordinates: [ring, ring] },
    { type: 'MultiPolygon', coordinates: [[ring], [ring, ring]] },
  ] as Parameters<typeof wktOf>[0][];
  for (const s of shapes) {
    expect(geoJsonOfWkt(wktOf(s))).toEqual(s);
    expect(shapeOfWkt(wktOf(s))).toEqual(shapeOfGeoJson(s));
  }
  expect(shapeOfWkt(wktOf(shapes[5]!))!.outer).toEqual([true, true, false]);
  for (const bad of ['', 'POINT', 'POINT (1)', 'POLYGON ((1 2, 3)', 'CIRCLE (1 2)', 'LINESTRING EMPTY'])
    expect(shapeOfWkt(bad)).toBeNull();
  const rows = rowsOf(
    [{ id: 'q', geometry: { type: 'Point', coordinates: [1, 2] }, properties: { name: null } }],
    ['name'],
  );
  expect(rows).toMatchObject({ lon: [1], lat: [2], wkt: [null], values: { name: [null] } });
  expect([longitude(mercatorX(121.5)), latitude(mercatorY(30.5))].map((v) => v.toFixed(9))).toEqual([
    '121.500000000',
    '30.500000000',
  ]);
});

test('tile numbers of PMTiles are those of its specification', () => {
  expect(
    [
      [0, 0, 0],
      [1, 0, 0],
      [1, 0, 1],
      [1, 1, 1],
      [1, 1, 0],
      [2, 0, 0],
    ].map(([z, x, y]) => tileId(z!, x!, y!)),
  ).toEqual([0, 1, 2, 3, 4, 5]);
  expect(tileId(12, 3423, 1763)).toBe(19078479);
});

test('an archive of many tiles has leaf directories and keeps equal tiles once', async () => {
  const { PMTiles } = await import('pmtiles');
  const tiles = Array.from({ length: 128 * 128 }, (_, i) => ({
    z: 7,
    x: i % 128,
    y: Math.floor(i / 128),
    data:
      i % 8 === 0
        ? Uint8Array.of(1)
        : new Uint8Array(2 + ((Math.imul(i, 2654435761) >>> 9) % 600)).fill(i & 255).fill(i >> 8, 1, 2),
  }));
  const bytes = new Uint8Array(
    writeArchive(tiles, {
      box: [0, 0, 1, 1],
      minZoom: 7,
      maxZoom: 7,
      centreZoom: 7,
      metadata: { name: 'x' },
    }),
  );
  const file = new PMTiles({
    getKey: () => 'x',
    getBytes: async (o: number, l: number) => ({ data: bytes.slice(o, o + l).buffer }),
  });
  const header = await file.getHeader();
  // The tiles are marked as gzipped, which these bytes are not: they are read where the header says.
  expect([
    header.numAddressedTiles,
    header.numTileContents < tiles.length,
    ((await file.getMetadata()) as { name: string }).name,
  ]).toEqual([16_384, true, 'x']);
  expect(header.leafDirectoryLength).toBeGreaterThan(0);
  expect(bytes.length - header.tileDataOffset).toBe(header.tileDataLength);
});

test('a polygon over many tiles has its name in exactly one of them, inside of it', () => {
  // A horseshoe: its middle is not inside.
  const wkt =
    'POLYGON ((121.1 30.1, 121.5 30.1, 121.5 30.3, 121.4 30.3, 121.4 30.15, 121.2 30.15, 121.2 30.3, 121.1 30.3, 121.1 30.1))';
  const layer = layerOf({ ids: ['7'], wkt: [wkt], lon: [121.3], lat: [30.25] }, { named: true });
  const shape = shapeOfWkt(wkt)!;
  expect(inside(shape, ...layer.store.place(0))).toBe(false);
  expect(inside(shape, ...labelPlace(shape, ...layer.store.place(0)))).toBe(true);
  for (const z of [9, 12, 14]) {
    const [x0, y0] = tileAt(121.1, 30.3, z);
    const [x1, y1] = tileAt(121.5, 30.1, z);
    const named: string[] = [];
    for (let x = x0; x <= x1; x++)
      for (let y = y0; y <= y1; y++) {
        const bytes = encodeTile([layer], z, x, y);
        const own = bytes.length ? new VectorTile(new PbfReader(bytes)).layers[namesOf('x')] : undefined;
        for (let i = 0; i < (own?.length ?? 0); i++) named.push(String(own!.feature(i).properties.name));
      }
    expect(named).toEqual(['n7']);
  }
});
