/** The shape of a pool of connections that both engines have and Kysely's PostgreSQL dialect asks for. */

/** What one statement answered. */
export interface QueryResult {
  // biome-ignore lint/suspicious/noExplicitAny: rows are typed by who asks.
  rows: any[];
  rowCount: number;
  command: string;
}

/** One session, until it is released. */
export interface StoreConnection {
  query(sql: string, params?: readonly unknown[]): Promise<QueryResult>;
  /** An error given marks the session as broken: it is not used again. */
  release(error?: Error): void;
}

export interface StorePool {
  connect(): Promise<StoreConnection>;
  /** Bytes that an engine in this process holds. */
  memory?(): Promise<{ database: number; heap: number } | undefined>;
  end(): Promise<void>;
}
