import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import {
  blobValue,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBResult,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
  listValue,
} from '@duckdb/node-api';
import bindings, { type PendingResult } from '@duckdb/node-bindings';
import { Problem } from '../problem.ts';
import { literal } from './dialect.ts';
import type { Lake, LakeColumn, LakeParam, LakeParams, LakeRow, LakeSession, LakeStep, StepTiming } from './lake.ts';
import { lakeMemory } from './problems.ts';
import { fillFree, formerRows, rewriteTable } from './scrub.ts';

/** How the embedded lake is opened. Sizes are in MiB; the engine's limits are soft, so headroom must be left. */
export interface DuckDbLakeOptions {
  /** The database file; ':memory:' for tests that need no durability. */
  path: string;
  tempDirectory?: string;
  memoryMiB?: number;
  threads?: number;
  /** Readers kept open for look-ups. */
  readers?: number;
  /** Told of every statement with the milliseconds that it took. */
  onStatement?: (sql: string, ms: number) => void;
  /** Told once when the engine has given up (a disk that fails): nothing can be asked of it any more, a new start opens what is on disk. */
  onBroken?: (error: Error) => void;
  /** The one folder that statements may read and write files in, and no network; absent: no such bound. */
  only?: string;
}

const DEFAULT_MIB = 4096;

/** Size of the log after which it is folded into the database file. */
const CHECKPOINT = '256MB';

/** Opens the lake on DuckDB. A second process cannot open the same file: the hub's lock is taken before. */
export async function openDuckDbLake(options: DuckDbLakeOptions): Promise<Lake> {
  const config: Record<string, string> = {
    threads: String(options.threads ?? 2),
    memory_limit: `${options.memoryMiB ?? DEFAULT_MIB}MiB`,
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    checkpoint_threshold: CHECKPOINT,
  };
  if (options.tempDirectory) config.temp_directory = options.tempDirectory;
  const instance = await openEngine(options.path, config);
  if (options.only !== undefined) {
    // The engine lets nobody take this back while the instance runs.
    const c = await instance.connect();
    await c.run(`SET allowed_directories = [${literal(`${options.only}/`)}]`);
    await c.run('SET enable_external_access = false');
    c.closeSync();
  }
  return new DuckDbLake(instance, options);
}

/** So many look-ups within so many milliseconds mean that people are waiting for answers. */
const LOOKING = { within: 2_000, reads: 30 } as const;

/**
 * Says when bulk steps make way. A statement runs on the thread that asked for it, and the engine's own threads, of lower
 * priority, help. While people look things up, bulk steps are left to the engine's threads alone, so that answers are not kept
 * waiting; when nobody does, they take all.
 */
class Sharing {
  readonly #reads: number[] = [];

  /** A look-up begins. */
  read(): void {
    this.#reads.push(performance.now());
    if (this.#reads.length > LOOKING.reads) this.#reads.shift();
  }

  /** Whether many look-ups came of late. */
  get looking(): boolean {
    return this.#reads.length === LOOKING.reads && performance.now() - this.#reads[0]! < LOOKING.within;
  }
}

/** Threads of this process; empty where the system does not tell. */
function threads(): Set<number> {
  try {
    return new Set(readdirSync('/proc/self/task').map(Number));
  } catch {
    return new Set();
  }
}

/** Opens the engine and lowers the priority of the threads that it starts for itself, where the system can. */
async function openEngine(path: string, config: Record<string, string>): Promise<DuckDBInstance> {
  // Node starts its own pool with the first work for it: afterwards every new thread is the engine's.
  await stat('.');
  const before = threads();
  const instance = await DuckDBInstance.create(path, config);
  for (const thread of threads()) {
    if (before.has(thread)) continue;
    try {
      setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // A thread that has ended, or a system that does not allow it: bulk work is then as urgent as look-ups.
    }
  }
  return instance;
}

class DuckDbLake implements Lake {
  readonly path: string;
  readonly #instance: DuckDBInstance;
  readonly #idle: DuckDBConnection[] = [];
  readonly #waiting: ((c: DuckDBConnection) => void)[] = [];
  readonly #lanes = new Map<string, Promise<unknown>>();
  readonly #sharing = new Sharing();
  readonly #helped: boolean;
  readonly #mib: number;
  #readers: number;
  #closed = false;
  /** Commits that are being done, and what they wait for while a backup takes its moment. */
  #committing = 0;
  #gate: Promise<void> | undefined;
  #quiet: (() => void) | undefined;
  #stills = 0;
  /** Transactions that are open, and what new ones wait for while a table is written anew. */
  #writing = 0;
  #alone: Promise<void> | undefined;

