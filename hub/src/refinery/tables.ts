/**
 * The refinery's tables in the lake (schema `rf`). They are written by steps.ts and read by other rooms only through the
 * views and functions that the refinery publishes.
 *
 * - `rf.run`      the ledger: which runs are refined, with the declaration's version that cleaned them
 * - `rf.integration` what was integrated together; without `finished` it goes on at the next start
 * - `rf.step`     marks of an integration's finished steps, written in the transaction that did them
 * - `rf.entity`   legal persons that registers made known; integer ids are given once and never again
 * - `rf.register_row` rows of registers without a unified code, and whose they are by their numbers
 * - `rf.alias`    names and codes under which an entity is known to the matcher
 * - `rf.core`     what is left of each known name without place and legal form
 * - `rf.pair`     distinct identifications (codes and names as written) and what they were resolved to
 * - `rf.row_link` rows whose identification alone does not say whose they are: resolved by evidence of the row
 * - `rf.move`     facts whose legal person changed in an integration (`was`: whose they were), for the libraries to follow; without a fact: a legal
 *                 person whom facts leave, or that turned out to be another: its record is made again, or goes
 * - `rf.review`   identifications and rows that a person must decide
 * - `rf.decision` what persons decided; survives a rebuild
 * - `rf.quality`  numbers A / B of GB/T 36344 per run, field and rule
 * - `rf.repeated` rows of a run whose key an earlier row of the same run had
 * - `rf.profile`  what a class's values look like, per run and field
 */
export const refineryTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS rf',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS rf.run (
     run INTEGER, source VARCHAR, class SMALLINT, version INTEGER, accepted BIGINT, finished TIMESTAMP,
     integration INTEGER, linked BIGINT, unlinked BIGINT, refined_at TIMESTAMP)`,
  `CREATE TABLE IF NOT EXISTS rf.integration (
     integration INTEGER, started TIMESTAMP, finished TIMESTAMP, target VARCHAR, runs INTEGER, rows BIGINT)`,
  'CREATE TABLE IF NOT EXISTS rf.step (integration INTEGER, step VARCHAR, rows BIGINT, ms DOUBLE, finished TIMESTAMP)',
  `CREATE TABLE IF NOT EXISTS rf.entity (
     entity INTEGER, key VARCHAR, uscc VARCHAR, regno VARCHAR, orgcode VARCHAR, name VARCHAR, class SMALLINT, fact BIGINT,
     integration INTEGER)`,
  `CREATE TABLE IF NOT EXISTS rf.register_row (
     fact BIGINT, pair UBIGINT, class SMALLINT, clean_name VARCHAR, k_orgcode VARCHAR, k_regno VARCHAR, address VARCHAR,
     person VARCHAR, person_id VARCHAR, phone VARCHAR, entity INTEGER, integration INTEGER)`,
  `CREATE TABLE IF NOT EXISTS rf.alias (
     entity INTEGER, kind VARCHAR, value VARCHAR, value_hash UBIGINT, fact BIGINT, integration INTEGER)`,
  'CREATE TABLE IF NOT EXISTS rf.core (entity INTEGER, value VARCHAR, core VARCHAR, integration INTEGER)',
  `CREATE TABLE IF NOT EXISTS rf.pair (
     pair UBIGINT, clean_uscc VARCHAR, clean_orgcode VARCHAR, clean_regno VARCHAR, clean_name VARCHAR,
     clean_former VARCHAR, changed BOOLEAN, k_uscc VARCHAR, k_orgcode VARCHAR, k_regno VARCHAR, h_name UBIGINT,
     h_former UBIGINT, rows BIGINT, fact BIGINT, entity INTEGER, method VARCHAR, score DOUBLE, other INTEGER,
     agrees BOOLEAN, integration INTEGER)`,
  `CREATE TABLE IF NOT EXISTS rf.row_link (
     fact BIGINT, pair UBIGINT, class SMALLINT, address VARCHAR, person VARCHAR, person_id VARCHAR, phone VARCHAR,
     entity INTEGER, method VARCHAR, score DOUBLE, evidence VARCHAR, integration INTEGER)`,
  'CREATE TABLE IF NOT EXISTS rf.move (integration INTEGER, fact BIGINT, entity INTEGER, was INTEGER)',
  'ALTER TABLE rf.move ADD COLUMN IF NOT EXISTS was INTEGER',
  `CREATE TABLE IF NOT EXISTS rf.review (
     review UBIGINT, pair UBIGINT, fact BIGINT, class SMALLINT, rows BIGINT, reason VARCHAR, candidates VARCHAR,
     integration INTEGER)`,
  `CREATE TABLE IF NOT EXISTS rf.decision (
     review UBIGINT, pair UBIGINT, fact BIGINT, decision VARCHAR, entity INTEGER, by_user VARCHAR, decided_at TIMESTAMP,
     comment VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS rf.quality (
     source VARCHAR, class SMALLINT, run INTEGER, field VARCHAR, dimension VARCHAR, rule VARCHAR, a BIGINT, b BIGINT)`,
  'CREATE TABLE IF NOT EXISTS rf.repeated (run INTEGER, rows BIGINT)',
  `CREATE TABLE IF NOT EXISTS rf.profile (
     source VARCHAR, class SMALLINT, run INTEGER, field VARCHAR, rows BIGINT, sampled BIGINT, filled BIGINT,
     distinct_values BIGINT, min VARCHAR, max VARCHAR, min_length INTEGER, max_length INTEGER, flagged BIGINT,
     patterns VARCHAR, top VARCHAR, drift DOUBLE)`,
];
