/** The repository as the hub's main thread uses it: calls to the thread that owns it. */
import type { Worker } from 'node:worker_threads';
import { Problem } from '../problem.ts';
import { startThread } from '../thread.ts';
import type { BaseManifest, BaseRequest } from './point/base.ts';
import type { Manifest } from './repository.ts';
import type { Copied, Staged } from './stage.ts';
import type { WriterAnswer, WriterRequest } from './writer-worker.ts';

/** A snapshot without the list of its files, which may be long. */
export type SnapshotView = Omit<Manifest, 'files'> & { files: number };

/** A base backup of the server without the list of its files. */
export type BaseView = Omit<BaseManifest, 'files' | 'folders'> & { files: number };

type Asked = WriterRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** An open repository in its thread; end it with `close`. */
export class Writer {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve(a: unknown): void; reject(e: unknown): void; progress?: (done: number, total: number) => void }
  >();
  #next = 1;
  #gone: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', ({ id, answer, problem, progress }: WriterAnswer) => {
      const waiting = this.#waiting.get(id);
      if (!waiting) return;
      if (progress) {
        waiting.progress?.(progress.done, progress.total);
        return;
      }
      this.#waiting.delete(id);
      if (problem) waiting.reject(new Problem({ ...problem, status: 500 }));
      else waiting.resolve(answer);
    });
    const end = (error: Error) => {
      this.#gone ??= error;
      for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
      this.#waiting.clear();
    };
    worker.on('error', end);
    worker.on('exit', () => end(new Error('the thread of the backup has ended')));
  }

  /** Opens a repository with its data key; a fault is a Problem. */
  static async open(folder: string, dataKey: Uint8Array): Promise<Writer> {
    const writer = new Writer(startThread(new URL('./writer-worker.ts', import.meta.url), { folder, dataKey }));
    await new Promise((resolve, reject) => writer.#waiting.set(0, { resolve, reject }));
    return writer;
  }

  #ask<T>(request: Asked, progress?: (done: number, total: number) => void): Promise<T> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (a: unknown) => void, reject, ...(progress ? { progress } : {}) });
      this.#worker.postMessage({ ...request, id });
    });
  }

  /** Reads files and keeps their chunks; they belong to the next manifest. */
  store(files: Staged[], progress?: (done: number, total: number) => void): Promise<void> {
    return this.#ask({ do: 'store', files }, progress);
  }

  /** Makes a first copy of the embedded store's folder. */
  copyPg(folder: string, aside: string): Promise<Copied> {
    return this.#ask({ do: 'copyPg', folder, aside });
  }

  /** Reads and keeps what was copied of the embedded store. */
  storePg(folder: string, aside: string, progress?: (done: number, total: number) => void): Promise<void> {
    return this.#ask({ do: 'storePg', folder, aside }, progress);
  }

  /** Reads and keeps the rows of a server's store. */
  storeRows(folder: string, progress?: (done: number, total: number) => void): Promise<void> {
    return this.#ask({ do: 'storeRows', folder }, progress);
  }

  /** Reads and keeps received files. */
  storeBlobs(
    data: string,
    folder: 'blobs' | 'archives',
    progress?: (done: number, total: number) => void,
  ): Promise<void> {
    return this.#ask({ do: 'storeBlobs', data, folder }, progress);
  }

  /** Takes a folder of files away that were put aside. */
  remove(folder: string): Promise<void> {
    return this.#ask({ do: 'remove', folder });
  }

  /** Streams a base backup of the server into the repository; it exists once `keepBase` has its manifest. */
  base(request: BaseRequest, progress?: (bytes: number) => void): Promise<Omit<BaseManifest, 'end' | 'endedAt'>> {
    return this.#ask({ do: 'base', request }, progress);
  }

  keepBase(manifest: BaseManifest): Promise<void> {
    return this.#ask({ do: 'keepBase', manifest });
  }

  /** All base backups of the server, the oldest first. */
  bases(): Promise<BaseView[]> {
    return this.#ask({ do: 'bases' });
  }

  /** Keeps the manifest of what was stored; `since`: when the backup began (ms). */
  keep(manifest: Omit<Manifest, 'files' | 'bytes' | 'added'>, since: number): Promise<SnapshotView> {
    return this.#ask({ do: 'keep', manifest, since });
  }

  /** All snapshots, the oldest first. */
  list(): Promise<SnapshotView[]> {
    return this.#ask({ do: 'list' });
  }

  /** Reads and checks every chunk of a snapshot; answers how many. */
  check(snapshot: string, progress?: (done: number, total: number) => void): Promise<number> {
    return this.#ask({ do: 'check', snapshot }, progress);
  }

  /** Takes snapshots and base backups away and what only they needed. */
  prune(forget: string[], bases: string[] = []): Promise<{ snapshots: number; bytes: number }> {
    return this.#ask({ do: 'prune', forget, bases });
  }

  async close(): Promise<void> {
    if (!this.#gone) await this.#ask({ do: 'close' }).catch(() => undefined);
    await this.#worker.terminate();
  }

  /** Ends at once: what was not kept is as if it had never been begun. */
  async abandon(): Promise<void> {
    await this.#worker.terminate();
  }
}
