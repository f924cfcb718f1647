/**
 * Tables of the operational store as rows of JSON, the same for both engines: how a server's store stands in a backup, and how a hub moves
 * from the embedded engine to a server and back. Structure is made by the migrations, never copied; rows are read at one instant and loaded
 * into a store that has the same migrations and nothing else.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CompiledQuery } from 'kysely';
import type { Db } from '../db/index.ts';
import { Problem, problemKind } from '../problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`backup.${code}`, status, zh, en);
const otherSchema = k(
  'rows-schema',
  409,
  '备份中的表 {table} 与本程序的结构不同（列：{columns}）',
  'the table {table} of the backup differs from this program (columns: {columns})',
);
const counted = k(
  'rows-count',
  500,
  '表 {table} 载入 {found} 行，应为 {expected} 行',
  'the table {table} has {found} rows after loading, {expected} were expected',
);

/** How rows are asked for: a store at one instant, or a transaction. */
export type Ask = <T = Record<string, unknown>>(sql: string, params?: readonly unknown[]) => Promise<T[]>;

/** One transaction of a store, asked by statements as text. */
export const askingIn = <T>(db: Db, work: (ask: Ask) => Promise<T>): Promise<T> =>
  db.tx((trx) =>
    work(
      async <R>(statement: string, params: readonly unknown[] = []) =>
        (await trx.executeQuery(CompiledQuery.raw(statement, [...params]))).rows as R[],
    ),
  );

/** A table and what was written of it. */
export interface TableRows {
  schema: string;
  table: string;
  /** Columns that are kept (generated ones are made again). */
  columns: string[];
  rows: number;
  /** The same for the same rows, whatever the engine and the order. */
  digest: string;
}

/** Rows fetched at a time (few: between two fetches others are answered), and rows or characters of one loading statement. */
const FETCH = 500;
const LOAD = { rows: 1_000, characters: 4_000_000 };

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const fileOf = (t: { schema: string; table: string }): string => `${t.schema}.${t.table}.ndjson`;

/** Tables of all rooms with their columns, by name. What a migration itself fills is a table like any other. */
async function tables(ask: Ask): Promise<{ schema: string; table: string; columns: string[] }[]> {
  return ask(`
    SELECT n.nspname AS schema, c.relname AS "table",
           array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND n.nspname NOT LIKE 'pg\\_%'
     GROUP BY n.nspname, c.relname, c.oid ORDER BY 1, 2`);
}

/** A digest of rows that does not depend on their order: the sum of the SHA-256 of each line, modulo 2^256. */
class Digest {
  #sum = 0n;

  add(line: string): void {
    this.#sum = BigInt.asUintN(256, this.#sum + BigInt(`0x${createHash('sha256').update(line).digest('hex')}`));
  }

  hex(): string {
    return this.#sum.toString(16).padStart(64, '0');
  }
}

/** Writes every table to `<folder>/<schema>.<table>.ndjson`, and its sequences to `sequences.json`. `ask` must see one instant. */
export async function writeRows(ask: Ask, folder: string, onTable?: (name: string) => void): Promise<TableRows[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const out: TableRows[] = [];
  for (const t of await tables(ask)) {
    onTable?.(`${t.schema}.${t.table}`);
    const own = t.columns.map((c) => `t.${quoted(c)}`).join(', ');
    const from = `${quoted(t.schema)}.${quoted(t.table)}`;
    await ask(
      `DECLARE backup_rows NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS line FROM (SELECT ${own} FROM ${from} t) r`,
    );
    const file = createWriteStream(join(folder, fileOf(t)), { mode: 0o600 });
    const digest = new Digest();
    let n = 0;
    for (;;) {
      const lines = await ask<{ line: string }>(`FETCH ${FETCH} FROM backup_rows`);
      if (!lines.length) break;
      const text = lines.map((l) => `${l.line}\n`).join('');
      for (const { line } of lines) digest.add(line);
      n += lines.length;
      if (!file.write(text)) await once(file, 'drain');
    }
    await ask('CLOSE backup_rows');
    file.end();
    await once(file, 'close');
    out.push({ schema: t.schema, table: t.table, columns: t.columns, rows: n, digest: digest.hex() });
  }
  const sequences = await ask<{ schema: string; name: string; last: unknown }>(
    'SELECT schemaname AS schema, sequencename AS name, last_value::text AS last FROM pg_sequences ORDER BY 1, 2',
  );
  const head = createWriteStream(join(folder, 'tables.json'), { mode: 0o600 });
  head.end(`${JSON.stringify({ tables: out, sequences })}\n`);
  await once(head, 'close');
  return out;
}

