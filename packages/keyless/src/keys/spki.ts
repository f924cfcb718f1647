/** Public keys as certificates hold them (SubjectPublicKeyInfo, RFC 5280), and the ways to sign that are accepted. */
import { type Curve, curves } from './curves.ts';
import { badDer, bitsOf, childrenOf, oidOf, onlyDer, unsignedOf } from './der.ts';

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

/** Reads a public key. Throws `keyless.der`; undefined where the key is of a kind or size that is not accepted. */
export function keyNumbers(spki: Uint8Array): KeyNumbers | undefined {
  const [algorithm, bits] = childrenOf(onlyDer(spki));
  if (!algorithm || !bits) return badDer();
  const [type, parameters] = childrenOf(algorithm);
  const key = bitsOf(bits);
  switch (type && oidOf(type)) {
    case '1.2.840.113549.1.1.1': {
      const [n, e] = childrenOf(onlyDer(key)).map(unsignedOf);
      if (n === undefined || e === undefined) return badDer();
      const size = n.toString(2).length;
      const sound = size >= RSA_BITS.from && size <= RSA_BITS.to && n % 2n === 1n && e >= 3n && e % 2n === 1n;
      return sound && e < 1n << 33n ? { kind: 'rsa', n, e } : undefined;
    }
    case '1.2.840.10045.2.1': {
      const curve = parameters?.tag === 0x06 ? curves[oidOf(parameters)] : undefined;
      return curve && { kind: curve.name === 'SM2' ? 'sm2' : 'ec', curve, point: key };
    }
    default:
      return undefined;
  }
}
