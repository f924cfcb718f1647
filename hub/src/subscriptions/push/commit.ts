/**
 * What tries came to is kept in groups: everything that ends while one transaction is being written goes into the next, so that many receivers cost
 * few commits. Whoever asked goes on when its own result is on disk, and only then is the next message of its partition sent.
 */
import { sql } from 'kysely';
import type { Db } from '../../platform/db/index.ts';
import { cityDay } from '../../platform/law/index.ts';
import type { CursorRow } from '../store.ts';

/** One try and what it does to its cursor. */
export interface Attempt {
  subscription: number;
  partition: number;
  generation: number;
  message: string;
  first: number;
  last: number;
  events: number;
  bytes: number;
  sha256: string;
  ok: boolean;
  status: number | null;
  problem: string | null;
  ms: number;
  at: Date;
  /** Where the cursor stands after it. */
  to: Pick<CursorRow, 'phase' | 'seq' | 'previous' | 'after' | 'pending' | 'failures' | 'failing_since' | 'next_at'>;
}

interface Waiting {
  attempt: Attempt;
  resolve: (moved: boolean) => void;
  reject: (error: unknown) => void;
}

/** Keeps attempts. */
export class Committer {
  readonly #db: Db;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(db: Db) {
    this.#db = db;
  }

  /** On disk when it resolves; false: the cursor was moved by somebody else (a replay) and stays where that put it. */
  keep(attempt: Attempt): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ attempt, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length) {
      const group = this.#waiting.splice(0, 200);
      try {
        const moved = await this.#transaction(group.map((w) => w.attempt));
        for (const w of group) w.resolve(moved.has(`${w.attempt.subscription}/${w.attempt.partition}`));
      } catch (error) {
        for (const w of group) w.reject(error);
      }
    }
    this.#writing = undefined;
  }

  #transaction(attempts: readonly Attempt[]): Promise<Set<string>> {
    const rows = attempts.map((a) => {
      const { to, ...own } = a;
      return {
        ...own,
        day: cityDay(a.at),
        ...{ to_phase: to.phase, to_seq: to.seq, to_previous: to.previous, to_after: to.after, to_pending: to.pending },
        ...{ to_failures: to.failures, to_failing: to.failing_since, to_next: to.next_at },
      };
    });
    const given = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x(subscription integer, partition integer,
      generation integer, message text, first bigint, last bigint, events integer, bytes integer, sha256 text, ok boolean,
      status integer, problem text, ms integer, at timestamptz, day date, to_phase text, to_seq bigint, to_previous bigint,
      to_after text, to_pending bigint, to_failures integer, to_failing timestamptz, to_next timestamptz)`;
    return this.#db.tx(async (trx) => {
      const moved = await sql<{
        subscription: number;
        partition: number;
      }>`UPDATE subscriptions.cursor c SET phase = x.to_phase,
          seq = x.to_seq, previous = x.to_previous, after = x.to_after, pending = x.to_pending, failures = x.to_failures,
          failing_since = x.to_failing, next_at = x.to_next, problem = x.problem, status = x.status, last_attempt = x.at,
          told_at = CASE WHEN x.ok THEN NULL ELSE c.told_at END,
          last_success = CASE WHEN x.ok THEN x.at ELSE c.last_success END
        FROM ${given} WHERE c.subscription = x.subscription AND c.partition = x.partition AND c.generation = x.generation
        RETURNING c.subscription, c.partition`.execute(trx);
      await sql`INSERT INTO subscriptions.attempt (subscription, partition, message, first, last, events, bytes, sha256, ok, status,
          problem, ms, at, day)
        SELECT subscription, partition, message, first, last, events, bytes, sha256, ok, status, problem, ms, at, day
        FROM ${given}`.execute(trx);
      await sql`INSERT INTO subscriptions.usage AS u (subscription, day, messages, events, bytes, failures)
        SELECT subscription, day, count(*) FILTER (WHERE ok), coalesce(sum(events) FILTER (WHERE ok), 0),
          coalesce(sum(bytes) FILTER (WHERE ok), 0), count(*) FILTER (WHERE NOT ok) FROM ${given} GROUP BY subscription, day
        ON CONFLICT (subscription, day) DO UPDATE SET messages = u.messages + excluded.messages, events = u.events + excluded.events,
          bytes = u.bytes + excluded.bytes, failures = u.failures + excluded.failures`.execute(trx);
      return new Set(moved.rows.map((r) => `${r.subscription}/${r.partition}`));
    });
  }
}
