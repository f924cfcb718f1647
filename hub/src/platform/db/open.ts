import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, PostgresDialect } from 'kysely';
import type { AnyTables, Db, DbOptions } from './db.ts';
import { PglitePool } from './pglite.ts';
import type { StoreConnection, StorePool } from './pool.ts';
import { ServerPool } from './server.ts';

/** Opens the operational store; a fault is a Problem (`db.…`). */
export async function openDb(options: DbOptions): Promise<Db> {
  const pool =
    options.kind === 'pglite'
      ? await PglitePool.open(options.folder)
      : await ServerPool.open(options.url, options.connections ?? 10);
  return new Store(options.kind, pool);
}

class Store implements Db {
  readonly kind: Db['kind'];
  readonly kysely: Kysely<AnyTables>;
  readonly #pool: StorePool;
  /** The transaction that the present call chain is in. */
  readonly #within = new AsyncLocalStorage<{ open: boolean }>();

  constructor(kind: Db['kind'], pool: StorePool) {
    this.kind = kind;
    this.#pool = pool;
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
    return this.#pool.connect();
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

  async close(): Promise<void> {
    await this.kysely.destroy();
    await this.#pool.end();
  }
}
