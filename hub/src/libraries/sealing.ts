/** The libraries' rules are sealed: declared libraries, themes and lists, and every version of linkage parameters. */
import { dirname, join } from 'node:path';
import type { Deps } from '../platform/room.ts';
import { imprintOf, RuleSeals, type SealSubject } from '../platform/seal/index.ts';
import { integrationFinished } from './automatic.ts';

/** Seals the rules of the libraries while the hub runs. */
export function librarySeals(deps: Pick<Deps, 'seal' | 'bus' | 'log' | 'lake' | 'folders'>): RuleSeals {
  const root = dirname(deps.folders.sources);
  const folders = ['libraries', 'themes', 'lists'].map((shown) => ({ folder: join(root, shown), shown }));
  return new RuleSeals(deps, 'rules', folders, () => linkageVersions(deps), [integrationFinished]);
}

/** What a version decides by: its declaration and its parameters, as the lake keeps them. */
async function linkageVersions({ lake }: Pick<Deps, 'lake'>): Promise<SealSubject[]> {
  const rows = await lake.query<{
    library: number;
    version: number;
    declaration: string;
    parameters: string;
    usual: string;
  }>('SELECT library, version, declaration, parameters, usual FROM lib.linkage_version ORDER BY library, version');
  return rows.map(({ library, version, declaration, parameters, usual }) => ({
    kind: 'rule',
    subject: `linkage/${library}/${version}`,
    title: {
      zh: `比对参数：第 ${library} 号库第 ${version} 版`,
      en: `Linkage parameters of library ${library}, version ${version}`,
    },
    organisation: null,
    // The three texts one after the other, a line feed between.
    imprint: imprintOf([declaration, parameters, usual].join('\n')),
    facts: { library, version },
  }));
}
