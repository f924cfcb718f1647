/** Looks after what happens by itself: steps get their seals, sealed archives go into store, and what is due is read again. */
import { finishDestroying } from './appraisal.ts';
import { settle } from './archiving.ts';
import type { ArchiveDeps } from './deps.ts';
import { dueArchives, toReseal } from './preserve.ts';
import { sealSteps } from './steps.ts';

/** Milliseconds between looks at new steps, and at what is due. */
const EVERY = 2000;
const DUE_EVERY = 1800;

/** The standing order of the room. */
export class Keeper {
  readonly #deps: ArchiveDeps;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #ticks = 0;

  constructor(deps: ArchiveDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), EVERY);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  #tick(): void {
    this.#working ??= this.#work()
      .catch((error) => this.#deps.log.error({ err: error }, 'archives cannot be looked after'))
      .finally(() => {
        this.#working = undefined;
      });
  }

  async #work(): Promise<void> {
    await settle(this.#deps);
    await sealSteps(this.#deps);
    const ticks = this.#ticks++;
    // Not at the start itself: a store that does not answer must not keep the hub from starting.
    if (ticks === 0) await finishDestroying(this.#deps);
    if (ticks % DUE_EVERY !== 0) return;
    await orderDue(this.#deps);
  }
}

/** Orders what is due: archives to be read again, and those whose algorithm ages to be sealed anew. */
export async function orderDue(deps: ArchiveDeps): Promise<void> {
  if ((await dueArchives(deps, 1)).length > 0)
    await deps.jobs.submit('archives.verify', { all: false }, { unique: 'verify' });
  if ((await toReseal(deps)).length > 0) await deps.jobs.submit('archives.reseal', {}, { unique: 'reseal' });
}
