import { expect, test } from 'vitest';
import { cleaned, draftReference } from './reference.ts';

test('the code is shown as far as it is known', () => {
  expect(draftReference({}, '…')).toBe('?-?·?-?-?-…');
  const known = { fonds: '0057', category: 'WS', year: 2026, retention: 'Y', unit: 'BGS' };
  expect(draftReference(known, '…')).toBe('0057-WS·2026-Y-BGS-…');
  expect(draftReference({ ...known, item: 12 }, '…')).toBe('0057-WS·2026-Y-BGS-0012');
});

test('what was not filled in is not sent', () => {
  expect(cleaned({ title: ' 甲 ', summary: '  ', keywords: [], year: 2026, note: null })).toEqual({
    title: '甲',
    year: 2026,
  });
});
