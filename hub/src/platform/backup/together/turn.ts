/** What rooms are told when store and lake are found apart, and what they answer. */
import type { Bilingual } from '../../i18n/index.ts';

/** Which of them is behind: the store was put back, the lake (with files and calendar) was, or it cannot be told. */
export type Behind = 'store' | 'lake' | 'unknown';

/** Store and lake were found to be of different moments. */
export interface Turn {
  id: number;
  behind: Behind;
  /** When each was last raised; null: never. */
  storeAt: Date | null;
  lakeAt: Date | null;
  /** The instant of this start. */
  now: Date;
}

/** One thing that was looked at. `left`: people have to know or to do something; `count` things are concerned. */
export interface TurnStep {
  id: string;
  text: Bilingual;
  count: number;
  left: boolean;
}

/** A column of a room's table that names files by content (SHA-256, hexadecimal). */
export interface NamedFiles {
  /** `events.picture`. */
  table: string;
  column: string;
  store: 'blobs' | 'archives';
  /** What such a row is, for sentences. */
  title: Bilingual;
  /** Rows of which the file may be gone, as a condition in SQL: `removed_at IS NOT NULL`. */
  except?: string;
}
