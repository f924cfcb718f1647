/**
 * Plain dated .sql files, one folder a room, applied once and in order of their names over all rooms of one date. All that
 * are missing are one transaction together with their records, so that a failed upgrade leaves the old state; a file that
 * was applied may never change. Backfills of much data are jobs of their rooms, not migrations.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Problem, problemKind } from '../problem.ts';
import type { Db } from './db.ts';

/** A room's folder of migrations; the room has a PostgreSQL schema of its own name, which is made here. */
export interface MigrationSet {
  room: string;
  /** Absolute path. */
  folder: string;
}

const changed = problemKind(
  'db.migration-changed',
  500,
  '迁移文件 {name} 在执行之后被修改过，请恢复原文件，另写新的迁移',
  'the migration {name} was changed after it had been applied: restore it and write a new one',
);
const missing = problemKind(
  'db.migration-missing',
  500,
  '数据库执行过迁移 {name}，但程序中没有此文件：数据由更新版本的程序写成。请用新版本启动（未完成的升级会自动完成）；要回到旧版本，请从升级前的备份恢复',
  'the database has had the migration {name}, which this program lacks: a newer version has written the data. Start the newer version (an upgrade that was broken off is completed); to go back, restore a backup from before the upgrade',
);
const badName = problemKind(
  'db.migration-name',
  500,
  '迁移文件名 {name} 不合规，应为 年-月-日-名称.sql',
  'the migration name {name} is not of the form YYYY-MM-DD-name.sql',
);
const failed = problemKind(
  'db.migration-failed',
  500,
  '迁移 {name} 执行失败，两个库都保持升级前的状态，旧版本仍可启动：{reason}',
  'the migration {name} failed; both stores are as they were before the upgrade, the older version can be started: {reason}',
);

/** The number of the advisory lock that keeps two starting hubs from migrating one server at once. */
const LOCK = 7_414_530_612;

/** Brings the store up to date; answers the names (`room/file.sql`) of what was applied now. */
export async function migrate(db: Db, sets: readonly MigrationSet[]): Promise<string[]> {
  const files = await collect(sets);
  await db.tx(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(trx);
    await sql`CREATE SCHEMA IF NOT EXISTS platform`.execute(trx);
    await sql`CREATE TABLE IF NOT EXISTS platform.migration (
      room text NOT NULL, name text NOT NULL, checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (room, name))`.execute(trx);
  });
  const rooms = new Set(sets.map((s) => s.room));
  const done = new Map<string, string>();
  for (const row of await db.query<{ room: string; name: string; checksum: string }>(
    'SELECT room, name, checksum FROM platform.migration',
  )) {
    const key = `${row.room}/${row.name}`;
    done.set(key, row.checksum);
    const file = files.find((f) => f.key === key);
    if (file && file.checksum !== row.checksum) throw new Problem(changed, { name: key }, { file: file.path });
    if (!file && rooms.has(row.room)) throw new Problem(missing, { name: key });
  }
  return applyAll(
    db,
    files.filter((file) => !done.has(file.key)),
  );
}

interface MigrationFile {
  room: string;
  name: string;
  key: string;
  path: string;
  text: string;
  checksum: string;
}

async function collect(sets: readonly MigrationSet[]): Promise<MigrationFile[]> {
  const files: (MigrationFile & { order: number })[] = [];
  for (const [order, { room, folder }] of sets.entries()) {
    if (!/^[a-z][a-z0-9_]*$/.test(room)) throw new Error(`a room's name is lower case letters: ${room}`);
    for (const name of (await readdir(folder)).filter((n) => n.endsWith('.sql'))) {
      const path = join(folder, name);
      if (!/^\d{4}-\d\d-\d\d-[a-z0-9-]+\.sql$/.test(name)) throw new Problem(badName, { name }, { file: path });
      const text = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
      const checksum = createHash('sha256').update(text).digest('hex');
      files.push({ room, name, key: `${room}/${name}`, path, text, checksum, order });
    }
  }
  // By date, then by the rooms' order, then by name: a later room may refer to an earlier one's tables of the same day.
  return files.sort(
    (a, b) => cmp(a.name.slice(0, 10), b.name.slice(0, 10)) || a.order - b.order || cmp(a.name, b.name),
  );
}

const cmp = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Applies what is missing in one transaction: an upgrade is done whole or leaves the store as the older version had it. */
async function applyAll(db: Db, files: readonly MigrationFile[]): Promise<string[]> {
  if (files.length === 0) return [];
  let at = files[0]!;
  try {
    return await db.tx(async (trx) => {
      await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(trx);
      // Another hub may have applied them while this one waited.
      const there = await sql<{ key: string }>`SELECT room || '/' || name AS key FROM platform.migration`.execute(trx);
      const done = new Set(there.rows.map((r) => r.key));
      const applied: string[] = [];
      for (const file of files) {
        if (done.has(file.key)) continue;
        at = file;
        await sql`CREATE SCHEMA IF NOT EXISTS ${sql.id(file.room)}`.execute(trx);
        await sql.raw(file.text).execute(trx);
        await sql`INSERT INTO platform.migration (room, name, checksum)
          VALUES (${file.room}, ${file.name}, ${file.checksum})`.execute(trx);
        applied.push(file.key);
      }
      return applied;
    });
  } catch (error) {
    throw new Problem(failed, { name: at.key, reason: (error as Error).message }, { file: at.path });
  }
}
