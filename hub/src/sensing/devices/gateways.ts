/** Device gateways (设备网关): who brings readings, with a key of its own and only for the entities of its scope. */
import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AnyTables, Db } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { badKey, disabled } from '../problems.ts';
import type { Book } from '../registry/book.ts';

/** A gateway as it is kept. */
export interface GatewayRow {
  id: string;
  title: string;
  owner: string;
  /** Beginnings of identifiers of entities. */
  scope: string[];
  auto: boolean;
  per_second: number;
  state: 'active' | 'disabled';
  version: number;
  created_by: string;
  created_at: Date;
}

/** A new key; shown once. 256 random bits, kept as their SHA-256: nobody can try them. */
export const newKey = (): string => `jwd_${randomBytes(32).toString('base64url')}`;
export const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A gateway at work. */
export class Gateway {
  readonly row: GatewayRow;
  readonly #book: Book;
  /** By number of series: 0 not looked at, 1 may, 2 may not. */
  #may = new Uint8Array(0);
  #tokens: number;
  #at = 0;

  constructor(row: GatewayRow, book: Book) {
    this.row = row;
    this.#book = book;
    this.#tokens = this.#depth();
  }

  /** Readings that it may bring at once. */
  #depth(): number {
    return this.row.per_second * 10;
  }

  /** Whether it may write an entity. */
  mayWrite(entity: string): boolean {
    return this.row.scope.some((s) => entity.startsWith(s));
  }

  /** Whether it may write a series. */
  may(series: number): boolean {
    if (series >= this.#may.length) {
      const more = new Uint8Array(Math.max(1024, (series + 1) * 2));
      more.set(this.#may);
      this.#may = more;
    }
    if (this.#may[series] === 0) this.#may[series] = this.mayWrite(this.#book.get(series)?.entity ?? '') ? 1 : 2;
    return this.#may[series] === 1;
  }

  /** Takes `n` readings at a moment (ms) from its allowance; answers the seconds to wait, 0: none. */
  take(n: number, now: number): number {
    const rate = this.row.per_second;
    this.#tokens = Math.min(this.#depth(), this.#tokens + (Math.max(0, now - this.#at) / 1000) * rate);
    this.#at = now;
    // More than it can ever have at once is taken when it is full, and leaves a debt.
    if (this.#tokens < Math.min(n, this.#depth()))
      return Math.max(1, Math.ceil((Math.min(n, this.#depth()) - this.#tokens) / rate));
    this.#tokens -= n;
    return 0;
  }
}

/** Gateways in memory, by id and by key. */
export class Gateways {
  readonly #db: Db;
  readonly #book: Book;
  #byId = new Map<string, Gateway>();
  #byKey = new Map<string, Gateway>();

  constructor(db: Db, book: Book) {
    this.#db = db;
    this.#book = book;
  }

  /** Reads all of them anew: they are few and change seldom. */
  async load(): Promise<void> {
    const rows = await gatewayRows(this.#db.kysely);
    const keys = await sql<{ gateway: string; hash: Uint8Array }>`SELECT gateway, hash FROM sensing.gateway_key
      WHERE ended_at IS NULL`.execute(this.#db.kysely);
    const byId = new Map(rows.map((r) => [r.id, new Gateway(r, this.#book)]));
    const byKey = new Map<string, Gateway>();
    for (const { gateway, hash } of keys.rows) byKey.set(Buffer.from(hash).toString('hex'), byId.get(gateway)!);
    this.#byId = byId;
    this.#byKey = byKey;
  }

  get(id: string): Gateway | undefined {
    return this.#byId.get(id);
  }

  all(): Gateway[] {
    return [...this.#byId.values()];
  }

  /** Whether a key is somebody's. */
  knows(key: string): boolean {
    return key.length < 100 && this.#byKey.has(hashOf(key).toString('hex'));
  }

  /** Who a key belongs to. Looked up by its hash: what the time tells is a hash of no use. Problems `sensing.key`, `sensing.disabled`. */
  byKey(key: string): Gateway {
    const found = /^jwd_[\w-]{43}$/.test(key) ? this.#byKey.get(hashOf(key).toString('hex')) : undefined;
    if (!found) throw new Problem(badKey);
    if (found.row.state !== 'active') throw new Problem(disabled);
    return found;
  }
}

export const gatewayRows = async (db: Kysely<AnyTables>): Promise<GatewayRow[]> =>
  (
    await sql<GatewayRow>`SELECT id, title, owner, scope, auto, per_second, state, version, created_by, created_at
      FROM sensing.gateway ORDER BY id`.execute(db)
  ).rows;
