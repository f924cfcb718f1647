/** How far an incremental pull has come (ex.checkpoint). */
import type { Lake, LakeSession } from '../../platform/lake/index.ts';

/** The highest watermark whose rows are collected, as the database writes it; null: nothing yet. */
export async function readCheckpoint(lake: Lake, source: string, scope: string): Promise<string | null> {
  const row = await lake.first<{ mark: string }>(
    'SELECT mark FROM ex.checkpoint WHERE source = $source AND scope = $scope ORDER BY written DESC LIMIT 1',
    { source, scope },
  );
  return row?.mark ?? null;
}

/** A checkpoint as it is written. */
export interface Checkpoint {
  source: string;
  scope: string;
  mark: string;
  run: number;
  written: Date;
}

/** Moves the checkpoint of a source, in the transaction that takes in the rows up to `mark`. */
export async function moveCheckpoint(session: LakeSession, point: Checkpoint): Promise<void> {
  await session.run('DELETE FROM ex.checkpoint WHERE source = $source', { source: point.source });
  await session.run('INSERT INTO ex.checkpoint SELECT $source, $scope, $mark, $run::INTEGER, $written::TIMESTAMP', {
    ...point,
  });
}
