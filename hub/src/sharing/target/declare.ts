/**
 * A target as its recipient declares it. Everything that is needed to get there is sealed under a key derived from the hub's own; what both
 * sides see of it names the place and nothing that opens it.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { KeyRing } from '../../platform/vault/index.ts';
import { Sealer } from '../../platform/vault/sealer.ts';
import type { SharingPorts } from '../act.ts';
import { matterOf, type ShareRow } from '../matters.ts';
import { notYours } from '../problems.ts';
import { needsRows, noTarget, notBatch } from './problems.ts';

const host = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9.:[\]-]+$/i);
const secret = z.string().min(1).max(500);
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,59}$/);

/** Where to, with its secrets: an interface's question, never an answer. */
export const targetBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('database'),
    engine: z.enum(['postgres', 'mysql']),
    ...{
      host,
      port: z.number().int().min(1).max(65_535),
      database: name,
      user: z.string().min(1).max(100),
      password: secret,
    },
    /** `table`, or `schema.table` of PostgreSQL. */
    table: z.string().regex(/^([A-Za-z_][A-Za-z0-9_]{0,59}\.)?[A-Za-z_][A-Za-z0-9_]{0,50}$/),
    /** Encrypted, and the server's certificate checked. */
    tls: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('s3'),
    endpoint: z.url({ protocol: /^https?$/ }).max(300),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    prefix: z
      .string()
      .regex(/^([A-Za-z0-9_.-]+\/)*[A-Za-z0-9_.-]*$/)
      .max(200)
      .default(''),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .default('us-east-1'),
    accessKey: z.string().min(1).max(200),
    secretKey: secret,
  }),
  z.strictObject({ kind: z.literal('folder') }),
]);
export type Target = z.output<typeof targetBody>;

/** What both sides see of a target. */
export const targetView = z.object({
  kind: z.enum(['database', 's3', 'folder']),
  shown: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  by: z.string(),
  at: z.string(),
});

const shownOf = (t: Target, share: ShareRow): Record<string, string | number | boolean> => {
  if (t.kind === 'database') {
    const { engine, host: at, port, database, table, tls, user } = t;
    return { engine, host: at, port, database, table, tls, user };
  }
  if (t.kind === 's3') return { endpoint: t.endpoint, bucket: t.bucket, prefix: t.prefix, region: t.region };
  return { path: `outbox/${share.requester}/${share.id}` };
};

const sealers = new Map<string, Sealer>();
function sealerOf(keys: string): Sealer {
  let sealer = sealers.get(keys);
  if (!sealer) {
    const key = KeyRing.open(keys).token;
    if (!key) throw new Error('the vault has made no key yet');
    sealer = new Sealer(createHmac('sha256', key).update('jingwei delivery targets').digest());
    sealers.set(keys, sealer);
  }
  return sealer;
}

/** Only the recipient says where its data goes. */
async function ownGrant(ports: SharingPorts, id: number, p: Principal): Promise<ShareRow> {
  const share = await matterOf(ports.db.kysely, 'share', id, p);
  if (p.organisation !== share.requester || !p.permissions.has('sharing.request'))
    throw new Problem(notYours, { action: '设置接收目标' });
  return share;
}

