/**
 * What linkage keeps in the lake (schema `lib`).
 *
 * - `lib.linkage_version`   parameters by number: proposed, in force, or of before; `measure`: what they are expected to do
 * - `lib.linkage_frequency` frequencies of values that go with a version
 * - `lib.linkage_made`      the version by which a library was last integrated
 * - `lib.linkage_due`       libraries that wait for an integration without a new row: a version or a decision
 * - `lib.linkage_anchor`    blocking keys of register rows, `lib.linkage_open` those of open rows
 * - `lib.linkage_pair`      open rows with the entities that they may mean: weight, pattern, what both say. Made by integrations
 * - `lib.linkage_label`     verdicts of people, for ever; with what they saw
 * - `lib.linkage_decision`  what a steward decided of an open row, for ever; the latest counts
 */
export const linkageTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS lib',
  `CREATE TABLE IF NOT EXISTS lib.linkage_version (library SMALLINT, version INTEGER, state VARCHAR, sha256 VARCHAR, declaration VARCHAR,
     parameters VARCHAR, usual VARCHAR, known BIGINT, rows BIGINT, labels BIGINT, measure VARCHAR, blocking VARCHAR, made_at TIMESTAMP, made_by VARCHAR,
     in_force_at TIMESTAMP, in_force_by VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS lib.linkage_frequency (library SMALLINT, version INTEGER, name VARCHAR, v VARCHAR, n BIGINT)',
  'CREATE TABLE IF NOT EXISTS lib.linkage_made (library SMALLINT, version INTEGER, sha256 VARCHAR)',
  'CREATE TABLE IF NOT EXISTS lib.linkage_due (library SMALLINT, reason VARCHAR)',
  'CREATE TABLE IF NOT EXISTS lib.linkage_anchor (library SMALLINT, source SMALLINT, fact BIGINT, k UBIGINT)',
  'CREATE TABLE IF NOT EXISTS lib.linkage_open (library SMALLINT, source SMALLINT, fact BIGINT, k UBIGINT)',
  `CREATE TABLE IF NOT EXISTS lib.linkage_pair (library SMALLINT, pair VARCHAR, source SMALLINT, fact BIGINT, entity INTEGER, anchor_source SMALLINT,
     anchor BIGINT, w DOUBLE, pat BIGINT, version INTEGER, place INTEGER, state VARCHAR, says VARCHAR[], known VARCHAR[])`,
  `CREATE TABLE IF NOT EXISTS lib.linkage_label (library SMALLINT, pair VARCHAR, source VARCHAR, fact BIGINT, entity INTEGER, verdict VARCHAR, settles BOOLEAN,
     by_user VARCHAR, by_name VARCHAR, judged_at TIMESTAMP, comment VARCHAR, columns VARCHAR[], says VARCHAR[], known VARCHAR[])`,
  `CREATE TABLE IF NOT EXISTS lib.linkage_decision (library SMALLINT, source VARCHAR, fact BIGINT, decision VARCHAR, entity INTEGER, by_user VARCHAR,
     by_name VARCHAR, judged_at TIMESTAMP, comment VARCHAR)`,
];

/** What is made again by an integration, and forgotten before. */
export const forgottenLinkage: readonly string[] = ['made', 'anchor', 'open', 'pair'].map((t) => `lib.linkage_${t}`);

/**
 * SQL of what people's verdicts on the pairs of a library amount to: pair, source, fact, entity, verdict ('same', 'different', or NULL while it is open), n (verdicts), `state`:
 * `settled` by a steward, `agreed`, `waiting` for a second person, `disagreed`. Everybody's latest verdict counts; `second`: share of pairs that need two.
 */
export function verdictSql(library: number, second: number): string {
  const needs = `CASE WHEN hash(pair || 'second') % 1000 < ${Math.round(second * 1000)} THEN 2 ELSE 1 END`;
  return `SELECT pair, source, fact, entity, n, CASE WHEN settled IS NOT NULL THEN 'settled' WHEN kinds > 1 OR unsure > 0 AND n >= ${needs} THEN 'disagreed' WHEN n >= ${needs} THEN 'agreed' ELSE 'waiting' END AS state,
      CASE WHEN settled IS NOT NULL THEN settled WHEN kinds = 1 AND unsure = 0 AND n >= ${needs} THEN verdict END AS verdict
    FROM (SELECT pair, any_value(source) AS source, any_value(fact) AS fact, any_value(entity) AS entity, count(*) FILTER (NOT settles) AS n,
        count(DISTINCT verdict) FILTER (NOT settles) AS kinds, count(*) FILTER (verdict = 'unsure' AND NOT settles) AS unsure, min(verdict) FILTER (NOT settles) AS verdict,
        arg_max(verdict, judged_at) FILTER (settles) AS settled
      FROM (FROM lib.linkage_label WHERE library = ${library} QUALIFY row_number() OVER (PARTITION BY pair, by_user, settles ORDER BY judged_at DESC, rowid DESC) = 1) GROUP BY pair)`;
}
