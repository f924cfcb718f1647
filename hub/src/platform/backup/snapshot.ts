/** Takes one backup of a running hub: the moment, then reading at leisure, then the manifest. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderBlobs } from '../blobs/index.ts';
import type { Deps } from '../room.ts';
import { Momentary } from './momentary.ts';
import { writeRows } from './rows.ts';
import type { SnapshotView, Writer } from './writer.ts';

/** What a backup is taken of. */
export interface Source {
  deps: Pick<Deps, 'db' | 'lake' | 'folders' | 'config' | 'clock' | 'blobs' | 'archiveBlobs'>;
  version: string;
  synthetic: boolean;
  /** Whether the vault's keys go into the (encrypted) backup. */
  keys: boolean;
}

/** Told how far it is: step and share of files. */
export type Told = (step: 'moment' | 'lake' | 'store' | 'files', done: number, total: number) => void;

/** Takes a backup. `signal` ends it: nothing of it stays but chunks that the next one may use. */
export async function takeSnapshot(
  source: Source,
  writer: Writer,
  told: Told = () => {},
  signal?: AbortSignal,
): Promise<SnapshotView> {
  const { db, lake, folders, config, clock, blobs, archiveBlobs } = source.deps;
  const began = Date.now();
  const now = clock.now();
  const id = `${now.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z-${randomBytes(4).toString('hex')}`;
  const aside = join(folders.data, 'work', `backup-${id}`);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const held: (() => void)[] = [];
  const pgFolder = join(folders.data, 'pg');
  let thaw = async () => {};
  let endRows = async () => {};
  try {
    told('moment', 0, 1);
    for (const store of [blobs, archiveBlobs]) if (store instanceof FolderBlobs) held.push(store.hold());
    const copied = db.kind === 'pglite' ? await writer.copyPg(pgFolder, aside) : undefined;
    const momentary = await Momentary.start();
    let momentMs = 0;
    const still = await db
      .still(async (store) => {
        const frozen = await lake.still(async () => {
          const own = await momentary.put({
            ...{ data: folders.data, keys: source.keys ? folders.keys : undefined, aside, lake: lake.path },
            pg: copied && { folder: pgFolder, copied },
          });
          momentMs = own.took;
          return own;
        });
        return { store, frozen };
      })
      .finally(() => momentary.end());
    thaw = still.frozen.thaw;
    const { store } = still;
    if (store.kind === 'postgres') endRows = () => store.end();
    const { files, lakeFiles } = still.frozen.answer;
    const step = async (
      name: Parameters<Told>[0],
      work: (progress: (d: number, t: number) => void) => Promise<void>,
    ) => {
      signal?.throwIfAborted();
      await work((done, total) => told(name, done, total));
      signal?.throwIfAborted();
    };
    // The lake first: until it is read its log grows.
    await step('lake', (progress) => writer.store(lakeFiles, progress));
    await thaw();
    thaw = async () => {};
    if (store.kind === 'pglite') await step('store', (progress) => writer.storePg(pgFolder, aside, progress));
    else {
      const rows = join(aside, 'rows');
      await writeRows(store.query, rows, () => signal?.throwIfAborted());
      await store.end();
      await step('store', (progress) => writer.storeRows(rows, progress));
    }
    await step('files', (progress) => writer.store(files, progress));
    const without: string[] = [];
    for (const [name, own] of [
      ['blobs', blobs],
      ['archives', archiveBlobs],
    ] as const) {
      if (own instanceof FolderBlobs)
        await step('files', (progress) => writer.storeBlobs(folders.data, name, progress));
      else without.push(`${name}: ${config.archives.store.endpoint ?? 'object store'}`);
    }
    if (!source.keys) without.push('keys');
    return await writer.keep(
      {
        ...{ format: 1, id, at: now.toISOString(), version: source.version, city: config.city },
        ...{ synthetic: source.synthetic, store: store.kind, keys: source.keys, without },
        ...{ held: Math.round(momentMs), took: 0 },
      },
      began,
    );
  } finally {
    for (const release of held) release();
    await thaw();
    await endRows();
    // By the thread: thousands of files fill the pool in which the lake answers. Where it has ended, the hub does it.
    await writer.remove(aside).catch(() => rm(aside, { recursive: true, force: true }));
  }
}
