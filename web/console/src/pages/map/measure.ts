/** Lengths and areas on the sphere of the earth's mean radius: half a percent is their error, which is less than a hand's on a map. */
export type Position = [number, number];
export type Drawn =
  | { type: 'Point'; coordinates: Position }
  | { type: 'LineString'; coordinates: Position[] }
  | { type: 'Polygon'; coordinates: Position[][] };

const RADIUS = 6_371_008.8;
const rad = (degrees: number) => (degrees * Math.PI) / 180;

/** Metres between two places (haversine). */
export function metresBetween([ax, ay]: Position, [bx, by]: Position): number {
  const h = Math.sin(rad(by - ay) / 2) ** 2 + Math.cos(rad(ay)) * Math.cos(rad(by)) * Math.sin(rad(bx - ax) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Metres along a line. */
export const lengthOf = (line: readonly Position[]): number =>
  line.slice(1).reduce((sum, p, i) => sum + metresBetween(line[i]!, p), 0);

/** Square metres inside a ring (its last place is its first). */
export function areaOf(ring: readonly Position[]): number {
  let sum = 0;
  for (const [i, [ax, ay]] of ring.entries()) {
    const [bx, by] = ring[(i + 1) % ring.length]!;
    sum += rad(bx - ax) * (2 + Math.sin(rad(ay)) + Math.sin(rad(by)));
  }
  return Math.abs((sum * RADIUS * RADIUS) / 2);
}

const digits = (v: number) => (v >= 100 ? 0 : v >= 10 ? 1 : 2);

/** `850 m`, `12.4 km`. */
export const lengthText = (m: number): string =>
  m < 1000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(digits(m / 1000))} km`;
/** `850 m²`, `12.4 km²`. */
export const areaText = (m2: number): string =>
  m2 < 100_000 ? `${Math.round(m2)} m²` : `${(m2 / 1e6).toFixed(digits(m2 / 1e6))} km²`;

/** A drawn shape as a text for an address: type, then places with five digits (a metre). */
export function shapeText(shape: Drawn): string {
  const list: Position[] =
    shape.type === 'Point'
      ? [shape.coordinates]
      : shape.type === 'LineString'
        ? shape.coordinates
        : shape.coordinates[0]!.slice(0, -1);
  return `${shape.type[0]!.toLowerCase()}${list.map(([x, y]) => `${x.toFixed(5)},${y.toFixed(5)}`).join(';')}`;
}

/** The shape of such a text; null where it is none. */
export function shapeOf(text: string): Drawn | null {
  if (!/^[pl](-?\d+(\.\d+)?,-?\d+(\.\d+)?)(;-?\d+(\.\d+)?,-?\d+(\.\d+)?)*$/.test(text) || text.length > 20_000)
    return null;
  const places = text
    .slice(1)
    .split(';')
    .map((p) => p.split(',').map(Number) as Position);
  if (places.some(([x, y]) => Math.abs(x) > 180 || Math.abs(y) > 90)) return null;
  if (text[0] === 'l') return places.length > 1 ? { type: 'LineString', coordinates: places } : null;
  // `p` is a place where there is one, an area where there are three: both begin with P.
  if (places.length === 1) return { type: 'Point', coordinates: places[0]! };
  return places.length > 2 ? { type: 'Polygon', coordinates: [[...places, places[0]!]] } : null;
}
