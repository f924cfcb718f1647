import { expect, test } from 'vitest';
import { passwordFeedback } from './password-rules.ts';

const met = (password: string) => passwordFeedback(password).map((rule) => rule.met);

test('length counts characters, classes count kinds of them', () => {
  expect(met('')).toEqual([false, false]);
  expect(met('abcdefghij')).toEqual([true, false]);
  expect(met('Abc1')).toEqual([false, true]);
  expect(met('Abcdefgh12')).toEqual([true, true]);
  expect(met('口令口令口令口令口令aA')).toEqual([true, true]);
});
