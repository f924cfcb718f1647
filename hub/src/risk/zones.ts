/** Shapes of what comes: plumes of gas, tracks of storms, water over land. Pure; degrees of WGS 84 outside, metres inside. */

/** Longitude and latitude in degrees. */
export type LonLat = readonly [lon: number, lat: number];
/** A closed ring of a polygon. */
export type Ring = LonLat[];

const LAT = 110_900;
/** Metres of a degree of longitude. */
const lonMetres = (lat: number): number => 111_320 * Math.cos((lat * Math.PI) / 180);

/** A place so many metres east and north of another. */
export const moved = ([lon, lat]: LonLat, east: number, north: number): LonLat => [
  lon + east / lonMetres(lat),
  lat + north / LAT,
];

/** Metres between two places of a county. */
export const metres = (a: LonLat, b: LonLat): number =>
  Math.hypot((a[0] - b[0]) * lonMetres((a[1] + b[1]) / 2), (a[1] - b[1]) * LAT);

/** Box of rings: west, south, east, north. */
export function boxOf(rings: readonly Ring[]): [number, number, number, number] {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  for (const ring of rings)
    for (const [x, y] of ring) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  return box;
}

/** Whether a place lies inside a ring. */
export function inside(ring: Ring, x: number, y: number): boolean {
  let within = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[i]!;
    const [bx, by] = ring[j]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}

/** A circle of metres about a place. */
export const circle = (at: LonLat, radius: number, corners = 36): Ring =>
  Array.from({ length: corners + 1 }, (_, i) => {
    const a = (2 * Math.PI * (i % corners)) / corners;
    return moved(at, radius * Math.cos(a), radius * Math.sin(a));
  });

/** A release at the ground: grams a second, wind in m/s and the degrees that it comes from. */
export interface Release {
  at: LonLat;
  grams: number;
  speed: number;
  from: number;
}

/** Widths of a plume (metres) at a distance: rural dispersion of neutral stability (Briggs). */
const widths = (x: number): [number, number] => [
  (0.08 * x) / Math.sqrt(1 + 0.0001 * x),
  (0.06 * x) / Math.sqrt(1 + 0.0015 * x),
];

/** Concentration in mg/m³ at the ground, `x` metres down the wind and `y` beside its axis. */
export function concentration({ grams, speed }: Release, x: number, y: number): number {
  if (x <= 0) return 0;
  const [sy, sz] = widths(x);
  return ((grams * 1000) / (Math.PI * Math.max(0.8, speed) * sy * sz)) * Math.exp(-((y / sy) ** 2) / 2);
}

/** How far a model of this kind may be followed. */
const FAR = 10_000;

/** Where the concentration is above a bound (mg/m³): one ring with a circle's end about the source; null where it is nowhere. */
export function plume(release: Release, above: number): { ring: Ring; reach: number } | null {
  const half: [number, number][] = [];
  for (let x = 20; x <= FAR; x *= 1.06) {
    const axis = concentration(release, x, 0);
    if (axis <= above) break;
    half.push([x, widths(x)[0] * Math.sqrt(2 * Math.log(axis / above))]);
  }
  if (half.length < 2) return null;
  const blow = ((release.from + 180) * Math.PI) / 180;
  const place = (along: number, across: number): LonLat =>
    moved(
      release.at,
      along * Math.sin(blow) + across * Math.cos(blow),
      along * Math.cos(blow) - across * Math.sin(blow),
    );
  const reach = half.at(-1)![0];
  const ring: Ring = [place(-30, 0), place(-20, half[0]![1])];
  for (const [x, y] of half) ring.push(place(x, y));
  ring.push(place(reach * 1.03, 0));
  for (const [x, y] of half.toReversed()) ring.push(place(x, -y));
  ring.push(place(-20, -half[0]![1]), place(-30, 0));
  return { ring, reach };
}

/** A point of a storm's track. */
export interface TrackPoint {
  at: LonLat;
  /** Metres of its circle of wind. */
  radius: number;
}

/** Everything within the circles between two points of a track: the hull of both (the larger one where it holds the other). */
export function sweep(a: TrackPoint, b: TrackPoint): Ring {
  const d = metres(a.at, b.at);
  if (d <= Math.abs(a.radius - b.radius))
    return circle(a.radius > b.radius ? a.at : b.at, Math.max(a.radius, b.radius));
  const east = (b.at[0] - a.at[0]) * lonMetres((a.at[1] + b.at[1]) / 2);
  const north = (b.at[1] - a.at[1]) * LAT;
  const way = Math.atan2(north, east);
  // Where the common tangents touch.
  const open = Math.acos((a.radius - b.radius) / d);
  const ring: Ring = [];
  const arc = (p: TrackPoint, from: number, to: number) => {
    for (let i = 0; i <= 18; i++) {
      const angle = from + ((to - from) * i) / 18;
      ring.push(moved(p.at, p.radius * Math.cos(angle), p.radius * Math.sin(angle)));
    }
  };
  arc(b, way - open, way + open);
  arc(a, way + open, way + 2 * Math.PI - open);
  ring.push(ring[0]!);
  return ring;
}

/** Cells below the water that hang together with a place's cell: runs of columns by row. `low`: keys of cells that lie below. */
export function flooded(
  low: ReadonlySet<number>,
  cols: number,
  start: number,
): { cells: Set<number>; runs: [row: number, from: number, to: number][] } {
  const cells = new Set<number>([start]);
  const open = [start];
  while (open.length > 0) {
    const at = open.pop()!;
    const col = at % cols;
    for (const next of [at - cols, at + cols, ...(col > 0 ? [at - 1] : []), ...(col < cols - 1 ? [at + 1] : [])])
      if (low.has(next) && !cells.has(next)) {
        cells.add(next);
        open.push(next);
      }
  }
  const runs: [number, number, number][] = [];
  for (const at of [...cells].sort((a, b) => a - b)) {
    const [row, col] = [Math.floor(at / cols), at % cols];
    const last = runs.at(-1);
    if (last && last[0] === row && last[2] === col - 1) last[2] = col;
    else runs.push([row, col, col]);
  }
  return { cells, runs };
}
