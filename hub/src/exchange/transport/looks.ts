/** When sources with an interface were last looked at (ex.look): a look that finds nothing new leaves no run. */
import type { Clock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { lane } from '../names.ts';

/** A source's last look. `ok`: the other side answered, with news or without. */
export interface Look {
  at: Date;
  ok: boolean;
}

/** Keeps a look in place of the one before. */
export async function recordLook(lake: Lake, clock: Clock, source: string, ok: boolean): Promise<void> {
  await lake.write(lane(source), async (session) => {
    await session.run('DELETE FROM ex.look WHERE source = $source', { source });
    await session.run('INSERT INTO ex.look SELECT $source, $looked::TIMESTAMP, $ok::BOOLEAN', {
      source,
      looked: clock.now(),
      ok,
    });
  });
}

/**
 * The last look of every source that was ever pulled. A source is due again a cadence after its last run or its last look
 * that went well, whichever is later; after one that failed a while should pass before the next.
 */
export async function lastLooks(lake: Lake): Promise<Map<string, Look>> {
  const rows = await lake.query<{ source: string; looked: string; ok: boolean }>(
    'SELECT source, looked, ok FROM ex.look',
  );
  return new Map(rows.map((r) => [r.source, { at: new Date(r.looked), ok: r.ok }]));
}
