/** The hub's side of the tile thread. It starts with the first question and ends with the room. */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../platform/thread.ts';
import type { Ask, Told } from './worker.ts';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Asks the thread; answers come in order. A thread that died is started anew and knows no store then: `epoch` tells. */
export class TileThread {
  #worker: Worker | undefined;
  #n = 0;
  readonly #waiting = new Map<number, Waiting>();
  /** Grows whenever what the thread knew is gone. */
  epoch = 0;

  ask<T>(ask: Ask): Promise<T> {
    const worker = this.#running();
    const n = ++this.#n;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(n, { resolve: resolve as (answer: unknown) => void, reject });
      worker.postMessage({ n, ask });
    });
  }

  #running(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startThread(new URL('./worker.ts', import.meta.url), {});
    this.#worker = worker;
    this.epoch++;
    worker.unref();
    worker.on('message', (told: Told) => {
      const waiting = this.#waiting.get(told.n);
      this.#waiting.delete(told.n);
      if ('error' in told) waiting?.reject(new Error(told.error));
      else waiting?.resolve(told.answer);
    });
    const gone = (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
    worker.on('error', gone);
    worker.on('exit', () => gone(new Error('the tile thread ended')));
    return worker;
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    for (const waiting of this.#waiting.values()) waiting.reject(new Error('the map stops'));
    this.#waiting.clear();
  }
}
