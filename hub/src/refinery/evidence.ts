/**
 * Identifications that codes and names left open: candidates by resemblance (one mistake in the name, a shortened name, one
 * mistake in the code) and by what the row says besides (address, person, numbers of the vault). A candidate is taken only
 * when something corroborates it and no other is corroborated; the rest waits for a person with its candidates. A name that
 * is one mistake away from a single known one is no corroboration: names of one city differ by a character, and whoever is not
 * known yet may bear it. On a city of a million rows that costs 0.0011 of recall (0.9969 instead of 0.9980).
 */
import type { LakeStep } from '../platform/lake/index.ts';
import { keyOf, nameCore, PLACE, similarCores, sortedCharacters } from './match.ts';
import type { Batch } from './pairs.ts';
import { FACT, inRuns, pairHash } from './plan.ts';
import { evidenceColumns } from './registers.ts';

/** A block of names with more members than this tells nothing. */
const LARGEST_BLOCK = 60;

/** A text and the text without each one of its characters, hashed: two texts one mistake apart share one of them. */
const signatures = (core: string) =>
  `unnest(list_distinct(list_append(list_transform(range(1, least(length(${core}), 20) + 1),
     lambda i: hash(left(${core}, (i - 1)::BIGINT) || substr(${core}, (i + 1)::BIGINT))), hash(${core}))))`;

/** The two halves of the part of a code in which codes of one city differ: one mistake leaves one of them whole. */
const halves = (code: string) =>
  `unnest([substr(${code}, 9, 5), substr(${code}, 13, 6)]) AS half, unnest([1, 2]) AS side`;

const codeOf = (clean: string) => `upper(ltrim(${clean}, chr(24)))`;

/**
 * Fills `stirred (pair)`: kept open identifications that what is in `alias_news` (names, codes and evidence that came or went)
 * could give other candidates: by a name's core, by half a code of whom the news are about, by evidence that stands for
 * them. When names begin with another place, every core is another.
 */
export const stirSteps: LakeStep[] = [
  {
    name: 'open identifications that news may concern',
    sql: `CREATE OR REPLACE TEMP TABLE stirred AS
      WITH o AS (SELECT pair, clean_uscc, ${nameCore(keyOf('clean_name'), PLACE)} AS core FROM rf.pair WHERE entity IS NULL AND method IS NULL AND EXISTS (FROM alias_news)),
      s AS (SELECT pair, ${signatures('core')} AS s FROM o WHERE length(core) >= 2),
      n AS (SELECT ${signatures('core')} AS s FROM (SELECT DISTINCT ${nameCore('value', PLACE)} AS core FROM alias_news WHERE kind IN ('name', 'former')) WHERE length(core) >= 2),
      e AS (SELECT DISTINCT a.kind, a.value_hash FROM (FROM rf.alias WHERE entity IN (SELECT entity FROM alias_news) UNION ALL FROM alias_news) a
            WHERE a.kind IN ('address', 'person', 'person-id', 'phone')),
      l AS (SELECT pair, unnest(['address', 'person', 'person-id', 'phone']) AS kind, unnest([hash(address), hash(person), hash(person_id), hash(phone)]) AS value_hash,
              unnest([address, person, person_id, phone]) AS value FROM rf.row_link WHERE EXISTS (FROM alias_news)),
      u AS (SELECT DISTINCT value FROM (SELECT value FROM rf.alias WHERE kind = 'uscc' AND entity IN (SELECT entity FROM alias_news)
              UNION ALL SELECT value FROM alias_news WHERE kind = 'uscc'))
      SELECT pair FROM s WHERE s IN (SELECT s FROM n)
      UNION SELECT l.pair FROM l JOIN e ON e.kind = l.kind AND e.value_hash = l.value_hash WHERE l.value IS NOT NULL
      UNION SELECT g.pair FROM (SELECT pair, ${halves(codeOf('clean_uscc'))} FROM o) g
        JOIN (SELECT ${halves('value')} FROM u) a ON a.half = g.half AND a.side = g.side
      UNION SELECT pair FROM o WHERE (SELECT turned FROM name_place)`,
  },
];

/**
 * Steps over the open identifications of `todo` / `resolved`. They fill `open_row` (every row of them with its evidence),
 * `row_resolved (fact, pair, entity, method, score, evidence)` and `review_new`, and write resolved ones into `resolved`.
 * `batches`: the new runs; rows of earlier ones are remembered in rf.row_link, or came into `leaving_row` (refine.ts).
 */
