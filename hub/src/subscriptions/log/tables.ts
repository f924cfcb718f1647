/**
 * The log of changes in the lake. One stream per watched source; its sequence counts from 1 without holes and is given in the transaction
 * that finds the changes. Values are texts in the declared order of a shape (the fields of the source when the change was found), so that a
 * source that gets another field does not alter what was logged before.
 *
 * `sub.held` is what the log says of every record; a change is what differs from it.
 */
export const logTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS sub',
  // `print` recognises an untouched source without reading its values; `floor`: up to here the log was dropped.
  `CREATE TABLE IF NOT EXISTS sub.stream (stream INTEGER, source VARCHAR, head BIGINT, floor BIGINT, shape INTEGER, print VARCHAR,
     looked TIMESTAMP)`,
  'CREATE TABLE IF NOT EXISTS sub.shape (stream INTEGER, shape INTEGER, fields VARCHAR[])',
  'CREATE TABLE IF NOT EXISTS sub.held (stream INTEGER, record VARCHAR, fact BIGINT, digest UBIGINT, bucket TINYINT, "values" VARCHAR[])',
  // change: 1 added, 0 changed, -1 removed. bucket: 0 to 15 by record, what partitions are made of.
  `CREATE TABLE IF NOT EXISTS sub.change (stream INTEGER, seq BIGINT, found TIMESTAMP, change TINYINT, record VARCHAR, bucket TINYINT,
     fact BIGINT, shape INTEGER, before VARCHAR[], after VARCHAR[])`,
];

/** Days for which changes can be sent again. */
export const KEEP_DAYS = 7;

/** Buckets of records; a subscription's partitions divide them. */
export const BUCKETS = 16;

/** A watched source as the log has it. */
export interface Stream {
  stream: number;
  source: string;
  /** Sequence of the last change. */
  head: number;
  /** Sequence up to which changes were dropped; 0: none. */
  floor: number;
  shape: number;
}
