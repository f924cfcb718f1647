/** Rows that name a file which is not there (fsck): after the store was put back to a later moment than the files. */

import { Problem, problemKind } from '../../problem.ts';
import type { Deps } from '../../room.ts';
import type { TurnedRoom } from './together.ts';
import { turnsOf } from './together.ts';

const missingFile = problemKind(
  'backup.fsck.file',
  500,
  '{title}（{table}）指向的文件 {file} 不存在',
  '{title} ({table}) names the file {file}, which is not there',
);
const apart = problemKind(
  'backup.fsck.turn',
  409,
  '第 {turn} 次对账待人工处理：{zh}（{count}）',
  'turn {turn} is left to people: {en} ({count})',
);

/** Rows read at a time. */
const PAGE = 2_000;

/** Every row of the rooms that names a missing file, and what turns left to people. `files`: rows that were looked at. */
export async function checkTogether(
  deps: Pick<Deps, 'db' | 'blobs' | 'archiveBlobs'>,
  rooms: readonly TurnedRoom[],
): Promise<{ files: number; problems: Problem[] }> {
  const problems: Problem[] = [];
  let files = 0;
  for (const room of rooms)
    for (const named of room.files ?? []) {
      const store = named.store === 'blobs' ? deps.blobs : deps.archiveBlobs;
      let after = '';
      for (;;) {
        // Names of tables and columns are the rooms' own.
        const rows = await deps.db.query<{ file: string }>(
          `SELECT DISTINCT ${named.column} AS file FROM ${named.table} WHERE ${named.column} > $1 AND NOT (${named.except ?? 'false'})
            ORDER BY 1 LIMIT ${PAGE}`,
          [after],
        );
        if (!rows.length) break;
        for (const { file } of rows) {
          files += 1;
          if (await store.has(file)) continue;
          problems.push(
            new Problem(missingFile, {
              title: named.title.zh,
              table: `${named.table}.${named.column}`,
              file: file.slice(0, 16),
            }),
          );
        }
        after = rows.at(-1)!.file;
      }
    }
  for (const turn of await turnsOf(deps.db))
    if (!turn.settledAt)
      for (const s of turn.steps)
        if (s.left) problems.push(new Problem(apart, { turn: turn.id, zh: s.text.zh, en: s.text.en, count: s.count }));
  return { files, problems };
}
