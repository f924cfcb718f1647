/** What is open, for rooms that catch up. */
import { sql } from 'kysely';
import type { Db } from '../../platform/db/index.ts';
import { type AlertBrief, type AlertRow, brief } from './alert.ts';

/** Alerts that are open, or that changed after an instant (ended ones too); oldest change first, at most 10,000. */
export async function openAlerts(db: Db, changedAfter?: Date): Promise<AlertBrief[]> {
  const { rows } = await sql<AlertRow>`SELECT * FROM alerts.alert
    WHERE closed_at IS NULL OR changed_at > ${changedAfter ?? null}::timestamptz
    ORDER BY changed_at, id LIMIT 10000`.execute(db.kysely);
  return rows.map(brief);
}
