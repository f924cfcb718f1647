/**
 * The legal days of the catalogue (decree 809, article 17): review and publication within 2 working days of receipt, updates
 * within 10 of the change that asks for them, 5 more with the authority's consent. Only the day on which a period begins is
 * kept; the day on which it ends is computed when it is asked for, so that a calendar that learns its next year corrects
 * itself. A day in a year that the calendar lacks is said to be unknown, never guessed.
 */
import type { WorkingCalendar } from '@jingwei/codes';
import { CityCalendar, cityDay, type Deadline, dueOf, openLaw, standingOf } from '../../platform/law/index.ts';

/** The periods and the calendar that they are counted by. */
export interface LegalDays {
  calendar(): WorkingCalendar;
  review: Deadline;
  update: Deadline;
}

/** As law and city declare them. @throws a Problem where the files do not hold. */
export function legalDays(folders: { standards: string; cities: string }, city: string): LegalDays {
  const law = openLaw(folders.standards);
  const calendar = new CityCalendar(folders.cities, city);
  const of = (id: string) => law.deadline(id);
  return { calendar: () => calendar.current(), review: of('catalog.review_publish'), update: of('catalog.update') };
}

/** A period as people see it. */
export interface PeriodClock {
  /** The day that it is counted from (Asia/Shanghai); the first counted day is the next working day. */
  from: string;
  days: number;
  /** Last day of the period; null where the calendar does not reach so far. */
  due: string | null;
  /** The year for which the calendar waits, where it does. */
  missingYear: number | null;
  /** Working days left, negative when overdue; null where it is unknown or over. */
  left: number | null;
  state: 'running' | 'warning' | 'overdue' | 'met' | 'late' | 'stopped' | 'unknown';
}

/** How a period stands; `ended` is when what it asks for was done, `stopped` that a recorded ground ended it. */
export function periodClock(
  calendar: WorkingCalendar,
  deadline: Pick<Deadline, 'days' | 'warn'>,
  given: { from: Date | string; extension?: number; now: Date; ended?: Date | null; stopped?: boolean },
): PeriodClock {
  const from = typeof given.from === 'string' ? given.from : cityDay(given.from);
  const days = deadline.days + (given.extension ?? 0);
  const { due, missingYear } = dueOf(calendar, from, days);
  const base = { from, days, due, missingYear };
  if (given.stopped) return { ...base, left: null, state: 'stopped' };
  if (given.ended) return { ...base, left: null, state: due !== null && cityDay(given.ended) > due ? 'late' : 'met' };
  const { standing, left } = standingOf(calendar, { due, warn: deadline.warn }, cityDay(given.now));
  return { ...base, left, state: standing };
}
