/** The live stream of alerts (server-sent events): bounded listeners, bounded queues; who cannot follow is told to look anew. */
import { Problem } from '../platform/problem.ts';
import type { AlertChange } from './live/alert.ts';
import * as k from './problems.ts';

/** Listeners at most, changes that may wait for one, milliseconds between signs of life. */
export const MOST_LISTENERS = 500;
const MOST_WAITING = 1_000;
const BEAT = 15_000;

interface Listener {
  waiting: string[];
  lost: boolean;
  wake: (() => void) | undefined;
  ended: boolean;
}

/** Hands changes to everybody who listens. */
export class AlertStream {
  readonly #listeners = new Set<Listener>();
  #closed = false;

  get size(): number {
    return this.#listeners.size;
  }

  /** A change for all. It is written down once, however many listen. */
  tell(change: AlertChange): void {
    if (!this.#listeners.size) return;
    const text = `event: alert\ndata: ${JSON.stringify(change)}\n\n`;
    for (const listener of this.#listeners) {
      if (listener.waiting.length >= MOST_WAITING) {
        listener.waiting = [];
        listener.lost = true;
      } else if (!listener.lost) listener.waiting.push(text);
      listener.wake?.();
    }
  }

  /** The stream of one listener; `gone` ends it. Begins with `hello`; `anew` means that changes were left out. */
  listen(gone: AbortSignal): AsyncIterable<string> {
    if (this.#closed || this.#listeners.size >= MOST_LISTENERS)
      throw new Problem(k.tooManyListeners, { most: MOST_LISTENERS });
    const listener: Listener = { waiting: [], lost: false, wake: undefined, ended: false };
    this.#listeners.add(listener);
    const end = () => {
      listener.ended = true;
      this.#listeners.delete(listener);
      listener.wake?.();
    };
    gone.addEventListener('abort', end, { once: true });
    if (gone.aborted) end();
    return this.#stream(listener, end);
  }

  async *#stream(listener: Listener, end: () => void): AsyncGenerator<string> {
    try {
      yield 'retry: 3000\nevent: hello\ndata: {}\n\n';
      while (!listener.ended && !this.#closed) {
        if (listener.lost) {
          listener.lost = false;
          yield 'event: anew\ndata: {}\n\n';
        } else if (listener.waiting.length) yield listener.waiting.splice(0).join('');
        else if (!(await this.#woken(listener))) yield ': alive\n\n';
      }
    } finally {
      end();
    }
  }

  /** Waits for a change; false when only time has passed. */
  #woken(listener: Listener): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(false), BEAT);
      const done = (changed: boolean) => {
        clearTimeout(timer);
        listener.wake = undefined;
        resolve(changed);
      };
      listener.wake = () => done(true);
    });
  }

  /** Ends every stream. */
  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners) {
      listener.ended = true;
      listener.wake?.();
    }
  }
}
