/** Seals in the operational store. */
import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AnyTables, Db } from '../db/index.ts';
import type { Seal, SealKind, SealSubject } from './port.ts';

interface Row {
  id: number;
  reference: string;
  kind: SealKind;
  subject: string;
  title_zh: string;
  title_en: string;
  organisation: string | null;
  imprint: Uint8Array;
  level: number;
  facts: Record<string, string | number>;
  requested_at: Date;
  signed_at: Date | null;
  published_at: Date | null;
  signature: Uint8Array | null;
}

/** A seal as this store answers it. */
export type KeptSeal = Seal;

/** What is signed next. */
export interface Pending {
  id: number;
  kind: SealKind;
  organisation: string | null;
  imprint: Uint8Array;
  level: number;
}

/** Which seals a list shows. */
export interface SealFilter {
  kind?: SealKind | undefined;
  /** A whole subject, or what subjects begin with where it ends in `/`. */
  subject?: string | undefined;
  state?: 'pending' | 'sealed' | undefined;
  imprint?: Uint8Array | undefined;
  before?: number | undefined;
  limit: number;
}

const seal = (row: Row): KeptSeal => ({
  id: row.id,
  reference: row.reference,
  kind: row.kind,
  subject: row.subject,
  title: { zh: row.title_zh, en: row.title_en },
  organisation: row.organisation,
  imprint: row.imprint,
  level: row.level,
  facts: row.facts,
  state: row.signature ? 'sealed' : 'pending',
  requestedAt: row.requested_at,
  signedAt: row.signed_at,
  publishedAt: row.published_at,
  signature: row.signature,
});

