/** Parameters learned once more, from clusters. */
import { improveU } from './chance.ts';
import type { Comparison } from './compare.ts';
import { settledDependences } from './dependence.ts';
import { type Background, decode, type Estimate, type Patterns, smooth, sum, tally } from './evidence.ts';

/**
 * Learns once more from clusters: `inside` counts the pairs of each pattern that ended in one cluster. What clusters know and single pairs do not
 * (a record has one partner; two records that hardly resemble each other are one through a third) so comes into m, u and λ.
 */
export function relearn(
  comparisons: readonly Comparison[],
  e: Estimate,
  patterns: Patterns,
  pairs: { inside: Float64Array; apart: Float64Array },
  background: Background,
): Estimate {
  const { inside, apart } = pairs;
  const codes = decode(patterns.pattern, comparisons);
  const share = new Float64Array(inside.length);
  for (let i = 0; i < share.length; i++) share[i] = patterns.count[i]! > 0 ? inside[i]! / patterns.count[i]! : 0;
  const params = e.comparisons.map((q, k) => {
    const total = tally(codes[k]!, q.m.length, share, patterns.count);
    let all = 0;
    for (let code = 1; code < total.length; code++) all += total[code]!;
    return { ...q, u: [...q.u], m: all > 0 ? Array.from(total, (t, code) => (code === 0 ? 1 : t / all)) : [...q.m] };
  });
  // Pairs of which one record is alone: whether they are one is not settled by clusters.
  const doubtful = patterns.count.map((n, i) => n - inside[i]! - apart[i]!);
  const classes = params.map((q) => q.classes);
  improveU(comparisons, params, codes, classes, e.interactions, share, patterns.count, background, doubtful);
  const interactions = settledDependences(params, codes, share, patterns.count, background, e.interactions);
  smooth(params);
  const lambda = Math.max(sum(inside) / background.pairs, 1e-15);
  return { ...e, lambda, comparisons: params, interactions };
}
