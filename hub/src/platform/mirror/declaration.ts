/** What a room says of a table in PostgreSQL whose rows the lake shall show. Pure data and SQL text made of it. */
import { createHash } from 'node:crypto';
import { ident } from '../lake/index.ts';

/** Types of the lake's columns; `timestamp` is an instant in UTC, `json` a JSON text. */
export const mirrorTypes = {
  text: 'VARCHAR',
  texts: 'VARCHAR[]',
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  json: 'VARCHAR',
} as const;
export type MirrorType = keyof typeof mirrorTypes;

/** One column of the lake's view. */
export interface MirrorColumn {
  name: string;
  type: MirrorType;
  /** PostgreSQL expression over the relation's row `r`; the column of the same name by default. */
  sql?: string;
}

/**
 * A table or view of PostgreSQL that the lake shows as `v.<name>_v1` within a second of every change. Names, relations, keys
 * and expressions are the program's own text, never a value from outside. No identity data: tokens only.
 */
export interface MirrorDeclaration {
  /** `event` is shown as `v.event_v1`. */
  name: string;
  /** What is read: `events.event`, or a view that joins. */
  from: string;
  /** Its unique key: a column, and its PostgreSQL type (bigint, text, uuid …). */
  key: { column: string; type: string };
  columns: readonly MirrorColumn[];
  /**
   * Tables whose changes change a row, each with the key of that row as an expression over its own columns; by default `from`
   * with its key. A view needs it, since views have no triggers.
   */
  watch?: readonly { table: string; key: string }[];
  /** Version of the view; 1 by default. */
  version?: number;
}

const names = /^[a-z][a-z0-9_]*$/;

/** @throws Error where the declaration is not one: a programming error that stops the start. */
export function checkMirror(m: MirrorDeclaration): void {
  for (const name of [m.name, m.key.column, ...m.columns.map((c) => c.name)])
    if (!names.test(name)) throw new Error(`mirror ${m.name}: not a name: ${name}`);
  if (!m.columns.length) throw new Error(`mirror ${m.name}: no columns`);
}

/** The lake's table and view of a mirror. */
export const lakeTable = (m: MirrorDeclaration): string => `mirror.${ident(m.name)}`;
export const lakeView = (m: MirrorDeclaration): string => `v.${ident(`${m.name}_v${m.version ?? 1}`)}`;

/** Tables with triggers, and their keys. */
export const watched = (m: MirrorDeclaration): readonly { table: string; key: string }[] =>
  m.watch ?? [{ table: m.from, key: m.key.column }];

/** Another fingerprint means that the lake's table is made anew from PostgreSQL. */
export const fingerprint = (m: MirrorDeclaration): string =>
  createHash('sha256')
    .update(JSON.stringify([m.name, m.from, m.key, m.columns, m.version ?? 1]))
    .digest('hex');

/** Statements that make the lake's table and view. */
export const lakeTables = (m: MirrorDeclaration): string[] => [
  `CREATE TABLE IF NOT EXISTS ${lakeTable(m)} (mirrored_key VARCHAR, ${m.columns
    .map((c) => `${ident(c.name)} ${mirrorTypes[c.type]}`)
    .join(', ')})`,
  `CREATE OR REPLACE VIEW ${lakeView(m)} AS SELECT ${m.columns.map((c) => ident(c.name)).join(', ')} FROM ${lakeTable(m)}`,
];

/** Instants go as ISO text of UTC, JSON as text: everything else is what JSON says of it. */
function expression(c: MirrorColumn): string {
  const own = c.sql ?? `r.${ident(c.name)}`;
  if (c.type === 'timestamp') return `to_char((${own}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
  if (c.type === 'date' || c.type === 'json' || c.type === 'text') return `(${own})::text`;
  return own;
}

/** A SELECT of PostgreSQL that answers rows as one JSON text `rows` and their number; `where` bounds them, over `r`. */
export const rowsAsJson = (m: MirrorDeclaration, where: string): string =>
  `SELECT coalesce(json_agg(t), '[]')::text AS rows, count(*)::int AS n FROM (
    SELECT (r.${ident(m.key.column)})::text AS mirrored_key, ${m.columns
      .map((c) => `${expression(c)} AS ${ident(c.name)}`)
      .join(', ')} FROM ${m.from} r WHERE ${where}) t`;

/** The lake's INSERT of such a text, given as `$rows`. */
export function insertJson(m: MirrorDeclaration): string {
  const shape = { mirrored_key: 'VARCHAR', ...Object.fromEntries(m.columns.map((c) => [c.name, jsonType(c.type)])) };
  const columns = ['mirrored_key', ...m.columns.map((c) => c.name)];
  return `INSERT INTO ${lakeTable(m)} SELECT ${columns.map((c) => `x.${ident(c)}`).join(', ')}
    FROM (SELECT unnest(from_json($rows::JSON, '${JSON.stringify([shape])}')) AS x)`;
}
const jsonType = (type: MirrorType): unknown => (type === 'texts' ? ['VARCHAR'] : mirrorTypes[type]);
