/** The append-only audit in the operational store. */
import { type Kysely, sql } from 'kysely';
import type { AuditFilter, AuditQuery, AuditVerification, AuditEntry as AuditView } from '../auth/api.ts';
import type { Clock } from '../clock.ts';
import type { AnyTables, Db } from '../db/index.ts';
import type { AuditEntry, AuditPort } from '../room.ts';
import { type ChainedEntry, canonicalJson, chainHash, genesis, keepable, keepableDetail } from './chain.ts';

/** Number of the advisory lock that puts entries in one line. */
const LOCK = 7_414_530_613;

interface Row extends Omit<ChainedEntry, 'at' | 'actorId' | 'sessionId'> {
  at: Date;
  actor_id: string | null;
  session_id: string | null;
  prev: Uint8Array;
  hash: Uint8Array;
}

/** For whom somebody acts beside themselves: owners of lent roles, and a former organisation. */
const onBehalf = (actor: AuditEntry['actor']): Record<string, unknown> => ({
  ...(actor?.acting ? { actingFor: actor.acting.map((a) => `${a.role}: ${a.for}`).sort() } : {}),
  ...(actor?.ownOrganisation ? { standsFor: actor.organisation } : {}),
});

/** Appends, reads and verifies the audit. */
export class Audit implements AuditPort {
  readonly #db: Db;
  readonly #clock: Clock;

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * Adds an entry; on disk when it resolves, or together with the transaction whose handle is given. Entries wait for
   * each other until their transaction ends: inside a longer one, add the entry last.
   */
  async append(entry: AuditEntry, trx?: Kysely<AnyTables>): Promise<void> {
    if (trx) await this.#append(entry, trx);
    else await this.#db.tx((own) => this.#append(entry, own));
  }

  async #append(entry: AuditEntry, trx: Kysely<AnyTables>): Promise<void> {
    // Two statements in one text: everybody waits in this line, and the way to the store and back is most of the wait. The second sees what was
    // committed while the first waited, since each has a snapshot of its own.
    const last = await sql
      .raw<{ seq: number; hash: Uint8Array }>(
        `SELECT pg_advisory_xact_lock(${LOCK}); SELECT seq, hash FROM audit.entry ORDER BY seq DESC LIMIT 1`,
      )
      .execute(trx);
    const prev = last.rows[0]?.hash ?? genesis;
    const { actor } = entry;
    const purpose = entry.purpose ?? actor?.purpose ?? null;
    const e: ChainedEntry = {
      seq: (last.rows[0]?.seq ?? 0) + 1,
      at: (entry.at ?? this.#clock.now()).toISOString(),
      actor: actor?.login ?? null,
      actorId: actor?.userId ?? null,
      roles: actor ? [...actor.roles].sort() : [],
      sessionId: actor?.sessionId ?? null,
      action: entry.action,
      object: keepable(entry.object),
      purpose: purpose === null ? null : keepable(purpose),
      outcome: entry.outcome,
      detail: canonicalJson(keepableDetail({ ...entry.detail, ...onBehalf(actor) })),
    };
    await sql`INSERT INTO audit.entry
        (seq, at, actor, actor_id, roles, session_id, action, object, purpose, outcome, detail, prev, hash)
      VALUES (${e.seq}, ${e.at}, ${e.actor}, ${e.actorId}, ${e.roles}::text[], ${e.sessionId}, ${e.action}, ${e.object},
        ${e.purpose}, ${e.outcome}, ${e.detail}, ${prev}, ${chainHash(prev, e)})`.execute(trx);
  }

  /** A page of entries, the newest first; `next` is the `before` of the following page. */
  async query(query: AuditQuery): Promise<{ items: AuditView[]; next: number | null }> {
    const rows = await this.#rows(query, query.before ?? null, query.limit + 1, 'DESC');
    const items = rows.slice(0, query.limit).map(view);
    return { items, next: rows.length > query.limit ? items.at(-1)!.seq : null };
  }

  /** Every entry that the filter lets through, the oldest first, without holding them all. */
  async *stream(filter: AuditFilter): AsyncIterable<AuditView[]> {
    let after = 0;
    for (;;) {
      const rows = await this.#rows(filter, after, 1000, 'ASC');
      if (rows.length === 0) return;
      yield rows.map(view);
      after = rows.at(-1)!.seq;
    }
  }

  /** Hashes of the entries after one, the oldest first: what a stretch of the audit is sealed by. */
  async hashes(after: number, limit: number): Promise<{ seq: number; at: Date; hash: Uint8Array }[]> {
    const result = await sql<{ seq: number; at: Date; hash: Uint8Array }>`
      SELECT seq, at, hash FROM audit.entry WHERE seq > ${after} ORDER BY seq LIMIT ${limit}`.execute(this.#db.kysely);
    return result.rows;
  }

  async #rows(filter: AuditFilter, cursor: number | null, limit: number, order: 'ASC' | 'DESC'): Promise<Row[]> {
    const conditions = [sql`true`];
    if (cursor !== null) conditions.push(order === 'ASC' ? sql`seq > ${cursor}` : sql`seq < ${cursor}`);
    if (filter.actor !== undefined) conditions.push(sql`actor = ${filter.actor.toLowerCase()}`);
    if (filter.action !== undefined) conditions.push(matching(sql`action`, filter.action));
    if (filter.object !== undefined) conditions.push(matching(sql`object`, filter.object));
    if (filter.outcome !== undefined) conditions.push(sql`outcome = ${filter.outcome}`);
    if (filter.from !== undefined) conditions.push(sql`at >= ${filter.from}`);
    if (filter.to !== undefined) conditions.push(sql`at < ${filter.to}`);
    const result = await sql<Row>`SELECT * FROM audit.entry WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY seq ${sql.raw(order)} LIMIT ${limit}`.execute(this.#db.kysely);
    return result.rows;
  }

  /**
   * Recomputes the whole chain and names the first entry that does not fit: `gap` (a number is missing before it),
   * `link` (it does not follow the entry before it), `content` (it is not what was hashed).
   */
  async verify(): Promise<AuditVerification> {
    let entries = 0;
    let head: Uint8Array = genesis;
    for (;;) {
      const rows = await this.#rows({}, entries, 2000, 'ASC');
      if (rows.length === 0) return { entries, head: hex(head), intact: true, broken: null };
      for (const row of rows) {
        const reason =
          row.seq !== entries + 1
            ? 'gap'
            : !same(row.prev, head)
              ? 'link'
              : !same(row.hash, chainHash(head, chained(row)))
                ? 'content'
                : null;
        if (reason) return { entries, head: hex(head), intact: false, broken: { seq: row.seq, reason } };
        entries = row.seq;
        head = row.hash;
      }
    }
  }
}

/** Equal to, or beginning with when it ends in `*`. */
function matching(column: ReturnType<typeof sql>, pattern: string) {
  if (!pattern.endsWith('*')) return sql`${column} = ${pattern}`;
  return sql`${column} LIKE ${`${pattern.slice(0, -1).replace(/[\\%_]/g, '\\$&')}%`}`;
}

function chained(row: Row): ChainedEntry {
  const { seq, actor, roles, action, object, purpose, outcome, detail } = row;
  return {
    seq,
    at: row.at.toISOString(),
    actor,
    actorId: row.actor_id,
    roles,
    sessionId: row.session_id,
    action,
    object,
    purpose,
    outcome,
    detail,
  };
}

function view(row: Row): AuditView {
  return {
    ...chained(row),
    outcome: row.outcome as AuditView['outcome'],
    detail: JSON.parse(row.detail) as Record<string, unknown>,
    hash: hex(row.hash),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(Buffer.from(b));
