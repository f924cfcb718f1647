/**
 * Types and values of expressions. Null means "not filled in": arithmetic and comparisons with it are null, `and` and `or` know three values, and a
 * division by zero or a number that cannot be held is null as well; an evaluation never throws and always ends (a tree is walked once).
 */
import { ExpressionError, type Node, parse } from './syntax.ts';

/** `list`: codes of a multiple choice; `table`: rows, only to be counted; `column`: a column of a sub-table, only inside sum, min, max, avg. */
export type Type =
  | 'number'
  | 'text'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'list'
  | 'table'
  | 'null'
  | `column-${'number' | 'text' | 'boolean' | 'date' | 'datetime' | 'list'}`;
export type Computed = number | string | boolean | null | readonly string[];

/** What names mean: for typing. `column` answers the type of a sub-table's column. */
export interface Names {
  type(name: string): Type | undefined;
  column(table: string, name: string): Type | undefined;
}
/** What names hold: for evaluating. `rows`: the values of a column in the rows of a sub-table; `count`: how many rows. */
export interface Scope {
  value(name: string): Computed;
  column(table: string, name: string): readonly Computed[];
  count(table: string): number | null;
  /** 'YYYY-MM-DD' of today in the city. */
  today: string;
}

interface Fn {
  /** Types of the arguments (`any` fits all but tables and columns); the last repeats when `more`. */
  args: readonly string[];
  more?: boolean;
  least?: number;
  result: Type | ((types: Type[]) => Type);
  run(args: readonly Computed[], scope: Scope): Computed;
}

const finite = (n: number): number | null => (Number.isFinite(n) && Math.abs(n) < 1e15 ? n : null);
const isNumber = (v: Computed): v is number => typeof v === 'number';
const known = (types: Type[]): Type => types.find((t) => t !== 'null') ?? 'null';

/** Days since 1970-01-01 of a day or an instant's day in Asia/Shanghai; null where it is none. */
export function dayNumber(text: string): number | null {
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (plain) {
    const [y, m, d] = [Number(plain[1]), Number(plain[2]), Number(plain[3])];
    const at = Date.UTC(y, m - 1, d);
    const back = new Date(at);
    return back.getUTCFullYear() === y && back.getUTCMonth() === m - 1 && back.getUTCDate() === d
      ? at / 86_400_000
      : null;
  }
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.floor((at + 8 * 3_600_000) / 86_400_000);
}

/** Rounded half away from zero, as people do it, without the traps of binary fractions. */
export function rounded(n: number, places: number): number {
  const sign = n < 0 ? -1 : 1;
  const text = Math.abs(n).toExponential();
  const [digits, power] = text.split('e') as [string, string];
  const shifted = Math.round(Number(`${digits}e${Number(power) + places}`));
  return sign * Number(`${shifted}e-${places}`) || 0;
}

function yearsBetween(from: string, to: string): number | null {
  const [a, b] = [dayNumber(from), dayNumber(to)];
  if (a === null || b === null) return null;
  const [x, y] = [new Date(a * 86_400_000), new Date(b * 86_400_000)];
  const whole = y.getUTCFullYear() - x.getUTCFullYear();
  const before = y.getUTCMonth() * 32 + y.getUTCDate() < x.getUTCMonth() * 32 + x.getUTCDate();
  return before ? whole - 1 : whole;
}

const numbersOf = (args: readonly Computed[]) => args.flat().filter(isNumber) as number[];
const text = (v: Computed): string | null => (typeof v === 'string' ? v : null);

