/** What declared SQL of scoring may do: one SELECT over published views, with `$day` for the scored day. */
import { needColumns, readSelect } from '../../platform/declared/index.ts';
import type { LakeSession } from '../../platform/lake/index.ts';
import type { Place } from '../../platform/problem.ts';

export { withDay } from '../../platform/declared/index.ts';

/** The published views that a statement reads, without `v.`; problems are thrown with the place. */
export async function viewsRead(
  s: Pick<LakeSession, 'first' | 'query'>,
  sql: string,
  place: Place,
): Promise<Set<string>> {
  const { views } = await readSelect(s, sql, place.file ?? '');
  return new Set(views.map((v) => v.slice(2)));
}

/** The columns that a statement answers, found without running it; must be exactly `expected`, in any order. */
export const checkColumns = (
  s: Pick<LakeSession, 'query'>,
  sql: string,
  expected: readonly string[],
  place: Place,
): Promise<void> => needColumns(s, sql, expected, place);
