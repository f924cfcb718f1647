/** Digests by Node's own OpenSSL. */
import { createHash, createHmac, getHashes, hash } from 'node:crypto';
import type { Digester } from './digester.ts';

const offered = new Set(getHashes());

/** The digest of `data`, or undefined where this machine has not the algorithm. `name` as in the list of algorithms. */
export function digest(name: string, data: Uint8Array): Uint8Array | undefined {
  if (!offered.has(name)) return undefined;
  return hash(name, data, 'buffer');
}

/** Begins a digest piece by piece, or undefined likewise. */
export const incremental = (name: string): Digester | undefined => (offered.has(name) ? createHash(name) : undefined);

/** HMAC of `data`, or undefined likewise. */
export const hmac = (name: string, key: Uint8Array, data: Uint8Array): Uint8Array | undefined =>
  offered.has(name) ? createHmac(name, key).update(data).digest() : undefined;
