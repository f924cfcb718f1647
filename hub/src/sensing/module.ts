/** How sensing joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function sensingRoom(): RoomModule {
  return { name: 'sensing' };
}
