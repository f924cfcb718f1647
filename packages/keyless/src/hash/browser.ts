/** Digests in plain JavaScript: a page that was not fetched over HTTPS has no crypto.subtle, and steps of chains must not be promises. */
import { hmac as hmacOf } from '@noble/hashes/hmac.js';
import { ripemd160, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import type { CHash } from '@noble/hashes/utils.js';
import type { Digester } from './digester.ts';
import { Sm3, sm3 } from './sm3.ts';

const functions: Record<string, CHash> = {
  sha1,
  sha256,
  ripemd160,
  sha384,
  sha512,
  'sha3-224': sha3_224,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
};

/** The digest of `data`, or undefined where the algorithm is not there. `name` as in the list of algorithms. */
export function digest(name: string, data: Uint8Array): Uint8Array | undefined {
  return name === 'sm3' ? sm3(data) : functions[name]?.(data);
}

/** Begins a digest piece by piece, or undefined likewise. */
export function incremental(name: string): Digester | undefined {
  return name === 'sm3' ? new Sm3() : functions[name]?.create();
}

/** HMAC of `data`, or undefined likewise. */
export function hmac(name: string, key: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  const known = functions[name];
  if (known) return hmacOf(known, key, data);
  if (name !== 'sm3') return undefined;
  const padded = new Uint8Array(64);
  padded.set(key.length > 64 ? sm3(key) : key);
  const under = (mask: number, message: Uint8Array) => {
    const inner = new Sm3();
    inner.update(padded.map((byte) => byte ^ mask));
    inner.update(message);
    return inner.digest();
  };
  return under(0x5c, under(0x36, data));
}
