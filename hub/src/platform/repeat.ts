/** Work that a room does by itself again and again: looking for limits that passed, for what an event of the process missed. */

/**
 * Does `work` every so often, one at a time: a look that takes longer than the time between two makes none pile up behind it, so that a hub
 * under load still stops at once. What fails is told and tried again the next time.
 */
export class Repeated {
  readonly #work: () => Promise<unknown>;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #stopped = false;

  /** @param failed is told what the work threw */
  constructor(work: () => Promise<unknown>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  /** From now on, every `ms` milliseconds; the first time after that long. */
  start(ms: number): void {
    this.#timer = setInterval(() => {
      if (!this.#running) void this.look();
    }, ms);
    this.#timer.unref();
  }

  /** Does it now; while it is being done, once more afterwards, however often it is asked for meanwhile. Resolves when that is done. */
  look(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (!this.#running) return this.#run();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#stopped ? undefined : this.#run();
    });
    return this.#next;
  }

  #run(): Promise<void> {
    this.#running = (async () => {
      try {
        await this.#work();
      } catch (error) {
        this.#failed(error);
      } finally {
        this.#running = undefined;
      }
    })();
    return this.#running;
  }

  /** No more; resolves when what is being done is done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    await this.#next;
    await this.#running;
  }
}
