/** Patterns whose truth is known, from labels and from clusters. */
import { type Comparison, patternSql } from './compare.ts';
import type { LabelledPattern } from './em.ts';
import type { Pipeline } from './engine.ts';
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
