/** Who every cell belongs to: the county, its towns, their communities and grids. Each is connected, together they cover the county. */
import { divisions } from '../vocabulary/places.ts';
import { around, cellAt, drawOf, frame } from './lattice.ts';

/** Villages of a town, as in its addresses. */
export const villagesPer = 12;
/** Residents' communities (社区) by the kind of town. */
const neighbourhoodsOf = (name: string): number => (name.endsWith('街道') ? 6 : name.endsWith('镇') ? 3 : 2);

/** A community: a village, or a residents' community. `k` counts villages from 1 as the addresses do, the others from 1 as well. */
export interface Community {
  d: number;
  k: number;
  village: boolean;
  cells: number[];
}

/** A grid of a community, with its number in it from 1. */
export interface Grid {
  community: number;
  k: number;
  cells: number[];
}

/** All regions; positions in the lists are their numbers. */
export interface Regions {
  /** Town of every cell (position in `divisions`), -1 outside the county. */
  town: Int16Array;
  /** Grid of every cell, -1 outside. */
  grid: Int32Array;
  communities: Community[];
  grids: Grid[];
}

const X = frame.width * 96_200;
const Y = frame.height * 110_900;

/** Cells of the towns: the nearest centre within about five kilometres; what is enclosed belongs to it, what is cut off to nobody. */
function townsOf(seed: number | string): Int16Array {
  const draw = drawOf(seed, 'county');
  const centres = divisions.map(([, , , lon, lat]) => [
    ((lon - frame.lon) / frame.width) * X,
    ((lat - frame.lat) / frame.height) * Y,
  ]);
  const town = new Int16Array(frame.nx * frame.ny).fill(-1);
  const nearest = (cell: number): [number, number] => {
    const [x, y] = [((cell % frame.nx) + 0.5) * X, (Math.floor(cell / frame.nx) + 0.5) * Y];
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const [i, [cx, cy]] of centres.entries()) {
      const far = (x - cx!) ** 2 + (y - cy!) ** 2;
      if (far < least) [least, best] = [far, i];
    }
    const [cx, cy] = centres[best]!;
    const turn = Math.atan2(y - cy!, x - cx!);
    const reach = 4900 * (1 + 0.09 * Math.sin(3 * turn + draw(best)) + 0.05 * Math.sin(7 * turn + draw(best + 99)));
    return [Math.sqrt(least) <= reach ? best : -1, best];
  };
  for (let cell = 0; cell < town.length; cell++) town[cell] = nearest(cell)[0];
  // Only what hangs together with the town's centre is the town.
  for (const [i, [cx, cy]] of centres.entries()) {
    const start = cellAt(Math.floor(cx! / X), Math.floor(cy! / Y));
    const own = flood([start], (c) => town[c] === i);
    for (let cell = 0; cell < town.length; cell++) if (town[cell] === i && !own.has(cell)) town[cell] = -1;
  }
  const outside = flood([0], (c) => town[c] === -1);
  const enclosed = [...town.keys()].filter((c) => town[c] === -1 && !outside.has(c));
  for (let left = enclosed; left.length > 0; ) {
    const next = left.flatMap((c) => {
      const beside = around(c).find((n) => town[n]! >= 0);
      return beside === undefined ? [] : [[c, town[beside]!] as const];
    });
    for (const [c, t] of next) town[c] = t;
    left = left.filter((c) => town[c] === -1);
  }
  return town;
}

function flood(start: readonly number[], within: (cell: number) => boolean): Set<number> {
  const seen = new Set(start.filter(within));
  const queue = [...seen];
  for (let cell = queue.pop(); cell !== undefined; cell = queue.pop())
    for (const next of around(cell))
      if (!seen.has(next) && within(next)) {
        seen.add(next);
        queue.push(next);
      }
  return seen;
}

/** Divides connected cells into `n` connected parts of about equal reach: seeds far apart grow at the same pace. */
export function divide(cells: readonly number[], n: number, first: number): number[][] {
  const own = new Set(cells);
  const seeds = [cells[first % cells.length]!];
  const far = new Map(cells.map((c) => [c, Number.POSITIVE_INFINITY]));
  const gap = (a: number, b: number): number =>
    ((a % frame.nx) - (b % frame.nx)) ** 2 + (Math.floor(a / frame.nx) - Math.floor(b / frame.nx)) ** 2;
  while (seeds.length < Math.min(n, cells.length)) {
    const last = seeds.at(-1)!;
    let best = cells[0]!;
    for (const c of cells) {
      far.set(c, Math.min(far.get(c)!, gap(c, last)));
      if (far.get(c)! > far.get(best)!) best = c;
    }
    seeds.push(best);
  }
  const part = new Map(seeds.map((c, i) => [c, i]));
  let edge = [...seeds];
  while (edge.length > 0) {
    const next: number[] = [];
    for (const c of edge)
      for (const n of around(c))
        if (own.has(n) && !part.has(n)) {
          part.set(n, part.get(c)!);
          next.push(n);
        }
    edge = next;
  }
  const parts: number[][] = seeds.map(() => []);
  for (const c of cells) parts[part.get(c) ?? 0]!.push(c);
  return parts;
}

/** Makes the regions of a seed. */
export function regionsOf(seed: number | string): Regions {
  const draw = drawOf(seed, 'regions');
  const town = townsOf(seed);
  const byTown: number[][] = divisions.map(() => []);
  for (const [cell, t] of town.entries()) if (t >= 0) byTown[t]!.push(cell);
  const communities: Community[] = [];
  const grids: Grid[] = [];
  const grid = new Int32Array(town.length).fill(-1);
  for (const [d, [, name, , lon, lat]] of divisions.entries()) {
    const [cx, cy] = [(lon - frame.lon) / frame.width, (lat - frame.lat) / frame.height];
    const many = neighbourhoodsOf(name);
    const parts = divide(byTown[d]!, many + villagesPer, draw(d)).sort(
      (a, b) => reach(a, cx, cy) - reach(b, cx, cy) || a[0]! - b[0]!,
    );
    for (const [i, cells] of parts.entries()) {
      const village = i >= many;
      communities.push({ d, k: village ? i - many + 1 : i + 1, village, cells });
      const count = Math.max(1, Math.min(5, Math.round(cells.length / 11)));
      for (const [g, own] of divide(cells, count, draw(1000 + communities.length)).entries()) {
        for (const c of own) grid[c] = grids.length;
        grids.push({ community: communities.length - 1, k: g + 1, cells: own });
      }
    }
  }
  return { town, grid, communities, grids };
}

/** How far the middle of some cells is from a place, in cells. */
function reach(cells: readonly number[], x: number, y: number): number {
  const n = cells.length;
  const mx = cells.reduce((s, c) => s + (c % frame.nx), 0) / n;
  const my = cells.reduce((s, c) => s + Math.floor(c / frame.nx), 0) / n;
  return Math.hypot(mx - x, my - y);
}
