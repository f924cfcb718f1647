/** How often services were called, for rooms that reckon with it (assessment). */
import { sql } from 'kysely';
import type { Deps } from '../platform/room.ts';
import { DAY_OF } from './usage/store.ts';

/** Calls of an entry's services on a day that were answered, sandbox apart. */
export interface ServiceUse {
  entry: string;
  provider: string;
  requester: string;
  day: string;
  times: number;
}

/** Uses between two days, both included; today's as far as its records are in the lake (some seconds behind). */
export async function serviceUses(deps: Pick<Deps, 'db' | 'lake'>, from: string, to: string): Promise<ServiceUse[]> {
  const known = await deps.lake.first(
    `SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'gw' AND view_name = 'usage'`,
  );
  if (!known) return [];
  const rows = await deps.lake.query<{
    share: number;
    provider: string;
    requester: string;
    day: string;
    times: number;
  }>(
    `SELECT share, provider, requester, day::VARCHAR AS day, sum(calls)::BIGINT AS times FROM (
       SELECT share, provider, requester, day, calls FROM gw.day
         WHERE NOT sandbox AND status < 400 AND operation NOT IN ('export-end', 'openapi', 'client')
       UNION ALL
       SELECT share, provider, requester, ${DAY_OF}, 1 FROM gw.usage
         WHERE NOT sandbox AND status < 400 AND operation NOT IN ('export-end', 'openapi', 'client')
           AND "at" >= coalesce((SELECT max(day) FROM gw.day)::TIMESTAMP + INTERVAL 16 HOUR, TIMESTAMP '2000-01-01'))
     WHERE day BETWEEN $from::DATE AND $to::DATE AND share > 0 GROUP BY ALL ORDER BY day, share`,
    { from, to },
  );
  const grants = await sql<{
    id: number;
    entry: string;
  }>`SELECT id, entry FROM sharing.share WHERE mode = 'service'`.execute(deps.db.kysely);
  const entries = new Map(grants.rows.map((g) => [g.id, g.entry]));
  return rows.flatMap(({ share, provider, requester, day, times }) => {
    const entry = entries.get(share);
    return entry === undefined ? [] : [{ entry, provider, requester, day, times: Number(times) }];
  });
}
