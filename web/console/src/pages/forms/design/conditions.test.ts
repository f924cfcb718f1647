import { expect, test } from 'vitest';
import { type Design, type Field, namesOf, parse, typeOf } from '../shared/pure.ts';
import { type Condition, opsOf, read, sortOf, type Term, takesValue, written } from './conditions.ts';

const title = { zh: '甲' };
const fields = [
  { kind: 'text', name: 'who', title },
  { kind: 'integer', name: 'n', title },
  { kind: 'boolean', name: 'poor', title },
  { kind: 'date', name: 'born', title },
  { kind: 'choice', name: 'kind', title, multiple: false, options: [{ code: 'a', title }] },
  { kind: 'choice', name: 'needs', title, multiple: true, options: [{ code: 'b', title }] },
  { kind: 'picture', name: 'shots', title },
] as unknown as Field[];
const names = namesOf({ fields } as Design);

test('every operation of every sort of field is written as a condition that the hub takes, and read back the same', () => {
  const values: Record<string, string> = {
    text: "O'Neil",
    number: '-3',
    date: '2026-01-31',
    choice: 'a',
    choices: 'b',
  };
  for (const join of ['and', 'or'] as const) {
    const terms: Term[] = fields.flatMap((field) => {
      const sort = sortOf(field)!;
      return opsOf[sort].map((op) => ({ field: field.name, op, value: takesValue(op) ? values[sort]! : '' }));
    });
    for (const term of terms) {
      const condition: Condition = { join: 'and', terms: [term] };
      const text = written(condition, fields);
      expect(typeOf(parse(text), names), text).toBe('boolean');
      expect(read(text, fields), text).toEqual(condition);
    }
    const many: Condition = { join, terms: terms.slice(0, 9) };
    expect(read(written(many, fields), fields)).toEqual(many);
  }
});

test('what the builder cannot show is left to be edited as text', () => {
  for (const text of [
    'n + 1 > 2',
    'n > 1 and (poor == true or n < 0)',
    'age(born) >= 60',
    'nobody == 1',
    'n >',
    'count(x)',
  ])
    expect(read(text, fields), text).toBeNull();
  expect(read('  ', fields)).toEqual({ join: 'and', terms: [] });
});

test('today stays today, and a text with both quotes is still a text', () => {
  expect(read('born <= today', fields)).toEqual({ join: 'and', terms: [{ field: 'born', op: 'le', value: 'today' }] });
  const text = written({ join: 'and', terms: [{ field: 'who', op: 'eq', value: `a'b"c` }] }, fields);
  expect(typeOf(parse(text), names)).toBe('boolean');
});
