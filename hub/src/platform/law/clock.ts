/**
 * Clocks of working days. Pure: a clock is its first day, its days and its extension; everything else follows from the
 * calendar. A period begins on the day after its trigger and ends with its last working day; the time of day plays no part,
 * days are those of Asia/Shanghai. Where the way leads into a year whose holidays were not announced there is no due day.
 */
import { CodesError, type WorkingCalendar } from '@jingwei/codes';

/** The day of an instant in Asia/Shanghai, which keeps UTC+8 all year: `2026-11-21`. */
export const cityDay = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

/** A due day, or the year for which it waits. */
export type Due = { due: string; missingYear: null } | { due: null; missingYear: number };

/** The last day of a period of `days` working days (extension included) whose trigger fell on `start`. */
export function dueOf(calendar: WorkingCalendar, start: string, days: number): Due {
  try {
    return { due: calendar.addWorkingDays(start, days), missingYear: null };
  } catch (error) {
    const year = error instanceof CodesError ? firstMissing(calendar, start) : undefined;
    if (year === undefined) throw error;
    return { due: null, missingYear: year };
  }
}

/** The first year from a day on that a calendar does not cover. */
function firstMissing(calendar: WorkingCalendar, start: string): number | undefined {
  const first = Number(start.slice(0, 4));
  if (!Number.isInteger(first)) return undefined;
  const known = new Set(calendar.years());
  let year = first;
  while (known.has(year)) year += 1;
  return year;
}

/** How a running clock stands: `unknown` has no due day yet. */
export type ClockStanding = 'unknown' | 'running' | 'warning' | 'overdue';

/** How a clock stands on a day, and how many working days are left (negative: late; null: cannot be said). */
export function standingOf(
  calendar: WorkingCalendar,
  clock: { due: string | null; warn: number },
  today: string,
): { standing: ClockStanding; left: number | null } {
  if (clock.due === null) return { standing: 'unknown', left: null };
  let left: number | null;
  try {
    left = calendar.workingDaysBetween(today, clock.due);
  } catch (error) {
    if (!(error instanceof CodesError)) throw error;
    left = null;
  }
  if (today > clock.due) return { standing: 'overdue', left };
  return { standing: left !== null && left <= clock.warn ? 'warning' : 'running', left };
}
