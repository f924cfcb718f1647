/** What is learned about comparisons, and the evidence that it gives a pattern of agreement: sums of log-likelihood ratios (bits). */
import { agrees, type Comparison, codeOf, exactly } from './compare.ts';

/** Patterns of candidate pairs: how many pairs have each. */
export interface Patterns {
  pattern: Float64Array;
  count: Float64Array;
}

/**
 * Strong dependence of two comparisons, by classes of codes (0 exact, 1 near, 2 different): how many times more often than independence says the
 * two classes meet, among matches (`m`) and others (`u`); index class of a × 3 + class of b. Dependences form a forest (Chow & Liu 1968), so
 * that the product of marginals and these ratios is a probability.
 */
export interface Interaction {
  a: number;
  b: number;
  m: number[];
  u: number[];
}

/** Learned parameters of one comparison, by code; [0] is a missing value. */
export interface CodeParameters {
  name: string;
  labels: string[];
  m: number[];
  u: number[];
  /** Class of each code in interactions, see `classOf`. */
  classes: number[];
}

/** What EM learns. */
export interface Estimate {
  lambda: number;
  comparisons: CodeParameters[];
  interactions: Interaction[];
  /** Log-likelihood after each step, by round. */
  likelihood: number[][];
}

/** What is known about all pairs: by comparison and code the share among pairs that have both values. */
export interface Background {
  /** Number of pairs that the topology allows. */
  pairs: number;
  share: number[][];
  /** By comparison: the share of all pairs that have both values. */
  present: number[];
}

/**
 * Class of a code in interactions: 0 exact, 1 near, 2 different, -1 missing. An agreement that a fiftieth of all pairs show is none worth the name.
 */
export const classOf = (c: Comparison, code: number, share: number): number => {
  if (code === 0) return -1;
  if (exactly(c, code)) return 0;
  return agrees(c, code) && share < 0.02 ? 1 : 2;
};

/** A probability below which nothing is told apart. */
export const TINY = 1e-12;

/** Codes of every pattern, comparison by comparison. */
export function decode(patterns: Float64Array, comparisons: readonly Comparison[]): Uint8Array[] {
  return comparisons.map((c) => {
    const out = new Uint8Array(patterns.length);
    for (let i = 0; i < out.length; i++) out[i] = codeOf(patterns[i]!, c);
    return out;
  });
}

/** Weight in bits of one code. */
export const weightOf = (p: CodeParameters, code: number): number =>
  code === 0 ? 0 : Math.log2(p.m[code]! / p.u[code]!);

/** Bits of the prior odds. */
export const priorWeight = (lambda: number): number => Math.log2(lambda / (1 - lambda));

/** Posterior probability of a total weight in bits. */
export const posterior = (bits: number): number => 1 / (1 + 2 ** -bits);

/** Sum of weights by pattern; `unit` turns the ratios of interactions into the unit of `w` (1 for bits, ln 2 for nats). */
export function totals(
  codes: readonly Uint8Array[],
  classes: readonly number[][],
  w: readonly (readonly number[])[],
  interactions: readonly Interaction[],
  prior: number,
  unit: number,
): Float64Array {
  const n = codes[0]?.length ?? 0;
  const out = new Float64Array(n).fill(prior);
  for (let k = 0; k < codes.length; k++) {
    const column = codes[k]!;
    const weights = w[k]!;
    for (let i = 0; i < n; i++) out[i]! += weights[column[i]!]!;
  }
  for (const t of interactions) {
    const [ca, cb, ka, kb] = [codes[t.a]!, codes[t.b]!, classes[t.a]!, classes[t.b]!];
    const bits = t.m.map((m, at) => unit * Math.log2(m / t.u[at]!));
    for (let i = 0; i < n; i++) {
      const [x, y] = [ka[ca[i]!]!, kb[cb[i]!]!];
      if (x >= 0 && y >= 0) out[i]! += bits[x * 3 + y]!;
    }
  }
  return out;
}

/** Pairs by code, weighted by `p` (all where null). */
export function tally(column: Uint8Array, size: number, p: Float64Array | null, count: Float64Array): Float64Array {
  const total = new Float64Array(size);
  for (let i = 0; i < column.length; i++) total[column[i]!]! += p ? p[i]! * count[i]! : count[i]!;
  return total;
}

/** m of codes that no match showed: not nothing, half a pair in a thousand. */
export function smooth(params: CodeParameters[]): void {
  for (const q of params) {
    let all = 0;
    for (let code = 1; code < q.m.length; code++) all += q.m[code] = Math.max(q.m[code]!, Math.min(5e-4, q.u[code]!));
    for (let code = 1; code < q.m.length; code++) q.m[code]! /= all;
  }
}

/** Sum of all values. */
export const sum = (a: Float64Array): number => a.reduce((x, y) => x + y, 0);

/** Total weight in bits of patterns, prior included. */
export function weigh(patterns: Float64Array, comparisons: readonly Comparison[], e: Estimate): Float64Array {
  const codes = decode(patterns, comparisons);
  const classes = e.comparisons.map((q) => q.classes);
  const w = e.comparisons.map((q) => q.m.map((_, code) => weightOf(q, code)));
  return totals(codes, classes, w, e.interactions, priorWeight(e.lambda), 1);
}
