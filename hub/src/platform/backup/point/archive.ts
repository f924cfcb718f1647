/** The shelf of segments as the hub's main thread uses it: calls to the thread that writes it. */
import type { Worker } from 'node:worker_threads';
import { Problem } from '../../problem.ts';
import { startThread } from '../../thread.ts';
import type { Kept } from './shelf.ts';
import type { Archived, ShelfRequest } from './shelf-worker.ts';

type Asked = ShelfRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;
interface Answer {
  id: number;
  answer?: unknown;
  problem?: { code: string; zh: string; en: string };
  waiting?: number;
}

/** A failure to keep segments: what it is, and the bytes that wait for it to end. */
export class NotKept extends Error {
  readonly problem: Problem;
  readonly waiting: number;

  constructor(problem: Problem, waiting: number) {
    super(problem.message);
    this.problem = problem;
    this.waiting = waiting;
  }
}

/** The thread; started with the first call, ended with `close`. */
export class Archive {
  readonly #place: { folder: string; dataKey: Uint8Array };
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, { resolve(a: unknown): void; reject(e: unknown): void }>();
  #next = 1;

  constructor(folder: string, dataKey: Uint8Array) {
    this.#place = { folder, dataKey };
  }

  #ask<T>(request: Asked): Promise<T> {
    if (!this.#worker) {
      const worker = startThread(new URL('./shelf-worker.ts', import.meta.url), this.#place);
      this.#worker = worker;
      worker.on('message', ({ id, answer, problem, waiting }: Answer) => {
        const asked = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (problem) asked?.reject(new NotKept(new Problem({ ...problem, status: 500 }), waiting ?? 0));
        else asked?.resolve(answer);
      });
      const end = (error: Error) => {
        if (this.#worker === worker) this.#worker = undefined;
        for (const asked of this.#waiting.values()) asked.reject(error);
        this.#waiting.clear();
      };
      worker.on('error', end);
      worker.on('exit', () => end(new Error('the thread of the archive has ended')));
    }
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (a: unknown) => void, reject });
      this.#worker!.postMessage({ ...request, id });
    });
  }

  /** Keeps what the receiver wrote. */
  archive(request: Omit<Extract<Asked, { do: 'archive' }>, 'do'>): Promise<Archived> {
    return this.#ask({ do: 'archive', ...request });
  }

  /** All segments that are kept. */
  list(): Promise<Kept[]> {
    return this.#ask({ do: 'list' });
  }

  /** Takes segments away. */
  forget(segments: readonly { system: string; file: string }[]): Promise<void> {
    return this.#ask({ do: 'forget', segments: segments.map(({ system, file }) => ({ system, file })) });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
