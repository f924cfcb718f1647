/** What the parts of auth share: their surroundings, the rows of the store, and how a principal is made of them. */
import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import type { AnyTables, Db } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { AuditPort } from '../room.ts';
import type { LentRole } from './lent.ts';
import { type Principal, permissionsOf, type Role, roles } from './principal.ts';

/** What auth needs of the hub. */
export interface AuthContext {
  db: Db;
  clock: Clock;
  audit: AuditPort;
  config: Config['auth'];
  /** Whether the hub runs in demo mode: elsewhere the demo accounts are shut. */
  demo: boolean;
  /** Whether what the hub shows is synthetic, also when it runs without demo mode now: told to everybody. */
  synthetic?: boolean;
  /** The name of the city that the hub serves; told to everybody. */
  city?: Bilingual | undefined;
  /** Base URL by which browsers reach the hub, when it is configured. */
  publicUrl?: string | undefined;
  /** Key under which TOTP secrets are sealed (32 bytes, from the key folder). */
  secretKey: Uint8Array;
  /** log2 of scrypt's cost; tests lower it. */
  scryptCost?: number;
}

/** A statement's surroundings: the store itself or a transaction. */
export type Executor = Kysely<AnyTables>;

/** A row of auth.account. */
export interface AccountRow {
  id: string;
  login: string;
  name: string;
  organisation: string | null;
  password_hash: string;
  password_set_at: Date;
  must_change: boolean;
  disabled: boolean;
  built_in: boolean;
  demo: boolean;
  totp_salt: Uint8Array | null;
  totp_secret: Uint8Array | null;
  totp_confirmed: boolean;
  totp_step: number;
  oidc_subject: string | null;
  created_at: Date;
  last_sign_in: Date | null;
}

/** A row of auth.role_grant. */
export interface GrantRow {
  account: string;
  role: Role;
  organisation: string | null;
  granted_at: Date;
  granted_by: string | null;
}

/** One account by its login or id, locked against changes when asked. */
export async function findAccount(
  by: { login: string } | { id: string },
  db: Executor,
  lock = false,
): Promise<AccountRow | undefined> {
  const condition = 'login' in by ? sql`login = ${by.login}` : sql`id = ${by.id}`;
  const found = await sql<AccountRow>`
    SELECT * FROM auth.account WHERE ${condition} ${lock ? sql`FOR UPDATE` : sql``}`.execute(db);
  return found.rows[0];
}

/** The roles granted to accounts. */
export async function grantsOf(accounts: readonly string[], db: Executor): Promise<GrantRow[]> {
  if (accounts.length === 0) return [];
  const found = await sql<GrantRow>`
    SELECT * FROM auth.role_grant WHERE account = ANY(${[...accounts]}::uuid[]) ORDER BY role`.execute(db);
  return found.rows;
}

/** Whether a grant counts: one bound to an organisation only while the account belongs to it. */
export function effective(grant: GrantRow, account: Pick<AccountRow, 'organisation'>): boolean {
  return roles.includes(grant.role) && (grant.organisation === null || grant.organisation === account.organisation);
}

/**
 * The principal of an account in a session: with the roles that colleagues lent to it, and of the former organisation that
 * the session stands for, which the account's own one has taken over.
 */
export function principalOf(
  account: AccountRow,
  grants: readonly GrantRow[],
  session: { id: string; purpose: string | null; standsFor?: string | null },
  lent: readonly LentRole[] = [],
): Principal {
  const own = grants.filter((grant) => effective(grant, account)).map((grant) => grant.role);
  const acting = lent.map(({ role, owner }) => ({ role, for: owner })).filter(({ role }) => !own.includes(role));
  const held = [...own, ...new Set(acting.map(({ role }) => role))];
  return {
    userId: account.id,
    login: account.login,
    name: account.name,
    organisation: session.standsFor ?? account.organisation,
    roles: held,
    permissions: permissionsOf(held),
    sessionId: session.id,
    purpose: session.purpose,
    ...(acting.length ? { acting } : {}),
    ...(session.standsFor ? { ownOrganisation: account.organisation! } : {}),
  };
}

/** A secret of 256 bits for cookies and states. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret that is given back whole: it has too many bits to be guessed, so one hash is enough. */
export function tokenHash(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}
