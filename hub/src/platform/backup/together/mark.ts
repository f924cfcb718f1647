/**
 * How far store and lake have come together (同步标记): one number in both, raised a few times a minute, in the lake first. With it stand in the lake
 * the server's cluster, timeline and place in its log, and the last number of every sequence. A start compares them: when only one of the two was
 * put back to an earlier moment, they differ, and nothing goes on as if nothing had been.
 */
import { randomUUID } from 'node:crypto';
import type { Db } from '../../db/index.ts';
import type { Lake } from '../../lake/index.ts';
import { placeOf } from '../point/segments.ts';
import type { Behind } from './turn.ts';

/** The server as the lake last saw it; null: the embedded store. */
export interface ServerMark {
  system: string;
  timeline: number;
  place: string;
}

/** The lake's mark. */
export interface LakeMark {
  era: string;
  n: number;
  at: Date;
  server: ServerMark | null;
  /** Last numbers of sequences by name. */
  ids: Record<string, number>;
}

/** The store's mark. */
export interface StoreMark {
  era: string;
  n: number;
  at: Date;
}

/** What a comparison found: `cause` is stable. */
export type Found = { apart: false; first: boolean } | { apart: true; cause: string; behind: Behind };

/** Judges marks and servers. Pure. */
export function compare(store: StoreMark | undefined, lake: LakeMark | undefined, server: ServerMark | null): Found {
  if (!store && !lake) return { apart: false, first: true };
  // A store or a lake of its beginning beside one that has lived: the other was taken away or put elsewhere.
  if (!store || !lake) return { apart: true, cause: 'unmarked', behind: store ? 'lake' : 'store' };
  if (store.era !== lake.era) return { apart: true, cause: 'era', behind: store.at <= lake.at ? 'store' : 'lake' };
  // Between the two writes of one raising the hub may have been killed, or the moment of a backup may lie.
  const step = lake.n - store.n;
  if (step > 1) return { apart: true, cause: 'mark', behind: 'store' };
  if (step < 0) return { apart: true, cause: 'mark', behind: 'lake' };
  const was = lake.server;
  if (was && server && was.system === server.system) {
    const earlier = placeOf(server.place) < placeOf(was.place);
    // Put back by less than the time between two raisings, or a stand-by took over: which of both is behind cannot be told by the marks.
    if (was.timeline !== server.timeline)
      return { apart: true, cause: 'timeline', behind: earlier ? 'store' : 'unknown' };
    if (earlier) return { apart: true, cause: 'place', behind: 'store' };
  }
  return { apart: false, first: false };
}

/** Makes the lake's table. */
export const markTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS backup',
  'CREATE TABLE IF NOT EXISTS backup.mark (era VARCHAR, n BIGINT, "at" TIMESTAMP, server VARCHAR, ids VARCHAR)',
];

/** The marks of both, and the server. */
export async function readMarks(db: Db, lake: Lake) {
  const [store] = await db.query<StoreMark>('SELECT era::text AS era, n, at FROM backup.mark');
  const row = await lake.first<{
    era: string;
    n: number | bigint;
    at: Date | string;
    server: string | null;
    ids: string;
  }>('SELECT era, n, "at", server, ids FROM backup.mark');
  const own: LakeMark | undefined = row && {
    ...{ era: row.era, n: Number(row.n), at: new Date(row.at) },
    server: row.server ? (JSON.parse(row.server) as ServerMark) : null,
    ids: JSON.parse(row.ids) as Record<string, number>,
  };
  return { store: store && { ...store, n: Number(store.n) }, lake: own, server: await serverOf(db) };
}

/** The server as it is now; null for the embedded store. */
export async function serverOf(db: Db): Promise<ServerMark | null> {
  if (db.kind !== 'postgres') return null;
  const [row] = await db.query<{ system: string; file: string; place: string }>(
    `SELECT s.system_identifier::text AS system, pg_walfile_name(pg_current_wal_flush_lsn()) AS file,
            pg_current_wal_flush_lsn()::text AS place FROM pg_control_system() s`,
  );
  return { system: row!.system, timeline: Number.parseInt(row!.file.slice(0, 8), 16), place: row!.place };
}

/** Last numbers of the rooms' sequences: what else is in the database is none of the hub's. */
export async function sequencesOf(db: Db): Promise<Record<string, number>> {
  const rows = await db.query<{ name: string; last: number | bigint }>(
    `SELECT schemaname || '.' || sequencename AS name, last_value AS last FROM pg_sequences
      WHERE last_value IS NOT NULL AND schemaname IN (SELECT room FROM platform.migration) ORDER BY 1`,
  );
  return Object.fromEntries(rows.map((r) => [r.name, Number(r.last)]));
}

/** Raises both marks, in the lake first; `era` begins another. */
export async function raise(db: Db, lake: Lake, now: Date, era?: string): Promise<void> {
  const { store, lake: before, server } = await readMarks(db, lake);
  const mark = { era: era ?? store?.era ?? randomUUID(), n: Math.max(store?.n ?? 0, before?.n ?? 0) + 1 };
  const ids = JSON.stringify(await sequencesOf(db));
  await lake.write('backup-mark', async (s) => {
    await s.run('DELETE FROM backup.mark');
    await s.run('INSERT INTO backup.mark SELECT $era, $n::BIGINT, $now::TIMESTAMP, $server, $ids', {
      ...{ era: mark.era, n: mark.n, now, ids, server: server ? JSON.stringify(server) : null },
    });
  });
  await db.query(
    `INSERT INTO backup.mark (era, n, at) VALUES ($1, $2, $3)
       ON CONFLICT (one) DO UPDATE SET era = excluded.era, n = excluded.n, at = excluded.at`,
    [mark.era, mark.n, now],
  );
}
