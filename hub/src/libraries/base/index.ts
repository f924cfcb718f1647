/** The declared libraries (人口、户、楼栋、房屋 …): one engine for all that `libraries/<name>/library.yaml` says. */
import { join } from 'node:path';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import type { Deps } from '../../platform/room.ts';
import { type LoadedLibrary, loadLibraries } from './check.ts';

export type { BaseStep } from './addresses.ts';
export { type LoadedLibrary, loadLibraries } from './check.ts';
export { type LibraryDeclaration, libraryDeclaration } from './declaration.ts';
export { type BaseWork, baseSteps } from './integrate.ts';
export { forgetLibraries, type News, type Proposer } from './link.ts';
export { addressBlock, addressNumber, addressRoom } from './places.ts';
export { type LibraryPlan, libraryPlan } from './plan.ts';
export { personForbidden } from './read.ts';
export { baseTables, baseViews } from './tables.ts';

/** The libraries declared beside the sources, held against the catalogue; none where one has a mistake. */
export function baseLibraries(lake: Lake, folders: Pick<Deps['folders'], 'sources'>): ReturnType<typeof loadLibraries> {
  const sources = new Map(
    catalogueOf(lake)
      .declarations()
      .map((d) => [d.id, d]),
  );
  return loadLibraries(join(folders.sources, '..', 'libraries'), sources);
}

/** Declared libraries by name. */
export const byName = (libraries: readonly LoadedLibrary[], name: string): LoadedLibrary | undefined =>
  libraries.find((l) => l.declaration.library === name);
