/** SM2 signatures (GB/T 32918.2-2016) over SM3, in DER as GB/T 35276 has them; OID 1.2.156.10197.1.501. */
import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { fail } from '../errors.ts';
import { Sm3 } from '../hash/sm3.ts';
import { combine, curves, inverse, mod, numbersOf, pointOf } from './curves.ts';
import { bigOf } from './der.ts';

/** The curve. */
export const SM2 = curves['1.2.156.10197.1.301']!;

/** Distinguishing identifier of the signer where none was agreed (GB/T 35276-2017, 10). */
export const DEFAULT_ID = new TextEncoder().encode('1234567812345678');

function bytesOf(n: bigint): Uint8Array {
  const out = new Uint8Array(SM2.size);
  let rest = n;
  for (let i = out.length - 1; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 255n);
  return out;
}

/** What is signed: SM3 over the identity of the signer, curve and key (Z), and the message. */
export function messageDigest(key: Uint8Array, message: Uint8Array, id: Uint8Array = DEFAULT_ID): Uint8Array {
  const z = new Sm3()
    .update(Uint8Array.of((id.length * 8) >> 8, (id.length * 8) & 255))
    .update(id)
    .update(bytesOf(SM2.a))
    .update(bytesOf(SM2.b));
  const base = SM2.Point.BASE.toAffine();
  z.update(bytesOf(base.x)).update(bytesOf(base.y)).update(key.subarray(1));
  return new Sm3().update(z.digest()).update(message).digest();
}

/** The public key of a private one: 65 bytes, uncompressed. */
export const publicSm2 = (d: bigint): Uint8Array => SM2.Point.BASE.multiply(d).toBytes(false);

/** A random number from 1 to below `limit`. */
function random(limit: bigint): bigint {
  for (;;) {
    const k = bigOf(crypto.getRandomValues(new Uint8Array(SM2.size)));
    if (k > 0n && k < limit) return k;
  }
}

/** A new private key: from 1 to n - 2. */
export const newSm2 = (): bigint => random(SM2.n - 1n);

/**
 * Signs a message with the private key `d`. `options.k` is the random number of the standard's examples, never to be given otherwise;
 * `options.id` the signer's identifier.
 */
export function signSm2(d: bigint, message: Uint8Array, options: { id?: Uint8Array; k?: bigint } = {}): Uint8Array {
  const { n } = SM2;
  if (d <= 0n || d >= n - 1n) fail('sm2.key', 'SM2 私钥超出范围', 'an SM2 private key is out of range');
  const e = bigOf(messageDigest(publicSm2(d), message, options.id));
  const over = inverse(1n + d, n);
  for (;;) {
    const k = options.k ?? random(n);
    const r = mod(e + SM2.Point.BASE.multiply(k).toAffine().x, n);
    const s = mod(over * (k - r * d), n);
    if (r !== 0n && r + k !== n && s !== 0n) return der(r, s);
    if (options.k !== undefined) fail('sm2.k', '随机数不可用', 'this random number cannot be used');
  }
}

function der(r: bigint, s: bigint): Uint8Array {
  const numbers = [r, s].flatMap((n) => {
    const bytes = [...bytesOf(n)];
    while (bytes.length > 1 && bytes[0] === 0) bytes.shift();
    if (bytes[0]! >= 0x80) bytes.unshift(0);
    return [0x02, bytes.length, ...bytes];
  });
  return Uint8Array.from([0x30, numbers.length, ...numbers]);
}

/** Verifies a signature in DER. `key`: 65 bytes, as read by {@link sm2Key}. */
export function verifySm2(
  key: { bytes: Uint8Array; point: WeierstrassPoint<bigint> },
  message: Uint8Array,
  signature: Uint8Array,
  id?: Uint8Array,
): boolean {
  const numbers = numbersOf(SM2, signature);
  if (!numbers) return false;
  const { r, s } = numbers;
  const t = mod(r + s, SM2.n);
  const sum = t === 0n ? undefined : combine(SM2, s, key.point, t);
  return sum !== undefined && mod(bigOf(messageDigest(key.bytes, message, id)) + sum.toAffine().x, SM2.n) === r;
}

/** Reads a public key; undefined where the bytes are no point of the curve. */
export function sm2Key(bytes: Uint8Array): { bytes: Uint8Array; point: WeierstrassPoint<bigint> } | undefined {
  const point = pointOf(SM2, bytes);
  return point && { bytes, point };
}
