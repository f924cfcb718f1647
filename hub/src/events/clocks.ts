/**
 * Limits of an event (时限). They begin at dispatch, run side by side where they are nested, stop while paused with a ground, and are
 * looked through from time to time: what is late is kept as it is found.
 */
import { sql } from 'kysely';
import {
  addWorkingMinutes,
  type DueAt,
  dueAt,
  type LimitUnit,
  type Span,
  workingMinutes,
} from '../platform/law/index.ts';
import type { ClockEffect } from './machine.ts';
import { declaredSpan, type Matter, type Rules } from './matters.ts';
import type { EventPorts, Trx } from './ports.ts';
import type { EventRow } from './store.ts';

/** A clock as it is kept. */
export interface ClockRow {
  id: number;
  event: number;
  name: string;
  title: { zh: string; en: string };
  organisation: string;
  amount: number;
  unit: LimitUnit;
  started_at: Date;
  due: Date | null;
  missing_year: number | null;
  state: 'running' | 'paused' | 'met' | 'stopped';
  left_minutes: number | null;
  late_at: Date | null;
  ended_at: Date | null;
  ground: string | null;
}

type Time = Pick<EventPorts, 'calendar' | 'hours'>;

/** The name of the limit of acceptance. */
export const ACCEPT = 'accept';

const working = (unit: LimitUnit): boolean => unit.startsWith('working');

/** Minutes of a unit's own time between two instants; null where a year is not known. */
export function minutesLeft(time: Time, unit: LimitUnit, from: Date, to: Date): number | null {
  return working(unit)
    ? workingMinutes(time.calendar(), time.hours(), from, to)
    : (to.getTime() - from.getTime()) / 60_000;
}

function goOn(time: Time, unit: LimitUnit, from: Date, minutes: number): DueAt {
  if (minutes <= 0) return { at: new Date(from.getTime() + minutes * 60_000), missingYear: null };
  return working(unit)
    ? addWorkingMinutes(time.calendar(), time.hours(), from, minutes)
    : { at: new Date(from.getTime() + minutes * 60_000), missingYear: null };
}

async function begin(
  trx: Trx,
  time: Time,
  e: EventRow,
  name: string,
  title: object,
  organisation: string,
  span: Span,
  at: Date,
) {
  const due = dueAt(time.calendar(), time.hours(), at, span);
  await sql`INSERT INTO events.clock (event, name, title, organisation, amount, unit, started_at, due, missing_year)
    VALUES (${e.id}, ${name}, ${JSON.stringify(title)}::jsonb, ${organisation}, ${span.amount}, ${span.unit}, ${at}, ${due.at}, ${due.missingYear})`.execute(
    trx,
  );
}

/** The SELECT of the clocks of an event, running ones first. */
export const clocksQuery = (event: number) =>
  sql<ClockRow>`SELECT * FROM events.clock WHERE event = ${event}
    ORDER BY (state = 'running') DESC, (state = 'paused') DESC, due NULLS LAST, id LIMIT 100`;

/** The clocks of an event, running ones first. */
export const clocksOf = async (db: Trx, event: number): Promise<ClockRow[]> =>
  (await clocksQuery(event).execute(db)).rows;

/** What a step does to clocks; the event's own row is the step's to write. `limit`: the one that a milestone meets. */
export async function moveClocks(
  trx: Trx,
  time: Time,
  e: EventRow,
  effects: readonly ClockEffect[],
  given: {
    organisation: string;
    matter: Matter;
    rules: Rules;
    at: Date;
    limit?: string | undefined;
    ground?: string | undefined;
  },
): Promise<void> {
  const { at, matter, organisation } = given;
  for (const effect of effects) {
    if (effect === 'start')
      for (const l of matter.limits) await begin(trx, time, e, l.id, l.title, organisation, declaredSpan(l.within), at);
    else if (effect === 'start-accept') {
      const span = declaredSpan(matter.accept ?? given.rules.defaults.accept);
      await begin(trx, time, e, ACCEPT, { zh: '接收任务', en: 'Accepted' }, organisation, span, at);
    } else if (effect === 'meet-accept') await end(trx, e.id, 'met', at, sql`name = ${ACCEPT}`);
    else if (effect === 'meet-limit') await end(trx, e.id, 'met', at, sql`name = ${given.limit ?? ''}`);
    else if (effect === 'meet-all') await end(trx, e.id, 'met', at, sql`true`);
    else if (effect === 'stop') await end(trx, e.id, 'stopped', at, sql`true`, given.ground);
    else if (effect === 'pause') await pause(trx, time, e.id, at, given.ground ?? null);
    else if (effect === 'resume') await resume(trx, time, e.id, at);
    else if (effect === 'again') await again(trx, e.id);
  }
}

