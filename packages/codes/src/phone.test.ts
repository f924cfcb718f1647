import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceFixedPhone, referenceMobile } from '../bench/reference.ts';
import { fullWidth } from './characters.ts';
import { fixedPhone, MOBILE_SEGMENTS, mobile, phone } from './phone.ts';
import { roughCodes, validCodes } from './testing.ts';

describe('telephone numbers', () => {
  it.each([
    ['(0574)63812345', '0574-63812345'],
    ['０５７４－６３８１２３４５转801', '0574-63812345-801'],
    ['0574-63812345分机801', '0574-63812345-801'],
    ['+86 138 1234 5678', '13812345678'],
    ['0086-13812345678', '13812345678'],
    ['013812345678', '13812345678'],
    ['138-1234-5678', '13812345678'],
    ['１３８ｌ234 5678', '138L2345678'],
    ['138I2345678', '13812345678'],
    ['+86-574-63812345', '0574-63812345'],
    ['057463812345', '0574-63812345'],
    ['010 62345678', '010-62345678'],
    ['021-6234567', '021-6234567'],
    ['6381 2345', '63812345'],
  ])('normalises %s to %s', (text, expected) => {
    expect(phone.normalise(text).value).toBe(expected);
  });

  it('normalises to a fixed point whatever comes together', () => {
    const pieces = fc.constantFrom(
      '+',
      '86',
      '0086',
      '0',
      '转',
      '分机',
      '-',
      '0574',
      '138',
      '63812345',
      '12345678',
      ' ',
      '(',
      '）',
      '/',
      'x',
      ',',
      '8',
      '1',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const once = phone.normalise(parts.join('')).value;
        expect(phone.normalise(once)).toEqual({ value: once, changes: [] });
      }),
      { numRuns: 5000 },
    );
  });

  it('accepts what the straightforward patterns accept, mobiles only in assigned segments', () => {
    fc.assert(
      fc.property(roughCodes(fixedPhone), (text) => {
        expect(fixedPhone.check(text)).toBe(referenceFixedPhone(text) && !text.endsWith('\n'));
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(roughCodes(mobile), (text) => {
        expect(mobile.check(text)).toBe(
          referenceMobile(text) && text.length === 11 && MOBILE_SEGMENTS.includes(text.slice(0, 3)),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('knows the kinds and their parts', () => {
    expect(phone.parse('13812345678')).toMatchObject({
      ok: true,
      value: { kind: 'mobile', prefix: '138', carrier: 'mobile' },
    });
    expect(phone.parse('0574-63812345-801')).toMatchObject({
      ok: true,
      value: { kind: 'fixed', prefix: '0574', subscriber: '63812345', extension: '801' },
    });
  });

  it('reads full-width spellings of every valid number', () => {
    fc.assert(
      fc.property(fc.oneof(validCodes(mobile), validCodes(fixedPhone)), (code) => {
        expect(phone.normalise(fullWidth(code)).value).toBe(code);
      }),
      { numRuns: 300 },
    );
  });

  it('takes a local number with the area code of its city', () => {
    expect(phone.explain('63812345')).toMatchObject([{ code: 'codes.area-missing' }]);
    expect(phone.parse('63812345', { areaCode: '0574' })).toMatchObject({ ok: true, value: { text: '0574-63812345' } });
  });

  it.each([
    ['14112345678', 'codes.segment'],
    ['1381234567', 'codes.length'],
    ['0574-1381234', 'codes.subscriber'],
    ['0074-63812345', 'codes.area'],
    ['0574-63812345-1234567', 'codes.form'],
    ['电话', 'codes.form'],
  ])('says what is wrong with %s: %s', (text, code) => {
    expect(phone.explain(text)).toMatchObject([{ code, severity: 'error' }]);
  });
});
