import { expect, test } from 'vitest';
import { readOptions } from './paste.ts';

test('options are taken from spreadsheets, lists and bare names; codes are never there twice', () => {
  const title = (zh: string) => ({ zh });
  expect(readOptions('01\t汉族\n02\t蒙古族\n')).toEqual([
    { code: '01', title: title('汉族') },
    { code: '02', title: title('蒙古族') },
  ]);
  expect(readOptions('A1 甲类\n乙类\n\n丙类')).toEqual([
    { code: 'A1', title: title('甲类') },
    { code: '2', title: title('乙类') },
    { code: '3', title: title('丙类') },
  ]);
  const codes = readOptions('1,甲\n1,乙\n丙').map((o) => o.code);
  expect(new Set(codes).size).toBe(3);
  expect(readOptions(' \n\t\n')).toEqual([]);
  expect(readOptions(Array.from({ length: 900 }, (_, i) => `项${i}`).join('\n'))).toHaveLength(500);
});
