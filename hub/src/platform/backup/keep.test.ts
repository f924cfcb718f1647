import { expect, test } from 'vitest';
import { due, forgotten } from './keep.ts';

const day = (n: number, hour = 19) => {
  const at = new Date(Date.UTC(2026, 10, 21, hour) - n * 86_400_000).toISOString();
  return { id: `${n}-${hour}`, at };
};

test('the last of each day, week and month is kept, and the newest whatever the rule says', () => {
  const year = Array.from({ length: 400 }, (_, n) => [day(n, 19), day(n, 20)]).flat();
  const gone = new Set(forgotten(year, { newest: 1, daily: 7, weekly: 4, monthly: 6 }));
  const kept = year.filter((s) => !gone.has(s.id)).map((s) => s.id);
  // Of two backups of a day the later one; days 0 to 6 are kept as days.
  for (let n = 0; n < 7; n++) expect(kept).toContain(`${n}-20`);
  expect(kept.filter((id) => id.endsWith('-19'))).toEqual([]);
  expect(kept.length).toBeGreaterThanOrEqual(12);
  expect(kept.length).toBeLessThanOrEqual(17);
  expect(forgotten(year, { newest: 0, daily: 0, weekly: 0, monthly: 0 })).toHaveLength(799);
  expect(forgotten(year.slice(0, 9), { newest: 5, daily: 1, weekly: 0, monthly: 0 })).toHaveLength(4);
  expect(forgotten([], { newest: 1, daily: 1, weekly: 1, monthly: 1 })).toEqual([]);
});

test("a day's backup is due once after its time of day in the city", () => {
  const at = (text: string) => new Date(`${text}+08:00`);
  expect(due(at('2026-11-21T02:29:00'), '02:30', at('2026-11-20T02:31:00').toISOString())).toBe(false);
  expect(due(at('2026-11-21T02:30:00'), '02:30', at('2026-11-20T02:31:00').toISOString())).toBe(true);
  expect(due(at('2026-11-21T23:00:00'), '02:30', at('2026-11-21T02:30:05').toISOString())).toBe(false);
  // A hub that was off at the time makes up for it.
  expect(due(at('2026-11-21T01:00:00'), '02:30', at('2026-11-19T02:30:05').toISOString())).toBe(true);
  expect(due(at('2026-11-21T01:00:00'), '02:30', undefined)).toBe(true);
});