  readonly #told: DuckDbLakeOptions['onStatement'];
  #broken: DuckDbLakeOptions['onBroken'];

  constructor(
    instance: DuckDBInstance,
    { path, threads = 2, readers = 4, memoryMiB = DEFAULT_MIB, onStatement, onBroken }: DuckDbLakeOptions,
  ) {
    this.#told = onStatement;
    this.#broken = onBroken;
    this.path = path;
    this.#instance = instance;
    this.#readers = readers;
    this.#helped = threads > 1;
    this.#mib = memoryMiB;
  }

  async #reader<T>(work: (c: DuckDBConnection) => Promise<T>): Promise<T> {
    let connection = this.#idle.pop();
    if (!connection) {
      if (this.#readers > 0) {
        this.#readers -= 1;
        connection = await this.#connect();
      } else connection = await new Promise<DuckDBConnection>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work(connection);
    } catch (error) {
      throw this.#seen(error);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(connection);
      else this.#idle.push(connection);
    }
  }

  /** An error on its way to whoever asked: a fatal one is told once, and what only lacks memory is a Problem of its own. */
  #seen(error: unknown): unknown {
    const { message } = error as Error;
    if (/^Out of Memory Error/.test(message))
      return Object.assign(new Problem(lakeMemory, { mib: this.#mib }), { cause: error });
    if (!this.#closed && /^FATAL Error/.test(message)) {
      this.#broken?.(error as Error);
      this.#broken = undefined;
    }
    return error;
  }

  async #connect(): Promise<DuckDBConnection> {
    if (this.#closed) throw new Error('the lake is closed');
    const c = await this.#instance.connect();
    await c.run("SET TimeZone='UTC'");
    return c;
  }

  query<T extends LakeRow>(sql: string, params?: LakeParams): Promise<T[]> {
    this.#sharing.read();
    return this.#reader((c) => new DuckDbSession(c, undefined, this.#told).query<T>(sql, params));
  }

  async first<T extends LakeRow>(sql: string, params?: LakeParams): Promise<T | undefined> {
    return (await this.query<T>(sql, params))[0];
  }

  async *stream<T extends LakeRow>(sql: string, params?: LakeParams): AsyncIterable<T[]> {
    const c = await this.#connect();
    try {
      yield* new DuckDbSession(c).stream<T>(sql, params);
    } catch (error) {
      throw this.#seen(error);
    } finally {
      c.closeSync();
    }
  }

  async session<T>(work: (s: LakeSession) => Promise<T>): Promise<T> {
    const c = await this.#connect();
    try {
      // Without threads of its own the engine runs nothing by itself.
      return await work(new DuckDbSession(c, this.#helped ? this.#sharing : undefined, this.#told));
    } catch (error) {
      throw this.#seen(error);
    } finally {
      c.closeSync();
    }
  }

  async write<T>(lane: string, work: (s: LakeSession) => Promise<T>): Promise<T> {
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    const mine = before.then(
      () => this.#transaction(work),
      () => this.#transaction(work),
    );
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#lanes.set(lane, settled);
    try {
      return await mine;
    } finally {
      if (this.#lanes.get(lane) === settled) this.#lanes.delete(lane);
    }
  }

  async #transaction<T>(work: (s: LakeSession) => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone;
    this.#writing += 1;
    try {
      return await this.#inTransaction(work);
    } finally {
      this.#writing -= 1;
    }
  }

  /** Does a transaction while no other is open: whoever comes meanwhile waits. Where the engine is never idle it is one among the others. */
  async #aloneTransaction(work: (s: LakeSession) => Promise<void>, signal?: AbortSignal): Promise<void> {
    // A transaction may open another one inside it: the door is shut only while nobody is in.
    for (let tries = 0; (this.#writing > 0 || this.#alone) && tries < 200; tries++) {
      signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (this.#writing > 0 || this.#alone) return this.#inTransaction(work);
    let open = () => {};
    this.#alone = new Promise<void>((resolve) => {
      open = resolve;
    });
    try {
      await this.#inTransaction(work);
    } finally {
      this.#alone = undefined;
      open();
    }
  }

  #inTransaction<T>(work: (s: LakeSession) => Promise<T>): Promise<T> {
    return this.session(async (s) => {
      await s.run('BEGIN TRANSACTION');
      try {
        const answer = await work(s);
        await this.#commit(() => s.run('COMMIT'));
        return answer;
      } catch (error) {
        // The engine may have rolled back already (an error at COMMIT): then this statement fails and says nothing new.
        await s.run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  define(statements: readonly string[]): Promise<void> {
    return this.#transaction(async (s) => {
      for (const sql of statements) await s.run(sql);
    });
  }

  /** Does what commits, unless a backup takes its moment: then afterwards. */
  async #commit<T>(work: () => Promise<T>): Promise<T> {
    while (this.#gate) await this.#gate;
    this.#committing += 1;
    try {
      return await work();
    } finally {
      this.#committing -= 1;
      if (this.#committing === 0) this.#quiet?.();
    }
  }

  async still<T>(moment: () => Promise<T>): Promise<{ answer: T; thaw(): Promise<void> }> {
    while (this.#gate) await this.#gate;
    let open = () => {};
    this.#gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const threshold = (size: string) => this.session((s) => s.run(`SET checkpoint_threshold = '${size}'`));
    const thaw = async () => {
      this.#stills -= 1;
      if (this.#stills === 0 && !this.#closed) await threshold(CHECKPOINT);
    };
    this.#stills += 1;
    try {
      // A checkpoint happens in a commit: after those that are being done there is none until the threshold is back.
      await threshold('1TB');
      if (this.#committing > 0)
        await new Promise<void>((resolve) => {
          this.#quiet = resolve;
        });
      return { answer: await moment(), thaw };
    } catch (error) {
      await thaw();
      throw error;
    } finally {
      this.#quiet = undefined;
      this.#gate = undefined;
      open();
    }
  }

  async scrub(tables: readonly string[], signal?: AbortSignal): Promise<number> {
    const checkpoint = async () => {
      for (let tries = 0; ; tries++) {
        signal?.throwIfAborted();
        // A backup still reads what stands in the file.
        if (this.#stills === 0)
          try {
            return await this.session((s) => s.run('CHECKPOINT').then(() => undefined));
          } catch (error) {
            // Refused while others write: they end.
            if (tries > 600 || !/CHECKPOINT/i.test((error as Error).message)) throw error;
          }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    // Where somebody still reads what was there before, former rows stay in their row groups: those tables are written once more.
    let left = [...tables];
    for (let round = 1; left.length > 0; round++) {
      for (const table of left) await this.#rewrite(table, signal);
      await checkpoint();
      const dirty: string[] = [];
      for (const table of left) {
        const there = await this.first(formerRows(table)).catch((error: Error) => {
          if (/does not exist/i.test(error.message)) return undefined;
          throw error;
        });
        if (there) dirty.push(table);
      }
      left = dirty;
      if (left.length > 0 && round === 20)
        throw new Error(`former rows stay in ${left.length} tables: ${left.join(', ')}`);
      if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 200 * round));
    }
    return fillFree(
      (sql) => this.define([sql]),
      (sql) => this.first(sql),
      checkpoint,
    );
  }

  async #rewrite(table: string, signal?: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      signal?.throwIfAborted();
      try {
        return await this.#aloneTransaction((s) => rewriteTable(s, table), signal);
      } catch (error) {
        // A table that is gone meanwhile holds nothing; one that another lane wrote to is tried again.
        if (/does not exist/i.test((error as Error).message)) return;
        if (tries >= 20 || !/conflict/i.test((error as Error).message)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100 * tries));
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#lanes.values());
    for (const c of this.#idle.splice(0)) c.closeSync();
    this.#instance.closeSync();
  }
}

class DuckDbSession implements LakeSession {
  readonly #c: DuckDBConnection;
  readonly #sharing: Sharing | undefined;
  readonly #told: DuckDbLakeOptions['onStatement'];

  constructor(connection: DuckDBConnection, sharing?: Sharing, told?: DuckDbLakeOptions['onStatement']) {
    this.#c = connection;
    this.#sharing = sharing;
    this.#told = told;
  }

  /** Runs statements, aside when a bulk session should make way; answers the result of the last. */
  async #result(sql: string, params?: LakeParams): Promise<DuckDBResult> {
    const from = performance.now();
    const result = await (this.#sharing?.looking ? this.#aside(sql, params) : this.#c.run(sql, bind(params)));
    this.#told?.(sql, performance.now() - from);
    return result;
  }

  async run(sql: string, params?: LakeParams): Promise<number> {
    return (await this.#result(sql, params)).rowsChanged;
  }

  async query<T extends LakeRow>(sql: string, params?: LakeParams): Promise<T[]> {
    const rows: T[] = [];
    const result = await this.#result(sql, params);
    for (const chunk of await result.fetchAllChunks()) readChunk(result, chunk, rows);
    return rows;
  }

  async first<T extends LakeRow>(sql: string, params?: LakeParams): Promise<T | undefined> {
    return (await this.query<T>(sql, params))[0];
  }

  async *stream<T extends LakeRow>(sql: string, params?: LakeParams): AsyncIterable<T[]> {
    const result = await this.#c.stream(sql, bind(params));
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      const rows: T[] = [];
      readChunk(result, chunk, rows);
      yield rows;
    }
  }

  async append(table: string, rows: Iterable<readonly LakeParam[]>): Promise<number> {
    const dot = table.indexOf('.');
    const appender =
      dot < 0
        ? await this.#c.createAppender(table)
        : await this.#c.createAppender(table.slice(dot + 1), table.slice(0, dot));
    const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
    let count = 0;
    let pending: DuckDBValue[][] = [];
    const put = () => {
      if (pending.length === 0) return;
      const chunk = DuckDBDataChunk.create(types);
      chunk.setRows(pending);
      appender.appendDataChunk(chunk);
      pending = [];
    };
    try {
      for (const row of rows) {
        pending.push(row.map(toDuck));
        count += 1;
        if (pending.length === 2048) put();
      }
      put();
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
    return count;
  }

  async appendColumns(table: string, columns: readonly LakeColumn[]): Promise<number> {
    const length = columns[0]?.length ?? 0;
    if (columns.some((c) => c.length !== length)) throw new Error('columns of different lengths');
    const dot = table.indexOf('.');
    const appender = await this.#c.createAppender(table.slice(dot + 1), dot < 0 ? undefined : table.slice(0, dot));
    const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
    try {
      if (columns.length !== types.length) throw new Error('not as many columns as the table has');
      for (let from = 0; from < length; from += 2048) {
        const rows = Math.min(2048, length - from);
        const chunk = DuckDBDataChunk.create(types, rows);
        for (const [i, column] of columns.entries()) {
          const width = column.BYTES_PER_ELEMENT;
          const vector = bindings.data_chunk_get_vector(chunk.chunk, i);
          bindings.copy_data_to_vector(
            ...([vector, 0, column.buffer as ArrayBuffer, column.byteOffset + from * width, rows * width] as const),
          );
        }
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
    return length;
  }

  async steps(steps: readonly LakeStep[], onStep?: (t: StepTiming) => void): Promise<StepTiming[]> {
    const timings: StepTiming[] = [];
    for (const step of steps) {
      const start = performance.now();
      const rows = await this.run(step.sql, step.params);
      const timing = { name: step.name, ms: performance.now() - start, rows };
      timings.push(timing);
      onStep?.(timing);
    }
    return timings;
  }

  /** Runs statements on the engine's own threads only. */
  async #aside(sql: string, params?: LakeParams): Promise<DuckDBResult> {
    const statements = await this.#c.extractStatements(sql);
    let result: DuckDBResult | undefined;
    for (let i = 0; i < statements.count; i++) {
      const prepared = await statements.prepare(i);
      try {
        const bound = i === statements.count - 1 ? bind(params) : undefined;
        if (bound) prepared.bind(bound);
        const pending = prepared.start();
        // The package waits for a pending result by running it on the waiting thread; the engine can be asked instead.
        const { pending_result } = pending as unknown as { pending_result: PendingResult };
        const { READY, ERROR } = { READY: bindings.PendingState.RESULT_READY, ERROR: bindings.PendingState.ERROR };
        for (let wait = 1; ; wait = Math.min(8, wait + 1)) {
          const state = bindings.pending_execute_check_state(pending_result);
          if (state === READY || state === ERROR) break;
          await new Promise((resolve) => setTimeout(resolve, wait));
        }
        result = await pending.getResult();
      } finally {
        prepared.destroySync();
      }
    }
    if (!result) throw new Error('no statement was given');
    return result;
  }

  interrupt(): void {
    this.#c.interrupt();
  }
}

function bind(params?: LakeParams): Record<string, DuckDBValue> | undefined {
  if (!params) return undefined;
  return Object.fromEntries(Object.entries(params).map(([k, v]) => [k, toDuck(v)]));
}

function toDuck(v: LakeParam): DuckDBValue {
  if (v instanceof Uint8Array) return blobValue(v);
  if (v instanceof Date) return new DuckDBTimestampValue(BigInt(v.getTime()) * 1000n);
  if (Array.isArray(v)) return listValue([...v] as DuckDBValue[]);
  return v as DuckDBValue;
}

function readChunk<T extends LakeRow>(result: DuckDBResult, chunk: DuckDBDataChunk, into: T[]): void {
  const names = result.deduplicatedColumnNames();
  for (const values of chunk.getRows()) {
    const row: LakeRow = {};
    for (let i = 0; i < names.length; i++) row[names[i]!] = fromDuck(values[i]!);
    into.push(row as T);
  }
}

function fromDuck(v: DuckDBValue): unknown {
  if (v === null) return null;
  if (typeof v === 'bigint') {
    return v >= BigInt(Number.MIN_SAFE_INTEGER) && v <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(v) : v;
  }
  if (typeof v !== 'object') return v;
  if (v instanceof DuckDBDecimalValue || v instanceof DuckDBDateValue) return v.toString();
  if (v instanceof DuckDBTimestampValue || v instanceof DuckDBTimestampTZValue) {
    return new Date(Number(v.micros / 1000n)).toISOString();
  }
  if (v instanceof DuckDBBlobValue) return new Uint8Array(v.bytes);
  if (v instanceof DuckDBListValue) return v.items.map(fromDuck);
  if (v instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(v.entries).map(([k, e]) => [k, fromDuck(e)]));
  }
  if (v instanceof DuckDBMapValue) return new Map(v.entries.map((e) => [fromDuck(e.key), fromDuck(e.value)]));
  return String(v);
}
