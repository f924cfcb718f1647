import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceCitizenId } from '../bench/reference.ts';
import { citizenId, citizenId15, citizenIdCheckCharacter, upgradeCitizenId } from './citizen-id.ts';
import { roughCodes, validCodes } from './testing.ts';

describe('citizen identity number', () => {
  it('accepts the worked examples of the standard', () => {
    expect(citizenId.check('11010519491231002X')).toBe(true);
    expect(citizenId.check('440524188001010014')).toBe(true);
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    expect([...'11010519491231002'].reduce((sum, digit, i) => sum + Number(digit) * weights[i]!, 0)).toBe(167);
  });

  it('takes a number apart', () => {
    expect(citizenId.parse('11010519491231002X')).toMatchObject({
      ok: true,
      value: {
        form: 'current',
        division: '110105',
        divisionName: '朝阳区',
        birth: '1949-12-31',
        sex: 'female',
        sequence: '002',
        check: 'X',
      },
    });
  });

  it('names the division of its day: a number of 慈溪县 keeps it', () => {
    const code = citizenId.generate(1, { division: '330222', birth: '1985-05-05' });
    expect(citizenId.parse(code)).toMatchObject({ ok: true, value: { divisionName: '慈溪县' }, warnings: [] });
  });

  it('agrees with the straightforward implementation on any text', () => {
    fc.assert(
      fc.property(roughCodes(citizenId), (text) => {
        expect(citizenId.check(text)).toBe(referenceCitizenId(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('catches every change of a single character', () => {
    fc.assert(
      fc.property(validCodes(citizenId), (code) => {
        for (let at = 0; at < 18; at++) {
          for (const char of '0123456789Xx ') {
            const changed = code.slice(0, at) + char + code.slice(at + 1);
            expect(citizenId.check(changed)).toBe(changed === code);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('upgrades numbers of 15 digits and takes them apart', () => {
    expect(upgradeCitizenId('110105491231002')).toBe('11010519491231002X');
    expect(upgradeCitizenId('110105491331002')).toBeUndefined();
    expect(upgradeCitizenId('440524800101998')?.slice(6, 10)).toBe('1880');
    expect(citizenId15.parse('110105491231002')).toMatchObject({
      ok: true,
      value: { code: '11010519491231002X', form: 'old', birth: '1949-12-31', sex: 'female' },
    });
    fc.assert(
      fc.property(validCodes(citizenId15), (old) => {
        const code = upgradeCitizenId(old) as string;
        expect(citizenId.check(code)).toBe(true);
        expect(code.slice(0, 6) + code.slice(8, 17)).toBe(old);
      }),
      { numRuns: 300 },
    );
  });

  it('answers the new form when it meets an old number', () => {
    expect(citizenId.explain('110105491231002')).toMatchObject([
      { code: 'codes.old-form', expected: '11010519491231002X' },
    ]);
  });

  it.each([
    ['11010519490231002X', 'codes.birth-date', 'birth'],
    ['110105194913310029', 'codes.birth-date', 'birth'],
    ['99010519491231002X', 'codes.province', 'division'],
    ['110105194912310021', 'codes.check-digit', 'check'],
    ['1101051949123100Z1', 'codes.character', 'sequence'],
    ['1101051949', 'codes.length', 'length'],
  ])('says what is wrong with %s', (text, code, part) => {
    expect(citizenId.explain(text)).toContainEqual(expect.objectContaining({ code, part, severity: 'error' }));
  });

  it('refuses a birth date after today only when it is told the day', () => {
    const code = citizenId.generate(3, { birth: '2031-01-01' });
    expect(citizenId.check(code)).toBe(true);
    expect(citizenId.explain(code, { today: '2026-11-21' })).toMatchObject([{ code: 'codes.birth-in-future' }]);
  });

  it('warns of a division that no table knows, without refusing the number', () => {
    const first = '33999919900101001';
    const code = first + citizenIdCheckCharacter(first);
    expect(citizenId.explain(code)).toMatchObject([{ code: 'codes.division', severity: 'warning' }]);
    expect(citizenId.check(code)).toBe(true);
  });

  it('generates the asked sex, birth date and division', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('male' as const, 'female' as const), (seed, sex) => {
        const code = citizenId.generate(seed, { sex, birth: '1980-02-29', division: '330282' });
        expect(citizenId.parse(code)).toMatchObject({
          ok: true,
          value: { sex, birth: '1980-02-29', division: '330282' },
        });
      }),
      { numRuns: 300 },
    );
  });
});
