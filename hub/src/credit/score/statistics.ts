/** De-identified statistics of scores as the newest release tells them. */
import type { z } from 'zod';
import type { Lake } from '../../platform/lake/index.ts';
import { divisionName, sectionName } from '../titles.ts';
import type { statisticsAnswer, statisticsQuery } from './api.ts';
import { recordedModel, runOf } from './read.ts';
import { type Cell, type Grouping, groupings, newestRelease, type ReleaseRules } from './release.ts';

/** Answers a question for statistics: of the newest release, never of a newer run. */
export async function statistics(
  lake: Lake,
  rules: ReleaseRules,
  q: z.output<typeof statisticsQuery>,
): Promise<z.input<typeof statisticsAnswer>> {
  const newest = await runOf(lake, { model: q.model });
  const across = q.across && q.across !== q.by ? q.across : null;
  const release = newest ? await newestRelease(lake, newest.model) : null;
  if (!newest || !release) {
    return {
      run: null,
      release: null,
      k: rules.k,
      by: q.by,
      across,
      rows: [],
      columns: [],
      cells: [],
      suppressed: 0,
      bands: null,
    };
  }
  const model = await recordedModel(lake, release.model, release.version);
  const named = (by: Grouping) =>
    release.members[by].map((code) => {
      const grade = by === 'grade' ? model.grades.find((g) => g.grade === code)?.title : undefined;
      return {
        code,
        title: grade ?? (by === 'town' ? divisionName(code) : by === 'industry' ? sectionName(code) : null),
      };
    });
  const inside = across ? table(release.twos, q.by, across) : release.ones[q.by].map((cell) => [cell]);
  const cells = across
    ? [...inside.map((row, i) => [...row, release.ones[q.by][i]!]), [...release.ones[across], release.total]]
    : [...inside, [release.total]];
  const run = await runOf(lake, { run: release.run });
  return {
    run: {
      run: release.run,
      model: release.model,
      version: release.version,
      day: release.day,
      entities: run!.entities,
    },
    release: {
      release: release.release,
      made: release.made,
      next: new Date(Date.parse(release.made) + rules.days * 86_400_000).toISOString(),
    },
    k: release.k,
    by: q.by,
    across,
    rows: named(q.by),
    columns: across ? named(across) : [],
    cells,
    suppressed: cells.flat().filter((c) => c.n === null).length,
    bands: {
      city: release.bands.city,
      groups:
        q.by === 'grade'
          ? []
          : named(q.by).map((m) => ({
              ...m,
              ...(release.bands[q.by as 'town' | 'industry'][m.code] ?? { of: null, marks: [] }),
            })),
    },
  };
}

/** The table of two groupings, whichever way round it is kept. */
function table(twos: Record<string, Cell[][]>, by: Grouping, across: Grouping): Cell[][] {
  if (groupings.indexOf(by) < groupings.indexOf(across)) return twos[`${by},${across}`]!;
  const kept = twos[`${across},${by}`]!;
  return (kept[0] ?? []).map((_, j) => kept.map((row) => row[j]!));
}
