/** For tests of upgrades: a small hub's data as one version made it, and the next version's idea of it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Db, MigrationSet } from '../db/index.ts';
import type { Lake } from '../lake/index.ts';
import { upgradeMigrations } from './index.ts';
import { type Definer, type Upgraded, upgrade } from './upgrade.ts';

/** One version of a program: its migrations and what it defines in the lake. */
export interface Version {
  version: string;
  form: number;
  migrations: Record<string, string>;
  lake: string[];
}

export const older: Version = {
  ...{ version: '1.0.0', form: 1 },
  migrations: { '2026-01-01-thing.sql': 'CREATE TABLE town.thing (n integer PRIMARY KEY, word text NOT NULL);' },
  lake: [
    'CREATE SCHEMA IF NOT EXISTS town',
    'CREATE TABLE IF NOT EXISTS town.reading (n INTEGER, v DOUBLE)',
    'CREATE OR REPLACE VIEW town.reading_v1 AS SELECT n, v FROM town.reading',
  ],
};
export const newer: Version = {
  ...{ version: '2.0.0', form: 2 },
  migrations: {
    ...older.migrations,
    '2026-02-01-more.sql': `ALTER TABLE town.thing ADD COLUMN kind text NOT NULL DEFAULT 'old'; UPDATE town.thing SET kind = 'seen';`,
    '2026-02-02-index.sql':
      'CREATE INDEX thing_kind ON town.thing (kind); ALTER TABLE town.thing RENAME COLUMN word TO name;',
    '2026-02-03-other.sql': 'CREATE TABLE town.other (n integer); INSERT INTO town.other SELECT n FROM town.thing;',
  },
  lake: [
    ...older.lake.slice(0, 2),
    'ALTER TABLE town.reading ADD COLUMN IF NOT EXISTS unit VARCHAR',
    'ALTER TABLE town.reading ADD COLUMN IF NOT EXISTS at TIMESTAMP'.replace(' at ', ' "at" '),
    'CREATE TABLE IF NOT EXISTS town.place (n INTEGER, wkt VARCHAR)',
    'CREATE OR REPLACE VIEW town.reading_v1 AS SELECT n, v, unit FROM town.reading',
    'CREATE OR REPLACE VIEW town.place_v1 AS SELECT n FROM town.place',
  ],
};

/** Migrations of a version as files. */
export function filesOf({ version, migrations }: Version, under = tmpdir()): MigrationSet[] {
  const folder = mkdtempSync(join(under, `jingwei-version-${version}-`));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(migrations)) writeFileSync(join(folder, name), text);
  return [{ room: 'town', folder }, upgradeMigrations];
}

/** Starts a version on stores as far as the upgrade goes; `before` is called ahead of each statement of the lake. */
export function start(
  v: Version,
  sets: readonly MigrationSet[],
  ports: { db: Db; lake: Lake; folder: string; clock: Clock; needed?: number },
  before: (statement: number) => void | Promise<void> = () => undefined,
): Promise<Upgraded> {
  return upgrade({
    ...{ ...ports, sets, version: v.version, form: v.form },
    async define(lake: Definer) {
      for (const [i, statement] of v.lake.entries()) {
        await before(i);
        await lake.define([statement]);
      }
    },
  });
}

/** What stands in both stores: structure and rows, as text. */
export async function standing(db: Db, lake: Lake): Promise<string> {
  const store = await db.query(
    `SELECT table_schema || '.' || table_name AS t, string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) AS c
     FROM information_schema.columns WHERE table_schema IN ('town', 'upgrade') GROUP BY 1 ORDER BY 1`,
  );
  const applied = await db.query('SELECT room, name FROM platform.migration ORDER BY 1, 2');
  const things = await db.query('SELECT * FROM town.thing ORDER BY n');
  const columns = await lake.query(
    `SELECT schema_name || '.' || table_name AS t, list(column_name || ' ' || data_type ORDER BY column_index) AS c
     FROM duckdb_columns() WHERE NOT internal GROUP BY 1 ORDER BY 1`,
  );
  const views = await lake.query('SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY 1');
  const readings = await lake.query('SELECT * FROM town.reading ORDER BY n');
  const forms = await lake.query('SELECT form, version FROM platform.form ORDER BY 1');
  return JSON.stringify({ store, applied, things, columns, views, readings, forms }, null, 1);
}
