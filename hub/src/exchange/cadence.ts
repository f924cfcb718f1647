/**
 * When a source is due. A source with an interface (database, HTTP) is collected by the hub at its declared cadence; one
 * without is handed over by people, at least every half month, or at its own slower cadence.
 */
import type { SourceDeclaration } from '../catalogue/index.ts';

const DAY = 86_400_000;
const HALF_MONTH = 15;
const days = { realtime: 1, daily: 1, weekly: 7, 'half-monthly': HALF_MONTH } as const;
const months = { monthly: 1, quarterly: 3, yearly: 12 } as const;

/** Whether the hub collects it by itself. */
export const automatic = (d: SourceDeclaration): boolean =>
  d.transport.kind === 'postgres' || d.transport.kind === 'mysql' || d.transport.kind === 'http-pull';

/** When the next delivery is due after `last`; null for a source that cannot deliver yet. */
export function nextDue(d: SourceDeclaration, last: Date): Date | null {
  if (d.transport.kind === 'unavailable') return null;
  if (d.cadence in months) {
    const next = new Date(last);
    next.setUTCMonth(next.getUTCMonth() + months[d.cadence as keyof typeof months]);
    return next;
  }
  const own = days[d.cadence as keyof typeof days];
  const taken = automatic(d) || d.transport.kind === 'http-push' ? own : Math.max(own, HALF_MONTH);
  return new Date(last.getTime() + taken * DAY);
}

/** Whole days that have passed since it was due; 0 while it is not. */
export const overdueDays = (due: Date | null, now: Date): number =>
  due && now > due ? Math.floor((now.getTime() - due.getTime()) / DAY) : 0;
