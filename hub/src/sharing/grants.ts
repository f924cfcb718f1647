/**
 * Grants as later rooms read them, and how they hear that one has changed: the service interface, subscriptions and other hubs serve
 * what stands here and nothing else. A grant's items are those that its entry still has, so that whoever serves asks `deliveredItems`
 * each time or hears `grantChanged` and the catalogue's own events.
 */
import { type Kysely, sql } from 'kysely';
import { type EventKind, eventKind } from '../platform/bus/index.ts';
import type { AnyTables, Db } from '../platform/db/index.ts';
import { columnsOf, type ShareRow } from './matters.ts';

/** Told after the commit that changed a grant's state or content: made, suspended, resumed, changed, renewed, ended. */
export const grantChanged: EventKind<{ share: number }> = eventKind('sharing.grant-changed');

/** States in which data may be given: while a change is being agreed the grant stands as it was. */
export const GIVING = ['active', 'consulting'] as const;

type Handle = Db | Kysely<AnyTables>;
const handleOf = (db: Handle): Kysely<AnyTables> => ('kysely' in db ? (db as Db).kysely : (db as Kysely<AnyTables>));

/** A grant in whatever state; undefined where there is none. */
export async function grantOf(db: Handle, id: number): Promise<ShareRow | undefined> {
  const found = await sql<ShareRow>`SELECT ${columnsOf.share} FROM sharing.share WHERE id = ${id}`.execute(
    handleOf(db),
  );
  return found.rows[0];
}

/** What is asked of grants; each part narrows. */
export interface GrantFilter {
  mode?: ShareRow['mode'];
  /** Id of the organisation that was granted to. */
  requester?: string;
  provider?: string;
  /** Id of the catalogue's entry. */
  entry?: string;
  /** Day 'YYYY-MM-DD' on which the time limit of use must not be over yet. */
  day?: string;
}

/** Grants of which data may be given now, the oldest first. */
export async function activeGrants(db: Handle, filter: GrantFilter = {}): Promise<ShareRow[]> {
  const where = [sql`state = ANY(${[...GIVING]}::text[])`];
  for (const column of ['mode', 'requester', 'provider', 'entry'] as const)
    if (filter[column] !== undefined) where.push(sql`${sql.ref(column)} = ${filter[column]}`);
  if (filter.day !== undefined) where.push(sql`since <= ${filter.day}::date AND until >= ${filter.day}::date`);
  const found = await sql<ShareRow>`SELECT ${columnsOf.share} FROM sharing.share WHERE ${sql.join(where, sql` AND `)}
    ORDER BY id`.execute(handleOf(db));
  return found.rows;
}

/** The grant that a request became, in whatever state; undefined before it was granted. */
export async function grantOfRequest(db: Handle, request: number): Promise<ShareRow | undefined> {
  const found = await sql<ShareRow>`SELECT ${columnsOf.share} FROM sharing.share WHERE request = ${request}`.execute(
    handleOf(db),
  );
  return found.rows[0];
}
