/** Months, and the working days on which they are closed and objections end. Pure; a year that nobody announced has no day. */
import type { WorkingCalendar } from '@jingwei/codes';
import { type Due, dueOf } from '../platform/law/index.ts';

/** First and last day of a month `2026-11`. */
export function daysOf(month: string): { from: string; to: string } {
  const [year, m] = month.split('-').map(Number) as [number, number];
  const last = new Date(Date.UTC(year, m, 0)).getUTCDate();
  return { from: `${month}-01`, to: `${month}-${String(last).padStart(2, '0')}` };
}

/** The month `n` after (or before) another. */
export function addMonths(month: string, n: number): string {
  const [year, m] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, m - 1 + n, 1)).toISOString().slice(0, 7);
}

/** Every month from one to another, both included; none where the first is later. */
export function monthsBetween(first: string, last: string): string[] {
  const out: string[] = [];
  for (let month = first; month <= last; month = addMonths(month, 1)) out.push(month);
  return out;
}

/** The day on which a month is closed: the n-th working day after it. */
export const closeDay = (calendar: WorkingCalendar, month: string, n: number): Due =>
  dueOf(calendar, daysOf(month).to, n);

/** The last day for objections to a month that was closed on a day. */
export const objectionsEnd = (calendar: WorkingCalendar, closed: string, days: number): Due =>
  dueOf(calendar, closed, days);
