import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CharMap, digitLike, fullWidth, HYPHENS, halfWidth, SPACES } from './characters.ts';

describe('character repair', () => {
  it('turns full width into half width and back', () => {
    expect(halfWidth('ＡＢＣ（１２３）　ｚ')).toBe('ABC(123) z');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(halfWidth(fullWidth(text))).toBe(halfWidth(text));
      }),
    );
  });

  it('removes every space and hyphen of the lists', () => {
    for (const char of SPACES + HYPHENS) expect(digitLike.apply(`9${char}1`)).toBe('91');
  });

  it('leaves text outside the map alone, characters beyond the basic plane too', () => {
    expect(digitLike.apply('𠮷统')).toBe('𠮷统');
  });

  it('lists one change for every character that it touched', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { value, changes } = digitLike.normalise(text);
        const again = [...changes].reverse().reduce((left, one) => {
          expect(left.slice(one.at - 1, one.at)).toBe(one.from);
          return left.slice(0, one.at - 1) + one.to + left.slice(one.at);
        }, text);
        expect(again).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the full-width form of a mapped character along', () => {
    const map = new CharMap({ map: { _: '-' } });
    expect(map.apply('_＿a')).toBe('--a');
  });
});
