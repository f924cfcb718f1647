import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heading, isHeader } from './heading.ts';

test('a heading is repeated where the header names at least half of what is declared, or where it can be nothing else', () => {
  expect(isHeader(3, 6)).toBe(true);
  expect(isHeader(2, 6)).toBe(false);
  expect(isHeader(0, 0)).toBe(false);
  expect(heading('备注', 4, true)).toBe('备注');
  expect(heading('张三', 4, false)).toBe('#5');
  expect(heading('comp_nm', 0, false)).toBe('comp_nm');
  expect(heading('c19905741037', 0, true)).toBe('#1');
  expect(heading('330282199001011234', 1, true)).toBe('#2');
});

test('what is no name of a column is told by its place only, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(500), (value, at) => {
      const told = heading(value, at, false);
      expect(told === `#${at + 1}` || /^[A-Za-z_][A-Za-z0-9_.$-]*$/.test(told)).toBe(true);
    }),
  );
});
