import { describe, expect, it } from 'vitest';
import { postcode } from './postcode.ts';

describe('postcode', () => {
  it('tells the province of GB/T 2260', () => {
    expect(postcode.parse('315300')).toMatchObject({
      ok: true,
      value: { province: '33', district: '3153' },
      warnings: [],
    });
    expect(postcode.parse('276000')).toMatchObject({ ok: true, value: { province: '37' } });
  });

  it('refuses other lengths, other characters and all zeros', () => {
    expect(postcode.explain('31530')).toMatchObject([{ code: 'codes.length' }]);
    expect(postcode.explain('31530A')).toMatchObject([{ code: 'codes.character', at: 6 }]);
    expect(postcode.check('000000')).toBe(false);
    expect(postcode.normalise(' ３１５３OO').value).toBe('315300');
  });

  it('warns of a zone that is not assigned', () => {
    expect(postcode.explain('991234')).toMatchObject([{ code: 'codes.province', severity: 'warning' }]);
    expect(postcode.check('991234')).toBe(true);
  });
});
