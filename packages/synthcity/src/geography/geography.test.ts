import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divisions } from '../vocabulary/places.ts';
import { geographyOf } from './index.ts';
import { cellAt, frame } from './lattice.ts';
import { type Ring, ringsOf } from './outline.ts';

const { regions, features } = geographyOf(5);
const outline = (cells: readonly number[]): Ring[] => ringsOf(cells, regions.grid);
const area = (rings: readonly Ring[]): number =>
  rings.reduce(
    (sum, ring) => sum + ring.slice(1).reduce((s, [x, y], i) => s + (ring[i]![0] * y - x * ring[i]![1]) / 2, 0),
    0,
  );
const inside = (rings: readonly Ring[], u: number, v: number): boolean =>
  rings.reduce(
    (odd, ring) =>
      ring.slice(1).reduce((o, [x, y], i) => {
        const [px, py] = ring[i]!;
        return py > v !== y > v && u < ((x - px) * (v - py)) / (y - py) + px ? !o : o;
      }, odd),
    false,
  );
const whole = [...regions.town.keys()].filter((c) => regions.town[c]! >= 0);
const county = outline(whole);
const towns = divisions.map((_, d) => outline(whole.filter((c) => regions.town[c] === d)));
const communities = regions.communities.map((c) => outline(c.cells));
const grids = regions.grids.map((g) => outline(g.cells));

test('the county is one piece, and towns, communities and grids each cover it to the last square metre', () => {
  expect(county.filter((r) => area([r]) > 0)).toHaveLength(1);
  for (const level of [towns, communities, grids])
    expect(level.reduce((sum, rings) => sum + area(rings), 0)).toBeCloseTo(area(county), 6);
  for (const rings of [...communities, ...grids]) expect(rings.filter((r) => area([r]) > 0)).toHaveLength(1);
});

test('every place of the county lies in exactly one town, one community and one grid, each inside the other', () => {
  fc.assert(
    fc.property(
      fc.nat(whole.length - 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (i, x, y) => {
        const [u, v] = [(whole[i]! % frame.nx) + 1e-6 + x * 0.9, Math.floor(whole[i]! / frame.nx) + 1e-6 + y * 0.9];
        const of = (level: readonly (readonly Ring[])[]): number[] =>
          [...level.keys()].filter((k) => inside(level[k]!, u, v));
        const found = [towns, communities, grids].map(of);
        const there = inside(county, u, v) ? 1 : 0;
        expect(found.map((f) => f.length)).toEqual([there, there, there]);
        if (there === 0) return;
        const grid = regions.grids[found[2]![0]!]!;
        expect(grid.community).toBe(found[1]![0]);
        expect(regions.communities[grid.community]!.d).toBe(found[0]![0]);
      },
    ),
    { numRuns: 60 },
  );
});

test('every town has its twelve villages and fourteen roads, and its roads never leave it', () => {
  for (const d of divisions.keys())
    expect(regions.communities.filter((c) => c.d === d && c.village).map((c) => c.k)).toEqual(
      [...Array(12)].map((_, i) => i + 1),
    );
  expect(features.roads).toHaveLength(divisions.length * 14);
  for (const r of features.roads)
    for (let i = 0; i < r.length; i++) {
      const cell = r.horizontal ? cellAt(r.start + i, r.at) : cellAt(r.at, r.start + i);
      expect(regions.town[cell]).toBe(r.d - 1);
    }
});

test('another seed makes another map, the same one the same', () => {
  expect(geographyOf(6).regions.grid).not.toEqual(regions.grid);
  expect(geographyOf('5').regions.grid).toEqual(regions.grid);
});
