/**
 * Vector tiles (Mapbox Vector Tile specification 2.1) of the features of stores: shapes cut to the tile with a margin, simplified to
 * half a pixel, points gathered where they would lie on top of each other. Extent 4096, that is 8 units a pixel.
 */
import type { GeoJSONVTTile } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import { cut, labelPlace, type Ring, type Shape, simplify, turned } from './geometry.ts';
import type { LayerStore, TileValue } from './store.ts';

export const EXTENT = 4096;
/** Margin around a tile, so that outlines meet across its edge. */
const MARGIN = 64;
/** Half a pixel. */
const TOLERANCE = 4;
/** Points closer than this are one cluster: 64 pixels. */
const CLUSTER = 512;
/** Beyond so many points of one tile only one a pixel is kept. */
const CROWD = 5_000;

/** A layer as a tile is asked for it. */
export interface TileLayer {
  name: string;
  store: LayerStore;
  /** Properties that go along, of those that the store has. */
  fields: readonly string[];
  /** Points lie together below this zoom. */
  clusterBelow: number;
  /** The last zoom of tiles: shapes are exact there. */
  exact: boolean;
  /** Polygons smaller than so many square pixels are left out. */
  least: number;
  /** Polygons have names: a layer of points goes along with them, each in exactly one tile, so that no name stands twice. */
  named?: boolean;
}

/** The layer of a tile that has the places of the names of a layer's polygons. */
export const namesOf = (layer: string): string => `${layer}~names`;

interface Encoded {
  id?: number;
  type: 1 | 2 | 3;
  geometry: [number, number][] | [number, number][][];
  tags: Record<string, TileValue>;
}

/** Encodes one tile; an empty tile is an empty array. */
export function encodeTile(layers: readonly TileLayer[], z: number, x: number, y: number): Uint8Array {
  const out: Record<string, GeoJSONVTTile> = {};
  for (const layer of layers) {
    const features = featuresOf(layer, z, x, y);
    // The writer of the format reads no more of a tile than this.
    if (features.length > 0) out[layer.name] = { features } as unknown as GeoJSONVTTile;
    const names = layer.named ? namesIn(layer, z, x, y) : [];
    if (names.length > 0) out[namesOf(layer.name)] = { features: names } as unknown as GeoJSONVTTile;
  }
  return Object.keys(out).length > 0 ? fromGeojsonVt(out, { version: 2, extent: EXTENT }) : new Uint8Array(0);
}

function featuresOf(layer: TileLayer, z: number, x: number, y: number): Encoded[] {
  const scale = 2 ** z;
  const margin = MARGIN / EXTENT;
  const { store } = layer;
  const found = store.search(
    (x - margin) / scale,
    (y - margin) / scale,
    (x + 1 + margin) / scale,
    (y + 1 + margin) / scale,
  );
  const points: number[] = [];
  const out: Encoded[] = [];
  for (const i of found) {
    const shape = store.shape(i);
    if (shape.type === 1 && shape.rings.length === 1 && shape.rings[0]!.length === 2) {
      points.push(i);
      continue;
    }
    const encoded = shapeIn(layer, shape, scale, x, y);
    if (encoded) out.push({ ...idOf(store, i), ...encoded, tags: tagsOf(layer, i) });
  }
  if (points.length > 0) pointsIn(layer, points, z, x, y, out);
  return out;
}

/** Where the names of polygons stand that fall into the tile itself. */
function namesIn(layer: TileLayer, z: number, tx: number, ty: number): Encoded[] {
  const scale = 2 ** z;
  const { store } = layer;
  const out: Encoded[] = [];
  for (const i of store.search(tx / scale, ty / scale, (tx + 1) / scale, (ty + 1) / scale)) {
    const shape = store.shape(i);
    if (shape.type !== 3) continue;
    const [wx, wy] = labelPlace(shape, ...store.place(i));
    const x = (wx * scale - tx) * EXTENT;
    const y = (wy * scale - ty) * EXTENT;
    if (x < 0 || y < 0 || x >= EXTENT || y >= EXTENT) continue;
    out.push({ ...idOf(store, i), type: 1, geometry: [[Math.round(x), Math.round(y)]], tags: tagsOf(layer, i) });
  }
  return out;
}

/** MVT identifies by numbers: where the id is one it stands there too; always as the property `id`. */
function idOf(store: LayerStore, i: number): { id?: number } {
  const id = store.ids[i]!;
  return /^\d{1,15}$/.test(id) ? { id: Number(id) } : {};
}

function tagsOf({ store, fields }: TileLayer, i: number): Record<string, TileValue> {
  const tags: Record<string, TileValue> = { id: store.ids[i]! };
  for (const f of fields) {
    const v = store.columns[f]?.[i];
    if (v !== null && v !== undefined) tags[f] = v;
  }
  return tags;
}

