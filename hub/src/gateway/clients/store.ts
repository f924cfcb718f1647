/** Clients as they are kept: of an organisation, made and ended by its data officer; nothing forgets one that has ended. */
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { unknownClient } from '../problems.ts';

/** A client (调用方应用). */
export interface ClientRow {
  id: string;
  organisation: string;
  name: string;
  purpose: string;
  sandbox: boolean;
  state: 'active' | 'disabled' | 'ended';
  method: 'secret' | 'jwt';
  keys: JsonWebKeyLike[];
  scope: string[];
  networks: string[];
  per_second: number | null;
  concurrent: number | null;
  expires_at: Date | null;
  version: number;
  created_by: string;
  created_at: Date;
  ended_at: Date | null;
}

/** A public key as RFC 7517 writes it; only public parts are ever kept. */
export interface JsonWebKeyLike {
  kty: string;
  kid?: string;
  crv?: string;
  x?: string;
  y?: string;
  n?: string;
  e?: string;
}

/** A secret without itself. */
export interface SecretRow {
  id: number;
  client: string;
  hash: Uint8Array;
  hint: string;
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  ended_at: Date | null;
}

const columns = sql`id, organisation, name, purpose, sandbox, state, method, keys, scope, networks, per_second, concurrent,
  expires_at, version, created_by, created_at, ended_at`;

/** Every client, or those of an organisation; newest first. */
export async function clientRows(db: Kysely<AnyTables>, organisation: string | null = null): Promise<ClientRow[]> {
  const where = organisation === null ? sql`true` : sql`organisation = ${organisation}`;
  const found = await sql<ClientRow>`SELECT ${columns} FROM gateway.client WHERE ${where}
    ORDER BY (state = 'ended'), created_at DESC, id`.execute(db);
  return found.rows;
}

/** One client; a Problem where there is none, or none of the organisation. */
export async function clientRow(db: Kysely<AnyTables>, id: string, organisation: string | null): Promise<ClientRow> {
  const where = organisation === null ? sql`true` : sql`organisation = ${organisation}`;
  const found = await sql<ClientRow>`SELECT ${columns} FROM gateway.client WHERE id = ${id} AND ${where}`.execute(db);
  if (!found.rows[0]) throw new Problem(unknownClient);
  return found.rows[0];
}

/** Secrets of clients that were not ended, also those whose time is over. */
export async function secretRows(db: Kysely<AnyTables>, clients: readonly string[]): Promise<SecretRow[]> {
  if (!clients.length) return [];
  const found = await sql<SecretRow>`SELECT id, client, hash, hint, created_by, created_at, expires_at, ended_at
    FROM gateway.secret WHERE ended_at IS NULL AND client = ANY(${[...clients]}::text[]) ORDER BY id`.execute(db);
  return found.rows;
}

/** Why a client cannot be used now; null when it can. */
export function unusable(client: ClientRow, now: Date): 'ended' | 'disabled' | 'expired' | null {
  if (client.state !== 'active') return client.state;
  return client.expires_at && client.expires_at <= now ? 'expired' : null;
}
