/**
 * Working days by the State Council's holiday calendar. A date in a year that the calendar does not cover is an error
 * (`codes.calendar-year`), never a guess. Dates are ISO texts (`2026-02-14`) of Asia/Shanghai; time of day plays no part.
 */

import { STATE_COUNCIL_CALENDAR, type YearArrangement } from './calendar-data.ts';
import { CodesError, reason } from './kind.ts';

const DAY = 86_400_000;

/** Days since 1970-01-01 of an ISO date; a text that is no date of the calendar is an error (`codes.form`). */
function dayNumber(date: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  const time = match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) : Number.NaN;
  if (Number.isNaN(time) || isoOf(time / DAY) !== date) {
    throw new CodesError(reason('codes.form', { got: date, expected: { zh: 'ISO日期', en: 'ISO date' } }));
  }
  return time / DAY;
}

function isoOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** A calendar of working days. Immutable; `extend` answers a new one. */
export class WorkingCalendar {
  readonly #years = new Map<number, YearArrangement>();
  /** Day number → name of the holiday. */
  readonly #off = new Map<number, { zh: string; en: string }>();
  readonly #worked = new Set<number>();

  /** @throws CodesError where an arrangement names a day that does not exist or a range that ends before it begins. */
  constructor(arrangements: readonly YearArrangement[]) {
    for (const one of arrangements) {
      this.#years.set(one.year, one);
      const day = (text: string) => dayNumber(text.length === 5 ? `${one.year}-${text}` : text);
      for (const holiday of one.holidays) {
        const to = day(holiday.to);
        if (to < day(holiday.from)) {
          const expected = { zh: '起止顺序的假期', en: 'holiday that ends after it begins' };
          throw new CodesError(reason('codes.form', { got: `${holiday.from}..${holiday.to}`, expected }));
        }
        for (let at = day(holiday.from); at <= to; at++) this.#off.set(at, { zh: holiday.zh, en: holiday.en });
      }
      for (const text of one.worked) this.#worked.add(day(text));
    }
  }

  /** A calendar with further years (or corrected ones: a year given again replaces the one before). */
  extend(arrangements: readonly YearArrangement[]): WorkingCalendar {
    const merged = new Map(this.#years);
    for (const one of arrangements) merged.set(one.year, one);
    return new WorkingCalendar([...merged.values()]);
  }

  /** The covered years in ascending order. */
  years(): number[] {
    return [...this.#years.keys()].sort((a, b) => a - b);
  }

  /** Is it a working day? @throws CodesError for a year that is not covered. */
  isWorkingDay(date: string): boolean {
    return this.#isWorking(dayNumber(date));
  }

  /** The holiday of a day, undefined where it is none (a plain week-end has no name). @throws CodesError as above. */
  holidayOf(date: string): { zh: string; en: string } | undefined {
    const day = dayNumber(date);
    this.#isWorking(day);
    return this.#off.get(day);
  }

  /**
   * The `count`-th working day after a date; the date itself does not count (a period begins on the next day). With a negative count the
   * working days before it; 0 answers the date as it is. @throws CodesError where the way leads out of the covered years.
   */
  addWorkingDays(date: string, count: number): string {
    if (!Number.isInteger(count)) {
      throw new CodesError(reason('codes.form', { got: String(count), expected: { zh: '整数', en: 'whole number' } }));
    }
    let day = dayNumber(date);
    const step = Math.sign(count);
    for (let left = Math.abs(count); left > 0; ) {
      day += step;
      if (this.#isWorking(day)) left--;
    }
    return isoOf(day);
  }

  /**
   * How many working days lie after `from` up to and including `to`; negative where `to` is earlier. From a working day,
   * `workingDaysBetween(d, addWorkingDays(d, n)) === n`. @throws CodesError for a year that is not covered.
   */
  workingDaysBetween(from: string, to: string): number {
    const first = dayNumber(from);
    const last = dayNumber(to);
    if (last < first) return -this.#count(last - 1, first - 1);
    return this.#count(first, last);
  }

  /** Working days d with after < d <= until. */
  #count(after: number, until: number): number {
    let count = 0;
    for (let day = after + 1; day <= until; day++) if (this.#isWorking(day)) count++;
    return count;
  }

  #isWorking(day: number): boolean {
    const year = new Date(day * DAY).getUTCFullYear();
    if (!this.#years.has(year)) throw new CodesError(reason('codes.calendar-year', { got: String(year) }));
    if (this.#worked.has(day)) return true;
    if (this.#off.has(day)) return false;
    const weekday = (day + 4) % 7;
    return weekday >= 1 && weekday <= 5;
  }
}

/** The national calendar for the years that this package knows (2020-2026). */
export const nationalCalendar = new WorkingCalendar(STATE_COUNCIL_CALENDAR);

/** `nationalCalendar.isWorkingDay`. */
export function isWorkingDay(date: string, calendar: WorkingCalendar = nationalCalendar): boolean {
  return calendar.isWorkingDay(date);
}

/** `nationalCalendar.addWorkingDays`. */
export function addWorkingDays(date: string, count: number, calendar: WorkingCalendar = nationalCalendar): string {
  return calendar.addWorkingDays(date, count);
}

/** `nationalCalendar.workingDaysBetween`. */
export function workingDaysBetween(from: string, to: string, calendar: WorkingCalendar = nationalCalendar): number {
  return calendar.workingDaysBetween(from, to);
}
