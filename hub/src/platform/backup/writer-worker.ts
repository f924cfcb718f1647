/**
 * The thread that reads staged files, cuts them into chunks, encrypts and keeps them. It has a low priority, where the system can:
 * people who look things up come first.
 */
import { closeSync, openSync, readlinkSync, readSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Problem } from '../problem.ts';
import { type BaseManifest, type BaseRequest, streamBase } from './point/base.ts';
import { changedWhileRead, full, io } from './problems.ts';
import { type FileEntry, type Manifest, Repository } from './repository.ts';
import { copyPg, listBlobs, listPg, listRows, type Staged } from './stage.ts';

/** What the thread is asked: one thing after another. */
export type WriterRequest =
  | { id: number; do: 'store'; files: Staged[] }
  | { id: number; do: 'keep'; manifest: Omit<Manifest, 'files' | 'bytes' | 'added'>; since: number }
  | { id: number; do: 'list' }
  | { id: number; do: 'manifest'; snapshot: string }
  | { id: number; do: 'check'; snapshot: string }
  | { id: number; do: 'prune'; forget: string[]; bases: string[] }
  | { id: number; do: 'copyPg'; folder: string; aside: string }
  | { id: number; do: 'storePg'; folder: string; aside: string }
  | { id: number; do: 'storeRows'; folder: string }
  | { id: number; do: 'storeBlobs'; data: string; folder: 'blobs' | 'archives' }
  | { id: number; do: 'remove'; folder: string }
  | { id: number; do: 'base'; request: BaseRequest }
  | { id: number; do: 'keepBase'; manifest: BaseManifest }
  | { id: number; do: 'bases' }
  | { id: number; do: 'close' };

/** Its answer, or how far it is. */
export interface WriterAnswer {
  id: number;
  progress?: { done: number; total: number };
  answer?: unknown;
  problem?: { code: string; zh: string; en: string };
}

const port = parentPort!;
const { folder, dataKey } = workerData as { folder: string; dataKey: Uint8Array };

try {
  // `self/task/<thread>`: on Linux every thread has a priority of its own.
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // A system without: the thread is as urgent as the others.
}

/** The thread works for so long (ms) and then rests for a share of it: a machine of few cores, and its disk, stay free for people. */
const PACE = { work: 40, rest: 0.5 } as const;
const bed = new Int32Array(new SharedArrayBuffer(4));
let awake = performance.now();

function breathe(): void {
  const worked = performance.now() - awake;
  if (worked < PACE.work) return;
  Atomics.wait(bed, 0, 0, worked * PACE.rest);
  awake = performance.now();
}

let repository: Repository;
let files: FileEntry[] = [];
let before = new Map<string, FileEntry>();
/** A file changed later than this (ms) may have changed again within the same tick of the disk's clock. */
let settled = 0;

/** Cuts one file. One that has the time, size and number that it had in the snapshot before, and had not just changed then, is not read again. */
function store(file: Staged): FileEntry {
  const { path, mode, size, mtime, ino } = file;
  const known = before.get(path);
  const same = known?.size === size && known.mtime === mtime && known.ino === ino && ino !== 0 && mtime < settled;
  if (known && same && known.chunks.every((c) => repository.has(c))) return { ...known, mode };
  const chunks: string[] = [];
  const handle = openSync(file.source, 'r');
  try {
    let at = 0;
    while (at < size) {
      const length = Math.min(at < file.head ? file.head - at : file.block, size - at);
      const buffer = Buffer.alloc(length);
      for (let got = 0; got < length; ) {
        const n = readSync(handle, buffer, got, length - got, at + got);
        if (n === 0) throw new Problem(changedWhileRead, { file: path });
        got += n;
      }
      chunks.push(repository.put(buffer));
      breathe();
      at += length;
    }
  } finally {
    closeSync(handle);
  }
  return { path, mode, size, mtime, ino, chunks };
}

function storeAll(id: number, all: readonly Staged[]): null {
  let told = 0;
  awake = performance.now();
  all.forEach((file, i) => {
    files.push(store(file));
    if (performance.now() - told > 200) {
      told = performance.now();
      port.postMessage({ id, progress: { done: i + 1, total: all.length } });
    }
  });
  repository.flush();
  return null;
}

async function work(request: WriterRequest): Promise<unknown> {
  switch (request.do) {
    case 'store':
      return storeAll(request.id, request.files);
    case 'storePg':
      return storeAll(request.id, listPg(request.folder, request.aside));
    case 'storeRows':
      return storeAll(request.id, listRows(request.folder));
    case 'storeBlobs':
      return storeAll(request.id, listBlobs(request.data, request.folder));
    case 'copyPg':
      return copyPg(request.folder, request.aside);
    case 'remove':
      rmSync(request.folder, { recursive: true, force: true });
      return null;
    case 'base': {
      let told = 0;
      return streamBase(repository, request.request, (bytes) => {
        if (performance.now() - told < 200) return;
        told = performance.now();
        port.postMessage({ id: request.id, progress: { done: bytes, total: 0 } });
      });
    }
    case 'keepBase':
      repository.keepBase(request.manifest);
      repository.added = 0;
      return null;
    case 'bases':
      return repository.bases().map((id) => {
        const { files: own, folders: _, ...base } = repository.base(id);
        return { ...base, files: own.length };
      });
    case 'keep': {
      const bytes = files.reduce((sum, f) => sum + f.size, 0);
      const took = Math.round(performance.timeOrigin + performance.now() - request.since);
      const manifest: Manifest = { ...request.manifest, files, bytes, added: repository.added, took };
      repository.keep(manifest);
      files = [];
      repository.added = 0;
      return { ...manifest, files: manifest.files.length };
    }
    case 'list':
      return repository.snapshots().map((id) => {
        const own = repository.manifest(id);
        return { ...own, files: own.files.length };
      });
    case 'manifest': {
      const own = repository.manifest(request.snapshot);
      return { ...own, files: own.files.length };
    }
    case 'check':
      return repository.check(request.snapshot, (done, total) =>
        port.postMessage({ id: request.id, progress: { done, total } }),
      );
    case 'prune':
      return repository.prune(request.forget, request.bases);
    case 'close':
      return null;
  }
}

const shown = (error: unknown): NonNullable<WriterAnswer['problem']> => {
  const { code: reason, message } = error as NodeJS.ErrnoException;
  const problem = error instanceof Problem ? error : new Problem(reason === 'ENOSPC' ? full : io, { message });
  const { code, title } = problem.toJSON();
  return { code, ...title };
};

try {
  repository = Repository.open(folder, dataKey);
  const latest = repository.snapshots().at(-1);
  if (latest) {
    const { files: own, at } = repository.manifest(latest);
    before = new Map(own.map((f) => [f.path, f]));
    settled = Date.parse(at) - 2_000;
  }
  port.postMessage({ id: 0, answer: null } satisfies WriterAnswer);
  port.on('message', (request: WriterRequest) => {
    void work(request)
      .then(
        (answer): WriterAnswer => ({ id: request.id, answer }),
        (error: unknown): WriterAnswer => ({ id: request.id, problem: shown(error) }),
      )
      .then((reply) => {
        port.postMessage(reply);
        if (request.do === 'close') port.close();
      });
  });
} catch (error) {
  port.postMessage({ id: 0, problem: shown(error) } satisfies WriterAnswer);
  port.close();
}
