import { expect, test } from 'vitest';
import { englishUnits, unitText } from './units.ts';

test('a unit stands in the language of the page; what is unknown stands as it is', () => {
  expect([unitText('万元', 'zh'), unitText('万元', 'en')]).toEqual(['万元', '×10,000 CNY']);
  expect([unitText('人民币', 'en'), unitText('%', 'en'), unitText('斛', 'en')]).toEqual(['CNY', '%', '斛']);
  expect([unitText(null, 'en'), unitText(undefined, 'zh')]).toEqual(['', '']);
  expect(Object.values(englishUnits).filter((word) => /\p{Script=Han}/u.test(word))).toEqual([]);
});
