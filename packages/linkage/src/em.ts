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
import { agrees, type Comparison, codeOf, exactly, isPair } from './compare.ts';

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

/**
 * Class of a code in interactions: 0 exact, 1 near, 2 different, -1 missing. An agreement that a fiftieth of all pairs show is none worth the name.
 */
export const classOf = (c: Comparison, code: number, share: number): number => {
  if (code === 0) return -1;
  if (exactly(c, code)) return 0;
  return agrees(c, code) && share < 0.02 ? 1 : 2;
};

const TINY = 1e-12;
/**
 * By itself an agreement is never trusted beyond this: at least so large a share of the pairs that show it is taken to be chance.
 * It bounds the weight of codes that chance has not been seen to repeat.
 */
const CHANCE = 0.002;

/** Codes of every pattern, comparison by comparison. */
export function decode(patterns: Float64Array, comparisons: readonly Comparison[]): Uint8Array[] {
  return comparisons.map((c) => {
    const out = new Uint8Array(patterns.length);
    for (let i = 0; i < out.length; i++) out[i] = codeOf(patterns[i]!, c);
    return out;
  });
}

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

/** Weight in bits of one code. */
export const weightOf = (p: CodeParameters, code: number): number =>
  code === 0 ? 0 : Math.log2(p.m[code]! / p.u[code]!);

/** Bits of the prior odds. */
export const priorWeight = (lambda: number): number => Math.log2(lambda / (1 - lambda));

/** Posterior probability of a total weight in bits. */
export const posterior = (bits: number): number => 1 / (1 + 2 ** -bits);

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

  for (let round = 0; round < rounds; round++) {
    const trace: number[] = [];
    let before = { lambda, m: params.map((q) => [...q.m]), p };
    for (let step = 0; step < (options.steps ?? 40); step++) {
      // E: posterior by pattern.
      const w = params.map((q) => q.m.map((m, code) => (code === 0 ? 0 : Math.log(Math.max(m, TINY) / q.u[code]!))));
      const bits = totals(codes, classes, w, interactions, Math.log(lambda / (1 - lambda)), Math.LN2);
      const now = new Float64Array(n);
      let matches = 0;
      let logl = (background.pairs - candidates) * Math.log(1 - lambda);
      for (let i = 0; i < n; i++) {
        const x = bits[i]!;
        const q = 1 / (1 + Math.exp(-x));
        now[i] = q;
        matches += q * count[i]!;
        // log(λm + (1-λ)u) = log((1-λ)u) + log(1 + e^x); u is fixed within a round and left out.
        logl += count[i]! * (Math.log(1 - lambda) + (x > 30 ? x : Math.log1p(Math.exp(x))));
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
        p = before.p;
        break;
      }
      p = now;
      trace.push(logl);
      before = { lambda, m: params.map((q) => [...q.m]), p };
      if (last !== undefined && Math.abs(logl - last) < 1e-7 * Math.abs(logl)) break;
      // M: λ and m.
      lambda = Math.min(0.5, Math.max(matches / background.pairs, 1e-15));
      for (let k = 0; k < K; k++) {
        const total = tally(codes[k]!, comparisons[k]!.size, p, count);
        for (const l of labelled) if (l.match) total[l.codes[k]!]! += 1;
        let all = 0;
        for (let code = 1; code < total.length; code++) all += total[code]!;
        if (all > 0) for (let code = 1; code < total.length; code++) params[k]!.m[code] = total[code]! / all;
      }
    }
    likelihood.push(trace);
    if (round === rounds - 1) break;
    improveU(comparisons, params, codes, classes, interactions, p, count, background);
    if (options.sample && round > 0)
      interactions = dependences(comparisons, params, codes, classes, p, count, lambda, background, options.sample);
  }
  smooth(params);
  return { lambda, comparisons: params, interactions, likelihood };
}

/**
 * Learns once more from clusters: `inside` counts the pairs of each pattern that ended in one cluster. What clusters know and single pairs do not
 * (a record has one partner; two records that hardly resemble each other are one through a third) so comes into m, u and λ.
 */
export function relearn(
  comparisons: readonly Comparison[],
  e: Estimate,
  patterns: Patterns,
  inside: Float64Array,
  background: Background,
): Estimate {
  const codes = decode(patterns.pattern, comparisons);
  const share = new Float64Array(inside.length);
  for (let i = 0; i < share.length; i++) share[i] = patterns.count[i]! > 0 ? inside[i]! / patterns.count[i]! : 0;
  const params = e.comparisons.map((q, k) => {
    const total = tally(codes[k]!, q.m.length, share, patterns.count);
    let all = 0;
    for (let code = 1; code < total.length; code++) all += total[code]!;
    return { ...q, u: [...q.u], m: all > 0 ? Array.from(total, (t, code) => (code === 0 ? 1 : t / all)) : [...q.m] };
  });
  const classes = params.map((q) => q.classes);
  improveU(comparisons, params, codes, classes, e.interactions, share, patterns.count, background, true);
  smooth(params);
  const lambda = Math.max(sum(inside) / background.pairs, 1e-15);
  return { ...e, lambda, comparisons: params };
}

