/** Scoring is sealed: the declared files, and every version of a model as the lake keeps it. */
import { integrationFinished } from '../../libraries/index.ts';
import type { Deps } from '../../platform/room.ts';
import { imprintOf, RuleSeals, type SealSubject } from '../../platform/seal/index.ts';
import { scoringFolder } from './job.ts';

/** Seals the models of this hub while it runs. */
export function scoringSeals(deps: Pick<Deps, 'seal' | 'bus' | 'log' | 'lake' | 'folders'>): RuleSeals {
  const folders = [{ folder: scoringFolder(deps), shown: 'scoring' }];
  // A model gets its version with the first scoring by it, some time after an integration: the next one finds it.
  return new RuleSeals(deps, 'scoring', folders, () => versions(deps), [integrationFinished]);
}

async function versions({ lake }: Pick<Deps, 'lake'>): Promise<SealSubject[]> {
  const rows = await lake.query<{ model: string; version: number; edition: string; declaration: string }>(
    'SELECT model, version, edition, declaration FROM cs.model ORDER BY model, version',
  );
  return rows.map(({ model, version, edition, declaration }) => ({
    kind: 'rule',
    subject: `scoring/${model}/${version}`,
    title: { zh: `评分模型 ${model} 第 ${version} 版`, en: `Scoring model ${model}, version ${version}` },
    organisation: null,
    imprint: imprintOf(declaration),
    facts: { model, version, edition },
  }));
}
