/** `scenario check` without a hub: record views are made, empty, of the declared sources; the hub's own views are left unjudged. */
import { loadSources, readOrganisations, type SourceDeclaration } from '../catalogue/index.ts';
import { ident, openDuckDbLake } from '../platform/lake/index.ts';
import type { Problem } from '../platform/problem.ts';
import { loadScenarios, type Scenario } from './load.ts';
import { recordViewOf } from './sources.ts';

const TYPES: Record<string, string> = { integer: 'BIGINT', decimal: 'DECIMAL(18,4)', date: 'DATE', boolean: 'BOOLEAN' };
const OWN = ['entity', 'day', 'fact', 'amount'];

/** An empty view with the columns of a source's records. */
function emptyView({ id, fields }: SourceDeclaration): string {
  const own = ['NULL::INTEGER AS entity', 'NULL::DATE AS day', 'NULL::BIGINT AS fact', 'NULL::DECIMAL(18,4) AS amount'];
  const columns = fields.map(
    (f) => `NULL::${TYPES[f.type] ?? 'VARCHAR'} AS ${ident(OWN.includes(f.name) ? `${f.name}_` : f.name)}`,
  );
  return `CREATE VIEW ${recordViewOf(id)} AS SELECT ${[...own, ...columns].join(', ')} WHERE false`;
}

/** What a check found. */
export interface ScenarioCheck {
  scenarios: Scenario[];
  problems: Problem[];
  /** Views that were not there to be judged against. */
  unjudged: string[];
}

/** Checks every folder of scenarios against the declared sources and the city's organisations. */
export async function checkScenarios(
  folder: string,
  context: { sources: string; cities: string; city: string },
): Promise<ScenarioCheck> {
  const lake = await openDuckDbLake({ path: ':memory:' });
  try {
    const declarations = (await loadSources(context.sources)).sources.map((s) => s.declaration);
    await lake.define(['CREATE SCHEMA IF NOT EXISTS v', ...declarations.map(emptyView)]);
    const { scenarios, problems } = await loadScenarios(folder, lake, {
      organisations: new Set(readOrganisations(context.cities, context.city).organisations.map((o) => o.id)),
      subjects: new Map(declarations.map((d) => [recordViewOf(d.id), d.subject ?? 'legal-person'])),
      guardedFields: new Map(
        declarations.map((d) => [
          recordViewOf(d.id),
          new Set(
            d.fields.filter((f) => f.protection === 'personal' || f.protection === 'sensitive').map((f) => f.name),
          ),
        ]),
      ),
    });
    const all = [...scenarios.values()];
    const missing = all.flatMap((s) => [...s.measures.values()].flatMap((m) => m.statement?.missing ?? []));
    return { scenarios: all, problems, unjudged: [...new Set(missing)].sort() };
  } finally {
    await lake.close();
  }
}
