/** Subscriptions, cursors and secrets as they are kept in the operational store. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import { KeyRing } from '../platform/vault/index.ts';
import { Sealer } from '../platform/vault/sealer.ts';
import type { ChangeKind } from './log/events.ts';

/** Where to, without what is secret. */
export type Target =
  | { url: string; ca: string | null }
  | { url: string; version: 4 | 5; topic: string; user: string | null; ca: string | null }
  | Record<string, never>;

/** A subscription. */
export interface SubscriptionRow {
  id: number;
  share: number;
  organisation: string;
  provider: string;
  entry: string;
  source: string;
  title: string;
  kind: 'webhook' | 'mqtt' | 'pull';
  target: Target;
  items: string[] | null;
  changes: ChangeKind[];
  batch: number;
  partitions: number;
  state: 'active' | 'paused' | 'ended';
  reason: string | null;
  reason_at: Date | null;
  version: number;
  created_by: string;
  created_at: Date;
  changed_at: Date;
}

/** How far a partition is. */
export interface CursorRow {
  subscription: number;
  partition: number;
  generation: number;
  phase: 'live' | 'gap' | 'start' | 'snapshot' | 'end';
  seq: number;
  previous: number | null;
  after: string | null;
  pending: number | null;
  failures: number;
  failing_since: Date | null;
  told_at: Date | null;
  next_at: Date | null;
  problem: string | null;
  status: number | null;
  last_success: Date | null;
  last_attempt: Date | null;
  /** Of subscriptions that are fetched: what was handed out last, the place behind it, what was confirmed last. */
  issued: string | null;
  issued_to: Pick<CursorRow, 'phase' | 'seq' | 'previous' | 'after'> | null;
  confirmed: string | null;
}

/** One subscription; undefined where there is none. */
export async function subscriptionOf(db: Kysely<AnyTables>, id: number): Promise<SubscriptionRow | undefined> {
  return (await sql<SubscriptionRow>`SELECT * FROM subscriptions.subscription WHERE id = ${id}`.execute(db)).rows[0];
}

/** Whether a grant was ever subscribed to. */
export async function subscribed(db: Kysely<AnyTables>, share: number): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM subscriptions.subscription WHERE share = ${share} LIMIT 1`.execute(db);
  return rows.length > 0;
}

/** The cursors of a subscription, by partition. */
export async function cursorsOf(db: Kysely<AnyTables>, id: number): Promise<CursorRow[]> {
  return (
    await sql<CursorRow>`SELECT * FROM subscriptions.cursor WHERE subscription = ${id} ORDER BY partition`.execute(db)
  ).rows;
}

/** A secret, never its value. */
export interface SecretRow {
  id: number;
  kind: 'signing' | 'password' | 'token';
  hint: string;
  created_at: Date;
  expires_at: Date | null;
}

/** Secrets sealed under a key that is derived from the hub's own; in the store there is ciphertext only. */
export class Secrets {
  readonly #sealer: Sealer;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#sealer = new Sealer(key);
  }

  /** With the key of the hub's folder of keys. */
  static of(folder: string): Secrets {
    const token = KeyRing.open(folder).token;
    if (!token) throw new Error('the vault has made no key yet');
    return new Secrets(createHmac('sha256', token).update('jingwei subscription secrets').digest());
  }

  /** Keeps a value. */
  async keep(
    trx: Kysely<AnyTables>,
    subscription: number,
    kind: SecretRow['kind'],
    value: string,
    at: Date,
  ): Promise<void> {
    // A token is only ever compared: its hash is enough. The others must be opened again to be used.
    const hashed = kind === 'token';
    const token = hashed ? hashOf(value) : randomBytes(16).toString('hex');
    const sealed = hashed ? { salts: '', ciphertexts: '' } : this.#sealer.seal([token], [value]);
    // The last characters tell one secret from another and open nothing.
    const hint = kind === 'password' ? '' : `…${value.slice(-4)}`;
    await sql`INSERT INTO subscriptions.secret (subscription, kind, token, salt, ciphertext, hint, created_at)
      VALUES (${subscription}, ${kind}, ${token}, ${Buffer.from(sealed.salts, 'hex')}, ${Buffer.from(sealed.ciphertexts, 'hex')},
        ${hint}, ${at})`.execute(trx);
  }

  /** Values in force, the newest first. */
  async open(db: Kysely<AnyTables>, subscription: number, kind: 'signing' | 'password', at: Date): Promise<string[]> {
    const { rows } = await sql<{ token: string; salt: Uint8Array; ciphertext: Uint8Array }>`
      SELECT token, salt, ciphertext FROM subscriptions.secret
      WHERE subscription = ${subscription} AND kind = ${kind} AND (expires_at IS NULL OR expires_at > ${at})
      ORDER BY id DESC`.execute(db);
    return rows.length ? this.#sealer.open(rows) : [];
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** A new token of a subscription that is fetched. */
export const newToken = (): string => `jwsub_${randomBytes(32).toString('base64url')}`;

/** Whether a token in force opens a subscription. */
export async function opens(db: Kysely<AnyTables>, id: number, token: string, at: Date): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM subscriptions.secret WHERE subscription = ${id} AND kind = 'token'
    AND token = ${hashOf(token)} AND (expires_at IS NULL OR expires_at > ${at})`.execute(db);
  return rows.length > 0;
}

/** The signing secrets or tokens of a subscription as people see them. */
export async function secretsOf(db: Kysely<AnyTables>, id: number, at: Date): Promise<SecretRow[]> {
  return (
    await sql<SecretRow>`SELECT id, kind, hint, created_at, expires_at FROM subscriptions.secret
      WHERE subscription = ${id} AND kind <> 'password' AND (expires_at IS NULL OR expires_at > ${at}) ORDER BY id DESC`.execute(
      db,
    )
  ).rows;
}
