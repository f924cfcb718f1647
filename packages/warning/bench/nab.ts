/**
 * Rules of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015), standard profile and the two others: what the alarms of one threshold are
 * worth over a corpus. Written after the published rules; checked against cases reckoned by hand (nab.test.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One series of the corpus with its windows as row numbers, both ends inside. */
export interface Series {
  readonly folder: string;
  readonly name: string;
  readonly at: Float64Array;
  readonly value: Float64Array;
  readonly windows: readonly (readonly [first: number, last: number])[];
}

/** What hits, misses and false alarms weigh. */
export interface Profile {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}
export const STANDARD: Profile = { tp: 1, fp: 0.11, fn: 1 };
export const LOW_FP: Profile = { tp: 1, fp: 0.22, fn: 1 };
export const LOW_FN: Profile = { tp: 1, fp: 0.11, fn: 2 };

/** Rows at the beginning that are not scored: 15 %, at most 750. */
export const probation = (rows: number): number => Math.min(Math.floor(0.15 * rows), 750);

/** From +1 far before the place 0 to −1 behind it. */
const sigmoid = (y: number): number => (y >= 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1);
const MOST = sigmoid(-1);

/** What an alarm at each row is worth and which window (by number) it hits; −1: outside every window, −2: on probation. */
export function worth(series: Series, profile: Profile = STANDARD): { worth: Float64Array; window: Int32Array } {
  const rows = series.at.length;
  const worth = new Float64Array(rows);
  const window = new Int32Array(rows).fill(-1);
  for (let i = 0, next = 0, before = -1; i < rows; i++) {
    while (next < series.windows.length && i > series.windows[next]![1]) before = next++;
    const now = series.windows[next];
    if (now && i >= now[0]) {
      worth[i] = (profile.tp * sigmoid(-(now[1] - i + 1) / (now[1] - now[0] + 1))) / MOST;
      window[i] = next;
    } else if (before < 0) worth[i] = -profile.fp;
    else {
      const [first, last] = series.windows[before]!;
      worth[i] = profile.fp * (last > first ? sigmoid((i - last) / (last - first)) : -1);
    }
    if (i < probation(rows)) window[i] = -2;
  }
  return { worth, window };
}

/** Raw score of one series when every row with a score at or above the threshold is an alarm. */
export function rawScore(series: Series, scores: ArrayLike<number>, threshold: number, profile = STANDARD): number {
  const { worth: each, window } = worth(series, profile);
  const best = series.windows.map(() => -profile.fn);
  let false_ = 0;
  for (let i = 0; i < each.length; i++) {
    if (!(scores[i]! >= threshold) || window[i] === -2) continue;
    const w = window[i]!;
    if (w >= 0) best[w] = Math.max(best[w]!, each[i]!);
    else false_ += each[i]!;
  }
  return best.reduce((a, b) => a + b, false_);
}

/** 0 for no alarm at all, 100 for every window hit at its first row and nothing else. */
export const normalised = (raw: number, windows: number, profile = STANDARD): number =>
  (100 * (raw + profile.fn * windows)) / ((profile.tp + profile.fn) * windows);

/** Every threshold at which something changes, falling, with the raw score over all the given series. */
export function sweep(
  runs: readonly { series: Series; scores: ArrayLike<number> }[],
  profile = STANDARD,
): { threshold: number; raw: number }[] {
  const points: { score: number; worth: number; window: number }[] = [];
  let windows = 0;
  for (const { series, scores } of runs) {
    const { worth: each, window } = worth(series, profile);
    for (let i = 0; i < each.length; i++) {
      if (window[i] === -2 || !(scores[i]! > 0)) continue;
      points.push({ score: scores[i]!, worth: each[i]!, window: window[i]! < 0 ? -1 : windows + window[i]! });
    }
    windows += series.windows.length;
  }
  points.sort((a, b) => b.score - a.score);
  const best = new Float64Array(windows).fill(-profile.fn);
  let raw = -profile.fn * windows;
  const out = [{ threshold: Number.POSITIVE_INFINITY, raw }];
  for (let i = 0; i < points.length; i++) {
    const p = points[i]!;
    if (p.window < 0) raw += p.worth;
    else if (p.worth > best[p.window]!) {
      raw += p.worth - best[p.window]!;
      best[p.window] = p.worth;
    }
    if (points[i + 1]?.score !== p.score) out.push({ threshold: p.score, raw });
  }
  return out;
}