/** Reads and writes seals. */
export class SealStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Keeps what is asked for; the id of the one that stands there already when it was asked for before. */
  async request(subject: SealSubject, at: Date, trx: Kysely<AnyTables> = this.#db.kysely): Promise<number> {
    const { kind, title, organisation, imprint, level = 0, facts = {} } = subject;
    const made = await sql<{ id: number }>`INSERT INTO seal.seal
        (reference, kind, subject, title_zh, title_en, organisation, imprint, level, facts, requested_at)
      VALUES (${randomBytes(16).toString('base64url')}, ${kind}, ${subject.subject}, ${title.zh}, ${title.en},
        ${organisation}, ${imprint}, ${level}, ${JSON.stringify(facts)}, ${at})
      ON CONFLICT (kind, subject, imprint) DO NOTHING RETURNING id`.execute(trx);
    if (made.rows[0]) return made.rows[0].id;
    const known = await sql<{ id: number }>`SELECT id FROM seal.seal
      WHERE kind = ${kind} AND subject = ${subject.subject} AND imprint = ${imprint}`.execute(trx);
    return known.rows[0]!.id;
  }

  /** Keeps many; how many of them were new. */
  async requestAll(subjects: readonly SealSubject[], at: Date): Promise<number> {
    let made = 0;
    for (let i = 0; i < subjects.length; i += 1000) {
      const rows = subjects.slice(i, i + 1000).map(({ imprint, title, level, facts, ...rest }) => ({
        ...rest,
        reference: randomBytes(16).toString('base64url'),
        ...{ zh: title.zh, en: title.en, imprint: Buffer.from(imprint).toString('hex') },
        ...{ level: level ?? 0, facts: facts ?? {} },
      }));
      const { rows: kept } = await sql`INSERT INTO seal.seal
          (reference, kind, subject, title_zh, title_en, organisation, imprint, level, facts, requested_at)
        SELECT reference, kind, subject, zh, en, organisation, decode(imprint, 'hex'), level, facts, ${at}
        FROM json_to_recordset(${JSON.stringify(rows)}::json) AS x(reference text, kind text, subject text, zh text, en text,
          organisation text, imprint text, level smallint, facts json)
        ON CONFLICT (kind, subject, imprint) DO NOTHING RETURNING id`.execute(this.#db.kysely);
      made += kept.length;
    }
    return made;
  }

  async get(id: number): Promise<KeptSeal | undefined> {
    const { rows } = await sql<Row>`SELECT * FROM seal.seal WHERE id = ${id}`.execute(this.#db.kysely);
    return rows[0] && seal(rows[0]);
  }

  async byReference(reference: string): Promise<KeptSeal | undefined> {
    const { rows } = await sql<Row>`SELECT * FROM seal.seal WHERE reference = ${reference}`.execute(this.#db.kysely);
    return rows[0] && seal(rows[0]);
  }

  /** A page, the newest first; one more than `limit` when there are more. */
  async list(filter: SealFilter): Promise<KeptSeal[]> {
    const conditions = [sql`true`];
    if (filter.kind !== undefined) conditions.push(sql`kind = ${filter.kind}`);
    if (filter.subject?.endsWith('/')) conditions.push(sql`starts_with(subject, ${filter.subject})`);
    else if (filter.subject !== undefined) conditions.push(sql`subject = ${filter.subject}`);
    if (filter.imprint !== undefined) conditions.push(sql`imprint = ${filter.imprint}`);
    if (filter.before !== undefined) conditions.push(sql`id < ${filter.before}`);
    if (filter.state === 'pending') conditions.push(sql`signature IS NULL`);
    if (filter.state === 'sealed') conditions.push(sql`signature IS NOT NULL`);
    const { rows } = await sql<Row>`SELECT * FROM seal.seal WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY id DESC LIMIT ${filter.limit + 1}`.execute(this.#db.kysely);
    return rows.map(seal);
  }

  /** Counts by kind, and what waits longest. */
  async summary() {
    const { rows } = await sql<{
      kind: SealKind;
      sealed: number;
      pending: number;
      extended: number;
      oldest: Date | null;
      last: Date | null;
    }>`SELECT kind, count(signature) AS sealed, count(*) - count(signature) AS pending, count(published_at) AS extended,
         min(requested_at) FILTER (WHERE signature IS NULL) AS oldest, max(signed_at) AS last
       FROM seal.seal GROUP BY kind ORDER BY kind`.execute(this.#db.kysely);
    return rows;
  }

  /** Which of these subjects of a kind have been asked for. */
  async known(kind: SealKind, subjects: readonly string[]): Promise<Set<string>> {
    const { rows } = await sql<{ subject: string }>`SELECT DISTINCT subject FROM seal.seal
      WHERE kind = ${kind} AND subject = ANY (${[...subjects]}::text[])`.execute(this.#db.kysely);
    return new Set(rows.map((row) => row.subject));
  }

  /** What waits, the oldest first. */
  async pending(limit: number): Promise<Pending[]> {
    const { rows } = await sql<Pending>`SELECT id, kind, organisation, imprint, level FROM seal.seal
      WHERE signature IS NULL ORDER BY id LIMIT ${limit}`.execute(this.#db.kysely);
    return rows;
  }

  /** Keeps signatures; on disk when it resolves. One that has a signature keeps it. */
  async signed(signatures: readonly { id: number; at: Date; signature: Uint8Array }[]): Promise<void> {
    await sql`UPDATE seal.seal s SET signature = x.signature, signed_at = x.at
      FROM unnest(${signatures.map((s) => s.id)}::bigint[], ${signatures.map((s) => s.at.toISOString())}::timestamptz[],
        ${signatures.map((s) => s.signature)}::bytea[]) AS x(id, at, signature)
      WHERE s.id = x.id AND s.signature IS NULL`.execute(this.#db.kysely);
  }

  /** Signed by `until` and not extended yet, the oldest first. */
  async notExtended(until: Date, after: number, limit: number): Promise<{ id: number; signature: Uint8Array }[]> {
    const { rows } = await sql<{ id: number; signature: Uint8Array }>`SELECT id, signature FROM seal.seal
      WHERE signature IS NOT NULL AND published_at IS NULL AND signed_at <= ${until} AND id > ${after}
      ORDER BY id LIMIT ${limit}`.execute(this.#db.kysely);
    return rows;
  }

  /** Keeps extended signatures and counts them with their publications. */
  async extended(signatures: readonly { id: number; at: Date; signature: Uint8Array }[]): Promise<void> {
    await this.#db.tx(async (trx) => {
      await sql`WITH changed AS (
          UPDATE seal.seal s SET signature = x.signature, published_at = x.at
          FROM unnest(${signatures.map((s) => s.id)}::bigint[], ${signatures.map((s) => s.at.toISOString())}::timestamptz[],
            ${signatures.map((s) => s.signature)}::bytea[]) AS x(id, at, signature)
          WHERE s.id = x.id AND s.published_at IS NULL RETURNING x.at)
        UPDATE seal.publication p SET seals = p.seals + c.n
        FROM (SELECT at, count(*) AS n FROM changed GROUP BY at) c WHERE p.time = c.at`.execute(trx);
    });
  }

  /** Every signature in the order of ids, for a check of all. */
  async *signatures(): AsyncGenerator<{ id: number; imprint: Uint8Array; level: number; signature: Uint8Array }[]> {
    for (let after = 0; ; ) {
      const { rows } = await sql<{ id: number; imprint: Uint8Array; level: number; signature: Uint8Array }>`
        SELECT id, imprint, level, signature FROM seal.seal WHERE signature IS NOT NULL AND id > ${after}
        ORDER BY id LIMIT 500`.execute(this.#db.kysely);
      if (rows.length === 0) return;
      yield rows;
      after = rows.at(-1)!.id;
    }
  }

  /** Notes publications; those noted before stay as they are. */
  async published(publications: readonly { at: Date; root: Uint8Array; printed: string }[]): Promise<void> {
    for (const { at, root, printed } of publications)
      await sql`INSERT INTO seal.publication (time, root, printed, seals) VALUES (${at}, ${root}, ${printed}, 0)
        ON CONFLICT (time) DO NOTHING`.execute(this.#db.kysely);
  }

  /** Publications, the newest first. */
  async publications(before: Date | undefined, limit: number) {
    const { rows } = await sql<{ time: Date; root: Uint8Array; printed: string; seals: number }>`
      SELECT time, root, printed, seals FROM seal.publication
      WHERE ${before ? sql`time < ${before}` : sql`true`} ORDER BY time DESC LIMIT ${limit}`.execute(this.#db.kysely);
    return rows;
  }

  async publication(time: Date) {
    const { rows } = await sql<{ time: Date; root: Uint8Array; printed: string; seals: number }>`
      SELECT time, root, printed, seals FROM seal.publication WHERE time = ${time}`.execute(this.#db.kysely);
    return rows[0];
  }

  /** The first and the last signing time; undefined while nothing is sealed. */
  async signedBounds(): Promise<{ first: Date; last: Date } | undefined> {
    const { rows } = await sql<{ first: Date | null; last: Date | null }>`
      SELECT min(signed_at) AS first, max(signed_at) AS last FROM seal.seal WHERE signature IS NOT NULL`.execute(
      this.#db.kysely,
    );
    const { first, last } = rows[0]!;
    return first && last ? { first, last } : undefined;
  }

  async counts(): Promise<{ pending: number; sealed: number }> {
    const { rows } = await sql<{ pending: number; sealed: number }>`
      SELECT count(*) - count(signature) AS pending, count(signature) AS sealed FROM seal.seal`.execute(
      this.#db.kysely,
    );
    return rows[0]!;
  }
}
