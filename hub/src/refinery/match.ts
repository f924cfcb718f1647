/**
 * Whose an identification is. A code alone is not believed while a name stands beside it: a code and a name must point to
 * the same legal person, or one of them must be clearly nobody's and the other clearly somebody's. What stays open is
 * left for the rows' own evidence (evidence.ts) and then for a person.
 */
import type { LakeStep } from '../platform/lake/index.ts';

/**
 * A matching engine. It reads the temporary table `todo` (columns of `pair_in`) and the temporary view `known_as` (columns
 * of rf.alias; of names either those that registers say, or former ones as well), and fills the temporary table `resolved (pair, entity, method, score, other, agrees, reason)`: `entity` NULL with a `reason`
 * leaves the identification open. The key matcher is the first; a probabilistic one can stand in its place.
 */
export interface Matcher {
  readonly name: string;
  /** Steps that resolve `todo` into `resolved`. */
  steps(): LakeStep[];
}

/** One name under which several legal persons are known belongs to none of them clearly; `owners` 2: two or more. */
const nameOwners = `
  SELECT value_hash AS h, CASE WHEN min(entity) = max(entity) THEN 1 ELSE 2 END AS owners, min(entity) AS entity, bool_and(kind = 'former') AS former
  FROM known_as WHERE kind IN ('name', 'former') AND value_hash IN (SELECT h_name FROM todo UNION ALL SELECT h_former FROM todo)
  GROUP BY value_hash`;

/** The organisation code of an identification: its own or that inside the unified code. */
export const ORGCODE = 'coalesce(k_orgcode, substr(k_uscc, 9, 9))';

const codeOwners = `
  WITH given AS (SELECT unnest([k_uscc, k_regno, coalesce(k_orgcode, substr(k_uscc, 9, 9))]) AS value FROM todo)
  SELECT kind, value, min(entity) AS entity FROM known_as
  WHERE kind IN ('uscc', 'orgcode', 'regno') AND value IN (SELECT value FROM given WHERE value IS NOT NULL)
  GROUP BY kind, value HAVING min(entity) = max(entity)`;

/**
 * The part of a company's name that tells it from others: without the places before and the legal form after.
 * 超市, 门市部, 菜市场 and 小区 are no places.
 * `place`: SQL of the name of the city that most names begin with.
 */
export function nameCore(key: string, place: string): string {
  const noPlace = `regexp_replace(regexp_replace(${key}, '^([^省市区县]{2,3}省)?([^省市区县超门菜夜]{2,3}市)?([^省市区县超门菜夜小]{2,3}[市区县])?', ''), '^(' || ${place} || ')', '')`;
  return `coalesce(nullif(regexp_replace(${noPlace},
    '(股份有限公司|有限责任公司|有限公司|股份公司|集团公司|公司|普通合伙|有限合伙|个体工商户|个人独资|专业合作社|加工厂|加工场|经营部|服务部|门市部|工作室|商行|商店|厂|店|部|行|场|社|馆)+$', ''), ''), ${key})`;
}

/** The two characters with which at least a fifth of the known names begin, or something that no name begins with. */
export const PLACE = '(SELECT place FROM name_place)';

const place = `coalesce((SELECT p FROM (SELECT left(value, 2) AS p, count(*) AS n, sum(count(*)) OVER () AS total
    FROM rf.alias WHERE kind = 'name' GROUP BY 1) WHERE n * 5 >= total ORDER BY n DESC, p LIMIT 1), '~')`;

/** Remembers the place before registers bring names. */
export const placeBeforeStep: LakeStep = {
  name: 'the place that names began with',
  sql: `CREATE OR REPLACE TEMP TABLE name_place AS SELECT ${place} AS place, false AS turned`,
};

/** Fills `name_place (place, turned)`; `turned` tells that names began otherwise before this integration. */
export const placeStep: LakeStep = {
  name: 'the place that names begin with',
  sql: `CREATE OR REPLACE TEMP TABLE name_place AS SELECT p AS place, p <> ${PLACE} AS turned FROM (SELECT ${place} AS p)`,
};

/** The key under which spellings of a cleaned name are equal. */
export const keyOf = (clean: string): string => `upper(regexp_replace(${clean}, '[（）()·.、,，"“”\\-]', '', 'g'))`;

/** Distance in bytes; six times faster than the one that counts an exchange as one step. */
const levenshtein = (a: string, b: string) => `levenshtein(${a}, ${b})`;

/**
 * Whether two name cores differ by no more than one mistake (a character more, less or other, or two changed places), or one is
 * the other shortened. The engine counts in bytes: one character of three bytes is a distance of at most 3, of an exchange
 * at most 6 with the same characters.
 */
export function similarCores(a: string, b: string): string {
  return `(${oneMistake(a, b)} OR ${shortened(a, b)})`;
}

