/** How command joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function commandRoom(): RoomModule {
  return { name: 'command' };
}
