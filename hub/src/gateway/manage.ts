/** What people do with clients and services: each act in one transaction with its audit entry, by the data officer of the organisation. */
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { networkOf } from './clients/networks.ts';
import { hashOf, newClientId, newSecret } from './clients/secrets.ts';
import { type ClientRow, clientRow, secretRows } from './clients/store.ts';
import type { Gateway } from './gateway.ts';
import { readKeys } from './oauth/assertion.ts';
import { readScope } from './oauth/scope.ts';
import * as k from './problems.ts';
import { DEFAULTS, type Service } from './services.ts';

const text = (most: number) => z.string().trim().min(2).max(most);
const limit = z.number().int().min(1).max(10_000).nullable();
const shared = {
  name: text(80),
  purpose: text(300),
  scope: z.array(z.string().max(4000)).max(50).default([]),
  networks: z.array(z.string().max(60)).max(50).default([]),
  perSecond: limit.default(null),
  concurrent: limit.default(null),
  expiresAt: z.iso.datetime().nullable().default(null),
};
export const clientBody = z.strictObject({
  ...shared,
  sandbox: z.boolean(),
  method: z.enum(['secret', 'jwt']),
  keys: z.array(z.record(z.string(), z.unknown())).max(4).default([]),
});
export const clientChange = z.strictObject({
  ...shared,
  keys: z.array(z.record(z.string(), z.unknown())).max(4).optional(),
  version: z.number().int(),
});
export const stateBody = z.strictObject({ state: z.enum(['active', 'disabled', 'ended']), reason: text(300) });
export const secretBody = z.strictObject({ expiresAt: z.iso.datetime().nullable().default(null) });
export const settingsBody = z.strictObject({
  perSecond: z.number().int().min(1).max(10_000),
  burst: z.number().int().min(1).max(20_000),
  perDay: z.number().int().min(1).max(2_000_000_000).nullable(),
  perMonth: z.number().int().min(1).max(2_000_000_000).nullable(),
  concurrent: z.number().int().min(1).max(1000),
  cache: z.boolean(),
  version: z.number().int(),
});

/** Who may manage clients of an organisation: its own data officer. */
const officerOf = (p: Principal): string => {
  if (!p.organisation) throw new Problem(k.notYours);
  return p.organisation;
};

const networks = (given: readonly string[]): string[] => [...new Set(given.map(networkOf))];
const future = (gateway: Gateway, given: string | null): Date | null => {
  if (given === null) return null;
  const at = new Date(given);
  if (at <= gateway.clock.now()) throw new Problem(k.expiryPast, {}, { field: 'expiresAt' });
  return at;
};

/** Scopes of a client: grants of its own organisation, items of theirs. */
function scopes(gateway: Gateway, organisation: string, given: readonly string[]): string[] {
  for (const one of given) {
    const scope = readScope(one);
    const good =
      scope &&
      [...scope].every(([grant, fields]) => {
        const service = gateway.services.get(grant);
        if (service?.share.requester !== organisation) return false;
        return fields === null || [...fields].every((f) => service.items.some((i) => i.name === f));
      });
    if (!good) throw new Problem(k.badScope, { text: one.slice(0, 80) }, { field: 'scope' });
  }
  return [...given];
}

const audit = (gateway: Gateway, trx: Kysely<AnyTables>, p: Principal, act: string, id: string, detail = {}) =>
  gateway.deps.audit.append(
    { actor: p, action: `gateway.${act}`, object: `gateway-client/${id}`, outcome: 'ok', detail },
    trx,
  );

