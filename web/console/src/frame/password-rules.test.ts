import { expect, test } from 'vitest';
import { passwordFeedback } from './password-rules.ts';

const met = (password: string) => passwordFeedback(password, 'steward').map((rule) => rule.met);

test('length counts characters, classes count kinds of them, the login name is looked for in any case', () => {
  expect(met('')).toEqual([false, false, false]);
  expect(met('abcdefghij')).toEqual([true, false, true]);
  expect(met('Abc1')).toEqual([false, true, true]);
  expect(met('Abcdefgh12')).toEqual([true, true, true]);
  expect(met('密码密码密码密码密码aA')).toEqual([true, true, true]);
  expect(met('1-STEWARD-x')).toEqual([true, true, false]);
});
