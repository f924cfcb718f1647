/** What the gateway tells of itself for an assessment (考核): how often data of a grant were taken through it, by day. */
import type { Lake } from '../platform/lake/index.ts';

/** Calls of a day that answered with data; the sandbox's do not count. */
export interface AssessedCalls {
  day: string;
  share: number;
  provider: string;
  times: number;
}

/** Calls between two days, both included. */
export const assessedCalls = (lake: Lake, from: string, to: string): Promise<AssessedCalls[]> =>
  lake.query<AssessedCalls & Record<string, unknown>>(
    `SELECT day::VARCHAR AS day, share, provider, sum(calls)::BIGINT AS times FROM gw.day
     WHERE NOT sandbox AND status < 400 AND rows > 0 AND day BETWEEN $from::DATE AND $to::DATE
     GROUP BY day, share, provider ORDER BY day, share`,
    { from, to },
  );
