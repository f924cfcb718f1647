import fc from 'fast-check';
import { expect, test } from 'vitest';
import { categories, faultOf, formReference, parseReference, type Reference, retentions } from './reference.ts';

const digits = (n: number) => fc.stringMatching(new RegExp(`^[0-9]{${n}}$`));
const references: fc.Arbitrary<Reference> = fc.record({
  fonds: fc.oneof(digits(4), fc.stringMatching(/^[A-Z][0-9]{3}$/)),
  category: fc.constantFrom(...(Object.keys(categories) as Reference['category'][])),
  year: fc.integer({ min: 1949, max: 9999 }),
  retention: fc.constantFrom(...(Object.keys(retentions) as Reference['retention'][])),
  unit: fc.stringMatching(/^[A-Z0-9]{2,6}$/),
  item: fc.integer({ min: 1, max: 99_999 }),
});

test('every code reads back as what it was formed of', () => {
  fc.assert(
    fc.property(references, (reference) => {
      expect(faultOf(reference)).toBeUndefined();
      expect(parseReference(formReference(reference))).toEqual(reference);
    }),
  );
});

test('what reads as a code is written in the one way of writing it', () => {
  const near = fc
    .tuple(references, fc.nat(30), fc.constantFrom('0', '1', 'A', '-', '·', ' ', '年'))
    .map(([reference, at, c]) => {
      const text = formReference(reference);
      return text.slice(0, at % text.length) + c + text.slice((at % text.length) + 1);
    });
  fc.assert(
    fc.property(near, (text) => {
      const read = parseReference(text);
      if (read) expect(formReference(read)).toBe(text.trim());
    }),
  );
});

test('codes of DA/T 22 are read, others are not', () => {
  expect(parseReference('0057-WS·2026-Y-BGS-0012')).toMatchObject({ fonds: '0057', year: 2026, item: 12 });
  expect(parseReference(' Z109-KU・2025-D30-CW-12345 ')).toMatchObject({
    fonds: 'Z109',
    retention: 'D30',
    item: 12_345,
  });
  for (const text of [
    ...['', '0057-WS·2026-Y-BGS-12', '0057-WS·2026-Y-BGS-00012', '0057-XX·2026-Y-BGS-0012', '057-WS·2026-Y-BGS-0012'],
    ...[
      '0057-WS·2026-D20-BGS-0012',
      '0057-WS.2026-Y-BGS-0012',
      '0057-WS·2026-Y-办公室-0012',
      '0057-WS·1948-Y-BGS-0012',
    ],
    ...['0057-WS·2026-Y-BGS-0000', '0057-WS·2026-Y-B-0001'],
  ])
    expect(parseReference(text), text).toBeUndefined();
});
