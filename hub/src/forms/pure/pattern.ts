/**
 * Patterns of texts: a small language (letters as they are, `.`, `[a-z]`, `[^…]`, `\d \w \s`, `( )`, `|`, `? * +`, `{n}`, `{n,m}`) that is run as a set of
 * states walked once over the text: its time is length × states whatever the pattern, so none can explode. A pattern speaks of the whole value;
 * `^` before and `$` behind are allowed and say nothing more.
 */

/** Where a text is no pattern; `at` counts characters from 1. */
export class PatternError extends Error {
  readonly zh: string;
  readonly at: number;
  constructor(zh: string, en: string, at: number) {
    super(en);
    this.zh = zh;
    this.at = at;
  }
}

type Test = { not: boolean; ranges: readonly (readonly [number, number])[] };
type Part =
  | { kind: 'test'; test: Test }
  | { kind: 'all'; parts: Part[] }
  | { kind: 'any'; parts: Part[] }
  | { kind: 'repeat'; of: Part; min: number; max: number };

export const PATTERN_STATES = 2000;
const code = (c: string) => c.codePointAt(0)!;
const range = (a: string, b: string): readonly [number, number] => [code(a), code(b)];
const CLASSES: Record<string, Test> = {
  d: { not: false, ranges: [range('0', '9')] },
  w: { not: false, ranges: [range('0', '9'), range('A', 'Z'), range('a', 'z'), range('_', '_')] },
  s: {
    not: false,
    ranges: [
      [9, 13],
      [32, 32],
      [0xa0, 0xa0],
      [0x3000, 0x3000],
    ],
  },
};

function read(source: string): Part {
  const c = [...source];
  if (c[0] === '^') c.shift();
  const shift = [...source].length - c.length;
  if (c.at(-1) === '$' && c.at(-2) !== '\\') c.pop();
  let i = 0;
  let depth = 0;
  const fail = (zh: string, en: string): never => {
    throw new PatternError(zh, en, i + 1 + shift);
  };
  const escaped = (): Test => {
    const e = c[i++];
    if (e === undefined) return fail('“\\”之后没有字符。', 'Nothing follows "\\".');
    if (CLASSES[e]) return CLASSES[e];
    if (/[A-Za-z0-9]/.test(e)) {
      i -= 1;
      return fail(`不支持“\\${e}”。`, `"\\${e}" is not known.`);
    }
    return { not: false, ranges: [range(e, e)] };
  };
  const set = (): Test => {
    const not = c[i] === '^';
    if (not) i += 1;
    const ranges: (readonly [number, number])[] = [];
    while (c[i] !== ']') {
      if (c[i] === undefined) return fail('“[”没有结束。', '"[" is not closed.');
      if (c[i] === '\\') {
        i += 1;
        ranges.push(...escaped().ranges);
        continue;
      }
      const from = c[i++]!;
      if (c[i] === '-' && c[i + 1] !== undefined && c[i + 1] !== ']') {
        const to = c[i + 1]!;
        if (to === '\\' || code(to) < code(from))
          return fail('“[ ]”中的范围写错了。', 'The range in "[ ]" makes no sense.');
        i += 2;
        ranges.push(range(from, to));
      } else ranges.push(range(from, from));
    }
    i += 1;
    if (!ranges.length) return fail('“[ ]”是空的。', '"[ ]" is empty.');
    return { not, ranges };
  };
  const atom = (): Part => {
    const t = c[i++]!;
    if (t === '(') {
      if (c[i] === '?') return fail('不支持“(?”。', '"(?" is not known.');
      depth += 1;
      if (depth > 10) return fail('括号嵌套太深。', 'Brackets are nested too deep.');
      const inner = either();
      if (c[i] !== ')') return fail('“(”没有结束。', '"(" is not closed.');
      i += 1;
      depth -= 1;
      return inner;
    }
    if (t === '[') return { kind: 'test', test: set() };
    if (t === '.')
      return {
        kind: 'test',
        test: {
          not: true,
          ranges: [
            [10, 10],
            [13, 13],
          ],
        },
      };
    if (t === '\\') return { kind: 'test', test: escaped() };
    if ('*+?{}])^$'.includes(t)) {
      i -= 1;
      return fail(`“${t}”不能放在这里，需写作“\\${t}”。`, `"${t}" cannot stand here; write "\\${t}".`);
    }
    return { kind: 'test', test: { not: false, ranges: [range(t, t)] } };
  };
  const repeated = (): Part => {
    const of = atom();
    const t = c[i];
    let bounds: [number, number] | undefined;
    if (t === '*') bounds = [0, Number.POSITIVE_INFINITY];
    else if (t === '+') bounds = [1, Number.POSITIVE_INFINITY];
    else if (t === '?') bounds = [0, 1];
    if (bounds) i += 1;
    else if (t === '{') {
      const end = c.indexOf('}', i);
      const found = end < 0 ? null : /^(\d{1,3})(?:(,)(\d{1,3})?)?$/.exec(c.slice(i + 1, end).join(''));
      if (!found) return fail('重复次数应写作 {n} 或 {n,m}。', 'Write {n} or {n,m}.');
      const min = Number(found[1]);
      bounds = [
        min,
        found[2] === undefined ? min : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]),
      ];
      if (bounds[1] < min) return fail('重复次数写错了。', 'The repetition makes no sense.');
      i = end + 1;
    }
    if (!bounds) return of;
    if ('*+?{'.includes(c[i] ?? '|')) return fail('不能重复两次。', 'A repetition cannot be repeated.');
    return { kind: 'repeat', of, min: bounds[0], max: bounds[1] };
  };
  function either(): Part {
    const branches: Part[] = [];
    for (;;) {
      const parts: Part[] = [];
      while (c[i] !== undefined && c[i] !== '|' && c[i] !== ')') parts.push(repeated());
      branches.push({ kind: 'all', parts });
      if (c[i] !== '|') break;
      i += 1;
    }
    return branches.length === 1 ? branches[0]! : { kind: 'any', parts: branches };
  }
  const whole = either();
  if (i < c.length) fail('多出了“)”。', '")" is too much.');
  return whole;
}

