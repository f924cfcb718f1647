/**
 * How a room has sealed what it keeps outside of the operational store, where a request for a seal cannot be in the same transaction: what stands
 * there is held against what was asked for, at the start and whenever something may have come. Nothing depends on having heard of it.
 */
import type { Logger } from '../log/index.ts';

/** Milliseconds after a fault until it is tried again. */
const PATIENCE = 30_000;

/** Holds two stores against each other, one pass at a time. */
export class Reconciler {
  readonly #log: Logger;
  readonly #name: string;
  readonly #pass: () => Promise<void>;
  #working: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  /** `pass` asks for every seal that is missing; doing it twice does nothing more. `name`: what is sealed, for the log. */
  constructor(log: Logger, name: string, pass: () => Promise<void>) {
    this.#log = log;
    this.#name = name;
    this.#pass = pass;
  }

  /** Something may be missing: a pass begins, or follows the one under way. Resolves when there is nothing left to do. */
  wake = (): Promise<void> => {
    if (this.#stopped) return Promise.resolve();
    this.#again = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  };

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#pass();
      } catch (error) {
        if (this.#stopped) return;
        this.#log.error({ err: error, sealing: this.#name }, 'what is missing could not be sealed');
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.wake(), PATIENCE).unref();
        return;
      }
    }
  }
}
