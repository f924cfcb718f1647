/**
 * What the exchange keeps of persons who were erased: never a value, except of rows that a law makes it keep.
 *
 * - `ex.forgotten`   the standing orders: a person (by the token of the number's normal form) whose rows are let go of as they come
 * - `ex.forgotten_class`  per order and source: `delete` or `keep`
 * - `ex.subject_row` rows that an order found to be about the person; `whole`: about nobody else, else the fields that are
 * - `ex.erased`      rows that were let go of: their leaf stays, so that the run's tree still has its root; `whole` rows stand nowhere else;
 *                    `held`: what a law makes the city keep, locked (限制处理): no room reads it
 * - `ex.cut_file`    received files from which records were cut: digest of the original, of what replaced it (null: removed whole)
 */
export const eraseTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS ex',
  'CREATE SCHEMA IF NOT EXISTS v',
  'CREATE TABLE IF NOT EXISTS ex.forgotten (erasure INTEGER, norm VARCHAR, since TIMESTAMP)',
  'CREATE TABLE IF NOT EXISTS ex.forgotten_class (erasure INTEGER, source VARCHAR, action VARCHAR)',
  `CREATE TABLE IF NOT EXISTS ex.subject_row (erasure INTEGER, source VARCHAR, class SMALLINT, run INTEGER, row INTEGER, fact BIGINT, place VARCHAR,
     whole BOOLEAN, fields VARCHAR[])`,
  `CREATE TABLE IF NOT EXISTS ex.erased (run INTEGER, row INTEGER, source VARCHAR, place VARCHAR, leaf BLOB USING COMPRESSION uncompressed,
     erasure INTEGER, whole BOOLEAN, fields VARCHAR[], held JSON, erased_at TIMESTAMP)`,
  `CREATE TABLE IF NOT EXISTS ex.cut_file (blob VARCHAR, turn INTEGER, replacement VARCHAR, records BIGINT, cut VARCHAR, erasure INTEGER,
     cut_at TIMESTAMP)`,
  'CREATE OR REPLACE VIEW v.subject_row_v1 AS SELECT erasure, source, class, run, row, fact, place, whole, fields FROM ex.subject_row',
  `CREATE OR REPLACE VIEW v.erased_row_v1 AS
     SELECT run, row, source, place, erasure, whole, fields, held IS NOT NULL AS kept, erased_at FROM ex.erased`,
];
