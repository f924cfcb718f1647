/** What the libraries tell of themselves for an assessment (考核): corrections and when their department answered. */
import { sql } from 'kysely';
import type { Db } from '../platform/db/index.ts';

/** A correction (校核). Days are of Asia/Shanghai; `due` is the last of the ten working days. */
export interface AssessedCorrection {
  correction: number;
  owner: string | null;
  subject: string;
  entity: number | null;
  field: string;
  raised: string;
  due: string;
  state: string;
  /** The day on which the owner first answered; null while it did not. */
  answered: string | null;
}

/** Corrections that were open on a day or came after it. */
export async function assessedCorrections({ kysely }: Db, from: string): Promise<AssessedCorrection[]> {
  const found = await sql<AssessedCorrection>`SELECT c.id AS correction, c.owner, c.subject, c.entity, c.field,
      (c.raised_at AT TIME ZONE 'Asia/Shanghai')::date::text AS raised, c.due::text AS due, c.state,
      (a.at AT TIME ZONE 'Asia/Shanghai')::date::text AS answered
    FROM libraries.correction c
    LEFT JOIN (SELECT correction, min(at) AS at FROM libraries.correction_entry WHERE state <> 'open' GROUP BY correction) a
      ON a.correction = c.id
    WHERE a.at IS NULL OR a.at >= ${from}::date - 1 ORDER BY c.id`.execute(kysely);
  return found.rows;
}
