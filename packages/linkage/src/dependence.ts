/** Comparisons that go together: a forest of pairs of comparisons (Chow & Liu 1968) with ratios by class of code. */
import type { Comparison } from './compare.ts';
import {
  type Background,
  type CodeParameters,
  decode,
  type Interaction,
  type Patterns,
  sum,
  totals,
  weightOf,
} from './evidence.ts';

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

/** Probability of each class, from that of each code. */
function marginal(q: readonly number[], classes: readonly number[]): number[] {
  const out = [0, 0, 0];
  for (let code = 1; code < q.length; code++) out[classes[code]!]! += q[code]!;
  return out;
}

/** The strongest dependences that make no circle. */
function forest(found: { effect: number; interaction: Interaction }[], comparisons: number): Interaction[] {
  found.sort((x, y) => y.effect - x.effect || x.interaction.a - y.interaction.a || x.interaction.b - y.interaction.b);
  const tree = Array.from({ length: comparisons }, (_, i) => i);
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

/** Pairs' worth of belief in independence. */
export const DOUBT = 10;

/** Finds the forest of strongest dependences and its ratios. */
export function dependences(
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
  const uu = params.map((q, k) => marginal(q.u, classes[k]!));
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
  return forest(found, K);
}

/**
 * Dependences from clusters, which have settled what matches: `inside` is the share of each pattern's pairs that lie in one cluster. Among matches
 * too comparisons may go together now (a record from before a move has both the old address and the old telephone number): clusters, unlike single pairs, do not
 * let the class of matches take in whatever goes together. Cells of disagreement by chance keep the ratios of `before`.
 */
export function settledDependences(
  params: readonly CodeParameters[],
  codes: readonly Uint8Array[],
  inside: Float64Array,
  count: Float64Array,
  background: Background,
  before: readonly Interaction[],
): Interaction[] {
  const found: { effect: number; interaction: Interaction }[] = [];
  for (let a = 0; a < params.length; a++) {
    for (let b = a + 1; b < params.length; b++) {
      const [ka, kb] = [params[a]!.classes, params[b]!.classes];
      const hit = new Float64Array(9);
      const miss = new Float64Array(9);
      for (let i = 0; i < count.length; i++) {
        const [x, y] = [ka[codes[a]![i]!]!, kb[codes[b]![i]!]!];
        if (x < 0 || y < 0) continue;
        hit[x * 3 + y]! += inside[i]! * count[i]!;
        miss[x * 3 + y]! += (1 - inside[i]!) * count[i]!;
      }
      const hits = sum(hit);
      const all = hits + sum(miss);
      if (hits < 1) continue;
      const [ua, ub] = [marginal(params[a]!.u, ka), marginal(params[b]!.u, kb)];
      const both = background.pairs * background.present[a]! * background.present[b]!;
      const old = before.find((t) => t.a === a && t.b === b);
      const m: number[] = [];
      const u: number[] = [];
      let effect = 0;
      for (let at = 0; at < 9; at++) {
        const [x, y] = [Math.floor(at / 3), at % 3];
        const row = hit[x * 3]! + hit[x * 3 + 1]! + hit[x * 3 + 2]!;
        const column = hit[y]! + hit[3 + y]! + hit[6 + y]!;
        m.push((hit[at]! + DOUBT) / ((row * column) / hits + DOUBT));
        const agree = x < 2 && y < 2;
        u.push(agree ? (miss[at]! + DOUBT) / (both * ua[x]! * ub[y]! + DOUBT) : (old?.u[at] ?? 1));
        const bits = Math.abs(Math.log2(m[at]! / u[at]!));
        if (bits > 0.6) effect += Math.max(hit[at]! / hits, (hit[at]! + miss[at]!) / all) * bits;
      }
      if (effect > STRONG) found.push({ effect, interaction: { a, b, m, u } });
    }
  }
  return forest(found, params.length);
}
