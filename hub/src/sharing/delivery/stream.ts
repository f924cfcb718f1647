/**
 * A grant's rows as a stream of bytes in constant memory. The engine writes them at its own speed to a file without a name; the reader
 * follows at its own. A reader that is slow, or stops, holds neither a thread of the engine nor memory, only that file.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { literal } from '../../platform/lake/index.ts';
import type { SharingPorts } from '../act.ts';
import type { SharedEntry } from '../entries.ts';
import type { ShareRow } from '../matters.ts';
import { type DeliveredItem, shownRows } from './shown.ts';

export const exportFormats = ['csv', 'ndjson', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What the engine writes, and how it is called. */
const FORMATS: Readonly<Record<ExportFormat, { options: string; contentType: string }>> = {
  csv: { options: 'FORMAT csv, HEADER', contentType: 'text/csv; charset=utf-8' },
  ndjson: { options: 'FORMAT json', contentType: 'application/x-ndjson' },
  parquet: { options: 'FORMAT parquet, COMPRESSION zstd', contentType: 'application/vnd.apache.parquet' },
};

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
 * @param options.signal ends the work; the chunks then reject with its reason
 */
export async function streamExport(
  ports: Pick<SharingPorts, 'lake' | 'folders'>,
  share: Pick<ShareRow, 'items' | 'plain' | 'filter' | 'mark'>,
  shared: SharedEntry,
  format: ExportFormat,
  options: { fields?: readonly string[]; signal?: AbortSignal } = {},
): Promise<ExportStream> {
  const rows = await shownRows(ports.lake, ports, share, shared, options.fields);
  const names = rows.items.map((i) => `"${i.name}"`).join(', ');
  const { options: how, contentType } = FORMATS[format];
  const copy = (path: string) =>
    `COPY (SELECT _record, ${names} FROM (${rows.select()})) TO ${literal(path)} (${how}, USE_TMP_FILE false)`;
  const chunks = followed(ports, copy, rows.params, options.signal);
  return { items: rows.items, contentType, chunks };
}

type Params = Parameters<SharingPorts['lake']['query']>[1];

async function* followed(
  ports: Pick<SharingPorts, 'lake' | 'folders'>,
  copy: (path: string) => string,
  params: Params,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  const path = join(folderOf(ports), randomUUID());
  // Made before the engine opens it: others may not read it, and it can be held before it has any bytes.
  const file = await open(path, 'wx+', 0o600);
  let stop: () => void = () => undefined;
  let over = false;
  let failed: unknown;
  const writing = ports.lake
    .session(async (s) => {
      stop = () => s.interrupt();
      await s.run(copy(path), params);
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
    for (let at = 0; ; ) {
      const ended = over;
      const piece = await readAt(file, at);
      if (piece.length) {
        at += piece.length;
        yield piece;
      } else if (ended) break;
      else await Promise.race([pause(LOOK), writing]);
      signal?.throwIfAborted();
    }
    if (failed) throw failed;
  } finally {
    signal?.removeEventListener('abort', abort);
    if (!over) stop();
    await writing;
    await file.close();
    await rm(path, { force: true });
  }
}

/** What a file has from a place on, a piece at most; nothing is set aside for bytes that are not there yet. */
async function readAt(file: FileHandle, at: number): Promise<Uint8Array> {
  const length = Math.min(PIECE, (await file.stat()).size - at);
  if (length <= 0) return new Uint8Array(0);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
