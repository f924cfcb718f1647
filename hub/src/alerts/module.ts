/** How alerts joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function alertsRoom(): RoomModule {
  return { name: 'alerts' };
}
