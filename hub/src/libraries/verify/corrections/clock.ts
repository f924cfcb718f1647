/** The ten working days of a correction, as every clock counts them: where nobody announced a year's holidays there is no due day. */
import { nationalCalendar, type WorkingCalendar } from '@jingwei/codes';
import { sql } from 'kysely';
import type { Db } from '../../../platform/db/index.ts';
import { cityDay, type Due, dueOf, standingOf } from '../../../platform/law/index.ts';

/** Working days that the department of a source has. */
const WORKING_DAYS = 10;
/** Working days before the end from which a correction is shown as urgent. */
const WARN = 2;

/** The tenth working day after a day, or the year that it waits for. */
export const correctionDue = (day: string, calendar: WorkingCalendar = nationalCalendar): Due =>
  dueOf(calendar, day, WORKING_DAYS);

/** Computes due days that had to wait, by a calendar that may know more years now; answers how many. */
export async function computeCorrectionDues(db: Db, calendar: WorkingCalendar): Promise<number> {
  const waiting = await sql<{
    id: number;
    at: Date;
    missing_year: number | null;
  }>`SELECT id, raised_at AS at, missing_year
    FROM libraries.correction WHERE due IS NULL AND state <> 'settled' ORDER BY id LIMIT 2000`.execute(db.kysely);
  let computed = 0;
  for (const c of waiting.rows) {
    const { due, missingYear } = correctionDue(cityDay(c.at), calendar);
    if (due === null && missingYear === c.missing_year) continue;
    await sql`UPDATE libraries.correction SET due = ${due}::date, missing_year = ${missingYear} WHERE id = ${c.id}`.execute(
      db.kysely,
    );
    if (due !== null) computed += 1;
  }
  return computed;
}

/** A correction that waits for its department. */
export interface OpenCorrection {
  id: number;
  source: string | null;
  owner: string | null;
  raisedBy: string | null;
  field: string;
  due: string | null;
  missingYear: number | null;
  standing: 'unknown' | 'running' | 'warning' | 'overdue';
  /** Working days left; null where it cannot be said. */
  left: number | null;
}

/** Open corrections of an organisation's sources (null: of all), those due first, with how their clocks stand. */
export async function openCorrections(
  db: Db,
  calendar: WorkingCalendar,
  today: string,
  owner: string | null,
  limit = 100,
): Promise<OpenCorrection[]> {
  type Row = Omit<OpenCorrection, 'standing' | 'left'>;
  const found = await sql<Row>`SELECT id, source, owner, raised_organisation AS "raisedBy", field, due::text AS due,
      missing_year AS "missingYear" FROM libraries.correction
    WHERE state = 'open' AND (${owner}::text IS NULL OR owner = ${owner}) ORDER BY due NULLS LAST, id LIMIT ${limit}`.execute(
    db.kysely,
  );
  return found.rows.map((r) => ({ ...r, ...standingOf(calendar, { due: r.due, warn: WARN }, today) }));
}
