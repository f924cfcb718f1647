/**
 * Outlines of sets of cells. Corners where only two regions meet are cut from the middle of one edge to the middle of the next,
 * the same way for both of them; corners of three or four regions stay. So outlines look drawn, never cross, and what covered the
 * county as cells covers it as polygons. A cell's inner diamond (|u - ½| + |v - ½| < ½) always stays in its region.
 */
import { cellAt, frame } from './lattice.ts';

/** A ring of lattice places; the first is repeated at the end. */
export type Ring = [u: number, v: number][];

const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** Whether a corner of the lattice is where three or more regions (or the outside) meet; `of` is the smallest regions' number of every cell. */
function junction(of: Int32Array, x: number, y: number): boolean {
  const at = (cx: number, cy: number): number =>
    cx < 0 || cy < 0 || cx >= frame.nx || cy >= frame.ny ? -1 : of[cellAt(cx, cy)]!;
  const [a, b, c, d] = [at(x - 1, y - 1), at(x, y - 1), at(x, y), at(x - 1, y)];
  const borders = Number(a !== b) + Number(b !== c) + Number(c !== d) + Number(d !== a);
  return borders !== 2;
}

/** Rings around cells: outer ones run counterclockwise, holes clockwise. */
export function ringsOf(cells: readonly number[], of: Int32Array): Ring[] {
  const own = new Set(cells);
  const has = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < frame.nx && own.has(cellAt(x, y));
  // Edges with the cells on their left, by the corner that they start from; of two at one corner the left turn comes first.
  const edges = new Map<number, number[]>();
  const corner = (x: number, y: number): number => y * (frame.nx + 1) + x;
  const add = (x: number, y: number, way: number): void => {
    const key = corner(x, y);
    const list = edges.get(key);
    if (list) list.push(way);
    else edges.set(key, [way]);
  };
  for (const c of cells) {
    const [x, y] = [c % frame.nx, Math.floor(c / frame.nx)];
    if (!has(x, y - 1)) add(x, y, 0);
    if (!has(x + 1, y)) add(x + 1, y, 1);
    if (!has(x, y + 1)) add(x + 1, y + 1, 2);
    if (!has(x - 1, y)) add(x, y + 1, 3);
  }
  const rings: Ring[] = [];
  for (const start of [...edges.keys()].sort((a, b) => a - b)) {
    while ((edges.get(start)?.length ?? 0) > 0) {
      const corners: [number, number][] = [];
      let [x, y] = [start % (frame.nx + 1), Math.floor(start / (frame.nx + 1))];
      const first = edges.get(start)!.shift()!;
      let way = first;
      for (;;) {
        corners.push([x, y]);
        [x, y] = [x + STEPS[way]![0], y + STEPS[way]![1]];
        const out = edges.get(corner(x, y))!;
        if (corner(x, y) === start && (out.length === 0 || (way + 1) % 4 === first)) break;
        const turn = [1, 0, 3].map((t) => (way + t) % 4).find((w) => out.includes(w));
        if (turn === undefined) break;
        out.splice(out.indexOf(turn), 1);
        way = turn;
      }
      rings.push(drawn(corners, of));
    }
  }
  return rings;
}

/** A chain of corners with the cut ones replaced by the middles of their edges. */
function drawn(corners: readonly [number, number][], of: Int32Array): Ring {
  const ring: Ring = [];
  const n = corners.length;
  const straight = (i: number): boolean => {
    const [p, q] = [corners[(i + n - 1) % n]!, corners[(i + 1) % n]!];
    return p[0] === q[0] || p[1] === q[1];
  };
  for (let i = 0; i < n; i++) {
    const [x, y] = corners[i]!;
    const [px, py] = corners[(i + n - 1) % n]!;
    const [qx, qy] = corners[(i + 1) % n]!;
    if (straight(i) || junction(of, x, y)) ring.push([x, y]);
    else ring.push([(x + px) / 2, (y + py) / 2], [(x + qx) / 2, (y + qy) / 2]);
  }
  const clean = ring.filter(([x, y], i) => {
    const [px, py] = ring[(i + ring.length - 1) % ring.length]!;
    return x !== px || y !== py;
  });
  return [...clean, clean[0]!];
}
