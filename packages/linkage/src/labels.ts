/** Labels of people: found among the records, checked for contradictions. */
import { apartValues } from './apart.ts';
import { UnionFind } from './cluster.ts';
import { literal } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import { fail } from './errors.ts';
import type { Constraints } from './groups.ts';
import type { Label, Model, RecordRef } from './model.ts';

const nameOf = (model: Model, ref: RecordRef) => (model.tables.length > 1 ? `${ref.table ?? '?'}:${ref.id}` : ref.id);

/**
 * Numbers of the labelled records. Throws where a record is unknown (`linkage.label-unknown`), where two reviewers' labels or chains of
 * matches contradict a verdict of no match (`linkage.label-contradiction`). With `gone` = `leave out` labels of records that are not there say nothing: records vanish.
 */
export async function resolveLabels(
  p: Pipeline,
  s: string,
  model: Model,
  labels: readonly Label[],
  gone: 'refuse' | 'leave out' = 'refuse',
): Promise<Constraints> {
  const out: Constraints = { must: [], cannot: [] };
  if (labels.length === 0) return out;
  const refs = labels.flatMap((l) => [l.left, l.right]);
  const ids = [...new Set(refs.map((r) => r.id))];
  const rows = await p.rows<{ rid: number; src: number; uid: string }>(
    'labelled records',
    `SELECT rid, src, uid FROM ${s}.rec WHERE uid IN (${ids.map(literal).join(', ')})`,
  );
  const find = (ref: RecordRef, i: number): number | undefined => {
    const hits = rows.filter(
      (r) => r.uid === ref.id && (ref.table === undefined || model.tables[r.src]!.name === ref.table),
    );
    if (hits.length === 0) {
      if (gone === 'leave out') return undefined;
      fail(
        'label-unknown',
        `标注的记录“${nameOf(model, ref)}”不存在`,
        `labelled record '${nameOf(model, ref)}' does not exist`,
        { path: `labels[${i}]`, record: ref.id },
      );
    }
    if (hits.length > 1)
      fail(
        'label-ambiguous',
        `标注的记录“${ref.id}”在多张表中，请写明 table`,
        `labelled record '${ref.id}' is in several tables: name one`,
        { path: `labels[${i}]`, record: ref.id },
      );
    return hits[0]!.rid;
  };
  const pairs = labels.flatMap((l, i) => {
    const [a, b] = [find(l.left, i), find(l.right, i)];
    return a === undefined || b === undefined ? [] : [{ l, i, a, b }];
  });
  if (pairs.length === 0) return out;
  const size = Math.max(...pairs.flatMap((x) => [x.a, x.b])) + 1;
  const union = new UnionFind(size);
  for (const { l, a, b } of pairs) if (l.match) union.union(a, b);
  const contradiction = (l: Label, i: number): never =>
    fail(
      'label-contradiction',
      `标注互相矛盾：“${nameOf(model, l.left)}”与“${nameOf(model, l.right)}”既被标为同一又被标为不同`,
      `labels contradict each other: '${nameOf(model, l.left)}' and '${nameOf(model, l.right)}' are said to be one (perhaps through others) and not to be one`,
      { path: `labels[${i}]` },
    );
  // Records put together by people although their values keep them apart: also told, since one of the two must be wrong.
  const labelled = `(SELECT rid FROM (VALUES ${pairs.flatMap((x) => [`(${x.a})`, `(${x.b})`]).join(', ')}) AS t(rid))`;
  for (const of of await apartValues(p, s, model, labelled, size)) {
    const value = new Map<number, number>();
    for (const { l, i, a, b } of pairs) {
      for (const x of l.match ? [a, b] : []) {
        const root = union.find(x);
        const had = value.get(root) ?? 0;
        if (of[x]! > 0 && had > 0 && had !== of[x]) contradiction(l, i);
        if (of[x]! > 0) value.set(root, of[x]!);
      }
    }
  }
  for (const { l, i, a, b } of pairs) {
    if (l.match) out.must.push([a, b]);
    else {
      if (union.find(a) === union.find(b)) contradiction(l, i);
      out.cannot.push([a, b]);
    }
  }
  return out;
}
