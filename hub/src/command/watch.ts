/** What happens by itself: messages are delivered, times looked at, gaps found and closed, alerts heeded; one thing after another. */
import { lookAtGaps } from './gaps.ts';
import { deliver } from './messages.ts';
import { type CommandDeps, system } from './ports.ts';
import { heed, type Warning } from './proposals.ts';
import { lookAtTimes } from './tasks.ts';

/** Milliseconds between two looks. */
const LOOK = 2_000;
/** Times and gaps are looked at every so many looks. */
const SELDOM = 5;
/** Alerts that wait to be heeded; beyond it the oldest are left to the next catching up. */
const WAITING = 2_000;

/** Everything that is due now. */
export async function look(deps: CommandDeps): Promise<void> {
  await lookAtTimes(deps, system);
  await lookAtGaps(deps, system);
  await deliver(deps);
}

export class Watch {
  readonly #deps: CommandDeps;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> = Promise.resolve();
  #running = false;
  #looks = 0;
  #warnings: Warning[] = [];

  constructor(deps: CommandDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), LOOK);
    this.#timer.unref();
  }

  /** Takes alerts to be looked at soon. */
  heed(warnings: readonly Warning[]): void {
    this.#warnings.push(...warnings);
    if (this.#warnings.length > WAITING) this.#warnings.splice(0, this.#warnings.length - WAITING);
  }

  #tick(): void {
    if (this.#running) return;
    this.#running = true;
    this.#busy = this.#look()
      .catch((error: unknown) => this.#deps.log.error({ err: error }, 'command could not look at what is due'))
      .finally(() => {
        this.#running = false;
      });
  }

  async #look(): Promise<void> {
    await heed(this.#deps, this.#warnings.splice(0));
    if (this.#looks++ % SELDOM === 0) await look(this.#deps);
    else await deliver(this.#deps);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
  }
}
