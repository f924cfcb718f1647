import { ident, type LakeSession } from '../lake/index.ts';
import type { Batch } from './intake.ts';

/** Values read, sealed and written at a time: about 4 MB in memory. */
const BATCH = 16_384;

/**
 * Originals and tokens of a staging table that the vault does not know, in batches. A batch leaves the engine as one
 * text, a seventh of the cost of rows, and is taken apart on the vault's thread; originals with a line end inside come as
 * rows after.
 */
export async function* freshBatches(session: LakeSession, staged: string): AsyncIterable<Batch> {
  const unknown = `FROM ${ident(staged)} AS i WHERE NOT EXISTS (SELECT 1 FROM vault.value AS k WHERE k.token = i.token)`;
  const texts = session.stream<{ lines: string; count: number }>(
    `SELECT string_agg(token || original, chr(10)) AS lines, count(*) AS count
     FROM (SELECT token, original, row_number() OVER () // ${BATCH} AS batch ${unknown} AND NOT contains(original, chr(10)))
     GROUP BY batch`,
  );
  for await (const rows of texts) yield* rows;
  const odd = await session.query<{ original: string; token: string }>(
    `SELECT original, token ${unknown} AND contains(original, chr(10))`,
  );
  if (odd.length > 0) yield { originals: odd.map((r) => r.original), tokens: odd.map((r) => r.token) };
}
