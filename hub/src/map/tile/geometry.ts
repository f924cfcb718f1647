/**
 * Shapes as the map holds them: rings of web-mercator world coordinates (0 … 1, x eastwards, y southwards) in flat arrays, read from WKT
 * or GeoJSON, cut to boxes, simplified, asked what lies inside. Pure; used by the tile thread and by tests.
 */
import type { MapGeometry, Position } from '../layer/types.ts';

/** One part of a shape: [x0, y0, x1, y1, …]. Rings of polygons are closed (the last point is the first). */
export type Ring = number[];

/** 1 points, 2 lines, 3 polygons: the types of the Mapbox Vector Tile specification 2.1. */
export type ShapeType = 1 | 2 | 3;

/** A shape: polygons' rings one after the other, each outer ring followed by its holes; `outer` says which are outer ones. */
export interface Shape {
  type: ShapeType;
  rings: Ring[];
  outer: boolean[];
}

/** Web mercator ends here (degrees). */
export const MOST_LATITUDE = 85.051129;

export const mercatorX = (lon: number): number => lon / 360 + 0.5;
export function mercatorY(lat: number): number {
  const held = Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, lat));
  const sin = Math.sin((held * Math.PI) / 180);
  return 0.5 - (0.25 * Math.log((1 + sin) / (1 - sin))) / Math.PI;
}
export const longitude = (x: number): number => (x - 0.5) * 360;
export const latitude = (y: number): number => (360 / Math.PI) * Math.atan(Math.exp((1 - 2 * y) * Math.PI)) - 90;

/** Metres of one world unit at a world y: how distances on the map are measured near a place. */
export const metresPerUnit = (y: number): number => 40_075_016.686 * Math.cos((latitude(y) * Math.PI) / 180);

const NUMBERS = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Reads WKT (POINT, LINESTRING, POLYGON and their MULTI forms, two dimensions) in degrees; null where it is none of them. */
export function shapeOfWkt(wkt: string): Shape | null {
  const kind = /^\s*(MULTI)?(POINT|LINESTRING|POLYGON)\b/i.exec(wkt);
  if (!kind) return null;
  const type: ShapeType = /point/i.test(kind[2]!) ? 1 : /line/i.test(kind[2]!) ? 2 : 3;
  const rings: Ring[] = [];
  const outer: boolean[] = [];
  let depth = 0;
  let from = -1;
  let first = true;
  // The innermost brackets hold coordinates; where those of a polygon open anew, a new outer ring begins.
  for (let i = kind[0].length; i < wkt.length; i++) {
    const c = wkt.charCodeAt(i);
    if (c === 40) {
      depth++;
      from = i + 1;
      if (type === 3 && depth === (kind[1] ? 2 : 1)) first = true;
    } else if (c === 41) {
      if (from >= 0) {
        const ring = ringOf(wkt.slice(from, i));
        if (!ring) return null;
        rings.push(ring);
        // Only polygons have holes.
        outer.push(type !== 3 || first);
        first = false;
        from = -1;
      }
      depth--;
    }
  }
  if (rings.length === 0 || depth !== 0) return null;
  // MULTIPOINT ((1 2), (3 4)) has a bracket for each point.
  return { type, rings, outer };
}

function ringOf(text: string): Ring | null {
  const numbers = text.match(NUMBERS);
  if (!numbers || numbers.length % 2 === 1) return null;
  const ring: Ring = new Array(numbers.length);
  for (let i = 0; i < numbers.length; i += 2) {
    ring[i] = mercatorX(Number(numbers[i]));
    ring[i + 1] = mercatorY(Number(numbers[i + 1]));
  }
  return ring;
}

const flat = (positions: readonly Position[]): Ring => positions.flatMap(([x, y]) => [mercatorX(x), mercatorY(y)]);

/** Reads a GeoJSON geometry. */
export function shapeOfGeoJson(g: MapGeometry): Shape {
  switch (g.type) {
    case 'Point':
      return { type: 1, rings: [flat([g.coordinates])], outer: [true] };
    case 'MultiPoint':
      return { type: 1, rings: [flat(g.coordinates)], outer: [true] };
    case 'LineString':
      return { type: 2, rings: [flat(g.coordinates)], outer: [true] };
    case 'MultiLineString':
      return { type: 2, rings: g.coordinates.map(flat), outer: g.coordinates.map(() => true) };
    case 'Polygon':
      return { type: 3, rings: g.coordinates.map(flat), outer: g.coordinates.map((_, i) => i === 0) };
    case 'MultiPolygon':
      return {
        type: 3,
        rings: g.coordinates.flatMap((p) => p.map(flat)),
        outer: g.coordinates.flatMap((p) => p.map((_, i) => i === 0)),
      };
  }
}

