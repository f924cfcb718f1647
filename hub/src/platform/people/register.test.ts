import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Act,
  type ActSpec,
  currentOrganisation,
  faultOf,
  type Organisation,
  registerOn,
  successions,
} from './register.ts';

const org = (code: string): Organisation => ({ code, name: { zh: code, en: code }, uscc: null, kind: null });
const declared = ['a', 'b', 'c', 'd'].map(org);
const none: ActSpec = { ends: [], heir: null, founds: [], rename: null, moves: [] };

test('a renamed organisation keeps its code and has each name on its days', () => {
  const rename = { code: 'a', name: { zh: '甲局', en: 'A' }, uscc: null };
  const acts: Act[] = [{ id: 1, day: '2026-03-01', spec: { ...none, rename } }];
  expect(registerOn(declared, acts, '2026-02-28').get('a')!.name.zh).toBe('a');
  const after = registerOn(declared, acts, '2026-03-01').get('a')!;
  expect(after.name.zh).toBe('甲局');
  expect(after.periods.map((p) => [p.from, p.to, p.name.zh])).toEqual([
    [null, '2026-03-01', 'a'],
    ['2026-03-01', null, '甲局'],
  ]);
});

test('a code leads over several merges to the organisation that is there on the day', () => {
  const acts: Act[] = [
    { id: 1, day: '2026-02-01', spec: { ...none, ends: ['a'], heir: 'b' } },
    { id: 2, day: '2026-06-01', spec: { ...none, ends: ['b', 'c'], heir: 'n', founds: [org('n')] } },
  ];
  const at = (day: string) => currentOrganisation(registerOn(declared, acts, day), 'a');
  expect([at('2026-01-31'), at('2026-02-01'), at('2026-06-01')]).toEqual(['a', 'b', 'n']);
  expect(successions(registerOn(declared, acts, '2026-12-31'))).toContainEqual({
    former: 'a',
    heir: 'n',
    since: '2026-02-01',
  });
  expect(currentOrganisation(registerOn(declared, acts, '2026-12-31'), 'nobody')).toBeNull();
});

test('an act is refused that names nobody, somebody who is gone, a taken code, itself, or comes before another', () => {
  const acts: Act[] = [{ id: 1, day: '2026-02-01', spec: { ...none, ends: ['a'], heir: 'b' } }];
  const register = registerOn(declared, acts, '2026-12-31');
  const fault = (spec: Partial<ActSpec>, day = '2026-06-01') => faultOf(register, day, { ...none, ...spec })?.fault;
  expect(fault({ ends: ['x'], heir: 'b' })).toBe('unknown');
  expect(fault({ ends: ['a'], heir: 'b' })).toBe('ended');
  expect(fault({ ends: ['b'], heir: 'a' })).toBe('ended');
  expect(fault({ founds: [org('a')] })).toBe('taken');
  expect(fault({ founds: [org('n'), org('n')] })).toBe('taken');
  expect(fault({ ends: ['b', 'c'], heir: 'c' })).toBe('heir');
  expect(fault({ ends: ['b'], heir: null, moves: [{ login: 'x', to: 'b' }] })).toBe('heir');
  expect(fault({ ends: ['b'], heir: 'c' })).toBeUndefined();
  const renamed = registerOn(
    declared,
    [{ id: 1, day: '2026-02-01', spec: { ...none, rename: { code: 'b', name: { zh: '乙', en: 'B' }, uscc: null } } }],
    '2026-12-31',
  );
  expect(faultOf(renamed, '2026-01-15', { ...none, ends: ['b'], heir: 'c' })?.fault).toBe('order');
});

test('whatever allowed acts come, every code leads to an organisation that is there or to nobody, and none is lost', () => {
  const step = fc.record({
    ends: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
    heir: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
    found: fc.option(fc.integer({ min: 4, max: 9 }), { nil: null }),
    later: fc.integer({ min: 0, max: 40 }),
  });
  const name = (n: number) => 'abcdefghij'[n]!;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const acts: Act[] = [];
      let day = Date.parse('2026-01-01');
      const codes = new Set(declared.map((o) => o.code));
      for (const s of steps) {
        day += s.later * 86_400_000;
        const at = new Date(day).toISOString().slice(0, 10);
        const founds = s.found === null ? [] : [org(name(s.found))];
        const spec = { ...none, ends: s.ends.map(name), heir: s.heir === null ? null : name(s.heir), founds };
        if (faultOf(registerOn(declared, acts, '9999-12-31'), at, spec)) continue;
        acts.push({ id: acts.length + 1, day: at, spec });
        for (const o of founds) codes.add(o.code);
      }
      const register = registerOn(declared, acts, '9999-12-31');
      expect([...register.keys()].sort()).toEqual([...codes].sort());
      for (const code of codes) {
        const now = currentOrganisation(register, code);
        if (now !== null) expect(register.get(now)!.to).toBeNull();
        if (register.get(code)!.to === null) expect(now).toBe(code);
        for (const p of register.get(code)!.periods)
          expect(p.to === null || p.from === null || p.from <= p.to).toBe(true);
      }
    }),
  );
});
