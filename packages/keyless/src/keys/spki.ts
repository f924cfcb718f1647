/** Public keys as certificates hold them (SubjectPublicKeyInfo, RFC 5280), and the ways to sign that are accepted. */
import { type Curve, curves } from './curves.ts';
import { badDer, bitsOf, childrenOf, type Der, oidOf, onlyDer, unsignedOf } from './der.ts';

/** A way to sign: kind of key and, but for SM2 which has its own, digest. */
export interface Way {
  key: 'rsa' | 'ec' | 'sm2';
  digest?: 'sha256' | 'sha384' | 'sha512';
}

/** Ways to sign by their object identifier. */
export const ways: Record<string, Way> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', digest: 'sha512' },
  '1.2.156.10197.1.501': { key: 'sm2' },
};

/** A key's numbers. */
export type KeyNumbers =
  | { kind: 'rsa'; n: bigint; e: bigint }
  | { kind: 'ec' | 'sm2'; curve: Curve; point: Uint8Array };

/** Bits of an RSA modulus: fewer can be broken, more are asked for by who wants a verifier to be busy. */
const RSA_BITS = { from: 1024, to: 8192 };

/** The children of an element that has exactly these, each of its tag and of a length that is said. */
function exactly(element: Der, ...tags: number[]): Der[] {
  const children = childrenOf(element);
  const fits =
    children.length === tags.length && children.every(({ tag, bytes }, i) => tag === tags[i] && bytes[1] !== 0x80);
  return fits && element.tag === 0x30 ? children : badDer();
}

/**
 * Reads a public key. Throws `keyless.der`; undefined where the key is of a kind or size that is not accepted. Nothing but the one form of DER is
 * read: what one verifier accepts, all must, and OpenSSL is as strict.
 */
export function keyNumbers(spki: Uint8Array): KeyNumbers | undefined {
  const whole = onlyDer(spki);
  const [algorithm, bits] = exactly(whole, 0x30, 0x03);
  const [type, parameters] = childrenOf(algorithm!);
  const key = bitsOf(bits!);
  switch (type && oidOf(type)) {
    case '1.2.840.113549.1.1.1': {
      exactly(algorithm!, 0x06, 0x05);
      if (parameters!.content.length > 0) return badDer();
      const [n, e] = exactly(onlyDer(key), 0x02, 0x02).map(unsignedOf) as [bigint, bigint];
      const size = n.toString(2).length;
      const sound = size >= RSA_BITS.from && size <= RSA_BITS.to && n % 2n === 1n && e >= 3n && e % 2n === 1n;
      return sound && e < 1n << 33n ? { kind: 'rsa', n, e } : undefined;
    }
    case '1.2.840.10045.2.1': {
      exactly(algorithm!, 0x06, 0x06);
      const curve = curves[oidOf(parameters!)];
      // Compressed points are not read: no certificate of these curves has one.
      if (!curve || key.length !== 1 + 2 * curve.size || key[0] !== 4) return undefined;
      return { kind: curve.name === 'SM2' ? 'sm2' : 'ec', curve, point: key };
    }
    default:
      return undefined;
  }
}
