/**
 * Backfills of the exchange. What was refused used to be told with the headings that were found in it; of a file without its header these were the values of
 * its first row (intake/heading.ts). Refusals that were kept before lose what they quoted: the sentence and the place stay.
 */
import { QUOTING, withoutReason } from '../platform/jobs/index.ts';
import type { Deps } from '../platform/room.ts';
import type { Backfill } from '../platform/upgrade/index.ts';

const ROWS = 2_000;

interface Kept {
  code: string;
  title: { zh: string; en: string };
  place: { file?: string; line?: number; field?: string } | null;
}

/** A kept problem without what it may have quoted; undefined where it says nothing of a delivery's content. */
export function withoutHeadings(kept: Kept): Kept | undefined {
  if (!QUOTING.includes(kept.code)) return undefined;
  const { field: _, ...place } = kept.place ?? {};
  return { code: kept.code, title: withoutReason(kept.code) ?? kept.title, place: kept.place && place };
}

/** In the order in which they came. */
export const exchangeBackfills: readonly Backfill<Deps>[] = [
  {
    name: '2026-12-03-headings-of-refusals',
    title: { zh: '被拒交付中的表头', en: 'headings in refused deliveries' },
    async batch({ lake }, _trx, cursor) {
      const after = Number(cursor ?? 0);
      const rows = await lake.query<{ id: number; problem: string }>(
        `SELECT id, problem::VARCHAR AS problem FROM ex.refusal WHERE id > $after ORDER BY id LIMIT ${ROWS}`,
        { after },
      );
      await lake.write('refusals', async (s) => {
        for (const { id, problem } of rows) {
          const kept = withoutHeadings(JSON.parse(problem) as Kept);
          if (kept)
            await s.run('UPDATE ex.refusal SET problem = $problem::JSON WHERE id = $id', {
              id,
              problem: JSON.stringify(kept),
            });
        }
      });
      return { next: rows.length < ROWS ? null : rows.at(-1)!.id, rows: rows.length };
    },
  },
];
