/** Reckons a month again out of the records that are kept of it and compares: who doubts a score asks this. */
import { type ComputeDeps, exemptions, reckon } from './compute.ts';
import { measuredOf } from './objections.ts';
import { contentIn, digestOf } from './results.ts';
import type { Sight } from './views.ts';

/** Whether points and digest are what they must be. */
export async function check(deps: Pick<ComputeDeps, 'db'>, { result, formula }: Sight) {
  const content = await contentIn(deps.db.kysely, result.id);
  const exempt = (await exemptions(deps.db.kysely, result.scheme, result.month)).filter(
    (e) =>
      // A version knows of the objections that were accepted before it.
      content.records.some((r) => r.objection === e.objection) ||
      content.points.some(
        (p) => p.state === 'waived' && e.kind === null && p.unit === e.unit && p.indicator === e.indicator,
      ),
  );
  const units = content.units.map((u) => ({ id: u.unit, name: u.name }));
  const again = reckon(formula.declaration, units, measuredOf(formula, content), exempt);
  const head = { ...result, formulaHash: formula.hash };
  const reckoned = digestOf(head, again);
  return {
    ...{ scheme: result.scheme, month: result.month, version: result.version, digest: result.digest, reckoned },
    same: reckoned === result.digest && digestOf(head, content) === result.digest,
    ...{ units: content.units.length, records: content.records.length },
  };
}
