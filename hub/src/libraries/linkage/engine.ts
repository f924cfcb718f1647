/** The linkage engine on a session of the lake: its tables are the session's temporary ones, so that nothing of it stays. */
import { type BulkColumn, type Dialect, duckdbDialect, type Engine, type Row } from '@jingwei/linkage';
import type { LakeParam, LakeSession } from '../../platform/lake/index.ts';

/** The schema in which the engine works. */
export const SCHEMA = 'temp';

/** An engine whose statements run in the session given, inside its transaction where it has one. */
export class LakeEngine implements Engine {
  readonly dialect: Dialect = duckdbDialect;
  readonly #session: LakeSession;

  constructor(session: LakeSession) {
    this.#session = session;
  }

  async run(sql: string): Promise<void> {
    // The schema of temporary tables is always there and cannot be made.
    if (sql.startsWith(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)) return;
    await this.#session.run(sql.replace(/^CREATE( OR REPLACE)? TABLE/, 'CREATE$1 TEMP TABLE'));
  }

  async rows<T extends Row = Row>(sql: string): Promise<T[]> {
    const rows = await this.#session.query(sql);
    return rows.map((row) => {
      const out: Row = {};
      for (const [k, v] of Object.entries(row)) out[k] = typeof v === 'bigint' ? Number(v) : (v as Row[string]);
      return out as T;
    });
  }

  async numbers(sql: string): Promise<Float64Array[]> {
    const rows = await this.#session.query(sql);
    if (rows.length === 0) {
      const columns = await this.#session.query(`DESCRIBE ${sql}`);
      return columns.map(() => new Float64Array());
    }
    return Object.keys(rows[0]!).map((k) =>
      Float64Array.from(rows, (r) => (r[k] === null ? Number.NaN : Number(r[k]))),
    );
  }

  async create(table: string, columns: readonly BulkColumn[]): Promise<void> {
    const name = table.startsWith(`${SCHEMA}.`) ? table.slice(SCHEMA.length + 1) : table;
    await this.#session.run(
      `CREATE OR REPLACE TEMP TABLE ${name} (${columns.map((c) => `"${c.name}" ${c.type}`).join(', ')})`,
    );
    const n = columns[0]?.values.length ?? 0;
    const rows = function* (): Iterable<LakeParam[]> {
      for (let i = 0; i < n; i++)
        yield columns.map((c) => (c.type === 'BIGINT' ? BigInt(c.values[i] as number) : (c.values[i] as LakeParam)));
    };
    await this.#session.append(name, rows());
  }

  file(): Promise<string> {
    throw new Error('the lake links its own rows, no files');
  }

  async close(): Promise<void> {}
}