/** Declares where batches of a grant are brought; the place is judged by the hub's networks before it is kept. */
export async function setTarget(ports: SharingPorts, id: number, target: Target, p: Principal): Promise<void> {
  const share = await ownGrant(ports, id, p);
  if (share.mode !== 'batch') throw new Problem(notBatch);
  if (target.kind === 'database' && share.format === 'xlsx') throw new Problem(needsRows);
  if (target.kind === 'database') await ports.networks.resolve(target.host).catch(asked);
  if (target.kind === 's3') await ports.networks.resolve(new URL(target.endpoint).hostname).catch(asked);
  const token = randomBytes(16).toString('hex');
  const sealed = sealerOf(ports.folders.keys).seal([token], [JSON.stringify(target)]);
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    await sql`INSERT INTO sharing.target (share, kind, shown, token, salt, ciphertext, version, login, at)
      VALUES (${id}, ${target.kind}, ${JSON.stringify(shownOf(target, share))}::jsonb, ${token},
        ${Buffer.from(sealed.salts, 'hex')}, ${Buffer.from(sealed.ciphertexts, 'hex')},
        (SELECT greatest(coalesce(max(x.target), 0), coalesce((SELECT t.version FROM sharing.target t WHERE t.share = ${id}), 0)) + 1
         FROM sharing.transmission x WHERE x.share = ${id}), ${p.login}, ${at})
      ON CONFLICT (share) DO UPDATE SET kind = excluded.kind, shown = excluded.shown, token = excluded.token,
        salt = excluded.salt, ciphertext = excluded.ciphertext, login = excluded.login, at = excluded.at,
        version = excluded.version`.execute(trx);
    await forgetOpen(trx, id);
    const detail = { kind: target.kind, ...shownOf(target, share) };
    const object = `sharing-share/${id}`;
    await ports.audit.append({ actor: p, action: 'sharing.target.set', object, outcome: 'ok', detail }, trx);
  });
}

/** A name that nobody knows is told when something is sent; one that leads inside is refused now. */
const asked = (error: unknown): void => {
  if (error instanceof Problem) throw error;
};

/** What was on its way to the former place stays behind: the next delivery is a whole one. */
const forgetOpen = (trx: Kysely<AnyTables>, share: number) =>
  sql`DELETE FROM sharing.transmission WHERE share = ${share} AND state <> 'sent'`.execute(trx);

/** Takes a target away; what is there stays with the recipient. */
export async function dropTarget(ports: SharingPorts, id: number, p: Principal): Promise<void> {
  await ownGrant(ports, id, p);
  await ports.db.tx(async (trx) => {
    const gone = await sql`DELETE FROM sharing.target WHERE share = ${id}`.execute(trx);
    if (Number(gone.numAffectedRows) !== 1) throw new Problem(noTarget);
    await forgetOpen(trx, id);
    const object = `sharing-share/${id}`;
    await ports.audit.append({ actor: p, action: 'sharing.target.drop', object, outcome: 'ok' }, trx);
  });
}

interface Row {
  kind: Target['kind'];
  shown: Record<string, string | number | boolean>;
  token: string;
  salt: Uint8Array;
  ciphertext: Uint8Array;
  version: number;
  login: string;
  at: Date;
}
const rowOf = async (db: Kysely<AnyTables>, share: number): Promise<Row | undefined> =>
  (
    await sql<Row>`SELECT kind, shown, token, salt, ciphertext, version, login, at FROM sharing.target
      WHERE share = ${share}`.execute(db)
  ).rows[0];

/** The target of a grant as people see it; null: there is none. */
export async function targetOf(db: Kysely<AnyTables>, share: number): Promise<z.input<typeof targetView> | null> {
  const row = await rowOf(db, share);
  return row ? { kind: row.kind, shown: row.shown, by: row.login, at: row.at.toISOString() } : null;
}

/** The target with what opens it, for whoever sends; undefined: there is none. */
export async function openTarget(
  ports: Pick<SharingPorts, 'db' | 'folders'>,
  share: number,
): Promise<{ target: Target; version: number } | undefined> {
  const row = await rowOf(ports.db.kysely, share);
  if (!row) return undefined;
  const [text] = sealerOf(ports.folders.keys).open([row]);
  return { target: targetBody.parse(JSON.parse(text!)), version: row.version };
}

/** The kind of a grant's target; undefined: there is none. */
export const targetKind = async (trx: Kysely<AnyTables>, share: number): Promise<Target['kind'] | undefined> =>
  (await rowOf(trx, share))?.kind;

/** Whether a grant's target has nothing yet of what is delivered: then changes are of no use to it. */
export async function targetEmpty(trx: Kysely<AnyTables>, share: number): Promise<boolean> {
  const found = await sql<{ n: number }>`SELECT 1 AS n FROM sharing.target t WHERE t.share = ${share} AND NOT EXISTS (
    SELECT 1 FROM sharing.transmission x WHERE x.share = t.share AND x.target = t.version)`.execute(trx);
  return found.rows.length > 0;
}
