/** The two kinds of databases that batches are brought to, as the few statements that bringing needs. Names come from judged declarations. */
import { isIP } from 'node:net';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Target } from './declare.ts';

export type Place = Extract<Target, { kind: 'database' }>;
export type Value = string | number | null;

/** A connection to a target, with what its engine spells in its own way. */
export interface Engine {
  run(sql: string, params?: readonly Value[]): Promise<Record<string, unknown>[]>;
  /** Quotes a name. */
  name(text: string): string;
  /** Place of the nth parameter, counted from 1, read as a type of `types`. */
  at(n: number, type?: string): string;
  types: Readonly<Record<string, string>>;
  /** Columns of the mark table that hold texts: keys must be short where the engine indexes them. */
  key: string;
  text: string;
  /** After an INSERT: takes the new values where the record is there already. */
  upsert(columns: readonly string[]): string;
  /** A value as the engine reads it. */
  value(type: string, text: string | null): Value;
  close(): Promise<void>;
}

const CONNECT = 15_000;
const STATEMENT = 120_000;
const sum = (place: Place, address: string) => ({
  ...{ host: address, port: place.port, database: place.database, user: place.user, password: place.password },
});
/** The name that the server's certificate is checked for. */
const tlsOf = (place: Place) =>
  place.tls ? { rejectUnauthorized: true, ...(isIP(place.host) ? {} : { servername: place.host }) } : undefined;

async function postgres(place: Place, address: string): Promise<Engine> {
  const tls = tlsOf(place);
  const client = new pg.Client({
    ...sum(place, address),
    ...{ application_name: 'jingwei', connectionTimeoutMillis: CONNECT, query_timeout: STATEMENT, keepAlive: true },
    ...(tls ? { ssl: tls } : {}),
  });
  client.on('error', () => undefined);
  await client.connect();
  const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return {
    run: async (sql, params = []) => (await client.query(sql, [...params])).rows as Record<string, unknown>[],
    name,
    at: (n, type) => (type ? `$${n}::${type}` : `$${n}`),
    types: { integer: 'BIGINT', decimal: 'NUMERIC(18,4)', date: 'DATE', boolean: 'BOOLEAN', text: 'TEXT' },
    ...{ key: 'TEXT', text: 'TEXT' },
    upsert: (columns) =>
      `ON CONFLICT (${name('_record')}) DO UPDATE SET ${columns.map((c) => `${name(c)} = excluded.${name(c)}`).join(', ')}`,
    value: (_, text) => text,
    close: () => client.end().catch(() => undefined),
  };
}

async function mariadb(place: Place, address: string): Promise<Engine> {
  const tls = tlsOf(place);
  const client = await mysql.createConnection({
    ...sum(place, address),
    ...{
      connectTimeout: CONNECT,
      charset: 'utf8mb4',
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
    },
    ...{ infileStreamFactory: () => Promise.reject(new Error('refused')) as never, flags: ['-LOCAL_FILES'] },
    ...(tls ? { ssl: { rejectUnauthorized: true } } : {}),
  });
  client.on('error', () => undefined);
  const name = (text: string) => `\`${text.replaceAll('`', '``')}\``;
  return {
    async run(sql, params = []) {
      const [rows] = await client.query({ sql, timeout: STATEMENT }, [...params]);
      return (Array.isArray(rows) ? rows : []) as Record<string, unknown>[];
    },
    name,
    at: () => '?',
    types: { integer: 'BIGINT', decimal: 'DECIMAL(18,4)', date: 'DATE', boolean: 'TINYINT(1)', text: 'LONGTEXT' },
    ...{ key: 'VARCHAR(64) CHARACTER SET ascii', text: 'LONGTEXT' },
    upsert: (columns) => `ON DUPLICATE KEY UPDATE ${columns.map((c) => `${name(c)} = VALUES(${name(c)})`).join(', ')}`,
    value: (type, text) => (type === 'boolean' && text !== null ? (text === 'true' ? 1 : 0) : text),
    close: () => client.end().catch(() => undefined),
  };
}

/** Connects to the address that the name of a target was resolved to. */
export const connect = (place: Place, address: string): Promise<Engine> =>
  place.engine === 'postgres' ? postgres(place, address) : mariadb(place, address);
