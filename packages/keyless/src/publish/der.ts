/** Writes the little of DER that certificates and CMS signatures are made of. */

/** An element: its tag, and its content in parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((n, part) => n + part.length, 0);
  const size: number[] = [];
  if (length < 0x80) size.push(length);
  else {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
    size.unshift(0x80 | size.length);
  }
  const out = new Uint8Array(1 + size.length + length);
  out[0] = tag;
  out.set(size, 1);
  let at = 1 + size.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A sequence of elements. */
export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);

/** A set, its members in the order that DER asks for. */
export const set = (...parts: readonly Uint8Array[]): Uint8Array =>
  der(0x31, ...[...parts].sort((a, b) => Buffer.compare(a, b)));

/** An explicit tag of a context. */
export const tagged = (n: number, ...parts: readonly Uint8Array[]): Uint8Array => der(0xa0 | n, ...parts);

/** A non-negative integer from its bytes, most significant first. */
export function integer(bytes: Uint8Array | readonly number[]): Uint8Array {
  const digits = [...bytes];
  while (digits.length > 1 && digits[0] === 0) digits.shift();
  if (digits.length === 0 || digits[0]! >= 0x80) digits.unshift(0);
  return der(0x02, Uint8Array.from(digits));
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const part of [40 * a + b, ...rest]) {
    const digits = [part % 128];
    for (let n = Math.floor(part / 128); n > 0; n = Math.floor(n / 128)) digits.unshift((n % 128) | 0x80);
    bytes.push(...digits);
  }
  return der(0x06, Uint8Array.from(bytes));
}

/** The element without a value. */
export const NULL = Uint8Array.of(0x05, 0);
/** A string of bytes. */
export const octets = (value: Uint8Array): Uint8Array => der(0x04, value);
/** A string of bits, all of its bytes used. */
export const bits = (value: Uint8Array): Uint8Array => der(0x03, Uint8Array.of(0), value);
/** Text of any letters. */
export const utf8 = (text: string): Uint8Array => der(0x0c, new TextEncoder().encode(text));
/** Text of ASCII letters, as e-mail addresses are. */
export const ia5 = (text: string): Uint8Array => der(0x16, new TextEncoder().encode(text));

/** An instant, in Unix milliseconds, to the second: UTCTime to 2049, GeneralizedTime from 2050 (RFC 5280). */
export function time(ms: number): Uint8Array {
  const text = `${new Date(ms)
    .toISOString()
    .replace(/[-:T]/g, '')
    .replace(/\.\d+Z$/, '')}Z`;
  return new Date(ms).getUTCFullYear() < 2050
    ? der(0x17, new TextEncoder().encode(text.slice(2)))
    : der(0x18, new TextEncoder().encode(text));
}
