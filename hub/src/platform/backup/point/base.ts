/**
 * Base backups of the server (基础备份): its whole data folder as `pg_basebackup` streams it, cut into chunks of the repository as it comes, so that
 * nothing lies unencrypted anywhere and only what changed since the last costs space. Done where the repository is written.
 */
import { spawn } from 'node:child_process';
import { Problem } from '../../problem.ts';
import type { FileEntry, Repository } from '../repository.ts';
import { brokenTar } from './problems.ts';
import type { BaseSpot } from './spans.ts';
import { type TarEntry, TarReader } from './tar.ts';
import { problemOfTool, type Tool } from './tools.ts';

/** A base backup. Instants in milliseconds of the server's clock. */
export interface BaseManifest extends BaseSpot {
  format: 1;
  startedAt: number;
  /** Version of the server, as 150012. */
  server: number;
  /** The database of the hub, for whoever connects afterwards. */
  database: string;
  files: FileEntry[];
  /** Folders, the empty ones among them. */
  folders: string[];
  bytes: number;
  added: number;
  /** Milliseconds. */
  took: number;
}

/** What a base is taken by: the program with its arguments, and what is known before. */
export interface BaseRequest {
  tool: Tool;
  manifest: Pick<BaseManifest, 'id' | 'system' | 'segmentSize' | 'startedAt' | 'server' | 'database'>;
}

/** Bytes of a chunk of the server's files: changes are few and apart. */
const PIECE = 131_072;

/** Streams the server's folder into the repository; the manifest, which the caller completes with place and instant of the end and keeps. */
export async function streamBase(
  repository: Repository,
  request: BaseRequest,
  onBytes: (bytes: number) => void,
): Promise<Omit<BaseManifest, 'end' | 'endedAt'>> {
  const began = performance.now();
  const [files, folders]: [FileEntry[], string[]] = [[], []];
  let label = '';
  let bytes = 0;
  const before = repository.added;
  let open: { entry: TarEntry; chunks: string[]; text: Buffer[] } | undefined;
  const reader = new TarReader(
    {
      begin: (entry) => {
        open = { entry, chunks: [], text: [] };
      },
      piece: (piece) => {
        open!.chunks.push(repository.put(piece));
        if (open!.entry.path === 'backup_label') open!.text.push(Buffer.from(piece));
        bytes += piece.length;
        onBytes(bytes);
      },
      end: () => {
        const { entry, chunks, text } = open!;
        const { path, mode, size, mtime } = entry;
        if (entry.folder) folders.push(path);
        else files.push({ path, mode: mode & 0o777, size, mtime, ino: 0, chunks });
        if (path === 'backup_label') label = Buffer.concat(text).toString('utf8');
      },
    },
    PIECE,
  );
  const child = spawn(request.tool.file, request.tool.args, {
    env: { ...process.env, ...request.tool.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  // Told of later, where it is awaited.
  ended.catch(() => undefined);
  try {
    for await (const chunk of child.stdout) reader.push(chunk as Buffer);
    const code = await ended;
    if (code !== 0) throw problemOfTool('pg_basebackup', said);
    reader.finish();
  } finally {
    child.kill('SIGTERM');
  }
  const start = /^START WAL LOCATION: ([0-9A-F]+\/[0-9A-F]+)/m.exec(label)?.[1];
  const timeline = Number(/^START TIMELINE: (\d+)/m.exec(label)?.[1]);
  if (!start || !timeline) throw new Problem(brokenTar, { message: 'backup_label' });
  repository.flush();
  return {
    ...{ format: 1, ...request.manifest, timeline, start },
    ...{ files, folders, bytes, added: repository.added - before, took: Math.round(performance.now() - began) },
  };
}
