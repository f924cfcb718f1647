/**
 * Trees for `hub/src/events/same/trees.ts`, learnt by gradient boosting of the logistic loss: histograms of at most 64 bins, a way of its own
 * for what is missing, and a direction for a feature where sense asks for one (nearer never speaks against), which then holds for every tree.
 */
import type { Trees } from '../hub/src/events/same/trees.ts';

/** How it is learnt. `least`: curvature that a branch needs; `direction`: 1 more speaks for, -1 against, 0 either, by feature. */
export interface Boosting {
  trees: number;
  depth: number;
  rate: number;
  lambda: number;
  least: number;
  direction: readonly number[];
}

const BINS = 63;
const MISSING = 255;
/** Branches of fewer rows are not parted; gains of less are none. */
const ROWS = 20;
const GAIN = 1e-3;

interface Binned {
  bins: Uint8Array;
  cuts: number[][];
}

/** Values as bins between quantiles; row after row. */
function binned(x: Float32Array, width: number): Binned {
  const n = x.length / width;
  const bins = new Uint8Array(x.length);
  const cuts: number[][] = [];
  for (let f = 0; f < width; f++) {
    const present = Float64Array.from({ length: n }, (_, i) => x[i * width + f]!)
      .filter((v) => !Number.isNaN(v))
      .sort();
    const marks = new Set<number>();
    for (let k = 1; k < BINS && present.length; k++) marks.add(present[Math.floor((k * present.length) / BINS)]!);
    const own = [...marks].sort((a, b) => a - b);
    if (own.at(-1) === present.at(-1)) own.pop();
    cuts.push(own);
    for (let i = 0; i < n; i++) {
      const v = x[i * width + f]!;
      let low = 0;
      let high = own.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (v <= own[middle]!) high = middle;
        else low = middle + 1;
      }
      bins[i * width + f] = Number.isNaN(v) ? MISSING : low;
    }
  }
  return { bins, cuts };
}

interface Split {
  feature: number;
  bin: number;
  missing: number;
}

/** Learns trees. `x`: rows of `direction.length` numbers, NaN missing; `y`: 1 or 0. Figures are rounded to what is kept. */
export function boost(x: Float32Array, y: readonly number[], o: Boosting): Trees {
  const width = o.direction.length;
  const { bins, cuts } = binned(x, width);
  const n = y.length;
  const positive = y.reduce((s, v) => s + v, 0);
  const base = round(Math.log(positive / (n - positive)));
  const z = new Float64Array(n).fill(base);
  const g = new Float64Array(n);
  const h = new Float64Array(n);
  const trees: Trees['trees'][number][] = [];
  for (let t = 0; t < o.trees; t++) {
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-z[i]!));
      g[i] = p - y[i]!;
      h[i] = Math.max(1e-9, p * (1 - p));
    }
    trees.push(tree());
  }
  return { base, trees };

  function tree(): Trees['trees'][number] {
    const size = 2 ** (o.depth + 1) - 1;
    const [feature, threshold] = [new Array<number>(size).fill(-1), new Array<number>(size).fill(0)];
    const [missing, value] = [new Array<number>(size).fill(0), new Array<number>(size).fill(0)];
    const low = new Float64Array(size).fill(-1e9);
    const high = new Float64Array(size).fill(1e9);
    const rows: (number[] | undefined)[] = [Array.from({ length: n }, (_, i) => i)];
    const sums = (list: readonly number[]) => {
      let [G, H] = [0, 0];
      for (const i of list) {
        G += g[i]!;
        H += h[i]!;
      }
      return { G, H };
    };
    for (let k = 0; k < size; k++) {
      const own = rows[k];
      if (!own) continue;
      const within = (v: number): number => Math.max(low[k]!, Math.min(high[k]!, v));
      const { G, H } = sums(own);
      const mean = within(-G / (H + o.lambda));
      value[k] = round(o.rate * mean);
      const split = k < 2 ** o.depth - 1 && own.length >= ROWS ? bestOf(own, G, H, within) : undefined;
      if (!split) {
        for (const i of own) z[i]! += value[k]!;
        continue;
      }
      const { feature: f, bin } = split;
      const cut = cuts[f]![bin];
      feature[k] = f;
      threshold[k] = cut === undefined ? 1e9 : Math.round(cut * 100) / 100;
      missing[k] = split.missing;
      const goes = (i: number): boolean => {
        const b = bins[i * width + f]!;
        return b === MISSING ? split.missing === 1 : b > bin;
      };
      const [first, second] = [own.filter((i) => !goes(i)), own.filter(goes)];
      [rows[k], rows[2 * k + 1], rows[2 * k + 2]] = [undefined, first, second];
      // What grows below one branch stays on its side of the middle of both: so a direction holds in the whole tree.
      const [a, b] = [first, second].map((list) => {
        const s = sums(list);
        return within(-s.G / (s.H + o.lambda));
      });
      const way = cut === undefined ? 0 : o.direction[f]!;
      const middle = (a! + b!) / 2;
      for (const child of [2 * k + 1, 2 * k + 2]) [low[child], high[child]] = [low[k]!, high[k]!];
      if (way) {
        const [lower, upper] = way > 0 ? [2 * k + 1, 2 * k + 2] : [2 * k + 2, 2 * k + 1];
        high[lower] = Math.min(high[k]!, middle);
        low[upper] = Math.max(low[k]!, middle);
      }
    }
    return { feature, threshold, missing, value };
  }

  function bestOf(own: readonly number[], G: number, H: number, within: (v: number) => number): Split | undefined {
    const gain = (v: number, a: number, b: number): number => -(2 * a * v + (b + o.lambda) * v * v);
    const before = gain(within(-G / (H + o.lambda)), G, H);
    const [sg, sh] = [new Float64Array(256), new Float64Array(256)];
    let best: Split | undefined;
    let most = GAIN;
    for (let f = 0; f < width; f++) {
      sg.fill(0);
      sh.fill(0);
      for (const i of own) {
        const b = bins[i * width + f]!;
        sg[b]! += g[i]!;
        sh[b]! += h[i]!;
      }
      let [lg, lh] = [0, 0];
      for (let bin = 0; bin <= cuts[f]!.length; bin++) {
        lg += sg[bin]!;
        lh += sh[bin]!;
        const last = bin === cuts[f]!.length;
        // Behind the last cut lies only what is missing.
        for (const missing of last ? [1] : [0, 1]) {
          const [L, LH] = missing ? [lg, lh] : [lg + sg[MISSING]!, lh + sh[MISSING]!];
          const [R, RH] = [G - L, H - LH];
          if (LH < o.least || RH < o.least) continue;
          const [vl, vr] = [within(-L / (LH + o.lambda)), within(-R / (RH + o.lambda))];
          const way = last ? 0 : o.direction[f]!;
          if (way > 0 ? vl > vr : way < 0 && vl < vr) continue;
          const now = gain(vl, L, LH) + gain(vr, R, RH) - before;
          if (now > most) [most, best] = [now, { feature: f, bin, missing }];
        }
      }
    }
    return best;
  }
}

const round = (v: number): number => Math.round(v * 1e4) / 1e4;
