/** What the parts of this room stand on. */
import type { WorkingCalendar } from '@jingwei/codes';
import type { PersonalHolder } from '../platform/personal.ts';
import type { Deps, ErasingVault } from '../platform/room.ts';

/** A room that holds data of persons. */
export interface HoldingRoom {
  room: string;
  holder: PersonalHolder;
}

/** Surroundings. */
export interface ErasurePorts extends Deps {
  calendar(): WorkingCalendar;
  erasing: ErasingVault;
  /** In the order in which the rooms know each other: data flows down it, erasing goes up it. */
  holders(): readonly HoldingRoom[];
}
