/**
 * Other forecasters, to tell where any can win: an autoregression fitted offline on the first four fifths of each series by least absolute
 * errors (whole and at half strength), damped trends and mixes of persistence and seasonal-naive. Of the latter two the best of a grid is
 * chosen in hindsight, on the very errors that are measured: no honest forecaster of their kind does better.
 */
import type { Dataset, Measured } from './series.ts';

const LAGS = 6;
/** Rows that a fit uses at most; more are thinned evenly. */
const ROWS = 8_000;

/** Mean absolute errors per horizon of each alternative; `hindsight` says that its parameters were chosen on the errors themselves. */
export interface Alternative {
  readonly name: string;
  readonly hindsight: boolean;
  readonly mae: readonly number[];
  /** mean over series of their own mean error, in mean changes of a step of the first four fifths */
  readonly mase: readonly number[];
}

/** The last value that was there, at every row. */
function filled(values: readonly number[]): Float64Array {
  const out = Float64Array.from(values);
  let last = out.find((x) => !Number.isNaN(x)) ?? 0;
  for (let i = 0; i < out.length; i++) {
    if (Number.isNaN(out[i]!)) out[i] = last;
    else last = out[i]!;
  }
  return out;
}

function features(y: Float64Array, t: number, h: number, season: number, f: Float64Array): void {
  const now = y[t]!;
  f[0] = 1;
  for (let l = 1; l <= LAGS; l++) f[l] = (y[t - l] ?? now) - now;
  const back = season * Math.ceil(h / season);
  f[LAGS + 1] = (y[t + h - back] ?? now) - now;
  f[LAGS + 2] = (y[t - back] ?? now) - now;
  f[LAGS + 3] = (y[t - season] ?? now) - now;
}
const WIDE = LAGS + 4;

/** Coefficients for the change over `h` steps, by reweighted least squares that lean to least absolute errors. */
function fit(y: Float64Array, h: number, season: number, end: number): { c: Float64Array; most: number } {
  const rows: Float64Array[] = [];
  const z: number[] = [];
  const every = Math.max(1, Math.ceil(end / ROWS));
  for (let t = LAGS; t + h < end; t += every) {
    const f = new Float64Array(WIDE);
    features(y, t, h, season, f);
    rows.push(f);
    z.push(y[t + h]! - y[t]!);
  }
  const weight = new Float64Array(rows.length).fill(1);
  let c = new Float64Array(WIDE);
  for (let round = 0; round < 8; round++) {
    const a = Array.from({ length: WIDE }, () => new Float64Array(WIDE + 1));
    rows.forEach((f, r) => {
      for (let i = 0; i < WIDE; i++) {
        const g = weight[r]! * f[i]!;
        for (let j = i; j < WIDE; j++) a[i]![j]! += g * f[j]!;
        a[i]![WIDE]! += g * z[r]!;
      }
    });
    for (let i = 0; i < WIDE; i++) for (let j = 0; j < i; j++) a[i]![j] = a[j]![i]!;
    for (let i = 0; i < WIDE; i++) a[i]![i]! = a[i]![i]! * 1.001 + 1e-9;
    c = solve(a);
    const errors = rows.map((f, r) => Math.abs(z[r]! - dot(c, f)));
    const mean = errors.reduce((s, e) => s + e, 0) / Math.max(1, errors.length);
    errors.forEach((e, r) => {
      weight[r] = 1 / Math.max(e, 0.05 * mean + 1e-9);
    });
  }
  const sizes = z.map(Math.abs).sort((p, q) => p - q);
  return { c, most: sizes[Math.floor(sizes.length * 0.995)] ?? 0 };
}
const dot = (c: Float64Array, f: Float64Array): number => c.reduce((sum, x, i) => sum + x * f[i]!, 0);

/** Gauss with the largest pivot; the right side is the last column. */
function solve(a: Float64Array[]): Float64Array<ArrayBuffer> {
  const n = a.length;
  for (let i = 0; i < n; i++) {
    let p = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(a[r]![i]!) > Math.abs(a[p]![i]!)) p = r;
    [a[i], a[p]] = [a[p]!, a[i]!];
    for (let r = i + 1; r < n; r++) {
      const m = a[r]![i]! / a[i]![i]!;
      for (let k = i; k <= n; k++) a[r]![k]! -= m * a[i]![k]!;
    }
  }
  const x = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let sum = a[i]![n]!;
    for (let k = i + 1; k < n; k++) sum -= a[i]![k]! * x[k]!;
    x[i] = sum / a[i]![i]!;
  }
  return x;
}

