import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DesignInput, design, values } from '../design.ts';
import { rounded } from './expression.ts';
import {
  check,
  compilePattern,
  computed,
  ExpressionError,
  evaluate,
  type Node,
  PatternError,
  parse,
  type Scope,
  typeOf,
  validate,
} from './index.ts';

const own = (all: object, n: string) => (Object.hasOwn(all, n) ? all[n as never] : undefined);
const scope: Scope = {
  today: '2026-03-04',
  value: (n) => own({ a: 3, b: 0.1, t: '慈溪', d: '2000-02-29', yes: true, none: null, many: ['x', 'y'] }, n) ?? null,
  column: () => [1, null, 2.5],
  count: () => 3,
};
const names = {
  type: (n: string) =>
    own(
      { a: 'number', b: 'number', t: 'text', d: 'date', yes: 'boolean', none: 'number', many: 'list', rows: 'table' },
      n,
    ) as never,
  column: (t: string) => (t === 'rows' ? 'number' : undefined) as never,
};
const run = (text: string) => {
  const node = parse(text);
  typeOf(node, names);
  return evaluate(node, scope);
};

test.each([
  ['1 + 2 * 3 - -4', 11],
  ['round(b + 0.2, 1) == 0.3', true],
  ['a / 0', null],
  ['none + 1 > 2', null],
  ['none > 2 or yes', true],
  ['none > 2 and not yes', false],
  ["if(a >= 3, '够', '不够')", '够'],
  ['sum(rows.x) + count(rows)', 6.5],
  ["has(many, 'x') and not has(many, 'z')", true],
  ['age(d)', 26],
  ["days(d, date('2000-03-01'))", 1],
  ["concat(t, '市') == '慈溪市'", true],
  ["d < today and today != '2026-03-05'", ['type']],
  ['a + t', ['type']],
  ['a > yes', ['type']],
  ['nothing == 1', ['type']],
  ['constructor(1)', ['type']],
  ['rows.x > 1', ['type']],
  ['a +', ['expected']],
  ['a b', ['rest']],
  ['a ; b', ['character']],
  [`${'('.repeat(40)}1${')'.repeat(40)}`, ['deep']],
  [`1${'+1'.repeat(250)}`, ['large']],
])('%s', (text, expected) => {
  if (!Array.isArray(expected)) expect(run(text)).toEqual(expected);
  else {
    try {
      run(text);
      expect.unreachable();
    } catch (error) {
      expect((error as ExpressionError).code).toBe(`forms.expression.${expected[0]}`);
    }
  }
});

/** Trees of numbers, as text and as what JavaScript makes of the same. */
const arithmetic = fc.letrec<{ e: [string, number | null] }>((tie) => ({
  e: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: 0, max: 99 }).map((n): [string, number | null] => [String(n), n]),
    fc
      .tuple(tie('e'), fc.constantFrom('+', '-', '*', '/'), tie('e'))
      .map(([[x, a], op, [y, b]]): [string, number | null] => {
        const value =
          a === null || b === null
            ? null
            : op === '+'
              ? a + b
              : op === '-'
                ? a - b
                : op === '*'
                  ? a * b
                  : b === 0
                    ? null
                    : a / b;
        return [
          `(${x} ${op} ${y})`,
          value === null || !Number.isFinite(value) || Math.abs(value) >= 1e15 ? null : value,
        ];
      }),
  ),
})).e;

test('an expression is what arithmetic says, and no text makes reading or evaluating it fail in another way', () => {
  fc.assert(
    fc.property(arithmetic, ([text, value]) => {
      let node: Node;
      try {
        node = parse(text);
      } catch (error) {
        // Too large or too deep is said; nothing else may be.
        expect((error as ExpressionError).code).toMatch(/large|deep|long/);
        return;
      }
      expect(evaluate(node, scope)).toBe(value);
    }),
    { numRuns: 120 },
  );
  const words = fc.constantFrom(
    'a',
    'b',
    't',
    'd',
    'many',
    'rows',
    '(',
    ')',
    '+',
    '-',
    '*',
    '/',
    '%',
    '<',
    '==',
    'and',
    'or',
    'not',
    'if',
    'sum',
    ',',
    '.',
    "'x'",
    '1',
    '1e999',
    '"',
    'today',
    '__proto__',
    'constructor',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 25 }), (list) => {
      let node: Node;
      try {
        node = parse(list.join(' '));
        typeOf(node, names);
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
        return;
      }
      const value = evaluate(node, scope);
      expect(value === null || ['number', 'string', 'boolean', 'object'].includes(typeof value)).toBe(true);
      expect(Number.isNaN(value)).toBe(false);
    }),
    { numRuns: 150 },
  );
});

test('rounding is half away from zero, without the traps of binary fractions', () => {
  expect([rounded(1.005, 2), rounded(-2.5, 0), rounded(0.1 + 0.2, 10), rounded(1e-7, 2)]).toEqual([1.01, -3, 0.3, 0]);
});

