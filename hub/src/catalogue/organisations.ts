/** The organisations of a city: `cities/<city>/organisations.yaml`. */
import { join } from 'node:path';
import { uscc } from '@jingwei/codes';
import { z } from 'zod';
import { readYaml } from '../platform/declared/index.ts';
import { peopleOf } from '../platform/people/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { bilingual } from './declaration.ts';

/** One organisation. `code`: unified social credit code. */
export const organisationEntry = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9]*$/),
  name: bilingual,
  code: z.string().refine(uscc.check, 'not a valid unified social credit code').optional(),
  kind: z.string().min(1).optional(),
});
const file = z.strictObject({ organisations: z.array(organisationEntry).min(1) });

/** `until`: the first day on which it is no more, by an act on it; `heir`: who answers for it now. */
export type Organisation = z.infer<typeof organisationEntry> & { until?: string; heir?: string };

const twice = problemKind(
  'catalogue.organisation.twice',
  422,
  '机构“{id}”写了两次。',
  'The organisation "{id}" is listed twice.',
);

/** Reads a city's organisations. */
export function readOrganisations(
  cities: string,
  city: string,
): { organisations: Organisation[]; problems: Problem[] } {
  const shown = `cities/${city}/organisations.yaml`;
  const read = readYaml(join(cities, city, 'organisations.yaml'), shown, file);
  const seen = new Set<string>();
  const problems = [...read.problems];
  read.value?.organisations.forEach(({ id }, i) => {
    if (seen.has(id))
      problems.push(new Problem(twice, { id }, { file: shown, line: read.line(['organisations', i, 'id']) }));
    seen.add(id);
  });
  return { organisations: read.value?.organisations ?? [], problems };
}

/**
 * The organisations of a running hub by the names that they have now: declared ones as acts left them, those that acts
 * founded, and those that are no more, whose names old records still need.
 */
export function organisationsNow(deps: Pick<Deps, 'db' | 'folders' | 'config'>): Organisation[] {
  return asRegistered(deps, readOrganisations(deps.folders.cities, deps.config.city).organisations);
}

/** Declared organisations as the register of this hub has them; as they are where there is none. */
export function asRegistered(deps: Pick<Deps, 'db'>, declared: Organisation[]): Organisation[] {
  const people = peopleOf(deps.db);
  if (!people) return declared;
  return people.organisations().map(({ code: id, name, uscc, kind, to }) => {
    const heir = to === null ? null : people.current(id);
    return {
      ...{ id, name },
      ...(uscc ? { code: uscc } : {}),
      ...(kind ? { kind } : {}),
      ...(to ? { until: to } : {}),
      ...(heir ? { heir } : {}),
    };
  });
}
