/**
 * Reads a table of PostgreSQL (and what speaks its protocol) through a server-side cursor, in one read-only transaction:
 * what is read is one state of the table, whatever others write meanwhile.
 */
import pg from 'pg';
import { Problem } from '../../platform/problem.ts';
import { codeOf, passing } from './common.ts';
import { pullProblems } from './problems.ts';
import {
  nextFetch,
  type ReadLimits,
  type ReadPlan,
  type TableColumn,
  type TableFacts,
  type TableReader,
} from './table.ts';

/** Settings of the session: every value is written in one way, whatever the server's defaults are. */
const SESSION = [
  "SET TIME ZONE 'Asia/Shanghai'",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  'SET extra_float_digits = 3',
  "SET bytea_output = 'hex'",
  "SET client_encoding = 'UTF8'",
  'SET idle_in_transaction_session_timeout = 0',
  'SET cursor_tuple_fraction = 1',
];

const KINDS: Record<string, TableColumn['kind']> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'decimal',
  date: 'date',
  timestamp: 'time',
  timestamptz: 'instant',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** `schema.table` or `table`, quoted. */
const relation = (table: string): string => table.split('.').map(quoted).join('.');

/** A column itself: without the table's name ORDER BY would take the text that is selected under the same name. */
const own = (c: TableColumn): string => `t.${quoted(c.name)}`;

/** Instants are written in China's time without a zone, as departments write times. */
const shown = (c: TableColumn): string =>
  c.kind === 'instant' ? `(${own(c)} AT TIME ZONE 'Asia/Shanghai')::text` : `${own(c)}::text`;

/** What a fault of the server or of the way to it means. */
export function postgresFault(error: unknown, facts: TableFacts): unknown {
  if (error instanceof Problem) return error;
  const code = codeOf(error);
  const message = String((error as Error)?.message ?? '');
  const { where, secret, table } = facts;
  const place = { setting: `secrets.${secret}` };
  if (code === '3D000') return new Problem(pullProblems.database, { secret }, place);
  if (code.startsWith('28') || /password|SASL|SCRAM/i.test(message))
    return new Problem(pullProblems.credentials, { secret, reason: code }, place);
  if (code === '42P01' || code === '3F000') return new Problem(pullProblems.table, { table });
  if (code === '42501') return new Problem(pullProblems.notAllowed, { secret, table });
  if (code === '57014' || /timeout/i.test(message)) return passing(pullProblems.timeout, { where, reason: code });
  if (/^E[A-Z]+$/.test(code) && !facts.connected) return passing(pullProblems.unreachable, { where, reason: code });
  if (/^(08|53|57P|40)/.test(code) || /^E[A-Z]+$/.test(code) || /terminated|ended|closed|not queryable/i.test(message))
    return passing(facts.connected ? pullProblems.lost : pullProblems.unreachable, { where, reason: code });
  if (/^[0-9A-Z]{5}$/.test(code)) return new Problem(pullProblems.fault, { reason: code });
  return error;
}

/** Connects and finds the table with its columns. */
export async function openPostgresTable(
  url: string,
  table: string,
  facts: TableFacts,
  limits: ReadLimits,
): Promise<TableReader> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'jingwei',
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.statementMs + 30_000,
    keepAlive: true,
    types: { getTypeParser: () => (text: string) => text } as never,
  });
  // A connection that breaks between queries is told by the next query.
  client.on('error', () => undefined);
  const close = async () => {
    // A server that does not answer must not hold the end up.
    const stream = (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;
    const late = setTimeout(() => stream?.destroy(), 2000);
    await client.end().catch(() => undefined);
    clearTimeout(late);
  };
  try {
    await client.connect();
    facts.connected = true;
    // A server that does not know one of the settings keeps its own way.
    for (const setting of SESSION)
      await client.query(setting).catch((error) => {
        if (codeOf(error) !== '42704') throw error;
      });
    await client.query(`SET statement_timeout = ${Math.round(limits.statementMs)}`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await client.query<{ name: string; type: string; base: string; key: string | null }>(
      `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, coalesce(b.typname, t.typname) AS base,
         (SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_index i
          WHERE i.indrelid = a.attrelid AND i.indisprimary) AS key
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
       WHERE a.attrelid = to_regclass($1)::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
      [relation(table)],
    );
    const columns = rows.map((r) => ({
      name: r.name,
      type: r.type,
      kind: KINDS[r.base] ?? ('other' as const),
      key: r.key === null ? null : Number(r.key),
    }));
    return { columns, rows: (plan) => read(client, table, columns, plan, facts, limits), close };
  } catch (error) {
    await close();
    throw postgresFault(error, facts);
  }
}

async function* read(
  client: pg.Client,
  table: string,
  columns: readonly TableColumn[],
  plan: ReadPlan,
  facts: TableFacts,
  limits: ReadLimits,
): AsyncGenerator<(string | null)[][]> {
  const keys = columns.filter((c) => c.key !== null).sort((a, b) => a.key! - b.key!);
  const order = keys.length ? keys.map(own) : plan.select.map((c) => `${shown(c)} COLLATE "C"`);
  const select = plan.select.map(shown);
  let where = '';
  const mark = plan.watermark;
  if (mark) {
    const column = own(mark.column);
    select.push(`${column}::text`);
    order.unshift(`${column} NULLS FIRST`);
    if (mark.from !== null) {
      // A cursor takes no parameters: the value travels as a setting of the transaction.
      const back = mark.column.kind === 'time' || mark.column.kind === 'instant' ? plan.overlapSeconds : 0;
      const from = `current_setting('jingwei.mark')::${mark.column.type}`;
      const least = back > 0 ? `${from} - make_interval(secs => ${Number(back)})` : from;
      where = `WHERE ${column} >= ${least} OR ${column} IS NULL`;
    }
  }
  try {
    if (mark && mark.from !== null) await client.query("SELECT set_config('jingwei.mark', $1, true)", [mark.from]);
    await client.query(
      `DECLARE pulled NO SCROLL CURSOR FOR SELECT ${select.join(', ')} FROM ${relation(table)} AS t ${where} ORDER BY ${order.join(', ')}`,
    );
    for (let size = 500; ; ) {
      const { rows } = await client.query<(string | null)[]>({ text: `FETCH ${size} FROM pulled`, rowMode: 'array' });
      if (rows.length === 0) return;
      yield rows;
      size = nextFetch(size, rows, limits);
    }
  } catch (error) {
    throw postgresFault(error, facts);
  }
}