/** Whether two texts differ by no more than one character more, less, other, or two that changed places. */
export function oneMistake(a: string, b: string): string {
  return `(${a} = ${b} OR ${levenshtein(a, b)} <= 3
    OR (strlen(${a}) = strlen(${b}) AND ${sortedCharacters(a)} = ${sortedCharacters(b)} AND ${levenshtein(a, b)} <= 6))`;
}

/** The characters of a text in order: equal for texts that only exchange places. */
export const sortedCharacters = (x: string): string => `list_sort(string_split(${x}, ''))`;

/** Whether `a` is `b` with characters left out, or the other way round; at least three characters must remain. */
export function shortened(a: string, b: string): string {
  const pattern = (x: string) => `regexp_replace(regexp_replace(${x}, '[%_]', '', 'g'), '(.)', '%\\1', 'g') || '%'`;
  return `((length(${a}) >= 3 AND length(${a}) < length(${b}) AND ${b} LIKE ${pattern(a)})
    OR (length(${b}) >= 3 AND length(${b}) < length(${a}) AND ${a} LIKE ${pattern(b)}))`;
}

/** Codes and names as keys. */
export const keyMatcher: Matcher = {
  name: 'keys',
  steps: () => [
    { name: 'owners of codes', sql: `CREATE OR REPLACE TEMP TABLE code_owner AS ${codeOwners}` },
    { name: 'owners of names', sql: `CREATE OR REPLACE TEMP TABLE name_owner AS ${nameOwners}` },
    {
      name: 'what codes and names point to',
      sql: `CREATE OR REPLACE TEMP TABLE pointed AS
        SELECT t.pair, t.clean_name, t.h_name, t.h_former, coalesce(u.entity, r.entity, o.entity) AS code_entity,
          n.owners AS name_owners, n.entity AS name_entity, n.former AS name_former,
          f.owners AS former_owners, f.entity AS former_entity, u.entity IS NULL AND r.entity IS NOT NULL AS by_regno,
          t.k_uscc IS NOT NULL OR t.clean_uscc <> '' AS code_given
        FROM todo t
        LEFT JOIN (FROM code_owner WHERE kind = 'uscc') u ON u.value = t.k_uscc
        LEFT JOIN (FROM code_owner WHERE kind = 'regno') r ON r.value = t.k_regno
        LEFT JOIN (FROM code_owner WHERE kind = 'orgcode') o ON o.value = ${ORGCODE}
        LEFT JOIN name_owner n ON n.h = t.h_name
        LEFT JOIN name_owner f ON f.h = t.h_former`,
    },
    {
      name: 'codes and names that agree',
      sql: `CREATE OR REPLACE TEMP TABLE agreed AS
        SELECT p.pair, bool_or(a.kind = 'name' AND a.value_hash = p.h_name) AS current
        FROM pointed p JOIN known_as a ON a.entity = p.code_entity AND a.kind IN ('name', 'former')
          AND (a.value_hash = p.h_name OR a.value_hash = p.h_former)
        WHERE p.code_entity IS NOT NULL
          AND (p.name_owners > 1 OR p.former_owners > 1 OR p.name_entity = p.code_entity OR p.former_entity = p.code_entity)
        GROUP BY p.pair`,
    },
    {
      name: 'names that resemble the name behind the code',
      sql: `CREATE OR REPLACE TEMP TABLE resembling AS
        WITH given AS (
          SELECT pair, code_entity, ${nameCore(keyOf('clean_name'), PLACE)} AS core FROM pointed
          WHERE code_entity IS NOT NULL AND h_name IS NOT NULL AND pair NOT IN (SELECT pair FROM agreed)
        ), known AS (
          SELECT entity, ${nameCore('value', PLACE)} AS core FROM known_as
          WHERE kind IN ('name', 'former') AND entity IN (SELECT code_entity FROM given)
        )
        SELECT g.pair, max(jaro_winkler_similarity(g.core, k.core)) AS score
        FROM given g JOIN known k ON k.entity = g.code_entity WHERE ${similarCores('g.core', 'k.core')} GROUP BY g.pair`,
    },
    {
      name: 'resolve identifications',
      sql: `CREATE OR REPLACE TEMP TABLE resolved AS
        SELECT pair,
          CASE WHEN method IN ('name-despite-code', 'name-alone', 'former-name-alone') THEN coalesce(clear_entity, former_clear)
               WHEN method IS NOT NULL THEN code_entity END AS entity,
          method, CASE method WHEN 'code-and-name' THEN 1.0 WHEN 'code-and-former-name' THEN 0.99 WHEN 'regno' THEN 0.98
            WHEN 'code-and-similar-name' THEN 0.9 + 0.08 * similarity WHEN 'name-despite-code' THEN 0.95
            WHEN 'name-alone' THEN 0.95 WHEN 'former-name-alone' THEN 0.93 WHEN 'code-alone' THEN 0.9 END AS score,
          CASE WHEN method = 'name-despite-code' OR method IS NULL THEN code_entity END AS other,
          method IN ('code-and-name', 'regno', 'name-alone', 'name-despite-code') AS agrees,
          CASE WHEN method IS NULL THEN
            CASE WHEN code_entity IS NOT NULL AND name_owners IS NOT NULL THEN 'code-against-name'
                 WHEN coalesce(name_owners, former_owners) > 1 THEN 'shared-name'
                 WHEN h_name IS NOT NULL OR h_former IS NOT NULL THEN 'similar-name'
                 ELSE 'code-without-name' END END AS reason
        FROM (
          SELECT p.*, s.score AS similarity,
            CASE WHEN name_owners = 1 THEN name_entity END AS clear_entity,
            CASE WHEN former_owners = 1 THEN former_entity END AS former_clear,
            CASE
              WHEN code_entity IS NOT NULL AND h_name IS NULL AND h_former IS NULL THEN CASE WHEN by_regno THEN 'regno' ELSE 'code-alone' END
              WHEN a.pair IS NOT NULL THEN CASE WHEN by_regno THEN 'regno' WHEN a.current THEN 'code-and-name' ELSE 'code-and-former-name' END
              WHEN code_entity IS NOT NULL AND name_owners = 1 AND s.pair IS NULL THEN 'name-despite-code'
              WHEN code_entity IS NOT NULL AND name_owners IS NULL AND s.pair IS NOT NULL THEN 'code-and-similar-name'
              WHEN code_entity IS NULL AND name_owners = 1 THEN CASE WHEN name_former THEN 'former-name-alone' ELSE 'name-alone' END
              WHEN code_entity IS NULL AND name_owners IS NULL AND former_owners = 1 THEN 'former-name-alone'
            END AS method
          FROM pointed p LEFT JOIN agreed a ON a.pair = p.pair LEFT JOIN resembling s ON s.pair = p.pair)`,
    },
  ],
};

