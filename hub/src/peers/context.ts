/** What the parts of the room work with. */
import type { Deps } from '../platform/room.ts';
import type { SharingPorts } from '../sharing/index.ts';
import type { Identity } from './protocol/identity.ts';
import type { PeerNames } from './store.ts';

/** The room at work. */
export interface PeersContext {
  deps: Pick<
    Deps,
    'db' | 'lake' | 'clock' | 'audit' | 'jobs' | 'seal' | 'log' | 'folders' | 'config' | 'http' | 'bus' | 'blobs'
  >;
  sharing: SharingPorts;
  identity: Identity;
  names: PeerNames;
}

const lanes = new WeakMap<object, Map<string, Promise<unknown>>>();

/** Work of one name one after another: a message is sent, and taken, by one at a time. */
export function inTurn<T>(c: PeersContext, lane: string, work: () => Promise<T>): Promise<T> {
  const own = lanes.get(c) ?? new Map<string, Promise<unknown>>();
  lanes.set(c, own);
  const turn = (own.get(lane) ?? Promise.resolve()).then(work, work);
  own.set(
    lane,
    turn.catch(() => undefined),
  );
  return turn;
}

/** Milliseconds of an hour and a day. */
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** Where this hub is reached, without a slash at its end. */
export const ownUrl = (c: Pick<PeersContext, 'deps'>): string => c.deps.http.url().replace(/\/+$/, '');
