/** How peers joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function peersRoom(): RoomModule {
  return { name: 'peers' };
}
