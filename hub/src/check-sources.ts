/** `jingwei source check` without a hub: the catalogue's checks with an empty lake that compiles mappings. */
import { loadSources, readOrganisations } from './catalogue/index.ts';
import { checkSample } from './exchange/index.ts';
import { openDuckDbLake } from './platform/lake/index.ts';
import type { Problem } from './platform/problem.ts';

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
    const context = { organisations: new Set(own.organisations.map((o) => o.id)), lake, sample: checkSample };
    const loaded = await loadSources(sources, context);
    return { checked: loaded.sources.length, problems: [...own.problems, ...loaded.problems] };
  } finally {
    await lake.close();
  }
}
