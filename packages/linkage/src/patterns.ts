/** Patterns of pairs: those of all candidates with their weights, and those whose truth is known from labels and from clusters. */
import { type Comparison, patternSql } from './compare.ts';
import type { LabelledPattern } from './em.ts';
import type { Pipeline } from './engine.ts';
import { type Estimate, weigh } from './evidence.ts';
import type { Constraints, Grouping } from './groups.ts';
import type { Model } from './model.ts';

/** Patterns of the pairs that people judged. */
export async function labelledPatterns(
  p: Pipeline,
  s: string,
  model: Model,
  comparisons: readonly Comparison[],
  c: Constraints,
): Promise<LabelledPattern[]> {
  if (c.must.length + c.cannot.length === 0) return [];
  const all = [...c.must.map(([l, r]) => [l, r, 1] as const), ...c.cannot.map(([l, r]) => [l, r, 0] as const)];
  await p.engine.create(`${s}.labelled`, [
    { name: 'l', type: 'INTEGER', values: all.map((x) => Math.min(x[0], x[1])) },
    { name: 'r', type: 'INTEGER', values: all.map((x) => Math.max(x[0], x[1])) },
    { name: 'match', type: 'INTEGER', values: all.map((x) => x[2]) },
  ]);
  const rows = await p.rows<{ pat: number; match: number }>(
    'patterns of labels',
    `SELECT CAST(pat AS DOUBLE) AS pat, match FROM (${patternSql(p.engine.dialect, model, comparisons, `${s}.labelled`, `${s}.rec`, ['match'])})`,
  );
  return rows.map((r) => ({ pattern: r.pat, match: r.match === 1 }));
}

/** Pairs by pattern: all, those inside a cluster, and those between two clusters of several records each. */
export async function clusterPatterns(
  p: Pipeline,
  s: string,
  grouping: Grouping,
): Promise<{ pattern: Float64Array; count: Float64Array; inside: Float64Array; apart: Float64Array }> {
  await p.time('groups of records', '', () =>
    p.engine.create(`${s}.groups`, [
      { name: 'rid', type: 'INTEGER', values: grouping.rid },
      { name: 'first', type: 'INTEGER', values: grouping.first },
    ]),
  );
  await p.run(
    'sizes of clusters',
    `CREATE OR REPLACE TABLE ${s}.sizes AS SELECT first, count(*) AS n FROM ${s}.groups GROUP BY first`,
  );
  const [pattern, count, inside, apart] = (await p.numbers(
    'patterns inside clusters',
    `SELECT CAST(x.pat AS DOUBLE), CAST(count(*) AS DOUBLE), CAST(sum(CASE WHEN a.first = b.first THEN 1 ELSE 0 END) AS DOUBLE), CAST(sum(CASE WHEN a.first <> b.first AND m.n > 1 AND n.n > 1 THEN 1 ELSE 0 END) AS DOUBLE)
     FROM ${s}.scored AS x JOIN ${s}.groups AS a ON a.rid = x.l JOIN ${s}.groups AS b ON b.rid = x.r JOIN ${s}.sizes AS m ON m.first = a.first JOIN ${s}.sizes AS n ON n.first = b.first GROUP BY x.pat ORDER BY x.pat`,
  )) as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { pattern, count, inside, apart };
}

/** Candidates compared at a time. */
const PART = 2_000_000;

/** SQL of the smallest l of each of so many equal shares of a table of pairs. */
const cuts = (pairs: string, parts: number): string =>
  `SELECT CAST(min(l) AS DOUBLE) FROM (SELECT l, CAST(floor((sum(n) OVER (ORDER BY l) - n) * ${parts} / sum(n) OVER ()) AS INTEGER) AS part FROM (SELECT l, count(*) AS n FROM ${pairs} GROUP BY l)) GROUP BY part ORDER BY 1`;

/** Fills `${s}.cmp(l, r, rule, pat)` from `${s}.cand`, some millions of pairs at a time: what a join holds of their records stays bounded. */
export async function comparePairs(
  p: Pipeline,
  s: string,
  model: Model,
  comparisons: readonly Comparison[],
  candidates: number,
): Promise<void> {
  const parts = Math.max(1, Math.ceil(candidates / PART));
  const [low] = parts > 1 ? await p.numbers('shares of candidates', cuts(`${s}.cand`, parts)) : [new Float64Array(1)];
  for (let k = 0; k < low!.length; k++) {
    const from = parts > 1 ? `l >= ${low![k]}${k + 1 < low!.length ? ` AND l < ${low![k + 1]}` : ''}` : 'TRUE';
    const pairs = `(SELECT * FROM ${s}.cand WHERE ${from})`;
    const sql = patternSql(p.engine.dialect, model, comparisons, pairs, `${s}.rec`, ['rule']);
    await p.run(
      'patterns of candidates',
      k === 0 ? `CREATE OR REPLACE TABLE ${s}.cmp AS ${sql}` : `INSERT INTO ${s}.cmp ${sql}`,
    );
  }
}

/** SQL of the pairs of a table of patterns with their weights, which go into `${s}.weights`. */
export async function weighedPairs(
  p: Pipeline,
  s: string,
  comparisons: readonly Comparison[],
  estimate: Estimate,
  cmp: string,
): Promise<string> {
  const [pattern] = (await p.numbers('patterns to weigh', `SELECT DISTINCT CAST(pat AS DOUBLE) FROM ${cmp}`)) as [
    Float64Array,
  ];
  const weights = weigh(pattern, comparisons, estimate);
  await p.time('weights of patterns', '', () =>
    p.engine.create(`${s}.weights`, [
      { name: 'pat', type: 'BIGINT', values: pattern },
      { name: 'w', type: 'DOUBLE', values: weights },
    ]),
  );
  return `SELECT c.l, c.r, c.rule, c.pat, k.w FROM ${cmp} AS c JOIN ${s}.weights AS k ON k.pat = c.pat`;
}