const piece = fc.constantFrom(
  'a',
  'b',
  '[ab]',
  '[^a]',
  '\\d',
  '.',
  'a*',
  '(ab)+',
  '(a|b)?',
  'b{2}',
  '[0-9]{1,3}',
  '(a|ab)(c|b)',
  '汉',
);
test('patterns mean what regular expressions mean, in time that grows with the text only', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }),
      fc.array(fc.constantFrom('a', 'b', 'c', '1', '22', '汉'), { maxLength: 8 }),
      (parts, text) => {
        const source = parts.join('');
        expect(compilePattern(source)(text.join(''))).toBe(new RegExp(`^(?:${source})$`, 'u').test(text.join('')));
      },
    ),
    { numRuns: 120 },
  );
  // Exponential for a backtracking engine.
  expect(compilePattern('(a|a)*(a|a)*(a*)*b')('a'.repeat(500))).toBe(false);
  for (const bad of ['(', '[', '[]', 'a**', '(?=a)', '\\q', '*', 'a{2', '(a{99}){99}', '[z-a]'])
    expect(() => compilePattern(bad), bad).toThrow(PatternError);
});

const form = (over: Partial<DesignInput>) =>
  design.parse({ title: { zh: '表' }, fields: [{ kind: 'text', name: 'x', title: { zh: 'x' } }], ...over });
const int = (name: string, more: object = {}) => ({ kind: 'integer' as const, name, title: { zh: name }, ...more });
const calc = (name: string, expression: string) => ({
  kind: 'calculated' as const,
  name,
  title: { zh: name },
  expression,
});

test.each([
  ['a field twice', { fields: [int('a'), int('a')] }, 'name-twice'],
  ['a circle of calculations', { fields: [calc('a', 'b + 1'), calc('b', 'a + 1')] }, 'circle'],
  ['a circle of visibility', { fields: [int('a', { visible: 'b > 1' }), int('b', { visible: 'a > 1' })] }, 'circle'],
  ['a condition that is a number', { fields: [int('a', { visible: 'a + 1' })] }, 'condition'],
  ['bounds upside down', { fields: [int('a', { min: 3, max: 1 })] }, 'bounds'],
  [
    'an exploding or broken pattern',
    { fields: [{ kind: 'text', name: 'x', title: { zh: 'x' }, pattern: '(a' }] },
    'pattern',
  ],
  ['a choice without options', { fields: [{ kind: 'choice', name: 'c', title: { zh: 'c' } }] }, 'options'],
  [
    'a number that is not sensitive',
    { fields: [{ kind: 'phone', name: 'p', title: { zh: 'p' }, protection: 'public' }] },
    'protection',
  ],
  [
    'a rule on a field that is not there',
    { rules: [{ id: 'r', expression: 'q > 1', message: { zh: 'm' } }] },
    'expression-type',
  ],
  ['a form of headings', { fields: [{ kind: 'section', name: 's', title: { zh: 's' } }] }, 'empty'],
  ['refused sharing without its ground', { source: { sharing: { type: 'refused' } } }, 'ground-missing'],
] as [string, Partial<DesignInput>, string][])('%s is told', (_, over, code) => {
  expect(check(form(over)).map((f) => f.code)).toContain(`forms.design.${code}`);
});

test('hidden fields keep nothing, chains of calculations are in order, and evaluating again changes nothing', () => {
  const d = form({
    fields: [
      calc('c', 'b * 2'),
      calc('b', 'if(blank(a), 0, a) + sum(t.n)'),
      int('a', { visible: 'on == true' }),
      { kind: 'boolean', name: 'on', title: { zh: 'on' } },
      { kind: 'table', name: 't', title: { zh: 't' }, fields: [int('n'), calc('m', 'n + a')] },
    ],
  });
  expect(check(d)).toEqual([]);
  expect(computed(d, { a: 5, on: false, t: [{ n: 1 }] }, '2026-03-04').values).toEqual({
    b: 1,
    c: 2,
    on: false,
    t: [{ n: 1, m: null }],
  });
  const given = fc.record({
    a: fc.option(fc.integer({ min: -9, max: 9 })),
    on: fc.option(fc.boolean()),
    t: fc.array(fc.record({ n: fc.option(fc.integer({ min: 0, max: 9 })) }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(given, (g) => {
      const once = computed(d, values.parse(g), '2026-03-04').values;
      expect(computed(d, once, '2026-03-04').values).toEqual(once);
      expect(validate(d, once, { today: '2026-03-04', whole: true })).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('no values of whatever shape make validation fail in another way than by its faults', () => {
  const d = form({
    fields: [
      int('a'),
      { kind: 'place', name: 'p', title: { zh: 'p' } },
      { kind: 'choice', name: 'c', title: { zh: 'c' }, multiple: true, options: [{ code: 'x', title: { zh: 'x' } }] },
      { kind: 'table', name: 't', title: { zh: 't' }, fields: [int('n')] },
      { kind: 'citizen-id', name: 'i', title: { zh: 'i' } },
      { kind: 'picture', name: 'f', title: { zh: 'f' } },
      { kind: 'date', name: 'd', title: { zh: 'd' } },
    ],
  });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('a', 'p', 'c', 't', 'i', 'f', 'd', 'zz', '__proto__'),
        fc.anything({ maxDepth: 3 }),
      ),
      (g) => {
        for (const f of validate(d, g as never, { today: '2026-03-04', whole: true }))
          expect([f.zh, f.en].every((s) => s.length > 0)).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});
