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

/** Classes of codes by comparison and pattern, 3 where a value is missing. */
function classesOf(codes: readonly Uint8Array[], classes: readonly number[][]): Uint8Array[] {
  return codes.map((column, k) => {
    const of = Uint8Array.from(classes[k]!, (x) => (x < 0 ? 3 : x));
    const out = new Uint8Array(column.length);
    for (let i = 0; i < out.length; i++) out[i] = of[column[i]!]!;
    return out;
  });
}

/** Patterns brought together by the classes of their codes, of which there are far fewer: what the search for dependences counts by. */
export interface Shapes {
  /** Classes by comparison and pattern. */
  of: Uint8Array[];
  /** Shape of each pattern. */
  shape: Int32Array;
  /** One pattern of each shape. */
  first: number[];
}

/** Shapes of patterns; they do not change while parameters are learned. */
export function shapesOf(codes: readonly Uint8Array[], classes: readonly number[][]): Shapes {
  const of = classesOf(codes, classes);
  const n = codes[0]?.length ?? 0;
  const shape = new Int32Array(n);
  const first: number[] = [];
  const known = new Map<number | string, number>();
  // Two bits a comparison fit into a number up to 26 of them.
  const wide = of.length > 26;
  for (let i = 0; i < n; i++) {
    let key: number | string = 0;
    if (wide) key = of.map((x) => x[i]).join('');
    else for (const x of of) key = key * 4 + x[i]!;
    let at = known.get(key);
    if (at === undefined) {
      at = first.length;
      known.set(key, at);
      first.push(i);
    }
    shape[i] = at;
  }
  return { of, shape, first };
}

/** Pairs that agree on two comparisons and that all others speak against, by the classes of the two (a × K + b). */
function spokenAgainst(
  shapes: Shapes,
  codes: readonly Uint8Array[],
  weights: readonly number[][],
  bits: Float64Array,
  count: Float64Array,
): (Float64Array | undefined)[] {
  const K = codes.length;
  const cells: (Float64Array | undefined)[] = [];
  const agreeing = shapes.first.map((i) => shapes.of.flatMap((x, k) => (x[i]! < 2 ? [k] : [])));
  for (let i = 0; i < count.length; i++) {
    const list = agreeing[shapes.shape[i]!]!;
    for (let s = 0; s < list.length; s++) {
      const a = list[s]!;
      const rest = bits[i]! - weights[a]![codes[a]![i]!]!;
      for (let t = s + 1; t < list.length; t++) {
        const b = list[t]!;
        if (rest - weights[b]![codes[b]![i]!]! >= -AGAINST) continue;
        cells[a * K + b] ??= new Float64Array(9);
        cells[a * K + b]![shapes.of[a]![i]! * 3 + shapes.of[b]![i]!]! += count[i]!;
      }
    }
  }
  return cells;
}

/** Cells of nine classes out of sixteen that count missing values too. */
const present = (cells: Float64Array): Float64Array =>
  Float64Array.from({ length: 9 }, (_, at) => cells[Math.floor(at / 3) * 4 + (at % 3)]!);

/** Random pairs by the classes of two comparisons, for every two of them (a × K + b): does not change while parameters are learned. */
export function sampleCells(
  comparisons: readonly Comparison[],
  classes: readonly number[][],
  sample: Patterns,
): { total: number; cells: Float64Array[] } {
  const K = comparisons.length;
  const drawn = classesOf(decode(sample.pattern, comparisons), classes);
  const cells: Float64Array[] = [];
  for (let a = 0; a < K; a++) {
    for (let b = a + 1; b < K; b++) {
      const [ca, cb] = [drawn[a]!, drawn[b]!];
      const all = new Float64Array(16);
      for (let i = 0; i < ca.length; i++) all[ca[i]! * 4 + cb[i]!]! += sample.count[i]!;
      cells[a * K + b] = present(all);
    }
  }
  return { total: sum(sample.count), cells };
}

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
  sample: { total: number; cells: Float64Array[] },
  shapes: Shapes,
): Interaction[] {
  const K = comparisons.length;
  const { total } = sample;
  const weights = params.map((q) => q.m.map((_, code) => weightOf(q, code)));
  const bits = totals(codes, classes, weights, [], 0, 1);
  const uu = params.map((q, k) => marginal(q.u, classes[k]!));
  const [hitBy, everyBy] = [new Float64Array(shapes.first.length), new Float64Array(shapes.first.length)];
  for (let i = 0; i < p.length; i++) {
    hitBy[shapes.shape[i]!]! += p[i]! * count[i]!;
    everyBy[shapes.shape[i]!]! += count[i]!;
  }
  const spoken = spokenAgainst(shapes, codes, weights, bits, count);
  const found: { effect: number; interaction: Interaction }[] = [];
  for (let a = 0; a < K; a++) {
    for (let b = a + 1; b < K; b++) {
      const [hits16, every16] = [new Float64Array(16), new Float64Array(16)];
      const missed = below(params, [a, b], -AGAINST);
      const [xa, xb] = [shapes.of[a]!, shapes.of[b]!];
      for (let g = 0; g < hitBy.length; g++) {
        const i = shapes.first[g]!;
        const at = xa[i]! * 4 + xb[i]!;
        hits16[at]! += hitBy[g]!;
        every16[at]! += everyBy[g]!;
      }
      const [hit, every] = [present(hits16), present(every16)];
      const against = spoken[a * K + b] ?? new Float64Array(9);
      const miss = every.map((n, at) => n - hit[at]!);
      const all = sample.cells[a * K + b]!;
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
