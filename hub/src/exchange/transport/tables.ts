/**
 * What the transports keep in the lake.
 *
 * - `ex.checkpoint` how far an incremental pull has come: `mark` is the highest watermark whose rows are collected, as the
 *                   database writes it. It moves in the transaction that takes in the rows. `scope` names connection,
 *                   table and column, so that a source that moves begins anew
 * - `ex.push`       batches taken over HTTP by their key, written in the transaction that takes in the rows
 * - `ex.look`       when a source was last pulled to an end, and whether the other side answered
 */
export const transportTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS ex',
  'CREATE TABLE IF NOT EXISTS ex.checkpoint (source VARCHAR, scope VARCHAR, mark VARCHAR, run INTEGER, written TIMESTAMP)',
  'CREATE TABLE IF NOT EXISTS ex.look (source VARCHAR, looked TIMESTAMP, ok BOOLEAN)',
  `CREATE TABLE IF NOT EXISTS ex.push (
     source VARCHAR, key VARCHAR, batch VARCHAR, sha256 VARCHAR, rows BIGINT, pushed_by VARCHAR, run INTEGER, taken TIMESTAMP)`,
];
