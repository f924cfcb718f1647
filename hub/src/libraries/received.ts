/**
 * What the exchange hands over, in one place: its runs, rows that vanished from a snapshot, and received rows by class.
 * Received rows are read from raw.<class> directly (refinery/plan.ts): the one sanctioned bulk path between rooms.
 */
import type { LakeSession } from '../platform/lake/index.ts';

/** A run as the refinery needs it. */
export interface ReceivedRun {
  run: number;
  source: string;
  version: number;
  accepted: number;
}

/** Whether a table is there. */
async function exists(session: Pick<LakeSession, 'first'>, schema: string, table: string): Promise<boolean> {
  const row = await session.first(
    'SELECT 1 AS one FROM information_schema.tables WHERE table_schema = $schema AND table_name = $table',
    { schema, table },
  );
  return row !== undefined;
}

/** Runs that were never integrated, in their order. */
export async function pendingRuns(session: Pick<LakeSession, 'first' | 'query'>): Promise<ReceivedRun[]> {
  if (!(await exists(session, 'v', 'run_v1'))) return [];
  return session.query<LakeRowOf<ReceivedRun>>(
    `SELECT run, source, declaration AS version, accepted FROM v.run_v1 WHERE run NOT IN (SELECT run FROM v.refined_run_v1) ORDER BY run`,
  );
}

type LakeRowOf<T> = T & Record<string, unknown>;

/** SQL of (fact, run) for rows of earlier runs that a snapshot of these runs no longer has; null when none is kept. */
export async function vanishedSql(
  session: Pick<LakeSession, 'first'>,
  runs: readonly number[],
): Promise<string | null> {
  if (runs.length === 0 || !(await exists(session, 'v', 'vanished_v1'))) return null;
  return `SELECT (of_run::BIGINT << 32) | of_row AS fact, run FROM v.vanished_v1 WHERE run IN (${runs.join(', ')})`;
}
