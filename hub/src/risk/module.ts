/** How risk joins the hub. */
import { join } from 'node:path';
import { catalogueOf } from '../catalogue/index.ts';
import { integrationFinished } from '../libraries/index.ts';
import { addLayers } from '../map/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { seriesChanged } from '../sensing/index.ts';
import { riskLayers } from './layers.ts';
import { riskRoutes } from './routes.ts';
import { riskTables } from './tables.ts';
import { byId } from './tell.ts';
import { RiskWatch } from './watch.ts';

/** The room. */
export function riskRoom(): RoomModule {
  let watch: RiskWatch | undefined;
  const ends: (() => void)[] = [];
  const of = (deps: Deps): RiskWatch => {
    watch ??= new RiskWatch(deps, join(deps.folders.sources, '..', 'risk'));
    return watch;
  };
  return {
    name: 'risk',
    defineLake: (lake) => lake.define(riskTables),
    routes: (deps) =>
      riskRoutes(
        deps.lake,
        deps.clock,
        () => of(deps),
        (id) => catalogueOf(deps.lake).organisations.get(id)?.name ?? byId(id),
      ),
    async start(deps) {
      const own = of(deps);
      addLayers(deps, riskLayers(own.models));
      own.start();
      ends.push(
        deps.bus.on(integrationFinished, () => own.changed()),
        deps.bus.on(seriesChanged, () => own.changed()),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await watch?.stop();
    },
  };
}
