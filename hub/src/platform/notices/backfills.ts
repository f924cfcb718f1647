/** Backfills of notices: what was told of failed jobs whose reason quoted an engine (see platform/jobs/backfills.ts). */
import { sql } from 'kysely';
import { QUOTING, withoutReason } from '../jobs/backfills.ts';
import type { Deps } from '../room.ts';
import type { Backfill } from '../upgrade/backfills.ts';

const ROWS = 2_000;

/** In the order in which they came. */
export const noticeBackfills: readonly Backfill<Deps>[] = [
  {
    name: '2026-12-03-reasons-of-failed-jobs',
    title: { zh: '失败任务通知中的数据值', en: 'values in notices of failed jobs' },
    async batch(_deps, trx, cursor) {
      const after = Number(cursor ?? 0);
      const { rows } = await sql<{ id: number; key: string; kind: string }>`SELECT id::float8 AS id, key, kind
        FROM notices.matter WHERE id > ${after} ORDER BY id LIMIT ${ROWS}`.execute(trx);
      for (const { id, key, kind } of rows) {
        // job.failed/<kind of job>/<code>/<day>
        const code = key.split('/')[2];
        if (kind !== 'job.failed' || !code || !QUOTING.includes(code)) continue;
        const text = JSON.stringify(withoutReason(code) ?? { zh: '任务失败', en: 'the job failed' });
        await sql`UPDATE notices.matter SET text = ${text}::jsonb WHERE id = ${id}`.execute(trx);
        await sql`UPDATE notices.notice SET text = ${text}::jsonb WHERE matter = ${id}`.execute(trx);
      }
      return { next: rows.length < ROWS ? null : rows.at(-1)!.id, rows: rows.length };
    },
  },
];
