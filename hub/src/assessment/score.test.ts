import { nationalCalendar } from '@jingwei/codes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formulaSchema } from './declaration.ts';
import { addMonths, closeDay, daysOf, monthsBetween } from './period.ts';
import { type Counted, effectOf, type Found, ranks, scoreUnit, split } from './score.ts';
import { formulaOf } from './testing.ts';

const formula = formulaOf();
const record = fc
  .record({
    base: fc.integer({ min: 0, max: 50 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    out: fc.boolean(),
  })
  .map(
    ({ base, part, out }): Omit<Counted, 'ref'> => ({
      ...{ kind: 'case', title: { zh: 'x', en: 'x' }, note: null, base, value: base * part, objection: out ? 7 : null },
    }),
  );
const found = fc
  .record({ absent: fc.boolean(), waived: fc.boolean(), records: fc.array(record, { maxLength: 30 }) })
  .map((f): Found => ({ ...f, records: f.records.map((r, n) => ({ ...r, ref: String(n) })) }));

test('points sum up to the score, weights to a hundred, and points lost to those of the records that cost them', () => {
  fc.assert(
    fc.property(found, found, found, (a, b, c) => {
      const given = new Map([
        ['timely', a],
        ['findings', b],
        ['forms', c],
      ]);
      const { score, points, weight } = scoreUnit(formula, given);
      if (score === null) {
        expect(weight).toBe(0);
        return;
      }
      expect(points.reduce((n, p) => n + p.points, 0)).toBe(score);
      expect(points.reduce((n, p) => n + p.weight, 0)).toBe(10_000);
      for (const p of points) {
        const records = given.get(p.indicator)!.records;
        const sum = p.lost.reduce((n, l) => n + l, 0);
        expect(sum).toBe(p.state === 'scored' ? p.weight - p.points : 0);
        p.lost.forEach((l, n) => {
          expect(l).toBeGreaterThanOrEqual(0);
          // What does not count costs nothing; what costs something fell short.
          if (records[n]!.objection !== null) expect(l).toBe(0);
          if (l > 0 && p.indicator !== 'findings') expect(records[n]!.value).toBeLessThan(records[n]!.base);
        });
      }
    }),
    { numRuns: 300 },
  );
});

test('mending a record never costs points', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), fc.nat(), (rows, at) => {
      const records = rows.map((r, n) => ({ ...r, ref: String(n), objection: null, base: r.base + 1 }));
      const mended = records.map((r, n) => (n === at % records.length ? { ...r, value: r.base } : r));
      const score = (list: Counted[]) =>
        scoreUnit(formula, new Map([['timely', { absent: false, waived: false, records: list }]])).score!;
      expect(score(mended)).toBeGreaterThanOrEqual(score(records));
    }),
    { numRuns: 200 },
  );
});

test('a whole is split into whole parts without a rest', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 40 }),
      (whole, parts) => {
        const pieces = split(whole, parts);
        const any = parts.reduce((a, b) => a + b, 0) > 0;
        expect(pieces.reduce((a, b) => a + b, 0)).toBe(any ? whole : 0);
        expect(pieces.every((p, n) => Number.isInteger(p) && p >= 0 && (parts[n]! > 0 || p === 0))).toBe(true);
      },
    ),
  );
});

test('what does not apply gives its weight to the rest; without any case there is no score', () => {
  const one = (base: number, value: number): Found => ({
    absent: false,
    waived: false,
    records: [{ kind: 'case', ref: '1', title: { zh: '', en: '' }, note: null, base, value, objection: null }],
  });
  const half = scoreUnit(
    formula,
    new Map([
      ['timely', one(4, 2)],
      ['forms', { ...one(0, 0), absent: true }],
    ]),
  );
  // 60 of 90 and 30 of 90: half of the first and all of the second.
  expect(half.points.map((p) => [p.state, p.weight, p.points])).toEqual([
    ['scored', 6667, 3334],
    ['scored', 3333, 3333],
    ['absent', 0, 0],
  ]);
  expect(half).toMatchObject({ score: 6667, weight: 9000 });
  const nothing = formulaOf({ indicators: [{ ...formula.indicators[0], weight: 100 }] });
  expect(scoreUnit(nothing, new Map())).toMatchObject({ score: null, weight: 0 });
});

test('marks are linear between the targets, in either direction', () => {
  expect([0.5, 0.6, 0.8, 1, 1.2].map((m) => effectOf({ full: 1, zero: 0.6 }, m).toFixed(2))).toEqual([
    '0.00',
    '0.00',
    '0.50',
    '1.00',
    '1.00',
  ]);
  expect([0, 1, 2, 4, 9].map((m) => effectOf({ full: 0, zero: 4 }, m))).toEqual([1, 0.75, 0.5, 0, 0]);
});

test('the same score has the same place; who is hardly measured has none', () => {
  const unit = (score: number | null, weight = 10_000) => ({ score, weight });
  expect(ranks([unit(90), unit(95), unit(90), unit(99, 3999), unit(null, 0), unit(10)], 40)).toEqual([
    2,
    1,
    2,
    null,
    null,
    4,
  ]);
});

test.each([
  ['weights that are not a hundred', { indicators: formula.indicators.slice(1) }, true],
  ['an unknown key', { ...formula, colour: 'red' }, false],
  ['a month that is none', { ...formula, validFrom: '2026-13' }, false],
  ['a negative weight', { ...formula, indicators: [{ ...formula.indicators[0], weight: -1 }] }, false],
])('a formula with %s does not hold', (_, over, shape) => {
  expect(formulaSchema.safeParse({ ...formula, ...over }).success).toBe(shape);
});

test('months end on their last day, are closed on a working day, and wait for a year that nobody announced', () => {
  expect(daysOf('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect([addMonths('2026-01', -1), addMonths('2026-11', 14)]).toEqual(['2025-12', '2028-01']);
  expect(monthsBetween('2025-11', '2026-02')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
  expect(monthsBetween('2026-02', '2026-01')).toEqual([]);
  expect(closeDay(nationalCalendar, '2026-09', 3)).toEqual({ due: '2026-10-10', missingYear: null });
  expect(closeDay(nationalCalendar, '2026-12', 3)).toEqual({ due: null, missingYear: 2027 });
});
