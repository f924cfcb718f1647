/** Risk by itself: objects when a library changed, a step every two minutes, models one after another. */
import type { Lake } from '../platform/lake/index.ts';
import type { Deps } from '../platform/room.ts';
import { step, takeObjects } from './compute.ts';
import { type DeclaredModel, readModels } from './declaration.ts';

const LOOK = 120_000;
const SOON = 8_000;

/** Brings every model up to now; `anew` takes the objects again whatever was kept. Answers scores reckoned by model. */
export async function reckon(
  deps: Pick<Deps, 'lake' | 'clock' | 'log'>,
  models: readonly DeclaredModel[],
  anew: boolean,
): Promise<Map<string, number>> {
  const made = new Map<string, number>();
  for (const { model, hash } of models) {
    if (!model) continue;
    const at = deps.clock.now();
    try {
      for (const o of model.objects)
        if (anew || !(await upToDate(deps.lake, model.model, o.kind, hash)))
          await takeObjects(deps.lake, model, o, hash, at);
      made.set(model.model, await step(deps.lake, model, at));
    } catch (error) {
      // A model whose views are not there yet (no library, no sensors) waits; the others go on.
      deps.log.warn({ err: error, model: model.model }, 'risk could not be reckoned');
    }
  }
  return made;
}

async function upToDate(lake: Lake, model: string, kind: string, hash: string): Promise<boolean> {
  const row = await lake.first<{ hash: string; n: number; near: number }>(
    'SELECT hash, n, (SELECT count(*) FROM risk.near x WHERE x.model = $model AND x.kind = $kind)::INTEGER AS near FROM risk.mark WHERE model = $model AND kind = $kind',
    { model, kind },
  );
  // Objects without any station are looked for again: sensors are registered later than libraries are made.
  return row?.hash === hash && Number(row.near) > 0;
}

export class RiskWatch {
  readonly models: DeclaredModel[];
  readonly #deps: Deps;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #running = false;
  #anew = false;

  constructor(deps: Deps, folder: string) {
    this.#deps = deps;
    this.models = readModels(folder);
  }

  start(): void {
    setTimeout(() => this.#tick(), SOON).unref();
    this.#timer = setInterval(() => this.#tick(), LOOK);
    this.#timer.unref();
  }

  /** The libraries have changed: objects are taken again with the next step. */
  changed(): void {
    this.#anew = true;
  }

  #tick(): void {
    if (this.#running) return;
    this.#running = true;
    const anew = this.#anew;
    this.#anew = false;
    this.#busy = reckon(this.#deps, this.models, anew)
      .catch((error: unknown) => this.#deps.log.error({ err: error }, 'risk could not be reckoned'))
      .finally(() => {
        this.#running = false;
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
  }
}
