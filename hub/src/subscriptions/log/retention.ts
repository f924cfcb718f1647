/** Drops changes that are older than seven days, and says so: on disk, in the audit, and to whoever comes too late by a gap event. */
import { sql } from 'kysely';
import type { Deps } from '../../platform/room.ts';
import { LANE } from './detect.ts';
import { KEEP_DAYS } from './tables.ts';
import { watchedSources } from './watch.ts';

type Ports = Pick<Deps, 'db' | 'lake' | 'clock' | 'audit' | 'log'>;

/** Drops what is too old; forgets sources that nobody subscribes to any more. Answers how many changes went. */
export async function dropOld(ports: Ports): Promise<number> {
  const at = ports.clock.now();
  const before = new Date(at.getTime() - KEEP_DAYS * 86_400_000);
  const watched = await watchedSources(ports);
  const dropped = await ports.lake.write(LANE, async (s) => {
    const old = await s.query<{ stream: number; source: string; upto: number; changes: number }>(
      `SELECT c.stream, s.source, max(c.seq) AS upto, count(*) AS changes FROM sub.change c JOIN sub.stream s ON s.stream = c.stream
       WHERE c.found < $before GROUP BY c.stream, s.source`,
      { before },
    );
    for (const { stream, upto } of old) {
      await s.run('DELETE FROM sub.change WHERE stream = $stream AND seq <= $upto', { stream, upto });
      await s.run('UPDATE sub.stream SET floor = $upto WHERE stream = $stream', { stream, upto });
    }
    // A source that was looked at a moment ago may be about to be subscribed to: its numbers must not begin anew under a cursor.
    const streams = await s.query<{ stream: number; source: string }>(
      'SELECT stream, source FROM sub.stream WHERE looked < $since',
      { since: new Date(at.getTime() - 86_400_000) },
    );
    for (const { stream } of streams.filter((x) => !watched.includes(x.source)))
      for (const table of ['change', 'held', 'shape', 'stream'])
        await s.run(`DELETE FROM sub.${table} WHERE stream = $stream`, { stream });
    return old;
  });
  if (!dropped.length) return 0;
  await ports.db.tx(async (trx) => {
    for (const { source, upto, changes } of dropped) {
      await sql`INSERT INTO subscriptions.retention (source, upto, changes, at)
        VALUES (${source}, ${upto}, ${changes}, ${at})`.execute(trx);
      const detail = { upto: Number(upto), changes: Number(changes), days: KEEP_DAYS };
      const entry = { actor: null, action: 'subscriptions.dropped', object: `source/${source}`, detail };
      await ports.audit.append({ ...entry, outcome: 'ok' }, trx);
    }
  });
  ports.log.info({ dropped }, 'changes older than seven days were dropped');
  return dropped.reduce((n, d) => n + Number(d.changes), 0);
}