/** West, south, east, north in world coordinates: [min x, min y, max x, max y]. */
export function boxOf(shape: Shape): [number, number, number, number] {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of shape.rings)
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] = [ring[i]!, ring[i + 1]!];
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      if (y > y1) y1 = y;
    }
  return [x0, y0, x1, y1];
}

/** Doubled signed area of a ring, positive when it runs clockwise on the screen (y southwards). */
export function turned(ring: ArrayLike<number>): number {
  let sum = 0;
  const n = ring.length;
  for (let i = 0, j = n - 2; i < n; j = i, i += 2) sum += (ring[j]! - ring[i]!) * (ring[j + 1]! + ring[i + 1]!);
  return sum;
}

/** A ring cut to lo ≤ axis ≤ hi (Sutherland and Hodgman); empty where nothing is left. `axis` 0: x, 1: y. */
function cutRing(ring: Ring, lo: number, hi: number, axis: 0 | 1): Ring {
  return half(half(ring, lo, axis, 1), hi, axis, -1);
}

function half(ring: Ring, edge: number, axis: 0 | 1, side: 1 | -1): Ring {
  const out: Ring = [];
  const n = ring.length;
  if (n === 0) return out;
  const within = (i: number) => side * (ring[i + axis]! - edge) >= 0;
  for (let i = 0; i + 2 < n; i += 2) {
    const a = within(i);
    const b = within(i + 2);
    if (a) out.push(ring[i]!, ring[i + 1]!);
    if (a !== b) {
      const t = (edge - ring[i + axis]!) / (ring[i + 2 + axis]! - ring[i + axis]!);
      const other = ring[i + 1 - axis]! + t * (ring[i + 3 - axis]! - ring[i + 1 - axis]!);
      out.push(axis === 0 ? edge : other, axis === 0 ? other : edge);
    }
  }
  if (out.length > 0 && (out[0] !== out.at(-2) || out[1] !== out.at(-1))) out.push(out[0]!, out[1]!);
  return out;
}

/** A line cut to lo ≤ axis ≤ hi: the parts that are left. */
function cutLine(line: Ring, lo: number, hi: number, axis: 0 | 1): Ring[] {
  const out: Ring[] = [];
  let part: Ring = [];
  const at = (i: number, t: number): [number, number] => [
    line[i]! + t * (line[i + 2]! - line[i]!),
    line[i + 1]! + t * (line[i + 3]! - line[i + 1]!),
  ];
  for (let i = 0; i + 2 < line.length; i += 2) {
    const [a, b] = [line[i + axis]!, line[i + 2 + axis]!];
    let [t0, t1] = [0, 1];
    if (a === b) {
      if (a < lo || a > hi) [t0, t1] = [1, 0];
    } else {
      const [u, v] = [(lo - a) / (b - a), (hi - a) / (b - a)];
      t0 = Math.max(0, Math.min(u, v));
      t1 = Math.min(1, Math.max(u, v));
    }
    if (t0 > t1) {
      if (part.length > 2) out.push(part);
      part = [];
      continue;
    }
    if (part.length === 0) part.push(...at(i, t0));
    part.push(...at(i, t1));
    if (t1 < 1) {
      if (part.length > 2) out.push(part);
      part = [];
    }
  }
  if (part.length > 2) out.push(part);
  return out;
}

/** A shape cut to a box [x0, y0, x1, y1]; its rings in any coordinates. Null where nothing is left. */
export function cut(shape: Shape, [x0, y0, x1, y1]: readonly [number, number, number, number]): Shape | null {
  const rings: Ring[] = [];
  const outer: boolean[] = [];
  if (shape.type === 3) {
    let kept = false;
    for (const [i, ring] of shape.rings.entries()) {
      const own = shape.outer[i]!;
      if (!own && !kept) continue;
      const left = cutRing(cutRing(ring, x0, x1, 0), y0, y1, 1);
      const there = left.length >= 8;
      if (own) kept = there;
      if (!there) continue;
      rings.push(left);
      outer.push(own);
    }
  } else if (shape.type === 2) {
    for (const line of shape.rings)
      for (const across of cutLine(line, x0, x1, 0))
        for (const left of cutLine(across, y0, y1, 1)) {
          rings.push(left);
          outer.push(true);
        }
  } else {
    for (const points of shape.rings) {
      const left: Ring = [];
      for (let i = 0; i < points.length; i += 2) {
        const [x, y] = [points[i]!, points[i + 1]!];
        if (x >= x0 && x <= x1 && y >= y0 && y <= y1) left.push(x, y);
      }
      if (left.length > 0) {
        rings.push(left);
        outer.push(true);
      }
    }
  }
  return rings.length > 0 ? { type: shape.type, rings, outer } : null;
}

