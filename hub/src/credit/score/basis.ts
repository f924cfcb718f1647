/**
 * What a run stood on, so that the next one knows who changed: a mark for every enterprise out of everything of it that the
 * model reads, and one of what holds for all (how records are read, which indicators can be asked, how runs were cleaned).
 */
import { createHash } from 'node:crypto';
import { type ClassFields, recordSelect } from '../../libraries/index.ts';
import { type LakeSession, literal } from '../../platform/lake/index.ts';
import type { Model } from './model.ts';

/** Where marks are reckoned from: the published views, or what is staged of a slice. */
export interface MarkSources {
  facts: string;
  persons: string;
  relations: string;
  /** A condition on `class` and `entity` of the facts. */
  within: string;
}

/** What a model reads of an enterprise beside its records. */
export interface Reads {
  /** Columns of `v.legal_person_v1` that any of its SQL names. */
  columns: string[];
  relations: boolean;
}

/** Which columns of the golden record, and whether relations, a model's SQL names. */
export async function readsOf(s: Pick<LakeSession, 'query'>, texts: readonly string[]): Promise<Reads> {
  const words = new Set(texts.flatMap((t) => t.match(/\w+/g) ?? []));
  const rows = await s.query<{ column_name: string }>('DESCRIBE v.legal_person_v1');
  return {
    columns: rows.map((r) => r.column_name).filter((c) => c !== 'entity' && words.has(c)),
    relations: texts.some((t) => /\bv\.legal_person_relation_v1\b/.test(t)),
  };
}

/** SELECT of entity and mark. A fact's number stands for its content: received rows never change. */
export function markSql(from: MarkSources, reads: Reads): string {
  const golden = reads.columns.map((c) => `coalesce(p."${c}"::VARCHAR, chr(0))`);
  const relation = reads.relations
    ? `LEFT JOIN (SELECT entity, bit_xor(hash(r::VARCHAR)) AS x, count(*) AS n FROM ${from.relations} r GROUP BY entity) r ON r.entity = p.entity`
    : '';
  const parts = [...golden, "coalesce(f.x, 0) || ' ' || coalesce(f.n, 0)"];
  if (reads.relations) parts.push("coalesce(r.x, 0) || ' ' || coalesce(r.n, 0)");
  return `SELECT p.entity, hash(concat_ws(chr(31), ${parts.join(', ')})) AS mark FROM ${from.persons} p
    LEFT JOIN (SELECT entity, bit_xor(hash(fact)) AS x, count(*) AS n FROM ${from.facts}
      WHERE entity > 0 AND ${from.within} GROUP BY entity) f ON f.entity = p.entity ${relation}`;
}

/** What holds for everyone: while it is the same, an enterprise of the same mark has the same values on the same day. */
export function basisOf(used: readonly ClassFields[], reads: Reads, unavailable: Iterable<string>): string {
  const text = [used.map((c) => recordSelect(c, 'x')), reads, [...unavailable].sort()];
  return createHash('sha256').update(JSON.stringify(text)).digest('hex');
}

/** How every run was cleaned: a run that was cleaned anew has other values behind the same facts. */
const CLEANED = `(SELECT coalesce(list(run || ' ' || version || ' ' || coalesce(refined_at::VARCHAR, '') ORDER BY run), []) FROM v.refined_run_v1)`;

/** Keeps what a run stands on; to be called in the transaction that reads first. */
export async function keepBasis(s: LakeSession, model: Model, run: number, basis: string): Promise<void> {
  await s.run(`INSERT INTO cs.basis SELECT ${literal(model.model)}, ${run}, ${literal(basis)}, ${CLEANED}`);
}

/** The last whole run of a version, when the next may stand on it; undefined when everyone has to be asked. */
export async function standOn(
  s: LakeSession,
  model: Model,
  version: number,
  basis: string,
): Promise<{ run: number; day: string } | undefined> {
  return s.first<{ run: number; day: string }>(
    `SELECT r.run, r.day FROM cs.run r JOIN cs.basis b ON b.run = r.run
     WHERE r.run = (SELECT max(run) FROM cs.run WHERE model = $model AND version = $version AND finished IS NOT NULL)
       AND b.basis = $basis AND list_has_all(${CLEANED}, b.cleaned)`,
    { model: model.model, version, basis },
  );
}

/** Forgets what earlier runs of the model stood on. */
export async function forgetBases(s: LakeSession, model: Model, run: number): Promise<void> {
  await s.run(
    `DELETE FROM cs.mark WHERE run IN (SELECT run FROM cs.basis WHERE model = ${literal(model.model)} AND run <> ${run})`,
  );
  await s.run(`DELETE FROM cs.basis WHERE model = ${literal(model.model)} AND run <> ${run}`);
}
