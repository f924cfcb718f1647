/** What the services of forms stand on. */
import type { WorkingCalendar } from '@jingwei/codes';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import type { Deps } from '../platform/room.ts';

export interface FormsPorts
  extends Pick<Deps, 'db' | 'lake' | 'clock' | 'audit' | 'vault' | 'blobs' | 'bus' | 'log' | 'folders'> {
  /** Asked each time: the city may add a year. */
  calendar(): WorkingCalendar;
}

/** A transaction, or the store itself. */
export type Trx = Kysely<AnyTables>;

const LOCK = 7_414_530_641;

/**
 * One transaction of a change to records. They stand in one line: cursors become visible in their order, and what is asked (is the key new, is the
 * revision the same) still holds when it is written.
 */
export function change<T>(ports: Pick<FormsPorts, 'db'>, work: (trx: Trx) => Promise<T>): Promise<T> {
  return ports.db.tx(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(trx);
    return work(trx);
  });
}
