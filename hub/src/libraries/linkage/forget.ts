/**
 * Frequencies of values as parameters have them, of persons who were erased. A value that fewer rows had than `RARE` weighs like one that was never
 * counted (@jingwei/linkage: "who agrees makes two", classes are powers of two), so it is not kept: no pair weighs otherwise for it. A name that only
 * the person's rows say goes however often these said it: it decides nothing until somebody else comes with it, who then agrees in something rare, as
 * is true. Versions stay what they are: their parameters and measures are numbers, and the frequencies of everybody else's values stand.
 */
import { simplify } from '@jingwei/linkage';
import type { Lake } from '../../platform/lake/index.ts';
import { listed } from '../../platform/personal.ts';

/** The least count that makes a class of its own. */
export const RARE = 4;

/** Condition of the frequencies that decide something: those of whole values from `RARE` on, and those of words. */
export const keptFrequency = (name: string, n: string): string =>
  `(NOT starts_with(${name}, 'freq') OR ${n} >= ${RARE})`;

/** A name as frequencies have it: without what stands between its parts, in lower case, simplified. */
const common = (name: string): string =>
  simplify(
    name
      .trim()
      .replaceAll(/[^\p{L}\p{N}]/gu, '')
      .toLowerCase(),
  );

/** The same for the engine, as far as it goes (without simplifying: that widens what is compared here, and `common` decides). */
const bare = (x: string): string => `lower(regexp_replace(${x}, '[^\\p{L}\\p{N}]', '', 'g'))`;

/** Rows of others that say one of the names in some spelling, in declared libraries, in rows about legal persons and in registers. */
const OTHERS = `SELECT DISTINCT x AS name FROM (
    SELECT unnest(said) AS x, fact FROM lib.base_mention
    UNION ALL SELECT person, fact FROM rf.row_link WHERE person IS NOT NULL
    UNION ALL SELECT person, fact FROM rf.register_row WHERE person IS NOT NULL)
  WHERE (list_contains($names::VARCHAR[], x) OR list_contains($bare::VARCHAR[], ${bare('x')}))
    AND fact NOT IN (SELECT fact FROM v.subject_row_v1 WHERE erasure = $e)`;

/**
 * Removes what is rare anyway, and names that nobody else has, from the frequencies of every version, while the person's rows still tell which are
 * theirs. Answers how many names went.
 */
export function forgetFrequencies(lake: Lake, erasure: number, names: readonly string[]): Promise<number> {
  return lake.write('linkage', async (s) => {
    await s.run(`DELETE FROM lib.linkage_frequency WHERE NOT ${keptFrequency('name', 'n')}`);
    if (names.length === 0) return 0;
    const spellings = names.flatMap((n) => [common(n), n.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase()]);
    const held = new Set(
      (await s.query<{ name: string }>(OTHERS, { names: listed(names), bare: spellings, e: erasure })).map((r) =>
        common(r.name),
      ),
    );
    const alone = [...new Set(names.map(common))].filter((n) => n !== '' && !held.has(n));
    if (alone.length === 0) return 0;
    return s.run(
      "DELETE FROM lib.linkage_frequency WHERE starts_with(name, 'freq') AND list_contains($alone::VARCHAR[], v)",
      { alone },
    );
  });
}
