/** The engine that generates: DuckDB in memory with a folder to spill to. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { defectMacros } from './defects.ts';
import { checkDigitMacros } from './sql.ts';

/** A named SQL statement. */
export interface Step {
  name: string;
  sql: string;
}

/** What a row of an answer looks like: numbers, strings, booleans, bigint or null by column. */
export type Row = Record<string, unknown>;

/** Runs a statement; answers the number of rows that it wrote. */
export type Run = (sql: string) => Promise<number>;

/** An open engine with its connections. */
export class Engine {
  readonly #instance: DuckDBInstance;
  readonly #main: DuckDBConnection;

  private constructor(instance: DuckDBInstance, main: DuckDBConnection) {
    this.#instance = instance;
    this.#main = main;
  }

  /** Opens an engine that holds its tables in memory and spills to `folder` beyond `memoryMiB`. */
  static async open(folder: string, memoryMiB: number, threads: number): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryMiB}MiB`,
      temp_directory: folder,
      threads: String(threads),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const engine = new Engine(instance, await instance.connect());
    for (const macro of [...checkDigitMacros, ...defectMacros]) await engine.run(macro);
    return engine;
  }

  /** Runs a statement on the first connection. */
  async run(sql: string): Promise<void> {
    await this.#main.run(sql);
  }

  /** Answers the rows of a query. */
  async rows<T extends Row = Row>(sql: string): Promise<T[]> {
    const reader = await this.#main.runAndReadAll(sql);
    return reader.getRowObjectsJS() as T[];
  }

  /**
   * Works through the jobs on `lanes` connections of one engine thread each. One thread a statement keeps the rows of a
   * file in the order of their numbers, which a statement spread over threads would not; files run side by side instead.
   */
  async lanes<T>(lanes: number, jobs: readonly T[], work: (job: T, run: Run) => Promise<void>): Promise<void> {
    await this.run('SET threads = 1');
    // Joins as they are written: the rows of the file on the probing side, which keeps their order.
    await this.run("SET disabled_optimizers = 'join_order,build_side_probe_side'");
    const queue = [...jobs];
    const lane = async (): Promise<void> => {
      const connection = await this.#instance.connect();
      try {
        for (let job = queue.shift(); job !== undefined; job = queue.shift())
          await work(job, async (sql) => Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0));
      } finally {
        connection.closeSync();
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
  }

  /** Closes everything and forgets the tables. */
  close(): void {
    this.#main.closeSync();
    this.#instance.closeSync();
  }
}
