/** The city's days: Beijing time, working days, school days and holidays. */

/** One hour and one day in milliseconds; Beijing is eight hours ahead all year. */
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const BEIJING = 8 * HOUR;

/** Number of the Beijing day (since 1970-01-01) that an instant (ms UTC) lies in. */
export const dayOf = (at: number): number => Math.floor((at + BEIJING) / DAY);
/** The instant (ms UTC) at which a Beijing day begins. */
export const dayStart = (day: number): number => day * DAY - BEIJING;

/** First and last days off, and working weekends, by the State Council's notices; years beyond them have the fixed days only. */
const off: readonly (readonly [from: string, to: string])[] = [
  ['2025-01-01', '2025-01-01'],
  ['2025-01-28', '2025-02-04'],
  ['2025-04-04', '2025-04-06'],
  ['2025-05-01', '2025-05-05'],
  ['2025-05-31', '2025-06-02'],
  ['2025-10-01', '2025-10-08'],
  ['2026-01-01', '2026-01-03'],
  ['2026-02-15', '2026-02-23'],
  ['2026-04-04', '2026-04-06'],
  ['2026-05-01', '2026-05-05'],
  ['2026-06-19', '2026-06-21'],
  ['2026-09-25', '2026-09-27'],
  ['2026-10-01', '2026-10-07'],
];
const swapped = [
  ['2025-01-26', '2025-02-08', '2025-04-27', '2025-09-28', '2025-10-11'],
  ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
].flat();
const fixed = ['01-01', '05-01', '05-02', '05-03', '10-01', '10-02', '10-03', '10-04', '10-05', '10-06', '10-07'];

const number = (iso: string): number => Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY);
const holidays = new Set(
  off.flatMap(([from, to]) => Array.from({ length: number(to) - number(from) + 1 }, (_, i) => number(from) + i)),
);
const working = new Set(swapped.map(number));

/** What sort of day it is. */
export interface DayKind {
  day: number;
  /** Of the Beijing calendar: year, month 1 … 12, day of the year 0 … 365, weekday 0 (Sunday) … 6. */
  year: number;
  month: number;
  dayOfYear: number;
  weekday: number;
  /** A public holiday, not merely a weekend. */
  holiday: boolean;
  workday: boolean;
  /** A working day in term. */
  schoolDay: boolean;
}

const kept = new Map<number, DayKind>();

/** The kind of a Beijing day. */
export function kindOfDay(day: number): DayKind {
  let known = kept.get(day);
  if (known) return known;
  const date = new Date(day * DAY);
  const iso = date.toISOString().slice(0, 10);
  const weekday = date.getUTCDay();
  const month = date.getUTCMonth() + 1;
  const holiday = holidays.has(day) || (!working.has(day) && fixed.includes(iso.slice(5)));
  const workday = working.has(day) || (!holiday && weekday !== 0 && weekday !== 6);
  const dayOfYear = Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY);
  // Winter holidays about the Spring Festival and the two months of summer.
  const term = !(month === 7 || month === 8 || (dayOfYear >= 22 && dayOfYear < 50));
  known = {
    day,
    year: date.getUTCFullYear(),
    month,
    dayOfYear,
    weekday,
    holiday,
    workday,
    schoolDay: workday && term,
  };
  if (kept.size > 4000) kept.clear();
  kept.set(day, known);
  return known;
}

/** Height of the sun over Cixi (30.2° north, 121.3° east) as the sine of its elevation, 0 at night. */
export function sunAt(at: number): number {
  const solar = ((at / HOUR + 121.3 / 15) % 24) - 12;
  const declination = -0.4093 * Math.cos((2 * Math.PI * (kindOfDay(dayOf(at)).dayOfYear + 10)) / 365.25);
  const latitude = 0.5271;
  const sine =
    Math.sin(latitude) * Math.sin(declination) +
    Math.cos(latitude) * Math.cos(declination) * Math.cos((solar * Math.PI) / 12);
  return sine > 0 ? sine : 0;
}
