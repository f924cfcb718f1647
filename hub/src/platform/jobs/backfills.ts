/**
 * Backfills of jobs. Problems that repeated what an engine said could quote a value of the data in it; they do so no more (platform/log `withoutValues`), and
 * what was kept of failed jobs before loses its reason: the sentence stays.
 */
import { sql } from 'kysely';
import type { Bilingual } from '../i18n/index.ts';
import { allProblemKinds, fill } from '../problem.ts';
import type { Deps } from '../room.ts';
import type { Backfill } from '../upgrade/backfills.ts';

/** Codes of those problems. */
export const QUOTING: readonly string[] = [
  ...['cockpits.indicator.failed', 'libraries.economy.dimension', 'map.layer-absent'],
  // Headings of deliveries that had none.
  ...[
    'exchange.contract.column-extra',
    'exchange.file.column-twice',
    'exchange.file.header',
    'exchange.file.unreadable',
  ],
];
const ROWS = 2_000;

/** The sentences of a problem with nothing put in; undefined for a code that is not known any more. */
export function withoutReason(code: string): Bilingual | undefined {
  const kind = allProblemKinds().find((k) => k.code === code);
  const nothing = new Proxy({}, { get: () => '…' }) as Record<string, unknown>;
  return kind && { zh: fill(kind.zh, nothing), en: fill(kind.en, nothing) };
}

/** In the order in which they came. */
export const jobBackfills: readonly Backfill<Deps>[] = [
  {
    name: '2026-12-03-reasons-of-failed-jobs',
    title: { zh: '失败任务原因中的数据值', en: 'values in the reasons of failed jobs' },
    async batch(_deps, trx, cursor) {
      const after = Number(cursor ?? 0);
      const { rows } = await sql<{ seq: number; id: string; code: string | null }>`SELECT seq::float8 AS seq, id,
          error->>'code' AS code FROM jobs.job WHERE seq > ${after} ORDER BY seq LIMIT ${ROWS}`.execute(trx);
      for (const { id, code } of rows) {
        if (code === null || !QUOTING.includes(code)) continue;
        const title = withoutReason(code) ?? { zh: '任务失败', en: 'the job failed' };
        await sql`UPDATE jobs.job SET error = ${JSON.stringify({ code, title })}::jsonb WHERE id = ${id}`.execute(trx);
      }
      return { next: rows.length < ROWS ? null : rows.at(-1)!.seq, rows: rows.length };
    },
  },
];