/** The threshold with the best raw score over the given series. */
export const bestThreshold = (runs: Parameters<typeof sweep>[0], profile = STANDARD) =>
  sweep(runs, profile).reduce((a, b) => (b.raw > a.raw ? b : a));

/** Scores with a threshold for each folder that was chosen on all the other folders. */
export function leaveOneFolderOut(runs: readonly { series: Series; scores: ArrayLike<number> }[], profile = STANDARD) {
  const folders = [...new Set(runs.map((r) => r.series.folder))];
  const each = folders.map((folder) => {
    const { threshold } = bestThreshold(
      runs.filter((r) => r.series.folder !== folder),
      profile,
    );
    const own = runs.filter((r) => r.series.folder === folder);
    const windows = own.reduce((n, r) => n + r.series.windows.length, 0);
    const raw = own.reduce((sum, r) => sum + rawScore(r.series, r.scores, threshold, profile), 0);
    return { folder, series: own.length, windows, threshold, raw };
  });
  const windows = each.reduce((n, f) => n + f.windows, 0);
  return {
    score: normalised(
      each.reduce((sum, f) => sum + f.raw, 0),
      windows,
      profile,
    ),
    folders: each,
  };
}

/** Reads a corpus folder (`data/<folder>/<series>.csv`, `labels/combined_windows.json`). Times are read as UTC. */
export function readCorpus(root: string): Series[] {
  const labels: Record<string, [string, string][]> = JSON.parse(
    readFileSync(join(root, 'labels', 'combined_windows.json'), 'utf8'),
  );
  const time = (text: string) => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);
  const out: Series[] = [];
  for (const folder of readdirSync(join(root, 'data')).sort()) {
    for (const name of readdirSync(join(root, 'data', folder)).sort()) {
      const rows = readFileSync(join(root, 'data', folder, name), 'utf8')
        .trim()
        .split('\n')
        .slice(1);
      const at = Float64Array.from(rows, (r) => time(r));
      const value = Float64Array.from(rows, (r) => Number(r.slice(r.indexOf(',') + 1)));
      const windows = (labels[`${folder}/${name}`] ?? []).map(
        ([from, to]) =>
          [at.findIndex((t) => t >= time(from)), at.findLastIndex((t) => t <= time(to))] as [number, number],
      );
      out.push({ folder, name, at, value, windows });
    }
  }
  return out;
}

/** The benchmark's baseline as published: tail probability under the mean and deviation of the last 6,400 rows, renewed every 100 rows. */
export function windowedGaussian(value: ArrayLike<number>, size = 6400, step = 100): Float64Array {
  const scores = new Float64Array(value.length);
  let kept: number[] = [];
  let waiting: number[] = [];
  let mean = 0;
  let deviation = 1;
  let squares = 0;
  const renew = () => {
    mean = kept.reduce((a, b) => a + b, 0) / kept.length;
    deviation = Math.sqrt(kept.reduce((a, b) => a + (b - mean) ** 2, 0) / kept.length) || 0.000001;
  };
  for (let i = 0; i < value.length; i++) {
    const x = value[i]!;
    if (kept.length > 0) scores[i] = 1 - 0.5 * erfc(Math.abs(x - mean) / deviation / Math.SQRT2);
    if (kept.length < size) {
      // while the window grows, mean and deviation are renewed at every row: kept running (Welford)
      kept.push(x);
      const before = x - mean;
      mean = kept.length === 1 ? x : mean + before / kept.length;
      squares = kept.length === 1 ? 0 : squares + before * (x - mean);
      deviation = Math.sqrt(squares / kept.length) || 0.000001;
    } else {
      waiting.push(x);
      if (waiting.length === step) {
        kept = kept.slice(step).concat(waiting);
        waiting = [];
        renew();
      }
    }
  }
  return scores;
}

/** Complementary error function for x ≥ 0: series near zero, continued fraction beyond (full double precision; the order of tails matters here). */
export function erfc(x: number): number {
  if (x < 2.5) {
    let sum = x;
    for (let n = 1, term = x; Math.abs(term) > 1e-17 * sum && n < 200; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
