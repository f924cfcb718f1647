/** How the ways out are: queues, what was given up and why. For administrators, who see no content and no address. */
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Db } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import { Problem } from '../problem.ts';
import { deliveryUnknown } from './problems.ts';

/** The figures of a channel; counts of the last 24 hours where they say so. */
export interface ChannelFigures {
  channel: string;
  waiting: number;
  digest: number;
  sending: number;
  dead: number;
  sentDay: number;
  failedDay: number;
  uncertainDay: number;
  oldest: Date | null;
  lastSent: Date | null;
  problem: { code: string; title: Bilingual } | null;
}

const DAY = 86_400_000;

/** The figures of every channel that ever had something to send. */
export async function figures(db: Db, now: Date): Promise<Map<string, ChannelFigures>> {
  const since = new Date(now.getTime() - DAY);
  const { rows } = await sql<Omit<ChannelFigures, 'sentDay' | 'failedDay' | 'uncertainDay'>>`SELECT channel,
      count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state IN ('digest', 'bundled')) AS digest,
      count(*) FILTER (WHERE state = 'sending') AS sending, count(*) FILTER (WHERE state = 'dead') AS dead,
      min(made_at) FILTER (WHERE state = 'waiting' AND due_at <= ${now}) AS oldest,
      max(ended_at) FILTER (WHERE state = 'sent') AS "lastSent",
      (array_agg(problem ORDER BY due_at DESC) FILTER (WHERE problem IS NOT NULL AND state IN ('waiting', 'dead')))[1] AS problem
    FROM notices.delivery GROUP BY channel`.execute(db.kysely);
  const tries = await sql<{ channel: string; outcome: string; n: number }>`SELECT d.channel, a.outcome, count(*) AS n
    FROM notices.attempt a JOIN notices.delivery d ON d.id = a.delivery
    WHERE a.started_at >= ${since} AND a.outcome IS NOT NULL GROUP BY 1, 2`.execute(db.kysely);
  const n = (channel: string, outcome: string) =>
    tries.rows.find((t) => t.channel === channel && t.outcome === outcome)?.n ?? 0;
  return new Map(
    rows.map((r) => [
      r.channel,
      {
        ...r,
        ...{
          sentDay: n(r.channel, 'sent'),
          failedDay: n(r.channel, 'failed'),
          uncertainDay: n(r.channel, 'uncertain'),
        },
      },
    ]),
  );
}

/** Deliveries by state, for the metrics. */
export async function deliveryCounts(db: Db): Promise<Record<string, number>> {
  const rows = await db.query<{ state: string; n: number }>(
    'SELECT state, count(*) AS n FROM notices.delivery GROUP BY state',
  );
  return Object.fromEntries(rows.map((r) => [r.state, Number(r.n)]));
}

/** Matters by how far they are. */
export async function matterCounts(db: Db): Promise<{ undispatched: number; nobody: number; open: number }> {
  const { rows } = await sql<{ undispatched: number; nobody: number; open: number }>`SELECT
      count(*) FILTER (WHERE dispatched < revision) AS undispatched, count(*) FILTER (WHERE again_at IS NOT NULL) AS nobody,
      count(*) AS open FROM notices.matter WHERE settled_at IS NULL`.execute(db.kysely);
  return rows[0]!;
}

/** A delivery that was given up. */
export interface DeadRow {
  id: number;
  channel: string;
  login: string;
  kind: string;
  attempts: number;
  uncertain: number;
  problem: { code: string; title: Bilingual } | null;
  made_at: Date;
  ended_at: Date;
}

/** What was given up, the newest first: for whom and why, never what. */
export async function deadOnes(db: Db, limit: number): Promise<DeadRow[]> {
  const { rows } =
    await sql<DeadRow>`SELECT d.id, d.channel, a.login, coalesce(n.kind, 'digest') AS kind, d.attempts, d.uncertain,
      d.problem, d.made_at, d.ended_at
    FROM notices.delivery d JOIN auth.account a ON a.id = d.account LEFT JOIN notices.notice n ON n.id = d.notice
    WHERE d.state = 'dead' AND d.within IS NULL ORDER BY d.id DESC LIMIT ${limit}`.execute(db.kysely);
  return rows;
}

/** Tries again what was given up: one, or all of a channel. Its tries are counted anew. Problem `notices.delivery.unknown`. */
export async function retry(
  ports: { db: Db; clock: Clock },
  which: { id: number } | { channel: string },
): Promise<number> {
  const now = ports.clock.now();
  const chosen = 'id' in which ? sql`id = ${which.id}` : sql`channel = ${which.channel}`;
  return ports.db.tx(async (trx) => {
    const { rows } = await sql<{
      id: number;
    }>`UPDATE notices.delivery SET state = 'waiting', due_at = ${now}, ended_at = NULL, tries_from = attempts
      WHERE state = 'dead' AND within IS NULL AND ${chosen} RETURNING id`.execute(trx);
    if (!rows.length && 'id' in which) throw new Problem(deliveryUnknown);
    await sql`UPDATE notices.delivery SET state = 'bundled', ended_at = NULL
      WHERE state = 'dead' AND within = ANY(${rows.map((r) => r.id)}::bigint[])`.execute(trx);
    return rows.length;
  });
}
