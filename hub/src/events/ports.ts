/** What the services of events stand on. */
import type { WorkingCalendar } from '@jingwei/codes';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import type { OfficeHours } from '../platform/law/index.ts';
import type { Deps } from '../platform/room.ts';
import type { Matters } from './matters.ts';
import type { Places } from './place.ts';
import type { Recent } from './same/recent.ts';

export interface EventPorts
  extends Pick<
    Deps,
    'db' | 'lake' | 'clock' | 'audit' | 'vault' | 'blobs' | 'bus' | 'log' | 'folders' | 'config' | 'http' | 'notices'
  > {
  matters: Matters;
  places: Places;
  /** Reports of the last days, for recognising the same event. */
  recent: Recent;
  /** Organisations of the city by id. */
  organisations(): ReadonlyMap<string, { zh: string; en: string }>;
  calendar(): WorkingCalendar;
  hours(): OfficeHours;
}

/** A transaction, or the store itself. */
export type Trx = Kysely<AnyTables>;

const LOCK = 7_414_530_661;

/**
 * One transaction of what may make or join events. They stand in one line: two reports of the same event that arrive together
 * do not become two, and numbers and steps are visible in their order.
 */
export function change<T>(ports: Pick<EventPorts, 'db'>, work: (trx: Trx) => Promise<T>): Promise<T> {
  return ports.db.tx(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(trx);
    return work(trx);
  });
}
