/**
 * Secrets and tokens: 256 random bits in base64url behind a prefix by which a scanner of leaked secrets knows them. They are kept as their
 * SHA-256: a slow hash protects what people choose, and nobody can try 2^256 values; a quick one lets every call be checked.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new client secret; shown once. */
export const newSecret = (): string => `jws_${randomBytes(32).toString('base64url')}`;
/** A new access token. */
export const newToken = (): string => `jwa_${randomBytes(32).toString('base64url')}`;
/** A new client's id. */
export const newClientId = (): string => `jwc_${randomBytes(10).toString('hex')}`;

/** What is kept of a secret or a token. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Whether a secret is the one behind any of the hashes; every hash is compared, in constant time each. */
export function matchesAny(secret: string, hashes: readonly Uint8Array[]): boolean {
  const given = hashOf(secret);
  let found = false;
  for (const hash of hashes) if (hash.length === given.length && timingSafeEqual(given, hash)) found = true;
  return found;
}
