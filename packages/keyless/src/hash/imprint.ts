/** Imprints (印记): an algorithm's number and the digest, one value. */
import { digest } from '#digest';
import { fail } from '../errors.ts';
import { algorithmOf } from './algorithms.ts';

/** Number of the algorithm of an imprint. */
export const idOf = (imprint: Uint8Array): number => imprint[0]!;

/** Whether bytes are an imprint: a known number and a digest of exactly its length. */
export function isImprint(bytes: Uint8Array): boolean {
  const algorithm = bytes.length > 0 ? algorithmOf(bytes[0]!) : undefined;
  return algorithm !== undefined && bytes.length === algorithm.length + 1;
}

/** Reads an imprint; throws `keyless.imprint` where it is none. */
export function imprintOf(bytes: Uint8Array, offset?: number): Uint8Array {
  if (!isImprint(bytes))
    fail('imprint', '不是有效的哈希印记', 'not an imprint: unknown algorithm or wrong length', offset);
  return bytes;
}

/** A known algorithm that this machine cannot compute: nothing is proven, nothing is refuted. */
export class HashUnavailable extends Error {
  constructor(id: number) {
    super(`hash algorithm ${algorithmOf(id)?.name ?? id} cannot be computed here`);
    this.name = 'HashUnavailable';
  }
}

/** Room to put messages together in: a step of a chain is two imprints and a byte. */
const scratch = new Uint8Array(1 << 17);

/** The imprint under algorithm `id` of the parts one after the other. Throws {@link HashUnavailable}. */
export function imprint(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const message = length <= scratch.length ? scratch : new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return sealed(id, message.subarray(0, length));
}

/** The imprint of one step of a chain: left, right, and the byte that ends it. */
export function step(id: number, left: Uint8Array, right: Uint8Array, last: number): Uint8Array {
  const length = left.length + right.length + 1;
  scratch.set(left, 0);
  scratch.set(right, left.length);
  scratch[length - 1] = last;
  return sealed(id, scratch.subarray(0, length));
}

function sealed(id: number, message: Uint8Array): Uint8Array {
  const algorithm = algorithmOf(id);
  const value = algorithm && digest(algorithm.name, message);
  if (!value) throw new HashUnavailable(id);
  const out = new Uint8Array(value.length + 1);
  out[0] = id;
  out.set(value, 1);
  return out;
}

/** Whether two byte strings are equal. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
