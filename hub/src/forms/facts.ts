/** What an assessment counts of forms: records by their days, nobody's name and no value. */
import type { Deps } from '../platform/room.ts';

/** One record of a department. Days are of Asia/Shanghai; `done`: the day of its acceptance, null while it is open. */
export interface CollectedFact {
  record: string;
  form: number;
  owner: string;
  created: string;
  done: string | null;
  /** Whether a period of working days has passed for it and it still waits. */
  overdue: boolean;
}

/** Records that were received from a day to a day, both included; withdrawn ones left out. */
export async function collectedFacts(deps: Pick<Deps, 'db'>, fromDay: string, toDay: string): Promise<CollectedFact[]> {
  return deps.db.query<CollectedFact & Record<string, unknown>>(
    `SELECT r.id AS record, r.form, f.organisation AS owner, (r.received_at AT TIME ZONE 'Asia/Shanghai')::date AS created,
       CASE WHEN r.state = 'accepted' THEN (r.updated_at AT TIME ZONE 'Asia/Shanghai')::date END AS done,
       r.due IS NOT NULL AND r.due < $2::date AS overdue
     FROM forms.record r JOIN forms.form f ON f.id = r.form
     WHERE r.state <> 'withdrawn' AND (r.received_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN $1::date AND $2::date
     ORDER BY r.received_at, r.id`,
    [fromDay, toDay],
  );
}
