/**
 * Clients, their secrets and the tokens in force, in memory: every call is judged without asking the store. The store is written before
 * anything here says so, and one process owns it, so that what stands here is what holds, after a restart too.
 */
import { createHash } from 'node:crypto';
import type { BlockList } from 'node:net';
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../platform/clock.ts';
import type { AnyTables, Db } from '../../platform/db/index.ts';
import { readScope, type Scope, writeScope } from '../oauth/scope.ts';
import { networkList } from './networks.ts';
import { hashOf, newToken } from './secrets.ts';
import { type ClientRow, clientRows, type SecretRow, secretRows } from './store.ts';

/** Seconds that a token is good for. */
export const TOKEN_SECONDS = 600;

/** A client ready to be asked. */
export interface Client extends ClientRow {
  secrets: SecretRow[];
  list: BlockList;
  /** What it may ask for at most; null: every service of its organisation. */
  most: Scope | null;
}

/** A token in force. */
export interface Token {
  client: string;
  scope: Scope;
  expires: number;
}

const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64');

export class ClientBook {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #clients = new Map<string, Client>();
  readonly #tokens = new Map<string, Token>();

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Reads everything; removes tokens and assertions whose time is over. */
  async load(): Promise<this> {
    const now = this.#clock.now();
    await this.sweep();
    await this.#put(await clientRows(this.#db.kysely));
    const tokens = await sql<{
      hash: Uint8Array;
      client: string;
      scope: string;
      expires_at: Date;
    }>`SELECT hash, client, scope #>> '{}' AS scope, expires_at FROM gateway.token WHERE expires_at > ${now}`.execute(
      this.#db.kysely,
    );
    for (const t of tokens.rows) {
      const scope = readScope(t.scope);
      if (!scope) continue;
      this.#tokens.set(Buffer.from(t.hash).toString('base64'), {
        ...{ client: t.client, scope, expires: t.expires_at.getTime() },
      });
    }
    return this;
  }

  /** Reads one client again after it was changed. */
  async reload(id: string): Promise<void> {
    const rows = await clientRows(this.#db.kysely);
    await this.#put(rows.filter((r) => r.id === id));
    if (this.#clients.get(id)?.state !== 'active') this.forget(id);
  }

  async #put(rows: readonly ClientRow[]): Promise<void> {
    const secrets = await secretRows(
      this.#db.kysely,
      rows.map((r) => r.id),
    );
    for (const row of rows)
      this.#clients.set(row.id, {
        ...row,
        secrets: secrets.filter((s) => s.client === row.id),
        list: networkList(row.networks),
        most: row.scope.length ? readScope(row.scope.join(' ')) : null,
      });
  }

  client(id: string): Client | undefined {
    return this.#clients.get(id);
  }

  /** The token behind a text; undefined when it is none, or its time is over. */
  token(text: string): Token | undefined {
    const token = this.#tokens.get(keyOf(text));
    return token && token.expires > this.#clock.now().getTime() ? token : undefined;
  }

  /** Makes a token; on disk when it is answered. */
  async issue(client: string, scope: Scope): Promise<string> {
    const text = newToken();
    const now = this.#clock.now();
    const expires = new Date(now.getTime() + TOKEN_SECONDS * 1000);
    await sql`INSERT INTO gateway.token (hash, client, scope, issued_at, expires_at)
      VALUES (${hashOf(text)}, ${client}, ${JSON.stringify(writeScope(scope))}::jsonb, ${now}, ${expires})`.execute(
      this.#db.kysely,
    );
    this.#tokens.set(keyOf(text), { client, scope, expires: expires.getTime() });
    return text;
  }

  /** Revokes a token of a client (RFC 7009); another's, or none at all, changes nothing. */
  async revoke(text: string, client: string): Promise<boolean> {
    const token = this.#tokens.get(keyOf(text));
    if (token && token.client !== client) return false;
    this.#tokens.delete(keyOf(text));
    const gone = await sql`DELETE FROM gateway.token WHERE hash = ${hashOf(text)} AND client = ${client}`.execute(
      this.#db.kysely,
    );
    return Number(gone.numAffectedRows) > 0;
  }

  /** Forgets every token of a client; within the transaction that ended or disabled it. */
  async revokeAll(client: string, trx: Kysely<AnyTables>): Promise<void> {
    await sql`DELETE FROM gateway.token WHERE client = ${client}`.execute(trx);
  }

  /** Forgets in memory what `revokeAll` removed. */
  forget(client: string): void {
    for (const [key, t] of this.#tokens) if (t.client === client) this.#tokens.delete(key);
  }

  /** Takes an assertion once: false when it was taken before. */
  async takeAssertion(client: string, jti: string, expires: Date): Promise<boolean> {
    const kept =
      await sql`INSERT INTO gateway.assertion (client, jti, expires_at) VALUES (${client}, ${jti}, ${expires})
      ON CONFLICT (client, jti) DO NOTHING`.execute(this.#db.kysely);
    return Number(kept.numAffectedRows) === 1;
  }

  /** Removes what time has made meaningless. An assertion is kept a minute beyond its end: clocks differ. */
  async sweep(): Promise<void> {
    const now = this.#clock.now();
    for (const [key, t] of this.#tokens) if (t.expires <= now.getTime()) this.#tokens.delete(key);
    await sql`DELETE FROM gateway.token WHERE expires_at <= ${now}`.execute(this.#db.kysely);
    const before = new Date(now.getTime() - 120_000);
    await sql`DELETE FROM gateway.assertion WHERE expires_at <= ${before}`.execute(this.#db.kysely);
  }
}
