/**
 * Backfills: work over much data that a new version needs, apart from the change of structure (upgrade.ts). A room declares them by a dated name; each runs
 * once in the life of a data folder as a job, in batches, beside the working hub, goes on after a kill where it was, and stands in the page of
 * operations until it is done. What reads such data must do with and without it until then.
 */
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { AnyTables, Db } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { JobKind, JobQueue } from '../jobs/index.ts';
import type { Part } from '../operations/parts.ts';

/** What a batch did. */
export interface Batch {
  /** Where the next one begins (JSON); null: nothing is left. */
  next: unknown;
  /** Rows that it looked at. */
  rows: number;
}

/** One piece of work over data. */
export interface Backfill<D> {
  /** Dated like a migration, and never given twice in a room: `2026-12-03-texts-of-problems`. */
  name: string;
  title: Bilingual;
  /**
   * Does some thousand rows from `cursor` (null: from the beginning) within the transaction, in which the cursor is kept as well. What it does
   * elsewhere (in the lake) may be done twice after a kill and must then come to the same.
   */
  batch(deps: D, trx: Kysely<AnyTables>, cursor: unknown): Promise<Batch>;
}

/** A room's backfills. */
export interface BackfillSet<D> {
  room: string;
  backfills: readonly Backfill<D>[];
}

interface Row {
  room: string;
  name: string;
  rows: number;
  finished_at: Date | null;
}

/** What backfills stand on. */
export interface BackfillPorts<D> {
  db: Db;
  clock: Clock;
  jobs: Pick<JobQueue, 'submit'>;
  deps(): D;
}

const KIND = 'upgrade.backfill';
const NAME = /^\d{4}-\d\d-\d\d-[a-z0-9-]+$/;
const params = z.strictObject({ room: z.string(), name: z.string() });

/** All backfills of a hub. */
export class Backfills<D> {
  readonly #ports: BackfillPorts<D>;
  readonly #all = new Map<string, { room: string; of: Backfill<D> }>();

  constructor(ports: BackfillPorts<D>, sets: readonly BackfillSet<D>[]) {
    this.#ports = ports;
    for (const { room, backfills } of sets)
      for (const of of backfills) {
        const key = `${room}/${of.name}`;
        if (!NAME.test(of.name) || this.#all.has(key))
          throw new Error(`not a name of a backfill, or one given twice: ${key}`);
        this.#all.set(key, { room, of });
      }
  }

  /** The kind of job that does one. */
  job(): JobKind<z.output<typeof params>> {
    const { db, clock } = this.#ports;
    return {
      kind: KIND,
      title: { zh: '数据回填', en: 'Backfill of data' },
      params,
      lane: KIND,
      run: async (context, { room, name }) => {
        const { of } = this.#all.get(`${room}/${name}`) ?? {};
        // Declared by another version of the program.
        if (!of) return { rows: 0 };
        for (;;) {
          context.signal.throwIfAborted();
          const { rows, left } = await db.tx(async (trx) => {
            const found = await sql<{
              cursor: unknown;
              rows: number;
              finished: boolean;
            }>`SELECT cursor, rows::float8 AS rows,
                finished_at IS NOT NULL AS finished FROM upgrade.backfill
              WHERE room = ${room} AND name = ${name} FOR UPDATE`.execute(trx);
            const at = found.rows[0];
            if (!at || at.finished) return { rows: at?.rows ?? 0, left: false };
            const done = await of.batch(this.#ports.deps(), trx, at.cursor);
            const all = at.rows + done.rows;
            await sql`UPDATE upgrade.backfill SET cursor = ${done.next === null ? null : JSON.stringify(done.next)}::jsonb,
                rows = ${all}, finished_at = ${done.next === null ? clock.now() : null}::timestamptz
              WHERE room = ${room} AND name = ${name}`.execute(trx);
            return { rows: all, left: done.next !== null };
          });
          context.progress({ done: rows, note: of.title });
          if (!left) return { rows };
        }
      },
    };
  }

  /** Notes what is declared and asks for what is not done; in a `fresh` data folder there is nothing to fill. */
  async start(fresh: boolean): Promise<void> {
    const { db, clock, jobs } = this.#ports;
    if (this.#all.size === 0) return;
    const now = clock.now();
    await db.tx(async (trx) => {
      for (const { room, of } of this.#all.values())
        await sql`INSERT INTO upgrade.backfill (room, name, declared_at, finished_at)
          VALUES (${room}, ${of.name}, ${now}, ${fresh ? now : null}::timestamptz) ON CONFLICT DO NOTHING`.execute(trx);
    });
    for (const { room, name } of await this.#open())
      if (this.#all.has(`${room}/${name}`))
        await jobs.submit(KIND, { room, name }, { unique: `${KIND}/${room}/${name}` });
  }

  #open(): Promise<Row[]> {
    return this.#ports.db.query<Row>(
      `SELECT room, name, rows::float8 AS rows, finished_at FROM upgrade.backfill WHERE finished_at IS NULL ORDER BY room, name`,
    );
  }

  /** How they stand: nothing to say once all are done. */
  async standing(): Promise<Part[]> {
    const open = (await this.#open()).filter((r) => this.#all.has(`${r.room}/${r.name}`));
    if (open.length === 0) return [];
    const first = this.#all.get(`${open[0]!.room}/${open[0]!.name}`)!.of.title;
    const rows = open.reduce((n, r) => n + r.rows, 0);
    return [
      {
        ...{ id: 'backfills', title: { zh: '升级后的数据回填', en: 'Backfills of the upgrade' }, link: '/system/jobs' },
        standing: 'warn',
        text: {
          zh: `还有 ${open.length} 项：${first.zh}，已处理 ${rows} 行`,
          en: `${open.length} left: ${first.en}, ${rows} rows done`,
        },
      },
    ];
  }
}
