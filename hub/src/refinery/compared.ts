/**
 * What identifications and legal persons say in words, as the matcher cleans it, for whoever weighs them by likelihood: name, person (法定代表人),
 * address. Never a code: codes are what the answer is measured by.
 */
import { type LakeSession, literal } from '../platform/lake/index.ts';
import { nameKey } from './pairs.ts';
import { type ClassPlan, FACT, inRuns, pairHash } from './plan.ts';
import { evidenceColumns } from './registers.ts';

/** The words, in the order in which they stand in `t`. */
export const comparedWords = ['name', 'person', 'address'] as const;

/** Combinations of names, persons and addresses of one side that are compared at most. */
const LARGEST = 60;

const words = 't[1] AS name, t[2] AS person, t[3] AS address';

/**
 * Fills the temporary table `compared_sample (anchor, source, fact, entity, t)`: of `size` legal persons drawn by their number what registers said of
 * them first (`anchor`, source 0, fact: the entity), and rows of other sources whose unified code is theirs and whose name does not speak against it.
 */
export async function sampleCompared(s: LakeSession, plans: readonly ClassPlan[], size: number): Promise<void> {
  const first = (kind: string) => `arg_min(value, fact) FILTER (kind = ${literal(kind)})`;
  await s.run(
    `CREATE OR REPLACE TEMP TABLE compared_sample AS SELECT true AS anchor, 0::SMALLINT AS source, entity::BIGINT AS fact, entity,
       [${comparedWords.map(first).join(', ')}] AS t FROM rf.alias
     WHERE entity IN (SELECT entity FROM rf.entity WHERE uscc IS NOT NULL AND NOT starts_with(key, '-') ORDER BY hash(entity::VARCHAR), entity LIMIT ${size})
     GROUP BY entity;
     CREATE OR REPLACE TEMP TABLE compared_pair AS SELECT p.pair, p.entity, ${nameKey('p.clean_name')} AS name FROM rf.pair p JOIN compared_sample c ON c.entity = p.entity
     WHERE p.k_uscc IS NOT NULL AND p.h_name IS NOT NULL AND p.method IN ('code-and-name', 'code-and-former-name', 'code-and-similar-name')`,
  );
  const own = plans.filter((p) => p.matched && !p.declaration.register);
  const rows = own.map(
    (
      plan,
    ) => `SELECT ${plan.number}::SMALLINT AS source, ${FACT} AS fact, ${pairHash(plan)} AS pair, ${evidenceColumns(plan)} FROM ${plan.table}
      WHERE _op IS DISTINCT FROM 'D' AND ${plan.only ? inRuns(plan.only) : 'true'} AND ${pairHash(plan)} IN (SELECT pair FROM compared_pair)`,
  );
  if (rows.length > 0)
    await s.run(
      `INSERT INTO compared_sample SELECT false, r.source, r.fact, p.entity, [p.name, r.person, r.address]
       FROM (${rows.join(' UNION ALL ')}) r JOIN compared_pair p ON p.pair = r.pair
       QUALIFY row_number() OVER (ORDER BY hash(r.source || '.' || r.fact), r.fact) <= ${2 * size}`,
    );
}

/** Whom a review could mean. */
export interface ComparedReview {
  /** Its candidates. */
  entities: number[];
  /** Those that the identification's own valid unified code speaks against: it belongs to another known legal person. */
  against: number[];
}

/**
 * Fills the temporary tables `compared_row (id, name, person, address)` with what the open rows of a review say, and `compared_known (id, entity, …)`
 * with what is known of its candidates, every combination a line. Undefined when there is no such review.
 */
export async function reviewCompared(s: LakeSession, review: string): Promise<ComparedReview | undefined> {
  const row = await s.first<{ pair: string; candidates: string; k_uscc: string | null }>(
    `SELECT r.pair::VARCHAR AS pair, r.candidates, p.k_uscc FROM rf.review r JOIN rf.pair p ON p.pair = r.pair WHERE r.review = $review::UBIGINT LIMIT 1`,
    { review },
  );
  if (!row) return undefined;
  const entities = (JSON.parse(row.candidates) as { entity: number }[]).map((c) => c.entity);
  await s.run(
    `CREATE OR REPLACE TEMP TABLE compared_row AS SELECT 'r' || row_number() OVER (ORDER BY t) AS id, ${words} FROM (
       SELECT DISTINCT [${nameKey('p.clean_name')}, l.person, l.address] AS t FROM rf.pair p LEFT JOIN rf.row_link l ON l.pair = p.pair AND l.entity IS NULL
       WHERE p.pair = ${BigInt(row.pair)}::UBIGINT ORDER BY t LIMIT ${LARGEST})`,
  );
  const said = (kinds: string) =>
    `(SELECT DISTINCT entity, value FROM rf.alias WHERE kind IN (${kinds}) AND entity IN (SELECT entity FROM compared_candidate))`;
  await s.run(
    `CREATE OR REPLACE TEMP TABLE compared_candidate AS SELECT unnest([${entities.join(', ')}]::INTEGER[]) AS entity;
     CREATE OR REPLACE TEMP TABLE compared_known AS SELECT 'k' || row_number() OVER (ORDER BY entity, t) AS id, entity, ${words} FROM (
       SELECT c.entity, [n.value, p.value, a.value] AS t FROM compared_candidate c LEFT JOIN ${said("'name', 'former'")} n ON n.entity = c.entity
         LEFT JOIN ${said("'person'")} p ON p.entity = c.entity LEFT JOIN ${said("'address'")} a ON a.entity = c.entity
       QUALIFY row_number() OVER (PARTITION BY c.entity ORDER BY t) <= ${LARGEST})`,
  );
  const owners = row.k_uscc
    ? await s.query<{ entity: number }>('SELECT entity FROM rf.entity WHERE uscc = $uscc', { uscc: row.k_uscc })
    : [];
  const against = owners.length > 0 ? entities.filter((e) => owners.every((o) => o.entity !== e)) : [];
  return { entities, against };
}
