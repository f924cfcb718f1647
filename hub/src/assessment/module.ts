/** How assessment joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function assessmentRoom(): RoomModule {
  return { name: 'assessment' };
}
