/**
 * The city's ground for what lives on it: towns, named roads, rivers with their direction, lakes, the coast and the height of the land.
 * Everything is deterministic in the seed and lies where the geography (../geography) puts it; degrees are WGS 84, heights metres (1985 datum).
 */

import { lakeNames, type RoadRun, riverNames } from '../geography/features.ts';
import { geographyOf } from '../geography/index.ts';
import { type Bend, bent, drawOf, frame } from '../geography/lattice.ts';
import { saltOf } from '../sql.ts';
import { cityName, divisions, roadEnds, roadStems, villageStems } from '../vocabulary/places.ts';
import { clamp, engineHash, ripple, salt32 } from './random.ts';

/** Longitude and latitude in degrees. */
export type LonLat = [lon: number, lat: number];

/** Metres of a degree at the city's latitude. */
export const metres = { lon: 96_200, lat: 110_900 } as const;

/** Distance in metres; good to a part in a thousand within the county. */
export const distance = (a: readonly [number, number], b: readonly [number, number]): number =>
  Math.hypot((a[0] - b[0]) * metres.lon, (a[1] - b[1]) * metres.lat);

/** A street, town or park (乡级). `zone` is its position among them: the unit of weather and power. */
export interface Town {
  zone: number;
  code: string;
  name: string;
  weight: number;
  at: LonLat;
}

/** A road of a town, named as its addresses name it. */
export interface Road {
  code: string;
  name: string;
  zone: number;
  line: LonLat[];
  trunk: boolean;
}

/** A river: `line` runs downstream, from the hills to the sea. */
export interface River {
  code: string;
  name: string;
  width: number;
  line: LonLat[];
  /** Town of every point of the line. */
  zones: number[];
}

/** Everything of a seed's ground. */
export interface Ground {
  seed: number | string;
  bend: Bend;
  towns: Town[];
  roads: Road[];
  rivers: River[];
  reservoirs: { code: string; name: string; zone: number; at: LonLat }[];
  villages: { name: string; zone: number; at: LonLat }[];
  /** Town of a place, or the nearest by centre when it is outside. */
  zoneAt(at: LonLat): number;
  /** Whether a place lies within the county. */
  inside(at: LonLat): boolean;
  /** Grid (code as in zhzf.grid) of a place; undefined outside. */
  gridAt(at: LonLat): string | undefined;
  /** Community (村、社区) of a place by name; undefined outside. */
  communityAt(at: LonLat): string | undefined;
  /** Height of the land in metres and its slope in degrees. The sea is below zero. */
  height(at: LonLat): number;
  slope(at: LonLat): number;
}

const kept = new Map<string, Ground>();

/** The ground of a seed; the last few are kept. The first of a seed takes about a second. */
export function groundOf(seed: number | string): Ground {
  const key = String(seed);
  let known = kept.get(key);
  if (!known) {
    known = make(seed);
    if (kept.size > 3) kept.clear();
    kept.set(key, known);
  }
  return known;
}

/** The name that `road.name` has: drawn with the engine's hash, as city/people.ts draws it. */
function roadName(seed: number | string, d: number, k: number): string {
  const drawn = engineHash(BigInt(d * 100 + k) * 256n + saltOf(seed, 'road') + 1n);
  return roadStems[(d * 13 + k * 5) % roadStems.length]! + roadEnds[Number(drawn % BigInt(roadEnds.length))]!;
}

function make(seed: number | string): Ground {
  const { bend, regions, features } = geographyOf(seed);
  const place = (u: number, v: number): LonLat => bent(bend, u, v);
  const cellOf = (at: LonLat): number => {
    const [u, v] = lattice(bend, at);
    const [x, y] = [Math.floor(u), Math.floor(v)];
    return x < 0 || y < 0 || x >= frame.nx || y >= frame.ny ? -1 : y * frame.nx + x;
  };
  const towns = divisions.map(([code, name, weight, lon, lat], zone): Town => {
    const at = place((lon - frame.lon) / frame.width, (lat - frame.lat) / frame.height);
    return { zone, code, name, weight, at };
  });
  const townAt = (u: number, v: number): number => {
    const [x, y] = [clamp(Math.floor(u), 0, frame.nx - 1), clamp(Math.floor(v), 0, frame.ny - 1)];
    return regions.town[y * frame.nx + x]!;
  };
  const zoneAt = (at: LonLat): number => {
    const cell = cellOf(at);
    const town = cell < 0 ? -1 : regions.town[cell]!;
    if (town >= 0) return town;
    return towns.reduce((best, t) => (distance(t.at, at) < distance(towns[best]!.at, at) ? t.zone : best), 0);
  };
  const draw = drawOf(seed, 'widths');
  const rivers = features.rivers.map((ring, i): River => {
    const zones = ring.map(([u, v]) => Math.max(0, townAt(u, v), townAt(u - 1, v), townAt(u, v - 1)));
    return {
      code: `SY330282${String(i + 1).padStart(4, '0')}`,
      name: riverNames[i]!,
      width: 15 + (draw(i) % 5) * 8,
      line: ring.map(([u, v]) => place(u, v)),
      zones,
    };
  });
  const reservoirs = features.lakes.map((l, i) => {
    const [u, v] = [0, 1].map((k) => l.ring.slice(1).reduce((s, p) => s + p[k]!, 0) / (l.ring.length - 1));
    const code = `SY330282${String(features.rivers.length + i + 1).padStart(4, '0')}`;
    return { code, name: `${lakeNames[i]}水库`, zone: l.d - 1, at: place(u!, v!) };
  });
  const villages = [...features.lanes].map(([i, cells]) => {
    const { d, k } = regions.communities[i]!;
    const cell = cells[Math.floor(cells.length / 2)]!;
    return {
      name: `${villageStems[((d + 1) * 17 + k * 3) % villageStems.length]}村`,
      zone: d,
      at: place((cell % frame.nx) + 0.5, Math.floor(cell / frame.nx) + 0.5),
    };
  });
  const community = (cell: number) => regions.communities[regions.grids[regions.grid[cell]!]!.community]!;
  const relief = salt32(seed, 'relief');
  const coast = coastOf(regions.town);
  const height = (at: LonLat): number => heightAt(bend, coast, relief, at);
  return {
    seed,
    bend,
    towns,
    roads: features.roads.map((r) => roadOf(seed, bend, r)),
    rivers,
    reservoirs,
    villages,
    zoneAt,
    inside: (at) => (regions.grid[cellOf(at)] ?? -1) >= 0,
    gridAt(at) {
      const g = regions.grid[cellOf(at)] ?? -1;
      if (g < 0) return undefined;
      const c = regions.communities[regions.grids[g]!.community]!;
      const three = String(c.village ? 200 + c.k : c.k).padStart(3, '0');
      return `WG${divisions[c.d]![0]}${three}${String(regions.grids[g]!.k).padStart(2, '0')}`;
    },
    communityAt(at) {
      const cell = cellOf(at);
      if ((regions.grid[cell] ?? -1) < 0) return undefined;
      const { d, k, village } = community(cell);
      return village
        ? `${villageStems[((d + 1) * 17 + k * 3) % villageStems.length]}村`
        : `${roadStems[((d + 1) * 11 + k * 7) % roadStems.length]}社区`;
    },
    height,
    slope(at) {
      const [dx, dy] = [60 / metres.lon, 60 / metres.lat];
      const east = (height([at[0] + dx, at[1]]) - height([at[0] - dx, at[1]])) / 120;
      const north = (height([at[0], at[1] + dy]) - height([at[0], at[1] - dy])) / 120;
      return (Math.atan(Math.hypot(east, north)) * 180) / Math.PI;
    },
  };
}

