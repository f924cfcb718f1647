/**
 * Names and places of a PostgreSQL server's log (write-ahead log, 预写日志). A place is a number of bytes since the log began, written `16/B374D848`;
 * the log is kept in segments of one size, named by timeline and number in hexadecimal. Pure.
 */

/** A segment: its timeline, its number, and whether it is complete. */
export interface SegmentName {
  timeline: number;
  number: number;
  partial: boolean;
}

/** `16/B374D848` as bytes since the log began; anything else is an error. */
export function placeOf(text: string): bigint {
  const parts = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!parts) throw new RangeError(`not a place in the log: ${text}`);
  return (BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`);
}

/** The number of the segment in which a place is; `end`: in which the byte before it is. */
export const segmentAt = (place: bigint, size: number, end = false): number =>
  Number((end && place > 0n ? place - 1n : place) / BigInt(size));

const hex = (n: number): string => n.toString(16).toUpperCase().padStart(8, '0');

/** The file name of a segment, 24 letters. `size`: bytes of a segment. */
export function nameOfSegment(timeline: number, number: number, size: number): string {
  const each = 0x1_0000_0000 / size;
  return hex(timeline) + hex(Math.floor(number / each)) + hex(number % each);
}

/** What a file name says: a segment, complete or `.partial`; undefined where it is none. */
export function readSegmentName(name: string, size: number): SegmentName | undefined {
  const parts = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.partial)?$/.exec(name);
  if (!parts) return undefined;
  const [timeline, high, low] = [1, 2, 3].map((i) => Number.parseInt(parts[i]!, 16)) as [number, number, number];
  const each = 0x1_0000_0000 / size;
  if (timeline === 0 || low >= each) return undefined;
  return { timeline, number: high * each + low, partial: parts[4] !== undefined };
}

/** A history of timelines, `00000002.history`. */
export const isHistory = (name: string): boolean => /^[0-9A-F]{8}\.history$/.test(name);

/** Bytes of a segment that a server may have: powers of two from 1 MiB to 1 GiB. */
export const isSegmentSize = (size: number): boolean =>
  Number.isInteger(Math.log2(size)) && size >= 1_048_576 && size <= 1_073_741_824;