function shapeIn(
  layer: TileLayer,
  shape: Shape,
  scale: number,
  tx: number,
  ty: number,
): Pick<Encoded, 'type' | 'geometry'> | null {
  const own: Shape = {
    ...shape,
    rings: shape.rings.map((ring) => {
      const r: Ring = new Array(ring.length);
      for (let i = 0; i < ring.length; i += 2) {
        r[i] = (ring[i]! * scale - tx) * EXTENT;
        r[i + 1] = (ring[i + 1]! * scale - ty) * EXTENT;
      }
      return r;
    }),
  };
  const left = cut(own, [-MARGIN, -MARGIN, EXTENT + MARGIN, EXTENT + MARGIN]);
  if (!left) return null;
  if (left.type === 1) return { type: 1, geometry: left.rings.flatMap(pairs) };
  const rings: [number, number][][] = [];
  let kept = false;
  for (const [i, ring] of left.rings.entries()) {
    const own = left.outer[i]!;
    if (left.type === 3) {
      if (own) kept = Math.abs(turned(ring)) / 2 >= layer.least * 64;
      if (!kept) continue;
    }
    const line = layer.exact ? ring : simplify(ring, TOLERANCE);
    const whole = rounded(line);
    const enough = left.type === 3 ? whole.length >= 8 : whole.length >= 4;
    if (!enough) {
      if (own && left.type === 3) kept = false;
      continue;
    }
    if (left.type === 3) {
      // Outer rings run clockwise on the screen, holes the other way (specification 4.3.3.3).
      const area = turned(whole);
      if (area === 0) {
        if (own) kept = false;
        continue;
      }
      rings.push(pairs(area > 0 === own ? whole : backwards(whole)));
    } else rings.push(pairs(whole));
  }
  return rings.length > 0 ? { type: left.type, geometry: rings } : null;
}

/** Whole units, without repeats of the same point. */
function rounded(ring: Ring): Ring {
  const out: Ring = [];
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = [Math.round(ring[i]!), Math.round(ring[i + 1]!)];
    if (out.length >= 2 && out.at(-2) === x && out.at(-1) === y) continue;
    out.push(x, y);
  }
  return out;
}

function pairs(ring: Ring): [number, number][] {
  const out: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) out.push([Math.round(ring[i]!), Math.round(ring[i + 1]!)]);
  return out;
}

function backwards(ring: Ring): Ring {
  const out: Ring = [];
  for (let i = ring.length - 2; i >= 0; i -= 2) out.push(ring[i]!, ring[i + 1]!);
  return out;
}

/** Points whose place is in the tile itself (each in exactly one tile): alone, in clusters, or one a pixel where they are a crowd. */
function pointsIn(layer: TileLayer, found: readonly number[], z: number, tx: number, ty: number, out: Encoded[]): void {
  const scale = 2 ** z;
  const { store } = layer;
  const cell = z < layer.clusterBelow ? CLUSTER : found.length > CROWD ? 8 : 0;
  const cells = new Map<number, { n: number; x: number; y: number; i: number }>();
  for (const i of found) {
    const [wx, wy] = store.place(i);
    const x = (wx * scale - tx) * EXTENT;
    const y = (wy * scale - ty) * EXTENT;
    if (x < 0 || y < 0 || x >= EXTENT || y >= EXTENT) continue;
    if (cell === 0) {
      out.push({ ...idOf(store, i), type: 1, geometry: [[Math.round(x), Math.round(y)]], tags: tagsOf(layer, i) });
      continue;
    }
    const key = Math.floor(x / cell) * EXTENT + Math.floor(y / cell);
    const known = cells.get(key);
    if (!known) cells.set(key, { n: 1, x, y, i });
    else {
      known.n++;
      known.x += x;
      known.y += y;
    }
  }
  for (const c of cells.values()) {
    const alone = c.n === 1 || cell !== CLUSTER;
    const [x, y] = alone ? place(store, c.i, scale, tx, ty) : [c.x / c.n, c.y / c.n];
    const geometry: [number, number][] = [[Math.round(x), Math.round(y)]];
    if (alone) out.push({ ...idOf(store, c.i), type: 1, geometry, tags: tagsOf(layer, c.i) });
    else out.push({ type: 1, geometry, tags: { point_count: c.n } });
  }
}

function place(store: LayerStore, i: number, scale: number, tx: number, ty: number): [number, number] {
  const [x, y] = store.place(i);
  return [(x * scale - tx) * EXTENT, (y * scale - ty) * EXTENT];
}
