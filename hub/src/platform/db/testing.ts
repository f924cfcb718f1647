/**
 * The same suite on every engine: on PGlite always; on a real PostgreSQL when JINGWEI_TEST_POSTGRES names one, when its
 * binaries are on the machine, or when CI=true (then its absence fails the suite instead of hiding it).
 */
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Db } from './db.ts';
import { type MigrationSet, migrate } from './migrate.ts';
import { openDb } from './open.ts';
import { freshPgliteFolder } from './testing-folder.ts';
import { findBinaries, startPostgres } from './testing-postgres.ts';

export { freshPgliteFolder };

/** An open store for one test and how to end it (its folder or database goes with it). */
export interface TestDb {
  db: Db;
  end(): Promise<void>;
}

/** An embedded store in a folder of its own, with the rooms' migrations applied. */
export async function testPglite(rooms: readonly MigrationSet[] = []): Promise<TestDb> {
  const folder = await freshPgliteFolder();
  const db = await openDb({ kind: 'pglite', folder });
  await migrate(db, rooms);
  return {
    db,
    end: async () => {
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a real PostgreSQL must or can be tested on. */
export const postgresExpected = (): boolean =>
  Boolean(process.env.JINGWEI_TEST_POSTGRES || findBinaries() || process.env.CI === 'true');

/** A database of its own on a real PostgreSQL, with the rooms' migrations applied. */
export async function testPostgres(rooms: readonly MigrationSet[] = []): Promise<TestDb & { url: string }> {
  const server = process.env.JINGWEI_TEST_POSTGRES ?? (await startPostgres());
  const name = `jingwei_test_${randomBytes(6).toString('hex')}`;
  const admin = await openDb({ kind: 'postgres', url: server, connections: 2 });
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = await openDb({ kind: 'postgres', url: url.href });
  await migrate(db, rooms);
  return {
    db,
    url: url.href,
    end: async () => {
      await db.close();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.close();
    },
  };
}

/**
 * A store for tests that are not about it: a database on the machine's PostgreSQL, which is made in a fraction of the time, else an
 * embedded one. What a room promises of its store is tested on both by `describeDb`.
 */
export const testStore = (rooms: readonly MigrationSet[] = []): Promise<TestDb> =>
  postgresExpected() ? testPostgres(rooms) : testPglite(rooms);

/**
 * An empty store for a whole hub in a data folder: a database on the machine's PostgreSQL, where its `url` goes into the configuration
 * (`db.url`), else an embedded one laid into the folder. That a hub holds on the embedded store as well is seen by the tests of its
 * start, of the command line and of the console in the browser.
 */
export async function hubStore(dataFolder: string): Promise<{ url?: string; end(): Promise<void> }> {
  if (postgresExpected()) {
    // The hub has connections of its own; these only make the database and take it away again.
    const { url, end } = await testPostgres();
    return { url, end };
  }
  const folder = await freshPgliteFolder();
  cpSync(folder, join(dataFolder, 'pg'), { recursive: true });
  rmSync(folder, { recursive: true });
  return { end: async () => undefined };
}

/** Runs a suite on each engine; `db()` is the open store inside tests and hooks. */
export function describeDb(name: string, rooms: readonly MigrationSet[], suite: (db: () => Db) => void): void {
  const engines: [string, (rooms: readonly MigrationSet[]) => Promise<TestDb>][] = [['PGlite', testPglite]];
  if (postgresExpected()) engines.push(['PostgreSQL', testPostgres]);
  for (const [engine, make] of engines) {
    describe(`${name} on ${engine}`, () => {
      let open: TestDb | undefined;
      beforeAll(async () => {
        open = await make(rooms);
      });
      afterAll(() => open?.end());
      suite(() => {
        if (!open) throw new Error('the store is open inside tests and hooks only');
        return open.db;
      });
    });
  }
}
