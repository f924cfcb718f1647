/**
 * After everything was let go of, the whole hub is searched once more: every table of both stores that could hold a text, for tokens and for
 * numbers as written. What is found is named in the certificate or ends the work as failed; nothing is taken for granted.
 */
import { sql } from 'kysely';
import type { Db } from '../platform/db/index.ts';
import { ident, type Lake } from '../platform/lake/index.ts';

/** Where something was found. */
export interface Found {
  place: string;
  count: number;
}

/** What was looked through. */
export interface Searched {
  storeTables: number;
  lakeTables: number;
  found: Found[];
}

/** Places that must name the person by token for ever, so that they stay erased: no value stands there. */
const KEPT = new Set([
  'lake:vault.value',
  'lake:vault.erased',
  'lake:vault.restricted',
  'lake:ex.forgotten',
  // Rows that a law keeps are locked in here; the certificate names them.
  'lake:ex.erased',
  'store:erasure.matter',
  // Tokens of own telephones, taken out when the certificate is made.
  'store:erasure.mark',
  // What was archived is kept by law and out of the search of archives; the certificate names it.
  'store:archives.archive',
  'store:archives.file',
  'store:archives.generation',
  'store:archives.step',
  'store:archives.examination',
  // Who looked at what is evidence, kept by law and append-only.
  'store:audit.entry',
]);

/** What is looked for: tokens anywhere, numbers where they stand by themselves (digits within a longer number are another). */
export interface Needles {
  tokens: readonly string[];
  plain: readonly string[];
}
const alone = (plain: readonly string[]): string =>
  `(^|[^0-9])(${plain.map((n) => n.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})([^0-9]|$)`;

/** Searches both stores. */
export async function searchAll(db: Db, lake: Lake, needles: Needles, signal: AbortSignal): Promise<Searched> {
  const store = await searchStore(db, needles, signal);
  const inLake = await searchLake(lake, needles, signal);
  return {
    storeTables: store.tables,
    lakeTables: inLake.tables,
    found: [...store.found, ...inLake.found].filter((f) => !KEPT.has(f.place)),
  };
}

async function searchStore(db: Db, { tokens, plain }: Needles, signal: AbortSignal) {
  const { rows: tables } = await sql<{ schema: string; name: string }>`SELECT n.nspname AS schema, c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1, 2`.execute(
    db.kysely,
  );
  const found: Found[] = [];
  const is = [
    ...tokens.map((n) => sql`t::text LIKE ${`%${n}%`}`),
    ...(plain.length > 0 ? [sql`t::text ~ ${alone(plain)}`] : []),
  ];
  for (const { schema, name } of is.length > 0 ? tables : []) {
    signal.throwIfAborted();
    const table = sql.table(`${schema}.${name}`);
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${table} AS t
      WHERE ${sql.join(is, sql` OR `)}`.execute(db.kysely);
    if (rows[0]!.n > 0) found.push({ place: `store:${schema}.${name}`, count: rows[0]!.n });
  }
  return { tables: tables.length, found };
}

async function searchLake(lake: Lake, { tokens, plain }: Needles, signal: AbortSignal) {
  const columns = await lake.query<{ schema: string; name: string; column: string; type: string }>(
    `SELECT c.schema_name AS "schema", c.table_name AS name, c.column_name AS "column", c.data_type AS type FROM duckdb_columns() c
     JOIN duckdb_tables() t ON t.schema_name = c.schema_name AND t.table_name = c.table_name
     WHERE NOT t.temporary AND (c.data_type LIKE '%VARCHAR%' OR c.data_type = 'JSON') ORDER BY 1, 2, 3`,
  );
  const tables = new Map<string, string[]>();
  for (const c of columns) {
    const table = `${c.schema}.${c.name}`;
    const text = c.type === 'VARCHAR' ? ident(c.column) : `${ident(c.column)}::VARCHAR`;
    tables.set(table, [...(tables.get(table) ?? []), text]);
  }
  const found: Found[] = [];
  const needles = [...tokens, ...plain];
  const has = (x: string) =>
    needles
      .map((_, i) => `contains(${x}, $n${i})${i < tokens.length ? '' : ` AND regexp_matches(${x}, $alone)`}`)
      .join(' OR ');
  for (const [table, texts] of needles.length > 0 ? tables : []) {
    signal.throwIfAborted();
    const [schema, name] = table.split('.') as [string, string];
    const where = texts.map(has).join(' OR ');
    const row = await lake.first<{ n: number }>(
      `SELECT count(*) AS n FROM ${ident(schema)}.${ident(name)} WHERE ${where}`,
      {
        ...Object.fromEntries(needles.map((n, i) => [`n${i}`, n])),
        ...(plain.length > 0 ? { alone: alone(plain) } : {}),
      },
    );
    if (row && row.n > 0) found.push({ place: `lake:${table}`, count: row.n });
  }
  return { tables: tables.size, found };
}
