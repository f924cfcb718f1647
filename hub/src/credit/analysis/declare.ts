/** Declared measures and industry chains of the economic analysis. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../platform/declared/index.ts';
import { Problem } from '../../platform/problem.ts';
import { duplicateId, sqlMissing } from '../score/problems.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const title = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });
const measuresSchema = z.strictObject({
  size: z.string().regex(/^[a-z0-9-]+\.sql$/),
  measures: z
    .array(z.strictObject({ id, unit: z.string().max(20), title }))
    .min(1)
    .max(40),
});
const chainsSchema = z.strictObject({
  chains: z
    .array(
      z.strictObject({
        id,
        title,
        links: z.array(z.strictObject({ id, title, industries: z.array(z.string().regex(/^\d{2,4}$/)).min(1) })).min(1),
      }),
    )
    .max(100),
});

/** A measure with its SQL. */
export type Measure = z.output<typeof measuresSchema>['measures'][number] & { sql: string };
/** A chain with its links, in the order of the flow of goods. */
export type IndustryChain = z.output<typeof chainsSchema>['chains'][number];
/** Everything that is declared. */
export interface Declared {
  measures: Measure[];
  sizeSql: string | null;
  chains: IndustryChain[];
  problems: Problem[];
}

/** Reads scoring/analysis; a folder that does not exist declares nothing. */
export function readAnalysis(scoring: string): Declared {
  const folder = join(scoring, 'analysis');
  if (!existsSync(folder)) return { measures: [], sizeSql: null, chains: [], problems: [] };
  const file = 'scoring/analysis/measures.yaml';
  const read = readYaml(join(folder, 'measures.yaml'), file, measuresSchema);
  const chains = readYaml(join(folder, 'chains.yaml'), 'scoring/analysis/chains.yaml', chainsSchema);
  const problems = [...read.problems, ...chains.problems];
  const text = (name: string): string | null => {
    const place = join(folder, name);
    if (existsSync(place)) return readFileSync(place, 'utf8');
    problems.push(new Problem(sqlMissing, {}, { file: `scoring/analysis/${name}` }));
    return null;
  };
  const unique = (ids: readonly string[], shown: string) => {
    for (const [n, one] of ids.entries()) {
      if (ids.indexOf(one) !== n) problems.push(new Problem(duplicateId, { id: one }, { file: shown }));
    }
  };
  unique(read.value?.measures.map((m) => m.id) ?? [], file);
  unique(chains.value?.chains.map((c) => c.id) ?? [], 'scoring/analysis/chains.yaml');
  const measures = (read.value?.measures ?? []).flatMap((m) => {
    const sql = text(`measures/${m.id}.sql`);
    return sql ? [{ ...m, sql }] : [];
  });
  const sizeSql = read.value ? text(read.value.size) : null;
  return { measures, sizeSql, chains: chains.value?.chains ?? [], problems };
}
