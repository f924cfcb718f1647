import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citizenId, citizenId15 } from './citizen-id.ts';
import { division } from './divisions.ts';
import { industry } from './industries.ts';
import { acceptable, allReasons, type CodeKind } from './kind.ts';
import { orgcode } from './orgcode.ts';
import { fixedPhone, mobile, phone } from './phone.ts';
import { postcode } from './postcode.ts';
import { randomOf } from './random.ts';
import { regno } from './regno.ts';
import { roughCodes, validCodes } from './testing.ts';
import { uscc } from './uscc.ts';

/** Widens a kind so that one table of tests can hold all of them. */
const any = <T>(kind: CodeKind<T>): CodeKind<unknown> => kind as unknown as CodeKind<unknown>;

const kinds = [
  any(uscc),
  any(orgcode),
  any(regno),
  any(citizenId),
  any(citizenId15),
  any(mobile),
  any(fixedPhone),
  any(phone),
  any(postcode),
  any(division),
  any(industry),
];

describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s keeps the promises of every code', (_, kind) => {
  it('generates codes that pass, the same ones for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const code = kind.generate(seed);
        expect(kind.check(code)).toBe(true);
        expect(kind.generate(seed)).toBe(code);
        expect(kind.generate(randomOf(seed))).toBe(code);
      }),
      { numRuns: 300 },
    );
  });

  it('has check, parse and explain agree on any text', () => {
    fc.assert(
      fc.property(roughCodes(kind), (text) => {
        const valid = kind.check(text);
        expect(kind.parse(text).ok).toBe(valid);
        expect(acceptable(kind.explain(text))).toBe(valid);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the text back from its parts', () => {
    fc.assert(
      fc.property(validCodes(kind), (code) => {
        const parsed = kind.parse(code);
        expect(parsed.ok).toBe(true);
        expect(parsed.ok && kind.format(parsed.value)).toBe(code);
      }),
      { numRuns: 300 },
    );
  });

  it('normalises to a fixed point, leaves valid codes alone and says what it changed', () => {
    fc.assert(
      fc.property(roughCodes(kind), (text) => {
        const once = kind.normalise(text);
        expect(kind.normalise(once.value)).toEqual({ value: once.value, changes: [] });
        expect(once.changes.length > 0).toBe(once.value !== text);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(validCodes(kind), (code) => {
        expect(kind.normalise(code)).toEqual({ value: code, changes: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('explains every refusal in both languages with a stable code', () => {
    const known = new Set(allReasons().map((one) => one.code));
    fc.assert(
      fc.property(roughCodes(kind), (text) => {
        for (const one of kind.explain(text)) {
          expect(known.has(one.code)).toBe(true);
          expect(one.zh).toMatch(/[\u4e00-\u9fff]/);
          expect(`${one.zh}${one.en}`).not.toMatch(/\{(at|expected|got)\}|undefined/);
        }
      }),
      { numRuns: 500 },
    );
    expect(kind.explain('')).toMatchObject([{ code: 'codes.empty' }]);
  });
});