/** Every function. Columns reach `run` as several arguments spread. */
export const functions: Readonly<Record<string, Fn>> = Object.assign(Object.create(null) as Record<string, Fn>, {
  if: {
    args: ['boolean', 'any', 'any'],
    result: (t: Type[]) => known(t.slice(1)),
    run: ([c, a, b]: readonly Computed[]) => (c === true ? a! : b!),
  },
  blank: {
    args: ['any'],
    result: 'boolean',
    run: ([v]: readonly Computed[]) => v === null || v === '' || (Array.isArray(v) && v.length === 0),
  },
  count: { args: ['table'], result: 'number', run: () => null },
  sum: {
    args: ['numbers'],
    more: true,
    result: 'number',
    run: (a: readonly Computed[]) => finite(numbersOf(a).reduce((x, y) => x + y, 0)),
  },
  min: {
    args: ['numbers'],
    more: true,
    result: 'number',
    run: (a: readonly Computed[]) => {
      const n = numbersOf(a);
      return n.length ? Math.min(...n) : null;
    },
  },
  max: {
    args: ['numbers'],
    more: true,
    result: 'number',
    run: (a: readonly Computed[]) => {
      const n = numbersOf(a);
      return n.length ? Math.max(...n) : null;
    },
  },
  avg: {
    args: ['numbers'],
    more: true,
    result: 'number',
    run: (a: readonly Computed[]) => {
      const n = numbersOf(a);
      return n.length ? finite(n.reduce((x, y) => x + y, 0) / n.length) : null;
    },
  },
  round: {
    args: ['number', 'number'],
    least: 1,
    result: 'number',
    run: ([n, p]: readonly Computed[]) =>
      isNumber(n!)
        ? finite(rounded(n, isNumber(p ?? null) ? Math.max(0, Math.min(6, Math.trunc(p as number))) : 0))
        : null,
  },
  abs: { args: ['number'], result: 'number', run: ([n]: readonly Computed[]) => (isNumber(n!) ? Math.abs(n) : null) },
  floor: {
    args: ['number'],
    result: 'number',
    run: ([n]: readonly Computed[]) => (isNumber(n!) ? Math.floor(n) : null),
  },
  length: {
    args: ['text'],
    result: 'number',
    run: ([v]: readonly Computed[]) => (typeof v === 'string' ? [...v].length : null),
  },
  contains: {
    args: ['text', 'text'],
    result: 'boolean',
    run: ([v, p]: readonly Computed[]) => (typeof v === 'string' && typeof p === 'string' ? v.includes(p) : null),
  },
  has: {
    args: ['list', 'text'],
    result: 'boolean',
    run: ([l, c]: readonly Computed[]) => (Array.isArray(l) && typeof c === 'string' ? l.includes(c) : null),
  },
  chosen: { args: ['list'], result: 'number', run: ([l]: readonly Computed[]) => (Array.isArray(l) ? l.length : 0) },
  concat: {
    args: ['text'],
    more: true,
    result: 'text',
    run: (a: readonly Computed[]) =>
      a
        .map((v) => text(v) ?? '')
        .join('')
        .slice(0, 2000),
  },
  date: {
    args: ['text'],
    result: 'date',
    run: ([v]: readonly Computed[]) =>
      typeof v === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(v) && dayNumber(v) !== null ? v : null,
  },
  days: {
    args: ['day', 'day'],
    result: 'number',
    run: ([a, b]: readonly Computed[]) => {
      const [x, y] = [typeof a === 'string' ? dayNumber(a) : null, typeof b === 'string' ? dayNumber(b) : null];
      return x === null || y === null ? null : y - x;
    },
  },
  years: {
    args: ['day', 'day'],
    result: 'number',
    run: ([a, b]: readonly Computed[]) => (typeof a === 'string' && typeof b === 'string' ? yearsBetween(a, b) : null),
  },
  age: {
    args: ['day'],
    result: 'number',
    run: ([a]: readonly Computed[], s: Scope) => (typeof a === 'string' ? yearsBetween(a, s.today) : null),
  },
} satisfies Record<string, Fn>);

const titles: Record<string, [string, string]> = {
  number: ['数字', 'a number'],
  text: ['文字', 'a text'],
  boolean: ['是否', 'yes or no'],
  list: ['多选', 'a multiple choice'],
  table: ['子表', 'a sub-table'],
  numbers: ['数字或子表的数字列', 'numbers or a number column of a sub-table'],
  day: ['日期', 'a date'],
  any: ['值', 'a value'],
};

const fits = (wanted: string, type: Type): boolean => {
  if (type === 'null') return wanted !== 'table';
  if (wanted === 'any') return type !== 'table' && !type.startsWith('column-');
  if (wanted === 'numbers') return type === 'number' || type === 'column-number';
  if (wanted === 'day') return type === 'date' || type === 'datetime';
  return wanted === type;
};

/** The type of an expression. @throws ExpressionError where it has none. */
export function typeOf(node: Node, names: Names): Type {
  const bad = (zh: string, en: string, at: number): never => {
    throw new ExpressionError('forms.expression.type', zh, en, at);
  };
  const want = (n: Node, wanted: string): Type => {
    const type = typeOf(n, names);
    if (!fits(wanted, type))
      bad(`此处应为${titles[wanted]?.[0] ?? wanted}。`, `This should be ${titles[wanted]?.[1] ?? wanted}.`, n.at);
    return type;
  };
  switch (node.kind) {
    case 'literal':
      return node.value === null
        ? 'null'
        : typeof node.value === 'number'
          ? 'number'
          : typeof node.value === 'string'
            ? 'text'
            : 'boolean';
    case 'name': {
      if (node.name === 'today') return 'date';
      return names.type(node.name) ?? bad(`没有字段“${node.name}”。`, `There is no field "${node.name}".`, node.at);
    }
    case 'column': {
      const type = names.column(node.table, node.name);
      if (!type)
        return bad(
          `没有子表列“${node.table}.${node.name}”。`,
          `There is no column "${node.table}.${node.name}".`,
          node.at,
        );
      return `column-${type}` as Type;
    }
    case 'unary':
      want(node.of, node.op === '-' ? 'number' : 'boolean');
      return node.op === '-' ? 'number' : 'boolean';
    case 'binary': {
      if (node.op === 'and' || node.op === 'or') {
        want(node.left, 'boolean');
        want(node.right, 'boolean');
        return 'boolean';
      }
      if (['+', '-', '*', '/', '%'].includes(node.op)) {
        want(node.left, 'number');
        want(node.right, 'number');
        return 'number';
      }
      const [a, b] = [want(node.left, 'any'), want(node.right, 'any')];
      const days = new Set<Type>(['date', 'datetime']);
      const alike = a === 'null' || b === 'null' || a === b || (days.has(a) && days.has(b));
      if (!alike) bad('两边的类型不同，不能比较。', 'The two sides are not of one type.', node.at);
      if (node.op !== '==' && node.op !== '!=' && (a === 'list' || b === 'list' || a === 'boolean' || b === 'boolean'))
        bad('多选和是否不分大小。', 'Choices and yes or no have no order.', node.at);
      return 'boolean';
    }
    case 'call': {
      const fn = functions[node.name];
      if (!fn) return bad(`没有函数“${node.name}”。`, `There is no function "${node.name}".`, node.at);
      const least = fn.least ?? fn.args.length;
      if (node.args.length < least || (!fn.more && node.args.length > fn.args.length))
        bad(
          `函数 ${node.name} 的参数个数不对。`,
          `The function ${node.name} takes another number of arguments.`,
          node.at,
        );
      const types = node.args.map((a, i) => want(a, fn.args[Math.min(i, fn.args.length - 1)]!));
      if (node.name === 'if') {
        const [a, b] = [types[1]!, types[2]!];
        if (a !== 'null' && b !== 'null' && a !== b)
          bad('if 的两个结果类型不同。', 'The two results of if are not of one type.', node.at);
      }
      return typeof fn.result === 'function' ? fn.result(types) : fn.result;
    }
  }
}

