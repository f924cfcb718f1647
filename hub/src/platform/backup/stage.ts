/**
 * The moment of a backup (备份时刻): what stands on disk at one instant, put aside so that it can be read at leisure. The moment is a cut that a
 * power failure could have left: commits of both stores wait while it lasts, and every other file was written before or after in the order in
 * which its room writes it. What a start after such a failure makes of it is what a start from the backup makes of it.
 *
 * Everything here is synchronous and done in threads of the backup: the process's pool for files is the one in which the lake's engine answers
 * look-ups, and thousands of small calls in it would stand before them.
 */
import {
  constants,
  copyFileSync,
  type Dirent,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
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
const OUTSIDE = new Set(['lock', 'work', 'lake', 'pg', 'wal', 'blobs', 'archives']);

/** A lock below (the calendar's) belongs to a process as well: a restored folder must not look as if the hub that was backed up held it. */
const isLock = (name: string): boolean => name === 'lock' || name.startsWith('lock.');

const named = (root: string, file: string): string => relative(root, file).split(sep).join('/');

/** Every plain file below a folder but locks. A file that goes meanwhile is passed over. */
export function* filesBelow(folder: string): Generator<string> {
  const entries = entriesOf(folder);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() && !isLock(entry.name)) yield path;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** What a file is, or undefined when it went away. */
const lookAt = (file: string) => lstatSync(file, { throwIfNoEntry: false });

/** Describes a file as it is now. */
export function staged(path: string, source: string, more: Partial<Staged> = {}): Staged {
  const s = statSync(source);
  return {
    ...{ path, source, mode: s.mode & 0o777, size: s.size, mtime: s.mtimeMs, ino: s.ino },
    ...{ head: 0, block: BLOCK, ...more },
  };
}

/**
 * In the moment: everything of the data folder but stores and received files is copied or linked into `aside`. A folder that changes while
 * it is looked at (the calendar writes every second) is looked at again.
 */
export function stageFiles(data: string, keys: string | undefined, aside: string): Staged[] {
  const out: Staged[] = [];
  for (const entry of readdirSync(data, { withFileTypes: true })) {
    const top = join(data, entry.name);
    if (OUTSIDE.has(entry.name) || top === keys || (entry.name === 'keys' && entry.isDirectory())) continue;
    if (entry.isFile()) out.push(put(data, top, aside));
    else if (entry.isDirectory()) out.push(...unchanged(top, () => each(data, top, aside)));
  }
  if (keys) {
    for (const file of filesBelow(keys)) {
      const path = `keys/${named(keys, file)}`;
      const to = join(aside, path);
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      copyFileSync(file, to);
      out.push(staged(path, to));
    }
  }
  return out;
}

function each(data: string, folder: string, aside: string): Staged[] {
  const out: Staged[] = [];
  for (const file of filesBelow(folder)) out.push(put(data, file, aside));
  return out;
}

function put(data: string, file: string, aside: string): Staged {
  const path = named(data, file);
  const to = join(aside, path);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const { size, ino, mtimeMs, mode } = lstatSync(file);
  rmSync(to, { force: true });
  if (size <= COPIED) copyFileSync(file, to);
  else
    try {
      linkSync(file, to);
    } catch {
      // Another file system (or one without links) copies: a longer moment, the same content.
      copyFileSync(file, to);
    }
  return staged(path, to, { mode: mode & 0o777, ino, mtime: mtimeMs, ...(size > COPIED ? { size } : {}) });
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Does it until the folder is the same before and after. */
function unchanged<T>(folder: string, work: () => T): T {
  for (let tries = 1; ; tries++) {
    const before = faces(folder);
    try {
      const answer = work();
      if (before === faces(folder) || tries === TRIES) return answer;
    } catch (error) {
      // A file that was there went away: look again.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error;
    }
    Atomics.wait(pause, 0, 0, 5);
  }
}

/** Names, numbers, sizes and times of a folder's files. Journals only grow at their end: growing is no change. */
function faces(folder: string): string {
  const lines: string[] = [];
  for (const file of filesBelow(folder)) {
    const s = lookAt(file);
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
export function copyPg(folder: string, aside: string): Copied {
  const copied: Copied = { at: Date.now(), files: new Map() };
  for (const file of filesBelow(folder)) {
    const s = lookAt(file);
    if (!s) continue;
    copied.files.set(file, { size: s.size, mtime: s.mtimeMs });
    try {
      one(folder, file, aside);
    } catch (error) {
      // A file that went away between two looks is none that the moment will have.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return copied;
}

/** In the moment: what changed since the first copy is copied again, what went away goes. Nothing is written there meanwhile. */
export function stagePg(folder: string, aside: string, copied: Copied): void {
  const left = new Set(copied.files.keys());
  for (const file of filesBelow(folder)) {
    left.delete(file);
    const [s, known] = [lstatSync(file), copied.files.get(file)];
    // Times of files have the grain of the system's tick: what was young at the first copy may have changed again unseen.
    const same = known?.size === s.size && known.mtime === s.mtimeMs && s.mtimeMs < copied.at - 2_000;
    if (!same) one(folder, file, aside);
  }
  for (const file of left) rmSync(join(aside, 'pg', relative(folder, file)), { force: true });
}

function one(folder: string, file: string, aside: string): void {
  const to = join(aside, 'pg', relative(folder, file));
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(file, to, constants.COPYFILE_FICLONE);
  const { atimeMs, mtimeMs } = lstatSync(file);
  utimesSync(to, atimeMs / 1000, mtimeMs / 1000);
}

/** After the moment: what was copied of the embedded store. `ino` and time are those of the original, so that what did not change is known. */
export function listPg(folder: string, aside: string): Staged[] {
  const out: Staged[] = [];
  const root = join(aside, 'pg');
  for (const file of filesBelow(root)) {
    const path = `pg/${named(root, file)}`;
    const original = lookAt(join(folder, named(root, file)));
    out.push(staged(path, file, { block: PG_BLOCK, ino: original?.ino ?? 0 }));
  }
  return out;
}

/** In the moment: how long the lake's file and its log are; both are read afterwards, while nothing overwrites them. */
export function stageLake(path: string): Staged[] {
  const out: Staged[] = [];
  for (const [name, source] of [
    ['lake/lake.duckdb', path],
    ['lake/lake.duckdb.wal', `${path}.wal`],
  ] as const)
    if (lookAt(source)) out.push(staged(name, source, { ...LAKE, ...(name.endsWith('.wal') ? { head: 0 } : {}) }));
  return out;
}

/** Rows of a server's store, as they were written below a folder. */
export const listRows = (rows: string): Staged[] =>
  [...filesBelow(rows)].map((file) => staged(`rows/${named(rows, file)}`, file, { ino: 0 }));

/** After the moment, while removals are held: received files never change once they have their name. */
export function listBlobs(data: string, folder: 'blobs' | 'archives'): Staged[] {
  const out: Staged[] = [];
  for (const file of filesBelow(join(data, folder))) {
    const path = named(data, file);
    if (path.startsWith(`${folder}/drafts/`)) continue;
    if (lookAt(file)) out.push(staged(path, file));
  }
  return out;
}
