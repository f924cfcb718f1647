import pg from 'pg';
import { Problem, problemKind } from '../problem.ts';
import type { QueryResult, StoreConnection, StorePool } from './pool.ts';
import { encode, parsers, sessionSettings } from './values.ts';

const unreachable = problemKind(
  'db.unreachable',
  503,
  '无法连接 PostgreSQL（{host}）：{reason}',
  'PostgreSQL at {host} cannot be reached: {reason}',
);
const tooOld = problemKind(
  'db.version',
  500,
  'PostgreSQL 版本为 {found}，需要 15 或更新版本',
  'PostgreSQL is {found}; 15 or newer is needed',
);

/** A PostgreSQL server as a pool. */
export class ServerPool implements StorePool {
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Connects once to see that the server answers and is new enough. */
  static async open(url: string, connections: number): Promise<ServerPool> {
    const options = Object.entries(sessionSettings)
      .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
      .join(' ');
    const pool = new pg.Pool({
      connectionString: url,
      max: connections,
      options,
      application_name: 'jingwei',
      connectionTimeoutMillis: 15_000,
      types: { getTypeParser: (oid: number) => parsers[oid] ?? ((text: string) => text) } as never,
    });
    // A session that breaks while idle is replaced at the next statement; without a listener it would end the process.
    pool.on('error', () => undefined);
    try {
      const { rows } = await pool.query("SELECT current_setting('server_version_num')::int AS n, version() AS v");
      if (rows[0].n < 150_000) throw new Problem(tooOld, { found: String(rows[0].v).split(' ')[1] });
    } catch (error) {
      await pool.end();
      if (error instanceof Problem) throw error;
      // The address without user and password.
      throw new Problem(unreachable, {
        host: hostOf(url),
        reason: (error as Error).message || (error as { code?: string }).code,
      });
    }
    return new ServerPool(pool);
  }

  async connect(): Promise<StoreConnection> {
    const client = await this.#pool.connect();
    // While it is lent out nobody else listens: a session that the server ends would end the process.
    let broken: Error | undefined;
    const lost = (error: Error) => {
      broken = error;
    };
    client.on('error', lost);
    return {
      query: async (sql, params = []): Promise<QueryResult> => {
        const answer = await client.query(sql, params.map(encode));
        // Several statements in one text answer a list; the last one counts.
        const last = Array.isArray(answer) ? answer.at(-1) : answer;
        return { rows: last.rows, rowCount: last.rowCount ?? 0, command: last.command };
      },
      release: (error) => {
        client.off('error', lost);
        client.release(error ?? broken);
      },
    };
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return '?';
  }
}