/** Which names count: those that registers say, or former ones as well. Fills the view `known_as`. */
export const knownStep = (names: 'registered' | 'all'): LakeStep => ({
  name: names === 'all' ? 'names of registers and former names' : 'names of registers',
  sql: `CREATE OR REPLACE TEMP VIEW known_as AS FROM rf.alias${names === 'all' ? '' : " WHERE kind <> 'former'"}`,
});

/**
 * Former names told beside a code and a name become names under which the legal person is found. Reads `resolved` over the
 * identifications of `todo` that carry a former name, resolved by what registers say alone: one former name never
 * makes another believed, so that it does not matter in which order they came. Every identification that tells a name has
 * a row of its own in rf.alias (with its `fact`); it goes when the identification is no longer believed. What came
 * and what went is added to `alias_news`.
 */
export function formerNameSteps(integration: number): LakeStep[] {
  const supported = (column: string) =>
    `NOT EXISTS (FROM rf.alias a WHERE a.entity = ${column}.entity AND a.kind IN ('name', 'former') AND a.value_hash = ${column}.value_hash
       AND (a.kind = 'name' OR a.fact NOT IN (SELECT fact FROM todo)))`;
  const same = 'o.entity = n.entity AND o.value_hash = n.value_hash AND o.fact = n.fact';
  return [
    {
      name: 'former names',
      sql: `CREATE OR REPLACE TEMP TABLE former_new AS
        SELECT r.entity, 'former' AS kind, ${keyOf('t.clean_former')} AS value, t.h_former AS value_hash, t.fact, ${integration}::INTEGER AS integration
        FROM resolved r JOIN todo t ON t.pair = r.pair
        WHERE t.h_former IS NOT NULL AND r.method IN ('code-and-name', 'code-and-former-name', 'code-and-similar-name', 'regno', 'code-alone', 'name-alone')`,
    },
    {
      name: 'former names told before',
      sql: `CREATE OR REPLACE TEMP TABLE former_old AS SELECT * FROM rf.alias WHERE kind = 'former' AND fact IN (SELECT fact FROM todo)`,
    },
    {
      name: 'former names that came or went',
      sql: `INSERT INTO alias_news
        SELECT n.* FROM former_new n WHERE NOT EXISTS (FROM former_old o WHERE ${same}) AND ${supported('n')}
        UNION ALL SELECT o.* FROM former_old o WHERE NOT EXISTS (FROM former_new n WHERE ${same}) AND ${supported('o')}`,
    },
    {
      name: 'former names that are no longer believed',
      sql: `DELETE FROM rf.alias WHERE kind = 'former' AND fact IN (SELECT fact FROM former_old)`,
    },
    { name: 'keep former names', sql: 'INSERT INTO rf.alias SELECT * FROM former_new' },
  ];
}
