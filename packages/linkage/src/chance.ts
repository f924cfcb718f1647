/** u: what agrees by chance, counted over all pairs and freed of the matches among them. */
import type { Comparison } from './compare.ts';
import { type Background, type CodeParameters, type Interaction, tally, totals, weightOf } from './evidence.ts';

/**
 * By itself an agreement is never trusted beyond this: at least so large a share of the pairs that show it is taken to be chance.
 * It bounds the weight of codes that chance has not been seen to repeat.
 */
const CHANCE = 0.002;

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
    let moved = 0;
    for (let code = 0; code < size; code++) {
      if (all[code]! === 0) continue;
      const now = Math.min(0.9999, Math.max(1e-9, hits[code]! / all[code]!));
      moved = Math.max(moved, Math.abs(now - share[code]!) * all[code]!);
      share[code] = now;
    }
    // A hundredth of a pair more or less changes nothing.
    if (moved < 0.01) break;
  }
  return all.map((n, code) => n * share[code]!);
}

/** u: what agrees among all pairs, less the matches. */
export function improveU(
  comparisons: readonly Comparison[],
  params: CodeParameters[],
  codes: readonly Uint8Array[],
  classes: readonly number[][],
  interactions: readonly Interaction[],
  p: Float64Array,
  count: Float64Array,
  background: Background,
  doubtful: Float64Array | null = null,
): void {
  const weights = params.map((q) => q.m.map((_, code) => weightOf(q, code)));
  const bits = totals(codes, classes, weights, interactions, 0, 1);
  for (let k = 0; k < comparisons.length; k++) {
    const c = comparisons[k]!;
    // Clusters have settled what matches; single comparisons have not.
    const hits = doubtful
      ? tally(codes[k]!, c.size, p, count)
      : judgedByOthers(codes[k]!, c.size, weights[k]!, bits, p, count);
    if (doubtful) {
      // A record left alone by its other values does not show that this agreement is chance: doubtful pairs are shared out as settled ones are.
      const open = tally(codes[k]!, c.size, null, doubtful);
      const all = tally(codes[k]!, c.size, null, count);
      for (let code = 1; code < c.size; code++) {
        const settled = all[code]! - open[code]!;
        if (settled > 0) hits[code]! += (open[code]! * hits[code]!) / settled;
      }
    }
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
