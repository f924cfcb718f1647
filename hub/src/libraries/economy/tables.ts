/**
 * The economy's tables in the lake (schema `eco`) and their published views. A period is the number of its first month
 * (year × 12 + month − 1); `grain` is its length in months: 1, 3, 12. Values are in the measure's unit.
 *
 * - `eco.measure`       numbers of measures, what each was last made of, and up to which integration
 * - `eco.figure`        the golden figure of an enterprise, measure and period; `parts` of `grain` months are reported
 * - `eco.history`       figures that were replaced: what they were, from when until when
 * - `eco.contradiction` what sources said of a figure on which they differ
 * - `eco.doubt`         what was said and not used, with the reason (min, max, spike, jump, against)
 * - `eco.enterprise`, `eco.member`, `eco.code`  where enterprises belong: golden dimensions, declared ones, their titles
 * - `eco.run`           what each run did
 */
export const economyTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS eco',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS eco.measure (measure SMALLINT, id VARCHAR, sha256 VARCHAR, integration INTEGER, unit VARCHAR, sources VARCHAR[])`,
  `CREATE TABLE IF NOT EXISTS eco.figure (measure SMALLINT, entity INTEGER, grain TINYINT, period INTEGER, value DOUBLE, source TINYINT,
     fact BIGINT, parts TINYINT, disputed BOOLEAN, recorded TIMESTAMP)`,
  `CREATE TABLE IF NOT EXISTS eco.history (measure SMALLINT, entity INTEGER, grain TINYINT, period INTEGER, value DOUBLE, source TINYINT,
     fact BIGINT, parts TINYINT, recorded TIMESTAMP, until TIMESTAMP)`,
  `CREATE TABLE IF NOT EXISTS eco.contradiction (measure SMALLINT, entity INTEGER, grain TINYINT, period INTEGER, source TINYINT, value DOUBLE,
     fact BIGINT, chosen BOOLEAN)`,
  `CREATE TABLE IF NOT EXISTS eco.doubt (measure SMALLINT, entity INTEGER, grain TINYINT, period INTEGER, source TINYINT, value DOUBLE,
     fact BIGINT, reason VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS eco.enterprise (entity INTEGER, name VARCHAR, town VARCHAR, section VARCHAR, division VARCHAR, "group" VARCHAR,
     class VARCHAR, form VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS eco.member (dimension VARCHAR, entity INTEGER, code VARCHAR)',
  'CREATE TABLE IF NOT EXISTS eco.code (dimension VARCHAR, code VARCHAR, title VARCHAR)',
  `CREATE TABLE IF NOT EXISTS eco.run (made TIMESTAMP, ms DOUBLE, measures INTEGER, enterprises BIGINT, figures BIGINT, changed BIGINT, doubts BIGINT, disputed BIGINT)`,
  `CREATE OR REPLACE VIEW v.economy_value_v1 AS
     SELECT f.entity, m.id AS measure, m.unit, f.grain, make_date((f.period // 12)::INTEGER, (f.period % 12 + 1)::INTEGER, 1) AS period, f.value, f.parts,
       m.sources[f.source + 1] AS source, f.fact, f.disputed, f.recorded
     FROM eco.figure f JOIN eco.measure m ON m.measure = f.measure`,
  `CREATE OR REPLACE VIEW v.economy_history_v1 AS
     SELECT f.entity, m.id AS measure, f.grain, make_date((f.period // 12)::INTEGER, (f.period % 12 + 1)::INTEGER, 1) AS period, f.value, f.parts,
       m.sources[f.source + 1] AS source, f.fact, f.recorded, f.until
     FROM eco.history f JOIN eco.measure m ON m.measure = f.measure`,
  `CREATE OR REPLACE VIEW v.economy_enterprise_v1 AS SELECT entity, name, town, section, division, "group", class, form FROM eco.enterprise`,
  `CREATE OR REPLACE VIEW v.economy_member_v1 AS SELECT x.dimension, x.entity, x.code, c.title FROM eco.member x
     LEFT JOIN eco.code c ON c.dimension = x.dimension AND c.code = x.code`,
];
