/** The checks of the command line: source folders without a hub, and the lake of a hub that is not listening. */
import { join } from 'node:path';
import type { App } from './app.ts';
import {
  catalogueOf,
  hasRegistry,
  loadRegistry,
  loadSources,
  readOrganisations,
  registryRoot,
  type SourceDeclaration,
} from './catalogue/index.ts';
import { checkExchange, checkSample, type ExchangeCheck } from './exchange/index.ts';
import { loadEconomy, loadLibraries, loadThemes } from './libraries/index.ts';
import { checkTogether } from './platform/backup/index.ts';
import { openDuckDbLake } from './platform/lake/index.ts';
import type { Problem } from './platform/problem.ts';
import { checkSeals, type SealCheck } from './platform/seal/index.ts';

/** What a check of source folders found. */
export interface SourceCheck {
  /** Sources that hold. */
  checked: number;
  /** Every mistake, each with its file and line. */
  problems: Problem[];
}

/** Checks every source folder against its schema, its sample, its mapping and the city's organisations. */
export async function checkSourceFolders(sources: string, cities: string, city: string): Promise<SourceCheck> {
  const lake = await openDuckDbLake({ path: ':memory:' });
  try {
    const own = readOrganisations(cities, city);
    const root = registryRoot(sources);
    // A folder of sources without a registry beside it is judged without one.
    const registry = hasRegistry(root) ? loadRegistry(root) : undefined;
    const context = {
      ...{ organisations: new Set(own.organisations.map((o) => o.id)), lake, sample: checkSample },
      ...(registry ? { elements: new Set(registry.elements.keys()) } : {}),
    };
    const loaded = await loadSources(sources, context);
    const problems = [...own.problems, ...(registry?.problems ?? []), ...loaded.problems];
    return { checked: loaded.sources.length, problems };
  } finally {
    await lake.close();
  }
}

/** Checks every library folder against its schema, the sources that it names and the other libraries, the economy and the themes (beside it) among them. */
export async function checkLibraryFolders(libraries: string, sources: string): Promise<SourceCheck> {
  const known = new Map((await loadSources(sources)).sources.map((s) => [s.declaration.id, s.declaration]));
  const loaded = loadLibraries(libraries, known);
  const lake = await openDuckDbLake({ path: ':memory:' });
  try {
    const { economy, problems } = await loadEconomy(join(libraries, 'economy'), lake, known);
    const declared = loaded.libraries.map((l) => l.declaration);
    const themes = await loadThemes(join(libraries, '..', 'themes'), lake, declared);
    return {
      checked: loaded.libraries.length + (economy ? 1 : 0) + themes.themes.size,
      problems: [...loaded.problems, ...problems, ...themes.problems],
    };
  } finally {
    await lake.close();
  }
}

/** Every declaration under a folder that holds. */
export async function declarationsOf(sources: string): Promise<SourceDeclaration[]> {
  return (await loadSources(sources)).sources.map((s) => s.declaration);
}

/** `jingwei fsck`: what was received is still there. */
export function checkLake(
  app: App,
  options: { trees: boolean; onProgress?: (done: number, total: number, note: string) => void },
): Promise<ExchangeCheck> {
  return checkExchange(app.lake, catalogueOf(app.lake), options);
}

/** `jingwei fsck`: the calendar is whole and every seal's signature holds. The app must not sign (`seal.signing` off). */
export function checkSealed(
  app: App,
  options: { mend: boolean; onProgress?: (done: number, total: number, note: string) => void },
): Promise<SealCheck> {
  const { config, folders } = app.deps;
  const { store } = app.seal.seals;
  const email = config.seal.parent?.email ?? config.seal.email;
  return checkSeals({ data: folders.data, store, anchors: () => app.deps.seal.anchors(), email, ...options });
}

/** `jingwei fsck`: rows of the store name files that are there, and what was found when store and lake were of different moments is settled. */
export const checkParts = (app: App): Promise<{ files: number; problems: Problem[] }> =>
  checkTogether(app.deps, app.rooms);
