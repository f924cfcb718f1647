/**
 * What lists are quick by: ids that fit are read from an index alone where the store knows a page of the table to be visible to everybody, and that
 * it learns by VACUUM. A server does so by itself, an embedded store never; and neither knows anything of a table that a migration wrote anew.
 */
import { sql } from 'kysely';
import type { EventPorts } from './ports.ts';

/** Hours that the city is ahead of UTC. */
const CITY = 8;
/** Milliseconds between two looks. */
const AGAIN = 1_800_000;
/** Tables that are looked after. */
const TABLES = ['event', 'cell', 'said', 'tally', 'tally_month', 'clock', 'report', 'step'] as const;
/** Pages below which a table is small enough as it is. */
const SMALL = 64;
/** Below this share of pages known to be visible it is done at once: after a migration, after a table has more than doubled. */
const AT_ONCE = 0.4;
/** Milliseconds between two nights. */
const NIGHT = 20 * 3_600_000;

/** When a hub (named by its store) looked last, and when it did its nightly work. */
const looked = new WeakMap<object, { at: number; night: number }>();

/**
 * Vacuums tables of events where too little is known; an embedded store's all of them every night, since what changed leaves no trace in its figures.
 * Answers their names. At most every half hour.
 */
export async function upkeep(ports: Pick<EventPorts, 'db' | 'clock'>): Promise<string[]> {
  const now = ports.clock.now();
  const at = now.getTime();
  const last = looked.get(ports.db) ?? { at: Number.NEGATIVE_INFINITY, night: Number.NEGATIVE_INFINITY };
  if (at - last.at < AGAIN) return [];
  const nightly =
    ports.db.kind === 'pglite' && [2, 3, 4].includes((now.getUTCHours() + CITY) % 24) && at - last.night > NIGHT;
  looked.set(ports.db, { at, night: nightly ? at : last.night });
  const { rows } = await sql<{ name: string; pages: number; visible: number }>`
    SELECT c.relname::text AS name, (pg_relation_size(c.oid) / current_setting('block_size')::int)::int AS pages, c.relallvisible AS visible
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'events' AND c.relname = ANY(${TABLES}::text[])`.execute(
    ports.db.kysely,
  );
  const wanting = new Set(
    rows.filter((t) => t.pages >= SMALL && (nightly || t.visible < AT_ONCE * t.pages)).map((t) => t.name),
  );
  const names = TABLES.filter((t) => wanting.has(t));
  // Each by itself: no table waits for another, and it can be in no transaction.
  for (const name of names) await ports.db.query(`VACUUM (ANALYZE) events.${name}`);
  return names;
}
