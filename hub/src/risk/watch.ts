/** Risk by itself: objects when a library, the sensors or the land changed, a step every minute, models one after another. */
import type { Lake } from '../platform/lake/index.ts';
import type { Deps } from '../platform/room.ts';
import { type Series, step, takeObjects } from './compute.ts';
import { type DeclaredModel, readModels } from './declaration.ts';
import { type DeclaredPaths, readPaths, takeExposed } from './exposed.ts';
import { type Terrain, takeTerrain, terrainFile } from './terrain.ts';

const LOOK = 60_000;
const SOON = 8_000;
/** So long after a change, which is seldom the only one. */
const SETTLED = 5_000;

/** Brings every model up to now; `anew` takes the objects again whatever was kept. Answers scores reckoned by model. */
export async function reckon(
  deps: Pick<Deps, 'lake' | 'clock' | 'log'>,
  models: readonly DeclaredModel[],
  anew: boolean,
  land: Terrain | null = null,
): Promise<Map<string, number>> {
  const made = new Map<string, number>();
  const known: Series = new Map();
  for (const { model, hash } of models) {
    if (!model) continue;
    const at = deps.clock.now();
    // Another land is another result.
    const own = `${hash} ${land?.hash ?? ''}`;
    try {
      for (const o of model.objects)
        if (anew || !(await upToDate(deps.lake, model.model, o.kind, own)))
          await takeObjects(deps.lake, model, o, own, at);
      made.set(model.model, await step(deps.lake, model, at, known));
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
  readonly paths: DeclaredPaths;
  /** The land as it was last taken; null: the city has none. */
  land: Terrain | null = null;
  readonly #deps: Deps;
  #soon: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #running = false;
  #anew = false;

  constructor(deps: Deps, folder: string) {
    this.#deps = deps;
    this.models = readModels(folder);
    this.paths = readPaths(folder);
  }

  start(): void {
    setTimeout(() => this.#tick(), SOON).unref();
    this.#timer = setInterval(() => this.#tick(), LOOK);
    this.#timer.unref();
  }

  /** The libraries or the sensors have changed: objects are taken again, as soon as that has settled. */
  changed(): void {
    this.#anew = true;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#tick(), SETTLED);
    this.#soon.unref();
  }

  #tick(): void {
    if (this.#running) return;
    this.#running = true;
    const anew = this.#anew;
    this.#anew = false;
    this.#busy = this.#bring(anew)
      .catch((error: unknown) => {
        this.#anew ||= anew;
        this.#deps.log.error({ err: error }, 'risk could not be reckoned');
      })
      .finally(() => {
        this.#running = false;
      });
  }

  async #bring(anew: boolean): Promise<void> {
    const { lake, clock, log, folders, config } = this.#deps;
    // A grid that cannot be read is told once a step and leaves the models that need none alone.
    this.land = await takeTerrain(lake, terrainFile(folders.cities, config.city, folders.data)).catch(
      (error: unknown) => {
        log.warn({ err: error }, 'the terrain could not be read');
        return null;
      },
    );
    await reckon(this.#deps, this.models, anew, this.land);
    await takeExposed(lake, this.paths, clock.now(), anew, log);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    await this.#busy;
  }
}
