/**
 * The lattice that the city's geography stands on: cells of about 190 m, bent by one smooth map so that nothing looks ruled.
 * Everything is placed in lattice units (u eastwards, v northwards) and bent last: what tiles in the lattice tiles on the
 * earth. Degrees are WGS 84.
 */
import { saltOf } from '../sql.ts';

/** South-western corner, size of a cell in degrees, cells in each direction. */
export const frame = { lon: 121.02, lat: 29.98, width: 0.002, height: 0.0018, nx: 310, ny: 220 } as const;

/** One wave of the bend: amplitude in cells, wave numbers along u and v, phase. */
type Wave = readonly [amplitude: number, ku: number, kv: number, phase: number];

/** The waves by which u and v are bent; small enough that the map never folds. */
export interface Bend {
  u: readonly Wave[];
  v: readonly Wave[];
}

/** The bend that belongs to a seed. */
export function bendOf(seed: number | string): Bend {
  const phase = (name: string): number => Number(saltOf(seed, `bend ${name}`) % 6283n) / 1000;
  return {
    u: [
      [1.2, 0, 2 * (Math.PI / 37), phase('a')],
      [0.5, 2 * (Math.PI / 23), 2 * (Math.PI / 41), phase('b')],
    ],
    v: [
      [1.1, 2 * (Math.PI / 43), 0, phase('c')],
      [0.5, 2 * (Math.PI / 29), 2 * (Math.PI / 31), phase('d')],
    ],
  };
}

/** `[longitude, latitude]` of a place in the lattice, in degrees. */
export function bent(bend: Bend, u: number, v: number): [number, number] {
  const at = (waves: readonly Wave[]): number =>
    waves.reduce((sum, [a, ku, kv, p]) => sum + a * Math.sin(ku * u + kv * v + p), 0);
  return [frame.lon + frame.width * (u + at(bend.u)), frame.lat + frame.height * (v + at(bend.v))];
}

/** The same as SQL: longitude and latitude of the SQL of u and v, in degrees with six digits. */
export function bentSql(bend: Bend, u: string, v: string): { lon: string; lat: string } {
  const at = (waves: readonly Wave[]): string =>
    waves.map(([a, ku, kv, p]) => `${a} * sin(${ku} * (${u}) + ${kv} * (${v}) + ${p})`).join(' + ');
  return {
    lon: `round(${frame.lon} + ${frame.width} * ((${u}) + ${at(bend.u)}), 6)`,
    lat: `round(${frame.lat} + ${frame.height} * ((${v}) + ${at(bend.v)}), 6)`,
  };
}

/** Numbers from 0 up to 2^32 that belong to a seed and a name: the same on every machine. */
export function drawOf(seed: number | string, name: string): (n: number) => number {
  const salt = Number(saltOf(seed, name) % 4294967296n);
  return (n) => {
    let x = (Math.imul(n + 1, 0x9e3779b1) ^ salt) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
    return (x ^ (x >>> 16)) >>> 0;
  };
}

/** Index of a cell. */
export const cellAt = (x: number, y: number): number => y * frame.nx + x;
/** Cells that share an edge with a cell. */
export function around(cell: number): number[] {
  const x = cell % frame.nx;
  const list: number[] = [];
  if (x > 0) list.push(cell - 1);
  if (x < frame.nx - 1) list.push(cell + 1);
  if (cell >= frame.nx) list.push(cell - frame.nx);
  if (cell < frame.nx * (frame.ny - 1)) list.push(cell + frame.nx);
  return list;
}
