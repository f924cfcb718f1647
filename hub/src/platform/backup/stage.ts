/**
 * The moment of a backup (备份时刻): what stands on disk at one instant, put aside so that it can be read at leisure. The moment is a cut that a
 * power failure could have left: commits of both stores wait while it lasts, and every other file was written before or after in the order in
 * which its room writes it. What a start after such a failure makes of it is what a start from the backup makes of it.
 */
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** Up to this size a file is copied in the moment; larger ones are linked: they grow or go, but do not change inside. */
const COPIED = 8 * 1024 * 1024;
/** Tries to see a folder unchanged from the first look to the last. */
const TRIES = 40;

/** A file to be read for the backup. */
export interface Staged {
  /** Within the data folder, with `/`. */
  path: string;
  /** Where it is read. */
  source: string;
  mode: number;
  size: number;
  mtime: number;
  ino: number;
  /** Bytes before the first block of even size: the lake's file has a head before its blocks. */
  head: number;
  /** Bytes of a block. */
  block: number;
}

/** Blocks of the lake's file, behind three heads of 4 KiB. */
export const LAKE = { head: 12_288, block: 262_144 } as const;
/** Blocks of the embedded store's files: changes are few and apart. */
const PG_BLOCK = 131_072;
const BLOCK = 1_048_576;

/** What of the data folder is no part of a backup at its top: what belongs to a process, and what has ways of its own. */
const OUTSIDE = new Set(['lock', 'work', 'lake', 'pg', 'blobs', 'archives']);

/** A lock below (the calendar's) belongs to a process as well: a restored folder must not look as if the hub that was backed up held it. */
const isLock = (name: string): boolean => name === 'lock' || name.startsWith('lock.');

const named = (root: string, file: string): string => relative(root, file).split(sep).join('/');

/** Every plain file below a folder but locks. A file that goes meanwhile is passed over. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() && !isLock(entry.name)) yield path;
  }
}

/** Describes a file as it is now. */
export async function staged(path: string, source: string, more: Partial<Staged> = {}): Promise<Staged> {
  const s = await stat(source);
  return {
    ...{ path, source, mode: s.mode & 0o777, size: s.size, mtime: s.mtimeMs, ino: s.ino },
    ...{ head: 0, block: BLOCK, ...more },
  };
}

/**
 * In the moment: everything of the data folder but stores and received files is copied or linked into `aside`. A folder that changes while
 * it is looked at (the calendar writes every second) is looked at again.
 */
export async function stageFiles(data: string, keys: string | undefined, aside: string): Promise<Staged[]> {
  const out: Staged[] = [];
  for (const entry of await readdir(data, { withFileTypes: true })) {
    const top = join(data, entry.name);
    if (OUTSIDE.has(entry.name) || top === keys || (entry.name === 'keys' && entry.isDirectory())) continue;
    if (entry.isFile()) out.push(await put(data, top, aside));
    else if (entry.isDirectory()) out.push(...(await unchanged(top, () => each(data, top, aside))));
  }
  if (keys) {
    for await (const file of filesBelow(keys)) {
      const path = `keys/${named(keys, file)}`;
      const to = join(aside, path);
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      await copyFile(file, to);
      out.push(await staged(path, to));
    }
  }
  return out;
}

async function each(data: string, folder: string, aside: string): Promise<Staged[]> {
  const out: Staged[] = [];
  for await (const file of filesBelow(folder)) out.push(await put(data, file, aside));
  return out;
}

async function put(data: string, file: string, aside: string): Promise<Staged> {
  const path = named(data, file);
  const to = join(aside, path);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const { size, ino, mtimeMs, mode } = await lstat(file);
  await rm(to, { force: true });
  // Another file system (or one without links) copies: a longer moment, the same content.
  if (size <= COPIED) await copyFile(file, to);
  else await link(file, to).catch(() => copyFile(file, to));
  return staged(path, to, { mode: mode & 0o777, ino, mtime: mtimeMs, ...(size > COPIED ? { size } : {}) });
}

