/**
 * Files of a calendar. `calendar.log`: a header and one record for every signed second (time, root, CRC), all of one length, so that the n-th is
 * found at once. `calendar.blocks`: roots of finished blocks of 1,024 seconds; it can be made from the log again at any time.
 */
import { fail } from '../errors.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { isImprint } from '../hash/imprint.ts';
import { checksum } from './disk.ts';
import { LAST_TIME } from './nodes.ts';

const MAGIC = Buffer.from('JWCAL\u0001\r\n', 'latin1');
/** Bytes of the header: magic, the algorithm's number, CRC. */
export const HEADER = 16;

/** The header of a calendar of this algorithm. */
export function writeHeader(algorithm: number): Buffer {
  const out = Buffer.alloc(HEADER);
  MAGIC.copy(out);
  out[8] = algorithm;
  out.writeUInt32BE(checksum(out.subarray(0, 12)), 12);
  return out;
}

/** The algorithm of a calendar. Throws `keyless.calendar.header`. */
export function readHeader(bytes: Buffer, path: string): number {
  const sound =
    bytes.length === HEADER &&
    bytes.subarray(0, 8).equals(MAGIC) &&
    bytes.readUInt32BE(12) === checksum(bytes.subarray(0, 12)) &&
    algorithmOf(bytes[8]!) !== undefined;
  if (!sound) fail('calendar.header', `不是日历文件：${path}`, `not a calendar: ${path}`);
  return bytes[8]!;
}

/** One signed second. */
export interface SignedSecond {
  /** Unix second. */
  time: bigint;
  /** Imprint of the root of its tree. */
  root: Uint8Array;
}

/** Bytes of a record whose imprint has this many. */
export const recordLength = (imprint: number): number => 8 + imprint + 4;

/** Writes one record. */
export function writeRecord(time: number, root: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(recordLength(root.length));
  out.writeUInt16BE(0, 0);
  out.writeUIntBE(time, 2, 6);
  out.set(root, 8);
  out.writeUInt32BE(checksum(out.subarray(0, 8 + root.length)), 8 + root.length);
  return out;
}

/** Reads the record that begins at `at`; undefined where its CRC or its imprint is wrong. */
export function readRecord(bytes: Buffer, at: number, imprint: number): { time: number; root: Uint8Array } | undefined {
  const end = at + 8 + imprint;
  if (bytes.readUInt32BE(end) !== checksum(bytes.subarray(at, end)) || bytes.readUInt16BE(at) !== 0) return undefined;
  const root = new Uint8Array(bytes.subarray(at + 8, end));
  return isImprint(root) ? { time: bytes.readUIntBE(at + 2, 6), root } : undefined;
}

/** A Unix second as a number; throws `keyless.calendar.time` where it is none of this calendar. */
export function secondOf(time: bigint | number): number {
  const n = Number(time);
  if (!Number.isInteger(n) || n < 1 || n >= LAST_TIME)
    fail('calendar.time', `时间超出日历范围：${time}`, `a time outside the calendar: ${time}`);
  return n;
}

/** A finished block: its number, where its records are, and its root. */
export interface Block {
  block: number;
  /** Number of its first record. */
  first: number;
  count: number;
  root: Uint8Array;
}

/** Bytes of a block's record. */
export const blockLength = (imprint: number): number => 8 + 6 + 2 + imprint + 4;

/** Writes a finished block. */
export function writeBlock({ block, first, count, root }: Block): Buffer {
  const out = Buffer.alloc(blockLength(root.length));
  out.writeUIntBE(block, 2, 6);
  out.writeUIntBE(first, 8, 6);
  out.writeUInt16BE(count, 14);
  out.set(root, 16);
  out.writeUInt32BE(checksum(out.subarray(0, 16 + root.length)), 16 + root.length);
  return out;
}

/** Reads a finished block; undefined where its CRC is wrong. */
export function readBlock(bytes: Buffer, at: number, imprint: number): Block | undefined {
  const end = at + 16 + imprint;
  if (bytes.readUInt32BE(end) !== checksum(bytes.subarray(at, end))) return undefined;
  return {
    block: bytes.readUIntBE(at + 2, 6),
    first: bytes.readUIntBE(at + 8, 6),
    count: bytes.readUInt16BE(at + 14),
    root: new Uint8Array(bytes.subarray(at + 16, end)),
  };
}
