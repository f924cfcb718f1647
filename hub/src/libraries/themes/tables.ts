/**
 * The themes' tables in the lake (schema `thm`) and their published views.
 *
 * - `thm.member` who belongs to a theme now, since which day, why, by which record, with the columns that the theme answers
 * - `thm.past`   stays that are over: from, until, what they were for
 * - `thm.run`    one line per theme and day: members, entered, left, share of filled attributes, contradictions
 * - `thm.split`  members by town
 */
export const themeTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS thm',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS thm.member (theme VARCHAR, entity BIGINT, division VARCHAR, reason VARCHAR, fact BIGINT, said VARCHAR[], since DATE)`,
  `CREATE TABLE IF NOT EXISTS thm.past (theme VARCHAR, entity BIGINT, division VARCHAR, reason VARCHAR, fact BIGINT, said VARCHAR[], since DATE, until DATE)`,
  `CREATE TABLE IF NOT EXISTS thm.run (theme VARCHAR, day DATE, made TIMESTAMP, ms DOUBLE, members BIGINT, entered BIGINT, gone BIGINT, without_entity BIGINT,
     filled DOUBLE, contradicted DOUBLE, declaration VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS thm.split (theme VARCHAR, day DATE, town VARCHAR, members BIGINT)',
  'CREATE OR REPLACE VIEW v.theme_member_v1 AS SELECT theme, entity, division, reason, fact, since FROM thm.member',
  'CREATE OR REPLACE VIEW v.theme_past_v1 AS SELECT theme, entity, division, reason, fact, since, until FROM thm.past',
  'CREATE OR REPLACE VIEW v.theme_run_v1 AS SELECT * EXCLUDE (declaration) FROM thm.run',
];
