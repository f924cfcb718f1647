/** The thread that compresses, encrypts and keeps segments of the server's log; of low priority, where the system can. */
import { existsSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Problem } from '../../problem.ts';
import { full, io } from '../problems.ts';
import { isHistory, readSegmentName, segmentAt } from './segments.ts';
import { type Kept, Shelf } from './shelf.ts';

/** An instant by which everything committed stands in the log before a place. */
export interface LogMark {
  /** Milliseconds of the server's clock. */
  at: number;
  timeline: number;
  place: bigint;
}

/** What the thread is asked. */
export type ShelfRequest =
  | { id: number; do: 'archive'; system: string; size: number; folder: string; marks: LogMark[] }
  | { id: number; do: 'list' }
  | { id: number; do: 'forget'; segments: { system: string; file: string }[] };

/** What came of an archiving: files that were written, bytes that wait in the folder. */
export interface Archived {
  written: number;
  waiting: number;
}

const { folder, dataKey } = workerData as { folder: string; dataKey: Uint8Array };
try {
  setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // A system without: the thread is as urgent as the others.
}
const shelf = new Shelf(folder, dataKey);

/**
 * Keeps what the receiver wrote: complete segments, the beginning of the one that grows, histories. A complete one that is kept goes from the
 * folder, but for the last: the receiver goes on behind what it finds.
 */
function archive({ system, size, folder: from, marks }: Extract<ShelfRequest, { do: 'archive' }>): Archived {
  if (!existsSync(from)) return { written: 0, waiting: 0 };
  const names = readdirSync(from).sort();
  let written = 0;
  for (const name of names.filter(isHistory)) {
    shelf.putHistory(system, name, join(from, name));
    rmSync(join(from, name));
  }
  const segments = names.flatMap((name) => {
    const own = readSegmentName(name, size);
    return own ? [{ name, ...own }] : [];
  });
  const complete = segments.filter((s) => !s.partial);
  const last = complete.reduce<string | undefined>(
    (max, s) => (max === undefined || s.name > max ? s.name : max),
    undefined,
  );
  for (const s of segments) {
    const at = marks
      .filter((m) => m.timeline === s.timeline && segmentAt(m.place, size, true) === s.number)
      .map((m) => m.at);
    const known = { first: at.length ? Math.min(...at) : null, last: at.length ? Math.max(...at) : null };
    if (shelf.put(system, s.name, join(from, s.name), size, known)) written += 1;
    if (!s.partial && s.name !== last) rmSync(join(from, s.name));
  }
  return { written, waiting: 0 };
}

function work(request: ShelfRequest): unknown {
  if (request.do === 'archive') return archive(request);
  if (request.do === 'forget') return shelf.forget(request.segments);
  return shelf.list() satisfies Kept[];
}

/** Bytes of segments that wait, for when keeping them failed. */
function waiting(request: ShelfRequest): number {
  if (request.do !== 'archive' || !existsSync(request.folder)) return 0;
  return readdirSync(request.folder).reduce(
    (sum, name) => sum + (statSync(join(request.folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

parentPort!.on('message', (request: ShelfRequest) => {
  try {
    parentPort!.postMessage({ id: request.id, answer: work(request) });
  } catch (error) {
    const { code: reason, message } = error as NodeJS.ErrnoException;
    const own = error instanceof Problem ? error : new Problem(reason === 'ENOSPC' ? full : io, { message });
    const { code, title } = own.toJSON();
    parentPort!.postMessage({ id: request.id, problem: { code, ...title }, waiting: waiting(request) });
  }
});
