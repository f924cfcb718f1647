/** How risk joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function riskRoom(): RoomModule {
  return { name: 'risk' };
}
