/** placeholder until the report stands */
import type { AssessmentDeps } from '../job.ts';
import type { Sight } from '../views.ts';
export async function makeReports(_: AssessmentDeps, __: AbortSignal): Promise<number> {
  return 0;
}
export async function reportOf(
  _: AssessmentDeps,
  __: Sight,
  ___: 'zh' | 'en',
): Promise<{ bytes: Uint8Array; name: string }> {
  throw new Error();
}
export async function reportsView(_: AssessmentDeps, __?: string) {
  return [];
}
