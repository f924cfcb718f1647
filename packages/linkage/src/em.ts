/**
 * Fellegi-Sunter by expectation-maximisation, over patterns instead of pairs.
 *
 * The model is of ALL pairs that the topology allows, most of which are no candidates: a share λ of them are matches; a comparison's
 * code has probability m[code] among matches and u[code] among the rest, independently (but for `interactions`); a missing value
 * says nothing (m = u = 1). Pairs that are no candidates count as no matches. So λ and m are free of the bias that blocking brings:
 * whether two records became candidates is a function of their values, not of their being one entity.
 *
 * u is not learned from candidates (which blocking chose for agreeing) but from counts over all pairs, of which the matches found so far are
 * taken away; rounds of EM and of this correction alternate. Within a round the likelihood never falls.
 * Fellegi & Sunter 1969; Winkler 1988; Dempster, Laird & Rubin 1977.
 */
import { improveU } from './chance.ts';
import { type Comparison, codeOf, exactly, isPair } from './compare.ts';
import { dependences, sampleCells, shapesOf } from './dependence.ts';
import {
  type Background,
  type CodeParameters,
  classOf,
  decode,
  type Estimate,
  type Interaction,
  type Patterns,
  smooth,
  sum,
  TINY,
  tally,
  totals,
} from './evidence.ts';

/** Pairs whose truth is known from labels: pattern and whether they match. */
export interface LabelledPattern {
  pattern: number;
  match: boolean;
}

/** Options of the estimation. */
export interface EmOptions {
  rounds?: number;
  steps?: number;
  labelled?: readonly LabelledPattern[];
  start?: { lambda: number; comparisons: CodeParameters[] };
  /** Patterns of random pairs: needed to find dependences. */
  sample?: Patterns;
}

/** Log-odds below which a pattern is no match for certain, for the rest of a round: most are, and need not be looked at again. */
const CLOSED = -40;

/** Where matches begin: agreement falls geometrically from exact to different. */
function startM(c: Comparison, share: readonly number[]): number[] {
  const m = new Array<number>(c.size).fill(0);
  m[0] = 1;
  // Exact agreement is shared out to the classes as values are: by the square root of the pairs that agree, which lies between records and pairs.
  let total = 0;
  let others = 0;
  let levels = 0;
  const weight = new Array<number>(c.size).fill(0);
  for (let k = 1; k < c.size; k++) {
    weight[k] = Math.sqrt(Math.max(share[k] ?? 0, 1e-12));
    if (exactly(c, k)) total += weight[k]!;
    else if (isPair(c, k)) others += weight[k]! ** 2;
    else levels++;
  }
  for (let k = 1; k < c.size; k++) {
    if (exactly(c, k)) m[k] = (0.8 * weight[k]!) / total;
    else if (isPair(c, k)) m[k] = (0.2 * weight[k]! ** 2) / others;
    else m[k] = 0.2 / Math.max(1, levels);
  }
  // Values that never agree (one table writes codes, the other words): which go together is learned from the other comparisons.
  if (c.values.length > 0 && c.values.every((_, i) => (share[1 + i * (c.values.length + 1)] ?? 0) < 1e-9)) {
    for (let k = 1; k < c.size; k++) m[k] = share[k] ?? 0;
  }
  const sum = m.slice(1).reduce((a, b) => a + b, 0);
  for (let k = 1; k < c.size; k++) m[k]! /= sum;
  return m;
}

