/**
 * Recursive least squares (递推最小二乘) with forgetting, robust to outliers: an error beyond what is usual counts less, so that the fit leans
 * towards the median. Held in a larger array: coefficients, then the upper triangle of the inverse covariance.
 */
export const FEATURES = 9;
/** Numbers of one regression. */
export const REGRESSION = FEATURES + (FEATURES * (FEATURES + 1)) / 2 + 1;
const COVARIANCE = FEATURES;
const SIZE = REGRESSION - 1;
/** The start says "no change" as firmly as so many points with features of one unit. */
const RIDGE = 300;
const FORGET = 0.9998;
/** Errors beyond this many mean errors count like the square root does: linearly. */
const ROBUST = 0.7;
const gain = new Float64Array(FEATURES);
const place = (i: number, j: number): number => (i <= j ? i * FEATURES - (i * (i - 1)) / 2 + j - i : place(j, i));
const at = Int32Array.from({ length: FEATURES * FEATURES }, (_, k) => place(Math.floor(k / FEATURES), k % FEATURES));

/** Writes the start: no coefficients, and no belief in any. */
export function startRegression(t: Float64Array, o: number): void {
  t.fill(0, o, o + REGRESSION);
  for (let i = 0; i < FEATURES; i++) t[o + COVARIANCE + at[i * FEATURES + i]!] = 1 / RIDGE;
}

/** What the features say. */
export function predict(t: Float64Array, o: number, f: Float64Array): number {
  let y = 0;
  for (let i = 0; i < FEATURES; i++) y += t[o + i]! * f[i]!;
  return y;
}

/** Learns that the features `f` came with `y`. What is not finite changes nothing. */
export function learnRegression(t: Float64Array, o: number, f: Float64Array, y: number): void {
  const error = y - predict(t, o, f);
  if (!Number.isFinite(error)) return;
  const c = o + COVARIANCE;
  let spread = 0;
  let trace = 0;
  for (let i = 0; i < FEATURES; i++) {
    let sum = 0;
    for (let j = 0; j < FEATURES; j++) sum += t[c + at[i * FEATURES + j]!]! * f[j]!;
    gain[i] = sum;
    spread += sum * f[i]!;
    trace += t[c + at[i * FEATURES + i]!]!;
  }
  const size = Math.abs(error);
  const usual = t[o + SIZE]!;
  t[o + SIZE] = usual === 0 ? size : usual + 0.02 * (Math.min(size, 5 * usual) - usual);
  const weight = Math.min(1, (ROBUST * t[o + SIZE]!) / (size + 1e-12));
  // never forget more than was known at the start: without news the covariance would grow for ever
  const forget = trace < FEATURES / RIDGE ? FORGET : 1;
  const g = weight / (forget + weight * spread);
  for (let i = 0; i < FEATURES; i++) {
    t[o + i] = t[o + i]! + g * gain[i]! * error;
    for (let j = i; j < FEATURES; j++) {
      const k = c + at[i * FEATURES + j]!;
      t[k] = (t[k]! - g * gain[i]! * gain[j]!) / forget;
    }
  }
}
