/** How gateway joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function gatewayRoom(): RoomModule {
  return { name: 'gateway' };
}
