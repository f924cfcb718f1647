import { describe, expect, it } from 'vitest';
import { findIndustries, INDUSTRY_TABLE, industry, industryAt, industryChildren, industryPath } from './industries.ts';

describe('industries', () => {
  it('walks C → 38 → 385 → 3854', () => {
    expect(industryPath('3854').map((one) => [one.code, one.level])).toEqual([
      ['C', 'section'],
      ['38', 'division'],
      ['385', 'group'],
      ['3854', 'class'],
    ]);
    expect(industryAt('3854')?.name).toBe('家用厨房电器具制造');
    expect(industryAt('C3854')?.code).toBe('3854');
    expect(industryAt('B3854')).toBeUndefined();
  });

  it('has the whole standard: 20 sections, 97 divisions, 473 groups, 1,381 classes', () => {
    const count = { section: 0, division: 0, group: 0, class: 0 };
    const walk = (code?: string) => {
      for (const one of industryChildren(code)) {
        count[one.level]++;
        expect(one.name).not.toBe('');
        walk(one.code);
      }
    };
    walk();
    expect(count).toEqual({ section: 20, division: 97, group: 473, class: 1381 });
    expect(INDUSTRY_TABLE.entries).toBe(20 + 97 + 473 + 1381);
  });

  it('finds by words of the name, the exact name first', () => {
    expect(findIndustries('家用 厨房').map((one) => one.code)).toEqual(['3854']);
    expect(findIndustries('制造业', { level: 'section' })[0]?.code).toBe('C');
    expect(findIndustries('  ')).toEqual([]);
    expect(findIndustries('制造', { limit: 3 })).toHaveLength(3);
  });

  it('explains', () => {
    expect(industry.explain('3898')).toMatchObject([{ code: 'codes.unknown', expected: 'GB/T 4754-2017' }]);
    expect(industry.explain('电器')).toMatchObject([{ code: 'codes.form' }]);
    expect(industry.normalise('ｃ3854').value).toBe('C3854');
    expect(industry.generate(1, { section: 'A', level: 'division' })).toMatch(/^0[1-5]$/);
  });
});
