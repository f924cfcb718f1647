/**
 * Buildings to be seen in three dimensions: outlines with heights, along the roads and in the villages where houses have their numbers. Not the register's
 * buildings (those are few in a small city): a townscape of any number, from the seed alone.
 */
import { groundOf, type LonLat, metres } from './ground.ts';
import { bell, clamp, hash32, salt32, unit } from './random.ts';

/** Uses of buildings by their code in {@link Buildings}. */
export const buildingUses = ['住宅', '农居', '商业', '办公', '工业', '公共'] as const;

/** Buildings as columns: corners are four pairs of degrees (WGS 84), counterclockwise; heights in metres over the ground. */
export interface Buildings {
  /** 8 numbers a building: lon, lat of each corner. */
  corners: Float64Array;
  height: Float32Array;
  floors: Uint8Array;
  use: Uint8Array;
  zone: Uint8Array;
}

/** Metres of a storey, by use. */
const storeys = [3, 3.2, 4.2, 3.8, 5.5, 3.9];

/** `count` buildings of a seed; the first ones of a larger count are the same. Throws RangeError beyond a million. */
export function buildingsOf(seed: number | string, count: number): Buildings {
  if (!(count >= 1 && count <= 1_000_000)) throw new RangeError(`count is from 1 to a million: ${count}`);
  const ground = groundOf(seed);
  const salt = salt32(seed, 'buildings');
  const zones = ground.towns.flatMap((t) => Array.from({ length: t.weight }, () => t.zone));
  const roads = ground.towns.map((t) => ground.roads.filter((r) => r.zone === t.zone && r.line.length > 1));
  const villages = ground.towns.map((t) => ground.villages.filter((v) => v.zone === t.zone));
  const out: Buildings = {
    corners: new Float64Array(count * 8),
    height: new Float32Array(count),
    floors: new Uint8Array(count),
    use: new Uint8Array(count),
    zone: new Uint8Array(count),
  };
  for (let i = 0; i < count; i++) {
    const zone = zones[hash32(salt, i, 1) % zones.length]!;
    const rural = unit(salt, i, 2) < 0.45;
    let at: LonLat = [0, 0];
    let turn = 0;
    // What would stand outside the county is put elsewhere.
    for (let attempt = 0; attempt < 8; attempt++) {
      const k = i + attempt * 2_000_003;
      [at, turn] = rural ? inVillage(salt, k, villages[zone]!) : onRoad(salt, k, roads[zone]!);
      if (ground.inside(at)) break;
    }
    const town = ground.towns[zone]!;
    const x = unit(salt, i, 3);
    const use = rural ? (x < 0.82 ? 1 : 4) : x < 0.52 ? 0 : x < 0.7 ? 2 : x < 0.78 ? 3 : x < 0.93 ? 4 : 5;
    const urban = clamp((town.weight - 2) / 8, 0, 1);
    const floors = floorsOf(use, urban, salt, i);
    const [wide, deep] =
      use === 4
        ? [34 + 26 * unit(salt, i, 4), 22 + 16 * unit(salt, i, 5)]
        : use === 1
          ? [9 + 5 * unit(salt, i, 4), 8 + 4 * unit(salt, i, 5)]
          : [14 + 30 * unit(salt, i, 4), 11 + 6 * unit(salt, i, 5)];
    draw(out.corners, i * 8, at, turn, wide, deep);
    out.floors[i] = floors;
    out.height[i] = floors * storeys[use]! + 0.6;
    out.use[i] = use;
    out.zone[i] = zone;
  }
  return out;
}

function floorsOf(use: number, urban: number, salt: number, i: number): number {
  const x = unit(salt, i, 6);
  if (use === 1) return 2 + Math.floor(x * 2.4);
  if (use === 4) return 1 + Math.floor(x * x * 5);
  if (use === 5) return 2 + Math.floor(x * 5);
  // Towers are few and stand in the middle of the city.
  if (x > 0.97 - 0.16 * urban) return 16 + Math.floor(unit(salt, i, 7) * (use === 3 ? 24 : 18));
  return use === 0 ? 4 + Math.floor(unit(salt, i, 7) * (3 + 6 * urban)) : 2 + Math.floor(unit(salt, i, 7) * 6);
}

/** Beside a road, in rows behind each other. */
function onRoad(salt: number, i: number, roads: readonly { line: readonly LonLat[] }[]): [LonLat, number] {
  const { line } = roads[hash32(salt, i, 8) % roads.length]!;
  const k = hash32(salt, i, 9) % (line.length - 1);
  const f = unit(salt, i, 10);
  const [a, b] = [line[k]!, line[k + 1]!];
  const dx = (b[0] - a[0]) * metres.lon;
  const dy = (b[1] - a[1]) * metres.lat;
  const turn = Math.atan2(dy, dx);
  const off = (24 + 34 * Math.floor(3.4 * unit(salt, i, 11) ** 1.5)) * (hash32(salt, i, 12) % 2 ? 1 : -1);
  return [
    [a[0] + (dx * f - Math.sin(turn) * off) / metres.lon, a[1] + (dy * f + Math.cos(turn) * off) / metres.lat],
    turn,
  ];
}

/** In a village: rows facing south round its middle. */
function inVillage(salt: number, i: number, villages: readonly { at: LonLat }[]): [LonLat, number] {
  const { at } = villages[hash32(salt, i, 8) % villages.length]!;
  const row = Math.round((230 * bell(salt, i, 9)) / 22) * 22;
  return [
    [at[0] + (320 * bell(salt, i, 10)) / metres.lon, at[1] + row / metres.lat],
    0.12 * bell(salt, hash32(salt, i, 8) % 997, 13),
  ];
}

/** Writes the corners of a rectangle with its long side along `turn`. */
function draw(out: Float64Array, start: number, at: LonLat, turn: number, wide: number, deep: number): void {
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const signs = [-1, -1, 1, -1, 1, 1, -1, 1];
  for (let k = 0; k < 4; k++) {
    const x = (signs[2 * k]! * wide) / 2;
    const y = (signs[2 * k + 1]! * deep) / 2;
    out[start + 2 * k] = at[0] + (x * c - y * s) / metres.lon;
    out[start + 2 * k + 1] = at[1] + (x * s + y * c) / metres.lat;
  }
}

/** Outline of a register's building that has only its place: a rectangle that belongs to its number, four corners. */
export function outlineOf(at: LonLat, id: number, kind: 'house' | 'works' = 'house'): LonLat[] {
  const corners = new Float64Array(8);
  const [wide, deep] = kind === 'works' ? [42, 26] : [12 + 24 * unit(77, id, 1), 10 + 4 * unit(77, id, 2)];
  draw(corners, 0, at, 0.1 * bell(77, id, 3), wide, deep);
  return [0, 1, 2, 3].map((k): LonLat => [corners[2 * k]!, corners[2 * k + 1]!]);
}
