/**
 * A grant's rows as a stream of bytes in constant memory. The engine writes them at its own speed to a file without a name; the reader
 * follows at its own. A reader that is slow, or stops, holds neither a thread of the engine nor memory, only that file. Rows that are
 * joined with masks of the vault are written slice after slice, so that memory is that of a slice; only Parquet, which cannot be
 * appended to, is written in one go.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LakeSession, literal } from '../../platform/lake/index.ts';
import type { SharingPorts } from '../act.ts';
import type { SharedEntry } from '../entries.ts';
import type { ShareRow } from '../matters.ts';
import { type DeliveredItem, type ShownRows, shownRows } from './shown.ts';

export const exportFormats = ['csv', 'ndjson', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What the engine writes, and how it is called. */
const FORMATS: Readonly<Record<ExportFormat, { options: string; contentType: string }>> = {
  csv: { options: 'FORMAT csv, HEADER', contentType: 'text/csv; charset=utf-8' },
  ndjson: { options: 'FORMAT json', contentType: 'application/x-ndjson' },
  parquet: { options: 'FORMAT parquet, COMPRESSION zstd', contentType: 'application/vnd.apache.parquet' },
};

/** Rows of a slice at least: some 100 MB of tokens and masks while they are joined. Every slice looks through the vault once. */
const SLICE = 500_000;

/** Bytes read at a time, and milliseconds between two looks at a file that has not grown. */
const PIECE = 512 * 1024;
const LOOK = 15;

/** Rows on their way. */
export interface ExportStream {
  items: DeliveredItem[];
  contentType: string;
  /** Begins with the first request for a chunk; ends the engine's work when it is left or aborted. */
  chunks: AsyncGenerator<Uint8Array>;
}

const folderOf = (ports: Pick<SharingPorts, 'folders'>): string => {
  const folder = join(ports.folders.data, 'sharing', 'export');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
};

/** Removes what a killed hub was writing. */
export function clearExports(ports: Pick<SharingPorts, 'folders'>): void {
  const folder = folderOf(ports);
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
}

/**
 * The rows of a grant in a format: `_record` and the granted items, minimised and masked as deliveries are. Whether the grant may give
 * data now, who asks and for what is the caller's to judge and to record.
 *
 * @param options.fields of the granted items only these; Problem `sharing.item.ungranted` for any other
 * @param options.slice rows of a slice at least, where rows are written in slices
 * @param options.signal ends the work; the chunks then reject with its reason
 */
export async function streamExport(
  ports: Pick<SharingPorts, 'lake' | 'folders'>,
  share: Pick<ShareRow, 'items' | 'plain' | 'filter' | 'mark'>,
  shared: SharedEntry,
  format: ExportFormat,
  options: { fields?: readonly string[]; signal?: AbortSignal; slice?: number } = {},
): Promise<ExportStream> {
  const rows = await shownRows(ports.lake, ports, share, shared, options.fields);
  const names = rows.items.map((i) => `"${i.name}"`).join(', ');
  const { options: how, contentType } = FORMATS[format];
  // Slices are looked for when the rows are asked for, in the transaction that writes them.
  const copies = async (s: LakeSession, path: (slice: number) => string) => {
    const slices = rows.joined && format !== 'parquet' ? await slicesOf(s, rows, options.slice ?? SLICE) : [undefined];
    return slices.map((slice, n) => {
      const written = format === 'csv' && n > 0 ? 'FORMAT csv, HEADER false' : how;
      return `COPY (SELECT _record, ${names} FROM (${rows.select(slice, slice !== undefined)})) TO ${literal(path(n))} (${written}, USE_TMP_FILE false)`;
    });
  };
  const chunks = followed(ports, copies, rows.params, options.signal);
  return { items: rows.items, contentType, chunks };
}

/** Conditions on `fact` that part the rows of a grant into slices; one that is undefined where they are few. */
async function slicesOf(
  s: LakeSession,
  { view, where, params }: ShownRows,
  size: number,
): Promise<(string | undefined)[]> {
  const { mark: _, ...asked } = params;
  const groups = await s.query<{ first: string; rows: number }>(
    `SELECT min(fact)::VARCHAR AS first, count(*) AS rows FROM (SELECT fact FROM ${view} WHERE ${where}) GROUP BY fact // ${Math.min(size, 65536)} ORDER BY min(fact)`,
    asked,
  );
  const firsts: string[] = [];
  let rows = size;
  for (const group of groups) {
    if (rows >= size) {
      firsts.push(group.first);
      rows = 0;
    }
    rows += Number(group.rows);
  }
  if (firsts.length < 2) return [undefined];
  return firsts.map((first, n) => {
    const next = firsts[n + 1];
    return `fact >= ${first}${next === undefined ? '' : ` AND fact < ${next}`}`;
  });
}

type Params = Parameters<SharingPorts['lake']['query']>[1];

async function* followed(
  ports: Pick<SharingPorts, 'lake' | 'folders'>,
  copies: (s: LakeSession, path: (slice: number) => string) => Promise<string[]>,
  params: Params,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  const base = join(folderOf(ports), randomUUID());
  const path = (slice: number) => (slice ? `${base}.${slice}` : base);
  // Made before the engine opens it: others may not read it, and it can be held before it has any bytes.
  const made = (slice: number) => open(path(slice), 'wx+', 0o600);
  const files = [await made(0)];
  let stop: () => void = () => undefined;
  let stopped = false;
  let over = false;
  let failed: unknown;
  const writing = ports.lake
    .session(async (s) => {
      stop = () => {
        stopped = true;
        s.interrupt();
      };
      // All slices see the same rows.
      await s.run('BEGIN TRANSACTION');
      const statements = await copies(s, path);
      for (const [n, statement] of statements.entries()) {
        // The reader goes on to a file when it is there: what was written before it is then whole.
        if (n && !stopped) files.push(await made(n));
        if (stopped) return;
        await s.run(statement, params);
      }
      await s.run('COMMIT');
    })
    .catch((error: unknown) => {
      failed = error;
    })
    .finally(() => {
      over = true;
    });
  const abort = () => stop();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for (let n = 0, at = 0; ; ) {
      const ended = over || n + 1 < files.length;
      const piece = await readAt(files[n]!, at);
      if (piece.length) {
        at += piece.length;
        yield piece;
      } else if (ended && n + 1 < files.length) {
        await discard(files[n]!, path(n));
        n += 1;
        at = 0;
      } else if (ended) break;
      else await Promise.race([pause(LOOK), writing]);
      signal?.throwIfAborted();
    }
    if (failed) throw failed;
  } finally {
    signal?.removeEventListener('abort', abort);
    if (!over) stop();
    await writing;
    for (const [n, file] of files.entries()) await discard(file, path(n));
  }
}

/** Closes and removes a file; nothing where that was done. */
async function discard(file: FileHandle, path: string): Promise<void> {
  await file.close().catch(() => undefined);
  await rm(path, { force: true });
}

/** What a file has from a place on, a piece at most; nothing is set aside for bytes that are not there yet. */
async function readAt(file: FileHandle, at: number): Promise<Uint8Array> {
  const length = Math.min(PIECE, (await file.stat()).size - at);
  if (length <= 0) return new Uint8Array(0);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
