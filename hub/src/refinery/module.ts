/** How the refinery joins the hub. */
import type { RoomModule } from '../platform/room.ts';
import { refineryRoutes } from './routes.ts';
import { refineryTables } from './tables.ts';
import { refineryViews } from './views.ts';

/** The room. Its durable job is defined by the libraries, who turn what is matched into facts. */
export function room(): RoomModule {
  return {
    name: 'refinery',
    defineLake: (lake) => lake.define([...refineryTables, ...refineryViews]),
    routes: refineryRoutes,
  };
}
