/**
 * A sum of small learnt trees over numbers, some of them missing, as log-odds, with what each number contributed: along a way through a
 * tree the expected value changes at every branching, and the change is that feature's. Contributions and base add up exactly. Pure.
 */

/**
 * A tree by positions of its nodes: the branches of `n` are at `2n + 1` (less or equal) and `2n + 2`. `feature` -1 ends the way.
 * `missing`: 1 where what is missing goes to the second branch. `value`: the expected log-odds at the node.
 */
export interface Tree {
  feature: readonly number[];
  threshold: readonly number[];
  missing: readonly number[];
  value: readonly number[];
}
/** Trees, and the log-odds before any of them. */
export interface Trees {
  base: number;
  trees: readonly Tree[];
}

/** What is learnt: of two reports (score.ts), and of a report and an event with all its reports (recent.ts). */
export interface Model {
  /** Names of what the trees look at, as a check that model and program belong together. */
  features: readonly string[];
  fits: readonly string[];
  pair: Trees;
  fit: Trees;
  /** Probabilities from which a report joins, and from which a person is asked. */
  join: number;
  ask: number;
  learnt: string;
}

/** Sum of the trees for some numbers (NaN is missing): log-odds, the part that no feature made, and each feature's part. */
export function weigh(t: Trees, x: ArrayLike<number>): { odds: number; base: number; parts: Float64Array } {
  const parts = new Float64Array(x.length);
  let base = t.base;
  let odds = t.base;
  for (const { feature, threshold, missing, value } of t.trees) {
    let n = 0;
    base += value[0]!;
    for (let f = feature[0]!; f >= 0; f = feature[n]!) {
      const v = x[f]!;
      const second = Number.isNaN(v) ? missing[n] === 1 : v > threshold[n]!;
      const next = 2 * n + (second ? 2 : 1);
      parts[f]! += value[next]! - value[n]!;
      n = next;
    }
    odds += value[n]!;
  }
  return { odds, base, parts };
}

/** A model as it is kept: a tree is a text of its nodes, `feature threshold missing value`, parted by commas; empty where there is none. */
export function writeModel(model: Model): string {
  const text = (t: Tree): string => {
    const there = t.feature.map((_, n) => n === 0 || (t.feature[(n - 1) >> 1] ?? -1) >= 0);
    const nodes = t.feature.map((f, n) => {
      if (!there[n]) return '';
      return f < 0 ? `${t.value[n]}` : `${f} ${t.threshold[n]} ${t.missing[n]} ${t.value[n]}`;
    });
    return nodes.join(',').replace(/,+$/, '');
  };
  const kept = ({ base, trees }: Trees) => ({ base, trees: trees.map(text) });
  return `${JSON.stringify({ ...model, pair: kept(model.pair), fit: kept(model.fit) }, null, 2)}\n`;
}

/** Reads what `writeModel` wrote. */
export function readModel(text: string): Model {
  type Kept = { base: number; trees: string[] };
  const kept = JSON.parse(text) as Omit<Model, 'pair' | 'fit'> & { pair: Kept; fit: Kept };
  const tree = (t: string): Tree => {
    const nodes = t.split(',').map((node) => node.split(' ').map(Number));
    const inner = (n: readonly number[]) => n.length === 4;
    return {
      feature: nodes.map((n) => (inner(n) ? n[0]! : -1)),
      threshold: nodes.map((n) => (inner(n) ? n[1]! : 0)),
      missing: nodes.map((n) => (inner(n) ? n[2]! : 0)),
      value: nodes.map((n) => n.at(-1)!),
    };
  };
  const trees = ({ base, trees }: Kept): Trees => ({ base, trees: trees.map(tree) });
  return { ...kept, pair: trees(kept.pair), fit: trees(kept.fit) };
}
