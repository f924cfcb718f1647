/**
 * One process owns a data folder (DuckDB refuses a second one, PGlite would lose rows without a word). The owner stands
 * in `<data>/lock`; a lock whose process is gone is stale and is taken over.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Problem, problemKind } from '../problem.ts';

export const held = problemKind(
  'lock.held',
  409,
  '数据目录 {folder} 正由另一个进程使用（进程 {pid}，{where}）',
  'the data folder {folder} is in use by another process (pid {pid}, {where})',
);

/** Who owns a data folder. */
export interface LockHolder {
  pid: number;
  host: string;
  /** When the machine started and when the process did, where the system tells: a number used again is another process. */
  birth: string;
  random: string;
  since: string;
  /** Where the hub listens, once it does. */
  url?: string;
}

/** A lock that this process holds. */
export interface FolderLock {
  /** Notes where the hub listens, so that the command line finds it. */
  setUrl(url: string): void;
  release(): void;
}

/** Milliseconds between touches of the lock, and the silence after which a lock of another machine is stale. */
const TOUCH = 5_000;
const SILENCE = 30_000;

/** Tells a process from a later one with the same number. Empty where the system does not say. */
function birthOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The process's name stands in parentheses and may hold anything; its start time is the 20th field after it.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot}/${start}`;
  } catch {
    return '';
  }
}

function alive(holder: LockHolder, touched: number): boolean {
  if (holder.host !== hostname()) return Date.now() - touched < SILENCE;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // A process of another user is alive, too.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const birth = birthOf(holder.pid);
  return birth === '' || holder.birth === '' || birth === holder.birth;
}

function read(file: string): { holder: LockHolder; alive: boolean } | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as LockHolder;
    return { holder, alive: alive(holder, statSync(file).mtimeMs) };
  } catch {
    return undefined;
  }
}

/** Who owns a folder now, or undefined: how the command line learns whether to be a client. */
export function holderOf(folder: string): LockHolder | undefined {
  const found = read(join(folder, 'lock'));
  return found?.alive ? found.holder : undefined;
}

/** Takes the folder (making it when absent). Throws `lock.held`, with the owner's address, when it is taken. */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'lock');
  const mine: LockHolder = {
    pid: process.pid,
    host: hostname(),
    birth: birthOf(process.pid),
    random: randomUUID(),
    since: new Date().toISOString(),
  };
  const draft = `${file}.${mine.random}`;
  const write = () => writeFileSync(draft, `${JSON.stringify(mine)}\n`, { mode: 0o600, flush: true });
  write();
  try {
    // Linking is atomic: of two processes one gets the name. Twice: once more after a stale lock was moved away.
    for (let tries = 0; ; tries++) {
      try {
        linkSync(draft, file);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries > 3) throw error;
        const found = read(file);
        if (found?.alive) throw heldBy(folder, found.holder);
        moveAway(file, mine.random, found?.holder.random);
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const timer = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // The folder is gone: nothing is left to guard.
    }
  }, TOUCH);
  timer.unref();
  return {
    setUrl: (url) => {
      mine.url = url;
      write();
      renameSync(draft, file);
    },
    release: () => {
      clearInterval(timer);
      if (read(file)?.holder.random === mine.random) rmSync(file, { force: true });
    },
  };
}

/** Moves a stale lock out of the way; puts it back when another process has taken its place meanwhile. */
function moveAway(file: string, suffix: string, stale: string | undefined): void {
  const aside = `${file}.stale.${suffix}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside)?.holder.random !== stale) linkSync(aside, file);
  rmSync(aside, { force: true });
}

function heldBy(folder: string, holder: LockHolder): Problem {
  const where = holder.url ?? holder.host;
  return new Problem(held, { folder, pid: holder.pid, where, url: holder.url }, { file: join(folder, 'lock') });
}
