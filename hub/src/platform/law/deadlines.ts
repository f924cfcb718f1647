/**
 * The periods that law sets, declared as data (`standards/decree-809.yaml`): which article, whom it binds, what begins it,
 * how many working days, and by how many it may be extended. Rooms name a period by its id; no day count stands in code.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../declared/index.ts';

const bilingual = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });

/** One period. `days`, `warn` and `extension.days` are working days. */
export const deadline = z.strictObject({
  id: z.string().regex(/^[a-z]+(\.[a-z_]+)+$/),
  article: z.number().int().positive(),
  /** Whom it binds. */
  actor: z.enum(['department', 'provider', 'requester', 'authority']),
  title: bilingual,
  /** What begins it. */
  trigger: bilingual,
  days: z.number().int().positive(),
  /** Called to mind when so many working days are left or fewer. */
  warn: z.number().int().nonnegative(),
  /** Longest extension, with consent of the authority; absent: none. */
  extension: z.strictObject({ days: z.number().int().positive() }).optional(),
});
export type Deadline = z.output<typeof deadline>;

const file = z.strictObject({
  law: z.string().min(1),
  title: bilingual,
  effective: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  deadlines: z.array(deadline).min(1),
  retention: z.array(
    z.strictObject({ article: z.number().int().positive(), title: bilingual, years: z.number().int().positive() }),
  ),
});

/** A law as it is declared. */
export interface Law extends Omit<z.output<typeof file>, 'deadlines'> {
  deadlines: readonly Deadline[];
  /** A period by its id; an id that is not declared is a programming error. */
  deadline(id: string): Deadline;
}

/** Reads the decree on sharing. @throws the first Problem of a file that does not hold: without the law nothing may run. */
export function openLaw(standards: string, name = 'decree-809.yaml'): Law {
  const read = readYaml(join(standards, name), `standards/${name}`, file);
  if (!read.value) throw read.problems[0]!;
  const byId = new Map(read.value.deadlines.map((d) => [d.id, d]));
  return {
    ...read.value,
    deadline(id) {
      const found = byId.get(id);
      if (!found) throw new Error(`no period ${id} is declared`);
      return found;
    },
  };
}
