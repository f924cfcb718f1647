/**
 * How two hubs come to know each other: one makes a code that holds for a week and once; the other's administrator takes it in, whose hub
 * then introduces itself, signed with its own key; the first administrator compares a check code with the other by telephone and agrees.
 * Neither side believes a key that its own administrator has not seen.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { DAY, ownUrl, type PeersContext } from './context.ts';
import * as k from './problems.ts';
import { addressOf, bodyOf, call, networksOf, successOf } from './protocol/call.ts';
import { below, PROTOCOL, signedCall } from './protocol/client.ts';
import { hashOf } from './protocol/gate.ts';
import { checkCode, readPublicKey } from './protocol/identity.ts';
import { kinds, levels, type PeerRow, peerOf, peersWhere } from './store.ts';

/** Days for which an invitation, and the key of a foreign harvester, hold. */
const INVITED_DAYS = 7;
const READER_DAYS = 365;

const name = z.string().trim().min(2).max(80);
/** What an administrator settles of another hub. */
export const settings = z.strictObject({
  name: z.strictObject({ zh: name, en: name }),
  level: z.enum(levels),
  networks: z.array(z.string().max(50)).max(20).default([]),
  harvestIn: z.boolean().default(true),
  harvestOut: z.boolean().default(true),
  requests: z.boolean().default(true),
  everyHours: z.number().int().min(1).max(720).default(24),
  /** One division with all below it (330282), or several of 12 digits. */
  divisions: z
    .array(z.string().regex(/^\d{2,12}$/))
    .max(50)
    .refine((list) => list.length < 2 || list.every((d) => d.length === 12))
    .default([]),
});
export type Settings = z.output<typeof settings>;
export const inviteBody = settings.extend({ url: z.string().max(500) });
export const acceptBody = settings.extend({ code: z.string().trim().min(20).max(6000) });
export const foreignBody = settings.extend({ url: z.string().max(500), kind: z.enum(kinds).exclude(['jingwei']) });

/** What a code holds. */
const codeSchema = z.strictObject({
  v: z.literal(1),
  url: z.string().max(500),
  hub: z.string().regex(/^[0-9a-f]{32}$/),
  key: z.string().max(200),
  name: z.strictObject({ zh: z.string().max(80), en: z.string().max(80) }),
  token: z.string().max(100),
});

const columnsOf = (s: Settings) => sql`${s.name.zh}, ${s.name.en}, ${s.level}, ${JSON.stringify(s.networks)}::jsonb,
  ${s.harvestIn}, ${s.harvestOut}, ${s.requests}, ${s.everyHours}, ${JSON.stringify(s.divisions)}::jsonb`;
const columnNames = sql`name_zh, name_en, level, networks, harvest_in, harvest_out, requests, every_hours, divisions`;

async function audited(
  c: PeersContext,
  p: Principal | null,
  action: string,
  peer: number,
  detail: Record<string, unknown> = {},
) {
  await c.deps.audit.append({ actor: p, action: `peers.${action}`, object: `peer/${peer}`, outcome: 'ok', detail });
}

/** Invites another hub; the code is answered once and kept as a hash only. */
export async function invite(
  c: PeersContext,
  body: z.output<typeof inviteBody>,
  city: { zh: string; en: string },
  p: Principal,
): Promise<{ id: number; code: string; until: Date }> {
  const url = addressOf(body.url);
  networksOf(body.networks);
  const token = randomBytes(24).toString('base64url');
  const at = c.deps.clock.now();
  const until = new Date(at.getTime() + INVITED_DAYS * DAY);
  const made = await sql<{
    id: number;
  }>`INSERT INTO peers.peer (${columnNames}, kind, url, state, invitation, invited_until,
      created_by, created_at)
    VALUES (${columnsOf(body)}, 'jingwei', ${url.href.replace(/\/+$/, '')}, 'invited', ${hashOf(token)}, ${until}, ${p.login}, ${at})
    RETURNING id`.execute(c.deps.db.kysely);
  const { id } = made.rows[0]!;
  await audited(c, p, 'invite', id, { url: url.href });
  await c.names.load(c.deps.db);
  const code = { v: 1, url: ownUrl(c), hub: c.identity.hub, key: c.identity.publicKey, name: city, token };
  return { id, code: Buffer.from(JSON.stringify(code)).toString('base64url'), until };
}