const comparable = (v: Computed): number | string | boolean | null =>
  Array.isArray(v) ? JSON.stringify([...v].sort()) : (v as number | string | boolean | null);

function compare(op: string, left: Computed, right: Computed): Computed {
  if (left === null || right === null) return null;
  let [a, b] = [comparable(left), comparable(right)];
  // A day against an instant: by day.
  if (typeof a === 'string' && typeof b === 'string' && /^\d{4}-\d{2}-\d{2}/.test(a) && /^\d{4}-\d{2}-\d{2}/.test(b)) {
    const both = a.length > 10 && b.length > 10;
    const [x, y] = both ? [Date.parse(a), Date.parse(b)] : [dayNumber(a), dayNumber(b)];
    if (x !== null && y !== null && !Number.isNaN(x) && !Number.isNaN(y)) [a, b] = [x, y];
  }
  if (typeof a !== typeof b) return null;
  if (op === '==') return a === b;
  if (op === '!=') return a !== b;
  if (op === '<') return a! < b!;
  if (op === '<=') return a! <= b!;
  if (op === '>') return a! > b!;
  return a! >= b!;
}

/** The value of an expression. Never throws for a tree that `typeOf` accepts, nor for one that it does not. */
export function evaluate(node: Node, scope: Scope): Computed {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return node.name === 'today' ? scope.today : scope.value(node.name);
    case 'column':
      return null;
    case 'unary': {
      const v = evaluate(node.of, scope);
      if (node.op === 'not') return typeof v === 'boolean' ? !v : null;
      return isNumber(v) ? -v : null;
    }
    case 'binary': {
      const left = evaluate(node.left, scope);
      if (node.op === 'and' && left === false) return false;
      if (node.op === 'or' && left === true) return true;
      const right = evaluate(node.right, scope);
      if (node.op === 'and') return right === false ? false : left === true && right === true ? true : null;
      if (node.op === 'or') return right === true ? true : left === false && right === false ? false : null;
      if (!['+', '-', '*', '/', '%'].includes(node.op)) return compare(node.op, left, right);
      if (!isNumber(left) || !isNumber(right)) return null;
      if (node.op === '+') return finite(left + right);
      if (node.op === '-') return finite(left - right);
      if (node.op === '*') return finite(left * right);
      if (right === 0) return null;
      return finite(node.op === '/' ? left / right : left % right);
    }
    case 'call': {
      const fn = functions[node.name];
      if (!fn) return null;
      if (node.name === 'count') return node.args[0]?.kind === 'name' ? scope.count(node.args[0].name) : null;
      if (node.name === 'if') {
        const chosen = evaluate(node.args[0]!, scope) === true ? node.args[1] : node.args[2];
        return chosen ? evaluate(chosen, scope) : null;
      }
      const args: Computed[] = [];
      for (const a of node.args)
        if (a.kind === 'column') args.push(...scope.column(a.table, a.name));
        else args.push(evaluate(a, scope));
      return fn.run(args, scope);
    }
  }
}

const cache = new Map<string, Node | null>();
/** The tree of an expression that was judged before; null where it is none. Kept for the next time. */
export function parsed(source: string): Node | null {
  const before = cache.get(source);
  if (before !== undefined) return before;
  let node: Node | null = null;
  try {
    node = parse(source);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
  }
  if (cache.size > 2000) cache.clear();
  cache.set(source, node);
  return node;
}
