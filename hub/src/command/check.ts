/** Declared plans judged without a hub, for the command line. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readOrganisations } from '../catalogue/index.ts';
import type { Problem } from '../platform/problem.ts';
import { readPlan, readPlans } from './declaration.ts';

/** What a check of plans found: plans that hold, and every mistake with its file and line. */
export interface PlanCheck {
  plans: { id: string; title: { zh: string; en: string }; levels: number; steps: number; organisations: string[] }[];
  problems: Problem[];
}

/** Judges a folder of plans, or one plan's own folder, against the city's organisations. */
export function checkPlans(folder: string, cities: string, city: string): PlanCheck {
  const own = readOrganisations(cities, city);
  const known = new Set(own.organisations.map((o) => o.id));
  const file = join(folder, 'plan.yaml');
  const name = folder.replace(/\/+$/, '').split('/').at(-1)!;
  const read = existsSync(file) ? [readPlan(file, `plans/${name}/plan.yaml`, known)] : readPlans(folder, known);
  return {
    plans: read.flatMap(({ plan: p }) =>
      p
        ? [
            {
              ...{ id: p.id, title: p.title, levels: p.levels.length, steps: p.steps.length },
              organisations: [...new Set(p.roles.map((r) => r.organisation))],
            },
          ]
        : [],
    ),
    problems: [...own.problems, ...read.flatMap((r) => r.problems)],
  };
}
