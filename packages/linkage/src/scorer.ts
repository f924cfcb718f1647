/**
 * Scores given pairs with frozen parameters, without blocking, learning or clusters: for who keeps records and candidates elsewhere (a library that asks of
 * some rows whom they mean). The frequencies of the run that learned (`freq<i>`, `tok<i>`) must stand in the schema.
 */

import { type Comparison, codeOf, layout, patternSql } from './compare.ts';
import { type Engine, Pipeline } from './engine.ts';
import { priorWeight, weigh, weightOf } from './evidence.ts';
import { inputs } from './inputs.ts';
import type { Model } from './model.ts';
import type { Parameters } from './parameters.ts';
import { preparedColumns, prepareRecords, prepareValues, usualValues } from './prepare.ts';

/** What a pair is scored with; plain data. */
export interface Frozen {
  model: Model;
  parameters: Parameters;
  /** Usual values by column number, see `usualOf`. */
  usual: string[][];
}

/** Usual values of categories, from the frequencies in a schema: part of what is frozen. */
export function usualOf(engine: Engine, schema: string, model: Model): Promise<string[][]> {
  return usualValues(new Pipeline(engine), schema, model);
}

/** The names of the frequency tables of a model, which go with its parameters. */
export function frequencyTables(model: Model): string[] {
  return preparedColumns(model).flatMap((c) => [`freq${c.index}`, ...(c.tokens ? [`tok${c.index}`] : [])]);
}

const comparisonsOf = ({ model, parameters, usual }: Frozen): Comparison[] =>
  layout(
    model,
    preparedColumns(model).map((c) => parameters.classes[c.name] ?? 1),
    usual,
  );

/**
 * Fills `${schema}.paired (l, r, pat, w)`: the pairs of `pairs` (SQL of l, r: ids of records) with pattern and weight in bits, prior included. The
 * model's tables hold the records; ids are distinct over all of them.
 */
export async function scorePairs(engine: Engine, schema: string, frozen: Frozen, pairs: string): Promise<void> {
  const p = new Pipeline(engine);
  const { model, parameters, usual } = frozen;
  const d = engine.dialect;
  await prepareValues(p, schema, model, await inputs(p, model));
  await prepareRecords(p, schema, model, parameters.records, usual);
  const comparisons = comparisonsOf(frozen);
  // A value more frequent than any that was learned from weighs like the most frequent.
  await p.run(
    'pairs by number',
    `CREATE OR REPLACE TABLE ${schema}.asked AS SELECT a.rid AS l, b.rid AS r FROM (${pairs}) AS x JOIN ${schema}.rec AS a ON a.uid = x.l JOIN ${schema}.rec AS b ON b.uid = x.r`,
  );
  await p.run(
    'patterns',
    `CREATE OR REPLACE TABLE ${schema}.patterned AS ${patternSql(d, model, comparisons, `${schema}.asked`, `${schema}.rec`)}`,
  );
  const [pattern] = (await p.numbers(
    'patterns to weigh',
    `SELECT DISTINCT CAST(pat AS DOUBLE) FROM ${schema}.patterned`,
  )) as [Float64Array];
  const { lambda, interactions, likelihood } = parameters;
  const weights = weigh(pattern ?? new Float64Array(), comparisons, {
    lambda,
    interactions,
    likelihood,
    comparisons: parameters.comparisons,
  });
  await engine.create(`${schema}.weights`, [
    { name: 'pat', type: 'BIGINT', values: pattern ?? new Float64Array() },
    { name: 'w', type: 'DOUBLE', values: weights },
  ]);
  await p.run(
    'weights of pairs',
    `CREATE OR REPLACE TABLE ${schema}.paired AS SELECT a.uid AS l, b.uid AS r, x.pat, k.w FROM ${schema}.patterned AS x JOIN ${schema}.weights AS k ON k.pat = x.pat
     JOIN ${schema}.rec AS a ON a.rid = x.l JOIN ${schema}.rec AS b ON b.rid = x.r`,
  );
}

/** One part of a pair's weight. */
export interface WeightBar {
  name: string;
  level: string;
  m: number;
  u: number;
  bits: number;
  /** Sum up to here. */
  total: number;
}

/** The waterfall of a pattern's weight, the prior first: needs no record any more. */
export function barsOf(frozen: Frozen, pattern: number): WeightBar[] {
  const { parameters } = frozen;
  const comparisons = comparisonsOf(frozen);
  let total = priorWeight(parameters.lambda);
  const bars: WeightBar[] = [
    { name: 'prior', level: '', m: parameters.lambda, u: 1 - parameters.lambda, bits: total, total },
  ];
  const codes = comparisons.map((c) => codeOf(pattern, c));
  for (const [k, c] of comparisons.entries()) {
    const q = parameters.comparisons[k]!;
    const code = codes[k]!;
    const bits = weightOf(q, code);
    total += bits;
    bars.push({ name: c.name, level: c.labels[code]!, m: q.m[code]!, u: q.u[code]!, bits, total });
  }
  for (const t of parameters.interactions) {
    const [x, y] = [
      parameters.comparisons[t.a]!.classes[codes[t.a]!]!,
      parameters.comparisons[t.b]!.classes[codes[t.b]!]!,
    ];
    if (x < 0 || y < 0) continue;
    const [m, u] = [t.m[x * 3 + y]!, t.u[x * 3 + y]!];
    const bits = Math.log2(m / u);
    if (Math.abs(bits) < 0.005) continue;
    total += bits;
    bars.push({
      name: `${comparisons[t.a]!.name} ~ ${comparisons[t.b]!.name}`,
      level: 'together',
      m,
      u,
      bits,
      total,
    });
  }
  return bars;
}

/** m, u and weight by comparison and level: what a chart of the parameters shows. */
export function levelsOf(frozen: Frozen): { comparison: string; level: string; m: number; u: number; bits: number }[] {
  return comparisonsOf(frozen).flatMap((c, k) =>
    c.labels.slice(1).map((level, i) => {
      const q = frozen.parameters.comparisons[k]!;
      return { comparison: c.name, level, m: q.m[i + 1]!, u: q.u[i + 1]!, bits: weightOf(q, i + 1) };
    }),
  );
}
