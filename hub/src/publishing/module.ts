/** How publishing joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function publishingRoom(): RoomModule {
  return { name: 'publishing' };
}