/** What a code says, before it is believed. */
export function readCode(text: string): z.output<typeof codeSchema> {
  try {
    const code = codeSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    const key = readPublicKey(code.key);
    // The identifier is made of the key: a code with another's name is none.
    if (key?.hub === code.hub) return code;
  } catch {
    // Told below.
  }
  throw new Problem(k.badCode, {}, { field: 'code' });
}

const introduced = z.object({ hub: z.string(), root: z.string().max(20_000), email: z.string().max(200) });

/** Takes in the code of another hub and introduces this one to it. Answers the check code to be read out to the other side. */
export async function accept(
  c: PeersContext,
  body: z.output<typeof acceptBody>,
  city: { zh: string; en: string },
  p: Principal,
): Promise<{ id: number; check: string }> {
  const code = readCode(body.code);
  const url = addressOf(code.url);
  networksOf(body.networks);
  if (code.hub === c.identity.hub) throw new Problem(k.self);
  const [before] = await peersWhere(c.deps.db.kysely, sql`hub = ${code.hub}`);
  if (before) throw new Problem(k.known);
  const message = { token: code.token, url: ownUrl(c), key: c.identity.publicKey, name: city, ...(await anchorsOf(c)) };
  const answer = await signedCall(
    c,
    { url: code.url, hub: code.hub, networks: body.networks },
    { method: 'POST', url: below(code.url, `${PROTOCOL}/introduce`), body: Buffer.from(JSON.stringify(message)) },
  );
  const said = introduced.safeParse(jsonOf(await successOf(answer)));
  if (!said.success || said.data.hub !== code.hub) throw new Problem(k.garbled, { reason: 'introduce' });
  const at = c.deps.clock.now();
  const made = await sql<{
    id: number;
  }>`INSERT INTO peers.peer (${columnNames}, kind, url, state, hub, public_key, root,
      publisher_email, created_by, created_at, last_contact, next_harvest)
    VALUES (${columnsOf(body)}, 'jingwei', ${url.href.replace(/\/+$/, '')}, 'active', ${code.hub}, ${code.key},
      ${said.data.root}, ${said.data.email}, ${p.login}, ${at}, ${at}, ${at}) RETURNING id`.execute(c.deps.db.kysely);
  const { id } = made.rows[0]!;
  await audited(c, p, 'accept', id, { url: code.url, hub: code.hub });
  await c.names.load(c.deps.db);
  return { id, check: checkCode(c.identity.hub) };
}

/** Root certificate of our seals and the address of their publisher, by which the other side verifies what we hand over. */
export async function anchorsOf(c: PeersContext): Promise<{ root: string; email: string }> {
  const { root } = await c.deps.seal.anchors();
  return { root, email: c.deps.config.seal.email };
}

export const introduceMessage = z.object({
  token: z.string().max(100),
  url: z.string().max(500),
  key: z.string().max(200),
  name: z.object({ zh: z.string().max(80), en: z.string().max(80) }),
  root: z.string().max(20_000),
  email: z.string().max(200),
});

/** The invited hub introduces itself: its signature was verified with the key that it brings. Used once. */
export async function beIntroduced(
  c: PeersContext,
  m: z.output<typeof introduceMessage>,
): Promise<z.output<typeof introduced>> {
  const key = readPublicKey(m.key);
  const at = c.deps.clock.now();
  if (!key || key.hub === c.identity.hub) throw new Problem(k.badCode);
  const url = addressOf(m.url);
  const [other] = await peersWhere(c.deps.db.kysely, sql`hub = ${key.hub}`);
  if (other) throw new Problem(k.known);
  const taken = await sql<{
    id: number;
  }>`UPDATE peers.peer SET state = 'introduced', hub = ${key.hub}, public_key = ${key.publicKey},
      url = ${url.href.replace(/\/+$/, '')}, root = ${m.root}, publisher_email = ${m.email}, invitation = NULL, last_contact = ${at}
    WHERE invitation = ${hashOf(m.token)} AND invited_until > ${at} AND state = 'invited' RETURNING id`.execute(
    c.deps.db.kysely,
  );
  const id = taken.rows[0]?.id;
  if (id === undefined) throw new Problem(k.codeOver);
  await audited(c, null, 'introduced', id, { hub: key.hub, url: m.url });
  return { hub: c.identity.hub, ...(await anchorsOf(c)) };
}

