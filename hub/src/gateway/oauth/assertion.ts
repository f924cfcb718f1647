/**
 * Client assertions (private_key_jwt, RFC 7523 §3): a JWT signed with the client's private key, for this hub, for a short time, used once.
 * The algorithm is decided by the registered key, never by what the assertion says of itself alone.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { Problem } from '../../platform/problem.ts';
import type { JsonWebKeyLike } from '../clients/store.ts';
import { badKeys } from '../problems.ts';

/** Seconds by which clocks may differ, and the longest life of an assertion. */
const SKEW = 60;
const LONGEST = 600;

/** Algorithms of a key. */
const algorithms: Readonly<Record<string, (key: KeyObject, data: Buffer, signature: Buffer) => boolean>> = {
  RS256: (key, data, signature) => key.asymmetricKeyType === 'rsa' && verify('sha256', data, key, signature),
  PS256: (key, data, signature) =>
    key.asymmetricKeyType === 'rsa' && verify('sha256', data, { key, padding: 6, saltLength: 32 }, signature),
  ES256: (key, data, signature) => curve(key, 'prime256v1') && verify('sha256', data, ec(key), signature),
  ES384: (key, data, signature) => curve(key, 'secp384r1') && verify('sha384', data, ec(key), signature),
  EdDSA: (key, data, signature) => key.asymmetricKeyType === 'ed25519' && verify(null, data, key, signature),
};
/** Names for the metadata. */
export const assertionAlgorithms = Object.keys(algorithms);

const ec = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });
const curve = (key: KeyObject, name: string): boolean =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === name;

/** Public keys as they are kept: private parts are refused rather than dropped, since whoever sent them has a leak. */
export function readKeys(keys: readonly unknown[]): JsonWebKeyLike[] {
  const bad = (zh: string, en: string) => new Problem(badKeys, { zh, en }, { field: 'keys' });
  if (keys.length < 1 || keys.length > 4) throw bad('应有一至四个', 'one to four are needed');
  return keys.map((given) => {
    const k = given as Record<string, unknown>;
    if (!k || typeof k !== 'object') throw bad('不是 JWK', 'not a JWK');
    if (['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'].some((part) => k[part] !== undefined))
      throw bad('含私钥部分，请立即更换密钥', 'it holds private parts: replace the key at once');
    let key: KeyObject;
    try {
      key = createPublicKey({ key: k as never, format: 'jwk' });
    } catch {
      throw bad('无法读取', 'it cannot be read');
    }
    const type = key.asymmetricKeyType;
    if (type === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
      throw bad('RSA 至少 2048 位', 'RSA needs 2048 bits');
    if (type !== 'rsa' && type !== 'ed25519' && !curve(key, 'prime256v1') && !curve(key, 'secp384r1'))
      throw bad('应为 RSA、P-256、P-384 或 Ed25519', 'RSA, P-256, P-384 or Ed25519 is needed');
    const kept: Record<string, string> = {};
    for (const part of ['kty', 'kid', 'crv', 'x', 'y', 'n', 'e'])
      if (typeof k[part] === 'string') kept[part] = (k[part] as string).slice(0, 2048);
    return kept as unknown as JsonWebKeyLike;
  });
}

/** What an assertion says of itself, before anything is believed. */
export interface Claims {
  issuer: string;
  jti: string;
  expires: Date;
}

interface Parts {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  signed: Buffer;
  signature: Buffer;
}

/** Takes an assertion apart; null when it is none. */
export function readAssertion(text: string): Parts | null {
  const parts = text.split('.');
  if (parts.length !== 3 || text.length > 8192 || parts.some((p) => !/^[\w-]+$/.test(p))) return null;
  try {
    const [header, claims] = parts.slice(0, 2).map((p) => JSON.parse(Buffer.from(p, 'base64url').toString()));
    if (!isObject(header) || !isObject(claims)) return null;
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
    return { header, claims, signed, signature: Buffer.from(parts[2]!, 'base64url') };
  } catch {
    return null;
  }
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);

/** Why an assertion of a client is not good; or its claims. `audiences`: what it may be for. */
export function judgeAssertion(
  parts: Parts,
  client: { id: string; keys: readonly JsonWebKeyLike[] },
  audiences: readonly string[],
  now: Date,
): Claims | string {
  const { header, claims, signed, signature } = parts;
  const check = algorithms[String(header.alg)];
  if (!Object.hasOwn(algorithms, String(header.alg)) || !check) return 'the algorithm is not supported';
  if (header.crit !== undefined) return 'critical headers are not supported';
  const kid = header.kid;
  const keys = client.keys.filter((k) => kid === undefined || k.kid === undefined || k.kid === kid);
  const good = keys.some((jwk) => {
    try {
      return check(createPublicKey({ key: jwk as never, format: 'jwk' }), signed, signature);
    } catch {
      return false;
    }
  });
  if (!good) return 'the signature does not fit a registered key';
  if (claims.iss !== client.id || claims.sub !== client.id) return 'iss and sub must be the client';
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (audience.length !== 1 || !audiences.includes(String(audience[0]))) return 'aud must be this token endpoint';
  const seconds = now.getTime() / 1000;
  const { exp, nbf, iat, jti } = claims;
  if (typeof exp !== 'number' || exp <= seconds - SKEW) return 'it has expired';
  if (exp > seconds + LONGEST + SKEW) return `exp must be within ${LONGEST} seconds`;
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > seconds + SKEW)) return 'it is not valid yet';
  if (iat !== undefined && (typeof iat !== 'number' || iat > seconds + SKEW)) return 'it was issued in the future';
  if (typeof jti !== 'string' || jti === '' || jti.length > 200) return 'jti is missing';
  return { issuer: client.id, jti, expires: new Date(exp * 1000) };
}
