import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATE_COUNCIL_CALENDAR } from './calendar-data.ts';
import { CodesError } from './kind.ts';
import { addWorkingDays, isWorkingDay, nationalCalendar, WorkingCalendar, workingDaysBetween } from './working-days.ts';

const day = (offset: number) => new Date(Date.UTC(2020, 0, 1) + offset * 86_400_000).toISOString().slice(0, 10);
const LAST = 2556;

describe('working days', () => {
  it('follows the notice for 2026', () => {
    for (const worked of ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10']) {
      expect(isWorkingDay(worked)).toBe(true);
    }
    for (const off of [
      '2026-01-01',
      '2026-01-02',
      '2026-02-16',
      '2026-02-23',
      '2026-04-06',
      '2026-05-05',
      '2026-06-19',
    ]) {
      expect(isWorkingDay(off)).toBe(false);
    }
    expect(isWorkingDay('2026-11-21')).toBe(false);
    expect(isWorkingDay('2026-11-20')).toBe(true);
    expect(nationalCalendar.holidayOf('2026-09-25')).toMatchObject({ zh: '中秋节' });
    expect(nationalCalendar.holidayOf('2026-11-21')).toBeUndefined();
  });

  it('works only on week-end days that are no holiday, and has the known number of working days in each year', () => {
    for (const { year, worked } of STATE_COUNCIL_CALENDAR) {
      for (const date of worked) {
        expect([0, 6]).toContain(new Date(`${year}-${date}T00:00:00Z`).getUTCDay());
        expect(nationalCalendar.holidayOf(`${year}-${date}`)).toBeUndefined();
      }
    }
    const workingDays = STATE_COUNCIL_CALENDAR.map(({ year }) => [
      year,
      workingDaysBetween(`${year}-01-01`, `${year}-12-31`) + Number(isWorkingDay(`${year}-01-01`)),
    ]);
    expect(workingDays).toEqual([
      [2020, 249],
      [2021, 250],
      [2022, 249],
      [2023, 249],
      [2024, 251],
      [2025, 248],
      [2026, 248],
    ]);
  });

  it('counts a period from the next day, over holidays and worked week-ends', () => {
    expect(addWorkingDays('2026-02-13', 1)).toBe('2026-02-14');
    expect(addWorkingDays('2026-02-14', 1)).toBe('2026-02-24');
    expect(addWorkingDays('2026-09-30', 3)).toBe('2026-10-10');
    expect(addWorkingDays('2026-10-12', -3)).toBe('2026-10-08');
    expect(addWorkingDays('2026-10-03', 0)).toBe('2026-10-03');
    expect(workingDaysBetween('2026-09-30', '2026-10-10')).toBe(3);
  });

  it('has adding and counting agree, in both directions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: LAST - 400 }), fc.integer({ min: -200, max: 200 }), (offset, count) => {
        const from = day(offset);
        const to = addWorkingDays(from, count);
        if (count !== 0) expect(isWorkingDay(to)).toBe(true);
        if (count >= 0 || isWorkingDay(from)) {
          const between = workingDaysBetween(from, to);
          expect(count >= 0 ? between : -workingDaysBetween(to, from)).toBe(count);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('adds up: a to c is a to b and b to c', () => {
    const at = fc.integer({ min: 0, max: LAST }).map(day);
    fc.assert(
      fc.property(at, at, at, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort() as [string, string, string];
        expect(workingDaysBetween(x, y) + workingDaysBetween(y, z)).toBe(workingDaysBetween(x, z));
      }),
      { numRuns: 200 },
    );
  });

  it('never guesses: a year without arrangement is an error', () => {
    const code = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        if (error instanceof CodesError) return [error.reason.code, error.reason.got];
        throw error;
      }
      return undefined;
    };
    expect(code(() => isWorkingDay('2027-01-04'))).toEqual(['codes.calendar-year', '2027']);
    expect(code(() => isWorkingDay('2019-12-31'))).toEqual(['codes.calendar-year', '2019']);
    expect(code(() => addWorkingDays('2026-12-30', 5))).toEqual(['codes.calendar-year', '2027']);
    expect(code(() => workingDaysBetween('2026-12-30', '2027-01-02'))).toEqual(['codes.calendar-year', '2027']);
    expect(code(() => isWorkingDay('2026-02-30'))).toEqual(['codes.form', '2026-02-30']);
    expect(code(() => addWorkingDays('2026-01-05', 1.5))).toEqual(['codes.form', '1.5']);
  });

  it('takes further years as data, and a corrected year in place of the old one', () => {
    const holidays = [{ zh: '元旦', en: 'New Year', from: '01-01', to: '01-03' }];
    const longer = nationalCalendar.extend([{ year: 2027, source: 'test', holidays, worked: ['01-09'] }]);
    expect(longer.isWorkingDay('2027-01-04')).toBe(true);
    expect(longer.isWorkingDay('2027-01-09')).toBe(true);
    expect(longer.isWorkingDay('2027-01-01')).toBe(false);
    expect(longer.addWorkingDays('2026-12-31', 1)).toBe('2027-01-04');
    expect(longer.years()).toEqual([2020, 2021, 2022, 2023, 2024, 2025, 2026, 2027]);
    expect(nationalCalendar.years()).not.toContain(2027);
    const corrected = longer.extend([{ year: 2027, source: 'test', holidays: [], worked: [] }]);
    expect(corrected.isWorkingDay('2027-01-01')).toBe(true);
  });

  it('refuses a holiday that ends before it begins', () => {
    const holidays = [{ zh: '春节', en: 'Spring Festival', from: '02-07', to: '02-01' }];
    expect(() => new WorkingCalendar([{ year: 2027, source: 'test', holidays, worked: [] }])).toThrow(CodesError);
  });
});
