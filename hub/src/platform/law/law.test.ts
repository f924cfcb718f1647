import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nationalCalendar } from '@jingwei/codes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CityCalendar, cityDay, dueOf, openLaw, standingOf } from './index.ts';

const standards = fileURLToPath(new URL('../../../../standards', import.meta.url));
const law = openLaw(standards);
const dayOf = (offset: number) => new Date(Date.UTC(2025, 0, 1) + offset * 86_400_000).toISOString().slice(0, 10);
/** Any day of 2025 or 2026 from which sixty working days stay inside the covered years. */
const start = fc.integer({ min: 0, max: 610 }).map(dayOf);
const days = fc.integer({ min: 1, max: 30 });

test('the periods of the decree are its own', () => {
  const period = (id: string) => {
    const d = law.deadline(id);
    return [d.article, d.days, d.extension?.days ?? null];
  };
  expect(period('request.reply.unconditional')).toEqual([21, 1, 10]);
  expect(period('request.reply.conditional')).toEqual([21, 10, 10]);
  expect(period('request.deliver')).toEqual([22, 20, null]);
  expect(period('correction.handle')).toEqual([26, 10, null]);
  expect(period('catalog.update')).toEqual([17, 10, 5]);
  expect(period('catalog.review_publish')).toEqual([17, 2, null]);
  expect(law.retention).toMatchObject([{ article: 29, years: 3 }]);
  expect(() => law.deadline('request.guess')).toThrow('no period');
});

test.each([
  // Before the National Day of 2025 (1 to 8 October; 28 September and 11 October are worked).
  ['2025-09-26', 1, '2025-09-28'],
  ['2025-09-30', 1, '2025-10-09'],
  ['2025-09-26', 10, '2025-10-16'],
  // Over the Spring Festival of 2026 (15 to 23 February; 14 and 28 February are worked).
  ['2026-02-13', 1, '2026-02-14'],
  ['2026-02-14', 1, '2026-02-24'],
  ['2026-02-10', 10, '2026-03-02'],
  ['2026-04-30', 1, '2026-05-06'],
  ['2026-06-18', 1, '2026-06-22'],
  ['2026-09-24', 20, '2026-10-29'],
])('%s and %i working days end on %s', (from, n, due) => {
  expect(dueOf(nationalCalendar, from, n)).toEqual({ due, missingYear: null });
});

test('a period never ends on a day off, grows with its days, and is extended exactly', () => {
  fc.assert(
    fc.property(start, days, days, (from, n, more) => {
      const { due } = dueOf(nationalCalendar, from, n);
      const { due: extended } = dueOf(nationalCalendar, from, n + more);
      expect(nationalCalendar.isWorkingDay(due!)).toBe(true);
      expect(due! > from).toBe(true);
      expect(extended).toBe(nationalCalendar.addWorkingDays(due!, more));
      expect(nationalCalendar.workingDaysBetween(due!, extended!)).toBe(more);
    }),
  );
});

test('a later trigger never ends earlier', () => {
  fc.assert(
    fc.property(start, fc.integer({ min: 0, max: 20 }), days, (from, later, n) => {
      const after = new Date(Date.parse(from) + later * 86_400_000).toISOString().slice(0, 10);
      expect(dueOf(nationalCalendar, after, n).due! >= dueOf(nationalCalendar, from, n).due!).toBe(true);
    }),
  );
});

test('the time of day and the zone of the machine play no part', () => {
  const before = process.env.TZ;
  try {
    const answers = ['America/New_York', 'Asia/Shanghai', 'Pacific/Apia', 'Europe/Berlin'].map((zone) => {
      process.env.TZ = zone;
      // All instants of one day of Asia/Shanghai, also where other zones change their clocks (8 March 2026).
      return ['2026-03-07T16:00:00Z', '2026-03-08T07:00:00Z', '2026-03-08T15:59:59.999Z'].map(
        (at) => dueOf(nationalCalendar, cityDay(new Date(at)), 10).due,
      );
    });
    expect(new Set(answers.flat())).toEqual(new Set(['2026-03-20']));
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test('a year whose holidays nobody announced is named, never guessed', () => {
  expect(dueOf(nationalCalendar, '2026-12-25', 10)).toEqual({ due: null, missingYear: 2027 });
  expect(dueOf(nationalCalendar, '2026-12-25', 4)).toEqual({ due: '2026-12-31', missingYear: null });
  expect(dueOf(nationalCalendar, '2031-01-02', 1)).toEqual({ due: null, missingYear: 2031 });
  expect(() => dueOf(nationalCalendar, 'soon', 1)).toThrow('ISO');
});

test('a clock warns before its end and is late after it, whatever the calendar knows', () => {
  const at = (today: string, due: string | null = '2026-10-16') =>
    standingOf(nationalCalendar, { due, warn: 3 }, today);
  expect(at('2026-10-12')).toEqual({ standing: 'running', left: 4 });
  expect(at('2026-10-13')).toEqual({ standing: 'warning', left: 3 });
  expect(at('2026-10-16')).toEqual({ standing: 'warning', left: 0 });
  expect(at('2026-10-19')).toEqual({ standing: 'overdue', left: -1 });
  expect(at('2027-01-04')).toEqual({ standing: 'overdue', left: null });
  expect(at('2026-10-12', null)).toEqual({ standing: 'unknown', left: null });
});

test('a city adds a year without a restart; a file that does not hold is said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-law-'));
  const path = join(folder, 'city', 'working-days.yaml');
  const write = (text: string, second: number) => {
    writeFileSync(path, text);
    utimesSync(path, second, second);
  };
  try {
    mkdirSync(join(folder, 'city'));
    const city = new CityCalendar(folder, 'city');
    expect(dueOf(city.current(), '2026-12-25', 10).missingYear).toBe(2027);
    write(
      `years:\n  - { year: 2027, source: test, holidays: [{ zh: 元旦, en: New Year, from: 01-01, to: 01-03 }], worked: [] }\n`,
      1000,
    );
    expect(dueOf(city.current(), '2026-12-25', 10)).toEqual({ due: '2027-01-11', missingYear: null });
    write('years:\n  - { year: 2027, source: test, holidays: [], worked: [02-30] }\n', 2000);
    expect(() => city.current()).toThrow('law.calendar-wrong');
    write('years: 7\n', 3000);
    expect(() => city.current()).toThrow('declared.yaml.schema');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