type Say = (t: number, h: number, k: number) => number;

/** Measures named forecasters over the last fifth of every series; `make` answers them for one series. */
function measured(
  set: Dataset,
  horizons: readonly number[],
  make: (s: Measured, y: Float64Array, start: number) => Record<string, Say>,
) {
  const sums = new Map<string, { error: number[]; n: number[]; scaled: number[]; series: number[] }>();
  for (const s of set.series) {
    const y = filled(s.value);
    const start = Math.floor(s.at.length * 0.8);
    let change = 0;
    let changes = 0;
    for (let i = 1; i < start; i++) {
      if (Number.isNaN(s.value[i]!) || Number.isNaN(s.value[i - 1]!)) continue;
      change += Math.abs(s.value[i]! - s.value[i - 1]!);
      changes++;
    }
    for (const [name, say] of Object.entries(make(s, y, start))) {
      const sum = sums.get(name) ?? {
        error: horizons.map(() => 0),
        n: horizons.map(() => 0),
        scaled: horizons.map(() => 0),
        series: horizons.map(() => 0),
      };
      sums.set(name, sum);
      horizons.forEach((h, k) => {
        let error = 0;
        let n = 0;
        for (let t = Math.max(LAGS, start - h); t + h < y.length; t++) {
          if (Number.isNaN(s.value[t]!) || Number.isNaN(s.value[t + h]!)) continue;
          error += Math.abs(say(t, h, k) - y[t + h]!);
          n++;
        }
        if (!n) return;
        sum.error[k]! += error;
        sum.n[k]! += n;
        sum.scaled[k]! += error / n / (change / changes);
        sum.series[k]! += 1;
      });
    }
  }
  return [...sums].map(([name, s]) => ({
    name,
    mae: s.error.map((e, k) => e / s.n[k]!),
    mase: s.scaled.map((e, k) => e / s.series[k]!),
  }));
}

/** All alternatives of a data set. */
export function alternatives(set: Dataset, horizons: readonly number[]): Alternative[] {
  const regression = measured(set, horizons, (_, y, start) => {
    const fits = horizons.map((h) => fit(y, h, set.season, start));
    const f = new Float64Array(WIDE);
    const say =
      (share: number): Say =>
      (t, h, k) => {
        const { c, most } = fits[k]!;
        features(y, t, h, set.season, f);
        return y[t]! + share * Math.max(-most, Math.min(most, dot(c, f)));
      };
    return { autoregression: say(1), 'autoregression at half strength': say(0.5) };
  });
  const mixes = measured(set, horizons, (_, y) =>
    Object.fromEntries(
      Array.from({ length: 9 }, (__, i) => (i + 1) / 10).map((share) => [
        `mix ${share}`,
        ((t, h) => (1 - share) * y[t]! + share * (y[t + h - set.season * Math.ceil(h / set.season)] ?? y[t]!)) as Say,
      ]),
    ),
  );
  const trends = measured(set, horizons, (_, y) => {
    const out: Record<string, Say> = {};
    for (const alpha of [0.5, 1])
      for (const beta of [0.1, 0.4])
        for (const damp of [0.5, 0.8, 0.95]) {
          const level = new Float64Array(y.length);
          const slope = new Float64Array(y.length);
          level[0] = y[0]!;
          for (let t = 1; t < y.length; t++) {
            const before = level[t - 1]! + damp * slope[t - 1]!;
            level[t] = before + alpha * (y[t]! - before);
            slope[t] = (1 - beta) * damp * slope[t - 1]! + beta * (level[t]! - level[t - 1]!);
          }
          out[`trend ${alpha} ${beta} ${damp}`] = (t, h) =>
            level[t]! + (slope[t]! * damp * (1 - damp ** h)) / (1 - damp);
        }
    return out;
  });
  const best = (name: string, all: readonly { mae: number[]; mase: number[] }[]): Alternative => ({
    ...{ name, hindsight: true },
    mae: horizons.map((_, k) => Math.min(...all.map((a) => a.mae[k]!))),
    mase: horizons.map((_, k) => Math.min(...all.map((a) => a.mase[k]!))),
  });
  return [
    ...regression.map((a) => ({ ...a, hindsight: false })),
    best('mix of persistence and seasonal-naive', mixes),
    best('damped trend', trends),
  ];
}
