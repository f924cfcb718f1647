/**
 * Reads a table of MySQL or MariaDB (and what speaks their protocol) as a stream, in one read-only transaction over one
 * consistent state of the table.
 */
import mysql from 'mysql2';
import { Problem } from '../../platform/problem.ts';
import { codeOf, passing } from './common.ts';
import { pullProblems } from './problems.ts';
import type { ReadLimits, ReadPlan, TableColumn, TableFacts, TableReader } from './table.ts';

/** Longest time in seconds of one whole reading: here a statement lasts until its last row. */
const LONGEST_READING = 6 * 3600;

const KINDS: Record<string, TableColumn['kind']> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  date: 'date',
  datetime: 'time',
  timestamp: 'instant',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  binary: 'binary',
  varbinary: 'binary',
  tinyblob: 'binary',
  blob: 'binary',
  mediumblob: 'binary',
  longblob: 'binary',
  bit: 'bit',
  geometry: 'shape',
  point: 'shape',
  linestring: 'shape',
  polygon: 'shape',
  multipoint: 'shape',
  multilinestring: 'shape',
  multipolygon: 'shape',
  geometrycollection: 'shape',
};

/** How a mark is compared without a detour through floating point. */
const MARKS: Partial<Record<TableColumn['kind'], string>> = {
  integer: 'CAST(? AS SIGNED)',
  unsigned: 'CAST(? AS UNSIGNED)',
  decimal: 'CAST(? AS DECIMAL(65, 30))',
  date: 'CAST(? AS DATE)',
  time: 'CAST(? AS DATETIME(6))',
  instant: 'CAST(? AS DATETIME(6))',
  text: '?',
};

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const relation = (table: string): string => table.split('.').map(quoted).join('.');

/** A column itself, told apart from what is selected under the same name. */
const own = (c: TableColumn): string => `t.${quoted(c.name)}`;

/** Bytes are written as hexadecimal, bits as a number, shapes as text; everything else as the server writes it. */
function shown(c: TableColumn): string {
  if (c.kind === 'binary') return `CONCAT('0x', HEX(${own(c)}))`;
  if (c.kind === 'bit') return `CAST(${own(c)} + 0 AS CHAR)`;
  if (c.kind === 'shape') return `ST_AsText(${own(c)})`;
  return own(c);
}

const REFUSED = new Set(['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR']);
const LATE = new Set(['ER_QUERY_TIMEOUT', 'ER_STATEMENT_TIMEOUT', 'ER_LOCK_WAIT_TIMEOUT', 'ETIMEDOUT', 'SILENT']);
const PASSING = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_QUERY_INTERRUPTED',
  'ER_CONNECTION_KILLED',
  'ER_LOCK_DEADLOCK',
  'ER_NET_ERROR_ON_WRITE',
  'ER_NET_WRITE_INTERRUPTED',
]);

/** What a fault of the server or of the way to it means. */
export function mysqlFault(error: unknown, facts: TableFacts): unknown {
  if (error instanceof Problem) return error;
  const code = codeOf(error);
  const number = (error as { errno?: number }).errno;
  const { where, secret, table } = facts;
  const place = { setting: `secrets.${secret}` };
  if (REFUSED.has(code)) return new Problem(pullProblems.credentials, { secret, reason: code }, place);
  if (code === 'ER_BAD_DB_ERROR') return new Problem(pullProblems.database, { secret }, place);
  if (code === 'ER_NO_SUCH_TABLE') return new Problem(pullProblems.table, { table });
  if (code === 'ER_TABLEACCESS_DENIED_ERROR' || code === 'ER_COLUMNACCESS_DENIED_ERROR')
    return new Problem(pullProblems.notAllowed, { secret, table });
  if (LATE.has(code) || number === 1969) return passing(pullProblems.timeout, { where, reason: code });
  // 1927: MariaDB's word for a connection that was killed.
  if (PASSING.has(code) || number === 1927 || /^E[A-Z]+$/.test(code) || /closed state/.test(String(error)))
    return passing(facts.connected ? pullProblems.lost : pullProblems.unreachable, { where, reason: code });
  if (/^ER_/.test(code)) return new Problem(pullProblems.fault, { reason: code });
  return error;
}

