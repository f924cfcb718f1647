/**
 * Events inside the process: how a later room hears of an earlier one without the earlier one knowing it. An event is a
 * notice that something is already on disk; it may be missed by a listener that starts later, so nothing may depend on
 * it alone: a listener must be able to catch up from the published views.
 */

/** One kind of event, declared once by the room that emits it. The type parameter is its payload. */
export interface EventKind<T> {
  readonly name: string;
  /** Never there at run time: it ties the payload's type to the kind. */
  readonly payload?: T;
}

/** Declares a kind of event; the name starts with the room: `exchange.run-finished`. */
export const eventKind = <T>(name: string): EventKind<T> => ({ name });

type Listener = (payload: unknown) => void | Promise<void>;

/** Delivers events to listeners, in order of subscription. A listener that fails never disturbs the others. */
export class Bus {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #failed: (name: string, error: unknown) => void;

  /** @param failed called with every error that a listener throws or rejects with */
  constructor(failed: (name: string, error: unknown) => void) {
    this.#failed = failed;
  }

  /** Subscribes; the answer unsubscribes. */
  on<T>(kind: EventKind<T>, listener: (payload: T) => void | Promise<void>): () => void {
    const set = this.#listeners.get(kind.name) ?? new Set();
    this.#listeners.set(kind.name, set);
    // A wrapper of its own, so that the same function subscribed twice hears twice and unsubscribes once.
    const entry: Listener = (payload) => listener(payload as T);
    set.add(entry);
    return () => void set.delete(entry);
  }

  /** Tells every listener; resolves when all have finished, and never rejects. */
  async emit<T>(kind: EventKind<T>, payload: T): Promise<void> {
    await Promise.all(
      [...(this.#listeners.get(kind.name) ?? [])].map(async (listener) => {
        try {
          await listener(payload);
        } catch (error) {
          this.#failed(kind.name, error);
        }
      }),
    );
  }
}
