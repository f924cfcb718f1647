import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ago,
  bytes,
  clockTime,
  day,
  duration,
  full,
  instant,
  isMasked,
  money,
  percent,
  short,
  shortHash,
  shortText,
  withoutCommonStart,
} from './index.ts';

describe('counts', () => {
  test('below ten thousand nothing is shortened', () => {
    expect(shortText(0, 'zh')).toBe('0');
    expect(shortText(9_999, 'zh')).toBe('9,999');
    expect(shortText(9_999, 'en')).toBe('9,999');
  });

  test('Chinese counts in 万 and 亿', () => {
    expect(shortText(21_439, 'zh')).toBe('2.14万');
    expect(shortText(45_730_000, 'zh')).toBe('4,573万');
    expect(shortText(1_724_000_000, 'zh')).toBe('17.24亿');
    expect(shortText(-120_000_000, 'zh')).toBe('-1.2亿');
  });

  test('English counts in thousands, millions and billions', () => {
    expect(shortText(21_439, 'en')).toBe('21.4 k');
    expect(shortText(45_730_000, 'en')).toBe('45.73 M');
    expect(shortText(1_724_000_000, 'en')).toBe('1.72 B');
  });

  test('rounding never shows ten thousand of a unit that has a greater one', () => {
    expect(short(99_999_999, 'zh')).toEqual({ number: '1', unit: '亿' });
    expect(short(999_999, 'en')).toEqual({ number: '1', unit: 'M' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e13 }), fc.constantFrom('zh' as const, 'en' as const), (n, language) => {
        const m = short(n, language);
        const value = Number(m.number.replaceAll(',', ''));
        if (m.unit === '万') expect(value).toBeLessThan(10_000);
        if (m.unit === 'k' || m.unit === 'M') expect(value).toBeLessThan(1000);
        const scale = { '': 1, 万: 1e4, 亿: 1e8, k: 1e3, M: 1e6, B: 1e9 }[m.unit]!;
        expect(Math.abs(value * scale - n)).toBeLessThanOrEqual(Math.max(1, n * 0.006));
      }),
    );
  });

  test('a full count groups its digits', () => {
    expect(full(45_730_000)).toBe('45,730,000');
  });

  test('a share that is not whole is never shown as 100%, one that is not nothing never as 0%', () => {
    expect(percent(1)).toBe('100%');
    expect(percent(0.99999)).toBe('99.9%');
    expect(percent(0.000001, 2)).toBe('0.01%');
    expect(percent(0)).toBe('0%');
    expect(percent(0.9927, 2)).toBe('99.27%');
    expect(percent(null)).toBe('—');
  });

  test('amounts carry their unit', () => {
    expect(money(1_234.5, 'zh')).toEqual({ number: '1,234.5', unit: '元' });
    expect(money(5_000_000, 'zh')).toEqual({ number: '500', unit: '万元' });
    expect(money(123_000_000, 'zh')).toEqual({ number: '1.23', unit: '亿元' });
    expect(money(5_000_000, 'en')).toEqual({ number: '5', unit: 'CNY m' });
  });

  test('bytes use binary units', () => {
    expect(bytes(512)).toBe('512 B');
    expect(bytes(1536)).toBe('1.5 KiB');
    expect(bytes(4_600_000_000)).toBe('4.3 GiB');
  });
});

describe('instants', () => {
  test('are written in Asia/Shanghai whatever the zone of the machine', () => {
    expect(instant('2026-11-20T16:30:05Z')).toBe('2026-11-21 00:30:05');
    expect(instant('2026-11-20 16:30:05')).toBe('2026-11-21 00:30:05');
    expect(instant('2026-11-21T00:30:05+08:00')).toBe('2026-11-21 00:30:05');
    expect(clockTime('2026-11-20T16:30:05Z')).toBe('00:30:05');
  });

  test('a plain date stays the day that it names', () => {
    expect(day('2004-02-29')).toBe('2004-02-29');
    expect(day('2026-11-20T16:30:05Z')).toBe('2026-11-21');
    expect(day(null)).toBe('—');
  });

  test('what is not an instant is shown as it came', () => {
    expect(instant('0000-00-00 99')).toBe('0000-00-00 99');
    expect(instant(null)).toBe('—');
  });

  test('distances in time are words', () => {
    const now = Date.parse('2026-11-21T00:00:00Z');
    expect(ago('2026-11-20T23:59:55Z', now, 'zh')).toBe('刚刚');
    expect(ago('2026-11-20T23:57:00Z', now, 'zh')).toBe('3 分钟前');
    expect(ago('2026-11-18T00:00:00Z', now, 'en')).toBe('3 days ago');
    expect(duration(840, 'zh')).toBe('840 毫秒');
    expect(duration(61_000, 'zh')).toBe('1 分 1 秒');
    expect(duration(2_500, 'en')).toBe('2.5 s');
  });
});

describe('names', () => {
  test('lose the places that all of them begin with, and nothing of their own', () => {
    const towns = ['浙江省宁波市慈溪市观海卫镇', '浙江省宁波市慈溪市观城街道'];
    expect(withoutCommonStart(towns)).toEqual(['观海卫镇', '观城街道']);
    expect(withoutCommonStart(['浙江省宁波市慈溪市', ...towns])).toEqual([
      '浙江省宁波市慈溪市',
      '观海卫镇',
      '观城街道',
    ]);
    expect(withoutCommonStart(['慈溪市公安局'])).toEqual(['慈溪市公安局']);
    expect(withoutCommonStart(['Cixi Court', 'Cixi Customs'])).toEqual(['Court', 'Customs']);
    expect(withoutCommonStart([])).toEqual([]);
  });
});

describe('guarded values', () => {
  test('masks are known as such', () => {
    for (const masked of ['张**', '330282********1234', '138****1234', '慈溪市***路', '张*'])
      expect(isMasked(masked)).toBe(true);
    for (const plain of ['张三', '91330282MA2ABCDE12', '5*3', '']) expect(isMasked(plain)).toBe(false);
  });

  test('a hash is shortened in its middle', () => {
    expect(shortHash('0123456789abcdef0123456789abcdef')).toBe('01234567…89abcdef');
    expect(shortHash('0123')).toBe('0123');
  });
});
