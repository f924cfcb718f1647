import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellsOf, type Linked, type Marks, noMarks, pairsOf, protect, protectSums, sumsOf } from './joint.ts';

const K = 3;
const sizes = [3, 3, 2] as const;
/** Enterprises, each by its member of every grouping. */
const people = fc.array(fc.tuple(...sizes.map((n) => fc.integer({ min: 0, max: n - 1 }))), {
  minLength: 6,
  maxLength: 70,
});

function tablesOf(list: readonly (readonly number[])[]): Linked {
  const ones = sizes.map((n) => new Array<number>(n).fill(0));
  const twos = pairsOf(sizes.length).map(([a, b]) =>
    Array.from({ length: sizes[a]! }, () => new Array<number>(sizes[b]!).fill(0)),
  );
  for (const person of list) {
    for (const [g, m] of person.entries()) ones[g]![m]! += 1;
    for (const [p, [a, b]] of pairsOf(sizes.length).entries()) twos[p]![person[a]!]![person[b]!]! += 1;
  }
  return { sizes, total: list.length, ones, twos };
}

/**
 * The attacker: he writes down every sum of every published table, puts in what is told, and solves for the rest by exact
 * elimination over fractions. Answers the value of each cell that he finds.
 */
function solve(counts: readonly number[], hide: readonly boolean[]): Map<number, bigint> {
  const unknown = hide.flatMap((h, c) => (h ? [c] : []));
  // Rows of whole numbers, the told part last; elimination without division keeps them whole.
  let rows = sumsOf(sizes).map(({ whole, parts }) => {
    const row = unknown.map((c) => (c === whole ? -1n : parts.includes(c) ? 1n : 0n));
    const told = [whole, ...parts].filter((c) => !hide[c]);
    return [...row, told.reduce((n, c) => n + (c === whole ? 1n : -1n) * BigInt(counts[c]!), 0n)];
  });
  for (const column of unknown.keys()) {
    const pivot = rows.find((row) => row[column] !== 0n && row.slice(0, column).every((v) => v === 0n));
    if (!pivot) continue;
    rows = rows.map((row) =>
      row === pivot || row[column] === 0n ? row : row.map((v, n) => v * pivot[column]! - pivot[n]! * row[column]!),
    );
  }
  const found = new Map<number, bigint>();
  for (const row of rows) {
    const used = row.slice(0, -1).flatMap((v, n) => (v === 0n ? [] : [n]));
    if (used.length === 1) found.set(unknown[used[0]!]!, row.at(-1)! / row[used[0]!]!);
  }
  return found;
}

const small = (n: number) => n > 0 && n < K;

test('an attacker who solves all sums of all tables finds no small count, and none of a place that must not be told', () => {
  fc.assert(
    fc.property(people, fc.infiniteStream(fc.integer({ min: 0, max: 9 })), (list, dice) => {
      const tables = tablesOf(list);
      const moved = noMarks(sizes);
      // Places that are not small but must not be told: those of which few have changed.
      for (const [p, table] of tables.twos.entries()) {
        for (const [i, row] of table.entries()) {
          for (const [j, n] of row.entries()) moved.twos[p]![i]![j] = n >= K && dice.next().value === 0;
        }
      }
      const hide = cellsOf<boolean>(protect(tables, K, moved));
      const counts = cellsOf<number>(tables);
      const secret = cellsOf<boolean>(moved);
      const found = solve(counts, hide);
      for (const [c, n] of counts.entries()) {
        if (!small(n) && !secret[c]) continue;
        expect(hide[c]).toBe(true);
        expect(found.has(c)).toBe(false);
      }
      // What he finds of the rest is true: the attacker works.
      for (const [c, value] of found) expect(value).toBe(BigInt(counts[c]!));
    }),
    { numRuns: 60 },
  );
});

test('the attacker breaks tables of which each was protected by itself', () => {
  // A alone leaves open how the second and third member of the first grouping share, B how the first and second do.
  let broken = 0;
  fc.assert(
    fc.property(people, (list) => {
      const tables = tablesOf(list);
      const counts = cellsOf<number>(tables);
      const naive = counts.map(small);
      if ([...solve(counts, naive).keys()].some((c) => small(counts[c]!))) broken += 1;
    }),
    { numRuns: 60, seed: 7 },
  );
  expect(broken).toBeGreaterThan(10);
});

test('nothing is withheld where nothing is small; everything where hardly anybody is', () => {
  const many = Array.from({ length: 3 * 3 * 2 * K }, (_, n) => [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9) % 2]);
  expect(cellsOf<boolean>(protect(tablesOf(many), K)).some(Boolean)).toBe(false);
  expect(cellsOf<boolean>(protect(tablesOf(many.slice(0, K - 1)), K)).every(Boolean)).toBe(true);
});

test('sums whose mean must not be told cannot be reckoned from the means that are', () => {
  fc.assert(
    fc.property(people, fc.infiniteStream(fc.integer({ min: 0, max: 7 })), (list, dice) => {
      const tables = tablesOf(list);
      const hidden = protect(tables, K);
      const secret: Marks = noMarks(sizes);
      for (const table of secret.twos)
        for (const row of table) for (const j of row.keys()) row[j] = dice.next().value === 0;
      const hide = cellsOf<boolean>(protectSums(sizes, hidden, secret));
      const found = solve(cellsOf<number>(tables), hide);
      for (const [c, s] of cellsOf<boolean>(secret).entries()) if (s) expect(found.has(c)).toBe(false);
    }),
    { numRuns: 40 },
  );
});