/** A state: a test that leads to the next, or ways without a character. */
interface State {
  test: Test | null;
  to: number[];
}

/** A pattern that can be asked. @throws PatternError */
export function compilePattern(source: string): (text: string) => boolean {
  const states: State[] = [];
  const make = (test: Test | null): number => {
    if (states.length >= PATTERN_STATES) throw new PatternError('格式太复杂。', 'The pattern is too large.', 1);
    return states.push({ test, to: [] }) - 1;
  };
  /** Builds a part between two states and answers the last. */
  const build = (part: Part, from: number): number => {
    if (part.kind === 'test') {
      const at = make(part.test);
      const end = make(null);
      states[from]!.to.push(at);
      states[at]!.to.push(end);
      return end;
    }
    if (part.kind === 'all') return part.parts.reduce((at, p) => build(p, at), from);
    if (part.kind === 'any') {
      const end = make(null);
      for (const p of part.parts) {
        const start = make(null);
        states[from]!.to.push(start);
        states[build(p, start)]!.to.push(end);
      }
      return end;
    }
    let at = from;
    for (let n = 0; n < part.min; n++) at = build(part.of, at);
    if (part.max === Number.POSITIVE_INFINITY) {
      const loop = make(null);
      states[at]!.to.push(loop);
      states[build(part.of, loop)]!.to.push(loop);
      const end = make(null);
      states[loop]!.to.push(end);
      return end;
    }
    const end = make(null);
    states[at]!.to.push(end);
    for (let n = part.min; n < part.max; n++) {
      at = build(part.of, at);
      states[at]!.to.push(end);
    }
    return end;
  };
  const start = make(null);
  const last = build(read(source), start);
  const open = (from: Iterable<number>): Set<number> => {
    const seen = new Set<number>();
    const stack = [...from];
    while (stack.length) {
      const at = stack.pop()!;
      if (seen.has(at)) continue;
      seen.add(at);
      const s = states[at]!;
      if (!s.test) stack.push(...s.to);
    }
    return seen;
  };
  const passes = (t: Test, c: number) => t.ranges.some(([a, b]) => c >= a && c <= b) !== t.not;
  return (text) => {
    let at = open([start]);
    for (const ch of text) {
      const c = code(ch);
      const next = new Set<number>();
      for (const s of at) {
        const { test, to } = states[s]!;
        if (test && passes(test, c)) for (const t of to) next.add(t);
      }
      if (next.size === 0) return false;
      at = open(next);
    }
    return at.has(last);
  };
}
