/** How far an incremental pull has come (ex.checkpoint). */
import type { Clock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { lane } from '../names.ts';

/** The highest watermark whose rows are collected, as the database writes it; null: nothing yet. */
export async function readCheckpoint(lake: Lake, source: string, scope: string): Promise<string | null> {
  const row = await lake.first<{ mark: string }>(
    'SELECT mark FROM ex.checkpoint WHERE source = $source AND scope = $scope ORDER BY written DESC LIMIT 1',
    { source, scope },
  );
  return row?.mark ?? null;
}

/** Moves the checkpoint of a source; call it only when the rows up to `mark` are collected. */
export async function writeCheckpoint(
  lake: Lake,
  clock: Clock,
  point: { source: string; scope: string; mark: string; run: number },
): Promise<void> {
  await lake.write(lane(point.source), async (session) => {
    await session.run('DELETE FROM ex.checkpoint WHERE source = $source', { source: point.source });
    await session.run('INSERT INTO ex.checkpoint SELECT $source, $scope, $mark, $run::INTEGER, $written::TIMESTAMP', {
      ...point,
      written: clock.now(),
    });
  });
}
