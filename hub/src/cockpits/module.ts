/** How cockpits joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function cockpitsRoom(): RoomModule {
  return { name: 'cockpits' };
}
