/** How risk joins the hub. */
import { join } from 'node:path';
import { integrationFinished } from '../libraries/index.ts';
import { addLayers } from '../map/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { riskLayers } from './layers.ts';
import { riskRoutes } from './routes.ts';
import { riskTables } from './tables.ts';
import { RiskWatch } from './watch.ts';

/** The room. */
export function riskRoom(): RoomModule {
  let watch: RiskWatch | undefined;
  let end: (() => void) | undefined;
  const of = (deps: Deps): RiskWatch => {
    watch ??= new RiskWatch(deps, join(deps.folders.sources, '..', 'risk'));
    return watch;
  };
  return {
    name: 'risk',
    defineLake: (lake) => lake.define(riskTables),
    routes: (deps) => riskRoutes(deps.lake, () => of(deps).models),
    async start(deps) {
      const own = of(deps);
      addLayers(deps, riskLayers(own.models));
      own.start();
      end = deps.bus.on(integrationFinished, () => own.changed());
    },
    async stop() {
      end?.();
      await watch?.stop();
    },
  };
}
