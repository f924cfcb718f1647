/** Where accepted rows are that no legal person has, nor lacks: waiting, about somebody or something else, or taking back. */
import { catalogueOf } from '../catalogue/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { planOf } from './plan.ts';

/** Accepted rows by where they are; with the linked and the unlinked ones they are all accepted rows. */
export interface OtherRows {
  waiting: number;
  apart: number;
  withdrawing: number;
}

interface SourceRows extends Record<string, unknown> {
  source: string;
  accepted: number;
  refined: number;
  settled: number;
}

/** Counts them over all runs. Rows of a class without legal persons never wait: nothing is matched there. */
export async function otherRows(lake: Lake): Promise<OtherRows> {
  const rows = await lake.query<SourceRows>(
    `SELECT r.source, sum(r.accepted)::BIGINT AS accepted, coalesce(sum(r.accepted) FILTER (f.run IS NOT NULL), 0)::BIGINT AS refined,
       coalesce(sum(f.linked + f.unlinked), 0)::BIGINT AS settled
     FROM v.run_v1 r LEFT JOIN v.refined_run_v1 f ON f.run = r.run AND f.refined_at IS NOT NULL GROUP BY r.source`,
  );
  const { sources } = catalogueOf(lake);
  const others: OtherRows = { waiting: 0, apart: 0, withdrawing: 0 };
  for (const { source, accepted, refined, settled } of rows) {
    const declared = sources.get(source);
    // A source that is declared no more is what its rows were when they were refined.
    const matched = declared ? planOf(declared).matched : settled > 0;
    if (matched) {
      others.waiting += accepted - refined;
      others.withdrawing += refined - settled;
    } else others.apart += accepted - settled;
  }
  return others;
}
