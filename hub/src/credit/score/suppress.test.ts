import fc from 'fast-check';
import { expect, test } from 'vitest';
import { protect } from './joint.ts';
import { type Counts, rangeOf, suppress, type Told, withTotals } from './suppress.ts';

const K = 3;
const table = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 2, max: 3 })).chain(([rows, columns]) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  }),
);

/**
 * The attacker, by plain trial: every table of counts that agrees with all that is told, lines and columns and all. Answers
 * the greatest value that each withheld place has in any of them, and how many different ones it has.
 */
function attack(told: Told, upTo: number): { high: number[][]; values: Set<number>[][] } {
  const R = told.length - 1;
  const C = told[0]!.length - 1;
  const high = told.map((row) => row.map(() => -1));
  const values = told.map((row) => row.map(() => new Set<number>()));
  const guess = Array.from({ length: R }, () => new Array<number>(C).fill(0));
  const agrees = (n: number, t: number | null) => t === null || t === n;
  const visit = (at: number): void => {
    if (at === R * C) {
      const full = withTotals(guess);
      if (!full.every((row, r) => row.every((n, c) => agrees(n, told[r]![c]!)))) return;
      for (const [r, row] of full.entries()) {
        for (const [c, n] of row.entries()) {
          high[r]![c] = Math.max(high[r]![c]!, n);
          values[r]![c]!.add(n);
        }
      }
      return;
    }
    const [r, c] = [Math.floor(at / C), at % C];
    const known = told[r]![c];
    for (let n = known ?? 0; n <= (known ?? upTo); n++) {
      guess[r]![c] = n;
      const soFar = guess[r]!.slice(0, c + 1).reduce((a, b) => a + b, 0);
      if (told[r]![C] !== null && soFar > told[r]![C]!) break;
      if (c === C - 1 && !agrees(soFar, told[r]![C]!)) continue;
      visit(at + 1);
    }
    guess[r]![c] = 0;
  };
  visit(0);
  return { high, values };
}

/** Fails when a count below k is told, or when all tables that agree say that a place is below k (and not empty). */
function expectSafe(counts: Counts, told: Told): void {
  const full = withTotals(counts);
  const { high, values } = attack(told, 10);
  for (const [r, row] of full.entries()) {
    for (const [c, n] of row.entries()) {
      if (n === 0 || n >= K) continue;
      expect(told[r]![c]).toBeNull();
      expect(values[r]![c]!.size).toBeGreaterThan(1);
      expect(high[r]![c]).toBeGreaterThanOrEqual(K);
    }
  }
}

test('a withheld cell cannot be reckoned from totals, by any attacker who tries every table', {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(table, (counts) => expectSafe(counts, suppress(counts, K))),
    { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 12) },
  );
});

test('nor when the totals were decided by tables of their own, as releases do', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(table, (counts) => {
      const full = withTotals(counts);
      const [R, C] = [counts.length, counts[0]!.length];
      const ones = [full.slice(0, R).map((row) => row[C]!), full[R]!.slice(0, C)];
      const total = full[R]![C]!;
      const hide = protect({ sizes: [R, C], total, ones, twos: [counts] }, K);
      const told = full.map((row, r) =>
        row.map((n, c) => {
          const h =
            r === R ? (c === C ? hide.total : hide.ones[1]![c]!) : c === C ? hide.ones[0]![r]! : hide.twos[0]![r]![c]!;
          return h ? null : n;
        }),
      );
      expectSafe(counts, told);
    }),
    { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 12) },
  );
});

test('the attacker of this test does break a table that only withholds its small cells', () => {
  const counts = [
    [2, 4],
    [4, 4],
  ];
  const naive = withTotals(counts).map((row) => row.map((n) => (n > 0 && n < K ? null : n)));
  expect(attack(naive, 5).values[0]![0]).toEqual(new Set([2]));
  expect(() => expectSafe(counts, naive)).toThrow();
});

test('the range of a cell is what trial of every table finds', () => {
  fc.assert(
    fc.property(table, fc.infiniteStream(fc.boolean()), (counts, coin) => {
      const full = withTotals(counts);
      const R = full.length - 1;
      const C = full[0]!.length - 1;
      // Totals stay told, so that trial ends.
      const hide = full.map((row, r) => row.map((_, c) => r < R && c < C && coin.next().value));
      const told = full.map((row, r) => row.map((n, c) => (hide[r]![c] ? null : n)));
      const { values } = attack(told, 24);
      for (let r = 0; r < R; r++) {
        for (let c = 0; c < C; c++) {
          if (!hide[r]![c]) continue;
          const seen = [...values[r]![c]!];
          expect(rangeOf(full, hide, r, c)).toEqual({ low: Math.min(...seen), high: Math.max(...seen) });
        }
      }
    }),
    { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 15) },
  );
});

test('what has no small cell is told whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 5, max: 90 }), { minLength: 4, maxLength: 4 }), {
        minLength: 1,
        maxLength: 6,
      }),
      (counts) => {
        expect(suppress(counts, 5)).toEqual(withTotals(counts));
      },
    ),
  );
});
