/**
 * Calendar hash chains 0x802 (日历哈希链): from the root of one second to the root of the calendar, a tree with one leaf for every second since
 * 1970. The shape is that of the RFC 6962 tree of publication time + 1 leaves, so the time of signing can be read from it.
 */
import { fail } from '../errors.ts';
import { idOf, step } from '../hash/imprint.ts';
import { eachChild, readOnly, type Tlv } from './tlv.ts';
import { imprintValue, integer, needed, once } from './values.ts';

/** One step. */
export interface CalendarLink {
  left: boolean;
  /** Imprint of the sibling. */
  sibling: Uint8Array;
}

/** One chain. */
export interface CalendarChain {
  tlv: Tlv;
  /** Unix second of the calendar's root. */
  publicationTime: bigint;
  /** Unix second of the leaf: when it was signed. */
  aggregationTime: bigint;
  inputHash: Uint8Array;
  links: CalendarLink[];
}

/** Reads one chain. */
export function readCalendarChain(tlv: Tlv): CalendarChain {
  let publicationTime: bigint | undefined;
  let aggregationTime: bigint | undefined;
  let inputHash: Uint8Array | undefined;
  const links: CalendarLink[] = [];
  eachChild(tlv, (child) => {
    switch (child.tag) {
      case 0x01:
        once(publicationTime, child);
        publicationTime = integer(child);
        return true;
      case 0x02:
        once(aggregationTime, child);
        aggregationTime = integer(child);
        return true;
      case 0x05:
        once(inputHash, child);
        inputHash = imprintValue(child);
        return true;
      case 0x07:
      case 0x08:
        links.push({ left: child.tag === 0x07, sibling: imprintValue(child) });
        return true;
      default:
        return false;
    }
  });
  if (links.length === 0) fail('chain.no-links', '哈希链没有环节', 'a hash chain has no link', tlv.offset);
  const published = needed(publicationTime, tlv, 0x01);
  return {
    tlv,
    publicationTime: published,
    aggregationTime: aggregationTime ?? published,
    inputHash: needed(inputHash, tlv, 0x05),
    links,
  };
}

/** Reads bytes that are one calendar chain 0x802 and nothing else, as an extender answers them. Throws likewise. */
export function readCalendarChainBytes(bytes: Uint8Array): CalendarChain {
  const tlv = readOnly(bytes);
  if (tlv.tag !== 0x802) fail('chain.tag', '不是日历哈希链', 'not a calendar hash chain', 0);
  return readCalendarChain(tlv);
}

/** The byte that ends every step of the calendar. */
const CALENDAR = 0xff;

/** The calendar's root that the chain leads to. A node has the algorithm of its right child. */
export function calendarRoot(chain: Pick<CalendarChain, 'links' | 'inputHash'>): Uint8Array {
  let root = chain.inputHash;
  for (const { left, sibling } of chain.links) {
    root = left ? step(idOf(sibling), root, sibling, CALENDAR) : step(idOf(root), sibling, root, CALENDAR);
  }
  return root;
}

/** Greatest power of two that is at most `n` (n > 0). */
export const highBit = (n: bigint): bigint => 1n << BigInt(n.toString(2).length - 1);

function highBitOfNumber(n: number): number {
  return n >= 0x1_0000_0000 ? 2 ** (63 - Math.clz32(Math.floor(n / 0x1_0000_0000))) : 2 ** (31 - Math.clz32(n));
}

/** Unix second that the shape of the chain says, or undefined where the shape is none of a calendar at its publication time. */
export function timeOfShape(chain: Pick<CalendarChain, 'links' | 'publicationTime'>): bigint | undefined {
  const { links, publicationTime } = chain;
  if (publicationTime <= BigInt(Number.MAX_SAFE_INTEGER)) {
    let rest = Number(publicationTime);
    let time = 0;
    for (let i = links.length - 1; i >= 0; i--) {
      if (rest <= 0) return undefined;
      const high = highBitOfNumber(rest);
      if (links[i]!.left) rest = high - 1;
      else {
        time += high;
        rest -= high;
      }
    }
    return rest === 0 ? BigInt(time) : undefined;
  }
  let rest = publicationTime;
  let time = 0n;
  for (let i = links.length - 1; i >= 0; i--) {
    if (rest <= 0n) return undefined;
    const high = highBit(rest);
    if (links[i]!.left) rest = high - 1n;
    else {
      time += high;
      rest -= high;
    }
  }
  return rest === 0n ? time : undefined;
}
