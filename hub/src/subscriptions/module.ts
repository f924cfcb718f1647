/** How subscriptions joins the hub. */
import type { RoomModule } from '../platform/room.ts';

/** The room. */
export function subscriptionsRoom(): RoomModule {
  return { name: 'subscriptions' };
}
