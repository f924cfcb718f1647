/**
 * The entries of the catalogue as a running hub holds them: what is in force and what is being worked on of each, kept in
 * memory beside the operational store, which is their truth. Search, exports and later rooms read them without a query; every
 * change is written first and then read again. Bounded by `ENTRIES_LIMIT`.
 */
import { sql } from 'kysely';
import type { Db } from '../../platform/db/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { EntryContent } from './content.ts';

/** Most entries that one hub holds: five times what a large city has. */
export const ENTRIES_LIMIT = 50_000;

const tooMany = problemKind(
  'catalogue.entry.too-many',
  422,
  '目录条目已达上限（{limit}）。',
  'The catalogue has as many entries as it can hold ({limit}).',
);

export type VersionState = 'draft' | 'submitted' | 'reviewing' | 'returned' | 'published' | 'withdrawn';

/** One version of an entry, as it is kept. Instants in UTC. */
export interface EntryVersion {
  entry: string;
  version: number;
  kind: 'change' | 'retire';
  state: VersionState;
  revision: number;
  content: EntryContent;
  origin: 'declaration' | 'form' | 'file';
  declaration: number | null;
  made_by: string;
  made_at: Date;
  changed_by: string;
  changed_at: Date;
  received_at: Date | null;
  decided_at: Date | null;
  overdue_at: Date | null;
}

/** An entry: the version in force and the one that is being worked on. */
export interface Entry {
  id: string;
  provider: string;
  sequence: number;
  source: string | null;
  createdAt: Date;
  retiredAt: Date | null;
  published: EntryVersion | null;
  open: EntryVersion | null;
}

/** What an entry says now: in force, else what is worked on. */
export const contentOf = (entry: Entry): EntryContent => (entry.published ?? entry.open)!.content;

/** Whether it is in force. */
export const inForce = (entry: Entry): boolean => entry.published !== null && entry.retiredAt === null;

type Row = EntryVersion & {
  id: string;
  provider: string;
  sequence: number;
  source: string | null;
  created_at: Date;
  retired_at: Date | null;
  published: number | null;
};

/** All entries of a hub. */
export class EntryBook {
  readonly #db: Db;
  readonly #entries = new Map<string, Entry>();
  #change = 0;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Reads everything from the store. */
  async load(): Promise<this> {
    await this.#read(null);
    return this;
  }

  /** Reads these entries again, after they were written. */
  async refresh(ids: readonly string[]): Promise<void> {
    await this.#read([...ids]);
  }

  /** Grows with every change: what copies are compared by. */
  get change(): number {
    return this.#change;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In order of their ids. */
  all(): Entry[] {
    return [...this.#entries.values()];
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Refuses when `more` entries would not fit. */
  room(more: number): void {
    if (this.size + more > ENTRIES_LIMIT) throw new Problem(tooMany, { limit: ENTRIES_LIMIT });
  }

  async #read(ids: string[] | null): Promise<void> {
    const found =
      await sql<Row>`SELECT e.id, e.provider, e.sequence, e.source, e.created_at, e.retired_at, e.published, v.*
      FROM catalogue.entry e JOIN catalogue.entry_version v ON v.entry = e.id
        AND (v.version = e.published OR v.state IN ('draft', 'submitted', 'reviewing', 'returned'))
      WHERE ${ids ? sql`e.id = ANY(${ids})` : sql`true`} ORDER BY e.id`.execute(this.#db.kysely);
    for (const id of ids ?? [...this.#entries.keys()]) this.#entries.delete(id);
    for (const { id, provider, sequence, source, created_at, retired_at, published, ...version } of found.rows) {
      const known = this.#entries.get(id);
      const entry: Entry = known ?? {
        ...{
          id,
          provider,
          sequence,
          source,
          createdAt: created_at,
          retiredAt: retired_at,
          published: null,
          open: null,
        },
      };
      if (version.version === published) entry.published = version;
      else entry.open = version;
      this.#entries.set(id, entry);
    }
    this.#change++;
  }
}
