/** Loading into databases: PostgreSQL by COPY, MySQL and MariaDB by LOAD DATA, straight from the written file. */
import { createReadStream } from 'node:fs';
import type { ClassModel } from '../model.ts';
import { SynthcityError, type Target } from '../options.ts';

/** An open database that takes whole files. */
export interface DatabaseTarget {
  /** Makes the class's table anew and fills it; answers the table's name. */
  load(model: ClassModel, columns: readonly string[], file: string): Promise<string>;
  close(): Promise<void>;
}

/** The table of a class: `scjg.market-entity` is in `scjg_market_entity`. */
export function tableOf(model: ClassModel): string {
  return model.id.replaceAll(/[.-]/g, '_');
}

/** Opens the target. The drivers are loaded only here: a city of files needs none. */
export function openDatabase(target: Exclude<Target, { kind: 'files' }>): Promise<DatabaseTarget> {
  return target.kind === 'postgres' ? openPostgres(target.url, target.schema ?? 'public') : openMysql(target.url);
}

interface PgConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
  stream: { writableNeedDrain: boolean; once(event: 'drain', listener: () => void): void };
}

async function openPostgres(url: string, schema: string): Promise<DatabaseTarget> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const name = (s: string): string => client.escapeIdentifier(s);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${name(schema)}`);
  let tail: Promise<unknown> = Promise.resolve();
  /** One copy at a time: a connection speaks one conversation. */
  const copyIn = (sql: string, file: string): Promise<void> =>
    new Promise((resolve, reject) => {
      let failure: Error | null = null;
      client.query({
        submit(connection: PgConnection) {
          connection.query(sql);
        },
        handleCopyInResponse(connection: PgConnection) {
          void (async () => {
            try {
              for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
                connection.sendCopyFromChunk(chunk as Buffer);
                if (connection.stream.writableNeedDrain)
                  await new Promise<void>((go) => connection.stream.once('drain', go));
              }
              connection.endCopyFrom();
            } catch (error) {
              connection.sendCopyFail(error instanceof Error ? error.message : 'read failed');
            }
          })();
        },
        handleRowDescription() {},
        handleDataRow() {},
        handlePortalSuspended() {},
        handleEmptyQuery() {},
        handleCommandComplete() {},
        handleError(error: Error) {
          failure = error;
          reject(error);
        },
        handleReadyForQuery() {
          if (!failure) resolve();
        },
      } as never);
    });
  return {
    load(model, columns, file) {
      const table = `${name(schema)}.${name(tableOf(model))}`;
      const mine = tail.then(async () => {
        await client.query(`DROP TABLE IF EXISTS ${table}`);
        await client.query(`CREATE TABLE ${table} (${columns.map((c) => `${name(c)} text`).join(', ')})`);
        await copyIn(`COPY ${table} FROM STDIN (FORMAT csv, HEADER true)`, file);
        return `${schema}.${tableOf(model)}`;
      });
      tail = mine.catch(() => undefined);
      return mine;
    },
    close: () => client.end(),
  };
}

async function openMysql(url: string): Promise<DatabaseTarget> {
  const { default: mysql } = await import('mysql2/promise');
  const connection = await mysql.createConnection({ uri: url, charset: 'utf8mb4', flags: ['+LOCAL_FILES'] });
  const name = (s: string): string => connection.escapeId(s);
  const [rows] = await connection.query('SELECT @@local_infile AS allowed');
  if (!Number((rows as { allowed: number }[])[0]?.allowed)) {
    await connection.end();
    throw new SynthcityError(
      'synthcity.local-infile',
      '数据库不允许 LOAD DATA LOCAL（local_infile=0）',
      'the database does not allow LOAD DATA LOCAL (local_infile=0)',
    );
  }
  let tail: Promise<unknown> = Promise.resolve();
  return {
    load(model, columns, file) {
      const table = name(tableOf(model));
      const mine = tail.then(async () => {
        await connection.query(`DROP TABLE IF EXISTS ${table}`);
        await connection.query(
          `CREATE TABLE ${table} (${columns.map((c) => `${name(c)} text`).join(', ')}) CHARACTER SET utf8mb4`,
        );
        await connection.query({
          sql: `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${table} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '' LINES TERMINATED BY '\\n' IGNORE 1 LINES
            (${columns.map((_, i) => `@c${i}`).join(', ')}) SET ${columns.map((c, i) => `${name(c)} = NULLIF(@c${i}, '')`).join(', ')}`,
          infileStreamFactory: () => createReadStream(file),
        } as never);
        return tableOf(model);
      });
      tail = mine.catch(() => undefined);
      return mine;
    },
    close: () => connection.end(),
  };
}
