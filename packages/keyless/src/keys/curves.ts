/** Elliptic curves: P-256 and P-384 (FIPS 186) with ECDSA, and the recommended curve of SM2 (GB/T 32918.5). */
import { type WeierstrassPoint, type WeierstrassPointCons, weierstrassN } from '@noble/curves/abstract/weierstrass.js';
import { badDer, bigOf, childrenOf, onlyDer, unsignedOf } from './der.ts';

/** A curve with what signatures on it need. */
export interface Curve {
  name: 'P-256' | 'P-384' | 'SM2';
  /** Bytes of a coordinate. */
  size: number;
  /** Order of the base point. */
  n: bigint;
  a: bigint;
  b: bigint;
  Point: WeierstrassPointCons<bigint>;
}

const big = (hex: string) => BigInt(`0x${hex.replaceAll(' ', '')}`);

function curve(name: Curve['name'], size: number, [p, n, a, b, x, y]: string[]): Curve {
  const parameters = { p: big(p!), n: big(n!), h: 1n, a: big(a!), b: big(b!), Gx: big(x!), Gy: big(y!) };
  return { name, size, n: parameters.n, a: parameters.a, b: parameters.b, Point: weierstrassN(parameters) };
}

/** By the object identifier of the named curve. */
export const curves: Record<string, Curve> = {
  '1.2.840.10045.3.1.7': curve('P-256', 32, [
    'ffffffff 00000001 00000000 00000000 00000000 ffffffff ffffffff ffffffff',
    'ffffffff 00000000 ffffffff ffffffff bce6faad a7179e84 f3b9cac2 fc632551',
    'ffffffff 00000001 00000000 00000000 00000000 ffffffff ffffffff fffffffc',
    '5ac635d8 aa3a93e7 b3ebbd55 769886bc 651d06b0 cc53b0f6 3bce3c3e 27d2604b',
    '6b17d1f2 e12c4247 f8bce6e5 63a440f2 77037d81 2deb33a0 f4a13945 d898c296',
    '4fe342e2 fe1a7f9b 8ee7eb4a 7c0f9e16 2bce3357 6b315ece cbb64068 37bf51f5',
  ]),
  '1.3.132.0.34': curve('P-384', 48, [
    'ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff fffffffe ffffffff 00000000 00000000 ffffffff',
    'ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff c7634d81 f4372ddf 581a0db2 48b0a77a ecec196a ccc52973',
    'ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff fffffffe ffffffff 00000000 00000000 fffffffc',
    'b3312fa7 e23ee7e4 988e056b e3f82d19 181d9c6e fe814112 0314088f 5013875a c656398d 8a2ed19d 2a85c8ed d3ec2aef',
    'aa87ca22 be8b0537 8eb1c71e f320ad74 6e1d3b62 8ba79b98 59f741e0 82542a38 5502f25d bf55296c 3a545e38 72760ab7',
    '3617de4a 96262c6f 5d9e98bf 9292dc29 f8f41dbd 289a147c e9da3113 b5f0b8c0 0a60b1ce 1d7e819d 7a431d7c 90ea0e5f',
  ]),
  '1.2.156.10197.1.301': curve('SM2', 32, [
    'fffffffe ffffffff ffffffff ffffffff ffffffff 00000000 ffffffff ffffffff',
    'fffffffe ffffffff ffffffff ffffffff 7203df6b 21c6052b 53bbf409 39d54123',
    'fffffffe ffffffff ffffffff ffffffff ffffffff 00000000 ffffffff fffffffc',
    '28e9fa9e 9d9f5e34 4d5a9e4b cf6509a7 f39789f5 15ab8f92 ddbcbd41 4d940e93',
    '32c4ae2c 1f198119 5f990446 6a39c994 8fe30bbf f2660be1 715a4589 334c74c7',
    'bc3736a2 f4f6779c 59bdcee3 6b692153 d0a9877c c62a4740 02df32e5 2139f0a0',
  ]),
};

/** The point that bytes stand for, or undefined where they are none of the curve (or its neutral element). */
export function pointOf({ Point, size }: Curve, bytes: Uint8Array): WeierstrassPoint<bigint> | undefined {
  // Uncompressed only, as every certificate of these curves has it.
  if (bytes.length !== 1 + 2 * size || bytes[0] !== 4) return undefined;
  try {
    const point = Point.fromBytes(bytes);
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}

/** The two numbers of a signature in DER, each at least 1 and below the order; undefined otherwise. */
export function numbersOf({ n }: Curve, signature: Uint8Array): { r: bigint; s: bigint } | undefined {
  const outer = onlyDer(signature);
  const [r, s, more] = childrenOf(outer);
  if (outer.tag !== 0x30 || !r || !s || more) return badDer();
  const numbers = { r: unsignedOf(r), s: unsignedOf(s) };
  return [numbers.r, numbers.s].every((number) => number > 0n && number < n) ? numbers : undefined;
}

/** `G * u + Q * v`, for numbers that are no secret; undefined where it is the neutral element. */
export function combine(
  { Point }: Curve,
  u: bigint,
  Q: WeierstrassPoint<bigint>,
  v: bigint,
): WeierstrassPoint<bigint> | undefined {
  const sum = Point.BASE.multiplyUnsafe(u).add(Q.multiplyUnsafe(v));
  return sum.is0() ? undefined : sum;
}

/** `x` modulo `n`, not negative. */
export const mod = (x: bigint, n: bigint): bigint => ((x % n) + n) % n;

/** The inverse of `x` modulo the prime `n`. */
export function inverse(x: bigint, n: bigint): bigint {
  let [a, b, u, v] = [mod(x, n), n, 1n, 0n];
  while (a !== 0n) {
    const q = b / a;
    [a, b] = [b - q * a, a];
    [u, v] = [v - q * u, u];
  }
  return mod(v, n);
}

/** Verifies ECDSA over a digest (FIPS 186-5, 6.4.2). */
export function verifyEcdsa(
  on: Curve,
  key: WeierstrassPoint<bigint>,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const numbers = numbersOf(on, signature);
  if (!numbers) return false;
  // The orders of both curves are as long as their coordinates: no bits to shift out beyond whole bytes.
  const e = bigOf(digest.subarray(0, on.size));
  const w = inverse(numbers.s, on.n);
  const sum = combine(on, mod(e * w, on.n), key, mod(numbers.r * w, on.n));
  return sum !== undefined && mod(sum.toAffine().x, on.n) === numbers.r;
}