/** Does it until the folder is the same before and after. */
async function unchanged<T>(folder: string, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const before = await faces(folder);
    try {
      const answer = await work();
      if (before === (await faces(folder)) || tries === TRIES) return answer;
    } catch (error) {
      // A file that was there went away: look again.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Names, numbers, sizes and times of a folder's files. Journals only grow at their end: growing is no change. */
async function faces(folder: string): Promise<string> {
  const lines: string[] = [];
  for await (const file of filesBelow(folder)) {
    const s = await lstat(file).catch(() => undefined);
    if (s) lines.push(s.size > COPIED ? `${file} ${s.ino}` : `${file} ${s.ino} ${s.size} ${s.mtimeMs}`);
  }
  return lines.join('\n');
}

/** The embedded store's folder as it was copied before the moment: size and time of each file then. */
export interface Copied {
  at: number;
  files: Map<string, { size: number; mtime: number }>;
}

/** Before the moment: a first copy of the embedded store's folder, not of one instant yet (shared blocks where the file system can). */
export async function copyPg(folder: string, aside: string): Promise<Copied> {
  const copied: Copied = { at: Date.now(), files: new Map() };
  for await (const file of filesBelow(folder)) {
    const s = await lstat(file).catch(() => undefined);
    if (!s) continue;
    copied.files.set(file, { size: s.size, mtime: s.mtimeMs });
    await one(folder, file, aside).catch(gone);
  }
  return copied;
}

/** In the moment: what changed since the first copy is copied again, what went away goes. Nothing is written there meanwhile. */
export async function stagePg(folder: string, aside: string, copied: Copied): Promise<void> {
  const left = new Set(copied.files.keys());
  for await (const file of filesBelow(folder)) {
    left.delete(file);
    const [s, known] = [await lstat(file), copied.files.get(file)];
    // Times of files have the grain of the system's tick: what was young at the first copy may have changed again unseen.
    const same = known?.size === s.size && known.mtime === s.mtimeMs && s.mtimeMs < copied.at - 2_000;
    if (!same) await one(folder, file, aside);
  }
  for (const file of left) await rm(join(aside, 'pg', relative(folder, file)), { force: true });
}

async function one(folder: string, file: string, aside: string): Promise<void> {
  const to = join(aside, 'pg', relative(folder, file));
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(file, to, constants.COPYFILE_FICLONE);
  const { atimeMs, mtimeMs } = await lstat(file);
  await utimes(to, atimeMs / 1000, mtimeMs / 1000);
}

/** A file that went away between two looks is none that the moment will have. */
function gone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** After the moment: what was copied of the embedded store. `ino` and time are those of the original, so that what did not change is known. */
export async function listPg(folder: string, aside: string): Promise<Staged[]> {
  const out: Staged[] = [];
  const root = join(aside, 'pg');
  for await (const file of filesBelow(root)) {
    const path = `pg/${named(root, file)}`;
    const original = await lstat(join(folder, named(root, file))).catch(() => undefined);
    out.push(await staged(path, file, { block: PG_BLOCK, ino: original?.ino ?? 0 }));
  }
  return out;
}

/** In the moment: how long the lake's file and its log are; both are read afterwards, while nothing overwrites them. */
export async function stageLake(path: string): Promise<Staged[]> {
  const out: Staged[] = [];
  for (const [name, source] of [
    ['lake/lake.duckdb', path],
    ['lake/lake.duckdb.wal', `${path}.wal`],
  ] as const) {
    const there = await lstat(source).catch(() => undefined);
    if (there) out.push(await staged(name, source, { ...LAKE, ...(name.endsWith('.wal') ? { head: 0 } : {}) }));
  }
  return out;
}

/** After the moment, while removals are held: received files never change once they have their name. */
export async function listBlobs(data: string, folder: 'blobs' | 'archives'): Promise<Staged[]> {
  const out: Staged[] = [];
  const root = join(data, folder);
  for await (const file of filesBelow(root)) {
    const path = named(data, file);
    if (path.startsWith(`${folder}/drafts/`)) continue;
    const own = await staged(path, file).catch(() => undefined);
    if (own) out.push(own);
  }
  return out;
}