/** The administrator has compared the check code with the other side: the hub is believed from now on. */
export async function confirm(c: PeersContext, id: number, check: string, p: Principal): Promise<void> {
  const peer = await peerOf(c.deps.db.kysely, id);
  if (peer.state !== 'introduced') throw new Problem(k.wrongState, { state: peer.state, action: '核对 / confirm' });
  if (check.trim().toLowerCase() !== checkCode(peer.hub!)) {
    await c.deps.audit.append({ actor: p, action: 'peers.confirm', object: `peer/${id}`, outcome: 'refused' });
    throw new Problem(k.checkWrong, {}, { field: 'check' });
  }
  await c.deps.db.query(
    `UPDATE peers.peer SET state = 'active', next_harvest = $2 WHERE id = $1 AND state = 'introduced'`,
    [id, c.deps.clock.now()],
  );
  await audited(c, p, 'confirm', id, { hub: peer.hub });
}

/** Adds a foreign catalogue that is no hub of this kind: read only. */
export async function addForeign(
  c: PeersContext,
  body: z.output<typeof foreignBody>,
  p: Principal,
): Promise<{ id: number }> {
  const url = addressOf(body.url);
  networksOf(body.networks);
  const at = c.deps.clock.now();
  const made = await sql<{
    id: number;
  }>`INSERT INTO peers.peer (${columnNames}, kind, url, state, created_by, created_at, next_harvest)
    VALUES (${columnsOf({ ...body, requests: false })}, ${body.kind}, ${url.href.replace(/\/+$/, '')}, 'active', ${p.login}, ${at}, ${at})
    RETURNING id`.execute(c.deps.db.kysely);
  await audited(c, p, 'add', made.rows[0]!.id, { url: url.href, kind: body.kind });
  await c.names.load(c.deps.db);
  return made.rows[0]!;
}

/** Changes what is settled of a hub. */
export async function settle(c: PeersContext, id: number, body: Settings, p: Principal): Promise<void> {
  const peer = await peerOf(c.deps.db.kysely, id);
  networksOf(body.networks);
  await sql`UPDATE peers.peer SET (${columnNames}) = (SELECT ${columnsOf({ ...body, requests: body.requests && peer.kind === 'jingwei' })})
    WHERE id = ${id}`.execute(c.deps.db.kysely);
  await audited(c, p, 'settle', id);
  await c.names.load(c.deps.db);
}

/** Suspends a hub at once, or lets it in again; an invitation that nobody agreed to yet is taken back whole. */
export async function suspend(c: PeersContext, id: number, yes: boolean, p: Principal): Promise<void> {
  const peer = await peerOf(c.deps.db.kysely, id);
  if (yes && (peer.state === 'invited' || peer.state === 'introduced')) {
    await c.deps.db.query(`DELETE FROM peers.peer WHERE id = $1 AND state IN ('invited', 'introduced')`, [id]);
    return audited(c, p, 'withdraw', id, { hub: peer.hub });
  }
  if (peer.state !== (yes ? 'active' : 'suspended'))
    throw new Problem(k.wrongState, { state: peer.state, action: yes ? '暂停 / suspend' : '恢复 / resume' });
  await c.deps.db.query('UPDATE peers.peer SET state = $2 WHERE id = $1', [id, yes ? 'suspended' : 'active']);
  await audited(c, p, yes ? 'suspend' : 'resume', id);
}

/** Gives a foreign harvester a key of its own for our catalogue; shown once, the one before ends. */
export async function giveReaderKey(c: PeersContext, id: number, p: Principal): Promise<{ key: string; until: Date }> {
  await peerOf(c.deps.db.kysely, id);
  const key = `jwp_${randomBytes(24).toString('base64url')}`;
  const until = new Date(c.deps.clock.now().getTime() + READER_DAYS * DAY);
  await c.deps.db.query('UPDATE peers.peer SET reader_key = $2, reader_until = $3 WHERE id = $1', [
    id,
    hashOf(key),
    until,
  ]);
  await audited(c, p, 'reader-key', id, { until: until.toISOString() });
  return { key, until };
}

/** Looks whether the other side can be reached and knows us. */
export async function ping(c: PeersContext, peer: PeerRow): Promise<void> {
  if (peer.kind !== 'jingwei' || !peer.hub) {
    const answer = await call({ method: 'GET', url: new URL(peer.url), networks: peer.networks });
    await bodyOf(answer);
    return;
  }
  const url = below(peer.url, `${PROTOCOL}/hello`);
  await successOf(await signedCall(c, { ...peer, hub: peer.hub }, { method: 'GET', url }));
}

export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new Problem(k.garbled, { reason: 'JSON' });
  }
}
