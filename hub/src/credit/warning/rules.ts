/** Declared rules of early warning: schema, reading, and the check of their SQL. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../platform/declared/index.ts';
import type { LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { duplicateId, sqlMissing } from '../score/problems.ts';
import { checkColumns, viewsRead } from '../score/sql-check.ts';

/** How grave a warning is. */
export const severities = ['high', 'medium', 'low'] as const;

const rulesSchema = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
        severity: z.enum(severities),
        unit: z.string().max(20),
        title: z.strictObject({ zh: z.string().min(1), en: z.string().min(1) }),
      }),
    )
    .max(200),
});

/** A rule with its SQL. */
export type Rule = z.output<typeof rulesSchema>['rules'][number] & { sql: string };

/** Reads scoring/warnings; a folder that does not exist declares no rule. */
export function readRules(scoring: string): { rules: Rule[]; problems: Problem[] } {
  const folder = join(scoring, 'warnings');
  if (!existsSync(folder)) return { rules: [], problems: [] };
  const file = 'scoring/warnings/rules.yaml';
  const read = readYaml(join(folder, 'rules.yaml'), file, rulesSchema);
  const problems = [...read.problems];
  const seen = new Set<string>();
  const rules = (read.value?.rules ?? []).flatMap((rule, n) => {
    const place = { file, line: read.line(['rules', n, 'id']) };
    if (seen.has(rule.id)) problems.push(new Problem(duplicateId, { id: rule.id }, place));
    seen.add(rule.id);
    const sql = join(folder, 'rules', `${rule.id}.sql`);
    if (existsSync(sql)) return [{ ...rule, sql: readFileSync(sql, 'utf8') }];
    problems.push(new Problem(sqlMissing, {}, { ...place, file: `scoring/warnings/rules/${rule.id}.sql` }));
    return [];
  });
  return { rules, problems };
}

/** Checks a rule's SQL; false when the city has no class that it reads. */
export async function askable(s: LakeSession, rule: Rule): Promise<boolean> {
  const place = { file: `scoring/warnings/rules/${rule.id}.sql` };
  const views = await viewsRead(s, rule.sql, place);
  const known = new Set(
    (await s.query<{ view_name: string }>(`SELECT view_name FROM duckdb_views() WHERE schema_name = 'v'`)).map(
      (r) => r.view_name,
    ),
  );
  if ([...views].some((v) => v.startsWith('record_') && !known.has(v))) return false;
  await checkColumns(s, rule.sql, ['entity', 'matter', 'day', 'value', 'facts'], place);
  return true;
}
