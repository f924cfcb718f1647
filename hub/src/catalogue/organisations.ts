/** The organisations of a city: `cities/<city>/organisations.yaml`. */
import { join } from 'node:path';
import { uscc } from '@jingwei/codes';
import { z } from 'zod';
import { readYaml } from '../platform/declared/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import { bilingual } from './declaration.ts';

/** One organisation. `code`: unified social credit code. */
export const organisationEntry = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9]*$/),
  name: bilingual,
  code: z.string().refine(uscc.check, 'not a valid unified social credit code').optional(),
  kind: z.string().min(1).optional(),
});
const file = z.strictObject({ organisations: z.array(organisationEntry).min(1) });

export type Organisation = z.infer<typeof organisationEntry>;

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
