/** One owner of a folder: two writers of one calendar could sign a second twice. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../errors.ts';

/** Folders that this thread owns. */
const owned = new Set<string>();

/** When a process began, in the kernel's own count; with its number it names one process for ever. Undefined where there is no /proc. */
function beginningOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}

/**
 * Whether who wrote the lock file `name` still runs. Its owner keeps the file open: of a thread of this process that ended without giving the lock
 * back, nothing is open any more. A lock of our own number without a beginning is one of an earlier life.
 */
function lives(name: string, text: string): boolean {
  const [number, beginning] = text.split('\n');
  const pid = Number(number);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const now = beginningOf(pid);
  if (beginning && now) return beginning === now && (pid !== process.pid || isOpen(name));
  if (beginning && beginningOf(process.pid)) return false;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether this process has the file open, in whichever thread. */
function isOpen(name: string): boolean {
  const file = statSync(name, { throwIfNoEntry: false });
  if (!file) return false;
  return readdirSync('/proc/self/fd').some((fd) => {
    const open = statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false });
    return open !== undefined && open.ino === file.ino && open.dev === file.dev;
  });
}

/** Takes a folder for this process; answers how to give it back. Throws `keyless.locked`. A lock of a process that died is taken over. */
export function takeLock(folder: string): () => void {
  const name = join(resolve(folder), 'lock');
  const refuse = () => fail('locked', `目录正被另一个进程使用：${folder}`, `the folder is in use: ${folder}`);
  if (owned.has(name)) refuse();
  const own = `${name}.${randomUUID()}`;
  const fd = openSync(own, 'wx', 0o600);
  writeFileSync(fd, `${process.pid}\n${beginningOf(process.pid) ?? ''}\n`);
  let taken = false;
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(own, name);
        taken = true;
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (attempt === 3) refuse();
      clearStale(name, refuse);
    }
  } finally {
    rmSync(own, { force: true });
    if (!taken) closeSync(fd);
  }
  owned.add(name);
  return () => {
    if (!owned.delete(name)) return;
    rmSync(name, { force: true });
    closeSync(fd);
  };
}

/** Moves a dead owner's lock away; puts it back where somebody living took it in between. */
function clearStale(name: string, refuse: () => never): void {
  const text = readOrNothing(name);
  if (text === undefined) return;
  if (lives(name, text)) refuse();
  const aside = `${name}.${randomUUID()}`;
  try {
    renameSync(name, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readOrNothing(aside);
  if (moved !== undefined && lives(aside, moved)) {
    renameSync(aside, name);
    refuse();
  }
  rmSync(aside, { force: true });
}

function readOrNothing(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
