/**
 * Clerical review: which pairs a person should look at next, blind and by two people, and where they disagree. A pair's use is its uncertainty (p(1−p), most
 * at even odds) times its effect: the records whose cluster hangs on it and the pairs that show the same pattern, which the verdict also teaches.
 */
import type { Linkage } from './linker.ts';
import type { Label, RecordRef } from './model.ts';
import { tableName } from './names.ts';

/** A pair to look at: values only, no weight and no verdict (blind). */
export interface ReviewPair {
  left: RecordRef;
  right: RecordRef;
  values: { column: string; left: string | null; right: string | null }[];
}

/** The next pairs for a reviewer, most useful first; what this reviewer has judged already is left out. */
export async function nextPairs(l: Linkage, reviewer: string, count = 20): Promise<ReviewPair[]> {
  const s = l.schema;
  const columns = Object.keys(l.model.columns);
  const name = (r: string) => tableName(l.model, `${r}.src`);
  const seen = new Set(
    l.labels.filter((x) => x.reviewer === reviewer).flatMap((x) => [keyOf(x.left, x.right), keyOf(x.right, x.left)]),
  );
  const p = `1 / (1 + power(2, -x.w))`;
  const rows = await l.engine.rows<Record<string, string | null>>(
    `WITH near AS (SELECT x.l, x.r, x.w, x.pat, ${p} * (1 - ${p}) AS doubt FROM ${s}.scored AS x WHERE abs(x.w) < 12),
     size AS (SELECT cluster, count(*) AS n FROM ${s}.clusters GROUP BY cluster), shape AS (SELECT pat, count(*) AS n FROM near GROUP BY pat)
     SELECT ${name('a')} AS lt, a.uid AS li, ${name('b')} AS rt, b.uid AS ri${columns.map((_, i) => `, CAST(a.c${i} AS VARCHAR) AS l${i}, CAST(b.c${i} AS VARCHAR) AS r${i}`).join('')}
     FROM near AS x JOIN ${s}.rec AS a ON a.rid = x.l JOIN ${s}.rec AS b ON b.rid = x.r JOIN ${s}.clusters AS ca ON ca.rid = x.l JOIN ${s}.clusters AS cb ON cb.rid = x.r
     JOIN size AS na ON na.cluster = ca.cluster JOIN size AS nb ON nb.cluster = cb.cluster JOIN shape ON shape.pat = x.pat
     ORDER BY x.doubt * (na.n * nb.n + ${l.engine.dialect.log2('1 + shape.n')}) DESC, a.tie, b.tie LIMIT ${count + l.labels.length}`,
  );
  const several = l.model.tables.length > 1;
  const ref = (t: string | null, id: string | null): RecordRef => ({ id: id!, ...(several ? { table: t! } : {}) });
  return rows
    .map((row) => ({
      left: ref(row.lt!, row.li!),
      right: ref(row.rt!, row.ri!),
      values: columns.map((column, i) => ({ column, left: row[`l${i}`] ?? null, right: row[`r${i}`] ?? null })),
    }))
    .filter((x) => !seen.has(keyOf(x.left, x.right)))
    .slice(0, count);
}

const keyOf = (a: RecordRef, b: RecordRef) => JSON.stringify([a.table ?? '', a.id, b.table ?? '', b.id]);

/** Pairs on which reviewers disagree. */
export function disagreements(
  labels: readonly Label[],
): { left: RecordRef; right: RecordRef; verdicts: { reviewer: string; match: boolean }[] }[] {
  const by = new Map<string, { left: RecordRef; right: RecordRef; verdicts: { reviewer: string; match: boolean }[] }>();
  for (const l of labels) {
    const [x, y] = keyOf(l.left, l.right) < keyOf(l.right, l.left) ? [l.left, l.right] : [l.right, l.left];
    const key = keyOf(x, y);
    const entry = by.get(key) ?? { left: x, right: y, verdicts: [] };
    entry.verdicts.push({ reviewer: l.reviewer ?? '', match: l.match });
    by.set(key, entry);
  }
  return [...by.values()].filter((e) => new Set(e.verdicts.map((v) => v.match)).size > 1);
}

/** Labels on which all reviewers of a pair agree: what `Linkage.addLabels` should be given. */
export function agreed(labels: readonly Label[]): Label[] {
  const open = new Set(disagreements(labels).flatMap((d) => [keyOf(d.left, d.right), keyOf(d.right, d.left)]));
  return labels.filter((l) => !open.has(keyOf(l.left, l.right)));
}
