/**
 * The little of ASN.1 that certificates and detached CMS signatures need: elements, their children, object identifiers, integers. DER, and
 * around it the lengths without end that CMS writers use (BER).
 */
import { fail } from '../errors.ts';

/** One element. */
export interface Der {
  tag: number;
  /** Header and content. */
  bytes: Uint8Array;
  content: Uint8Array;
}

/** Elements without length inside each other. */
const MAX_DEPTH = 12;

/** Reads the element at `at`. Throws `keyless.der` where it does not fit or its length is not in the shortest form. */
export function readDer(bytes: Uint8Array, at = 0, depth = 0): Der {
  const bad = () => fail('der', '证书或 CMS 签名不是有效的 DER', 'a certificate or CMS signature is not valid DER', at);
  const tag = bytes[at];
  let length = bytes[at + 1];
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) return bad();
  let from = at + 2;
  if (length === 0x80) {
    if ((tag & 0x20) === 0 || depth > MAX_DEPTH) return bad();
    let to = from;
    while (bytes[to] !== 0 || bytes[to + 1] !== 0) to += readDer(bytes, to, depth + 1).bytes.length;
    return { tag, bytes: bytes.subarray(at, to + 2), content: bytes.subarray(from, to) };
  }
  if (length >= 0x80) {
    const n = length & 0x7f;
    if (n === 0 || n > 4 || from + n > bytes.length || bytes[from] === 0) return bad();
    length = 0;
    for (let i = 0; i < n; i++) length = length * 256 + bytes[from + i]!;
    if (length < 0x80) return bad();
    from += n;
  }
  const to = from + length;
  if (to > bytes.length) return bad();
  return { tag, bytes: bytes.subarray(at, to), content: bytes.subarray(from, to) };
}

/** The children of a constructed element. */
export function childrenOf({ content }: Der): Der[] {
  const out: Der[] = [];
  for (let at = 0; at < content.length; ) {
    const child = readDer(content, at);
    out.push(child);
    at += child.bytes.length;
  }
  return out;
}

/** An object identifier with dots. */
export function oidOf({ content }: Der): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (parts.length === 0)
      parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else parts.push(value);
    value = 0;
  }
  return parts.join('.');
}

/** Refuses what is not of the expected form. */
export const badDer = (): never =>
  fail('der', '证书或 CMS 签名的结构不对', 'a certificate or CMS signature has a wrong structure');

/** The one element that the bytes are, of a length that is said. */
export function onlyDer(bytes: Uint8Array): Der {
  const der = readDer(bytes);
  return der.bytes.length === bytes.length && bytes[1] !== 0x80 ? der : badDer();
}

/** A non-negative integer in its shortest form. */
export function unsignedOf({ tag, content }: Der): bigint {
  if (tag !== 0x02 || content.length === 0 || content[0]! >= 0x80) badDer();
  if (content.length > 1 && content[0] === 0 && content[1]! < 0x80) badDer();
  return bigOf(content);
}

/** Bytes as one number. */
export function bigOf(bytes: Uint8Array): bigint {
  let text = '0x0';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return BigInt(text);
}

/** The bytes of a bit string without unused bits. */
export function bitsOf({ tag, content }: Der): Uint8Array {
  return tag === 0x03 && content[0] === 0 ? content.subarray(1) : badDer();
}
