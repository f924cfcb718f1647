import { expect, test } from 'vitest';
import type { Figure, Measure } from './live.ts';
import { axisOf, textOf, told } from './numbers.ts';

const money = { as: 'number', digits: 0, unit: { zh: '万元', en: 'CNY 10k' } } as const;
const people = { as: 'number', digits: 0, unit: { zh: '人', en: 'people' } } as const;

test('ten thousands of ten thousands are hundred millions, never 万万', () => {
  expect(textOf(7333, money, 'zh')).toBe('7,333万元');
  expect(textOf(73_330, money, 'zh')).toBe('7.33亿元');
  expect(textOf(73_330, money, 'en')).toBe('733.3 M CNY');
  expect(axisOf(34_900, money, 'zh')).toBe('34,900');
  expect(axisOf(34_900, people, 'zh')).toBe('3.49万');
});

test('a sentence that names the unit gets the bare number', () => {
  const values = new Map([
    ['output', { figure: { value: 73_330 } as Figure, measure: money as unknown as Measure }],
    ['people', { figure: { value: 1_830_000 } as Figure, measure: people as unknown as Measure }],
  ]);
  expect(told('产值 {output} 万元，{people} 人', values, 'zh')).toBe('产值 73,330 万元，183万 人');
});
