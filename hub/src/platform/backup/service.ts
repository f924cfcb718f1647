/** Backups of this hub: when they are due, the jobs that make and rehearse them, what is told of them. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobContext, JobKind } from '../jobs/index.ts';
import { Problem } from '../problem.ts';
import { Repeated } from '../repeat.ts';
import type { Deps } from '../room.ts';
import { KeyRing } from '../vault/index.ts';
import { due, forgotten } from './keep.ts';
import { PointInTime } from './point/service.ts';
import { keyMissing, notConfigured, rehearsalFailed } from './problems.ts';
import type { Manifest } from './repository.ts';
import { takeSnapshot } from './snapshot.ts';
import { type SnapshotView, Writer } from './writer.ts';

/** Milliseconds between looks at whether something is due. */
const LOOK = 60_000;
const DAY = 86_400_000;
/** Milliseconds for which the list is remembered; the command line may have changed the repository. */
const REMEMBERED = 600_000;

/** What a rehearsal found in a restored backup. */
export interface Verified {
  /** Runs whose receipts and trees hold, rows received in them, seals whose signatures hold. */
  runs: number;
  rows: number;
  seals: number;
  /** Rows of the operational store. */
  records: number;
  problems: { code: string; zh: string; en: string }[];
}

/** What the service is given. */
export interface BackupsOptions {
  deps: Deps;
  version: string;
  synthetic: boolean;
  /** Opens a restored folder in a process of its own and checks it. */
  verify(folder: string, manifest: Manifest, signal: AbortSignal): Promise<Verified>;
}

/** The hub's key of its repository, and the repository's folder; a Problem where there is none. */
export function repositoryOf(config: Deps['config'], keys: string): { folder: string; dataKey: Buffer } {
  const { folder } = config.backup;
  if (!folder) throw new Problem(notConfigured);
  const dataKey = existsSync(keys) ? KeyRing.open(keys).named('backup') : undefined;
  if (!dataKey) throw new Problem(keyMissing, { file: join(keys, 'backup.key') });
  return { folder, dataKey };
}

/** The backups of one hub. */
export class Backups {
  readonly #options: BackupsOptions;
  readonly #looks: Repeated;
  /** The server's log, where it is kept. */
  readonly point: PointInTime;
  #known: { at: number; list: Promise<SnapshotView[]> } | undefined;

