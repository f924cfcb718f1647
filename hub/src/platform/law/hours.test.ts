import { nationalCalendar as c } from '@jingwei/codes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addWorkingMinutes, dueAt, usualHours as h, spanOf, workingMinutes } from './index.ts';

const at = (text: string) => new Date(`${text}+08:00`);
const due = (from: string, text: string) => {
  const end = dueAt(c, h, at(from), spanOf(text)!);
  return end.at ? new Date(end.at.getTime() + 8 * 3_600_000).toISOString().slice(0, 16) : end.missingYear;
};

test('working hours stop at noon, in the evening, at week-ends and on holidays, and go on where a week-end is worked', () => {
  expect(due('2026-11-20T09:00', '2 working-hours')).toBe('2026-11-20T11:00');
  expect(due('2026-11-20T11:00', '2 working-hours')).toBe('2026-11-20T14:30');
  expect(due('2026-11-20T16:00', '4 working-hours')).toBe('2026-11-23T11:30');
  expect(due('2026-11-21T03:00', '1 working-hours')).toBe('2026-11-23T09:30');
  // 14 February 2026 is a Saturday that is worked; then nine days are off.
  expect(due('2026-02-13T16:30', '1 working-hours')).toBe('2026-02-14T09:00');
  expect(due('2026-02-14T16:30', '1 working-hours')).toBe('2026-02-24T09:00');
});

test('working days end with the last hour; hours and minutes go on by night; a year without arrangement is told', () => {
  expect(due('2026-11-20T09:00', '1 working-days')).toBe('2026-11-23T17:00');
  expect(due('2026-11-20T23:30', '2 hours')).toBe('2026-11-21T01:30');
  expect(due('2026-11-20T23:30', '15 minutes')).toBe('2026-11-20T23:45');
  expect(due('2026-12-30T09:00', '5 working-days')).toBe(2027);
  expect(due('2026-12-31T16:59', '1 working-hours')).toBe(2027);
  expect(spanOf('0 hours')).toBeUndefined();
  expect(spanOf('4 weeks')).toBeUndefined();
});

test('adding and counting agree', () => {
  const instant = fc
    .integer({ min: 0, max: 500_000 })
    .map((m) => new Date(at('2025-01-02T00:00').getTime() + m * 60_000));
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 6000 }), (from, minutes) => {
      const end = addWorkingMinutes(c, h, from, minutes).at!;
      expect(workingMinutes(c, h, from, end)).toBe(minutes);
      expect(workingMinutes(c, h, end, from)).toBe(-minutes);
    }),
    { numRuns: 60 },
  );
});
