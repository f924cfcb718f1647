/** How map joins the hub. */
import type { Deps, RoomModule } from '../platform/room.ts';
import { ogcRoutes } from './ogc/routes.ts';
import { buildJob } from './pmtiles/build.ts';
import { mapRoutes } from './routes.ts';
import { OneMap } from './service.ts';

/** The room. */
export function mapRoom(): RoomModule {
  let map: OneMap | undefined;
  const of = (deps: Deps): OneMap => {
    map ??= new OneMap(deps);
    return map;
  };
  return {
    name: 'map',
    defineLake: (lake) => lake.define(['CREATE SCHEMA IF NOT EXISTS map']),
    jobs: (deps) => [buildJob(() => of(deps))],
    routes: (deps) => [...mapRoutes(of(deps)), ...ogcRoutes(of(deps))],
    start: (deps) => of(deps).start(),
    stop: async () => map?.stop(),
  };
}