export function evidenceSteps(batches: readonly Batch[], integration: number): LakeStep[] {
  const all = batches.filter((b) => b.plan.matched && b.runs.length > 0);
  const rows = all
    .map(
      ({ plan, runs }) =>
        `SELECT ${FACT} AS fact, ${pairHash(plan)} AS pair, ${plan.number}::SMALLINT AS class, ${evidenceColumns(plan)}
         FROM ${plan.table} WHERE ${inRuns(runs)} AND ${pairHash(plan)} IN (SELECT pair FROM open_pair)`,
    )
    .concat([
      'SELECT fact, pair, class, address, person, person_id, phone FROM rf.row_link WHERE pair IN (SELECT pair FROM open_pair)',
      'SELECT fact, pair, class, address, person, person_id, phone FROM leaving_row WHERE pair IN (SELECT pair FROM open_pair)',
    ])
    .join('\nUNION ALL\n');
  return [
    {
      name: 'open identifications',
      sql: `CREATE OR REPLACE TEMP TABLE open_pair AS
        SELECT t.pair, t.clean_uscc, t.k_uscc, t.h_name, r.reason, r.other AS code_entity,
               CASE WHEN t.h_name IS NOT NULL THEN ${nameCore(keyOf('t.clean_name'), PLACE)} END AS core
        FROM resolved r JOIN todo t ON t.pair = r.pair WHERE r.entity IS NULL AND r.method IS NULL`,
    },
    { name: 'rows of open identifications', sql: `CREATE OR REPLACE TEMP TABLE open_row AS ${rows}` },
    // Cutting names costs more than all else here: only what came is cut, unless names begin with another place.
    {
      name: 'cores of names that went',
      sql: `DELETE FROM rf.core WHERE integration >= ${integration} OR (SELECT turned FROM name_place)
        OR NOT EXISTS (FROM rf.alias a WHERE a.kind IN ('name', 'former') AND a.entity = rf.core.entity AND a.value = rf.core.value)`,
    },
    {
      name: 'cores of names that came',
      sql: `INSERT INTO rf.core
        SELECT DISTINCT entity, value, ${nameCore('value', PLACE)}, ${integration} FROM rf.alias a
        WHERE kind IN ('name', 'former') AND NOT EXISTS (FROM rf.core c WHERE c.entity = a.entity AND c.value = a.value)`,
    },
    {
      name: 'candidates by name',
      sql: `CREATE OR REPLACE TEMP TABLE candidate_name AS
        WITH g AS (SELECT pair, core, ${signatures('core')} AS s FROM (SELECT pair, core FROM open_pair WHERE length(core) >= 2)),
             k AS (SELECT entity, value, core, s, count(*) OVER (PARTITION BY s) AS block
                   FROM (SELECT entity, value, core, ${signatures('core')} AS s FROM rf.core WHERE length(core) >= 2)
                   WHERE s IN (SELECT s FROM g))
        SELECT DISTINCT g.pair, k.entity FROM g JOIN k ON k.s = g.s
        WHERE k.block <= ${LARGEST_BLOCK} AND ${similarCores('g.core', 'k.core')}`,
    },
    {
      name: 'candidates by shared name',
      sql: `INSERT INTO candidate_name
        SELECT DISTINCT p.pair, a.entity FROM open_pair p JOIN rf.alias a ON a.value_hash = p.h_name AND a.kind IN ('name', 'former')
        WHERE p.reason <> 'similar-name' AND NOT EXISTS (FROM candidate_name c WHERE c.pair = p.pair AND c.entity = a.entity)`,
    },
    {
      name: 'candidates by code',
      sql: `CREATE OR REPLACE TEMP TABLE candidate_code AS
        WITH g AS (SELECT pair, u, ${halves('u')}
                   FROM (SELECT pair, ${codeOf('clean_uscc')} AS u FROM open_pair WHERE k_uscc IS NULL AND length(clean_uscc) BETWEEN 18 AND 20)),
             k AS (SELECT entity, value AS u, ${halves('value')}
                   FROM rf.alias WHERE kind = 'uscc' AND EXISTS (FROM g))
        SELECT DISTINCT g.pair, k.entity FROM g JOIN k ON k.half = g.half AND k.side = g.side
        WHERE levenshtein(g.u, k.u) <= 1 OR (levenshtein(g.u, k.u) = 2 AND ${sortedCharacters('g.u')} = ${sortedCharacters('k.u')})`,
    },
    {
      name: 'candidates by evidence',
      sql: `CREATE OR REPLACE TEMP TABLE candidate_row AS
        WITH e AS (SELECT fact, pair, unnest(['address', 'person', 'person-id', 'phone']) AS kind, unnest([address, person, person_id, phone]) AS value FROM open_row),
             a AS (SELECT entity, kind, value_hash FROM rf.alias WHERE kind IN ('address', 'person', 'person-id', 'phone')
                   QUALIFY count(*) OVER (PARTITION BY kind, value_hash) <= 400)
        SELECT e.fact, e.pair, a.entity, list_sort(list(DISTINCT e.kind)) AS evidence
        FROM e JOIN a ON a.kind = e.kind AND a.value_hash = hash(e.value) WHERE e.value IS NOT NULL
        GROUP BY e.fact, e.pair, a.entity`,
    },
    {
      name: 'weigh candidates',
      sql: `CREATE OR REPLACE TEMP TABLE weighed AS
        WITH c AS (
          SELECT r.fact, r.pair, n.entity FROM open_row r JOIN candidate_name n ON n.pair = r.pair
          UNION SELECT r.fact, r.pair, n.entity FROM open_row r JOIN candidate_code n ON n.pair = r.pair
          UNION SELECT r.fact, r.pair, p.code_entity FROM open_row r JOIN open_pair p ON p.pair = r.pair WHERE p.code_entity IS NOT NULL
          UNION SELECT fact, pair, entity FROM candidate_row
        ), s AS (
          SELECT c.fact, c.pair, c.entity, cr.evidence, p.h_name,
            EXISTS (FROM rf.alias a WHERE a.entity = c.entity AND a.value_hash = p.h_name AND a.kind IN ('name', 'former')) AS same_name,
            n.entity IS NOT NULL AS near_name,
            k.entity IS NOT NULL AS near_code, p.code_entity = c.entity AS code, p.core
          FROM c JOIN open_pair p ON p.pair = c.pair JOIN open_row o ON o.fact = c.fact
          LEFT JOIN candidate_row cr ON cr.fact = c.fact AND cr.entity = c.entity
          LEFT JOIN candidate_name n ON n.pair = c.pair AND n.entity = c.entity
          LEFT JOIN candidate_code k ON k.pair = c.pair AND k.entity = c.entity
        ), t AS (
          SELECT s.*, s.near_name OR coalesce((SELECT bool_or(${similarCores('s.core', 'k.core')}) FROM rf.core k
              WHERE k.entity = s.entity), false) AS alike
          FROM s WHERE s.near_name OR s.near_code OR s.code OR len(s.evidence) > 0
        )
        SELECT fact, pair, entity, coalesce(evidence, []) AS evidence, same_name, alike, near_code, coalesce(code, false) AS code,
          CASE WHEN same_name AND len(evidence) > 0 THEN 'name-and-evidence'
               WHEN same_name AND near_code THEN 'similar-name-and-code'
               WHEN alike AND near_code THEN 'similar-name-and-code'
               WHEN alike AND len(evidence) > 0 THEN 'similar-name-and-evidence'
               WHEN code AND len(evidence) > 0 AND NOT same_name AND coalesce(h_name, 0) NOT IN (SELECT h FROM name_owner) THEN 'code-and-evidence' END AS method,
          (CASE WHEN same_name THEN 0.5 WHEN alike THEN 0.4 ELSE 0.0 END) + (CASE WHEN near_code OR code THEN 0.25 ELSE 0.0 END)
            + 0.15 * coalesce(len(evidence), 0) AS weight
        FROM t WHERE same_name OR alike OR near_code OR code`,
    },
    {
      name: 'take what only one candidate explains',
      sql: `CREATE OR REPLACE TEMP TABLE row_resolved AS
        WITH best AS (
          SELECT *, row_number() OVER (PARTITION BY fact ORDER BY weight DESC, entity) AS place,
                 lead(weight) OVER (PARTITION BY fact ORDER BY weight DESC, entity) AS next
          FROM weighed WHERE method IS NOT NULL)
        SELECT r.fact, r.pair, b.entity, b.method, least(b.weight, 0.99) AS score,
          array_to_string(list_concat(b.evidence, list_filter(['same-name', 'similar-name', 'similar-code', 'code'],
            lambda x: CASE x WHEN 'same-name' THEN b.same_name WHEN 'similar-name' THEN b.alike AND NOT b.same_name WHEN 'similar-code' THEN b.near_code ELSE b.code END)), ',') AS evidence,
          ${integration}::INTEGER AS integration
        FROM open_row r
        LEFT JOIN best b ON b.fact = r.fact AND b.place = 1 AND (b.next IS NULL OR b.weight - b.next > 0.1)`,
    },
    {
      name: 'what a person must decide',
      sql: `CREATE OR REPLACE TEMP TABLE review_new AS
        WITH left_over AS (SELECT pair, count(*) AS rows, min(fact) AS fact FROM row_resolved WHERE entity IS NULL GROUP BY pair),
             c AS (SELECT w.pair, w.entity, max(w.weight) AS weight, any_value(w.same_name) AS same_name, any_value(w.alike) AS alike,
                     any_value(w.near_code) AS near_code, any_value(w.code) AS code, flatten(list(w.evidence)) AS evidence
                   FROM weighed w JOIN row_resolved r ON r.fact = w.fact WHERE r.entity IS NULL GROUP BY w.pair, w.entity
                   QUALIFY row_number() OVER (PARTITION BY w.pair ORDER BY max(w.weight) DESC, w.entity) <= 5)
        SELECT l.pair::UBIGINT AS review, l.pair, l.fact, r.class, l.rows, p.reason,
          to_json(list({'entity': c.entity, 'score': least(round(c.weight, 3), 0.99), 'evidence': list_distinct(list_concat(c.evidence,
            list_filter(['name', 'similar-name', 'similar-code', 'code'], lambda x: CASE x WHEN 'name' THEN c.same_name
              WHEN 'similar-name' THEN c.alike AND NOT c.same_name WHEN 'similar-code' THEN c.near_code ELSE c.code END)))} ORDER BY c.weight DESC, c.entity))::VARCHAR AS candidates,
          ${integration}::INTEGER AS integration
        FROM left_over l JOIN open_pair p ON p.pair = l.pair JOIN c ON c.pair = l.pair JOIN open_row r ON r.fact = l.fact
        GROUP BY ALL`,
    },
  ];
}