/** Connects and finds the table with its columns. */
export async function openMysqlTable(
  url: string,
  table: string,
  facts: TableFacts,
  limits: ReadLimits,
): Promise<TableReader> {
  const connection = mysql.createConnection({
    uri: url,
    charset: 'utf8mb4',
    connectTimeout: limits.connectMs,
    // The server's own text of every value, never a number or a date of JavaScript.
    typeCast: (field) => field.string('utf8'),
  });
  // Between queries a broken connection is told by the next one; a stream is told by nobody else.
  const broken: Broken = { tell: () => undefined };
  connection.on('error', (error) => broken.tell(error));
  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    new Promise((resolve, reject) => {
      connection.query(sql, values, (error, rows) => (error ? reject(error) : resolve(rows as T[])));
    });
  const close = async () => connection.destroy();
  try {
    await new Promise<void>((resolve, reject) => connection.connect((e) => (e ? reject(e) : resolve())));
    facts.connected = true;
    await query("SET time_zone = '+08:00', net_write_timeout = 3600, sql_mode = ''");
    const [{ version } = { version: '' }] = await query<{ version: string }>('SELECT VERSION() AS version');
    await query(
      /mariadb/i.test(version)
        ? `SET max_statement_time = ${LONGEST_READING}`
        : `SET max_execution_time = ${LONGEST_READING * 1000}`,
    );
    await query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const [name, schema] = table.split('.').reverse();
    const found = await query<{ name: string; type: string; written: string; place: string | null }>(
      `SELECT c.COLUMN_NAME AS name, c.DATA_TYPE AS type, c.COLUMN_TYPE AS written, s.SEQ_IN_INDEX AS place
       FROM information_schema.COLUMNS c LEFT JOIN information_schema.STATISTICS s
         ON s.TABLE_SCHEMA = c.TABLE_SCHEMA AND s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME
         AND s.INDEX_NAME = 'PRIMARY'
       WHERE c.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND c.TABLE_NAME = ? ORDER BY c.ORDINAL_POSITION`,
      [schema ?? null, name],
    );
    const columns = found.map((f): TableColumn => {
      const kind = KINDS[f.type.toLowerCase()] ?? 'other';
      const unsigned = kind === 'integer' && /unsigned/i.test(f.written);
      return {
        name: f.name,
        type: f.written,
        kind: unsigned ? 'unsigned' : kind,
        key: f.place === null ? null : Number(f.place),
      };
    });
    return { columns, rows: (plan) => read(connection, broken, table, columns, plan, facts, limits), close };
  } catch (error) {
    await close();
    throw mysqlFault(error, facts);
  }
}

/** Whom to tell that the connection broke. */
interface Broken {
  tell(error: Error): void;
}

async function* read(
  connection: mysql.Connection,
  broken: Broken,
  table: string,
  columns: readonly TableColumn[],
  plan: ReadPlan,
  facts: TableFacts,
  limits: ReadLimits,
): AsyncGenerator<(string | null)[][]> {
  const keys = columns.filter((c) => c.key !== null).sort((a, b) => a.key! - b.key!);
  const order = keys.length ? keys.map(own) : plan.select.map((c) => `CAST(${shown(c)} AS BINARY)`);
  const select = plan.select.map(shown);
  const values: string[] = [];
  let where = '';
  const mark = plan.watermark;
  if (mark) {
    const column = own(mark.column);
    select.push(column);
    order.unshift(column);
    if (mark.from !== null) {
      const back = mark.column.kind === 'time' || mark.column.kind === 'instant' ? plan.overlapSeconds : 0;
      const from = MARKS[mark.column.kind] ?? '?';
      where = `WHERE ${column} >= ${back > 0 ? `${from} - INTERVAL ${Number(back)} SECOND` : from} OR ${column} IS NULL`;
      values.push(mark.from);
    }
  }
  const sql = `SELECT ${select.join(', ')} FROM ${relation(table)} AS t ${where} ORDER BY ${order.join(', ')}`;
  const stream = connection.query({ sql, values, rowsAsArray: true }).stream({ highWaterMark: 256 });
  broken.tell = (error) => void stream.destroy(error);
  let watch: NodeJS.Timeout | undefined;
  const silent = () => stream.destroy(Object.assign(new Error('no rows came'), { code: 'SILENT' }));
  try {
    let batch: (string | null)[][] = [];
    let bytes = 0;
    watch = setTimeout(silent, limits.statementMs);
    for await (const row of stream as AsyncIterable<(string | null)[]>) {
      batch.push(row);
      for (const value of row) bytes += value === null ? 0 : value.length;
      if (batch.length < limits.fetchRows && bytes < limits.fetchBytes) continue;
      // While the rows are put away the server is not to blame.
      clearTimeout(watch);
      yield batch;
      watch = setTimeout(silent, limits.statementMs);
      batch = [];
      bytes = 0;
    }
    clearTimeout(watch);
    if (batch.length) yield batch;
  } catch (error) {
    throw mysqlFault(error, facts);
  } finally {
    clearTimeout(watch);
  }
}
