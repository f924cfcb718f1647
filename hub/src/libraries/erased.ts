/**
 * Facts of persons who are erased (docs/erasure.md). An order names facts in `lib.erased_fact`; the next integration lets go of them as its
 * first step and makes what they spoke of again: golden records, names, relations, and in the declared libraries mentions, links, records.
 * What comes out is what the libraries would be without those rows (or with the person's fields empty): a property test holds it.
 */
import { type Lake, type LakeSession, type LakeStep, literal } from '../platform/lake/index.ts';
import { type ClassPlan, ofPlan, SEPARATOR } from '../refinery/index.ts';

/**
 * - `lib.erased_fact`    facts to be let go of: gone, or with some fields emptied
 * - `lib.erased_touched` legal persons whose golden record they spoke of
 */
export const erasedTables: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS lib.erased_fact (fact BIGINT, gone BOOLEAN, fields VARCHAR[])',
  'CREATE TABLE IF NOT EXISTS lib.erased_touched (entity INTEGER, class SMALLINT)',
];

/** Whether facts wait to be let go of. */
export const erasing = async (s: Pick<LakeSession | Lake, 'first'>): Promise<boolean> =>
  (await s.first('SELECT 1 AS one FROM lib.erased_fact LIMIT 1')) !== undefined;

/** Tables of facts. */
const places = ['lib.fact', 'lib.fact_delta'] as const;

/** A payload without some fields: what stands at their positions is what an empty cell is cleaned to. */
function emptied(plans: readonly ClassPlan[], table: string): string {
  const cases = plans.map((p) => {
    const names = `[${p.declaration.fields.map((f) => literal(f.name)).join(', ')}]`;
    return `WHEN ${ofPlan(p).replaceAll('class =', `${table}.class =`).replaceAll('(fact >> 32)', `(${table}.fact >> 32)`)} THEN
      array_to_string(list_transform(string_split(${table}.payload, ${SEPARATOR}), lambda x, i: CASE WHEN list_contains(e.fields, ${names}[i]) THEN '' ELSE x END), ${SEPARATOR})`;
  });
  return `CASE ${cases.join(' ')} ELSE ${table}.payload END`;
}

/** Steps that let go of the facts in `lib.erased_fact`; idempotent. */
export function eraseFactSteps(plans: readonly ClassPlan[]): LakeStep[] {
  const gone = 'SELECT fact FROM lib.erased_fact WHERE gone';
  const blank = 'SELECT fact FROM lib.erased_fact WHERE NOT gone';
  const all = 'SELECT fact FROM lib.erased_fact';
  const guarded = plans.flatMap((p) =>
    p.declaration.fields
      .filter((f) => f.protection === 'personal' || f.protection === 'sensitive')
      .map((f) => `(${literal(p.source)}, ${literal(f.name)})`),
  );
  return [
    {
      name: 'legal persons that erased rows spoke of',
      sql: `INSERT INTO lib.erased_touched SELECT DISTINCT entity, class FROM (${places
        .map((t) => `SELECT entity, class FROM ${t} WHERE entity > 0 AND fact IN (${all})`)
        .join(' UNION ALL ')})`,
    },
    ...places.map((t) => ({ name: `rows of erased persons in ${t}`, sql: `DELETE FROM ${t} WHERE fact IN (${gone})` })),
    { name: 'that they were over', sql: `DELETE FROM lib.fact_closed WHERE fact IN (${gone})` },
    ...(plans.length > 0
      ? places.map((t) => ({
          name: `fields of erased persons in ${t}`,
          sql: `UPDATE ${t} SET payload = ${emptied(plans, t)} FROM lib.erased_fact e WHERE NOT e.gone AND e.fact = ${t}.fact`,
        }))
      : []),
    {
      name: 'how rows were resolved',
      sql: `DELETE FROM rf.row_link WHERE fact IN (${gone}); DELETE FROM rf.register_row WHERE fact IN (${gone}); DELETE FROM rf.review WHERE fact IN (${gone});
        DELETE FROM rf.alias WHERE fact IN (${all}) AND kind IN ('person', 'person-id', 'phone');
        UPDATE rf.row_link SET person = NULL, person_id = NULL, phone = NULL WHERE fact IN (${blank});
        UPDATE rf.register_row SET person = NULL, person_id = NULL, phone = NULL WHERE fact IN (${blank})`,
    },
    {
      name: 'profiles that show values',
      sql:
        guarded.length > 0
          ? `UPDATE rf.profile SET min = NULL, max = NULL, top = '[]' WHERE (source, field) IN (${[...new Set(guarded)].join(', ')})
               AND run IN (SELECT DISTINCT (fact >> 32)::INTEGER FROM lib.erased_fact)`
          : 'SELECT 1',
    },
    {
      name: 'pairs and verdicts of linkage',
      sql: `DELETE FROM lib.linkage_open WHERE fact IN (${gone}); DELETE FROM lib.linkage_pair WHERE fact IN (${all}) OR anchor IN (${all});
        DELETE FROM lib.linkage_decision WHERE fact IN (${gone});
        UPDATE lib.linkage_label SET says = [], known = [], comment = NULL WHERE fact IN (${all})`,
    },
  ];
}
