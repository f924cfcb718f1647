import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, PostgresDialect } from 'kysely';
import type { AnyTables, Db, DbOptions, StillDb } from './db.ts';
import { PglitePool } from './pglite.ts';
import type { StoreConnection, StorePool } from './pool.ts';
import { ServerPool } from './server.ts';

/**
 * Opens the operational store; a fault is a Problem (`db.…`). `onStatement` is told of every statement and its milliseconds, `onBroken` when the
 * embedded engine ended unasked (a disk that fails): nothing can be done with the store any more, a new start opens it as it was last on disk.
 */
export async function openDb(
  options: DbOptions,
  onStatement?: (sql: string, ms: number) => void,
  onBroken?: (error: Error) => void,
): Promise<Db> {
  const pool =
    options.kind === 'pglite'
      ? await PglitePool.open(options.folder, onBroken)
      : await ServerPool.open(options.url, options.connections ?? 10);
  return new Store(options.kind, pool, options.kind === 'pglite' ? options.folder : undefined, onStatement);
}

class Store implements Db {
  readonly kind: Db['kind'];
  readonly kysely: Kysely<AnyTables>;
  readonly #pool: StorePool;
  readonly #folder: string | undefined;
  /** The transaction that the present call chain is in. */
  readonly #within = new AsyncLocalStorage<{ open: boolean }>();

  readonly #told: ((sql: string, ms: number) => void) | undefined;

  constructor(kind: Db['kind'], pool: StorePool, folder: string | undefined, told?: (sql: string, ms: number) => void) {
    this.#told = told;
    this.kind = kind;
    this.#pool = pool;
    this.#folder = folder;
    this.kysely = new Kysely<AnyTables>({
      dialect: new PostgresDialect({
        // Kysely ends a pool only after it has used it: close() ends it here.
        pool: { connect: () => this.#connect(), end: async () => undefined } as never,
      }),
    });
  }

  /**
   * On PGlite a statement on the outer handle inside a transaction would wait for itself for ever, and on a server it
   * would see another state than the transaction: it is refused on both.
   */
  #connect(): Promise<StoreConnection> {
    if (this.#within.getStore()?.open) {
      return Promise.reject(new Error('inside a transaction the handle that tx() gives must be used'));
    }
    return this.#told ? this.#pool.connect().then((c) => timed(c, this.#told!)) : this.#pool.connect();
  }

  async tx<T>(work: (trx: Kysely<AnyTables>) => Promise<T>): Promise<T> {
    if (this.#within.getStore()?.open) throw new Error('a transaction inside a transaction');
    const mark = { open: false };
    return this.#within.run(mark, async () => {
      try {
        return await this.kysely.transaction().execute((trx) => {
          mark.open = true;
          return work(trx);
        });
      } finally {
        mark.open = false;
      }
    });
  }

  async query<T>(sql: string, params?: readonly unknown[]): Promise<T[]> {
    const connection = await this.#connect();
    let broken: Error | undefined;
    try {
      return (await connection.query(sql, params)).rows;
    } catch (error) {
      // An error without SQLSTATE is the session's own (a lost connection).
      if (!(error as { code?: string }).code?.match(/^[0-9A-Z]{5}$/)) broken = error as Error;
      throw error;
    } finally {
      connection.release(broken);
    }
  }

  async still<T>(moment: (still: StillDb) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    if (this.kind === 'pglite') {
      // The one connection is held: nothing else is done by the engine meanwhile.
      try {
        return await moment({ kind: 'pglite', folder: this.#folder });
      } finally {
        connection.release();
      }
    }
    let ended = false;
    const end = async () => {
      if (ended) return;
      ended = true;
      let broken: Error | undefined;
      await connection.query('ROLLBACK', []).catch((error: Error) => {
        broken = error;
      });
      connection.release(broken);
    };
    try {
      await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', []);
      // The first statement fixes what all of them see.
      await connection.query('SELECT 1', []);
      return await moment({
        kind: 'postgres',
        query: async <T>(sql: string, params?: readonly unknown[]) =>
          (await connection.query(sql, params)).rows as unknown as T[],
        end,
      });
    } catch (error) {
      await end();
      throw error;
    }
  }

  memory(): ReturnType<Db['memory']> {
    return this.#pool.memory?.() ?? Promise.resolve(undefined);
  }

  async close(): Promise<void> {
    await this.kysely.destroy();
    await this.#pool.end();
  }
}

/** A session whose statements are timed, without the time of waiting for the session. */
const timed = (connection: StoreConnection, told: (sql: string, ms: number) => void): StoreConnection => ({
  query: async (sql, params) => {
    const from = performance.now();
    const answer = await connection.query(sql, params);
    told(sql, performance.now() - from);
    return answer;
  },
  release: (error) => connection.release(error),
});