/** Sum of weights by pattern; `unit` turns the ratios of interactions into the unit of `w` (1 for bits, ln 2 for nats). */
function totals(
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
function tally(column: Uint8Array, size: number, p: Float64Array | null, count: Float64Array): Float64Array {
  const total = new Float64Array(size);
  for (let i = 0; i < column.length; i++) total[column[i]!]! += p ? p[i]! * count[i]! : count[i]!;
  return total;
}

/**
 * Matches among the pairs of each code, judged by the OTHER comparisons only: a comparison must not decide what its own chance agreement is, or
 * EM would call all pairs that agree on it matches and be confirmed. In each code the share of matches is a mixture of its own,
 * found by a few steps of EM over the evidence of the others.
 */
function judgedByOthers(
  column: Uint8Array,
  size: number,
  own: readonly number[],
  bits: Float64Array,
  p: Float64Array,
  count: Float64Array,
): Float64Array {
  const rest = new Float64Array(bits.length);
  for (let i = 0; i < rest.length; i++) rest[i] = 2 ** Math.max(-60, Math.min(60, bits[i]! - own[column[i]!]!));
  const all = tally(column, size, null, count);
  const share = tally(column, size, p, count).map((t, code) =>
    Math.min(0.999, Math.max(1e-9, all[code]! > 0 ? t / all[code]! : 0)),
  );
  for (let step = 0; step < 15; step++) {
    const hits = new Float64Array(size);
    for (let i = 0; i < rest.length; i++) {
      const code = column[i]!;
      const odds = (share[code]! / (1 - share[code]!)) * rest[i]!;
      hits[code]! += (count[i]! * odds) / (1 + odds);
    }
    for (let code = 0; code < size; code++)
      if (all[code]! > 0) share[code] = Math.min(0.9999, Math.max(1e-9, hits[code]! / all[code]!));
  }
  return all.map((n, code) => n * share[code]!);
}

/** u: what agrees among all pairs, less the matches. */
function improveU(
  comparisons: readonly Comparison[],
  params: CodeParameters[],
  codes: readonly Uint8Array[],
  classes: readonly number[][],
  interactions: readonly Interaction[],
  p: Float64Array,
  count: Float64Array,
  background: Background,
  settled = false,
): void {
  const weights = params.map((q) => q.m.map((_, code) => weightOf(q, code)));
  const bits = totals(codes, classes, weights, interactions, 0, 1);
  for (let k = 0; k < comparisons.length; k++) {
    const c = comparisons[k]!;
    // Clusters have settled what matches; single comparisons have not.
    const hits = settled
      ? tally(codes[k]!, c.size, p, count)
      : judgedByOthers(codes[k]!, c.size, weights[k]!, bits, p, count);
    // Candidates that are no matches: chance seen at work, a lower bound.
    const seen = tally(codes[k]!, c.size, null, count);
    const both = background.pairs * background.present[k]!;
    let present = 0;
    for (let code = 1; code < c.size; code++) {
      seen[code]! -= hits[code]!;
      present += hits[code]!;
    }
    const rest = Math.max(both - present, 1);
    const u = params[k]!.u;
    let all = 0;
    for (let code = 1; code < c.size; code++) {
      const share = background.share[k]![code]!;
      const chance = Math.max(
        share * both - hits[code]!,
        code < c.size - 1 ? seen[code]! : 0,
        CHANCE * share * both,
        0.1,
      );
      all += u[code] = chance / rest;
    }
    for (let code = 1; code < c.size; code++) u[code]! /= all;
  }
}

/** Expected effect in bits from which a dependence is taken up. */
const STRONG = 0.05;
/** Bits that the other comparisons must speak against a pair for it to count as chance. */
const AGAINST = 4;

/** Share of matches whose comparisons other than `without` speak against them by so many bits, under the model. */
function below(params: readonly CodeParameters[], without: readonly number[], bits: number): number {
  let mass = new Map([[0, 1]]);
  params.forEach((q, k) => {
    if (without.includes(k)) return;
    const next = new Map<number, number>();
    for (const [at, share] of mass) {
      for (let code = 1; code < q.m.length; code++) {
        if (q.m[code]! < 1e-6) continue;
        const to = Math.max(-40, Math.min(40, at + Math.round(weightOf(q, code))));
        next.set(to, (next.get(to) ?? 0) + share * q.m[code]!);
      }
    }
    mass = next;
  });
  let out = 0;
  for (const [at, share] of mass) if (at < bits) out += share;
  return out;
}

/** Pairs' worth of belief in independence. */
const DOUBT = 10;

/** Finds the forest of strongest dependences and its ratios. */
function dependences(
  comparisons: readonly Comparison[],
  params: readonly CodeParameters[],
  codes: readonly Uint8Array[],
  classes: readonly number[][],
  p: Float64Array,
  count: Float64Array,
  lambda: number,
  background: Background,
  sample: Patterns,
): Interaction[] {
  const K = comparisons.length;
  const drawn = decode(sample.pattern, comparisons);
  const total = sum(sample.count);
  const weights = params.map((q) => q.m.map((_, code) => weightOf(q, code)));
  const bits = totals(codes, classes, weights, [], 0, 1);
  const marginal = (q: number[], k: number): number[] => {
    const out = [0, 0, 0];
    for (let code = 1; code < q.length; code++) out[classes[k]![code]!]! += q[code]!;
    return out;
  };
  const uu = params.map((q, k) => marginal(q.u, k));
  const found: { effect: number; interaction: Interaction }[] = [];
  for (let a = 0; a < K; a++) {
    for (let b = a + 1; b < K; b++) {
      const hit = new Float64Array(9);
      const against = new Float64Array(9);
      const missed = below(params, [a, b], -AGAINST);
      const miss = new Float64Array(9);
      const all = new Float64Array(9);
      const [ka, kb] = [classes[a]!, classes[b]!];
      for (let i = 0; i < p.length; i++) {
        const [x, y] = [ka[codes[a]![i]!]!, kb[codes[b]![i]!]!];
        if (x < 0 || y < 0) continue;
        hit[x * 3 + y]! += p[i]! * count[i]!;
        miss[x * 3 + y]! += (1 - p[i]!) * count[i]!;
        if (x < 2 && y < 2 && bits[i]! - weights[a]![codes[a]![i]!]! - weights[b]![codes[b]![i]!]! < -AGAINST)
          against[x * 3 + y]! += count[i]!;
      }
      for (let i = 0; i < sample.pattern.length; i++) {
        const [x, y] = [ka[drawn[a]![i]!]!, kb[drawn[b]![i]!]!];
        if (x >= 0 && y >= 0) all[x * 3 + y]! += sample.count[i]!;
      }
      const hits = sum(hit);
      const pairs = sum(all);
      const m: number[] = [];
      const u: number[] = [];
      let effect = 0;
      const seen = hits + sum(miss);
      for (let at = 0; at < 9; at++) {
        // Among matches independence stays: a dependence there would let the class of matches take in whatever goes together.
        m.push(1);
        // Random pairs less the matches among them. A cell that is mostly matches says nothing about chance.
        const expected = pairs * uu[a]![Math.floor(at / 3)]! * uu[b]![at % 3]!;
        const matches = pairs * lambda * (hits > 0 ? hit[at]! / hits : 0);
        const chance = all[at]! - matches;
        const drawnRatio = chance > matches ? (chance + DOUBT) / (expected + DOUBT) : 1;
        // What agrees too rarely for a sample: candidates that the other comparisons speak against, less the matches that they misjudge.
        let ratio = drawnRatio;
        if (Math.floor(at / 3) < 2 && at % 3 < 2) {
          const clear = against[at]! - missed * hit[at]!;
          const whole = expected * (background.pairs / total);
          if (clear > 2 * missed * hit[at]! + DOUBT) ratio = Math.max(ratio, clear / Math.max(whole, 0.1));
        }
        u.push(ratio);
        const weight = Math.max(hit[at]! / Math.max(hits, 1), (hit[at]! + miss[at]!) / Math.max(seen, 1));
        const bits = Math.abs(Math.log2(m[at]! / u[at]!));
        // Small ratios are the sample's noise; they must not take the place of a strong one in the forest.
        if (bits > 0.6) effect += weight * bits;
      }
      if (effect > STRONG) found.push({ effect, interaction: { a, b, m, u } });
    }
  }
  found.sort((x, y) => y.effect - x.effect || x.interaction.a - y.interaction.a || x.interaction.b - y.interaction.b);
  const tree = comparisons.map((_, i) => i);
  const root = (i: number): number => (tree[i] === i ? i : root(tree[i]!));
  const out: Interaction[] = [];
  for (const { interaction } of found) {
    const [x, y] = [root(interaction.a), root(interaction.b)];
    if (x === y) continue;
    tree[y] = x;
    out.push(interaction);
  }
  return out;
}

/** m of codes that no match showed: not nothing, half a pair in a thousand. */
function smooth(params: CodeParameters[]): void {
  for (const q of params) {
    let all = 0;
    for (let code = 1; code < q.m.length; code++) all += q.m[code] = Math.max(q.m[code]!, Math.min(5e-4, q.u[code]!));
    for (let code = 1; code < q.m.length; code++) q.m[code]! /= all;
  }
}

const sum = (a: Float64Array): number => a.reduce((x, y) => x + y, 0);

/** Total weight in bits of patterns, prior included. */
export function weigh(patterns: Float64Array, comparisons: readonly Comparison[], e: Estimate): Float64Array {
  const codes = decode(patterns, comparisons);
  const classes = e.comparisons.map((q) => q.classes);
  const w = e.comparisons.map((q) => q.m.map((_, code) => weightOf(q, code)));
  return totals(codes, classes, w, e.interactions, priorWeight(e.lambda), 1);
}
