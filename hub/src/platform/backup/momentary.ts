/** The thread that puts the moment of a backup aside, as the hub uses it: started before the moment, asked in it, ended after it. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../thread.ts';
import type { Staged } from './stage.ts';
import type { MomentAnswer, MomentRequest } from './stage-worker.ts';

/** One such thread. */
export class Momentary {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Starts the thread; it is ready when this resolves. */
  static async start(): Promise<Momentary> {
    const worker = startThread(new URL('./stage-worker.ts', import.meta.url), {});
    await once(worker, 'message');
    return new Momentary(worker);
  }

  /** Puts everything aside; the milliseconds that it took. */
  async put(request: MomentRequest): Promise<{ files: Staged[]; lakeFiles: Staged[]; took: number }> {
    const answer = once(this.#worker, 'message') as Promise<[MomentAnswer]>;
    this.#worker.postMessage(request);
    const [{ files, lakeFiles, took, error }] = await answer;
    if (error !== undefined) throw new Error(error);
    return { files: files!, lakeFiles: lakeFiles!, took: took! };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
