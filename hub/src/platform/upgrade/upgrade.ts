/**
 * Brings the data of an older version up to date: the structure of both stores as one decision. The lake's definitions run in one transaction; while it
 * is open the store's migrations are applied in one of their own and committed; then the lake's is committed. Whatever fails before the store's
 * commit leaves both as they were. Between the two commits (a moment) only a kill or the disk can come: then the store is the new version's, the older one
 * refuses it with a sentence, and the new one completes the lake at its next start, since definitions are idempotent.
 *
 * Work over much data is not done here: it is declared as a backfill (backfills.ts).
 */
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import { type Db, type MigrationSet, migrate } from '../db/index.ts';
import type { Lake, LakeSession } from '../lake/index.ts';
import { size, spaceOf } from '../operations/parts.ts';
import { Problem } from '../problem.ts';
import { lakeFailed, lakeNewer, noRoom, unfinished } from './problems.ts';

/**
 * The form of the lake's tables: one more whenever a table that the program defines changes (not for views). `hub/src/lake-form.txt` holds what this
 * form is, and a test compares it.
 */
export const LAKE_FORM = 1;

/** What rooms may do to the lake while it is brought up to date. */
export type Definer = Pick<Lake, 'define'>;

/** What an upgrade stands on. */
export interface UpgradePorts {
  db: Db;
  lake: Lake;
  clock: Clock;
  /** The data folder: its disk must have room. */
  folder: string;
  sets: readonly MigrationSet[];
  /** Defines everything that the program keeps in the lake, by idempotent statements. */
  define(lake: Definer): Promise<void>;
  version: string;
  /** The form that this program knows; LAKE_FORM but in tests. */
  form?: number;
  /** Bytes that must be free where something has to be upgraded. */
  needed?: number;
}

/** What was done. `fresh`: there was no data before. */
export interface Upgraded {
  applied: string[];
  lakeFrom: number | null;
  lakeForm: number;
  fresh: boolean;
}

const NEEDED = 64 * 1024 * 1024;

const tables = [
  'CREATE SCHEMA IF NOT EXISTS platform',
  'CREATE TABLE IF NOT EXISTS platform.form (form INTEGER, version VARCHAR, "at" TIMESTAMP)',
];

/** Brings both stores up to date or leaves both as they are. Problems: `db.migration-…`, `upgrade.…`. */
export async function upgrade(ports: UpgradePorts): Promise<Upgraded> {
  const { db, lake, clock, version } = ports;
  const form = ports.form ?? LAKE_FORM;
  let stage: 'lake' | 'store' | 'commit' = 'lake';
  try {
    return await lake.write('upgrade', async (s) => {
      const found = await formOf(s);
      if (found && found.form > form)
        throw new Problem(lakeNewer, { found: found.form, version: found.version, known: form });
      const fresh = !found && (await isEmpty(s));
      if (!fresh && found?.form !== form) await roomFor(ports);
      for (const statement of tables) await s.run(statement);
      await ports.define({
        define: async (statements) => {
          for (const statement of statements) await s.run(statement);
        },
      });
      if (found?.form !== form)
        await s.run('INSERT INTO platform.form VALUES ($form, $version, $at)', { form, version, at: clock.now() });
      stage = 'store';
      const applied = await migrate(db, ports.sets);
      const lakeFrom = found?.form ?? null;
      if (applied.length > 0 || lakeFrom !== form)
        await sql`INSERT INTO upgrade.release (version, lake_form, migrations, lake_from, at)
          VALUES (${version}, ${form}, ${applied.length}, ${lakeFrom}, ${clock.now()})`.execute(db.kysely);
      // From here on the store may be the new version's while the lake is not.
      stage = applied.length > 0 ? 'commit' : 'lake';
      return { applied, lakeFrom, lakeForm: form, fresh };
    });
  } catch (error) {
    if (error instanceof Problem) throw error;
    const reason = (error as Error).message.split('\n')[0]!.slice(0, 300);
    if (stage === 'lake') throw new Problem(lakeFailed, { reason });
    if (stage === 'commit') throw new Problem(unfinished, { reason });
    throw error;
  }
}

/** The newest form that a lake was brought to. */
async function formOf(s: LakeSession): Promise<{ form: number; version: string } | undefined> {
  const there = await s.first(
    "SELECT 1 AS one FROM duckdb_tables() WHERE schema_name = 'platform' AND table_name = 'form'",
  );
  return there ? s.first('SELECT form, version FROM platform.form ORDER BY form DESC LIMIT 1') : undefined;
}

const isEmpty = async (s: LakeSession): Promise<boolean> =>
  (await s.first('SELECT 1 AS one FROM duckdb_tables() WHERE NOT temporary LIMIT 1')) === undefined;

/** An upgrade that runs into a full disk half-way is worse than one that is not begun. */
async function roomFor({ folder, needed = NEEDED }: UpgradePorts): Promise<void> {
  const space = await spaceOf(folder);
  if (space && space.free < needed) throw new Problem(noRoom, { free: size(space.free), needed: size(needed) });
}
