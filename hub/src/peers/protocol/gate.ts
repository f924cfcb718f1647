/** Who calls: a hub by its signature, a foreign harvester by its key. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type { Audience } from '../../catalogue/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { PeersContext } from '../context.ts';
import { notActive, replay, stranger, unsigned } from '../problems.ts';
import { contacted, type PeerRow, peersWhere } from '../store.ts';
import { type HubKey, readPublicKey } from './identity.ts';
import { readClaim, SKEW, verifyClaim } from './signature.ts';

/** Keys and tokens are kept as this. */
export const hashOf = (secret: string): string => createHash('sha256').update(`jingwei-peers:${secret}`).digest('hex');

/** The whole body of a raw request, which the route has bounded. */
export async function rawBody(request: FastifyRequest): Promise<Buffer> {
  if (request.method === 'GET' || request.method === 'HEAD') return Buffer.alloc(0);
  const parts: Buffer[] = [];
  for await (const part of (request.body ?? []) as Readable) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts);
}

/** Verifies a signed call of a key, and that it is made for the first time. */
export async function verifyCall(
  c: PeersContext,
  request: FastifyRequest,
  body: Uint8Array,
  key: HubKey,
): Promise<void> {
  const claim = readClaim(request.headers);
  if (!claim) throw new Problem(unsigned, { reason: 'Signature' });
  if (claim.hub !== key.hub) throw new Problem(stranger, { hub: claim.hub });
  const now = c.deps.clock.now();
  verifyClaim(claim, { method: request.method, target: request.raw.url ?? '', body }, key.key, c.identity.hub, now);
  // Kept for as long as a call holds at either end of the clocks' difference; on disk before anything is done.
  const kept = await sql`INSERT INTO peers.nonce (hub, nonce, at) VALUES (${claim.hub}, ${claim.nonce}, ${now})
    ON CONFLICT DO NOTHING`.execute(c.deps.db.kysely);
  if (Number(kept.numAffectedRows) !== 1) throw new Problem(replay);
}

/** Forgets nonces of calls that hold no more. */
export const forgetNonces = (c: PeersContext): Promise<unknown> =>
  c.deps.db.query('DELETE FROM peers.nonce WHERE at < $1', [
    new Date(c.deps.clock.now().getTime() - 2 * SKEW * 1000 - 60_000),
  ]);

/** The active hub that signed a call. Problems `peers.unsigned`, `.stranger`, `.signature`, `.clock`, `.replay`, `.not-active`. */
export async function callerOf(c: PeersContext, request: FastifyRequest, body: Uint8Array): Promise<PeerRow> {
  const claim = readClaim(request.headers);
  if (!claim) throw new Problem(unsigned, { reason: 'Signature' });
  const [peer] = await peersWhere(c.deps.db.kysely, sql`hub = ${claim.hub}`);
  const key = peer?.public_key ? readPublicKey(peer.public_key) : undefined;
  if (!peer || !key) throw new Problem(stranger, { hub: claim.hub });
  await verifyCall(c, request, body, key);
  if (peer.state !== 'active') throw new Problem(notActive);
  await contacted(c.deps.db, peer.id, c.deps.clock.now());
  return peer;
}

/** For whom the catalogue is told when the call has no session: a hub or a harvester that may read it, else nobody special. */
export async function readerOf(c: PeersContext, request: FastifyRequest): Promise<Audience | null> {
  if (request.headers['signature-input']) {
    const peer = await callerOf(c, request, Buffer.alloc(0));
    return peer.harvest_out ? 'government' : null;
  }
  const given = request.headers.authorization ?? request.headers['x-ckan-api-key'];
  if (typeof given !== 'string' || given.length > 200) return null;
  const key = given.replace(/^Bearer\s+/i, '');
  if (!key.startsWith('jwp_')) return null;
  const now = c.deps.clock.now();
  const [peer] = await peersWhere(c.deps.db.kysely, sql`reader_key = ${hashOf(key)}`);
  // A key that is over or taken back is no reason to show less without a word.
  if (!peer?.reader_until || peer.reader_until <= now || peer.state === 'suspended' || !peer.harvest_out)
    throw new Problem(stranger, { hub: 'jwp_…' });
  return 'government';
}
