import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgetfulUscc, referenceUscc } from '../bench/reference.ts';
import { fullWidth } from './characters.ts';
import { orgcode } from './orgcode.ts';
import { roughCodes, validCodes } from './testing.ts';
import { USCC_ALPHABET, uscc, usccCheckCharacter } from './uscc.ts';

describe('unified social credit code', () => {
  it('accepts the worked examples of the standard', () => {
    expect(uscc.check('91350100M000100Y43')).toBe(true);
    expect(uscc.check('91110000600037341L')).toBe(true);
    const sum = [...'91350100M000100Y4'].reduce(
      (total, char, i) => total + USCC_ALPHABET.indexOf(char) * (3 ** i % 31),
      0,
    );
    expect(sum).toBe(1640);
  });

  it('takes a code apart', () => {
    const parsed = uscc.parse('91350100M000100Y43');
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        department: { code: '9', zh: '市场监督管理（工商）' },
        category: { code: '1', zh: '企业' },
        division: '350100',
        orgcode: 'M000100Y4',
        orgcodeValid: true,
        check: '3',
      },
      warnings: [],
    });
  });

  it('accepts codes that end in 0, which a forgotten mod 31 refuses', () => {
    const zero: string[] = [];
    for (let seed = 0; zero.length < 50; seed++) {
      const code = uscc.generate(seed);
      if (code.endsWith('0')) zero.push(code);
    }
    for (const code of zero) {
      expect(uscc.check(code)).toBe(true);
      expect(referenceUscc(code)).toBe(true);
      expect(forgetfulUscc(code)).toBe(false);
      expect(uscc.check(`${code.slice(0, 17)}1`)).toBe(false);
    }
  });

  it('agrees with the straightforward implementation on any text', () => {
    fc.assert(
      fc.property(roughCodes(uscc), (text) => {
        expect(uscc.check(text)).toBe(referenceUscc(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('catches every change of a single character, whatever the character', () => {
    const others = [...USCC_ALPHABET, ...'IOSVZabcxyz -中'];
    fc.assert(
      fc.property(validCodes(uscc), (code) => {
        for (let at = 0; at < 18; at++) {
          for (const char of others) {
            if (char === code[at]) continue;
            expect(uscc.check(code.slice(0, at) + char + code.slice(at + 1))).toBe(false);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('catches every swap of two neighbours that differ', () => {
    fc.assert(
      fc.property(validCodes(uscc), fc.integer({ min: 0, max: 16 }), (code, at) => {
        const swapped = code.slice(0, at) + code[at + 1] + code[at] + code.slice(at + 2);
        expect(uscc.check(swapped)).toBe(swapped === code);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['9135010', 'codes.length', 'length', undefined],
    ['91350100m000100Y43', 'codes.character', 'orgcode', 9],
    ['9135O100M000100Y43', 'codes.character', 'division', 5],
    ['91350100M000100Y44', 'codes.check-digit', 'check', 18],
  ])('says what is wrong with %s', (text, code, part, at) => {
    expect(uscc.explain(text)[0]).toMatchObject({ code, severity: 'error', part, ...(at === undefined ? {} : { at }) });
  });

  it('tells the expected check character', () => {
    expect(uscc.explain('91350100M000100Y44')[0]).toMatchObject({ expected: '3', got: '4' });
    expect(uscc.explain('91350100M000100Y44')[0]?.zh).toBe('校验位应为“3”，实为“4”');
  });

  it('only warns of a department, category, division or inner code that no table knows', () => {
    const build = (first17: string) => first17 + usccCheckCharacter(first17);
    const codes = (text: string) => uscc.explain(text).map((one) => `${one.severity} ${one.code}`);
    expect(codes(build('D1350100M000100Y4'))).toEqual(['warning codes.department']);
    expect(codes(build('97350100M000100Y4'))).toEqual(['warning codes.category']);
    expect(codes(build('91999999M000100Y4'))).toEqual(['warning codes.division']);
    expect(codes(build('91350100M000100Y5'))).toEqual(['warning codes.orgcode-inside']);
    expect(uscc.check(build('91350100M000100Y5'))).toBe(true);
  });

  it('normalises width, case, spaces, hyphens, O and I, and lists the changes', () => {
    expect(uscc.normalise(fullWidth('91350100m000100y43')).value).toBe('91350100M000100Y43');
    expect(uscc.normalise('9135-01OO M000I00Y43')).toEqual({
      value: '91350100M000100Y43',
      changes: [
        { kind: 'separator', at: 5, from: '-', to: '' },
        { kind: 'look-alike', at: 8, from: 'O', to: '0' },
        { kind: 'look-alike', at: 9, from: 'O', to: '0' },
        { kind: 'space', at: 10, from: ' ', to: '' },
        { kind: 'look-alike', at: 15, from: 'I', to: '1' },
      ],
    });
    expect(uscc.normalise('Z').value).toBe('Z');
  });

  it('generates what is asked for, with a valid organisation code inside', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const code = uscc.generate(seed, { department: '5', category: '2', division: '330282' });
        expect(code.slice(0, 8)).toBe('52330282');
        expect(orgcode.check(code.slice(8, 17))).toBe(true);
        expect(uscc.explain(code)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