interface Head {
  tables: TableRows[];
  sequences: { schema: string; name: string; last: string | null }[];
}

/**
 * Loads what `writeRows` wrote, inside one transaction of a store that was just made by the same migrations. Triggers of rooms sleep
 * meanwhile (what they would write is among the rows), constraints between tables are made again at the end and so hold. Counts are
 * compared; a Problem when the structure differs. The store must be fresh: whatever stands in it goes.
 */
export async function loadRows(ask: Ask, folder: string, onTable?: (name: string) => void): Promise<TableRows[]> {
  const { tables: kept, sequences } = JSON.parse(await text(join(folder, 'tables.json'))) as Head;
  const own = new Map((await tables(ask)).map((t) => [`${t.schema}.${t.table}`, t]));
  for (const t of kept) {
    const columns = own.get(`${t.schema}.${t.table}`)?.columns;
    if (!columns || t.columns.some((c) => !columns.includes(c)))
      throw new Problem(otherSchema, { table: `${t.schema}.${t.table}`, columns: t.columns.join(', ') });
  }
  const references = await ask<{ of: string; name: string; definition: string }>(`
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS of, quote_ident(o.conname) AS name,
           pg_get_constraintdef(o.oid) AS definition
      FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE o.contype = 'f' ORDER BY 1, 2`);
  for (const r of references) await ask(`ALTER TABLE ${r.of} DROP CONSTRAINT ${r.name}`);
  for (const t of kept) {
    const name = `${quoted(t.schema)}.${quoted(t.table)}`;
    // What migrations filled themselves stands among the rows as well, as it is now.
    await ask(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
    await ask(`DELETE FROM ${name}`);
  }
  for (const t of kept) {
    onTable?.(`${t.schema}.${t.table}`);
    const name = `${quoted(t.schema)}.${quoted(t.table)}`;
    const columns = t.columns.map(quoted).join(', ');
    const insert = `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE
      SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1::json)`;
    let lines: string[] = [];
    let characters = 0;
    const put = async () => {
      if (lines.length) await ask(insert, [`[${lines.join(',')}]`]);
      lines = [];
      characters = 0;
    };
    for await (const line of createInterface({
      input: createReadStream(join(folder, fileOf(t))),
      crlfDelay: Infinity,
    })) {
      if (!line) continue;
      lines.push(line);
      characters += line.length;
      if (lines.length >= LOAD.rows || characters >= LOAD.characters) await put();
    }
    await put();
    const found = (await ask<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`))[0]!.n;
    if (found !== t.rows) throw new Problem(counted, { table: `${t.schema}.${t.table}`, found, expected: t.rows });
  }
  for (const s of sequences)
    if (s.last !== null)
      await ask("SELECT setval((quote_ident($1) || '.' || quote_ident($2))::regclass, $3::text::bigint)", [
        s.schema,
        s.name,
        s.last,
      ]);
  for (const t of kept) await ask(`ALTER TABLE ${quoted(t.schema)}.${quoted(t.table)} ENABLE TRIGGER USER`);
  for (const r of references) await ask(`ALTER TABLE ${r.of} ADD CONSTRAINT ${r.name} ${r.definition}`);
  return kept;
}

async function text(file: string): Promise<string> {
  let all = '';
  for await (const chunk of createReadStream(file, 'utf8')) all += chunk;
  return all;
}

/** Whether a folder holds rows. */
export const holdsRows = async (folder: string): Promise<boolean> =>
  (await readdir(folder).catch(() => [] as string[])).includes('tables.json');
