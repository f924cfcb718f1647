import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutPerson } from './erase.ts';

const mine = `c~${'a'.repeat(26)}`;
const theirs = `c~${'b'.repeat(26)}`;
const tokens = new Set([mine]);
const guarded = new Set(['nm', 'id_no', 'addr', 'tel']);

test('of the object that says the person every guarded field goes; what is beside and around it stays', () => {
  const household = {
    no: 'F1',
    addr: '某路1号',
    members: [
      { nm: '甲', id_no: { token: mine, shown: '330***' }, grade: 3 },
      { nm: '乙', id_no: { token: theirs }, grade: 4 },
    ],
  };
  expect(withoutPerson(household, tokens, guarded)).toEqual({
    no: 'F1',
    addr: '某路1号',
    members: [{ grade: 3 }, { nm: '乙', id_no: { token: theirs }, grade: 4 }],
  });
  expect(withoutPerson({ nm: '甲', id_no: mine, addr: 'x', visit: '2026-01-01' }, tokens, guarded)).toEqual({
    visit: '2026-01-01',
  });
});

test('whatever the values, the token is gone and others stay as they were', () => {
  const leaf = fc.oneof(fc.string({ maxLength: 4 }), fc.integer(), fc.constant(null), fc.boolean());
  const person = fc.record({
    id_no: fc.constantFrom<unknown>(mine, theirs, { token: mine }, { token: theirs }),
    nm: fc.string(),
    other: leaf,
  });
  const value = fc.record({ list: fc.array(person), one: person, note: leaf });
  fc.assert(
    fc.property(value, (v) => {
      const after = withoutPerson(v as never, tokens, guarded) as unknown as typeof v;
      expect(JSON.stringify(after)).not.toContain(mine);
      const others = v.list.filter((p) => !JSON.stringify(p.id_no).includes(mine));
      expect(after.list.filter((p) => 'id_no' in p)).toEqual(others);
      expect(after.list.map((p) => p.other)).toEqual(v.list.map((p) => p.other));
    }),
  );
});
