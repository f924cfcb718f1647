import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceRegno } from '../bench/reference.ts';
import { regno, regnoCheckDigit } from './regno.ts';
import { roughCodes, validCodes } from './testing.ts';

describe('business registration number', () => {
  it('accepts the worked example', () => {
    expect(regno.check('330203000030639')).toBe(true);
    expect(regno.parse('330203000030639')).toMatchObject({
      ok: true,
      value: { authority: '330203', sequence: '00003063', kind: 'domestic', check: '9' },
    });
    expect(regnoCheckDigit('33020300003063')).toBe('9');
  });

  it('agrees with the straightforward implementation on any text', () => {
    fc.assert(
      fc.property(roughCodes(regno), (text) => {
        expect(regno.check(text)).toBe(referenceRegno(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('catches every change of a single digit', () => {
    fc.assert(
      fc.property(validCodes(regno), (code) => {
        for (let at = 0; at < 15; at++) {
          for (const digit of '0123456789') {
            const changed = code.slice(0, at) + digit + code.slice(at + 1);
            expect(regno.check(changed)).toBe(changed === code);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('generates numbers of the asked kind', () => {
    for (const kind of ['domestic', 'foreign', 'individual'] as const) {
      expect(regno.parse(regno.generate(7, { kind, authority: '330281' }))).toMatchObject({
        ok: true,
        value: { kind, authority: '330281' },
      });
    }
  });

  it('explains', () => {
    expect(regno.explain('330203000030630')).toMatchObject([{ code: 'codes.check-digit', expected: '9', got: '0' }]);
    expect(regno.explain('33020300003063A')).toMatchObject([{ code: 'codes.character', at: 15, part: 'check' }]);
  });
});