function roadOf(seed: number | string, bend: Bend, r: RoadRun): Road {
  const name = roadName(seed, r.d, r.k);
  return {
    code: `DL${divisions[r.d - 1]![0]}${String(r.k).padStart(3, '0')}`,
    name,
    zone: r.d - 1,
    trunk: name.endsWith('大道'),
    line: Array.from({ length: r.length }, (_, i) =>
      r.horizontal ? bent(bend, r.start + i + 0.5, r.at + 0.5) : bent(bend, r.at + 0.5, r.start + i + 0.5),
    ),
  };
}

/** Place in the lattice of degrees: the bend undone by a few steps towards it. */
export function lattice(bend: Bend, [lon, lat]: readonly [number, number]): [u: number, v: number] {
  const [x, y] = [(lon - frame.lon) / frame.width, (lat - frame.lat) / frame.height];
  const waves = (list: Bend['u'], u: number, v: number): number => {
    let sum = 0;
    for (const w of list) sum += w[0] * Math.sin(w[1] * u + w[2] * v + w[3]);
    return sum;
  };
  let u = x;
  let v = y;
  for (let i = 0; i < 6; i++) {
    const next = x - waves(bend.u, u, v);
    v = y - waves(bend.v, u, v);
    u = next;
  }
  return [u, v];
}

/** Northern end of the land in every column of the lattice, smoothed; the sea (杭州湾) lies beyond. */
function coastOf(town: Int16Array): Float64Array {
  const top = new Float64Array(frame.nx).fill(-1);
  for (let cell = 0; cell < town.length; cell++)
    if (town[cell]! >= 0) top[cell % frame.nx] = Math.floor(cell / frame.nx) + 1;
  const first = top.findIndex((v) => v >= 0);
  const last = top.findLastIndex((v) => v >= 0);
  for (let x = 0; x < frame.nx; x++) if (top[x]! < 0) top[x] = top[x < first ? first : last]!;
  return top.map((_, x) => {
    let sum = 0;
    for (let k = -4; k <= 4; k++) sum += top[clamp(x + k, 0, frame.nx - 1)]!;
    return sum / 9;
  });
}

/** Hills in the south, a plain of three to five metres, lower polders (海涂围垦) behind the dyke, mud flats and the bay. */
function heightAt(bend: Bend, coast: Float64Array, relief: number, at: LonLat): number {
  const [u, v] = lattice(bend, at);
  const sea = coast[clamp(Math.floor(u), 0, frame.nx - 1)]! - v;
  if (sea < 0) return Math.max(-12, -0.2 + 0.06 * sea);
  const wrinkle = ripple(relief, 1, u / 9) * 0.5 + ripple(relief, 2, v / 7) * 0.5;
  const plain = 2.1 + 2.2 * clamp((sea - 12) / 50, 0, 1) + 0.35 * wrinkle;
  // The foot of the hills falls southwards towards the east, as the county does.
  const foot = 30.118 - 0.2 * Math.max(0, at[0] - 121.25) + 0.006 * ripple(relief, 3, u / 14);
  const into = clamp((foot - at[1]) / 0.06, 0, 1);
  if (into <= 0) return plain;
  const ridges =
    0.55 + 0.3 * ripple(relief, 4, u / 6 + 0.35 * ripple(relief, 5, v / 5)) + 0.15 * ripple(relief, 6, (u + v) / 4);
  return plain + 340 * into * into * (3 - 2 * into) * clamp(ridges, 0.12, 1);
}

/** The city's name before a place's, as names of places begin with it. */
export const city = cityName;
