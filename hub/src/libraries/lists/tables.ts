/**
 * The lists' tables in the lake (schema `lst`) and their published views.
 *
 * - `lst.run`    one line per list and day: how many should, have, are excused, are members; what changed since the day before
 * - `lst.member` who is on a list now, and since which day without a break
 * - `lst.ended`  stays on a list that are over: from, until, and how (done, excepted, withdrawn)
 * - `lst.split`  the figures of a run by town
 */
export const listTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS lst',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS lst.run (
     list VARCHAR, day DATE, began TIMESTAMP, finished TIMESTAMP, ms DOUBLE, who BIGINT, done BIGINT, excepted BIGINT,
     members BIGINT, before BIGINT, fresh BIGINT, still BIGINT, ended_done BIGINT, ended_withdrawn BIGINT,
     without_subject BIGINT, declaration VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS lst.member (
     list VARCHAR, entity BIGINT, division VARCHAR, reason VARCHAR, due DATE, since DATE)`,
  `CREATE TABLE IF NOT EXISTS lst.ended (
     list VARCHAR, entity BIGINT, division VARCHAR, reason VARCHAR, due DATE, since DATE, until DATE, ending VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS lst.split (
     list VARCHAR, day DATE, town VARCHAR, members BIGINT, fresh BIGINT, still BIGINT, ended_done BIGINT,
     ended_withdrawn BIGINT)`,
  'CREATE OR REPLACE VIEW v.list_run_v1 AS SELECT * FROM lst.run',
  'CREATE OR REPLACE VIEW v.list_member_v1 AS SELECT list, entity, division, reason, due, since FROM lst.member',
  `CREATE OR REPLACE VIEW v.list_ended_v1 AS
     SELECT list, entity, division, reason, due, since, until, ending FROM lst.ended`,
  'CREATE OR REPLACE VIEW v.list_split_v1 AS SELECT * FROM lst.split',
];
