/**
 * What is collected is integrated without being asked: a moment after the last run has come in (or, while runs keep
 * coming, every now and then) an integration is ordered, and again after it if more came meanwhile.
 */
import { runFinished } from '../exchange/index.ts';
import { eventKind } from '../platform/bus/index.ts';
import type { Deps } from '../platform/room.ts';

/** An integration has ended: golden records, facts and views say something new. */
export const integrationFinished = eventKind<{ job: string }>('libraries.integration-finished');

/** Milliseconds of quiet after which waiting runs are integrated, and the longest that any run waits. */
export const patience = { quiet: 2_500, longest: 900_000 };

/** The standing order. */
export class AutomaticIntegration {
  readonly #deps: Pick<Deps, 'jobs' | 'bus' | 'log' | 'lake'>;
  #timer: NodeJS.Timeout | undefined;
  #waitingSince = 0;
  #working: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(deps: Pick<Deps, 'jobs' | 'bus' | 'log' | 'lake'>) {
    this.#deps = deps;
  }

  /** Begins to listen, and catches up with runs that came in before. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#deps.bus.on(runFinished, () => this.#wait());
    const open = await this.#deps.lake.first(
      `SELECT 1 AS one FROM v.integration_v1 WHERE finished IS NULL
       UNION ALL SELECT 1 FROM v.run_v1 r WHERE NOT EXISTS (SELECT 1 FROM v.refined_run_v1 x WHERE x.run = r.run) LIMIT 1`,
    );
    if (open) this.#wait();
  }

  /** Stops listening; an ordered integration is a job and goes on by itself. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#unsubscribe?.();
  }

  #wait(): void {
    if (this.#stopped) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    const now = performance.now();
    if (!this.#timer) this.#waitingSince = now;
    clearTimeout(this.#timer);
    const left = Math.max(0, this.#waitingSince + patience.longest - now);
    this.#timer = setTimeout(() => this.#go(), Math.min(patience.quiet, left));
    this.#timer.unref();
  }

  #go(): void {
    const since = this.#waitingSince;
    this.#timer = undefined;
    this.#working = this.#integrate(since)
      .catch((error) => this.#deps.log.error({ err: error }, 'an integration could not be ordered'))
      .finally(() => {
        this.#working = undefined;
        const again = this.#again;
        this.#again = false;
        if (again) this.#wait();
      });
  }

  /** Whether files are still being collected: integrating once after all of them is far less work than after each. */
  async #collecting(): Promise<boolean> {
    for (const kind of ['exchange.collect', 'exchange.pull']) {
      for (const state of ['running', 'queued'] as const) {
        if ((await this.#deps.jobs.list({ kind, state, limit: 1 })).length > 0) return true;
      }
    }
    return false;
  }

  async #integrate(since: number): Promise<void> {
    while (!this.#stopped && performance.now() - since < patience.longest && (await this.#collecting())) {
      await new Promise((resolve) => setTimeout(resolve, patience.quiet).unref());
    }
    if (this.#stopped) return;
    this.#again = false;
    const id = await this.#deps.jobs.submit('refinery.integrate', { rebuild: false }, { unique: 'integrate' });
    await this.#deps.jobs.wait(id);
  }
}
