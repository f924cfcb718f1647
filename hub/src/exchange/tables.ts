/**
 * The exchange's tables in the lake and its published views.
 *
 * - `raw.<class>`   accepted rows as they were received; never changed but by an order of erasure (erase/). `_op` I, U or D; `_ts` the source's instant in UTC
 *                   (of a snapshot: when its run started); `_leaf` the row's SHA-256; sensitive values are tokens
 *
 * Of a source without a mapping the leaf is SHA-256 of the RFC 8785 array of the row's original strings in declared order.
 * Of a source with a mapping it is over the ORIGINAL delivered strings, all columns of the delivery in delivered column
 * order (of rows that name their own columns: in the order in which the delivery first names them, null for what a row
 * does not have); the fields beside it hold what the mapping answered, as text.
 *
 * - `ex.run`        the receipt of every run, written in the transaction that writes its rows
 * - `ex.block`      roots of the run's whole blocks of 65,536 leaves (level 16); the last entry of a lower level is the root
 *                   over the rows after them
 * - `ex.quarantine` rows that broke a rule, whole; of a mapped row the mapped values and, in `raw`, the delivered ones as a
 *                   JSON object, without those that a sensitive field may be made of
 * - `ex.duplicate`  rows known already: in this run or an earlier one, accepted or in quarantine
 * - `ex.vanished`   rows that a later snapshot no longer holds; `replaced` says that the snapshot holds another row of the
 *                   same business key
 * - `ex.extra`      values of columns that are not declared, under the contract `evolve`
 * - `ex.refusal`    deliveries refused whole
 */
import type { SourceDeclaration } from '../catalogue/index.ts';
import { ident, type Lake } from '../platform/lake/index.ts';
import { eraseTables } from './erase/tables.ts';
import { className, rawTable } from './names.ts';

export const exchangeTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS raw',
  'CREATE SCHEMA IF NOT EXISTS ex',
  'CREATE SCHEMA IF NOT EXISTS v',
  'CREATE SEQUENCE IF NOT EXISTS ex.run_number START 1',
  'CREATE SEQUENCE IF NOT EXISTS ex.refusal_number START 1',
  `CREATE TABLE IF NOT EXISTS ex.run (
     run INTEGER, source VARCHAR, number SMALLINT, input VARCHAR, blob VARCHAR, bytes BIGINT,
     started TIMESTAMP, finished TIMESTAMP, received BIGINT, accepted BIGINT, quarantined BIGINT, duplicate BIGINT,
     root BLOB, leaves BIGINT, declaration INTEGER, steps VARCHAR,
     kind VARCHAR, level SMALLINT, vanished BIGINT, notices VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS ex.block (run INTEGER, block INTEGER, level SMALLINT, root BLOB)',
  `CREATE TABLE IF NOT EXISTS ex.quarantine (
     run INTEGER, row INTEGER, source VARCHAR, line BIGINT, field VARCHAR, rule VARCHAR, params JSON, cells JSON,
     leaf BLOB USING COMPRESSION uncompressed, status VARCHAR, raw VARCHAR, byte_from BIGINT, byte_to BIGINT,
     mended JSON, received_at TIMESTAMP, decided_at TIMESTAMP, decided_by VARCHAR, reason VARCHAR,
     released_run INTEGER, released_row INTEGER)`,
  `CREATE TABLE IF NOT EXISTS ex.duplicate (
     run INTEGER, row INTEGER, leaf BLOB USING COMPRESSION uncompressed, of_run INTEGER, of_row INTEGER)`,
  'CREATE TABLE IF NOT EXISTS ex.vanished (run INTEGER, source VARCHAR, of_run INTEGER, of_row INTEGER, replaced BOOLEAN)',
  'CREATE TABLE IF NOT EXISTS ex.extra (run INTEGER, row INTEGER, extra JSON)',
  `CREATE TABLE IF NOT EXISTS ex.refusal (
     id BIGINT, source VARCHAR, input VARCHAR, blob VARCHAR, bytes BIGINT, refused_at TIMESTAMP, problem JSON)`,
  `CREATE OR REPLACE VIEW v.run_v1 AS
     SELECT run, source, number, input, blob, bytes, started, finished, received, accepted, quarantined, duplicate,
       root, leaves, declaration, steps, kind, vanished
     FROM ex.run`,
  'CREATE OR REPLACE VIEW v.vanished_v1 AS SELECT run, source, of_run, of_row, replaced FROM ex.vanished',
  ...eraseTables,
];

/**
 * Statements that make a source's table, or add what its declaration gained. Values and leaves are kept uncompressed:
 * received rows are written once and read in bulk, and compressing them costs more than all the rest of a collection.
 */
export function rawTableStatements(source: SourceDeclaration): string[] {
  const table = rawTable(source.id);
  const fields = source.fields.map((f) => `${ident(f.name)} VARCHAR USING COMPRESSION uncompressed`);
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
       _run INTEGER, _row INTEGER, _op VARCHAR, _ts TIMESTAMP, _leaf BLOB USING COMPRESSION uncompressed,
       ${fields.join(', ')})`,
    ...source.fields.map((f) => `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${ident(f.name)} VARCHAR`),
  ];
}

/** Makes or completes the tables of sources; asks first, since a hub that starts again finds nearly all of them there. */
export async function prepareTables(lake: Lake, sources: readonly SourceDeclaration[]): Promise<void> {
  const columns = await lake.query<{ place: string }>(
    "SELECT table_name || '.' || column_name AS place FROM duckdb_columns() WHERE schema_name = 'raw'",
  );
  const held = new Set(columns.map((c) => c.place));
  const wanting = sources.filter((s) => s.fields.some((f) => !held.has(`${className(s.id)}.${f.name}`)));
  await lake.define(wanting.flatMap(rawTableStatements));
}
