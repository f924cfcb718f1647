/**
 * HTTP Message Signatures (RFC 9421) with Ed25519 over method, path, query, content digest (RFC 9530) and the hub that the call is for;
 * with the time it was made and a nonce, so that it holds for a few minutes and once.
 */
import { createHash, type KeyObject, randomBytes, sign, timingSafeEqual, verify } from 'node:crypto';
import { Problem } from '../../platform/problem.ts';
import { badSignature, notForUs, skew, unsigned } from '../problems.ts';
import type { Identity } from './identity.ts';

/** Seconds by which clocks may differ. */
export const SKEW = 300;
/** What every signature covers, in this order. */
const COVERED = ['@method', '@path', '@query', 'content-digest', 'jingwei-to'] as const;
const LABEL = 'jw';

/** A call as it is signed. */
export interface Signed {
  method: string;
  /** Path and query as they stand in the request line. */
  target: string;
  body: Uint8Array;
}

export const digestOf = (body: Uint8Array): string => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

function split(target: string): { path: string; query: string } {
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: '?' } : { path: target.slice(0, at), query: target.slice(at) };
}

function baseOf({ method, target }: Signed, digest: string, to: string, parameters: string): Buffer {
  const { path, query } = split(target);
  const values = [method.toUpperCase(), path, query, digest, to];
  const lines = COVERED.map((name, i) => `"${name}": ${values[i]}`);
  return Buffer.from([...lines, `"@signature-params": ${parameters}`].join('\n'));
}

/** Headers of a signed call to the hub `to`. */
export function signedHeaders(own: Identity, call: Signed, to: string, now: Date): Record<string, string> {
  const digest = digestOf(call.body);
  const created = Math.floor(now.getTime() / 1000);
  const nonce = randomBytes(16).toString('base64url');
  const covered = COVERED.map((c) => `"${c}"`).join(' ');
  const parameters = `(${covered});created=${created};nonce="${nonce}";keyid="${own.hub}";alg="ed25519"`;
  const value = sign(null, baseOf(call, digest, to, parameters), own.privateKey).toString('base64');
  return {
    'content-digest': digest,
    'jingwei-to': to,
    'signature-input': `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${value}:`,
  };
}

/** What a signature says of itself, before it is verified. */
export interface Claim {
  hub: string;
  nonce: string;
  created: number;
  parameters: string;
  value: Buffer;
  digest: string;
  to: string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;
const one = (headers: Headers, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' && value.length <= 1000 ? value : '';
};

/** Reads the signature of a call; null where there is none at all. Problems: `peers.unsigned`. */
export function readClaim(headers: Headers): Claim | null {
  const input = one(headers, 'signature-input');
  const signature = one(headers, 'signature');
  if (!headers['signature-input'] && !headers.signature) return null;
  const wrong = (reason: string) => new Problem(unsigned, { reason });
  const covered = COVERED.map((c) => `"${c}"`).join(' ');
  const match =
    /^jw=(\(([^)]*)\);created=(\d{1,12});nonce="([\w-]{16,64})";keyid="([0-9a-f]{32})";alg="ed25519")$/.exec(input);
  if (!match) throw wrong('Signature-Input');
  if (match[2] !== covered) throw wrong(`covered components must be ${covered}`);
  const value = /^jw=:([A-Za-z0-9+/]{86}==):$/.exec(signature)?.[1];
  // One signature has one writing: the last character's spare bits are none (RFC 4648, 3.5).
  if (!value || Buffer.from(value, 'base64').toString('base64') !== value) throw wrong('Signature');
  const digest = one(headers, 'content-digest');
  const to = one(headers, 'jingwei-to');
  if (!digest || !to) throw wrong('Content-Digest, Jingwei-To');
  return {
    ...{ parameters: match[1]!, created: Number(match[3]), nonce: match[4]!, hub: match[5]! },
    ...{ value: Buffer.from(value, 'base64'), digest, to },
  };
}

/** Verifies a claim with its signer's key: signature, body, recipient, time. Whether the nonce is new is the caller's to know. */
export function verifyClaim(claim: Claim, call: Signed, key: KeyObject, own: string, now: Date): void {
  if (!verify(null, baseOf(call, claim.digest, claim.to, claim.parameters), key, claim.value))
    throw new Problem(badSignature);
  const [given, wanted] = [Buffer.from(claim.digest), Buffer.from(digestOf(call.body))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Problem(badSignature);
  if (claim.to !== own) throw new Problem(notForUs);
  const apart = Math.round(now.getTime() / 1000) - claim.created;
  if (Math.abs(apart) > SKEW) throw new Problem(skew, { seconds: apart, now: now.toISOString() });
}
