/** After-action review (复盘): figures out of the log, lessons learnt with who sees to them and until when. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { operationOf } from './log.ts';
import { type CommandDeps, mustKnow } from './ports.ts';
import * as k from './problems.ts';

export interface LessonRow {
  id: number;
  text: string;
  organisation: string | null;
  due: string | null;
  state: 'open' | 'done';
  made_by: string;
  made_at: Date;
  done_by: string | null;
  done_at: Date | null;
}

export const lessonsOf = async (db: Kysely<AnyTables>, operation: number): Promise<LessonRow[]> =>
  (
    await sql<LessonRow>`SELECT id, text, organisation, due, state, made_by, made_at, done_by, done_at FROM command.lesson
    WHERE operation = ${operation} ORDER BY id`.execute(db)
  ).rows;

/** Writes a lesson down; also of closed operations, since what is learnt comes later. */
export async function learn(
  deps: CommandDeps,
  operation: number,
  body: { text: string; organisation?: string | undefined; due?: string | undefined },
  who: Principal,
): Promise<void> {
  if (body.organisation !== undefined) mustKnow(deps, [body.organisation]);
  await deps.db.tx(async (trx) => {
    await operationOf(trx, operation);
    await sql`INSERT INTO command.lesson (operation, text, organisation, due, made_by, made_at)
      VALUES (${operation}, ${body.text}, ${body.organisation ?? null}, ${body.due ?? null}::date, ${who.name}, ${deps.clock.now()})`.execute(
      trx,
    );
    await deps.audit.append(
      { actor: who, action: 'command.lesson', object: `operation/${operation}`, outcome: 'ok' },
      trx,
    );
  });
}

/** A lesson is seen to. */
export async function settleLesson(deps: CommandDeps, id: number, who: Principal): Promise<void> {
  const { rows } =
    await sql`UPDATE command.lesson SET state = 'done', done_by = ${who.name}, done_at = ${deps.clock.now()}
    WHERE id = ${id} AND state = 'open' RETURNING id`.execute(deps.db.kysely);
  if (!rows.length) throw new Problem(k.lessonUnknown, { id });
  await deps.audit.append({ actor: who, action: 'command.lesson-done', object: `lesson/${id}`, outcome: 'ok' });
}
