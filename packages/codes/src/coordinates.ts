/**
 * Coordinates: WGS 84 (and CGCS2000, the same at map scale) ↔ GCJ-02 (the shifted system of Chinese map services) ↔ BD-09 (Baidu's).
 * Points are `[longitude, latitude]` in degrees. The inverse is found by iteration: there and back differs by less than 1e-9 degree.
 */

/** `[longitude, latitude]` in degrees. */
export type Point = readonly [longitude: number, latitude: number];

/** The systems that can be converted. */
export type CoordinateSystem = 'wgs84' | 'cgcs2000' | 'gcj02' | 'bd09';

/** Semi-major axis (m) and squared eccentricity of the Krasovsky 1940 ellipsoid, which the shift is defined on. */
const AXIS = 6378245;
const ECCENTRICITY = 0.006693421622965943;
const RADIANS = Math.PI / 180;
const BD_RADIANS = (Math.PI * 3000) / 180;

/** Rectangle outside which map services apply no shift. */
const SHIFTED = { west: 72.004, east: 137.8347, south: 0.8293, north: 55.8271 } as const;

function wave(x: number): number {
  return (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
}

/** The shift of GCJ-02 at a WGS 84 point, in degrees. */
function shift(longitude: number, latitude: number): [number, number] {
  if (longitude < SHIFTED.west || longitude > SHIFTED.east || latitude < SHIFTED.south || latitude > SHIFTED.north) {
    return [0, 0];
  }
  const x = longitude - 105;
  const y = latitude - 35;
  const root = Math.sqrt(Math.abs(x));
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    wave(x) +
    (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3) +
    (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * (2 / 3);
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    wave(x) +
    (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3) +
    (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3);
  const sine = Math.sin(latitude * RADIANS);
  const magic = 1 - ECCENTRICITY * sine * sine;
  const rootMagic = Math.sqrt(magic);
  return [
    east / ((AXIS / rootMagic) * Math.cos(latitude * RADIANS) * RADIANS),
    north / (((AXIS * (1 - ECCENTRICITY)) / (magic * rootMagic)) * RADIANS),
  ];
}

/** Solves forward(x) = target by fixed-point iteration; the shift changes by less than a thousandth per degree, so it converges fast. */
function invert(forward: (point: Point) => Point, target: Point): Point {
  let [x, y] = target;
  for (let round = 0; round < 30; round++) {
    const [fx, fy] = forward([x, y]);
    const dx = target[0] - fx;
    const dy = target[1] - fy;
    x += dx;
    y += dy;
    if (Math.abs(dx) < 1e-12 && Math.abs(dy) < 1e-12) break;
  }
  return [x, y];
}

/** WGS 84 / CGCS2000 → GCJ-02. */
export function wgs84ToGcj02([longitude, latitude]: Point): Point {
  const [east, north] = shift(longitude, latitude);
  return [longitude + east, latitude + north];
}

/** GCJ-02 → WGS 84 / CGCS2000. */
export function gcj02ToWgs84(point: Point): Point {
  return invert(wgs84ToGcj02, point);
}

/** GCJ-02 → BD-09. */
export function gcj02ToBd09([x, y]: Point): Point {
  const radius = Math.sqrt(x * x + y * y) + 0.00002 * Math.sin(y * BD_RADIANS);
  const angle = Math.atan2(y, x) + 0.000003 * Math.cos(x * BD_RADIANS);
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006];
}

/** BD-09 → GCJ-02. */
export function bd09ToGcj02(point: Point): Point {
  return invert(gcj02ToBd09, point);
}

/** Converts between any two systems. CGCS2000 and WGS 84 are taken as equal (they differ by centimetres). */
export function convertPoint(point: Point, from: CoordinateSystem, to: CoordinateSystem): Point {
  const source = from === 'cgcs2000' ? 'wgs84' : from;
  const target = to === 'cgcs2000' ? 'wgs84' : to;
  if (source === target) return point;
  const gcj = source === 'wgs84' ? wgs84ToGcj02(point) : source === 'bd09' ? bd09ToGcj02(point) : point;
  return target === 'wgs84' ? gcj02ToWgs84(gcj) : target === 'bd09' ? gcj02ToBd09(gcj) : gcj;
}

/**
 * Coarse outline of China with its islands and the South China Sea, drawn about half a degree outside the border. It serves to find
 * points that cannot be right; it is no map of any border.
 */
const OUTLINE: readonly Point[] = [
  [73.2, 39.9],
  [73.3, 38.0],
  [74.3, 36.9],
  [76.0, 35.4],
  [77.7, 34.9],
  [78.2, 32.2],
  [78.6, 30.9],
  [81.0, 29.7],
  [84.0, 28.4],
  [86.0, 27.6],
  [88.6, 27.3],
  [89.6, 27.6],
  [91.5, 26.6],
  [95.5, 26.5],
  [97.2, 27.3],
  [97.2, 24.2],
  [98.2, 23.6],
  [99.0, 21.5],
  [101.4, 20.9],
  [102.3, 22.0],
  [104.2, 22.3],
  [106.4, 22.2],
  [107.2, 21.3],
  [108.0, 20.6],
  [107.9, 18.0],
  [109.3, 14.5],
  [109.0, 8.0],
  [111.5, 3.4],
  [114.0, 4.0],
  [119.5, 12.5],
  [119.5, 17.5],
  [121.0, 20.6],
  [123.0, 22.3],
  [124.9, 25.4],
  [124.9, 26.4],
  [123.4, 30.0],
  [123.4, 33.0],
  [123.5, 37.5],
  [124.6, 39.7],
  [126.2, 40.5],
  [127.2, 41.2],
  [128.6, 41.6],
  [130.2, 42.0],
  [130.9, 42.2],
  [131.6, 43.2],
  [131.6, 44.5],
  [133.3, 44.8],
  [134.2, 46.5],
  [135.4, 48.3],
  [134.8, 48.9],
  [131.2, 48.3],
  [130.0, 49.6],
  [127.9, 50.4],
  [126.6, 52.3],
  [125.4, 53.4],
  [123.2, 54.0],
  [120.2, 53.6],
  [119.5, 52.6],
  [120.0, 51.6],
  [118.8, 50.2],
  [116.4, 50.2],
  [115.2, 48.2],
  [115.6, 47.3],
  [118.0, 47.4],
  [119.0, 47.0],
  [116.4, 46.7],
  [113.6, 45.3],
  [111.5, 45.2],
  [111.2, 43.9],
  [109.4, 42.9],
  [105.0, 42.1],
  [101.6, 43.0],
  [96.5, 43.2],
  [95.5, 45.0],
  [91.4, 45.6],
  [91.2, 47.1],
  [88.2, 49.5],
  [86.8, 49.6],
  [85.2, 48.7],
  [85.0, 47.5],
  [82.7, 47.6],
  [82.0, 45.7],
  [79.7, 45.4],
  [79.9, 42.6],
  [78.0, 41.5],
  [75.5, 41.0],
];

/** True when a WGS 84 point lies clearly outside China (or is no point at all): swapped axes, zeros, other continents. */
export function outsideChina([longitude, latitude]: Point): boolean {
  if (!Number.isFinite(longitude) || !Number.isFinite(latitude)) return true;
  let inside = false;
  for (let i = 0, j = OUTLINE.length - 1; i < OUTLINE.length; j = i++) {
    const [xi, yi] = OUTLINE[i] as Point;
    const [xj, yj] = OUTLINE[j] as Point;
    if (yi > latitude !== yj > latitude && longitude < ((xj - xi) * (latitude - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return !inside;
}