/** Leaves out points that lie closer than `tolerance` to the line between those kept (Douglas and Peucker); ends stay. */
export function simplify(ring: Ring, tolerance: number): Ring {
  const n = ring.length / 2;
  if (n <= 2 || tolerance <= 0) return ring;
  const keep = new Uint8Array(n);
  keep[0] = 1;
  keep[n - 1] = 1;
  const limit = tolerance * tolerance;
  const open: number[] = [0, n - 1];
  while (open.length > 0) {
    const to = open.pop()!;
    const from = open.pop()!;
    let [most, at] = [limit, -1];
    for (let i = from + 1; i < to; i++) {
      const d = offLine(ring, i, from, to);
      if (d > most) [most, at] = [d, i];
    }
    if (at >= 0) {
      keep[at] = 1;
      open.push(from, at, at, to);
    }
  }
  const out: Ring = [];
  for (let i = 0; i < n; i++) if (keep[i]) out.push(ring[2 * i]!, ring[2 * i + 1]!);
  return out;
}

/** Square of the distance of point `i` to the segment from point `a` to point `b`. */
function offLine(ring: Ring, i: number, a: number, b: number): number {
  return toSegment(ring[2 * i]!, ring[2 * i + 1]!, ring[2 * a]!, ring[2 * a + 1]!, ring[2 * b]!, ring[2 * b + 1]!);
}

/** Square of the distance of (x, y) to the segment from (ax, ay) to (bx, by). */
export function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length));
  const [ox, oy] = [x - ax - t * dx, y - ay - t * dy];
  return ox * ox + oy * oy;
}

/** Whether a place lies inside a polygon (even-odd over all its rings). */
export function inside(shape: Shape, x: number, y: number): boolean {
  let within = false;
  for (const ring of shape.rings)
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [ax, ay, bx, by] = [ring[i]!, ring[i + 1]!, ring[i + 2]!, ring[i + 3]!];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    }
  return within;
}

/**
 * Where a polygon's name stands: the place that is told when it lies inside, else the middle of the widest stretch at half of its height.
 */
export function labelPlace(shape: Shape, x: number, y: number): [x: number, y: number] {
  if (shape.type !== 3 || inside(shape, x, y)) return [x, y];
  const [, y0, , y1] = boxOf(shape);
  const at = (y0 + y1) / 2;
  const cuts: number[] = [];
  for (const ring of shape.rings)
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [ax, ay, bx, by] = [ring[i]!, ring[i + 1]!, ring[i + 2]!, ring[i + 3]!];
      if (ay > at !== by > at) cuts.push(((bx - ax) * (at - ay)) / (by - ay) + ax);
    }
  cuts.sort((a, b) => a - b);
  let best: [number, number] = [x, y];
  let widest = 0;
  for (let i = 0; i + 1 < cuts.length; i += 2) {
    const width = cuts[i + 1]! - cuts[i]!;
    if (width > widest) [widest, best] = [width, [(cuts[i]! + cuts[i + 1]!) / 2, at]];
  }
  return best;
}

/** Whether a place lies inside a polygon, or within `distance` (world units) of any shape. */
export function near(shape: Shape, x: number, y: number, distance: number): boolean {
  if (shape.type === 3 && inside(shape, x, y)) return true;
  if (distance <= 0) return false;
  const limit = distance * distance;
  for (const ring of shape.rings) {
    if (shape.type === 1 || ring.length === 2) {
      for (let i = 0; i < ring.length; i += 2) if ((ring[i]! - x) ** 2 + (ring[i + 1]! - y) ** 2 <= limit) return true;
      continue;
    }
    for (let i = 0; i + 3 < ring.length; i += 2)
      if (toSegment(x, y, ring[i]!, ring[i + 1]!, ring[i + 2]!, ring[i + 3]!) <= limit) return true;
  }
  return false;
}
