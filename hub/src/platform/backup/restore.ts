/**
 * Makes a data folder again from a backup, on any machine that has the repository and the recovery key. Files come whole or the restore fails;
 * the folder bears its name only when everything is on disk.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDb } from '../db/index.ts';
import { Problem } from '../problem.ts';
import { bringErasures } from './erasures.ts';
import { writeAll } from './files.ts';
import { notEmpty, notFresh, restoreCount } from './problems.ts';
import { type FileEntry, type Manifest, Repository } from './repository.ts';
import { markRestored } from './restored.ts';
import { askingIn, loadRows } from './rows.ts';

/** What is asked of a restore. */
export interface RestoreRequest {
  /** Folder of the repository. */
  from: string;
  /** Data key, by the recovery key (`Repository.dataKey`) or from the hub's own keys. */
  dataKey: Uint8Array;
  /** Id of the snapshot, or `latest`. */
  snapshot: string;
  /** The data folder to make; absent or empty. */
  to: string;
  onProgress?: (done: number, total: number, file: string) => void;
}

/** A Problem when a folder that is to be made is there and not empty. */
export function mustBeEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Problem(notEmpty, { folder });
}

/** Restores every file of a snapshot; answers its manifest. */
export function restoreFiles(request: RestoreRequest): Manifest {
  const { from, to } = request;
  mustBeEmpty(to);
  const repository = Repository.open(from, request.dataKey);
  const manifest = repository.manifest(request.snapshot);
  const draft = `${to.replace(/\/+$/, '')}.restoring`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  putFiles(repository, manifest.files, draft, request.onProgress);
  // Folders that stood empty are made by whoever needs them; the embedded store cannot start without some of its own.
  if (manifest.store === 'pglite')
    for (const name of PG_FOLDERS) mkdirSync(join(draft, 'pg', name), { recursive: true, mode: 0o700 });
  markRestored(draft, manifest);
  bringErasures(from, request.dataKey, draft);
  if (existsSync(to)) rmSync(to, { recursive: true });
  renameSync(draft, to);
  return manifest;
}

/** Writes files of a manifest below a folder, each whole and on disk. */
export function putFiles(
  repository: Repository,
  files: readonly FileEntry[],
  folder: string,
  onProgress?: RestoreRequest['onProgress'],
): void {
  files.forEach((file, i) => {
    onProgress?.(i, files.length, file.path);
    // A manifest is authentic; that no path leaves the folder is looked at all the same.
    if (file.path.split('/').some((part) => part === '' || part === '.' || part === '..'))
      throw new Error(`not a path within the data folder: ${file.path}`);
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const handle = openSync(path, 'wx', file.mode & 0o700);
    let size = 0;
    try {
      for (const chunk of file.chunks) {
        const content = repository.get(chunk);
        writeAll(handle, content);
        size += content.length;
      }
      if (size !== file.size) throw new Problem(restoreCount, { file: file.path, found: size, expected: file.size });
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  });
}

/** Folders of a PostgreSQL cluster that may be empty. */
const PG_FOLDERS = [
  ...['pg_commit_ts', 'pg_dynshmem', 'pg_notify', 'pg_replslot', 'pg_serial', 'pg_snapshots', 'pg_stat', 'pg_stat_tmp'],
  ...[
    'pg_tblspc',
    'pg_twophase',
    'pg_wal/archive_status',
    'pg_wal/summaries',
    'pg_logical/snapshots',
    'pg_logical/mappings',
  ],
];

/** Where rows of a server's store go: a server, or the embedded engine of the restored folder. */
export type RowsTarget = { url: string } | { folder: string };

/** Loads the rows of a restored folder (`rows/`) into a store that the migrations have just made. */
export async function restoreRows(
  folder: string,
  target: RowsTarget,
  migrateTo: (db: Awaited<ReturnType<typeof openDb>>) => Promise<unknown>,
): Promise<number> {
  const db = await openDb(
    'url' in target
      ? { kind: 'postgres', url: target.url, connections: 2 }
      : { kind: 'pglite', folder: join(target.folder, 'pg') },
  );
  try {
    const [there] = await db.query<{ table: string | null }>(
      `SELECT to_regclass('platform.migration')::text AS "table"`,
    );
    if (there?.table) throw new Problem(notFresh);
    await migrateTo(db);
    const tables = await askingIn(db, (ask) => loadRows(ask, join(folder, 'rows')));
    return tables.reduce((sum, t) => sum + t.rows, 0);
  } finally {
    await db.close();
  }
}
