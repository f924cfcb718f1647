import { expect, test } from 'vitest';
import { looksPersonal } from './personal.ts';

test('identity and mobile numbers are known as personal, written as people write them', () => {
  for (const text of [
    '11010519491231002X',
    '110105194912310021',
    '110105491231002',
    '13800001234',
    '+86 138 0000 1234',
    '１３８００００１２３４',
  ]) {
    expect(looksPersonal(text), text).toBe(true);
  }
});

test('codes of enterprises and words are not', () => {
  for (const text of ['91330282MA2ABCDE1X', '913302821448123456', '330282000012345', '海纳电器', '', '12345678901']) {
    expect(looksPersonal(text), text).toBe(false);
  }
});
