/** The libraries' rules are sealed: declared libraries, themes and lists, and every version of linkage parameters. */
import { dirname, join } from 'node:path';
import type { Deps } from '../platform/room.ts';
import { imprintOf, Reconciler, RuleSeals, type SealSubject } from '../platform/seal/index.ts';
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

/** Integrations whose roots are asked for again in any case. */
const RECENT = 50;

/** Has every integration's changes of golden records sealed, library by library. */
export class GoldenSeals {
  readonly #reconciler: Reconciler;
  readonly #unsubscribe: () => void;

  constructor(deps: Pick<Deps, 'seal' | 'bus' | 'log' | 'lake'>) {
    this.#reconciler = new Reconciler(deps.log, 'golden records', () => sealGolden(deps));
    this.#unsubscribe = deps.bus.on(integrationFinished, () => void this.#reconciler.wake());
    void this.#reconciler.wake();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#reconciler.stop();
  }
}

/** Asks for the seal of every root that has none. */
export async function sealGolden({ lake, seal }: Pick<Deps, 'lake' | 'seal'>): Promise<void> {
  const rows = await lake.query<{
    integration: number;
    library: number;
    name: string;
    changes: number;
    level: number;
    root: Uint8Array;
  }>('SELECT integration, library, name, changes, level, root FROM v.golden_root_v1 ORDER BY integration, library');
  const subjects = rows.map(({ integration, library, name, changes, level, root }) => ({
    kind: 'golden' as const,
    subject: `${integration}/${name}`,
    title: {
      zh: `第 ${integration} 次整合：${name} 库的变更`,
      en: `Integration ${integration}: changes of the library ${name}`,
    },
    organisation: null,
    imprint: Uint8Array.of(1, ...root),
    level,
    facts: { integration, library, changes },
  }));
  const known = await seal.known(
    'golden',
    subjects.map((s) => s.subject),
  );
  // A rebuild counts its integrations anew: recent ones are asked for again, which changes nothing where they are the same.
  const recent = (rows.at(-1)?.integration ?? 0) - RECENT;
  await seal.requestAll(subjects.filter((s) => !known.has(s.subject) || s.facts.integration > recent));
}
