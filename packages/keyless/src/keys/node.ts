/** Verifies with RSA and ECDSA keys by Node's OpenSSL. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { KeyNumbers } from './spki.ts';

/** Verifies by one key; `digest` names the hash of the data. */
export type Check = (digest: string, data: Uint8Array, signature: Uint8Array) => boolean;

/** How to verify with a key, read once; undefined where the key is none. `_numbers` is what stands in `spki`, not needed here. */
export function checkOf(spki: Uint8Array, _numbers: Exclude<KeyNumbers, { kind: 'sm2' }>): Check | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: spki as Buffer, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
  return (digest, data, signature) => {
    try {
      return verify(digest, data, key, signature);
    } catch {
      return false;
    }
  };
}
