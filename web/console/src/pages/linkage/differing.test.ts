import { expect, test } from 'vitest';
import { differing } from './differing.ts';

const marked = (text: string, other: string) => [...text].filter((_, i) => differing(text, other)[i]).join('');

test.each([
  ['王洁红', '王洁燕', '红'],
  ['慈溪市周巷镇杜岙村617号', '慈溪市周巷杜岙村617号', '镇'],
  ['慈溪市周巷杜岙村617号', '慈溪市周巷镇杜岙村617号', ''],
  ['1959-08-23', '1959-08-02', '3'],
  ['𠮷田', '吉田', '𠮷'],
  ['同', '同', ''],
])('%s beside %s: what the other has not is marked', (text, other, expected) => {
  expect(marked(text, other)).toBe(expected);
});
