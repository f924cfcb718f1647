/**
 * The lake's port. Everything columnar (received rows, links, golden records, facts, series) is reached through it and
 * only through it; what is special to an engine stands in dialect.ts. Bulk work is a list of named SQL steps.
 */

/** Values that may be bound to a `$name` parameter. Lists become SQL lists. */
export type LakeParam =
  | null
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | Date
  | readonly string[]
  | readonly number[];
export type LakeParams = Record<string, LakeParam>;

/**
 * A row as JavaScript sees it: integers are numbers while they are safe and bigint beyond, DECIMAL is an exact string,
 * DATE 'YYYY-MM-DD', TIMESTAMP an ISO instant in UTC, BLOB a Uint8Array, LIST an array, STRUCT an object.
 */
export type LakeRow = Record<string, unknown>;

/** A column of numbers as it stands in memory. */
export type LakeColumn = Int32Array | Float64Array | Uint8Array | BigInt64Array;

/** One readable, timed step of bulk work. */
export interface LakeStep {
  /** What it does, in a few words: it is shown while it runs and kept with its duration. */
  name: string;
  sql: string;
  params?: LakeParams;
}

/** What a step took. */
export interface StepTiming {
  name: string;
  ms: number;
  rows: number;
}

/** A connection on which several statements run; inside `write` they are one transaction. */
export interface LakeSession {
  /** Runs one or several statements; answers the number of rows changed by the last. */
  run(sql: string, params?: LakeParams): Promise<number>;
  query<T extends LakeRow = LakeRow>(sql: string, params?: LakeParams): Promise<T[]>;
  /** The first row, or undefined. */
  first<T extends LakeRow = LakeRow>(sql: string, params?: LakeParams): Promise<T | undefined>;
  /** Rows in batches without holding the whole answer. */
  stream<T extends LakeRow = LakeRow>(sql: string, params?: LakeParams): AsyncIterable<T[]>;
  /** Appends rows to an existing table (schema.table or a temporary one), values in the table's column order. */
  append(table: string, rows: Iterable<readonly LakeParam[]>): Promise<number>;
  /**
   * Appends whole columns without touching single values: for streams of numbers. Each column is an array whose elements have the width
   * of the table's column (INTEGER Int32Array, DOUBLE Float64Array, UTINYINT Uint8Array, BIGINT and TIMESTAMP in microseconds
   * BigInt64Array); all of one length, no nulls.
   */
  appendColumns(table: string, columns: readonly LakeColumn[]): Promise<number>;
  /** Runs steps in order and answers their timings. */
  steps(steps: readonly LakeStep[], onStep?: (timing: StepTiming) => void): Promise<StepTiming[]>;
  /** Stops what this session is running; the running call rejects. */
  interrupt(): void;
}

/** The lake of one hub. */
export interface Lake {
  readonly path: string;
  query<T extends LakeRow = LakeRow>(sql: string, params?: LakeParams): Promise<T[]>;
  first<T extends LakeRow = LakeRow>(sql: string, params?: LakeParams): Promise<T | undefined>;
  stream<T extends LakeRow = LakeRow>(sql: string, params?: LakeParams): AsyncIterable<T[]>;
  /** A session outside any transaction (temporary tables live as long as it); several may run at once. */
  session<T>(work: (session: LakeSession) => Promise<T>): Promise<T>;
  /**
   * One transaction. Writers that name the same lane wait for each other (rows updated by two transactions at once
   * would conflict); writers of different lanes run side by side. When `work` throws, everything is rolled back.
   */
  write<T>(lane: string, work: (session: LakeSession) => Promise<T>): Promise<T>;
  /**
   * For backups. Transactions that want to commit wait while `moment` runs (short: milliseconds), so that the engine's files are as a kill
   * would leave them; until `thaw` what stands in the database file is not overwritten (its log grows instead). Answers what `moment` did.
   */
  still<T>(moment: () => Promise<T>): Promise<{ answer: T; thaw(): Promise<void> }>;
  /**
   * Writes tables anew (no other transaction is open meanwhile) and overwrites every free block of the file, so that what was deleted from them is nowhere in it (see scrub.ts). Waits
   * until backups have read the file. Answers how many blocks were free.
   */
  scrub(tables: readonly string[], signal?: AbortSignal): Promise<number>;
  /** Creates what is missing: schemas, tables, views, in one transaction. Statements must be idempotent (IF NOT EXISTS / OR REPLACE). */
  define(statements: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
