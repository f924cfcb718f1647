import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GONE, saysNumber, telling, withoutWords, withoutWordsIn } from './personal.ts';

test('numbers that tell nobody are no needles; an identity number is looked for with either x', () => {
  expect(telling(['无', '0', '63981234', '0574-63981234', '--------------', '13957412345'])).toEqual([
    '0574-63981234',
    '13957412345',
  ]);
  expect(telling(['33028219900307123x'])).toEqual(['33028219900307123x', '33028219900307123X']);
});

test('a number within a longer one is another, and what marks patterns elsewhere is read as it stands', () => {
  const plain = telling(['13957412345', '0574-63981234(8801)']);
  expect(saysNumber('电话13957412345。', plain)).toBe(true);
  expect(saysNumber('编号9139574123456', plain)).toBe(false);
  expect(withoutWords('转0574-63981234(8801)，13957412345', plain)).toBe(`转${GONE}，${GONE}`);
  expect(saysNumber('13957412345', [])).toBe(false);
});

test('whatever stands around them, numbers and names are gone from every text of a value and all else is the same', () => {
  const word = fc.string({ maxLength: 6 }).map((s) => s.replaceAll(/[0-9欧]/g, ''));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.constantFrom('13957412345', '欧阳擎苍', '')), { maxLength: 5 }), (parts) => {
      const text = parts.map(([w, n]) => `${w} ${n}`).join('、');
      const value = { list: [text, 7, null, true], in: { text, number: 13957412345 } };
      const left = withoutWordsIn(value, ['13957412345'], ['欧阳擎苍']);
      const clean = parts.map(([w, n]) => `${w} ${n === '' ? '' : GONE}`).join('、');
      expect(left).toEqual({ list: [clean, 7, null, true], in: { text: clean, number: null } });
    }),
  );
});
