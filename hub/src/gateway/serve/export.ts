/** All rows of a grant as one stream, by sharing's own export; of the sandbox from its small table. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ident, literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { type ExportFormat, exportFormats, sharedEntry, streamExport } from '../../sharing/index.ts';
import { attachmentOf } from '../docs/names.ts';
import type { Done, Taking } from '../http/actions.ts';
import { invalid, readQuery } from '../http/read.ts';
import * as k from '../problems.ts';
import { servedColumn } from './items.ts';

const COPY: Readonly<Record<ExportFormat, [options: string, type: string]>> = {
  csv: ['FORMAT csv, HEADER', 'text/csv; charset=utf-8'],
  ndjson: ['FORMAT json', 'application/x-ndjson'],
  parquet: ['FORMAT parquet', 'application/vnd.apache.parquet'],
};
/** Milliseconds after which a reader who takes nothing more is cut off. */
const STALLED = 120_000;

/** Begins an export: `?format=csv|ndjson|parquet&fields=…`. */
export async function exportOf(t: Taking): Promise<Done> {
  const query = readQuery(t.query);
  const format = (query.get('format') ?? 'ndjson') as ExportFormat;
  for (const name of query.keys())
    if (name !== 'format' && name !== 'fields')
      throw invalid(`没有参数 ${name.slice(0, 40)}`, `there is no such parameter: ${name.slice(0, 40)}`);
  if (!exportFormats.includes(format))
    throw invalid('format 应为 csv、ndjson 或 parquet', 'format is csv, ndjson or parquet');
  const names = t.served.items.map((i) => i.name);
  const may = t.caller.grants.get(t.service.share.id) ?? null;
  const own = may === null ? names : names.filter((n) => may.has(n));
  const asked = query.get('fields')?.split(',');
  if (asked?.some((f) => !own.includes(f))) throw new Problem(k.fieldNotGranted);
  const fields = asked ?? own;
  t.quota(1);
  const headers = {
    'content-type': COPY[format][1],
    'content-disposition': attachmentOf(`${t.service.title.zh}-${t.service.share.id}.${format}`),
  };
  const base = { status: 200, text: '', headers, rows: 0, units: 1, key: null, fields: fields.join(',') };
  if (t.served.sandbox) {
    const bytes = await sandboxFile(t, format, fields);
    return {
      ...base,
      async stream(response, all, ended) {
        await ended(t.served.rows, 200);
        response.writeHead(200, { ...all, 'content-length': bytes.length });
        response.end(bytes);
      },
    };
  }
  const { deps } = t.gateway;
  const shared = sharedEntry(deps, t.service.share.entry);
  if (!shared) throw new Problem(k.notActive);
  const stop = new AbortController();
  const unlisten = t.gateway.cutOff(t.service.share.id, t.caller.client.id, () => stop.abort(new Problem(k.notActive)));
  try {
    const rows = await streamExport(deps, t.service.share, shared, format, { fields, signal: stop.signal });
    // The first bytes are awaited before the headers go: what fails at the start is answered as a problem.
    const first = await rows.chunks.next();
    return { ...base, stream: (response, all, ended) => pour(response, all, first, rows.chunks, ended) };
  } catch (error) {
    unlisten();
    throw error;
  }

  async function pour(
    response: Parameters<NonNullable<Done['stream']>>[0],
    all: Parameters<NonNullable<Done['stream']>>[1],
    first: IteratorResult<Uint8Array>,
    chunks: AsyncGenerator<Uint8Array>,
    ended: (rows: number, status: number) => Promise<void>,
  ): Promise<void> {
    response.on('close', () => stop.abort(new Error('the reader has gone')));
    let status = 499;
    try {
      response.writeHead(200, all);
      for (let next = first; !next.done; next = await chunks.next()) {
        if (!response.write(next.value)) await drained(response);
        if (response.destroyed) return;
      }
      status = 200;
    } catch {
      // What has begun cannot be answered otherwise: a broken connection says that it is not whole.
      response.destroy();
    } finally {
      unlisten();
      await chunks.return(undefined).catch(() => undefined);
      // Recorded before the last byte goes: a whole export is one that is in the records.
      await ended(status === 200 ? t.served.rows : 0, status).catch(() => response.destroy());
      if (status === 200) response.end();
    }
  }
}

async function drained(response: Parameters<NonNullable<Done['stream']>>[0]): Promise<void> {
  const timer = setTimeout(() => response.destroy(), STALLED);
  try {
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
  } finally {
    clearTimeout(timer);
  }
}

async function sandboxFile(t: Taking, format: ExportFormat, fields: readonly string[]): Promise<Buffer> {
  const folder = join(t.gateway.deps.folders.data, 'gateway', 'export');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, randomUUID());
  const columns = fields.map((name) => {
    const plain = t.served.items.find((i) => i.name === name)!.filterable;
    const value = plain ? servedColumn(name) : `json_extract_string(_row, ${literal(`$.${name}`)})`;
    return `${value} AS ${ident(name)}`;
  });
  const select = `SELECT json_extract_string(_row, '$._record') AS _record, ${columns.join(', ')} FROM gw.${ident(t.served.name)} ORDER BY _n`;
  try {
    await t.gateway.deps.lake.session((s) => s.run(`COPY (${select}) TO ${literal(path)} (${COPY[format][0]})`));
    return await readFile(path);
  } finally {
    await rm(path, { force: true });
  }
}
