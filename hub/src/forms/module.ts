/** How forms joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function formsRoom(): RoomModule {
  return { name: 'forms' };
}
