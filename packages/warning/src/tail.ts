/**
 * How surprising is a value among those seen so far? Peaks over a threshold (超阈值法): a high quantile is followed by stochastic
 * approximation, what lies above it is modelled as a generalised Pareto distribution by moments (Hosking and Wallis 1987; streaming use:
 * Siffer et al. 2017, SPOT). A tail is twelve numbers in a larger array.
 */

/** Numbers of one tail: threshold, mean and mean square of excesses, their count, and the largest values of the warm-up. */
export const TAIL = 12;
const U = 0;
const M = 1;
const V = 2;
const K = 3;
const TOP = 4;
const TOPS = 8;
/** Points seen before the tail says anything. */
export const WARM = 100;
/** Share of points above the followed quantile. */
const SHARE = 0.03;
/** Excesses that the moments remember. */
const MEMORY = 200;
/** Step of the quantile in mean excesses: falls like 20/n, never below 1 % (drift is followed). */
const STEP = 20;
const LEAST_STEP = 0.01;
const HEAVIEST = 0.5;
/** No point counts for more than this many decades. */
const MOST = 30;

/**
 * Surprise of `x` as −log10 of its tail probability (0 below the threshold, capped at 30), then learns from it.
 *
 * @param t the array that holds the tail
 * @param o where it begins
 * @param n points pushed before this one
 * @param floor deviations below this are never surprising (same unit as x); −Infinity for none
 */
export function pushTail(t: Float64Array, o: number, n: number, x: number, floor: number): number {
  if (n < WARM) {
    warm(t, o, n, x);
    return 0;
  }
  const surprise = surpriseOf(t, o, x, floor);
  const u = t[o + U]!;
  const m = t[o + M]!;
  const step = Math.max(m, 1e-9 * Math.abs(u), 1e-300) * Math.max(STEP / (n + 1), LEAST_STEP);
  if (x > u) {
    const k = t[o + K]! + 1;
    const weight = Math.max(1 / k, 1 / MEMORY);
    const excess = m > 0 ? Math.min(x - u, 50 * m) : x - u;
    t[o + K] = k;
    t[o + M] = m + weight * (excess - m);
    t[o + V] = t[o + V]! + weight * (excess * excess - t[o + V]!);
    t[o + U] = u + step * (1 - SHARE);
  } else t[o + U] = u - step * SHARE;
  return surprise;
}

/** The value that one in `1 / p` points passes, p up to 0.03; the threshold itself while nothing lies above it. */
export function quantile(t: Float64Array, o: number, p: number): number {
  const m = t[o + M]!;
  if (!(m > 0)) return t[o + U]!;
  const [xi, sigma] = shape(t, o, m);
  const ratio = SHARE / p;
  return t[o + U]! + (xi < 0.01 ? sigma * Math.log(ratio) : (sigma * (ratio ** xi - 1)) / xi);
}

/** Keeps the eight largest of the first hundred; the smallest of them is the first threshold. */
function warm(t: Float64Array, o: number, n: number, x: number): void {
  let i = Math.min(n, TOPS) - 1;
  if (n >= TOPS && x <= t[o + TOP + i]!) i = -2;
  if (i > -2) {
    if (n < TOPS) i++;
    while (i > 0 && t[o + TOP + i - 1]! < x) {
      t[o + TOP + i] = t[o + TOP + i - 1]!;
      i--;
    }
    t[o + TOP + i] = x;
  }
  if (n !== WARM - 1) return;
  const u = t[o + TOP + TOPS - 1]!;
  let sum = 0;
  let squares = 0;
  let k = 0;
  for (let j = 0; j < TOPS - 1; j++) {
    const excess = t[o + TOP + j]! - u;
    if (excess <= 0) continue;
    sum += excess;
    squares += excess * excess;
    k++;
  }
  t[o + U] = u;
  t[o + K] = k;
  t[o + M] = k ? sum / k : 0;
  t[o + V] = k ? squares / k : 0;
}

function surpriseOf(t: Float64Array, o: number, x: number, floor: number): number {
  const u = Math.max(t[o + U]!, floor);
  if (x <= u) return 0;
  const m = Math.max(t[o + M]!, floor / 3);
  // nothing ever lay above: the first that does is news whatever its size
  if (!(m > 0)) return 12;
  const [xi, sigma] = shape(t, o, m);
  const log = xi < 0.01 ? (x - u) / sigma : Math.log1p((xi * (x - u)) / sigma) / xi;
  return Math.min(MOST, -Math.log10(SHARE) + log / Math.LN10);
}

/** Shape ξ (0: exponential, up to 0.5: heavy) and scale σ of the excesses by their first two moments. */
function shape(t: Float64Array, o: number, m: number): [xi: number, sigma: number] {
  const own = t[o + M]!;
  const variance = Math.max(t[o + V]! - own * own, m * m);
  const xi = Math.max(0, Math.min(HEAVIEST, 0.5 * (1 - (own * own) / variance)));
  return [xi, m * (1 - xi)];
}
