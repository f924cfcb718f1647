/** How cockpits joins the hub. */
import { fileURLToPath } from 'node:url';
import type { RoomModule } from '../platform/room.ts';
import { Desk } from './desk.ts';
import { cockpitRoutes } from './routes.ts';

/** The room. */
export function cockpitsRoom(): RoomModule {
  let desk: Desk | undefined;
  return {
    name: 'cockpits',
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    routes(deps) {
      const own = new Desk(deps);
      desk = own;
      return cockpitRoutes(() => own);
    },
    async start() {
      await desk?.start();
    },
    async stop() {
      await desk?.stop();
    },
  };
}
