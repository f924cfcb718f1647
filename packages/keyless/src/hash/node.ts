/** Digests by Node's own OpenSSL. */
import { getHashes, hash } from 'node:crypto';

const offered = new Set(getHashes());

/** The digest of `data`, or undefined where this machine has not the algorithm. `name` as in the list of algorithms. */
export function digest(name: string, data: Uint8Array): Uint8Array | undefined {
  if (!offered.has(name)) return undefined;
  return hash(name, data, 'buffer');
}
