import { expect, test } from 'vitest';
import { passwordFeedback, usualPolicy } from './password-rules.ts';

const met = (password: string, policy = { minLength: 10, classes: 3, history: 0 }) =>
  passwordFeedback(password, 'steward', policy).map((rule) => rule.met);

test('length counts characters, classes count kinds of them, the login name is looked for in any case', () => {
  expect(met('')).toEqual([false, false, false]);
  expect(met('abcdefghij')).toEqual([true, false, true]);
  expect(met('Abc1')).toEqual([false, true, true]);
  expect(met('Abcdefgh12')).toEqual([true, true, true]);
  expect(met('密码密码密码密码密码aA')).toEqual([true, true, true]);
  expect(met('1-STEWARD-x')).toEqual([true, true, false]);
});

test('the hub says what is asked: its numbers stand in the rules, and what only it knows is not ticked off', () => {
  expect(passwordFeedback('Abcdefgh1234', 'steward', usualPolicy)).toEqual([
    { rule: 'length', n: 12, met: true },
    { rule: 'classes', n: 3, met: true },
    { rule: 'login', n: 0, met: true },
    { rule: 'history', n: 5, met: null },
  ]);
  expect(met('abcdefghijk', { minLength: 16, classes: 1, history: 0 })).toEqual([false, true]);
});
