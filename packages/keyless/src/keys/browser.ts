/** Verifies with RSA and ECDSA keys in plain JavaScript: a page that was not fetched over HTTPS has no crypto.subtle. */
import { digest as digestOf } from '../hash/browser.ts';
import { pointOf, verifyEcdsa } from './curves.ts';
import { bigOf } from './der.ts';
import type { KeyNumbers } from './spki.ts';

/** Verifies by one key; `digest` names the hash of the data. */
export type Check = (digest: string, data: Uint8Array, signature: Uint8Array) => boolean;

/** DigestInfo of each hash, up to the digest itself (RFC 8017, 9.2). */
const digestInfo: Record<string, string> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** `base` to the power `exponent` modulo `n`. */
function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let result = 1n;
  let square = base % n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return result;
}

/** RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2): the whole padded message must be the expected one. */
function verifyRsa(n: bigint, e: bigint, name: string, data: Uint8Array, signature: Uint8Array): boolean {
  const size = Math.ceil(n.toString(16).length / 2);
  const info = digestInfo[name];
  const digest = digestOf(name, data);
  if (!info || !digest || signature.length !== size) return false;
  const s = bigOf(signature);
  if (s >= n) return false;
  const padding = size - 3 - info.length / 2 - digest.length;
  if (padding < 8) return false;
  const expected = `0001${'ff'.repeat(padding)}00${info}${bigOf(digest)
    .toString(16)
    .padStart(2 * digest.length, '0')}`;
  return power(s, e, n) === BigInt(`0x${expected}`);
}

/** How to verify with a key, read once; undefined where the key is none. `numbers` is what stands in `_spki`. */
export function checkOf(_spki: Uint8Array, numbers: Exclude<KeyNumbers, { kind: 'sm2' }>): Check | undefined {
  if (numbers.kind === 'rsa') return (name, data, signature) => verifyRsa(numbers.n, numbers.e, name, data, signature);
  const { curve, point } = numbers;
  const key = pointOf(curve, point);
  if (!key) return undefined;
  return (name, data, signature) => {
    const digest = digestOf(name, data);
    try {
      return digest !== undefined && verifyEcdsa(curve, key, digest, signature);
    } catch {
      return false;
    }
  };
}
