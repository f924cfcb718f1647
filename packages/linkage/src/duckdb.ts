/** DuckDB as the engine: in memory or in a file. */
import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { type Dialect, duckdbDialect, ident, literal } from './dialect.ts';
import type { BulkColumn, Engine, FileSource, Row } from './engine.ts';
import { fail } from './errors.ts';

/** How to open DuckDB. */
export interface DuckDBOptions {
  /** Database file; in memory when absent. */
  path?: string;
  threads?: number;
  /** MiB, beyond which it spills to `temp`. */
  memoryMiB?: number;
  /** Folder to spill to. */
  temp?: string;
}

const TYPES = { INTEGER, BIGINT, DOUBLE, VARCHAR } as const;

/** An open DuckDB. `connection` may be one of your own: tables that it sees can be linked. */
export class DuckDBEngine implements Engine {
  readonly dialect: Dialect = duckdbDialect;
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance | undefined;

  constructor(connection: DuckDBConnection, instance?: DuckDBInstance) {
    this.connection = connection;
    this.#instance = instance;
  }

  /** Opens a database. */
  static async open(options: DuckDBOptions = {}): Promise<DuckDBEngine> {
    const settings: Record<string, string> = {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'false',
    };
    if (options.threads) settings.threads = String(options.threads);
    if (options.memoryMiB) settings.memory_limit = `${options.memoryMiB}MiB`;
    if (options.temp) settings.temp_directory = options.temp;
    const instance = await DuckDBInstance.create(options.path ?? ':memory:', settings);
    return new DuckDBEngine(await instance.connect(), instance);
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  async rows<T extends Row = Row>(sql: string): Promise<T[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJS().map((row) => {
      const out: Row = {};
      for (const [k, v] of Object.entries(row)) {
        out[k] = typeof v === 'bigint' ? Number(v) : v instanceof Date ? v.toISOString() : (v as Row[string]);
      }
      return out as T;
    });
  }

  async numbers(sql: string): Promise<Float64Array[]> {
    const result = await this.connection.stream(sql);
    const width = result.columnCount;
    const parts: Float64Array[][] = Array.from({ length: width }, () => []);
    let total = 0;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      for (let c = 0; c < width; c++) {
        const vector = chunk.getColumnVector(c);
        const { items, validity } = vector as unknown as { items?: ArrayLike<number>; validity?: { data: unknown } };
        const out = new Float64Array(chunk.rowCount);
        if (items instanceof Float64Array || items instanceof Int32Array) {
          // The vector's own memory, without a call per value; the second look is for what is null.
          for (let i = 0; i < out.length; i++) out[i] = items[i]!;
          if (validity?.data) for (let i = 0; i < out.length; i++) if (vector.getItem(i) === null) out[i] = Number.NaN;
        } else {
          for (let i = 0; i < out.length; i++) {
            const v = vector.getItem(i);
            out[i] = v === null ? Number.NaN : Number(v);
          }
        }
        parts[c]!.push(out);
      }
      total += chunk.rowCount;
    }
    return parts.map((list) => {
      const whole = new Float64Array(total);
      let at = 0;
      for (const p of list) {
        whole.set(p, at);
        at += p.length;
      }
      return whole;
    });
  }

  async create(table: string, columns: readonly BulkColumn[]): Promise<void> {
    const [schema, name] = table.includes('.') ? (table.split('.') as [string, string]) : ['main', table];
    await this.run(`CREATE OR REPLACE TABLE ${table} (${columns.map((c) => `${ident(c.name)} ${c.type}`).join(', ')})`);
    const rows = columns[0]?.values.length ?? 0;
    const appender = await this.connection.createAppender(name, schema);
    for (let start = 0; start < rows; start += 2048) {
      const n = Math.min(2048, rows - start);
      const chunk = DuckDBDataChunk.create(
        columns.map((c) => TYPES[c.type]),
        n,
      );
      columns.forEach((c, i) => {
        const part = new Array(n);
        for (let k = 0; k < n; k++)
          part[k] = c.type === 'BIGINT' ? BigInt(c.values[start + k] as number) : c.values[start + k];
        chunk.setColumnValues(i, part);
      });
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN TRANSACTION');
    try {
      const answer = await work();
      await this.run('COMMIT');
      return answer;
    } catch (error) {
      await this.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async file(source: FileSource): Promise<string> {
    const parquet = /\.parquet$/i.test(source.path);
    const relation = parquet
      ? `read_parquet(${literal(source.path)})`
      : `read_csv(${literal(source.path)}, header = true, all_varchar = true${source.delimiter ? `, delim = ${literal(source.delimiter)}` : ''})`;
    let names: string[];
    try {
      names = (await this.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${relation}`)).map(
        (r) => r.column_name,
      );
    } catch (error) {
      const why = String((error as Error).message).split('\n')[0]!;
      fail('file', `无法读取文件 ${source.path}：${why}`, `cannot read ${source.path}: ${why}`, { file: source.path });
    }
    const columns = names.map((n) => `CAST(${ident(n)} AS VARCHAR) AS ${ident(n.trim())}`).join(', ');
    return `(SELECT ${columns} FROM ${relation})`;
  }

  async close(): Promise<void> {
    this.connection.closeSync();
    this.#instance?.closeSync();
  }
}