/** Makes a client; its secret is in the answer and nowhere else. */
export async function makeClient(
  gateway: Gateway,
  body: z.output<typeof clientBody>,
  p: Principal,
): Promise<{ id: string; secret: string | null }> {
  const organisation = officerOf(p);
  const id = newClientId();
  const secret = body.method === 'secret' ? newSecret() : null;
  const now = gateway.clock.now();
  const keys = body.method === 'jwt' ? readKeys(body.keys) : [];
  const row = { scope: scopes(gateway, organisation, body.scope), networks: networks(body.networks) };
  const expires = future(gateway, body.expiresAt);
  await gateway.deps.db.tx(async (trx) => {
    await sql`INSERT INTO gateway.client (id, organisation, name, purpose, sandbox, method, keys, scope, networks, per_second,
        concurrent, expires_at, created_by, created_at)
      VALUES (${id}, ${organisation}, ${body.name}, ${body.purpose}, ${body.sandbox}, ${body.method},
        ${JSON.stringify(keys)}::jsonb, ${JSON.stringify(row.scope)}::jsonb, ${JSON.stringify(row.networks)}::jsonb,
        ${body.perSecond}, ${body.concurrent}, ${expires}, ${p.login}, ${now})`.execute(trx);
    if (secret) await keepSecret(trx, id, secret, p, now, null);
    const { name, sandbox, method } = body;
    await audit(gateway, trx, p, 'client.make', id, { name, sandbox, method, ...row, expiresAt: body.expiresAt });
  });
  await gateway.book.reload(id);
  return { id, secret };
}

const keepSecret = (
  trx: Kysely<AnyTables>,
  id: string,
  secret: string,
  p: Principal,
  now: Date,
  expires: Date | null,
) =>
  sql`INSERT INTO gateway.secret (client, hash, hint, created_by, created_at, expires_at)
    VALUES (${id}, ${hashOf(secret)}, ${secret.slice(-4)}, ${p.login}, ${now}, ${expires})`.execute(trx);

/** The client of the officer's own organisation, held until the transaction ends; a Problem where it is not theirs or has ended. */
async function own(trx: Kysely<AnyTables>, id: string, p: Principal): Promise<ClientRow> {
  const organisation = officerOf(p);
  await sql`SELECT id FROM gateway.client WHERE id = ${id} AND organisation = ${organisation} FOR UPDATE`.execute(trx);
  const row = await clientRow(trx, id, organisation);
  if (row.state === 'ended') throw new Problem(k.clientEnded);
  return row;
}

/** Changes what a client may. */
export async function changeClient(
  gateway: Gateway,
  id: string,
  body: z.output<typeof clientChange>,
  p: Principal,
): Promise<void> {
  await gateway.deps.db.tx(async (trx) => {
    const row = await own(trx, id, p);
    if (row.version !== body.version) throw new Problem(k.changed);
    const keys = row.method === 'jwt' && body.keys !== undefined ? readKeys(body.keys) : row.keys;
    const scope = scopes(gateway, row.organisation, body.scope);
    const same = row.expires_at?.toISOString() === (body.expiresAt && new Date(body.expiresAt).toISOString());
    const expires = same ? row.expires_at : future(gateway, body.expiresAt);
    const list = networks(body.networks);
    await sql`UPDATE gateway.client SET name = ${body.name}, purpose = ${body.purpose}, scope = ${JSON.stringify(scope)}::jsonb,
        networks = ${JSON.stringify(list)}::jsonb, keys = ${JSON.stringify(keys)}::jsonb, per_second = ${body.perSecond},
        concurrent = ${body.concurrent}, expires_at = ${expires}, version = version + 1 WHERE id = ${id}`.execute(trx);
    // What it may has changed: tokens of before say more, or less.
    await gateway.book.revokeAll(id, trx);
    await audit(gateway, trx, p, 'client.change', id, {
      name: body.name,
      scope,
      networks: list,
      expiresAt: body.expiresAt,
    });
  });
  gateway.book.forget(id);
  await gateway.book.reload(id);
  gateway.cutClient(id);
}

/** Disables, enables or ends a client; its tokens end at once where it is not active. An officer ends their own; the authority may, too. */
export async function setState(
  gateway: Gateway,
  id: string,
  body: z.output<typeof stateBody>,
  p: Principal,
): Promise<void> {
  await gateway.deps.db.tx(async (trx) => {
    // Who oversees may stop a client, never start one.
    const authority = p.organisation === null && p.permissions.has('gateway.manage') && body.state !== 'active';
    const row = authority ? await clientRow(trx, id, null) : await own(trx, id, p);
    if (row.state === 'ended') throw new Problem(k.clientEnded);
    const ended = body.state === 'ended' ? gateway.clock.now() : null;
    await sql`UPDATE gateway.client SET state = ${body.state}, ended_at = ${ended}, version = version + 1 WHERE id = ${id}`.execute(
      trx,
    );
    if (ended)
      await sql`UPDATE gateway.secret SET ended_at = ${ended} WHERE client = ${id} AND ended_at IS NULL`.execute(trx);
    if (body.state !== 'active') await gateway.book.revokeAll(id, trx);
    await audit(gateway, trx, p, `client.${body.state}`, id, { reason: body.reason });
  });
  if (body.state !== 'active') gateway.book.forget(id);
  await gateway.book.reload(id);
  if (body.state !== 'active') gateway.cutClient(id);
}

