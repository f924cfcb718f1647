/**
 * The preset threshold, one rule for all data: even odds. Posterior probabilities come from a model whose prior is estimated over all pairs that
 * the topology allows, so a weight of 0 bits means that a match and no match are equally likely, and linking above it makes the fewest errors
 * (Bayes' rule with equal losses). No truth is looked at.
 */
import type { Pipeline } from './engine.ts';
import type { Model } from './model.ts';

/** The threshold in bits. */
export async function thresholdBits(_p: Pipeline, _s: string, model: Model): Promise<number> {
  if (model.threshold === undefined) return 0;
  return model.threshold >= 1 ? 60 : Math.log2(model.threshold / (1 - model.threshold));
}
