/**
 * The working days that a city counts by: the State Council's arrangements that packages/codes knows, and years that the
 * city adds or corrects in `cities/<city>/working-days.yaml`. The file is read again when it changes, so that clocks which
 * wait for a year can be computed without a restart.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CodesError, nationalCalendar, type WorkingCalendar } from '@jingwei/codes';
import { z } from 'zod';
import { readYaml } from '../declared/index.ts';
import { Problem, problemKind } from '../problem.ts';

/** A holiday calendar that does not hold: said at once, never passed over. */
export const calendarWrong = problemKind(
  'law.calendar-wrong',
  500,
  '节假日安排文件有误：{message}',
  'the holiday calendar does not hold: {message}',
);

const day = z.string().regex(/^(\d{4}-)?\d\d-\d\d$/);
const file = z.strictObject({
  years: z.array(
    z.strictObject({
      year: z.number().int().min(2000).max(2200),
      /** The notice's number. */
      source: z.string().min(1),
      holidays: z.array(z.strictObject({ zh: z.string().min(1), en: z.string().min(1), from: day, to: day })),
      worked: z.array(day),
    }),
  ),
});

/** The calendar of one city. */
export class CityCalendar {
  readonly #path: string;
  readonly #shown: string;
  #read: { changed: number; calendar: WorkingCalendar } | undefined;

  constructor(cities: string, city: string) {
    this.#path = join(cities, city, 'working-days.yaml');
    this.#shown = `cities/${city}/working-days.yaml`;
  }

  /** The calendar as it is declared now. @throws a Problem where the city's file does not hold. */
  current(): WorkingCalendar {
    const changed = existsSync(this.#path) ? statSync(this.#path).mtimeMs : 0;
    if (this.#read?.changed === changed) return this.#read.calendar;
    let calendar = nationalCalendar;
    if (changed) {
      const read = readYaml(this.#path, this.#shown, file);
      if (!read.value) throw read.problems[0]!;
      try {
        calendar = nationalCalendar.extend(read.value.years);
      } catch (error) {
        if (error instanceof CodesError)
          throw new Problem(calendarWrong, { message: error.message }, { file: this.#shown });
        throw error;
      }
    }
    this.#read = { changed, calendar };
    return calendar;
  }
}
