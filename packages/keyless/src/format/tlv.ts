/**
 * TLV elements (标签-长度-值): a short header of two bytes for tags to 0x1f and values to 255 bytes, a wide one of four otherwise. What was
 * hashed or signed is kept as it was read: an element never loses its bytes, its flags or the width of its header.
 */
import { fail } from '../errors.ts';

/** One element, as views of the bytes it was read from. */
export interface Tlv {
  tag: number;
  /** A reader that does not know the element may leave it out. */
  nonCritical: boolean;
  /** A reader that does not know the element should hand it on. */
  forward: boolean;
  /** The header has four bytes. */
  wide: boolean;
  /** Header and value. */
  bytes: Uint8Array;
  value: Uint8Array;
  /** Where the element begins in the outermost bytes. */
  offset: number;
}

const WIDE = 0x80;
const NON_CRITICAL = 0x40;
const FORWARD = 0x20;

/**
 * Reads the element that begins at `at` of `bytes`; `base` is where `bytes` begins in the outermost bytes.
 * Throws `keyless.tlv.truncated` where header or value do not fit.
 */
export function readTlv(bytes: Uint8Array, at: number, base: number): Tlv {
  const end = bytes.length;
  if (at + 2 > end) fail('tlv.truncated', 'TLV 头不完整', 'a TLV header is cut off', base + at);
  const first = bytes[at]!;
  const wide = (first & WIDE) !== 0;
  let tag = first & 0x1f;
  let length: number;
  let header = 2;
  if (wide) {
    if (at + 4 > end) fail('tlv.truncated', 'TLV 头不完整', 'a TLV header is cut off', base + at);
    tag = (tag << 8) | bytes[at + 1]!;
    length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    header = 4;
  } else {
    length = bytes[at + 1]!;
  }
  const to = at + header + length;
  if (to > end)
    fail(
      'tlv.truncated',
      `TLV 长度超出所在元素（标签 0x${tag.toString(16)}）`,
      `a TLV is longer than what holds it (tag 0x${tag.toString(16)})`,
      base + at,
    );
  return {
    tag,
    nonCritical: (first & NON_CRITICAL) !== 0,
    forward: (first & FORWARD) !== 0,
    wide,
    bytes: bytes.subarray(at, to),
    value: bytes.subarray(at + header, to),
    offset: base + at,
  };
}

/** Reads bytes that are one element and nothing else. */
export function readOnly(bytes: Uint8Array): Tlv {
  const tlv = readTlv(bytes, 0, 0);
  if (tlv.bytes.length !== bytes.length)
    fail('tlv.trailing', '元素之后还有多余字节', 'there are bytes after the element', tlv.bytes.length);
  return tlv;
}

/**
 * Visits the children of a composite element. `visit` answers whether it knows the child; one that it does not know is an error unless it is
 * marked non-critical.
 */
export function eachChild(parent: Tlv, visit: (child: Tlv) => boolean): void {
  const { value } = parent;
  const base = parent.offset + parent.bytes.length - value.length;
  for (let at = 0; at < value.length; ) {
    const child = readTlv(value, at, base);
    if (!visit(child) && !child.nonCritical) unknown(child);
    at += child.bytes.length;
  }
}

/** Refuses an element that is not known and must be understood. */
export function unknown(tlv: Tlv): never {
  const tag = `0x${tlv.tag.toString(16)}`;
  fail('tlv.unknown-critical', `不认识的关键元素 ${tag}`, `an unknown critical element ${tag}`, tlv.offset);
}

/** Flags of an element that is written. */
export interface Flags {
  nonCritical?: boolean;
  forward?: boolean;
  /** Four bytes of header also where two would do. */
  wide?: boolean;
}

/** Writes an element: the short header where it fits. Throws `keyless.tlv.too-long` beyond 65,535 bytes. */
export function writeTlv(tag: number, value: Uint8Array | readonly Uint8Array[], flags: Flags = {}): Uint8Array {
  const parts: readonly Uint8Array[] = value instanceof Uint8Array ? [value] : value;
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > 0xffff) fail('tlv.too-long', `元素过长：${length} 字节`, `an element of ${length} bytes is too long`);
  const wide = flags.wide === true || tag > 0x1f || length > 0xff;
  const out = new Uint8Array(length + (wide ? 4 : 2));
  const marks = (flags.nonCritical ? NON_CRITICAL : 0) | (flags.forward ? FORWARD : 0);
  let at = 2;
  if (wide) {
    out[0] = WIDE | marks | (tag >> 8);
    out[1] = tag & 0xff;
    out[2] = length >> 8;
    out[3] = length & 0xff;
    at = 4;
  } else {
    out[0] = marks | tag;
    out[1] = length;
  }
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
