/** Roads, villages' lanes, lakes and rivers in the lattice. House numbers have their places along them. */
import { divisions } from '../vocabulary/places.ts';
import { cellAt, drawOf, frame } from './lattice.ts';
import type { Ring } from './outline.ts';
import type { Regions } from './regions.ts';

/** Roads of a town, as in its addresses. */
export const roadsPer = 14;

/** A straight run of cells of one town: a road goes through their middles, from west to east or from south to north. */
export interface RoadRun {
  /** Town from 1 and number of the road in it from 1, as the addresses count. */
  d: number;
  k: number;
  horizontal: boolean;
  /** Row (or column), first cell and number of cells. */
  at: number;
  start: number;
  length: number;
}

/** What lies on the regions. */
export interface Features {
  roads: RoadRun[];
  /** Cells of every village (position in `regions.communities`) along which its houses stand, in the order of their numbers. */
  lanes: Map<number, number[]>;
  lakes: { d: number; ring: Ring }[];
  rivers: Ring[];
}

function longestRun(cells: ReadonlySet<number>, at: number, horizontal: boolean): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let begun = -1;
  const n = horizontal ? frame.nx : frame.ny;
  for (let i = 0; i <= n; i++) {
    const inside = i < n && cells.has(horizontal ? cellAt(i, at) : cellAt(at, i));
    if (inside && begun < 0) begun = i;
    if (!inside && begun >= 0) {
      if (i - begun > best[1]) best = [begun, i - begun];
      begun = -1;
    }
  }
  return best;
}

/** Runs for half the roads of a town: long ones first, at first not side by side. */
function runsOf(cells: ReadonlySet<number>, horizontal: boolean, count: number): Omit<RoadRun, 'd' | 'k'>[] {
  const n = horizontal ? frame.ny : frame.nx;
  const all = Array.from({ length: n }, (_, at) => ({ at, run: longestRun(cells, at, horizontal) }))
    .filter(({ run }) => run[1] > 0)
    .sort((a, b) => b.run[1] - a.run[1] || a.at - b.at);
  const chosen: typeof all = [];
  for (const gap of [3, 2, 1])
    for (const one of all)
      if (chosen.length < count && chosen.every((c) => Math.abs(c.at - one.at) >= gap)) chosen.push(one);
  // A tiny town may have fewer rows than roads: two of its roads then share one.
  while (chosen.length < count) chosen.push(chosen[chosen.length % Math.max(1, all.length)]!);
  return chosen.map(({ at, run: [start, length] }) => ({ horizontal, at, start, length }));
}

/** Lays everything out. */
export function featuresOf(seed: number | string, regions: Regions): Features {
  const draw = drawOf(seed, 'features');
  const roads: RoadRun[] = [];
  const taken = new Set<number>();
  for (const d of divisions.keys()) {
    const cells = new Set([...regions.town.keys()].filter((c) => regions.town[c] === d));
    const half = roadsPer / 2;
    const runs = [runsOf(cells, true, half), runsOf(cells, false, half)];
    for (let k = 1; k <= roadsPer; k++) roads.push({ d: d + 1, k, ...runs[k % 2]![Math.floor((k - 1) / 2)]! });
  }
  for (const r of roads)
    for (let i = 0; i < r.length; i++) taken.add(r.horizontal ? cellAt(r.start + i, r.at) : cellAt(r.at, r.start + i));
  const block = (c: number): number[] => [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => c + x + y * frame.nx));
  const free = [...regions.town.keys()]
    .filter((c) => block(c).every((b) => (regions.town[b] ?? -1) >= 0 && !taken.has(b)))
    .sort((a, b) => Math.floor(a / frame.nx / 30) - Math.floor(b / frame.nx / 30) || draw(a) - draw(b));
  const water = new Set<number>();
  const lakes: Features['lakes'] = [];
  for (const c of free) {
    if (lakes.length >= lakeNames.length) break;
    if (block(c).some((b) => water.has(b) || around2(b).some((x) => water.has(x)))) continue;
    for (const b of block(c)) water.add(b);
    const [x, y] = [(c % frame.nx) + 0.5, Math.floor(c / frame.nx) + 0.5];
    const ring: Ring = Array.from({ length: 20 }, (_, i) => {
      const r = 1.05 + 0.3 * Math.sin(i * 0.94 + draw(c)) + (draw(c + i) % 100) / 900;
      return [x + r * Math.cos((i * Math.PI) / 10), y + r * Math.sin((i * Math.PI) / 10)];
    });
    lakes.push({ d: regions.town[c]! + 1, ring: [...ring, ring[0]!] });
  }
  const lanes = new Map<number, number[]>();
  for (const [i, c] of regions.communities.entries()) {
    if (!c.village) continue;
    const dry = c.cells.filter((cell) => !water.has(cell));
    lanes.set(i, dry.length > 0 ? dry : c.cells);
  }
  return { roads, lanes, lakes, rivers: riversOf(regions, draw) };
}

const around2 = (c: number): number[] => [c - 2, c + 2, c - 2 * frame.nx, c + 2 * frame.nx];

/** Invented names. */
export const lakeNames = [
  '白石',
  '杜坑',
  '梅溪',
  '双溪',
  '长岭',
  '里岙',
  '石门',
  '云湖',
  '东岙',
  '大岙',
  '洪家',
  '柏坑',
];
export const riverNames = [
  '陆中湾',
  '周家路江',
  '三八江',
  '建塘江',
  '四灶浦',
  '半掘浦',
  '水云浦',
  '高背浦',
  '徐家浦',
  '淹浦',
  '淞浦',
  '淡水泓江',
  '海黄山江',
  '东横河',
];

/** Rivers run from the hills to the sea along the borders of cells, where no house stands. */
function riversOf(regions: Regions, draw: (n: number) => number): Ring[] {
  const land = (x: number, y: number): boolean =>
    x > 0 &&
    x < frame.nx &&
    y >= 0 &&
    y < frame.ny &&
    regions.town[cellAt(x, y)]! >= 0 &&
    regions.town[cellAt(x - 1, y)]! >= 0;
  const columns = [...Array(frame.nx).keys()].filter((x) => [...Array(frame.ny).keys()].some((y) => land(x, y)));
  const [west, east] = [columns[0]!, columns.at(-1)!];
  return riverNames.flatMap((_, i) => {
    let x = Math.round(west + ((i + 0.5) * (east - west)) / riverNames.length) + (draw(i) % 5) - 2;
    const parts: Ring[] = [[]];
    for (let y = 0; y < frame.ny; y++) {
      if (land(x, y)) {
        const part = parts.at(-1)!;
        if (part.length === 0) part.push([x, y]);
        part.push([x, y + 1]);
        const step = draw(i * 1000 + y) % 7;
        const side = step === 0 ? -1 : step === 1 ? 1 : 0;
        if (side !== 0 && land(x + side, y + 1) && land(x + side, y)) {
          x += side;
          part.push([x, y + 1]);
        }
      } else if (parts.at(-1)!.length > 0) parts.push([]);
    }
    const longest = parts.reduce((a, b) => (b.length > a.length ? b : a));
    return longest.length > 8 ? [longest] : [];
  });
}
