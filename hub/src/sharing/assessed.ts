/**
 * What sharing tells of itself for an assessment (考核): its clocks, requests, disputes, deliveries and what was done about
 * misuse, as facts of organisations and days. No content of a matter, nobody's name.
 */
import { sql } from 'kysely';
import type { Db } from '../platform/db/index.ts';

/** Days are of Asia/Shanghai; `from` is the first day that matters. */
export interface AssessedSharing {
  clock: {
    clock: number;
    deadline: string;
    request: number;
    organisation: string;
    start: string;
    days: number;
    extension: number;
    due: string | null;
    missing_year: number | null;
    state: string;
    ended: string | null;
  }[];
  request: {
    request: number;
    requester: string;
    provider: string;
    entry: string;
    state: string;
    submitted: string | null;
    decided: string | null;
  }[];
  dispute: {
    dispute: number;
    request: number;
    requester: string;
    provider: string;
    state: string;
    outcome: string | null;
    ended: string | null;
  }[];
  delivery: {
    delivery: number;
    share: number;
    requester: string;
    provider: string;
    entry: string;
    ready: string;
    sealed: boolean;
    downloads: number;
    /** Day on which the recipient confirmed what it has; null while it did not. */
    confirmed: string | null;
    matches: boolean | null;
  }[];
  /** Every grant and what it is of. */
  share: { share: number; entry: string }[];
  misuse: {
    step: number;
    share: number;
    request: number;
    requester: string;
    provider: string;
    action: string;
    day: string;
  }[];
}

const day = (column: string) => sql.raw(`(${column} AT TIME ZONE 'Asia/Shanghai')::date::text`);

/** Everything since a day, and what was still open then. */
export async function assessedSharing({ kysely }: Db, from: string): Promise<AssessedSharing> {
  const all = async <T>(query: ReturnType<typeof sql<T>>): Promise<T[]> => (await query.execute(kysely)).rows;
  const since = sql`${from}::date`;
  return {
    clock: await all(sql<AssessedSharing['clock'][number]>`SELECT id AS clock, deadline, request, organisation,
      start_day::text AS start, days, extension, due::text AS due, missing_year, state, ${day('ended_at')} AS ended
      FROM sharing.clock WHERE ended_at IS NULL OR ended_at >= ${since} - 1 ORDER BY id`),
    request: await all(sql<AssessedSharing['request'][number]>`SELECT id AS request, requester, provider, entry, state,
      ${day('submitted_at')} AS submitted, ${day('decided_at')} AS decided
      FROM sharing.request WHERE submitted_at IS NOT NULL AND (decided_at IS NULL OR decided_at >= ${since} - 1) ORDER BY id`),
    dispute: await all(sql<
      AssessedSharing['dispute'][number]
    >`SELECT id AS dispute, request, requester, provider, state, outcome,
      ${day('ended_at')} AS ended FROM sharing.dispute WHERE ended_at IS NULL OR ended_at >= ${since} - 1 ORDER BY id`),
    delivery: await all(sql<
      AssessedSharing['delivery'][number]
    >`SELECT d.id AS delivery, d.share, s.requester, s.provider, s.entry,
      ${day('d.ready_at')} AS ready, d.seal IS NOT NULL AS sealed,
      (SELECT count(*) FROM sharing.download w WHERE w.delivery = d.id)::int AS downloads,
      ${day('r.at')} AS confirmed, r.matches
      FROM sharing.delivery d JOIN sharing.share s ON s.id = d.share LEFT JOIN sharing.receipt r ON r.delivery = d.id
      WHERE d.state = 'ready' AND d.ready_at >= ${since} - 1 ORDER BY d.id`),
    share: await all(sql<AssessedSharing['share'][number]>`SELECT id AS share, entry FROM sharing.share ORDER BY id`),
    misuse: await all(sql<
      AssessedSharing['misuse'][number]
    >`SELECT t.seq AS step, t.id AS share, t.request, s.requester, s.provider,
      t.action, ${day('t.at')} AS day FROM sharing.step t JOIN sharing.share s ON s.id = t.id
      WHERE t.matter = 'share' AND t.action IN ('suspend', 'terminate') AND t.at >= ${since} - 1 ORDER BY t.seq`),
  };
}
