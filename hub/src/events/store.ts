/** Events as they are kept. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Capacity, State } from './machine.ts';
import { unknownEvent } from './problems.ts';

/** What a handler asks of the desk. */
export interface Asked {
  kind: 'transfer' | 'delay' | 'pause';
  ground: string;
  /** How long a delay is asked for: `2 working-days`. */
  span?: string | undefined;
  organisation?: string | undefined;
  by: string;
  at: string;
}

/** An event (案卷). Instants UTC, WGS 84 degrees. */
export interface EventRow {
  id: number;
  number: string;
  matter: string | null;
  group: string | null;
  matter_by: string;
  urgency: 'normal' | 'urgent';
  text: string;
  address: string | null;
  lon: number | null;
  lat: number | null;
  place_by: string | null;
  town: string | null;
  grid: string | null;
  channel: string;
  state: State;
  organisation: string | null;
  joint: string[];
  officer: string | null;
  supervised: number;
  asked: Asked | null;
  reports: number;
  pictures: number;
  returned: number;
  transferred: number;
  reworked: number;
  due: Date | null;
  late_at: Date | null;
  occurred_at: Date;
  reported_at: Date;
  filed_at: Date | null;
  dispatched_at: Date | null;
  accepted_at: Date | null;
  handled_at: Date | null;
  closed_at: Date | null;
  rating: number | null;
  merged_into: number | null;
  catalogue: number;
  version: number;
}

type Trx = Kysely<AnyTables>;

/** An event by its id, locked where `lock` is given. */
export async function eventOf(db: Trx, id: number, lock = false): Promise<EventRow> {
  const { rows } =
    await sql<EventRow>`SELECT * FROM events.event WHERE id = ${id} ${lock ? sql`FOR UPDATE` : sql``}`.execute(db);
  if (!rows[0]) throw new Problem(unknownEvent);
  return rows[0];
}

/** In which capacities somebody may act on an event. */
export function capacitiesOf(p: Principal | null, e: Pick<EventRow, 'organisation' | 'joint'>): Capacity[] {
  if (!p) return ['hub'];
  const held: Capacity[] = [];
  if (p.permissions.has('event.manage')) held.push('manager');
  if (p.permissions.has('event.dispatch')) held.push('dispatcher');
  if (p.permissions.has('event.handle') && p.organisation) {
    if (p.organisation === e.organisation) held.push('handler');
    if (e.joint.includes(p.organisation)) held.push('joint');
  }
  return held;
}

/** Whether somebody may see all of an event: who reads events, or whose organisation works on it. */
export const maySeeAll = (p: Principal, e: Pick<EventRow, 'organisation' | 'joint'>): boolean =>
  p.permissions.has('event.read') || capacitiesOf(p, e).length > 0;

/** Whether somebody may see an event at all: who sees all of it, or who reported it. */
export async function maySee(db: Trx, p: Principal, e: EventRow): Promise<boolean> {
  if (maySeeAll(p, e)) return true;
  const own = await sql`SELECT 1 FROM events.report WHERE event = ${e.id} AND login = ${p.login} LIMIT 1`.execute(db);
  return own.rows.length > 0;
}

/** A step as it is kept. */
export interface StepIn {
  event: number;
  action: string;
  from: State;
  to: State;
  stage: number;
  actor: Capacity | 'citizen' | 'system';
  login?: string | null;
  organisation?: string | null;
  comment?: string | null;
  detail?: object | null;
  at: Date;
}

/** Keeps a step; answers its number, which its event must be told. */
export async function addStep(trx: Trx, s: StepIn): Promise<number> {
  const { rows } = await sql<{ seq: number }>`INSERT INTO events.step
      (event, action, from_state, to_state, stage, actor, login, organisation, comment, detail, at)
    VALUES (${s.event}, ${s.action}, ${s.from}, ${s.to}, ${s.stage}, ${s.actor}, ${s.login ?? null}, ${s.organisation ?? null},
      ${s.comment || null}, ${s.detail ? JSON.stringify(s.detail) : null}::jsonb, ${s.at}) RETURNING seq`.execute(trx);
  return rows[0]!.seq;
}

/** Keeps a step and tells the event of its number. */
export async function keepStep(trx: Trx, s: StepIn): Promise<number> {
  const seq = await addStep(trx, s);
  await sql`UPDATE events.event SET changed = ${seq} WHERE id = ${s.event}`.execute(trx);
  return seq;
}
