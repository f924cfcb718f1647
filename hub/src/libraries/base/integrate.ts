/**
 * The declared libraries within an integration: one step per library and one for relations, each a transaction with its
 * mark (../integrate.ts), so that a killed hub goes on with the first that has none.
 */
import type { LakeSession, StepTiming } from '../../platform/lake/index.ts';
import type { ClassPlan } from '../../refinery/index.ts';
import { rootOfChanges } from '../golden-root.ts';
import { areaSteps } from './areas.ts';
import type { LoadedLibrary } from './check.ts';
import { shapeSteps, withinSteps } from './geometry.ts';
import { goldenSteps, relationSteps } from './golden.ts';
import { forgetLibrary, linkSteps, mentionSteps, type Proposer } from './link.ts';
import { type LibraryPlan, libraryPlan } from './plan.ts';

/** What an integration tells the declared libraries. */
export interface BaseWork {
  integration: number;
  /** Runs with rows. */
  runs: readonly number[];
  plans: readonly ClassPlan[];
  /** Facts of persons are let go of: their mentions are forgotten and read again (../erased.ts). */
  erased?: boolean;
  onStep: (timing: StepTiming) => void;
  propose?: Proposer;
}

/** The root over what this integration changed of a library's golden records. */
async function rootOfBase(s: LakeSession, { number, declaration }: LibraryPlan, work: BaseWork): Promise<void> {
  const began = performance.now();
  const values = declaration.attributes.map((_, i) => `max(value) FILTER (attribute = ${i + 1})`);
  await rootOfChanges(s, {
    ...{ integration: work.integration, library: number, name: declaration.library },
    records: `SELECT entity, [${values.join(', ')}] AS said FROM lib.base_value
      WHERE library = ${number} AND entity IN (SELECT entity FROM b_touched) GROUP BY entity`,
  });
  work.onStep({ name: `${declaration.library}: root of golden records`, ms: performance.now() - began, rows: 0 });
}

/** The steps of the declared libraries, in the order of their numbers; none where nothing is declared. */
export function baseSteps(
  libraries: readonly LoadedLibrary[],
  work: BaseWork,
): { name: string; run(session: LakeSession): Promise<void> }[] {
  if (libraries.length === 0) return [];
  const plans = libraries.map((l) => libraryPlan(l, work.plans));
  const low = Math.min(...work.runs);
  const high = Math.max(...work.runs) + 1;
  const brought =
    work.runs.length > 0
      ? `fact >= ${BigInt(low) << 32n} AND fact < ${BigInt(high) << 32n} AND (fact >> 32) IN (SELECT run FROM v.refined_run_v1 WHERE integration = ${work.integration})`
      : 'false';
  return [
    ...plans.map((library) => ({
      name: `library ${library.declaration.library}`,
      run: async (s: LakeSession) => {
        const n = library.number;
        const made = await s.first<{ sha256: string }>('SELECT sha256 FROM lib.base_library WHERE library = $n', { n });
        const first = made?.sha256 !== library.sha256;
        if (first) {
          await forgetLibrary(s, n);
          await s.run('INSERT INTO lib.base_library VALUES ($n, $name, $sha256)', {
            n,
            name: library.declaration.library,
            sha256: library.sha256,
          });
        }
        const again = work.erased
          ? `(${brought} OR fact IN (SELECT fact FROM lib.erased_fact WHERE NOT gone))`
          : brought;
        const news = { integration: work.integration, brought: again, first, erased: work.erased ?? false };
        const steps = [
          ...mentionSteps(library, news),
          ...linkSteps(library, news, work.propose),
          ...goldenSteps(library),
          ...shapeSteps(library),
        ];
        for (const step of steps) {
          if ('sql' in step) await s.steps([step], work.onStep);
          else await step.work(s);
        }
        await rootOfBase(s, library, work);
      },
    })),
    {
      name: 'library relations',
      run: async (s: LakeSession) => {
        await s.steps([...relationSteps(plans), ...withinSteps(plans), ...areaSteps(plans)], work.onStep);
      },
    },
  ];
}
