/**
 * Working time (工作时): hours of offices on working days. A limit of `4 working-hours` that begins on Friday at 16:00 ends on Monday;
 * one of working days ends with the office's last hour of its last day, counted as the law counts (from the next day).
 * Pure; days are those of Asia/Shanghai. A year that the calendar does not cover has no answer: never a guess.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CodesError, type WorkingCalendar } from '@jingwei/codes';
import { z } from 'zod';
import { readYaml } from '../declared/index.ts';
import { cityDay } from './clock.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const ZONE = 8 * 3_600_000;

/** Spans of a working day in minutes since midnight, ascending, without overlap. */
export type OfficeHours = readonly { from: number; to: number }[];

/** Half past eight to twelve and half past one to five: what holds where a city says nothing. */
export const usualHours: OfficeHours = [
  { from: 510, to: 720 },
  { from: 810, to: 1020 },
];

/** Units of a limit. Minutes, hours and days go on by night; the others by working time. */
export const limitUnits = ['minutes', 'hours', 'days', 'working-hours', 'working-days'] as const;
export type LimitUnit = (typeof limitUnits)[number];

/** A length of time as it is declared: `4 working-hours`. */
export interface Span {
  amount: number;
  unit: LimitUnit;
}

/** Reads `4 working-hours`; undefined where it is none. */
export function spanOf(text: string): Span | undefined {
  const found = /^(\d{1,4}) (minutes|hours|days|working-hours|working-days)$/.exec(text.trim());
  return found && Number(found[1]) > 0 ? { amount: Number(found[1]), unit: found[2] as LimitUnit } : undefined;
}

/** When a span ends, or the year for which it waits. */
export type DueAt = { at: Date; missingYear: null } | { at: null; missingYear: number };

const midnight = (day: string): number => Date.parse(`${day}T00:00:00Z`) - ZONE;
const nextDay = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);

/** When a span that begins at an instant ends. */
export function dueAt(calendar: WorkingCalendar, hours: OfficeHours, from: Date, span: Span): DueAt {
  const plain = { minutes: MINUTE, hours: 60 * MINUTE, days: DAY }[span.unit as 'minutes' | 'hours' | 'days'];
  if (plain) return { at: new Date(from.getTime() + span.amount * plain), missingYear: null };
  if (span.unit === 'working-hours') return addWorkingMinutes(calendar, hours, from, span.amount * 60);
  return guarded(() => {
    const last = calendar.addWorkingDays(cityDay(from), span.amount);
    return new Date(midnight(last) + hours.at(-1)!.to * MINUTE);
  });
}

/** The instant that is so many minutes of working time later. */
export function addWorkingMinutes(calendar: WorkingCalendar, hours: OfficeHours, from: Date, minutes: number): DueAt {
  return guarded(() => {
    let left = minutes * MINUTE;
    let day = cityDay(from);
    let at = from.getTime();
    for (;;) {
      if (calendar.isWorkingDay(day))
        for (const h of hours) {
          const begin = Math.max(at, midnight(day) + h.from * MINUTE);
          const end = midnight(day) + h.to * MINUTE;
          if (begin >= end) continue;
          if (left <= end - begin) return new Date(begin + left);
          left -= end - begin;
        }
      day = nextDay(day);
      at = midnight(day);
    }
  });
}

/** Minutes of working time between two instants (negative where the second comes first); null where a year is not known. */
export function workingMinutes(calendar: WorkingCalendar, hours: OfficeHours, from: Date, to: Date): number | null {
  if (to < from) {
    const back = workingMinutes(calendar, hours, to, from);
    return back === null ? null : -back;
  }
  try {
    let sum = 0;
    for (let day = cityDay(from); midnight(day) < to.getTime(); day = nextDay(day)) {
      if (!calendar.isWorkingDay(day)) continue;
      for (const h of hours) {
        const begin = Math.max(from.getTime(), midnight(day) + h.from * MINUTE);
        const end = Math.min(to.getTime(), midnight(day) + h.to * MINUTE);
        if (end > begin) sum += end - begin;
      }
    }
    return sum / MINUTE;
  } catch (error) {
    if (error instanceof CodesError) return null;
    throw error;
  }
}

function guarded(work: () => Date): DueAt {
  try {
    return { at: work(), missingYear: null };
  } catch (error) {
    const year = error instanceof CodesError ? Number(/^\d{4}/.exec(String(error.reason.got))?.[0]) : Number.NaN;
    if (Number.isNaN(year)) throw error;
    return { at: null, missingYear: year };
  }
}

const file = z.strictObject({
  hours: z
    .array(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/))
    .min(1)
    .max(6),
});

/** The office hours that a city declares in `cities/<city>/office-hours.yaml`; read again when the file changes. */
export class CityHours {
  readonly #path: string;
  readonly #shown: string;
  #read: { changed: number; hours: OfficeHours } | undefined;

  constructor(cities: string, city: string) {
    this.#path = join(cities, city, 'office-hours.yaml');
    this.#shown = `cities/${city}/office-hours.yaml`;
  }

  /** @throws a Problem where the city's file does not hold. */
  current(): OfficeHours {
    const changed = existsSync(this.#path) ? statSync(this.#path).mtimeMs : 0;
    if (this.#read?.changed === changed) return this.#read.hours;
    let hours = usualHours;
    if (changed) {
      const ordered = file.refine((f) =>
        spans(f.hours).every((h, i, all) => h.from < h.to && (i === 0 || h.from >= all[i - 1]!.to)),
      );
      const read = readYaml(this.#path, this.#shown, ordered);
      if (!read.value) throw read.problems[0]!;
      hours = spans(read.value.hours);
    }
    this.#read = { changed, hours };
    return hours;
  }
}
const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const spans = (texts: readonly string[]): OfficeHours =>
  texts.map((t) => ({ from: minutesOf(t.slice(0, 5)), to: minutesOf(t.slice(6)) }));
