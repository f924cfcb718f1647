/** How sensing joins the hub. */
import { fileURLToPath } from 'node:url';
import { addLayers } from '../map/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { readingsHandler } from './http/handler.ts';
import { sensingLayers } from './layers.ts';
import { SensingRoom } from './room.ts';
import { entityRoutes } from './routes/entities.ts';
import { intakeRoutes } from './routes/intake.ts';
import { ngsiRoutes } from './routes/ngsi.ts';
import { videoRoutes } from './routes/video.ts';
import { offer } from './service.ts';
import { sensingTables } from './store/tables.ts';

/** The room. */
export function sensingRoom(): RoomModule {
  let room: SensingRoom | undefined;
  const of = (deps: Deps): SensingRoom => {
    if (!room) {
      room = new SensingRoom(deps);
      offer(deps.lake, room);
    }
    return room;
  };
  return {
    name: 'sensing',
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(sensingTables),
    routes(deps) {
      const r = of(deps);
      return [...entityRoutes(r), ...intakeRoutes(r), ...videoRoutes(r), ...ngsiRoutes(r)];
    },
    lean(deps) {
      const r = of(deps);
      return [
        readingsHandler({
          ...{ gateways: r.gateways, log: deps.log, now: () => r.now() },
          door: { take: (...of) => r.door.take(...of) },
        }),
      ];
    },
    async start(deps) {
      const r = of(deps);
      addLayers(deps, sensingLayers(r));
      await r.begin();
      await r.open();
    },
    async stop() {
      await room?.stop();
    },
  };
}
