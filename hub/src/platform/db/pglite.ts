import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { Problem, problemKind } from '../problem.ts';
import { startThread } from '../thread.ts';
import type { StoreMemory, WorkerAnswer, WorkerRequest, WorkerStart } from './pglite-worker.ts';
import type { QueryResult, StoreConnection, StorePool } from './pool.ts';
import { encode } from './values.ts';

const damaged = problemKind(
  'db.embedded-open',
  500,
  '无法打开内置数据库：{reason}',
  'the embedded database cannot be opened: {reason}',
);

/** An error of the database with its SQLSTATE in `code`, as `pg` raises it. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  declare readonly code?: string;
  declare readonly constraint?: string;
  declare readonly detail?: string;
}

let program: Promise<WebAssembly.Module> | undefined;

/** The database's program, compiled once a process: that is most of what opening an embedded store costs. */
function compiled(): Promise<WebAssembly.Module> {
  const file = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), 'pglite.wasm');
  // Known to Node, and to the browser's types only.
  const { WebAssembly: wasm } = globalThis as unknown as {
    WebAssembly: { compile(b: Uint8Array): Promise<WebAssembly.Module> };
  };
  program ??= readFile(file).then((bytes) => wasm.compile(bytes));
  return program;
}

/**
 * PGlite as a pool of exactly one connection: whoever asks while it is lent out waits in line. That line is what keeps
 * two transactions from interleaving on the one session.
 */
export class PglitePool implements StorePool {
  readonly #worker: Worker;
  readonly #pending = new Map<number, { resolve(a: WorkerAnswer): void; reject(e: unknown): void }>();
  readonly #line: ((connection: StoreConnection) => void)[] = [];
  #next = 1;
  #lent = false;
  #gone: Error | undefined;
  readonly #connection: StoreConnection;

  readonly #broken: ((error: Error) => void) | undefined;

  private constructor(worker: Worker, broken: ((error: Error) => void) | undefined) {
    this.#worker = worker;
    this.#broken = broken;
    this.#connection = {
      query: (sql, params) => this.#query(sql, params),
      release: () => this.#release(),
    };
    const end = (error: Error) => {
      // What was closed ends by itself.
      if (!this.#gone) this.#broken?.(error);
      this.#gone ??= error;
      for (const waiting of this.#pending.values()) waiting.reject(error);
      this.#pending.clear();
    };
    worker.on('message', (a: WorkerAnswer) => {
      if (a.id === 0 && a.error && !this.#pending.has(0))
        return end(Object.assign(new Error(a.error.message), a.error));
      const waiting = this.#pending.get(a.id);
      this.#pending.delete(a.id);
      if (!waiting) return;
      if (a.error) waiting.reject(Object.assign(new DatabaseError(a.error.message), a.error));
      else waiting.resolve(a);
    });
    worker.on('error', end);
    worker.on('exit', (code) => end(new Error(`the embedded database has ended (exit code ${code})`)));
  }

  /** Starts the thread and waits until the database answers. `broken` is told when the engine ended unasked: only a new start opens it again. */
  static async open(folder: string | undefined, broken?: (error: Error) => void): Promise<PglitePool> {
    const program = await compiled();
    const start: WorkerStart = folder === undefined ? { program } : { folder, program };
    const worker = startThread(new URL('./pglite-worker.ts', import.meta.url), start);
    const pool = new PglitePool(worker, broken);
    try {
      await new Promise<WorkerAnswer>((resolve, reject) => pool.#pending.set(0, { resolve, reject }));
    } catch (error) {
      await worker.terminate();
      throw new Problem(damaged, { reason: (error as Error).message });
    }
    return pool;
  }

  connect(): Promise<StoreConnection> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (!this.#lent) {
      this.#lent = true;
      return Promise.resolve(this.#connection);
    }
    return new Promise((resolve) => this.#line.push(resolve));
  }

  #release(): void {
    const next = this.#line.shift();
    if (next) next(this.#connection);
    else this.#lent = false;
  }

  #send(request: Omit<WorkerRequest, 'id'>): Promise<WorkerAnswer> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request } satisfies WorkerRequest);
    });
  }

  async #query(sql: string, params: readonly unknown[] = []): Promise<QueryResult> {
    const a = await this.#send(params.length > 0 ? { sql, params: params.map(encode) } : { sql });
    return { rows: a.rows ?? [], rowCount: a.rowCount ?? 0, command: a.command ?? '' };
  }

  /** What the engine holds in memory; waits for the statements before it. */
  async memory(): Promise<StoreMemory | undefined> {
    return (await this.#send({ memory: true })).memory;
  }

  async end(): Promise<void> {
    // Whoever still waits in line is served first: what was begun is finished.
    const connection = await this.connect();
    await this.#send({ close: true });
    this.#gone = new Error('the operational store is closed');
    connection.release();
    await this.#worker.terminate();
  }
}
