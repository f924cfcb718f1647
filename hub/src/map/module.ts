/** How map joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function mapRoom(): RoomModule {
  return { name: 'map' };
}
