/**
 * The operational store's port: one PostgreSQL dialect, two engines. Values come back alike from both: integers and
 * counts are numbers while they are safe and bigint beyond, numeric an exact string, date 'YYYY-MM-DD', timestamptz
 * (and timestamp, taken as UTC) a Date, bytea a Uint8Array, interval a string, json and jsonb parsed, arrays arrays.
 */
import type { Kysely } from 'kysely';

/** Any table: rooms give their own types with `kysely.withTables<…>()` or `Kysely<Tables>`. */
// biome-ignore lint/suspicious/noExplicitAny: tables belong to rooms, which narrow this type themselves.
export type AnyTables = any;

/** The operational store of one hub. */
export interface Db {
  readonly kind: 'pglite' | 'postgres';
  /** Statements outside a transaction. Inside `tx` use the handle that `tx` gives: this one throws there. */
  readonly kysely: Kysely<AnyTables>;
  /** One transaction; when `work` throws, everything is rolled back. On PGlite transactions run one after another. */
  tx<T>(work: (trx: Kysely<AnyTables>) => Promise<T>): Promise<T>;
  /** One statement with `$1` parameters, or several without parameters; answers the rows of the last. */
  query<T = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /**
   * For backups: runs `moment` (short: milliseconds) with the store as it is at one instant. On PGlite nothing is committed meanwhile and its
   * folder may be copied; on a server what `rows` reads stays that instant's until `end`, also after the moment.
   */
  still<T>(moment: (still: StillDb) => Promise<T>): Promise<T>;
  /** Bytes that an embedded engine holds in this process: the database's own memory, and that of JavaScript around it. A server's are its own. */
  memory(): Promise<{ database: number; heap: number } | undefined>;
  close(): Promise<void>;
}

/** The store at one instant. */
export type StillDb =
  | { kind: 'pglite'; folder: string | undefined }
  | {
      kind: 'postgres';
      /** A statement of one and the same read-only transaction. */
      query<T = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<T[]>;
      end(): Promise<void>;
    };

/** Where the operational store is. An absent folder of PGlite keeps everything in memory (tests). */
export type DbOptions =
  | { kind: 'pglite'; folder?: string }
  | {
      kind: 'postgres';
      url: string;
      /** Connections kept open at most; 10 by default. */
      connections?: number;
    };
