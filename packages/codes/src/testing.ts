/** Helpers for the property tests of this package. */

import fc from 'fast-check';
import { fullWidth } from './characters.ts';
import type { CodeKind } from './kind.ts';

/** Valid codes of a kind, from fast-check's own randomness (so that a failure shrinks to a seed). */
export function validCodes<T>(kind: CodeKind<T>): fc.Arbitrary<string> {
  return fc.integer().map((seed) => kind.generate(seed));
}

/** Texts as they come: valid codes, codes with one character changed, dirty spellings of codes, and noise. */
export function roughCodes<T>(kind: CodeKind<T>): fc.Arbitrary<string> {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz-－Ｏo０ 　Ｘ中\n';
  const valid = validCodes(kind);
  const mutated = fc
    .tuple(valid, fc.nat(), fc.constantFrom(...alphabet), fc.constantFrom(0, 1))
    .map(([code, at, char, keep]) => {
      const place = at % code.length;
      return code.slice(0, place) + char + code.slice(place + keep);
    });
  const dirty = fc
    .tuple(valid, fc.nat(), fc.constantFrom('lower', 'wide', 'space', 'hyphen', 'letter-o'))
    .map(([code, at, how]) => {
      if (how === 'lower') return code.toLowerCase();
      if (how === 'wide') return fullWidth(code);
      if (how === 'letter-o') return code.replace('0', 'O').replace('1', 'I');
      const place = at % code.length;
      return `${code.slice(0, place)}${how === 'space' ? ' \u3000' : '-'}${code.slice(place)}`;
    });
  const noise = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 22 });
  return fc.oneof(valid, mutated, dirty, noise, fc.string({ unit: 'grapheme', maxLength: 20 }));
}
