/**
 * Log-odds of each piece of evidence. Set by judgement so far; `bench/events-same.ts --fit` learns them by logistic regression from days of
 * the synthetic city with other seeds than those that are measured.
 */
export const weights = {
  bias: -4.5,
  'matter-same': 2.2,
  'matter-group': -0.5,
  'matter-other': -3,
  'near-50': 3.4,
  'near-120': 2.4,
  'near-220': 1.2,
  'near-400': -1.5,
  far: -2.6,
  'place-missing': -0.6,
  'names-same': 1.8,
  'names-none': 0,
  'names-other': -1.2,
  'far-but-named': 0.8,
  'number-same': 1.5,
  'number-other': -1.5,
  'code-same': 3,
  words: 3,
  'words-little': -0.8,
  'minutes-30': 0.6,
  'minutes-120': 0.2,
  'minutes-300': -1.5,
  later: -2,
  'channel-same': -0.2,
};
