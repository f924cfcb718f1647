/** Measures a linkage against a known truth: pairs found, pairs missed. */
import type { Linkage } from './linker.ts';
import { blocksSql } from './topology.ts';

/** Precision, recall and their harmonic mean over pairs. */
export interface Quality {
  precision: number;
  recall: number;
  f1: number;
  found: number;
  right: number;
  true: number;
}

/** Quality of a linkage. */
export interface Evaluation {
  /** Of the clusters: every two records of one cluster are a found pair. */
  clusters: Quality;
  /** Of single pairs at the threshold. */
  pairs: Quality;
  /** Share of the true pairs that were candidates at all. */
  blockingRecall: number;
  /** Pairs at the threshold that would have been best: only to be shown beside the preset one. */
  best: Quality & { thresholdBits: number };
  /** Precision and recall by threshold in bits. */
  curve: { bits: number; precision: number; recall: number; f1: number }[];
}

const quality = (found: number, right: number, all: number): Quality => {
  const precision = found > 0 ? right / found : 1;
  const recall = all > 0 ? right / all : 1;
  return { precision, recall, f1: found + all > 0 ? (2 * right) / (found + all) : 1, found, right, true: all };
};

/**
 * Measures against `truth`: a relation of (uid, entity), with `src` (number of the table) where there are several. The true pairs are those the topology allows.
 */
export async function evaluate(linkage: Linkage, truth: string): Promise<Evaluation> {
  const { engine, schema: s, model } = linkage;
  const several = model.tables.length > 1;
  await engine.run(
    `CREATE OR REPLACE TABLE ${s}.truth AS SELECT r.rid, r.src, t.entity FROM ${s}.rec AS r JOIN ${truth} AS t ON CAST(t.uid AS VARCHAR) = r.uid${several ? ' AND t.src = r.src' : ''}`,
  );
  const pairCount = (by: string) =>
    `SELECT coalesce(sum(pairs), 0) AS n FROM (${blocksSql(model, `(SELECT c.cluster, t.entity, t.src FROM ${s}.clusters AS c JOIN ${s}.truth AS t ON t.rid = c.rid)`, by)})`;
  const one = async (sql: string) => (await engine.rows<{ n: number }>(sql))[0]!.n;
  const found = await one(pairCount('cluster'));
  const all = await one(pairCount('entity'));
  const right = await one(pairCount("cluster || ' ' || CAST(entity AS VARCHAR)"));
  const [bits, count, hit] = (await engine.numbers(
    `SELECT w, CAST(count(*) AS DOUBLE) AS n, CAST(sum(CASE WHEN a.entity = b.entity THEN 1 ELSE 0 END) AS DOUBLE) AS ok FROM ${s}.scored AS x JOIN ${s}.truth AS a ON a.rid = x.l JOIN ${s}.truth AS b ON b.rid = x.r WHERE x.rule >= 0 GROUP BY w ORDER BY w DESC`,
  )) as [Float64Array, Float64Array, Float64Array];
  let total = 0;
  let ok = 0;
  let best = { ...quality(0, 0, all), thresholdBits: Number.POSITIVE_INFINITY };
  let at = quality(0, 0, all);
  const curve: Evaluation['curve'] = [];
  let next = Math.floor(bits[0] ?? 0);
  for (let i = 0; i < bits.length; i++) {
    while (bits[i]! < next) {
      const q = quality(total, ok, all);
      if (next > -20) curve.push({ bits: next, precision: q.precision, recall: q.recall, f1: q.f1 });
      next--;
    }
    total += count[i]!;
    ok += hit[i]!;
    const q = quality(total, ok, all);
    if (q.f1 > best.f1) best = { ...q, thresholdBits: bits[i]! };
    if (bits[i]! >= linkage.summary.thresholdBits) at = q;
  }
  return { clusters: quality(found, right, all), pairs: at, blockingRecall: all > 0 ? ok / all : 1, best, curve };
}
