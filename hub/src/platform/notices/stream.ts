/** The live count of unread notices (server-sent events): each listener hears of their own inbox only. Bounded. */
import { Problem } from '../problem.ts';
import { tooManyListeners } from './problems.ts';

/** Listeners at most, and of one account; milliseconds between signs of life. */
const MOST = 1_000;
const MOST_OF_ONE = 12;
const BEAT = 20_000;

interface Listener {
  account: string;
  /** Only the newest state counts: whatever was not sent yet is replaced. */
  waiting: string | null;
  wake: (() => void) | undefined;
  ended: boolean;
}

/** Hands each account its own news. */
export class NoticeStream {
  readonly #listeners = new Set<Listener>();
  #closed = false;

  /** Whether anybody of these accounts listens. */
  hears(account: string): boolean {
    for (const l of this.#listeners) if (l.account === account) return true;
    return false;
  }

  /** Tells an account's listeners. */
  tell(account: string, news: object): void {
    const text = `event: unread\ndata: ${JSON.stringify(news)}\n\n`;
    for (const l of this.#listeners) {
      if (l.account !== account) continue;
      l.waiting = text;
      l.wake?.();
    }
  }

  /** The stream of one listener, which begins with the present state; `gone` ends it. */
  listen(account: string, present: object, gone: AbortSignal): AsyncIterable<string> {
    const own = [...this.#listeners].filter((l) => l.account === account).length;
    if (this.#closed || this.#listeners.size >= MOST || own >= MOST_OF_ONE) throw new Problem(tooManyListeners);
    const listener: Listener = { account, waiting: null, wake: undefined, ended: false };
    this.#listeners.add(listener);
    const end = () => {
      listener.ended = true;
      this.#listeners.delete(listener);
      listener.wake?.();
    };
    gone.addEventListener('abort', end, { once: true });
    if (gone.aborted) end();
    return this.#stream(listener, present, end);
  }

  async *#stream(listener: Listener, present: object, end: () => void): AsyncGenerator<string> {
    try {
      yield `retry: 5000\nevent: unread\ndata: ${JSON.stringify(present)}\n\n`;
      while (!listener.ended && !this.#closed) {
        const { waiting } = listener;
        listener.waiting = null;
        if (waiting !== null) yield waiting;
        else if (!(await this.#woken(listener))) yield ': alive\n\n';
      }
    } finally {
      end();
    }
  }

  #woken(listener: Listener): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(false), BEAT);
      const done = (woken: boolean) => {
        clearTimeout(timer);
        listener.wake = undefined;
        resolve(woken);
      };
      listener.wake = () => done(true);
    });
  }

  /** Ends every stream. */
  close(): void {
    this.#closed = true;
    for (const l of this.#listeners) {
      l.ended = true;
      l.wake?.();
    }
  }
}