/** Ends clocks; one that ends behind its time is late, whether a look found it before or not. */
async function end(
  trx: Trx,
  event: number,
  state: 'met' | 'stopped',
  at: Date,
  which: ReturnType<typeof sql>,
  ground?: string,
) {
  await sql`UPDATE events.clock SET state = ${state}, ended_at = ${at}, ground = ${ground ?? null},
      late_at = CASE WHEN due < ${at} THEN coalesce(late_at, due) ELSE late_at END
    WHERE event = ${event} AND state IN ('running', 'paused') AND ${which}`.execute(trx);
}

async function pause(trx: Trx, time: Time, event: number, at: Date, ground: string | null) {
  for (const c of (await clocksOf(trx, event)).filter((c) => c.state === 'running')) {
    const left = c.due ? minutesLeft(time, c.unit, at, c.due) : null;
    await sql`UPDATE events.clock SET state = 'paused', left_minutes = ${left}, ground = ${ground} WHERE id = ${c.id}`.execute(
      trx,
    );
  }
}

async function resume(trx: Trx, time: Time, event: number, at: Date) {
  for (const c of (await clocksOf(trx, event)).filter((c) => c.state === 'paused')) {
    // What could not be counted when it paused begins anew: longer rather than shorter, and it says since when.
    const due =
      c.left_minutes === null
        ? dueAt(time.calendar(), time.hours(), at, { amount: c.amount, unit: c.unit })
        : goOn(time, c.unit, at, c.left_minutes);
    await sql`UPDATE events.clock SET state = 'running', due = ${due.at}, missing_year = ${due.missingYear}, left_minutes = NULL
      WHERE id = ${c.id}`.execute(trx);
  }
}

/** A failed check: the last limit runs on as if it had not been met. */
async function again(trx: Trx, event: number) {
  await sql`UPDATE events.clock SET state = 'running', ended_at = NULL WHERE id = (SELECT id FROM events.clock
    WHERE event = ${event} AND state = 'met' AND name <> ${ACCEPT} ORDER BY due DESC NULLS LAST, id DESC LIMIT 1)`.execute(
    trx,
  );
}

/** Gives every running clock more time (延期). */
export async function extendClocks(trx: Trx, time: Time, event: number, span: Span): Promise<void> {
  for (const c of (await clocksOf(trx, event)).filter((c) => c.state === 'running' && c.due)) {
    const due = dueAt(time.calendar(), time.hours(), c.due!, span);
    await sql`UPDATE events.clock SET due = ${due.at}, missing_year = ${due.missingYear}, ground = '延期' WHERE id = ${c.id}`.execute(
      trx,
    );
  }
  await nextDue(trx, event);
}

const nextDue = (trx: Trx, event: number) =>
  sql`UPDATE events.event SET due = (SELECT min(due) FROM events.clock WHERE event = ${event} AND state = 'running') WHERE id = ${event}`.execute(
    trx,
  );

/** Looks through running clocks; answers those that are late since this look, each once and `most` at most. */
export async function lookThrough(trx: Trx, time: Time, at: Date, most: number): Promise<ClockRow[]> {
  const unknown =
    await sql<ClockRow>`SELECT * FROM events.clock WHERE state = 'running' AND due IS NULL LIMIT 1000`.execute(trx);
  for (const c of unknown.rows) {
    const due = dueAt(time.calendar(), time.hours(), c.started_at, { amount: c.amount, unit: c.unit });
    if (!due.at) continue;
    await sql`UPDATE events.clock SET due = ${due.at}, missing_year = NULL WHERE id = ${c.id}`.execute(trx);
    await nextDue(trx, c.event);
  }
  const late = await sql<ClockRow>`UPDATE events.clock SET late_at = due WHERE id IN (
      SELECT id FROM events.clock WHERE state = 'running' AND due < ${at} AND late_at IS NULL ORDER BY due LIMIT ${most}) RETURNING *`.execute(
    trx,
  );
  for (const c of late.rows)
    await sql`UPDATE events.event SET late_at = coalesce(late_at, ${c.due}) WHERE id = ${c.event}`.execute(trx);
  return late.rows;
}
