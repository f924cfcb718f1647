/**
 * Intervals of forecasts (预测区间): quantiles of the errors of what was really forecast, followed online per anchor, coverage and side
 * (adaptive conformal inference). Errors are told in units of the liveliness at the time of the forecast and of their own mean size, so that
 * an interval follows both at once. README.md tells why.
 */
import type { Store } from './forecaster-state.ts';

/** Step of a quantile in mean errors: 2/√n, never below the first; share of the newest error in their mean size. */
const STEP = 0.005;
const FIRST_STEPS = 2;
const SIZE_GAIN = 0.01;
/** One error counts for no more than so many mean ones in the mean size. */
const MOST = 20;
/** Forecasts that lie closer than their horizon share most of what they will be wrong about: n of them count as n / (0.3 h). */
const SHARED = 0.3;
/** While fewer independent errors were seen than this, the wider interval is at least as much wider as double exponential errors have it. */
const FEW = 30;

/** Which anchor's intervals: its number, its horizon in steps, and how many of its errors were seen. */
export interface Anchor {
  readonly a: number;
  readonly h: number;
  readonly n: number;
}

/** Errors of an anchor seen before its quantiles start, so that there is a size to start from. */
export const startOf = (h: number): number => h + 20;

const independent = (h: number, n: number): number => n / h / SHARED;
/** Share of errors that may lie beyond one side: less than is said while little was seen (the correction of split conformal inference). */
function outside(coverage: number, h: number, n: number): number {
  const side = (1 - coverage) / 2;
  return Math.max(0.1 * side, side - (1 - side) / (independent(h, n) + 1 / SHARED));
}
const place = (coverages: readonly number[], a: number, c: number): number => (a * coverages.length + c) * 2;

/** Learns one error of an anchor, in units of the liveliness then. */
export function learnError(m: Store, coverages: readonly number[], { a, h, n }: Anchor, error: number): void {
  const size = m.size[a]!;
  const relative = size > 0 ? error / size : 0;
  const bounded = Math.min(Math.abs(error), size > 0 ? MOST * size : 1e9);
  m.size[a] = size + Math.max(SIZE_GAIN, 1 / n) * (bounded - size);
  const step = Math.max(STEP, FIRST_STEPS / Math.sqrt(n));
  for (const [c, coverage] of coverages.entries()) {
    const beyond = outside(coverage, h, n);
    const low = place(coverages, a, c);
    if (n === startOf(h)) {
      m.quantile[low + 1] = Math.log(1 / (2 * beyond));
      m.quantile[low] = -m.quantile[low + 1]!;
    }
    m.quantile[low] = m.quantile[low]! + step * (relative < m.quantile[low]! ? beyond - 1 : beyond);
    m.quantile[low + 1] = m.quantile[low + 1]! + step * (relative > m.quantile[low + 1]! ? 1 - beyond : -beyond);
  }
}

/**
 * How far the interval of an anchor reaches to one side (0 below, 1 above), in units of the liveliness; never negative. What is known of
 * shorter horizons is a bound from below: uncertainty does not fall with the distance, nor with the coverage.
 *
 * @param anchors all of them, so that shorter ones can be asked
 */
export function reach(
  m: Store,
  coverages: readonly number[],
  anchors: readonly Anchor[],
  a: number,
  c: number,
  side: 0 | 1,
): number {
  const sign = side ? 1 : -1;
  let far = 0;
  for (let k = 0; k <= a; k++) {
    const { h, n } = anchors[k]!;
    const of = (which: number) => Math.max(0, sign * m.quantile[place(coverages, k, which) + side]!) * m.size[k]!;
    far = Math.max(far, of(c));
    const few = Math.min(1, FEW / (independent(h, n) + 1));
    for (const [other, narrower] of coverages.entries()) {
      if (!(narrower < coverages[c]!)) continue;
      const wider = Math.log(1 - coverages[c]!) / Math.log(1 - narrower) - 1;
      far = Math.max(far, (1 + few * wider) * of(other));
    }
  }
  return far;
}
