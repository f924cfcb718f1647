/**
 * Clocks of law in the store. They are started, met and stopped by the steps of the machine, extended with consent, and looked
 * through from time to time: what warns, what is late and what can be computed at last is kept as it is found.
 */
import type { WorkingCalendar } from '@jingwei/codes';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import { cityDay, dueOf, type Law, standingOf } from '../platform/law/index.ts';
import type { ClockEffect } from './machine.ts';

/** What clocks stand on. */
export interface LawPorts {
  law: Law;
  calendar(): WorkingCalendar;
}

/** A clock as it is kept. */
export interface ClockRow {
  id: number;
  deadline: string;
  request: number;
  organisation: string;
  start_day: string;
  days: number;
  extension: number;
  due: string | null;
  missing_year: number | null;
  state: 'running' | 'met' | 'stopped';
  started_at: Date;
  ended_at: Date | null;
  ground: string | null;
  warned_at: Date | null;
  overdue_at: Date | null;
}

/** The request whose clocks are moved. */
export interface ClockSubject {
  id: number;
  provider: string;
  sharing: 'unconditional' | 'conditional';
}

/** The period that an effect speaks of. */
export const periodOf = (which: 'reply' | 'deliver', sharing: ClockSubject['sharing']): string =>
  which === 'deliver' ? 'request.deliver' : `request.reply.${sharing}`;

/** Applies what a step does to clocks. */
export async function moveClocks(
  trx: Kysely<AnyTables>,
  ports: LawPorts,
  subject: ClockSubject,
  effects: readonly ClockEffect[],
  at: Date,
): Promise<void> {
  for (const effect of effects) {
    if ('start' in effect) await start(trx, ports, subject, periodOf(effect.start, subject.sharing), at);
    else if ('meet' in effect) await meetClock(trx, subject.id, periodOf(effect.meet, subject.sharing), at);
    else {
      const only = effect.stop === 'all' ? sql`true` : sql`deadline = ${periodOf('reply', subject.sharing)}`;
      await sql`UPDATE sharing.clock SET state = 'stopped', ended_at = ${at}, ground = ${effect.ground.zh}
        WHERE request = ${subject.id} AND state = 'running' AND ${only}`.execute(trx);
      await lapse(trx, subject.id);
    }
  }
}

async function start(trx: Kysely<AnyTables>, ports: LawPorts, subject: ClockSubject, id: string, at: Date) {
  const period = ports.law.deadline(id);
  const day = cityDay(at);
  const { due, missingYear } = dueOf(ports.calendar(), day, period.days);
  await sql`INSERT INTO sharing.clock (deadline, request, organisation, start_day, days, due, missing_year, started_at)
    VALUES (${id}, ${subject.id}, ${subject.provider}, ${day}::date, ${period.days}, ${due}::date, ${missingYear}, ${at})`.execute(
    trx,
  );
}

/** The end of a clock by what it asked for; late or not is seen from its days. */
export async function meetClock(trx: Kysely<AnyTables>, request: number, id: string, at: Date): Promise<void> {
  await sql`UPDATE sharing.clock SET state = 'met', ended_at = ${at},
      overdue_at = CASE WHEN due < ${cityDay(at)}::date THEN coalesce(overdue_at, ${at}) ELSE overdue_at END
    WHERE request = ${request} AND deadline = ${id} AND state = 'running'`.execute(trx);
  await lapse(trx, request);
}

/** An extension that nobody decided ends with its clock. */
const lapse = (trx: Kysely<AnyTables>, request: number) =>
  sql`UPDATE sharing.extension e SET state = 'lapsed' FROM sharing.clock c
    WHERE c.id = e.clock AND c.request = ${request} AND c.state <> 'running' AND e.state = 'asked'`.execute(trx);

/** What a look through the clocks found. */
export interface Found {
  computed: ClockRow[];
  warned: ClockRow[];
  late: ClockRow[];
}

const columns = sql`id, deadline, request, organisation, start_day::text AS start_day, days, extension, due::text AS due,
  missing_year, state, started_at, ended_at, ground, warned_at, overdue_at`;

/** Clocks that a condition holds for. */
export async function clocksWhere(db: Kysely<AnyTables>, where: ReturnType<typeof sql>): Promise<ClockRow[]> {
  return (
    await sql<ClockRow>`SELECT ${columns} FROM sharing.clock WHERE ${where} ORDER BY due NULLS LAST, id LIMIT 2000`.execute(
      db,
    )
  ).rows;
}

/** Looks through the running clocks; each finding is kept once, also by two looks at the same time. */
export async function lookThrough(trx: Kysely<AnyTables>, ports: LawPorts, at: Date): Promise<Found> {
  const calendar = ports.calendar();
  const today = cityDay(at);
  const warns = (c: ClockRow) =>
    standingOf(calendar, { due: c.due, warn: ports.law.deadline(c.deadline).warn }, today).standing === 'warning';
  const found: Found = { computed: [], warned: [], late: [] };
  for (const c of await clocksWhere(trx, sql`state = 'running' AND due IS NULL`)) {
    const { due, missingYear } = dueOf(calendar, c.start_day, c.days + c.extension);
    if (due === null && missingYear === c.missing_year) continue;
    await sql`UPDATE sharing.clock SET due = ${due}::date, missing_year = ${missingYear} WHERE id = ${c.id}`.execute(
      trx,
    );
    if (due !== null) found.computed.push({ ...c, due });
  }
  for (const c of await clocksWhere(trx, sql`state = 'running' AND due IS NOT NULL AND overdue_at IS NULL`)) {
    if (today > c.due!) {
      const kept =
        await sql`UPDATE sharing.clock SET overdue_at = ${at} WHERE id = ${c.id} AND overdue_at IS NULL`.execute(trx);
      if (Number(kept.numAffectedRows)) found.late.push(c);
    } else if (c.warned_at === null && warns(c)) {
      const kept =
        await sql`UPDATE sharing.clock SET warned_at = ${at} WHERE id = ${c.id} AND warned_at IS NULL`.execute(trx);
      if (Number(kept.numAffectedRows)) found.warned.push(c);
    }
  }
  return found;
}

/** The clock that runs for a request; undefined where none does. */
export const runningClock = async (db: Kysely<AnyTables>, request: number): Promise<number | undefined> =>
  (await clocksWhere(db, sql`request = ${request} AND state = 'running'`))[0]?.id;

/** All clocks of a request, running ones and those that ended. */
export const clocksOf = (db: Kysely<AnyTables>, request: number): Promise<ClockRow[]> =>
  clocksWhere(db, sql`request = ${request}`);
