import { industryChildren } from '@jingwei/codes';
import { expect, test } from 'vitest';
import { englishIndustry, englishPlace, englishSection } from './english.ts';

test('every section and every division of the standard has an English name of its own', () => {
  for (const section of industryChildren()) {
    expect(englishSection(section.code)).toMatch(/^[A-Z]/);
    const names = industryChildren(section.code).map((d) => englishIndustry(d.code));
    for (const name of names) expect(name).toMatch(/^[A-Z]/);
    expect(new Set(names).size).toBe(names.length);
  }
  expect(englishIndustry('C3854')).toBe('Electrical machinery');
  expect(englishIndustry('6220')).toBe('Catering');
  expect(englishIndustry('97')).toBe('International organisations');
});

test('a town is spelt and told what it is', () => {
  expect(englishPlace('周巷镇')).toBe('Zhouxiang Town');
  expect(englishPlace('浒山街道')).toBe('Hushan Subdistrict');
  expect(englishPlace('慈溪市')).toBe('Cixi City');
});
