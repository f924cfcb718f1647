/**
 * Makes a server's data folder as it was at an instant: the newest base before it, the log from there on, and the target at which the server stops
 * replaying when it is started. Nothing is written outside the new folder.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../problem.ts';
import { place } from '../files.ts';
import { type Manifest, Repository } from '../repository.ts';
import { putFiles } from '../restore.ts';
import type { BaseManifest } from './base.ts';
import { badInstant, noPartBefore, serverFolderNotEmpty } from './problems.ts';
import { nameOfSegment, placeOf, segmentAt } from './segments.ts';
import { type Kept, Shelf } from './shelf.ts';
import { type Gap, reachOf, type Span, spanFor, spansOf } from './spans.ts';

/** An instant as people give it: ISO 8601 with its zone; anything else is a Problem. */
export function readInstant(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at)) throw new Problem(badInstant, { at: text.slice(0, 64) });
  return at;
}

/** What of a repository can be put back to an instant. */
export interface Reach {
  spans: Span[];
  ranges: Gap[];
  gaps: Gap[];
  segments: Kept[];
  bases: BaseManifest[];
}

/** Reads which instants a repository reaches. */
export function reach(repository: Repository, dataKey: Uint8Array): Reach {
  const segments = new Shelf(repository.folder, dataKey).list();
  const bases = repository.bases().map((id) => repository.base(id));
  const spans = spansOf(bases, segments);
  return { spans, segments, bases, ...reachOf(spans) };
}

/** What is asked. */
export interface PointRequest {
  from: string;
  dataKey: Uint8Array;
  /** Milliseconds of the server's clock. */
  at: number;
  /** The server's new data folder: absent or empty. */
  to: string;
  onProgress?: (done: number, total: number, file: string) => void;
}

/** What was made. */
export interface PointRestored {
  base: Omit<BaseManifest, 'files' | 'folders'>;
  segments: number;
  at: number;
}

/** The newest backup of the other parts that is not later than an instant; a Problem where there is none. */
export function partsBefore(repository: Repository, at: number): Manifest {
  const all = repository.snapshots().map((id) => repository.manifest(id));
  const fit = all.filter((m) => Date.parse(m.at) <= at).at(-1);
  if (!fit) throw new Problem(noPartBefore, { at: new Date(at).toISOString(), first: all[0]?.at ?? '-' });
  return fit;
}

/** Where the log waits inside the new folder until the server has replayed it. */
const LOG = 'jingwei-log';

/** Makes the folder. Wrong uses are Problems before anything is written. */
export function restorePoint(request: PointRequest): PointRestored {
  const { from, dataKey, at, to } = request;
  if (existsSync(to) && readdirSync(to).length > 0) throw new Problem(serverFolderNotEmpty, { folder: to });
  const repository = Repository.open(from, dataKey);
  const { spans, segments, bases } = reach(repository, dataKey);
  const span = spanFor(at, spans);
  const base = bases.find((b) => b.id === span.base)!;
  const draft = `${to.replace(/\/+$/, '')}.restoring`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  for (const folder of base.folders) {
    if (folder.split('/').some((part) => part === '.' || part === '..')) throw new Error(`not a folder: ${folder}`);
    mkdirSync(join(draft, folder), { recursive: true, mode: 0o700 });
  }
  putFiles(repository, base.files, draft, request.onProgress);
  const log = join(draft, LOG);
  mkdirSync(log, { mode: 0o700 });
  const shelf = new Shelf(from, dataKey);
  const first = segmentAt(placeOf(base.start), base.segmentSize);
  let put = 0;
  for (let n = first; n <= span.upto; n++) {
    const own = segments.filter((s) => s.system === base.system && s.timeline === base.timeline && s.number === n);
    // The complete one where both are there.
    const kept = own.find((s) => !s.partial) ?? own[0]!;
    place(join(log, nameOfSegment(base.timeline, n, base.segmentSize)), shelf.content(kept));
    put += 1;
    // What was certainly committed later is not needed.
    if (kept.last !== null && kept.last > at) break;
  }
  settings(draft, at);
  if (existsSync(to)) rmSync(to, { recursive: true });
  renameSync(draft, to);
  const { files: _, folders: __, ...own } = base;
  return { base: own, segments: put, at };
}

/** The target and where the log is; a server whose configuration stood elsewhere gets the least by which it starts, for this machine alone. */
function settings(folder: string, at: number): void {
  const target = new Date(at).toISOString().replace('T', ' ').replace('Z', '+00');
  const own = [
    '',
    '# Point in time, written by jingwei restore. After the server has started these lines may go.',
    `restore_command = 'cp "${LOG}/%f" "%p"'`,
    `recovery_end_command = 'rm -rf "${LOG}"'`,
    `recovery_target_time = '${target}'`,
    "recovery_target_inclusive = 'on'",
    "recovery_target_timeline = 'current'",
    "recovery_target_action = 'promote'",
    "hot_standby = 'off'",
    // What the old server archived elsewhere, the new one does not until somebody decides so.
    "archive_mode = 'off'",
    "primary_conninfo = ''",
    '',
  ].join('\n');
  if (!existsSync(join(folder, 'postgresql.conf')))
    writeFileSync(join(folder, 'postgresql.conf'), "listen_addresses = '127.0.0.1'\n", { mode: 0o600 });
  if (!existsSync(join(folder, 'pg_hba.conf')))
    writeFileSync(
      join(folder, 'pg_hba.conf'),
      'local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n',
      { mode: 0o600 },
    );
  if (!existsSync(join(folder, 'pg_ident.conf'))) writeFileSync(join(folder, 'pg_ident.conf'), '', { mode: 0o600 });
  appendFileSync(join(folder, 'postgresql.auto.conf'), own, { mode: 0o600 });
  writeFileSync(join(folder, 'recovery.signal'), '', { mode: 0o600 });
  rmSync(join(folder, 'standby.signal'), { force: true });
}
