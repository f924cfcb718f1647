/** The rooms of this hub, in the order in which they may know each other (ARCHITECTURE.md). */
import { creditRoom } from './credit/index.ts';
import type { RoomModule } from './platform/room.ts';

/** Makes every room; app.ts composes them in this order and stops them in the opposite one. */
export function allRooms(): RoomModule[] {
  return [creditRoom()];
}
