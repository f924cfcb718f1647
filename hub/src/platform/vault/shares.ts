/**
 * A secret split among custodians (密钥分持): any `needed` of them can put it together again, fewer learn nothing at all. Shamir, "How to share a
 * secret" (1979), byte by byte over GF(2^8) with the polynomial of AES (x^8 + x^4 + x^3 + x + 1).
 */
import { randomBytes } from 'node:crypto';

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = x;
  EXP[i + 255] = x;
  LOG[x] = i;
  // Times 3, which generates the field's group.
  x ^= (x << 1) ^ (x & 0x80 ? 0x11b : 0);
}
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!);
const over = (a: number, b: number): number => (a === 0 ? 0 : EXP[LOG[a]! + 255 - LOG[b]!]!);

/** One custodian's part. */
export interface Share {
  /** How many are needed. */
  needed: number;
  /** Which one this is: 1 to 255. */
  index: number;
  /** Tells sets apart: shares of two splits do not belong together. */
  set: number;
  /** As long as the secret. */
  bytes: Uint8Array;
}

/** Splits a secret into `count` shares of which `needed` are enough (2 ≤ needed ≤ count ≤ 255). */
export function split(secret: Uint8Array, needed: number, count: number, random = randomBytes): Share[] {
  if (!(needed >= 2 && needed <= count && count <= 255)) throw new RangeError('2 ≤ needed ≤ count ≤ 255');
  const set = random(2).readUInt16BE(0);
  const shares = Array.from({ length: count }, (_, i) => ({
    needed,
    index: i + 1,
    set,
    bytes: new Uint8Array(secret.length),
  }));
  secret.forEach((byte, at) => {
    const coefficients = [byte, ...random(needed - 1)];
    for (const share of shares) {
      let y = 0;
      for (let c = coefficients.length - 1; c >= 0; c--) y = times(y, share.index) ^ coefficients[c]!;
      share.bytes[at] = y;
    }
  });
  return shares;
}

/** Puts a secret together; undefined when there are too few shares, or not of one set. */
export function combine(shares: readonly Share[]): Buffer | undefined {
  const own = [...new Map(shares.map((s) => [s.index, s])).values()];
  const first = own[0];
  if (!first || own.length < first.needed) return undefined;
  if (own.some((s) => s.set !== first.set || s.needed !== first.needed || s.bytes.length !== first.bytes.length))
    return undefined;
  const used = own.slice(0, first.needed);
  const out = Buffer.alloc(first.bytes.length);
  for (const a of used) {
    // Lagrange's polynomial of this share at zero.
    let weight = 1;
    for (const b of used) if (b !== a) weight = times(weight, over(b.index, a.index ^ b.index));
    for (let i = 0; i < out.length; i++) out[i]! ^= times(weight, a.bytes[i]!);
  }
  return out;
}
