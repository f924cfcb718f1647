import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysOfMonth, parseDate } from './dates.ts';

const anyDay = fc
  .integer({ min: -62_091, max: 47_846 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));

describe('dates', () => {
  it.each([
    ['20210203', 'compact'],
    ['2021/2/3', 'separated'],
    ['2021-02-03', 'separated'],
    ['2021.2.3', 'separated'],
    ['2021年2月3日', 'chinese'],
    ['２０２１年２月３日', 'chinese'],
    ['二〇二一年二月三日', 'chinese'],
    ['44230', 'serial'],
    [' 2021-02-03\u3000', 'separated'],
  ])('reads %s', (text, form) => {
    expect(parseDate(text)).toEqual({ ok: true, value: { iso: '2021-02-03', form, timeDropped: false }, warnings: [] });
  });

  it.each([
    ['2021-02-03 00:00:00', '2021-02-03'],
    ['20210203101112', '2021-02-03'],
    ['44230.5', '2021-02-03'],
    ['2021年2月3日 10时5分', '2021-02-03'],
    ['2021-02-02T16:00:00Z', '2021-02-03'],
    ['2021-02-02T15:59:59.999Z', '2021-02-02'],
    ['2021-02-03T00:00:00+08:00', '2021-02-03'],
    ['2021-02-28T23:00:00-05:00', '2021-03-01'],
  ])('leaves the time of day of %s out and keeps the day in Shanghai', (text, iso) => {
    expect(parseDate(text)).toMatchObject({ ok: true, value: { iso, timeDropped: true } });
  });

  it.each([
    ['20210231', 'codes.date-day', '28'],
    ['0000-00-00', 'codes.date-zero', undefined],
    ['2021-00-10', 'codes.date-zero', undefined],
    ['2021-13-01', 'codes.date-month', undefined],
    ['1900-02-29', 'codes.date-day', '28'],
    ['1700-01-01', 'codes.date-year', '1800-2100'],
    ['21-2-3', 'codes.form', 'date'],
    ['3/2/2021', 'codes.form', 'date'],
    ['2021-2/3', 'codes.form', 'date'],
    ['2021-02-03 25:00', 'codes.form', 'date'],
    ['', 'codes.empty', undefined],
    ['不详', 'codes.form', 'date'],
  ])('refuses %j: %s', (text, code, expected) => {
    const wanted = expected === undefined ? { code } : { code, expected };
    expect(parseDate(text)).toMatchObject({ ok: false, reasons: [wanted] });
  });

  it('reads every day in every form', () => {
    fc.assert(
      fc.property(anyDay, (iso) => {
        const [year, month, day] = iso.split('-').map(Number) as [number, number, number];
        const forms = [
          iso,
          iso.replaceAll('-', ''),
          `${year}/${month}/${day}`,
          `${year}年${month}月${day}日`,
          `${year}.${month}.${day}`,
        ];
        for (const text of forms) expect(parseDate(text)).toMatchObject({ ok: true, value: { iso } });
      }),
      { numRuns: 500 },
    );
  });

  it('reads Excel serials as Excel does, unless told that there are none', () => {
    expect(parseDate('10000')).toMatchObject({ ok: true, value: { iso: '1927-05-18' } });
    expect(parseDate('25569')).toMatchObject({ ok: true, value: { iso: '1970-01-01' } });
    expect(parseDate('44230', { serial: false })).toMatchObject({ ok: false, reasons: [{ code: 'codes.form' }] });
  });

  it('accepts exactly the days that exist', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1800, max: 2100 }), fc.nat(14), fc.nat(33), (year, month, day) => {
        const text = `${year}-${month}-${day}`;
        const date = new Date(Date.UTC(year, month - 1, day));
        const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(parseDate(text).ok).toBe(exists);
      }),
      { numRuns: 1000 },
    );
    expect([daysOfMonth(2000, 2), daysOfMonth(1900, 2), daysOfMonth(2021, 13)]).toEqual([29, 28, 0]);
  });
});
