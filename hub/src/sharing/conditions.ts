/** The conditions that the table names. Each answers what stands against a step, or nothing. */
import { Problem } from '../platform/problem.ts';
import type { Taking } from './act.ts';
import { missingOf, needComplete } from './complete.ts';
import { sharedEntry, typeOf } from './entries.ts';
import type { Condition } from './machine.ts';
import type { DisputeRow, RequestRow, ShareRow } from './matters.ts';
import {
  cannotRefuse,
  incomplete,
  noRenewal,
  notMended,
  notYours,
  ownWork,
  renewalPending,
  toldOnce,
  unknownEntry,
  wrongState,
} from './problems.ts';

type Check = (taking: Taking) => Problem | null;
const when = (fails: boolean, problem: () => Problem): Problem | null => (fails ? problem() : null);
const share = (t: Taking) => t.row as ShareRow;
const request = (t: Taking) => t.row as RequestRow;
const not = (t: Taking) => new Problem(wrongState, { state: t.row.state, action: t.transition.title.zh });

const checks: Readonly<Record<Condition, Check>> = {
  complete(t) {
    const row = request(t);
    const found = sharedEntry(t.ports, row.entry);
    if (!found) return new Problem(unknownEntry, { id: row.entry });
    const source = found.entry.source;
    const missing = missingOf(found, row.content, {
      ...{ requester: row.requester, today: t.today },
      typed: (item) => (source === null ? 'text' : typeOf(t.ports, source, item)),
    });
    try {
      needComplete(missing);
    } catch (error) {
      return error instanceof Problem ? error : new Problem(incomplete);
    }
    return null;
  },
  'not-own-work'(t) {
    const by = t.machine === 'share' ? share(t).renewal?.asked_by : request(t).proposed_by;
    return when(t.principal !== null && t.principal.login === by, () => new Problem(ownWork));
  },
  'not-told-before': (t) => when(request(t).missing !== null, () => new Problem(toldOnce)),
  unconditional: (t) => when(t.request.sharing !== 'unconditional', () => not(t)),
  conditional: (t) => when(t.request.sharing === 'unconditional', () => new Problem(cannotRefuse)),
  'mend-over': (t) =>
    when(
      !share(t).mended && (share(t).mend_by ?? '') >= t.today,
      () => new Problem(notMended, { day: share(t).mend_by }),
    ),
  'no-renewal': (t) => when(share(t).renewal !== null, () => new Problem(renewalPending)),
  'renewal-waits': (t) => {
    const renewal = share(t).renewal;
    if (!renewal) return new Problem(noRenewal);
    // The own head speaks before the provider's.
    const turn = renewal.agreed ? 'provider-head' : 'requester-head';
    return when(t.held.capacity !== turn, () => new Problem(notYours, { action: t.transition.title.zh }));
  },
  'renewal-agreed': (t) => when(!share(t).renewal?.agreed, () => new Problem(noRenewal)),
  'change-ends': (t) => when(!('end' in (share(t).pending ?? {})), () => not(t)),
  'change-alters': (t) => when('end' in (share(t).pending ?? { end: true }), () => not(t)),
  'other-side': (t) =>
    when(
      t.held.capacity === `${(t.row as DisputeRow).offered_by}-head`,
      () => new Problem(notYours, { action: t.transition.title.zh }),
    ),
};

/** What stands against a step; null: nothing. */
export function failedCondition(taking: Taking): Problem | null {
  for (const condition of taking.transition.when ?? []) {
    const problem = checks[condition](taking);
    if (problem) return problem;
  }
  return null;
}
