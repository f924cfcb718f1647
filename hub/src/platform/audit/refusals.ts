/** Refusals of the audit by organisation, for whoever has to count them: which step of what was refused, never to whom. */
import { sql } from 'kysely';
import type { Db } from '../db/index.ts';

/** A refused step. `organisation` is the one to which the account belongs now; accounts that belong to none are left out. */
export interface Refusal {
  seq: number;
  /** Of Asia/Shanghai. */
  day: string;
  organisation: string;
  action: string;
  object: string;
}

/** Refusals from a day on; at most `limit`, the newest of them. */
export async function refusals({ kysely }: Db, from: string, limit = 50_000): Promise<Refusal[]> {
  const found =
    await sql<Refusal>`SELECT e.seq, (e.at AT TIME ZONE 'Asia/Shanghai')::date::text AS day, a.organisation, e.action, e.object
    FROM audit.entry e JOIN auth.account a ON a.id::text = e.actor_id
    WHERE e.outcome = 'refused' AND a.organisation IS NOT NULL AND e.at >= ${from}::date - 1
    ORDER BY e.seq DESC LIMIT ${limit}`.execute(kysely);
  return found.rows.reverse();
}
