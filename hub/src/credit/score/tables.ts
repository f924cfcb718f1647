/**
 * The lake's tables of scores (schema `cs`) and their views.
 *
 * - `cs.model`   every content that a model ever had: a change makes a new version, the old one stays as it was
 * - `cs.run`     one scoring of one version on one day; `finished` is null until it is whole
 * - `cs.slice`   which slices of a run are on disk, for going on after a kill
 * - `cs.raw`     sums of an unfinished run; emptied when it is finished
 * - `cs.score`   score, grade and ranks of everyone per run
 * - `cs.point`   value and points of an indicator since a run: a row is written only when something differs from the run
 *                before of the same version, so that a quiet day costs nothing; sorted by entity per run
 * - `cs.release` de-identified statistics as they were published, whole
 * - `cs.mark`    of the newest run of a model: a mark of everything of an enterprise that the model reads
 * - `cs.basis`   of the same runs: what held for everyone, and how every received run had been cleaned
 */
export const scoreTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS cs',
  'CREATE SCHEMA IF NOT EXISTS v',
  'CREATE SEQUENCE IF NOT EXISTS cs.run_number START 1',
  `CREATE TABLE IF NOT EXISTS cs.model (
     model VARCHAR, version INTEGER, hash VARCHAR, edition VARCHAR, declaration VARCHAR, first_seen TIMESTAMP)`,
  `CREATE TABLE IF NOT EXISTS cs.run (
     run INTEGER, model VARCHAR, version INTEGER, day DATE, started TIMESTAMP, finished TIMESTAMP, entities INTEGER,
     before_run INTEGER, slices INTEGER, unavailable VARCHAR, ms DOUBLE)`,
  'CREATE TABLE IF NOT EXISTS cs.slice (run INTEGER, slice INTEGER, points BIGINT, ms DOUBLE)',
  `CREATE TABLE IF NOT EXISTS cs.raw (
     run INTEGER, entity INTEGER, score DECIMAL(7,1), sums DECIMAL(7,1)[], adjusted DECIMAL(7,1)[], cap VARCHAR,
     cap_points DECIMAL(7,1), scale_points DECIMAL(7,1))`,
  `CREATE TABLE IF NOT EXISTS cs.score (
     run INTEGER, entity INTEGER, score DECIMAL(7,1), grade VARCHAR, town VARCHAR, industry VARCHAR,
     rank_city INTEGER, of_city INTEGER, rank_town INTEGER, of_town INTEGER, rank_industry INTEGER, of_industry INTEGER,
     change DECIMAL(7,1), grade_before VARCHAR, sums DECIMAL(7,1)[], adjusted DECIMAL(7,1)[], cap VARCHAR,
     cap_points DECIMAL(7,1), scale_points DECIMAL(7,1))`,
  `CREATE TABLE IF NOT EXISTS cs.point (
     model VARCHAR, version INTEGER, run INTEGER, entity INTEGER, indicator SMALLINT, value DOUBLE,
     points DECIMAL(7,1), n INTEGER, facts BIGINT[])`,
  'CREATE TABLE IF NOT EXISTS cs.mark (run INTEGER, entity INTEGER, mark UBIGINT)',
  'CREATE TABLE IF NOT EXISTS cs.basis (model VARCHAR, run INTEGER, basis VARCHAR, cleaned VARCHAR[])',
  'CREATE TABLE IF NOT EXISTS cs.release (release INTEGER, model VARCHAR, run INTEGER, made TIMESTAMP, body VARCHAR)',
  `CREATE OR REPLACE VIEW v.credit_score_run_v1 AS
     SELECT run, model, version, day, started, finished, entities, before_run, unavailable FROM cs.run`,
  `CREATE OR REPLACE VIEW v.credit_score_v1 AS
     SELECT s.run, r.model, r.version, r.day, s.entity, s.score, s.grade, s.town, s.industry, s.rank_city, s.of_city,
            s.rank_town, s.of_town, s.rank_industry, s.of_industry, s.change, s.grade_before
     FROM cs.score s JOIN cs.run r ON r.run = s.run AND r.finished IS NOT NULL`,
];
