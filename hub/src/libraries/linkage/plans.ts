/** How the classes of a library are read now: for questions outside an integration. */
import type { LakeSession } from '../../platform/lake/index.ts';
import { type ClassPlan, planOf, type VersionedDeclaration } from '../../refinery/index.ts';

/** A plan for every version of a declaration by which runs were refined. */
export async function plansOf(
  lake: Pick<LakeSession, 'query'>,
  declarations: readonly VersionedDeclaration[],
): Promise<ClassPlan[]> {
  const runs = await lake.query<{ run: number; source: string; version: number }>(
    'SELECT run, source, version FROM v.refined_run_v1 ORDER BY run',
  );
  const latest = new Map<string, VersionedDeclaration>();
  for (const d of declarations)
    if ((latest.get(d.declaration.id)?.version ?? -1) < d.version) latest.set(d.declaration.id, d);
  const groups = new Map<string, { declared: VersionedDeclaration; runs: number[] }>();
  for (const r of runs) {
    const declared =
      declarations.find((d) => d.declaration.id === r.source && d.version === r.version) ?? latest.get(r.source);
    if (!declared) continue;
    const key = `${r.source} ${declared.version}`;
    const group = groups.get(key) ?? { declared, runs: [] };
    group.runs.push(r.run);
    groups.set(key, group);
  }
  const all = [...groups.values()].map((g) => {
    const plan = planOf(g.declared);
    return { plan, runs: g.runs };
  });
  for (const { plan, runs: own } of all)
    if (all.filter((x) => x.plan.source === plan.source).length > 1) plan.only = own;
  return all.map((x) => x.plan);
}
