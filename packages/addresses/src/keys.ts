/** Keys by which addresses meet: equal keys in SQL are candidates, so that an engine joins millions of rows without this package. */

import { stemOfNumber } from './compare.ts';
import type { Parts } from './normalise.ts';

/**
 * Keys of an address; two addresses may be the same place when they share any key of a kind (unnest both sides and join). An address has
 * several where its number may stand by several names (the village, the estate in it). None holds the town, which people leave out: compare
 * it after joining.
 */
export interface AddressKeys {
  /** Road (or village, or estate), number and building, or estate and building: `环城南路|129|12`. */
  building: string[];
  /** Road, village or estate, and the number on it: `环城南路|129`. */
  roadNumber: string[];
  /** Point of interest. */
  poi: string[];
}

/** All spellings of where the number stands: the road; without one the village, the village with the place in it, the place. */
export function placesOf(parts: Parts): string[] {
  const { road, subroad, community, poi } = parts;
  if (subroad !== undefined && parts.subroadno !== undefined) return [`${road ?? ''}${subroad}`, subroad];
  const group = road !== undefined && /^\d+[组队社]$/.test(road);
  if (road !== undefined && !group) return [road];
  const places: string[] = [];
  const village = community === undefined ? undefined : `${community}${group ? road : ''}`;
  if (village !== undefined && poi !== undefined) places.push(village + poi);
  if (village !== undefined) places.push(village);
  if (poi !== undefined) places.push(poi);
  if (parts.devzone !== undefined && places.length === 0) places.push(parts.devzone);
  return places;
}

/** The number on the road or in the village, without its unit; where none is marked as such the building's, then the room's. */
export function numberOf(
  parts: Parts,
): { number: string; of: 'roadno' | 'subroadno' | 'houseno' | 'roomno' } | undefined {
  for (const of of ['subroadno', 'roadno', 'houseno', 'roomno'] as const) {
    if (of === 'subroadno' && parts.subroad === undefined) continue;
    const value = parts[of];
    if (value === undefined) continue;
    if ((of === 'houseno' || of === 'roomno') && parts.road !== undefined) return undefined;
    return { number: stemOfNumber(value), of };
  }
  return undefined;
}

/** The keys of a canonical address. */
export function addressKeys(parts: Parts): AddressKeys {
  const number = numberOf(parts);
  const house = parts.houseno === undefined ? undefined : stemOfNumber(parts.houseno);
  const roadNumber = number ? placesOf(parts).map((place) => `${place}|${number.number}`) : [];
  const building =
    house === undefined || !number || number.of === 'houseno' ? [] : roadNumber.map((key) => `${key}|${house}`);
  if (house !== undefined && parts.poi !== undefined) building.push(`${parts.poi}|${house}`);
  return { building, roadNumber, poi: parts.poi === undefined ? [] : [parts.poi] };
}