/** A second secret, so that the first can be taken out of use without an interruption. */
export async function addSecret(
  gateway: Gateway,
  id: string,
  body: z.output<typeof secretBody>,
  p: Principal,
): Promise<{ secret: string }> {
  const secret = newSecret();
  const now = gateway.clock.now();
  const expires = future(gateway, body.expiresAt);
  await gateway.deps.db.tx(async (trx) => {
    const row = await own(trx, id, p);
    if (row.method !== 'secret') throw new Problem(k.noSecrets);
    const live = (await secretRows(trx, [id])).filter((s) => !s.expires_at || s.expires_at > now);
    if (live.length >= 2) throw new Problem(k.twoSecrets);
    await keepSecret(trx, id, secret, p, now, expires);
    await audit(gateway, trx, p, 'secret.make', id, { hint: secret.slice(-4) });
  });
  await gateway.book.reload(id);
  return { secret };
}

/** Ends a secret. Tokens that were taken with it end with it: nobody knows which those were. */
export async function endSecret(gateway: Gateway, id: string, number: number, p: Principal): Promise<void> {
  await gateway.deps.db.tx(async (trx) => {
    await own(trx, id, p);
    const ended = await sql<{ hint: string }>`UPDATE gateway.secret SET ended_at = ${gateway.clock.now()}
      WHERE id = ${number} AND client = ${id} AND ended_at IS NULL RETURNING hint`.execute(trx);
    if (!ended.rows[0]) throw new Problem(k.unknownSecret);
    await gateway.book.revokeAll(id, trx);
    await audit(gateway, trx, p, 'secret.end', id, { hint: ended.rows[0].hint });
  });
  gateway.book.forget(id);
  await gateway.book.reload(id);
}

/** Whether somebody sets what a service may: the provider's data officer, or the authority. */
export const maySet = (service: Service, p: Principal): boolean =>
  (p.permissions.has('gateway.use') && p.organisation === service.share.provider) ||
  (p.permissions.has('gateway.manage') && p.organisation === null);

/** Sets quota, rate and cache of a service. */
export async function setService(
  gateway: Gateway,
  service: Service,
  body: z.output<typeof settingsBody>,
  p: Principal,
): Promise<void> {
  if (!maySet(service, p)) throw new Problem(k.notYours);
  const { id } = service.share;
  await gateway.deps.db.tx(async (trx) => {
    const found = await sql<{
      version: number;
    }>`SELECT version FROM gateway.service WHERE share = ${id} FOR UPDATE`.execute(trx);
    if ((found.rows[0]?.version ?? DEFAULTS.version) !== body.version) throw new Problem(k.changed);
    const set = sql`${body.perSecond}, ${body.burst}, ${body.perDay}, ${body.perMonth}, ${body.concurrent}, ${body.cache}`;
    await sql`INSERT INTO gateway.service (share, per_second, burst, per_day, per_month, concurrent, cache, updated_by, updated_at)
      VALUES (${id}, ${set}, ${p.login}, ${gateway.clock.now()}) ON CONFLICT (share) DO UPDATE SET
        (per_second, burst, per_day, per_month, concurrent, cache, updated_by, updated_at) =
        (excluded.per_second, excluded.burst, excluded.per_day, excluded.per_month, excluded.concurrent, excluded.cache,
         excluded.updated_by, excluded.updated_at), version = gateway.service.version + 1`.execute(trx);
    const { version: _, ...detail } = body;
    await gateway.deps.audit.append(
      { actor: p, action: 'gateway.service.set', object: `gateway-service/${id}`, outcome: 'ok', detail },
      trx,
    );
  });
  await gateway.services.reload(id);
}
