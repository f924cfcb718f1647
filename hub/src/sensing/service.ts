/** Sensing of a hub, for rooms behind it. */
import type { Lake } from '../platform/lake/index.ts';
import type { Sensing } from './readings.ts';

const made = new WeakMap<Lake, Sensing>();

/** Sensing of the hub that a lake belongs to; undefined before the room has made its routes. */
export const sensingOf = (lake: Lake): Sensing | undefined => made.get(lake);

/** Says what `sensingOf` answers; called by the room. */
export const offer = (lake: Lake, sensing: Sensing): void => void made.set(lake, sensing);
