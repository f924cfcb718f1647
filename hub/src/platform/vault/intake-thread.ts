/** Intake on a thread of its own, so that the hub answers while hundreds of thousands of values are sealed. */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../thread.ts';
import { Intake, type IntakeColumns, type IntakeKeys, type IntakeRequest } from './intake.ts';

/** So few values are sealed at once on the calling thread (about 10 ms) rather than sent elsewhere. */
const FEW = 2000;

interface Waiting {
  resolve(columns: IntakeColumns): void;
  reject(error: Error): void;
}

/** Takes values in under one pair of keys; the thread starts with the first large request. */
export class IntakeThread {
  readonly #keys: IntakeKeys;
  readonly #here: Intake;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 1;

  constructor(keys: IntakeKeys) {
    this.#keys = keys;
    this.#here = new Intake(keys);
  }

  run(request: IntakeRequest): Promise<IntakeColumns> {
    const { batch } = request;
    if (('lines' in batch ? batch.count : batch.originals.length) <= FEW)
      return Promise.resolve(this.#here.run(request));
    const worker = this.#start();
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, request });
    });
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startThread(new URL('./intake-worker.ts', import.meta.url), this.#keys);
    worker.on('message', (answer: { id: number; columns?: IntakeColumns; error?: string }) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      // An idle thread must not keep the process alive.
      if (this.#waiting.size === 0) worker.unref();
      if (answer.columns) waiting?.resolve(answer.columns);
      else waiting?.reject(new Error(answer.error));
    });
    const end = (error: Error) => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
    worker.on('error', end);
    worker.on('exit', () => end(new Error("the vault's thread has ended")));
    this.#worker = worker;
    return worker;
  }

  /** Ends the thread; what it was doing is rejected. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
