/**
 * What the gateway keeps in the lake: which tables serve which grant (`gw.served`), records of use by month (`gw.usage_2026_11`, one view
 * `gw.usage` over all), their sums by day (`gw.day`) and which segments of the journal are in them. No statement of the hub deletes a
 * record of use: article 29 of decree 809 wants them for three years at least.
 */
export const gatewayTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS gw',
  `CREATE TABLE IF NOT EXISTS gw.served (
     share INTEGER, sandbox BOOLEAN, name VARCHAR, content VARCHAR, digest VARCHAR, rows BIGINT, made_at TIMESTAMP)`,
  'CREATE TABLE IF NOT EXISTS gw.segment (name VARCHAR, rows BIGINT)',
  `CREATE TABLE IF NOT EXISTS gw.day (
     day DATE, share INTEGER, client VARCHAR, requester VARCHAR, provider VARCHAR, operation VARCHAR, sandbox BOOLEAN,
     status SMALLINT, problem VARCHAR, calls BIGINT, units BIGINT, rows BIGINT, ms DOUBLE, slowest DOUBLE)`,
];

/** Columns of a record of use, in the order in which the journal writes them. */
export const USAGE_COLUMNS = [
  ['at', 'TIMESTAMP'],
  ['id', 'VARCHAR'],
  ['share', 'INTEGER'],
  ['client', 'VARCHAR'],
  ['requester', 'VARCHAR'],
  ['provider', 'VARCHAR'],
  ['operation', 'VARCHAR'],
  ['sandbox', 'BOOLEAN'],
  ['key', 'VARCHAR'],
  ['fields', 'VARCHAR'],
  ['units', 'INTEGER'],
  ['rows', 'BIGINT'],
  ['status', 'SMALLINT'],
  ['problem', 'VARCHAR'],
  ['ms', 'FLOAT'],
  ['purpose', 'VARCHAR'],
] as const;

/** The table of a month, `2026-11`. */
export const usageTable = (month: string): string => `usage_${month.replace('-', '_')}`;

/** Creates the table of a month. */
export const createMonth = (month: string): string =>
  `CREATE TABLE IF NOT EXISTS gw.${usageTable(month)} (${USAGE_COLUMNS.map(([n, t]) => `"${n}" ${t}`).join(', ')})`;
