/** What forms tell of themselves for an assessment (考核): targets of tasks with a day, and when they were handed in. */
import { sql } from 'kysely';
import type { Db } from '../platform/db/index.ts';

/** A target of a task. Days are of Asia/Shanghai; `division` as the task names it. */
export interface AssessedTarget {
  record: string;
  form: string;
  division: string | null;
  owner: string;
  created: string;
  due: string | null;
  /** The day on which its record was first handed in. */
  done: string | null;
}

/** Targets that were open on a day or came after it. */
export async function assessedTargets({ kysely }: Db, from: string): Promise<AssessedTarget[]> {
  const found =
    await sql<AssessedTarget>`SELECT k.id || '/' || t.id AS record, f.organisation || '.' || f.name AS form, t.division,
      f.organisation AS owner, (k.created_at AT TIME ZONE 'Asia/Shanghai')::date::text AS created, k.due::text AS due,
      (d.at AT TIME ZONE 'Asia/Shanghai')::date::text AS done
    FROM forms.target t JOIN forms.task k ON k.id = t.task JOIN forms.form f ON f.id = k.form
    LEFT JOIN (SELECT record, min(at) AS at FROM forms.change WHERE to_state = 'submitted' GROUP BY record) d ON d.record = t.record
    WHERE d.at IS NULL OR d.at >= ${from}::date - 1 ORDER BY t.id LIMIT 50000`.execute(kysely);
  return found.rows;
}
