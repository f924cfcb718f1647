import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chineseNumber, formatAmount, parseAmount } from './amounts.ts';

describe('amounts with units', () => {
  it.each([
    ['7万人民币', '70000', 'CNY'],
    ['2505.6833万人民币', '25056833', 'CNY'],
    ['100万美元', '1000000', 'USD'],
    ['1,234.50元', '1234.5', 'CNY'],
    ['壹佰万元整', '1000000', 'CNY'],
    ['人民币壹佰万元整', '1000000', 'CNY'],
    ['115,962.8098(万元人民币)', '1159628098', 'CNY'],
    ['2,007(万)', '20070000', 'CNY'],
    ['28万人民币元', '280000', 'CNY'],
    ['50(万香港元)', '500000', 'HKD'],
    ['680(万法国法郎)', '6800000', 'FRF'],
    ['0.00128万人民币', '12.8', 'CNY'],
    ['贰仟零伍拾陆万捌仟叁佰叁拾叁元伍角整', '20568333.5', 'CNY'],
    ['二十元零五分', '20.05', 'CNY'],
    ['壹仟万美元', '10000000', 'USD'],
    ['1.5亿元', '150000000', 'CNY'],
    ['-5万元', '-50000', 'CNY'],
    ['￥3000', '3000', 'CNY'],
    ['USD 1,000', '1000', 'USD'],
    ['１０００万元', '10000000', 'CNY'],
    ['RMB5,000.00元', '5000', 'CNY'],
    ['0', '0', 'CNY'],
  ])('reads %s as %s %s', (text, exact, currency) => {
    expect(parseAmount(text)).toMatchObject({ ok: true, value: { exact, currency } });
  });

  it('tells what it assumed, and takes the unit of bare numbers from the caller', () => {
    expect(parseAmount('500', { unit: '万元' })).toMatchObject({
      ok: true,
      value: { exact: '5000000', wan: '500', unitAssumed: true, currencyAssumed: true },
    });
    expect(parseAmount('500元', { unit: '万元' })).toMatchObject({
      ok: true,
      value: { exact: '500', unitAssumed: false },
    });
  });

  it.each([
    ['', 'codes.empty'],
    ['N/A', 'codes.empty'],
    ['无', 'codes.empty'],
    ['1,23元', 'codes.form'],
    ['1.2.3元', 'codes.form'],
    ['12,345,67', 'codes.form'],
    ['五千二', 'codes.form'],
    ['ABDULHAKIM SULEMANI', 'codes.form'],
    ['3万块钱', 'codes.amount-unit'],
    ['100万贝币', 'codes.amount-unit'],
  ])('refuses %j: %s', (text, code) => {
    expect(parseAmount(text)).toMatchObject({ ok: false, reasons: [{ code }] });
  });

  it('is exact: what is written in 万 comes back digit for digit', () => {
    const currency = fc.constantFrom('CNY', 'USD', 'HKD', 'JPY', 'EUR', 'FRF', 'GBP');
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.integer({ min: 0, max: 9999 }),
        currency,
        (whole, part, code) => {
          const fraction = String(part).padStart(4, '0').replace(/0+$/, '');
          const wan = fraction === '' ? String(whole) : `${whole}.${fraction}`;
          const parsed = parseAmount(formatAmount({ wan, currency: code }));
          expect(parsed).toMatchObject({ ok: true, value: { wan, currency: code } });
          expect(parsed.ok && parsed.value.exact).toBe(String(BigInt(whole) * 10000n + BigInt(part)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never throws on any text', () => {
    const pieces = fc.constantFrom(
      '万',
      '亿',
      '元',
      '人民币',
      '美元',
      '1',
      '23',
      ',',
      '.',
      '壹',
      '佰',
      '零',
      '角',
      '整',
      '(',
      ' ',
      '-',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
        const parsed = parseAmount(parts.join(''));
        if (parsed.ok) expect(Number.isFinite(parsed.value.value)).toBe(true);
        else expect(parsed.reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads Chinese numerals of both spellings and refuses colloquial ones', () => {
    const read = (text: string) => chineseNumber(text);
    expect(
      ['二十五', '一百零五', '壹拾万零伍佰', '一亿零三', '三千零五十', '一万亿', '十五万', '一千零二十万'].map(read),
    ).toEqual([25, 105, 100_500, 100_000_003, 3050, 1e12, 150_000, 10_200_000]);
    for (const text of ['', '百', '一百五', '一万二', '二二', '十百', '万', '一万一万'])
      expect(read(text)).toBeUndefined();
  });

  it('reads every number that is spelt by the rules', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999_999 }), fc.boolean(), (value, formal) => {
        expect(chineseNumber(spell(value, formal))).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Spells a number below 10^8 by the rules, in plain or in formal numerals. */
function spell(value: number, formal: boolean): string {
  const digits = formal ? '零壹贰叁肆伍陆柒捌玖' : '零一二三四五六七八九';
  const units = formal ? ['', '拾', '佰', '仟'] : ['', '十', '百', '千'];
  const section = (part: number): string => {
    let text = '';
    let gap = false;
    for (let place = 3; place >= 0; place--) {
      const digit = Math.floor(part / 10 ** place) % 10;
      if (digit === 0) gap = text !== '';
      else {
        text += (gap ? '零' : '') + digits[digit] + units[place];
        gap = false;
      }
    }
    return text;
  };
  const high = Math.floor(value / 10000);
  const low = value % 10000;
  const joint = high > 0 && low > 0 && low < 1000 ? '零' : '';
  return (high > 0 ? `${section(high)}万` : '') + joint + section(low);
}
