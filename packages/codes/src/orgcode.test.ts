import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceOrgcode } from '../bench/reference.ts';
import { orgcode, orgcodeCheckCharacter } from './orgcode.ts';
import { roughCodes, validCodes } from './testing.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

describe('organisation code', () => {
  it('accepts the worked example of the standard, with and without its hyphen', () => {
    expect(orgcode.check('D2143569-X')).toBe(true);
    expect(orgcode.check('D2143569X')).toBe(true);
    expect(orgcode.parse('D2143569-X')).toMatchObject({
      ok: true,
      value: { code: 'D2143569X', body: 'D2143569', check: 'X', printed: 'D2143569-X' },
    });
    const sum = [...'D2143569'].reduce(
      (total, char, i) => total + ALPHABET.indexOf(char) * [3, 7, 9, 10, 5, 8, 4, 2][i]!,
      0,
    );
    expect(sum).toBe(199);
  });

  it('writes 10 as X and 11 as 0', () => {
    const checks = new Set<string | undefined>();
    for (let i = 0; i < 200; i++) checks.add(orgcodeCheckCharacter(String(10000000 + i * 7)));
    expect([...checks].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'X']);
    expect(orgcodeCheckCharacter('1234567')).toBeUndefined();
    expect(orgcodeCheckCharacter('1234567é')).toBeUndefined();
  });

  it('agrees with the straightforward implementation on any text', () => {
    fc.assert(
      fc.property(roughCodes(orgcode), (text) => {
        expect(orgcode.check(text)).toBe(referenceOrgcode(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('misses exactly the changes of one character whose values differ by a multiple of 11', () => {
    fc.assert(
      fc.property(validCodes(orgcode), (code) => {
        for (let at = 0; at < 8; at++) {
          for (const char of ALPHABET) {
            const distance = ALPHABET.indexOf(char) - ALPHABET.indexOf(code[at]!);
            const changed = code.slice(0, at) + char + code.slice(at + 1);
            expect(orgcode.check(changed)).toBe(distance % 11 === 0);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the letters O and I in the body and mends them in the check position', () => {
    expect(orgcode.normalise('ｄ2143569－x').value).toBe('D2143569X');
    expect(orgcode.normalise('OI143569-O').value).toBe('OI1435690');
    expect(orgcode.normalise('OI143569I').value).toBe('OI1435691');
  });

  it('says which character is wrong', () => {
    expect(orgcode.explain('D214356*X')).toMatchObject([{ code: 'codes.character', part: 'body', at: 8, got: '*' }]);
    expect(orgcode.explain('D2143569A')).toMatchObject([{ code: 'codes.character', part: 'check', at: 9 }]);
    expect(orgcode.explain('D21435691')).toMatchObject([{ code: 'codes.check-digit', expected: 'X', got: '1' }]);
  });
});
