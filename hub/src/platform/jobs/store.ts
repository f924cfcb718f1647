/** Every statement on jobs.job. */
import { randomUUID } from 'node:crypto';
import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { AnyTables, Db } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { JobProgress, JobState } from './types.ts';

/** A row of jobs.job. */
export interface JobRow {
  id: string;
  kind: string;
  lane: string;
  params: unknown;
  state: JobState;
  progress: JobProgress | null;
  checkpoint: unknown;
  result: unknown;
  error: { code: string; title: Bilingual } | null;
  attempt: number;
  retries: number;
  orphaned: number;
  unique_key: string | null;
  submitted_by: string | null;
  cancel_requested: boolean;
  submitted_at: Date;
  due_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

/** Seconds without a sign of life after which a job of another process is taken over. */
const SILENCE = 30;

const json = (value: unknown): string => JSON.stringify(value ?? null);

/** The jobs of one operational store, as one process (`worker`) sees them. */
export class JobStore {
  readonly #db: Db;
  readonly #worker: string;

  constructor(db: Db, worker: string) {
    this.#db = db;
    this.#worker = worker;
  }

  /** Whether so many jobs wait. */
  async reached(most: number, trx: Kysely<AnyTables> = this.#db.kysely): Promise<boolean> {
    if (!Number.isFinite(most)) return false;
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM (SELECT FROM jobs.job WHERE state = 'queued' LIMIT ${most}) AS waiting`.execute(
      trx,
    );
    return rows[0]!.n >= most;
  }

  /** Inserts a job; answers the open one's id when the unique key is taken. */
  async insert(
    job: { kind: string; lane: string; params: unknown; by: string | null; unique: string | null; at: Date },
    trx: Kysely<AnyTables> = this.#db.kysely,
  ): Promise<string> {
    // Between the refusal and the look the open job may finish: then the insert is tried again.
    for (;;) {
      const id = randomUUID();
      const made = await sql<{ id: string }>`
        INSERT INTO jobs.job (id, kind, lane, params, submitted_by, unique_key, submitted_at, due_at)
        VALUES (${id}, ${job.kind}, ${job.lane}, ${json(job.params)}, ${job.by}, ${job.unique}, ${job.at}, ${job.at})
        ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running') DO NOTHING
        RETURNING id`.execute(trx);
      if (made.rows.length > 0) return id;
      const open = await sql<{ id: string }>`
        SELECT id FROM jobs.job
        WHERE kind = ${job.kind} AND unique_key = ${job.unique} AND state IN ('queued', 'running')`.execute(trx);
      if (open.rows[0]) return open.rows[0].id;
    }
  }

  async get(id: string): Promise<JobRow | undefined> {
    return (await this.#db.query<JobRow>('SELECT * FROM jobs.job WHERE id = $1', [id]))[0];
  }

  list(state: string | null, kind: string | null, limit: number): Promise<JobRow[]> {
    return this.#db.query<JobRow>(
      `SELECT * FROM jobs.job WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2)
       ORDER BY seq DESC LIMIT $3`,
      [state, kind, limit],
    );
  }

  async counts(): Promise<Record<string, number>> {
    const rows = await this.#db.query<{ state: string; n: number }>(
      'SELECT state, count(*) AS n FROM jobs.job GROUP BY state',
    );
    return Object.fromEntries(rows.map((r) => [r.state, r.n]));
  }

  /** Lanes that have something due now. */
  async dueLanes(now: Date, kinds: string[]): Promise<string[]> {
    const rows = await this.#db.query<{ lane: string }>(
      "SELECT DISTINCT lane FROM jobs.job WHERE state = 'queued' AND due_at <= $1 AND kind = ANY($2::text[])",
      [now, kinds],
    );
    return rows.map((r) => r.lane);
  }

  /** Takes the first due job of a lane that is not full, over all processes. */
  claim(lane: string, concurrency: number, now: Date, kinds: string[]): Promise<JobRow | undefined> {
    return this.#db.tx(async (trx) => {
      // One claim at a time on a lane, so that counting what runs is exact.
      await sql`SELECT pg_advisory_xact_lock(hashtext(${`jobs.lane:${lane}`}))`.execute(trx);
      const taken = await sql<JobRow>`
        UPDATE jobs.job SET state = 'running', worker = ${this.#worker}, heartbeat_at = now(), attempt = attempt + 1,
          started_at = coalesce(started_at, ${now}::timestamptz)
        WHERE id = (
          SELECT id FROM jobs.job
          WHERE lane = ${lane} AND state = 'queued' AND due_at <= ${now}::timestamptz AND kind = ANY(${kinds}::text[])
            AND (SELECT count(*) FROM jobs.job r WHERE r.lane = ${lane} AND r.state = 'running') < ${concurrency}::int
          ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING *`.execute(trx);
      return taken.rows[0];
    });
  }

  /** What a running job of this process changes; false when it is no longer this process's. */
  async #own(id: string, set: string, values: unknown[], trx?: Kysely<AnyTables>): Promise<boolean> {
    const text = `UPDATE jobs.job SET ${set} WHERE id = $1 AND worker = $2 AND state = 'running' RETURNING id`;
    const given = [id, this.#worker, ...values];
    if (trx) return (await trx.executeQuery(CompiledQuery.raw(text, given))).rows.length > 0;
    return (await this.#db.query(text, given)).length > 0;
  }

  progress(id: string, progress: JobProgress): Promise<boolean> {
    return this.#own(id, 'progress = $3', [json(progress)]);
  }

  checkpoint(id: string, state: unknown): Promise<boolean> {
    return this.#own(id, 'checkpoint = $3, orphaned = 0', [json(state)]);
  }

  /** Ends a job for good. */
  finish(
    id: string,
    end: { state: JobState; result?: unknown; error?: JobRow['error']; progress: JobProgress | null; at: Date },
    trx?: Kysely<AnyTables>,
  ): Promise<boolean> {
    return this.#own(
      id,
      'state = $3, result = $4, error = $5, progress = coalesce($6::jsonb, progress), finished_at = $7, worker = NULL',
      [
        end.state,
        end.result === undefined ? null : json(end.result),
        end.error ? json(end.error) : null,
        end.progress ? json(end.progress) : null,
        end.at,
      ],
      trx,
    );
  }

  /** Puts a job back in its lane, to go on from its checkpoint. */
  requeue(id: string, due: Date, retries: number): Promise<boolean> {
    return this.#own(id, "state = 'queued', worker = NULL, due_at = $3, retries = $4", [due, retries]);
  }

  /** Asks for the end of a job: a queued one ends here and now. */
  async cancel(id: string, now: Date): Promise<JobRow | undefined> {
    const rows = await this.#db.query<JobRow>(
      `UPDATE jobs.job SET cancel_requested = true,
         state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
         finished_at = CASE WHEN state = 'queued' THEN $2::timestamptz ELSE finished_at END
       WHERE id = $1 AND state IN ('queued', 'running') RETURNING *`,
      [id, now],
    );
    return rows[0];
  }

  /** A sign of life for the jobs of this process; answers those that are still its own and whether to cancel them. */
  async beat(running: string[]): Promise<Map<string, { cancel: boolean }>> {
    const rows = await this.#db.query<{ id: string; cancel_requested: boolean }>(
      `UPDATE jobs.job SET heartbeat_at = now()
       WHERE worker = $1 AND state = 'running' AND id = ANY($2::text[]) RETURNING id, cancel_requested`,
      [this.#worker, running],
    );
    return new Map(rows.map((r) => [r.id, { cancel: r.cancel_requested }]));
  }

  /**
   * Jobs whose process is gone go back to their lane. One that keeps taking its process with it waits a little longer
   * each time (10 s at most), so that a hub that starts can be reached and the job be cancelled.
   * @param mine the jobs that this process is running
   * @param alone no other process can be at work on this store: every running job of another worker is an orphan
   */
  async adoptOrphans(now: Date, mine: string[], alone: boolean): Promise<string[]> {
    const rows = await this.#db.query<{ id: string }>(
      `UPDATE jobs.job SET worker = NULL, orphaned = orphaned + 1,
         state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
         finished_at = CASE WHEN cancel_requested THEN $2::timestamptz END,
         due_at = $2::timestamptz + CASE WHEN orphaned < 3 THEN 0 ELSE least(10, orphaned - 2) END * interval '1 second'
       WHERE state = 'running' AND NOT (worker = $1 AND id = ANY($5::text[]))
         AND ($3 OR heartbeat_at < now() - $4::int * interval '1 second')
       RETURNING id`,
      [this.#worker, now, alone, SILENCE, mine],
    );
    return rows.map((r) => r.id);
  }

  /** Removes what ended before an instant. */
  async prune(before: Date): Promise<number> {
    return (await this.#db.query('DELETE FROM jobs.job WHERE finished_at < $1 RETURNING id', [before])).length;
  }
}
