/**
 * The thread in which PGlite lives. It answers one message after another, so that it is one connection.
 * PGlite does not fsync as it comes: it is started without `-F`, and its file system gets the missing operation.
 */
import { fsyncSync, mkdirSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { parsers, sessionSettings } from './values.ts';

/** What the thread is started with. */
export interface WorkerStart {
  /** Absent: in memory. */
  folder?: string;
  /** The database's program, compiled once for all threads of the process. */
  program?: WebAssembly.Module;
}

/** One statement (with parameters as text) or several (without parameters); or what the thread holds in memory; or its end. */
export interface WorkerRequest {
  id: number;
  sql?: string;
  params?: (string | null)[];
  memory?: true;
  close?: true;
}

/** Bytes that the thread holds: the database's own memory, and that of JavaScript around it. */
export interface StoreMemory {
  database: number;
  heap: number;
}

/** The answer to a request; with id 0 the news that the thread is ready, or with an error that it ends. */
export interface WorkerAnswer {
  id: number;
  rows?: Record<string, unknown>[];
  command?: string;
  rowCount?: number;
  memory?: StoreMemory;
  error?: Record<string, unknown> & { message: string };
}

/** Errors of a disk by emscripten's numbers. */
const ERRORS: Record<number, string> = { 29: 'EIO', 51: 'ENOSPC', 19: 'EDQUOT', 69: 'EROFS' };

/** What emscripten's file system does with an open file; `nfd` is the machine's own descriptor. */
interface StreamOperations {
  fsync?: (stream: OpenFile) => number;
  write: (stream: OpenFile, ...rest: unknown[]) => number;
}
interface OpenFile {
  nfd?: number;
  path?: string;
}

/** A file system that passes fsync on to the machine: without it a commit would not be on disk. */
class DurableNodeFS extends NodeFS {
  override async init(pg: PGlite, options: Parameters<NodeFS['init']>[1]): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options);
    const addFsync = (module: { FS: { filesystems: { NODEFS: unknown } } }) => {
      const { stream_ops: ops } = module.FS.filesystems.NODEFS as { stream_ops: StreamOperations };
      ops.fsync = (stream) => {
        try {
          if (stream.nfd !== undefined) fsyncSync(stream.nfd);
        } catch (error) {
          // What a failed fsync left on disk nobody knows (the database itself panics): the next start reads the log anew.
          broken(error);
        }
        return 0;
      };
      const { write } = ops;
      ops.write = (stream, ...rest) => {
        try {
          return write(stream, ...rest);
        } catch (error) {
          // The database panics where its log cannot be written, and in here it would never come back from that; of other files it says so itself.
          if (stream.path?.includes('/pg_wal/')) {
            const { errno = 0 } = error as { errno?: number };
            broken(new Error(`${ERRORS[errno] ?? `error ${errno}`}: the log of the store cannot be written`));
          }
          throw error;
        }
      };
    };
    emscriptenOpts.preRun = [...(emscriptenOpts.preRun ?? []), addFsync as never];
    return { emscriptenOpts };
  }
}

const port = parentPort!;

/** Tells that the engine cannot go on, and ends the thread before it does or answers anything more. */
function broken(error: unknown): never {
  port.postMessage({ id: 0, error: errorOf(error) } satisfies WorkerAnswer);
  process.exit(1);
}

const { folder, program } = workerData as WorkerStart;
const keep = (value: string): string => value;
/** Parameters arrive as PostgreSQL's text: no serialiser may touch them. */
const serializers = Object.fromEntries(
  [16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1042, 1043, 1082, 1083, 1114, 1184, 1186, 1700, 3802].map((oid) => [
    oid,
    keep,
  ]),
);

async function open(): Promise<PGlite> {
  const options: PGliteOptions = { serializers, parsers, ...(program && { pgliteWasmModule: program }) };
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    options.fs = new DurableNodeFS(folder);
    options.startParams = [...PGlite.defaultStartParams.filter((p) => p !== '-F'), '-c', 'wal_sync_method=fsync'];
  }
  const pg = new PGlite(options);
  await pg.waitReady;
  for (const [name, value] of Object.entries(sessionSettings)) await pg.exec(`SET ${name} = '${value}'`);
  return pg;
}

function errorOf(error: unknown): NonNullable<WorkerAnswer['error']> {
  const e = error as Error & Record<string, unknown>;
  const kept: Record<string, unknown> & { message: string } = { message: e.message };
  for (const key of ['code', 'detail', 'hint', 'schema', 'table', 'column', 'constraint', 'position', 'where']) {
    if (typeof e[key] === 'string') kept[key] = e[key];
  }
  return kept;
}

async function answer(pg: PGlite, request: WorkerRequest): Promise<WorkerAnswer> {
  if (request.close) {
    await pg.close();
    return { id: request.id };
  }
  if (request.memory) {
    const { buffer } = (pg.Module as unknown as { HEAPU8: Uint8Array }).HEAPU8;
    return { id: request.id, memory: { database: buffer.byteLength, heap: getHeapStatistics().total_physical_size } };
  }
  const results = request.params
    ? [await pg.query(request.sql!, request.params, { parsers, serializers })]
    : await pg.exec(request.sql!, { parsers });
  const last = results.at(-1);
  const rowCount = last?.rowCount ?? last?.rows.length;
  return {
    id: request.id,
    rows: (last?.rows ?? []) as Record<string, unknown>[],
    ...(last?.command === undefined ? {} : { command: last.command }),
    ...(rowCount === undefined ? {} : { rowCount }),
  };
}

try {
  const pg = await open();
  let queue: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    queue = queue
      .then(() => answer(pg, request))
      .catch((error: unknown): WorkerAnswer => {
        // An error of a statement has an SQLSTATE, the database's own shutdown (57P..) and panics (XX...) too; what has none is the engine's end.
        const { code = '' } = error as { code?: string };
        if (!/^[0-9A-Z]{5}$/.test(code)) broken(error);
        return { id: request.id, error: errorOf(error) };
      })
      .then((reply) => {
        port.postMessage(reply);
        if (request.close) port.close();
      });
  });
  port.postMessage({ id: 0 } satisfies WorkerAnswer);
} catch (error) {
  port.postMessage({ id: 0, error: errorOf(error) } satisfies WorkerAnswer);
}
