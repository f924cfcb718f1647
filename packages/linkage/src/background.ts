/**
 * What agreement looks like among all pairs: from a random sample of pairs, and for exact agreement from the frequencies of values, which
 * give the number of pairs that agree exactly without a sample.
 */

import { type Comparison, codeOf, exactly, patternSql } from './compare.ts';
import type { Pipeline } from './engine.ts';
import type { Background } from './evidence.ts';
import type { Model } from './model.ts';
import { exploded } from './prepare.ts';
import { blocksSql, topologySql } from './topology.ts';

/** Pairs in the sample at most. */
const SAMPLE = 250_000;

/** Counts shares of codes over all pairs of `${s}.rec`, whose rids are 0 … records-1. */
export async function background(
  p: Pipeline,
  s: string,
  model: Model,
  comparisons: readonly Comparison[],
  records: number,
  pairs: number,
): Promise<{ background: Background; sample: { pattern: Float64Array; count: Float64Array } }> {
  const d = p.engine.dialect;
  const topology = topologySql(model);
  if ((records * (records - 1)) / 2 <= SAMPLE) {
    await p.run(
      'all pairs',
      `CREATE OR REPLACE TABLE ${s}.sample AS SELECT a.rid AS l, b.rid AS r FROM ${s}.rec AS a JOIN ${s}.rec AS b ON a.rid < b.rid${topology}`,
    );
  } else {
    // Partners are drawn by a hash of record and turn: the same for the same records and seed.
    const turns = Math.ceil((1.2 * SAMPLE) / records);
    const stride = Math.max(1, Math.floor((records * turns) / (1.2 * SAMPLE)));
    await p.run(
      'random pairs',
      `CREATE OR REPLACE TABLE ${s}.sample AS SELECT least(x.l, x.r) AS l, greatest(x.l, x.r) AS r FROM (SELECT CAST(i % ${records} AS INTEGER) AS l, CAST(${d.hash52('i', String(model.seed))} % ${records} AS INTEGER) AS r FROM (SELECT t.i * ${stride} AS i FROM range(${Math.floor((records * turns) / stride)}) AS t(i))) AS x JOIN ${s}.rec AS a ON a.rid = x.l JOIN ${s}.rec AS b ON b.rid = x.r WHERE x.l <> x.r${topology}`,
    );
  }
  const [pattern, count] = (await p.numbers(
    'patterns of random pairs',
    `SELECT CAST(pat AS DOUBLE) AS pat, CAST(count(*) AS DOUBLE) AS n FROM (${patternSql(d, model, comparisons, `${s}.sample`, `${s}.rec`)}) GROUP BY pat`,
  )) as [Float64Array, Float64Array];
  await p.run('drop the sample', `DROP TABLE ${s}.sample`);
  const total = count.reduce((a, b) => a + b, 0);
  const share: number[][] = [];
  const present: number[] = [];
  for (const c of comparisons) {
    const hits = new Array<number>(c.size).fill(0);
    for (let i = 0; i < pattern.length; i++) hits[codeOf(pattern[i]!, c)]! += count[i]!;
    const both = total - hits[0]!;
    const out = hits.map((h, code) => (code === 0 ? 0 : both > 0 ? h / both : 0));
    present.push(total > 0 ? both / total : 0);
    if (c.index >= 0 && c.exact && c.values.length === 0 && !model.swaps.flat().includes(c.name)) {
      const outside = c.column!.model.frequencies !== undefined;
      const exact = outside
        ? await outsideShares(p, s, c)
        : await exactPairs(p, s, model, c, pairs * present[present.length - 1]!);
      let had = 0;
      let has = 0;
      for (let code = 1; code < c.size; code++) {
        if (!exactly(c, code)) continue;
        had += out[code]!;
        out[code] = exact[code - 1] ?? 0;
        has += out[code]!;
      }
      // The other levels keep their proportions.
      const rest = 1 - had > 0 ? (1 - has) / (1 - had) : 1;
      for (let code = 1; code < c.size; code++) if (!exactly(c, code)) out[code]! *= rest;
    }
    share.push(out);
  }
  return { background: { pairs, share, present }, sample: { pattern, count } };
}

/** Share of pairs that agree exactly, by class of frequency, among pairs that have both values. */
async function exactPairs(p: Pipeline, s: string, model: Model, c: Comparison, both: number): Promise<number[]> {
  const i = c.index;
  const grouped = blocksSql(
    model,
    `(SELECT c${i}, src, b${i} AS b FROM ${exploded(p.engine.dialect, `${s}.rec`, [c.column!])} WHERE c${i} IS NOT NULL)`,
    `c${i}`,
    ['b'],
  );
  const rows = await p.rows<{ b: number; pairs: number }>(
    `pairs that agree on ${c.name}`,
    `SELECT least(b, ${c.classes - 1}) AS b, sum(pairs) AS pairs FROM (${grouped}) GROUP BY 1`,
  );
  const out = new Array<number>(c.classes).fill(0);
  for (const row of rows) out[row.b] = both > 0 ? row.pairs / both : 0;
  return out;
}

/** Shares by class from outside frequencies: the chance that two random values are the same one of the class. */
async function outsideShares(p: Pipeline, s: string, c: Comparison): Promise<number[]> {
  const rows = await p.rows<{ b: number; share: number }>(
    `chance of agreeing on ${c.name}`,
    `SELECT least(${c.classes - 1}, CAST(floor(${p.engine.dialect.log2('n')}) AS INTEGER)) AS b, sum(power(n / (SELECT CAST(sum(n) AS DOUBLE) FROM ${s}.freq${c.index}), 2)) AS share FROM ${s}.freq${c.index} GROUP BY 1`,
  );
  const out = new Array<number>(c.classes).fill(1e-12);
  for (const row of rows) out[row.b] = row.share;
  return out;
}