  constructor(options: BackupsOptions) {
    this.#options = options;
    this.point = new PointInTime({
      deps: options.deps,
      repository: () => this.#repository(),
      withWriter: (work) => this.#with(work),
    });
    this.#looks = new Repeated(
      () => this.look(),
      (error) => options.deps.log.error({ err: error }, 'backups could not be looked at'),
    );
  }

  get #deps(): Deps {
    return this.#options.deps;
  }

  #repository() {
    return repositoryOf(this.#deps.config, this.#deps.folders.keys);
  }

  /** Whether a repository is configured and this hub has its key; else why not. */
  standing(): Problem | undefined {
    try {
      this.#repository();
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  async #with<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    const { folder, dataKey } = this.#repository();
    const writer = await Writer.open(folder, dataKey);
    try {
      return await work(writer);
    } finally {
      await writer.close();
    }
  }

  /** All backups, the oldest first. Remembered until this hub makes one: opening a large repository takes a while. */
  list(): Promise<SnapshotView[]> {
    const now = performance.now();
    if (!this.#known || now - this.#known.at > REMEMBERED) {
      const list = this.#with((writer) => writer.list());
      this.#known = { at: now, list };
      list.catch(() => {
        this.#known = undefined;
      });
    }
    return this.#known.list;
  }

  /** Asks for what is due: the day's backup, a rehearsal. */
  async look(): Promise<void> {
    if (this.standing()) return;
    const { config, clock, jobs } = this.#deps;
    const now = clock.now();
    const newest = (await this.list()).at(-1);
    if (due(now, config.backup.at, newest?.at)) {
      await jobs.submit('backup.take', {}, { unique: 'backup' });
      return;
    }
    const { rehearseDays } = config.backup;
    if (!newest || rehearseDays === 0) return;
    const [last] = await jobs.list({ kind: 'backup.rehearse', limit: 1 });
    // A failed one is tried again with the next backup, not every minute.
    if (!last || now.getTime() - Date.parse(last.submittedAt) > rehearseDays * DAY)
      await jobs.submit('backup.rehearse', {}, { unique: 'backup' });
  }

  start(): void {
    if (this.#deps.config.backup.folder) this.#looks.start(LOOK);
    this.point.start();
  }

  async stop(): Promise<void> {
    await this.#looks.stop();
    await this.point.stop();
  }

  /** The kinds of jobs. */
  jobs(): JobKind<never>[] {
    const take: JobKind<Record<string, never>> = {
      kind: 'backup.take',
      title: { zh: '备份', en: 'Backup' },
      params: z.strictObject({}),
      lane: 'backup',
      run: (context) => this.#take(context),
    };
    const rehearse: JobKind<{ snapshot?: string | undefined }> = {
      kind: 'backup.rehearse',
      title: { zh: '恢复演练', en: 'Rehearsal of a restore' },
      params: z.strictObject({ snapshot: z.string().max(64).optional() }),
      lane: 'backup',
      run: (context, { snapshot }) => this.#rehearse(context, snapshot ?? 'latest'),
    };
    return [take as unknown as JobKind<never>, rehearse as unknown as JobKind<never>, this.point.job()];
  }

  async #take(context: JobContext): Promise<unknown> {
    const { config } = this.#deps;
    this.#known = undefined;
    return this.#with(async (writer) => {
      const { version, synthetic } = this.#options;
      const source = { deps: this.#deps, version, synthetic, keys: config.backup.keys };
      const steps = {
        moment: ['定格', 'the moment'],
        lake: ['数据湖', 'lake'],
        store: ['业务库', 'store'],
        files: ['文件', 'files'],
      };
      const snapshot = await takeSnapshot(
        source,
        writer,
        (step, done, total) => {
          const [zh, en] = steps[step] as [string, string];
          context.progress({ done, total, note: { zh, en } });
        },
        context.signal,
      );
      const gone = forgotten(await writer.list(), config.backup);
      const freed = gone.length ? await writer.prune(gone) : { snapshots: 0, bytes: 0 };
      this.#known = undefined;
      await this.#deps.audit.append({
        ...{ actor: null, action: 'backup.take', object: `backup/${snapshot.id}`, outcome: 'ok' },
        detail: { files: snapshot.files, bytes: snapshot.bytes, added: snapshot.added, forgotten: gone },
      });
      return { ...snapshot, forgotten: freed.snapshots, freed: freed.bytes };
    });
  }

  async #rehearse(context: JobContext, snapshot: string): Promise<unknown> {
    const to = join(this.#deps.folders.data, 'work', `rehearsal-${context.id}`);
    const { folder, dataKey } = this.#repository();
    await rm(to, { recursive: true, force: true });
    await rm(`${to}.restoring`, { recursive: true, force: true });
    const began = performance.now();
    try {
      context.progress({ done: 0, total: 2, note: { zh: '恢复', en: 'restoring' } });
      const manifest = await restoreInThread({ from: folder, dataKey, snapshot, to }, context.signal);
      context.progress({ done: 1, total: 2, note: { zh: '核验', en: 'verifying' } });
      const found = await this.#options.verify(to, manifest, context.signal);
      const report = { snapshot: manifest.id, at: manifest.at, ...found, took: Math.round(performance.now() - began) };
      await this.#deps.audit.append({
        ...{ actor: null, action: 'backup.rehearse', object: `backup/${manifest.id}` },
        ...{ outcome: found.problems.length ? 'failed' : 'ok', detail: { ...report, problems: found.problems.length } },
      });
      if (found.problems.length)
        throw new Problem(rehearsalFailed, {
          snapshot: manifest.id,
          n: found.problems.length,
          first: found.problems[0]!.zh,
          firstEn: found.problems[0]!.en,
        });
      return report;
    } finally {
      await rm(to, { recursive: true, force: true });
      await rm(`${to}.restoring`, { recursive: true, force: true });
    }
  }
}

/** Restores in a thread, so that the hub goes on answering. */
async function restoreInThread(
  request: { from: string; dataKey: Uint8Array; snapshot: string; to: string },
  signal: AbortSignal,
): Promise<Manifest> {
  const { startThread } = await import('../thread.ts');
  const worker = startThread(new URL('./restore-worker.ts', import.meta.url), request);
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop);
  try {
    return await new Promise<Manifest>((resolve, reject) => {
      worker.on('message', (m: { manifest?: Manifest; problem?: { code: string; zh: string; en: string } }) => {
        if (m.manifest) resolve(m.manifest);
        else reject(new Problem({ ...m.problem!, status: 500 }));
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('the thread of the restore has ended')));
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
    signal.throwIfAborted();
  }
}
