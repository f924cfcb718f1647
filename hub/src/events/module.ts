/** How events joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function eventsRoom(): RoomModule {
  return { name: 'events' };
}
