/**
 * What the transports keep in the lake.
 *
 * - `ex.checkpoint` how far an incremental pull has come: `mark` is the highest watermark whose rows are collected, as the
 *                   database writes it. It is written after the run, in a transaction of its own: a kill in between only
 *                   means that rows are read again, and those are recognised as duplicates. `scope` names connection,
 *                   table and column, so that a source that moves begins anew
 * - `ex.push`       batches taken over HTTP by their key. `run` is NULL from the moment that the key is taken until the
 *                   rows are in; a batch that is refused gives its key back
 */
export const transportTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS ex',
  'CREATE TABLE IF NOT EXISTS ex.checkpoint (source VARCHAR, scope VARCHAR, mark VARCHAR, run INTEGER, written TIMESTAMP)',
  `CREATE TABLE IF NOT EXISTS ex.push (
     source VARCHAR, key VARCHAR, batch VARCHAR, sha256 VARCHAR, rows BIGINT, pushed_by VARCHAR, run INTEGER, written TIMESTAMP)`,
];
