/**
 * How points follow from records. Pure: the same records and formula always give the same points, to the hundredth. Scores,
 * weights and points are whole hundredths, so that the points of a unit sum up to its score exactly and the points lost at
 * records to the points lost at their indicator.
 */
import type { Formula, Indicator } from './declaration.ts';

/** A record that an indicator counts: `value` of `base`. `objection`: the number of the one by which it does not count. */
export interface Counted {
  kind: string;
  ref: string;
  title: { zh: string; en: string };
  note: { zh: string; en: string } | null;
  base: number;
  value: number;
  objection: number | null;
}

/** What one indicator found of one unit. `absent`: the hub has no such records at all; `waived`: not applied after an objection. */
export interface Found {
  absent: boolean;
  waived: boolean;
  records: readonly Counted[];
}

export type PointState = 'scored' | 'none' | 'absent' | 'waived';

/** Points of one indicator. */
export interface Point {
  indicator: string;
  state: PointState;
  /** Weight in effect, after the weight of what does not apply was spread; hundredths. */
  weight: number;
  points: number;
  base: number;
  value: number;
  /** Null where it was not applied. */
  measure: number | null;
  cases: number;
  /** Points lost at each record, in the records' order. */
  lost: number[];
}

/** A unit's score. */
export interface UnitScore {
  /** Null: nothing could be measured. */
  score: number | null;
  /** Declared weight of what applied, hundredths. */
  weight: number;
  points: Point[];
}

/** Splits a whole number by parts, so that the pieces are whole and sum up to it: the largest remainders get what is left. */
export function split(whole: number, parts: readonly number[]): number[] {
  const sum = parts.reduce((a, b) => a + b, 0);
  if (sum <= 0) return parts.map(() => 0);
  const exact = parts.map((p) => (whole * p) / sum);
  const pieces = exact.map(Math.floor);
  const order = exact
    .map((e, i) => ({ i, rest: e - pieces[i]! }))
    .filter(({ i }) => parts[i]! > 0)
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  let left = whole - pieces.reduce((a, b) => a + b, 0);
  for (let n = 0; left > 0; n = (n + 1) % order.length, left -= 1) pieces[order[n]!.i]! += 1;
  return pieces;
}

/** How much of the full marks a measure gets: 0 to 1, linear between the targets. */
export const effectOf = (i: Pick<Indicator, 'full' | 'zero'>, measure: number): number =>
  Math.min(1, Math.max(0, (measure - i.zero) / (i.full - i.zero)));

const hundredths = (weight: number): number => Math.round(weight * 100);

/** By how much a record keeps its unit from full marks. */
function shortfall(i: Indicator, r: Counted): number {
  if (r.objection !== null) return 0;
  if (i.measure === 'count') return r.value;
  return Math.max(0, i.direction === 'higher' ? i.full * r.base - r.value : r.value - i.full * r.base);
}

function applied(i: Indicator, found: Found) {
  const counted = found.records.filter((r) => r.objection === null);
  const base = counted.reduce((n, r) => n + r.base, 0);
  const value = counted.reduce((n, r) => n + r.value, 0);
  const enough = counted.length >= i.least && (i.measure === 'count' || base > 0);
  const state: PointState = found.absent
    ? 'absent'
    : found.waived
      ? 'waived'
      : enough || i.without === 'full'
        ? 'scored'
        : 'none';
  const reached = i.measure === 'count' ? value : enough ? value / base : i.full;
  const measure = state === 'scored' ? reached : null;
  return { i, found, state, base, value, measure, cases: counted.length };
}

/** The score of one unit; `found` by indicator, in the formula's order. */
export function scoreUnit(formula: Pick<Formula, 'indicators'>, found: ReadonlyMap<string, Found>): UnitScore {
  const none: Found = { absent: false, waived: false, records: [] };
  const all = formula.indicators.map((i) => applied(i, found.get(i.id) ?? none));
  const weights = split(
    10_000,
    all.map((a) => (a.state === 'scored' ? hundredths(a.i.weight) : 0)),
  );
  const points = all.map((a, n): Point => {
    const weight = weights[n]!;
    const got = a.measure === null ? 0 : Math.round(weight * effectOf(a.i, a.measure));
    const lost =
      a.measure === null
        ? []
        : split(
            weight - got,
            a.found.records.map((r) => shortfall(a.i, r)),
          );
    return {
      ...{ indicator: a.i.id, state: a.state, weight, points: got, base: a.base, value: a.value, measure: a.measure },
      ...{ cases: a.cases, lost: lost.length ? lost : a.found.records.map(() => 0) },
    };
  });
  const applies = all.filter((a) => a.state === 'scored');
  return {
    score: applies.length ? points.reduce((n, p) => n + p.points, 0) : null,
    weight: applies.reduce((n, a) => n + hundredths(a.i.weight), 0),
    points,
  };
}

/** Places by score; the same score has the same place, and the next one is as many places down. Too little measured: none. */
export function ranks(units: readonly Pick<UnitScore, 'score' | 'weight'>[], leastWeight: number): (number | null)[] {
  const may = (u: Pick<UnitScore, 'score' | 'weight'>) => u.score !== null && u.weight >= hundredths(leastWeight);
  const scores = units.filter(may).map((u) => u.score!);
  return units.map((u) => (may(u) ? 1 + scores.filter((s) => s > u.score!).length : null));
}
