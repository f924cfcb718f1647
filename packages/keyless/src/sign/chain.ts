/** Writes the chain of a leaf straight out of a tree's columns: one pass for the lengths, one for the bytes, and nothing made in between. */
import { fail } from '../errors.ts';
import { writeTlv } from '../format/tlv.ts';
import { integerBytes } from '../format/values.ts';

/** Columns of a tree's nodes. */
export interface NodeColumns {
  /** Values, and where each begins. */
  bytes: Uint8Array;
  at: Uint32Array;
  /** Length of the value (16 bits), level (8 bits), {@link LEFT} and {@link METADATA}. */
  info: Uint32Array;
  /** Parent and sibling, side by side. */
  ways: Int32Array;
}

/** The node is a left child. */
export const LEFT = 1;
/** The value of the node is metadata. */
export const METADATA = 2;

/** What the chains of one second or of one request have alike: time, and the index of the chain above, outermost first. */
export function chainHead(time: bigint, above: readonly bigint[] = []): Uint8Array {
  const parts = [writeTlv(0x02, integerBytes(time)), ...above.map((value) => writeTlv(0x03, integerBytes(value)))];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Header and value together: two bytes of header where the value has at most 255. */
const sized = (length: number): number => length + (length > 0xff ? 4 : 2);

/** Up to which number of links the shape is a whole number of a double. */
const EXACT = 50;

function putHeader(out: Uint8Array, at: number, tag: number, length: number): number {
  let to = at;
  if (length > 0xff) {
    out[to++] = 0x80;
    out[to++] = tag;
    out[to++] = length >> 8;
    out[to++] = length & 0xff;
  } else {
    out[to++] = tag;
    out[to++] = length;
  }
  return to;
}

/** Header of an element 0x800 + `tag`. */
function putWide(out: Uint8Array, at: number, tag: number, length: number): number {
  out[at] = 0x88;
  out[at + 1] = tag;
  out[at + 2] = length >> 8;
  out[at + 3] = length & 0xff;
  return at + 4;
}

/** Value of a signature at most. */
const MOST = 0xffff;

/**
 * Writes the element 0x801 of the leaf at `first`; `head` from {@link chainHead}. With `tail` (the elements that follow) it is the whole signature
 * 0x800.
 */
export function writeChain(
  columns: NodeColumns,
  first: number,
  root: number,
  algorithm: number,
  head: Uint8Array,
  tail?: Uint8Array,
): Uint8Array {
  const { bytes, at, info, ways } = columns;
  let links = 0;
  let count = 0;
  let shape = 0;
  let bit = 1;
  let before = 0;
  for (let node = first; node !== root; ) {
    const parent = ways[2 * node]!;
    const level = (info[parent]! >>> 8) & 0xff;
    const correction = level === before + 1 ? 0 : 3;
    before = level;
    links += sized(correction + sized(info[ways[2 * node + 1]!]! >>> 16));
    if (info[node]! & LEFT) shape += bit;
    bit *= 2;
    count += 1;
    node = parent;
  }
  if (count > 63) fail('chain.shape', '哈希链超过 63 个环节', 'a chain of more than 63 links');
  const indexBytes = (count >> 3) + 1;
  const hash = info[first]! >>> 16;
  const size = head.length + 2 + indexBytes + sized(hash) + 2 + (algorithm === 0 ? 0 : 1) + links;
  const whole = tail ? 4 + size + tail.length : size;
  if (whole > MOST) fail('tlv.too-long', `元素过长：${whole} 字节`, `an element of ${whole} bytes is too long`);
  const out = new Uint8Array(4 + whole);
  let to = 0;
  if (tail) {
    to = putWide(out, to, 0x00, whole);
    out.set(tail, out.length - tail.length);
  }
  to = putWide(out, to, 0x01, size);
  out.set(head, to);
  to = putHeader(out, to + head.length, 0x03, indexBytes);
  if (count <= EXACT) {
    let rest = shape + bit;
    for (let i = indexBytes - 1; i >= 0; i--) {
      out[to + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  } else out.set(integerBytes(exactShape(columns, first, root)), to);
  to = putHeader(out, to + indexBytes, 0x05, hash);
  for (let i = 0, from = at[first]!; i < hash; i++) out[to++] = bytes[from++]!;
  to = putHeader(out, to, 0x06, algorithm === 0 ? 0 : 1);
  if (algorithm !== 0) out[to++] = algorithm;
  before = 0;
  for (let node = first; node !== root; ) {
    const parent = ways[2 * node]!;
    const sibling = ways[2 * node + 1]!;
    const level = (info[parent]! >>> 8) & 0xff;
    const correction = level - before - 1;
    before = level;
    const length = info[sibling]! >>> 16;
    to = putHeader(out, to, info[node]! & LEFT ? 0x07 : 0x08, (correction ? 3 : 0) + sized(length));
    if (correction) {
      out[to++] = 0x01;
      out[to++] = 1;
      out[to++] = correction;
    }
    to = putHeader(out, to, info[sibling]! & METADATA ? 0x04 : 0x02, length);
    for (let i = 0, from = at[sibling]!; i < length; i++) out[to++] = bytes[from++]!;
    node = parent;
  }
  return out;
}

function exactShape({ info, ways }: NodeColumns, first: number, root: number): bigint {
  let shape = 0n;
  let bit = 1n;
  for (let node = first; node !== root; node = ways[2 * node]!) {
    if (info[node]! & LEFT) shape += bit;
    bit <<= 1n;
  }
  return shape + bit;
}
