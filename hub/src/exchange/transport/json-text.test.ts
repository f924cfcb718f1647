import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemsAt, valueAt } from './json-text.ts';

const list = (text: string, pointer = '') => {
  const found = itemsAt(text, pointer);
  return found && [...found];
};

test('items are cut out as they are written', () => {
  expect(list('[ {"a": 1.10, "b":\n 12345678901234567890} ,\r\n "x,]", null,[1,[2]],{} ]')).toEqual([
    '{"a": 1.10, "b":  12345678901234567890}',
    '"x,]"',
    'null',
    '[1,[2]]',
    '{}',
  ]);
  expect(list('{"x":{"rows":[1,2]},"data":[{"rows":[3]}]}', '/x/rows')).toEqual(['1', '2']);
  expect(list('{"x":{"rows":[1,2]},"data":[{"rows":[3]}]}', '/data/0/rows')).toEqual(['3']);
  expect(list('{"a/b":{"~":[]}}', '/a~1b/~0')).toEqual([]);
  // Of members named twice the last counts, as with JSON.parse.
  expect(list('{"rows":[1],"rows":[2]}', '/rows')).toEqual(['2']);
});

test('where there is no array there are no items', () => {
  for (const [text, pointer] of [
    ['{}', ''],
    ['{"a":1}', '/a'],
    ['{"a":1}', '/b'],
    ['{"a":1}', '/a/b'],
    ['[[1]]', '/1'],
    ['"[1]"', ''],
  ] as const)
    expect(list(text, pointer)).toBeNull();
});

test('whatever the JSON and however it is spaced, items are those that JSON.parse finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 5 }),
      fc.string(),
      fc.constantFrom(0, 1, '\t', '\r\n '),
      (values, name, space) => {
        const pointer = `/outer/1/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const whole = { before: '[', outer: ['{', { other: ['}'], [name]: values }] };
        const text = JSON.stringify(whole, null, space);
        const parsed = JSON.parse(text);
        const found = list(text, pointer);
        expect(found?.map((item) => JSON.parse(item))).toEqual(valueAt(parsed, pointer));
        expect(found?.every((item) => !/[\r\n]/.test(item))).toBe(true);
      },
    ),
  );
});
