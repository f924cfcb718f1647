/** What the phone keeps (each of them encrypted, see crypto.ts; only what stands beside `sealed` in store.ts lies open). */
import type { Design, Fault, Values } from '../shared/pure.ts';
import type { Pull } from '../shared/types.ts';
import type { QueueItem } from './queue.ts';

/** A record that is being filled in. */
export interface Draft {
  /** The record's id, on the hub too. */
  id: string;
  form: number;
  version: number;
  /** What the list calls it. */
  caption: string;
  values: Values;
  /** Revision on the hub that it was begun from; null: the hub does not know it yet. */
  base: number | null;
  /** The operation of this phone that wrote the hub's copy, when its answer has not arrived. */
  after?: string;
  task?: number;
  target?: number;
  /** Why it was returned, as the hub said. */
  reason?: string | null;
  /** The design of its version, where it is not the one that is published now. */
  design?: Design;
  /** What the hub found. */
  faults?: Fault[];
  startedAt: string;
  updatedAt: string;
}

/** One hand-in, as it goes to the hub. */
export interface Operation {
  kind: 'create' | 'change';
  key: string;
  record: string;
  form: number;
  at: string;
  version: number;
  values: Values;
  base: number | null;
  after?: string;
  task?: number;
  target?: number;
  caption: string;
  /** The draft it was made of, to mend it. */
  draft: Draft;
}

/** One line of what waits. */
export interface Waiting extends QueueItem {
  operation: Operation;
}

/** What the hub answered that it keeps. */
export interface Sent {
  key: string;
  record: string;
  form: number;
  caption: string;
  /** Handed in on the phone, and kept by the hub. */
  at: string;
  keptAt: string;
  revision: number | null;
  state: string | null;
}

/** A picture, a signature or a file that goes with a record. */
export interface KeptFile {
  id: string;
  record: string;
  form: number;
  field: string;
  name: string;
  type: string;
  bytes: number;
  sha256: string;
  /** The hub has all of it. */
  arrived: boolean;
}

/** What came from the hub last, and when. */
export interface Pulled extends Pick<Pull, 'forms' | 'tasks' | 'records'> {
  at: string;
  /** National code tables that the forms use, by `table:under`. */
  tables: Record<string, { code: string; zh: string }[]>;
}
