/** In which capacity somebody acts on a matter: their permissions, their department, and deputies while heads are away. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Capacity } from './machine.ts';
import { onLeave } from './problems.ts';

/** The two sides of a matter, by organisation. */
export interface Sides {
  requester: string;
  provider: string;
}

/** A deputyship in force. */
export interface Deputyship {
  organisation: string;
  head: string;
  deputy: string;
}

/** Deputyships in force on a day. */
export async function deputiesOn(db: Kysely<AnyTables>, today: string): Promise<Deputyship[]> {
  const found = await sql<Deputyship>`SELECT organisation, head, deputy FROM sharing.deputy
    WHERE ended_at IS NULL AND from_day <= ${today}::date AND to_day >= ${today}::date`.execute(db);
  return found.rows;
}

/** A capacity that somebody has; `deputyFor`: the head for whom they act. `away`: it is theirs, but their deputy decides now. */
export interface Held {
  capacity: Capacity;
  deputyFor: string | null;
  away: boolean;
}

/** Every capacity of somebody on a matter. */
export function capacitiesOf(p: Principal, sides: Sides, deputies: readonly Deputyship[]): Held[] {
  const held: Held[] = [];
  const plain = (capacity: Capacity) => held.push({ capacity, deputyFor: null, away: false });
  for (const [side, organisation] of [
    ['requester', sides.requester],
    ['provider', sides.provider],
  ] as const) {
    if (p.organisation !== organisation) continue;
    if (p.permissions.has(side === 'requester' ? 'sharing.request' : 'sharing.handle')) plain(`${side}-officer`);
    const own = deputies.filter((d) => d.organisation === organisation);
    if (p.permissions.has('sharing.approve'))
      held.push({ capacity: `${side}-head`, deputyFor: null, away: own.some((d) => d.head === p.login) });
    const acting = own.find((d) => d.deputy === p.login);
    if (acting && !p.permissions.has('sharing.approve'))
      held.push({ capacity: `${side}-head`, deputyFor: acting.head, away: false });
  }
  if (p.organisation === null && p.permissions.has('sharing.oversee')) plain('authority');
  return held;
}

/** Whether somebody sees every matter: who oversees or leads, and belongs to no department. */
export const seesAll = (p: Principal): boolean => p.organisation === null && p.permissions.has('sharing.read');

/** The condition under which a matter is there for somebody. */
export const seenBy = (p: Principal) =>
  seesAll(p) ? sql`true` : sql`(requester = ${p.organisation} OR provider = ${p.organisation})`;

/** The first of the capacities that a step is open to; a Problem where the only one is of a head on leave. */
export function actingAs(held: readonly Held[], by: readonly Capacity[]): Held | undefined {
  const open = held.filter((h) => by.includes(h.capacity));
  const now = open.find((h) => !h.away);
  if (!now && open.length) throw new Problem(onLeave);
  return now;
}