/** Estimates λ, m and u. `background` must have shares > 0 for codes that occur. */
export function estimate(
  comparisons: readonly Comparison[],
  patterns: Patterns,
  background: Background,
  options: EmOptions = {},
): Estimate {
  const { pattern, count } = patterns;
  const candidates = sum(count);
  const n = pattern.length;
  const codes = decode(pattern, comparisons);
  const K = comparisons.length;
  const labelled = (options.labelled ?? []).map((l) => ({
    match: l.match,
    codes: comparisons.map((c) => codeOf(l.pattern, c)),
  }));
  const params: CodeParameters[] = comparisons.map((c, k) => ({
    name: c.name,
    labels: c.labels,
    m: options.start ? [...options.start.comparisons[k]!.m] : startM(c, background.share[k]!),
    classes: Array.from({ length: c.size }, (_, code) => classOf(c, code, background.share[k]![code]!)),
    u: background.share[k]!.map((s, code) => (code === 0 ? 1 : Math.max(s, TINY))),
  }));
  let lambda = options.start?.lambda ?? Math.min(0.01, (0.05 * sum(patterns.count)) / background.pairs);
  const likelihood: number[][] = [];
  let interactions: Interaction[] = [];
  let p = new Float64Array(n);
  const classes = params.map((q) => q.classes);
  const rounds = options.rounds ?? 6;
  const shapes = shapesOf(codes, classes);
  const drawn = options.sample ? sampleCells(comparisons, classes, options.sample) : undefined;

  for (let round = 0; round < rounds; round++) {
    const trace: number[] = [];
    // The patterns that may be matches at all; in the first step of a round all are looked at.
    let open = { at: Int32Array.from({ length: n }, (_, i) => i), codes, count };
    let closed = 0;
    let own = p;
    let before = { lambda, m: params.map((q) => [...q.m]), own };
    for (let step = 0; step < (options.steps ?? 40); step++) {
      // E: posterior by pattern.
      const w = params.map((q) => q.m.map((m, code) => (code === 0 ? 0 : Math.log(Math.max(m, TINY) / q.u[code]!))));
      const bits = totals(open.codes, classes, w, interactions, Math.log(lambda / (1 - lambda)), Math.LN2);
      const now = new Float64Array(bits.length);
      let matches = 0;
      const no = Math.log(1 - lambda);
      let logl = (background.pairs - candidates + closed) * no;
      for (let i = 0; i < bits.length; i++) {
        const x = bits[i]!;
        const many = open.count[i]!;
        logl += many * no;
        if (x < CLOSED) continue;
        const e = Math.exp(-Math.abs(x));
        const q = (x > 0 ? 1 : e) / (1 + e);
        now[i] = q;
        matches += q * many;
        // log(λm + (1-λ)u) = log((1-λ)u) + log(1 + e^x); u is fixed within a round and left out.
        logl += many * (Math.max(x, 0) + Math.log1p(e));
      }
      for (const l of labelled)
        if (l.match)
          for (let k = 0; k < K; k++) if (l.codes[k]! > 0) logl += Math.log(Math.max(params[k]!.m[l.codes[k]!]!, TINY));
      const last = trace.at(-1);
      if (last !== undefined && logl < last) {
        // Only dependences can bring this about, which a step holds fixed: such a step is taken back.
        lambda = before.lambda;
        params.forEach((q, k) => {
          q.m = before.m[k]!;
        });
        own = before.own;
        break;
      }
      own = now;
      if (step === 0) {
        const at = open.at.filter((i) => bits[i]! >= CLOSED);
        open = {
          at,
          codes: codes.map((c) => Uint8Array.from(at, (i) => c[i]!)),
          count: Float64Array.from(at, (i) => count[i]!),
        };
        closed = candidates - sum(open.count);
        own = Float64Array.from(at, (i) => now[i]!);
      }
      trace.push(logl);
      before = { lambda, m: params.map((q) => [...q.m]), own };
      if (last !== undefined && Math.abs(logl - last) < 1e-7 * Math.abs(logl)) break;
      // M: λ and m.
      lambda = Math.min(0.5, Math.max(matches / background.pairs, 1e-15));
      for (let k = 0; k < K; k++) {
        const total = tally(open.codes[k]!, comparisons[k]!.size, own, open.count);
        for (const l of labelled) if (l.match) total[l.codes[k]!]! += 1;
        let all = 0;
        for (let code = 1; code < total.length; code++) all += total[code]!;
        if (all > 0)
          for (let code = 1; code < total.length; code++) params[k]!.m[code] = Math.max(total[code]! / all, TINY);
      }
    }
    p = new Float64Array(n);
    for (let i = 0; i < own.length; i++) p[open.at[i]!] = own[i]!;
    likelihood.push(trace);
    if (round === rounds - 1) break;
    improveU(comparisons, params, codes, classes, interactions, p, count, background);
    if (drawn && round > 0)
      interactions = dependences(comparisons, params, codes, classes, p, count, lambda, background, drawn, shapes);
  }
  smooth(params);
  return { lambda, comparisons: params, interactions, likelihood };
}
