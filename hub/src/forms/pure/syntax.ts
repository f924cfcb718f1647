/**
 * The expression language of forms: read from text into a tree. Nothing is ever given to the JavaScript engine to run. Limits: 1,000 characters,
 * 200 nodes, 32 levels.
 *
 *   expr   = or ; or = and { "or" and } ; and = not { "and" not } ; not = ["not"] cmp
 *   cmp    = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum ] ; sum = product { ("+" | "-") product }
 *   product = unary { ("*" | "/" | "%") unary } ; unary = ["-"] atom
 *   atom   = number | 'text' | true | false | null | today | name | name.name | function(expr, …) | ( expr )
 */

/** Where a text is no expression; `at` counts characters from 1. */
export class ExpressionError extends Error {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly at: number;
  constructor(code: string, zh: string, en: string, at: number) {
    super(`${en} (at ${at})`);
    this.code = code;
    this.zh = zh;
    this.en = en;
    this.at = at;
  }
}

export type Operator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or';
export type Node =
  | { kind: 'literal'; value: number | string | boolean | null; at: number }
  | { kind: 'name'; name: string; at: number }
  | { kind: 'column'; table: string; name: string; at: number }
  | { kind: 'unary'; op: '-' | 'not'; of: Node; at: number }
  | { kind: 'binary'; op: Operator; left: Node; right: Node; at: number }
  | { kind: 'call'; name: string; args: Node[]; at: number };

export const LIMITS = { characters: 1000, nodes: 200, depth: 32 } as const;

interface Token {
  kind: 'number' | 'text' | 'word' | 'sign' | 'end';
  text: string;
  at: number;
}

const SIGNS = ['==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%', '(', ')', ',', '.'];
const fail = (code: string, zh: string, en: string, at: number): never => {
  throw new ExpressionError(`forms.expression.${code}`, zh, en, at);
};

function tokens(source: string): Token[] {
  const out: Token[] = [];
  let i = 0;
  while (i < source.length) {
    const c = source[i]!;
    if (/\s/.test(c)) {
      i += 1;
      continue;
    }
    const at = i + 1;
    if (/[0-9]/.test(c)) {
      let end = i;
      while (end < source.length && /[0-9]/.test(source[end]!)) end += 1;
      if (source[end] === '.' && /[0-9]/.test(source[end + 1] ?? '')) {
        end += 1;
        while (end < source.length && /[0-9]/.test(source[end]!)) end += 1;
      }
      if (end - i > 16) fail('number', '数字太长。', 'The number is too long.', at);
      out.push({ kind: 'number', text: source.slice(i, end), at });
      i = end;
    } else if (c === "'" || c === '"') {
      const end = source.indexOf(c, i + 1);
      if (end < 0) fail('quote', '文字没有结束引号。', 'A text has no closing quote.', at);
      out.push({ kind: 'text', text: source.slice(i + 1, end), at });
      i = end + 1;
    } else if (/[A-Za-z_]/.test(c)) {
      let end = i;
      while (end < source.length && /[A-Za-z0-9_]/.test(source[end]!)) end += 1;
      out.push({ kind: 'word', text: source.slice(i, end), at });
      i = end;
    } else {
      const sign = SIGNS.find((s) => source.startsWith(s, i));
      if (!sign) fail('character', `不能识别“${c}”。`, `"${c}" means nothing here.`, at);
      out.push({ kind: 'sign', text: sign!, at });
      i += sign!.length;
    }
  }
  out.push({ kind: 'end', text: '', at: source.length + 1 });
  return out;
}

/** Reads an expression. @throws ExpressionError with its place. */
export function parse(source: string): Node {
  if (source.length > LIMITS.characters) fail('long', '表达式太长。', 'The expression is too long.', 1);
  const list = tokens(source);
  let i = 0;
  let nodes = 0;
  let depth = 0;
  const peek = () => list[i]!;
  const made = <T extends Node>(node: T): T => {
    nodes += 1;
    if (nodes > LIMITS.nodes) fail('large', '表达式太复杂。', 'The expression is too large.', node.at);
    return node;
  };
  const sign = (...texts: string[]) => {
    const t = peek();
    if (t.kind !== 'sign' || !texts.includes(t.text)) return undefined;
    i += 1;
    return t;
  };
  const word = (text: string) => {
    const t = peek();
    if (t.kind !== 'word' || t.text !== text) return undefined;
    i += 1;
    return t;
  };
  const expect = (text: string) => {
    if (!sign(text)) fail('expected', `此处应为“${text}”。`, `"${text}" was expected here.`, peek().at);
  };
  const nested = <T>(work: () => T): T => {
    depth += 1;
    if (depth > LIMITS.depth) fail('deep', '表达式嵌套太深。', 'The expression is nested too deep.', peek().at);
    const done = work();
    depth -= 1;
    return done;
  };
  const expr = (): Node => nested(or);
  function or(): Node {
    let left = and();
    for (let t = word('or'); t; t = word('or')) left = made({ kind: 'binary', op: 'or', left, right: and(), at: t.at });
    return left;
  }
  function and(): Node {
    let left = not();
    for (let t = word('and'); t; t = word('and'))
      left = made({ kind: 'binary', op: 'and', left, right: not(), at: t.at });
    return left;
  }
  function not(): Node {
    const t = word('not');
    return t ? made({ kind: 'unary', op: 'not', of: nested(not), at: t.at }) : comparison();
  }
  function comparison(): Node {
    const left = sum();
    const t = sign('==', '!=', '<=', '>=', '<', '>');
    return t ? made({ kind: 'binary', op: t.text as Operator, left, right: sum(), at: t.at }) : left;
  }
  function sum(): Node {
    let left = product();
    for (let t = sign('+', '-'); t; t = sign('+', '-'))
      left = made({ kind: 'binary', op: t.text as Operator, left, right: product(), at: t.at });
    return left;
  }
  function product(): Node {
    let left = unary();
    for (let t = sign('*', '/', '%'); t; t = sign('*', '/', '%'))
      left = made({ kind: 'binary', op: t.text as Operator, left, right: unary(), at: t.at });
    return left;
  }
  function unary(): Node {
    const t = sign('-');
    return t ? made({ kind: 'unary', op: '-', of: nested(unary), at: t.at }) : atom();
  }
  function atom(): Node {
    const t = peek();
    if (t.kind === 'number') {
      i += 1;
      return made({ kind: 'literal', value: Number(t.text), at: t.at });
    }
    if (t.kind === 'text') {
      i += 1;
      return made({ kind: 'literal', value: t.text, at: t.at });
    }
    if (sign('(')) {
      const inner = expr();
      expect(')');
      return inner;
    }
    if (t.kind !== 'word')
      return fail('expected', '此处应为字段、数字或文字。', 'A field, a number or a text was expected here.', t.at);
    i += 1;
    if (t.text === 'true' || t.text === 'false') return made({ kind: 'literal', value: t.text === 'true', at: t.at });
    if (t.text === 'null') return made({ kind: 'literal', value: null, at: t.at });
    if (sign('(')) {
      const args: Node[] = [];
      if (!sign(')')) {
        do args.push(expr());
        while (sign(','));
        expect(')');
      }
      return made({ kind: 'call', name: t.text, args, at: t.at });
    }
    if (sign('.')) {
      const column = peek();
      if (column.kind !== 'word')
        fail('expected', '“.”之后应为子表的列。', 'A column of the sub-table was expected.', column.at);
      i += 1;
      return made({ kind: 'column', table: t.text, name: column.text, at: t.at });
    }
    return made({ kind: 'name', name: t.text, at: t.at });
  }
  const whole = expr();
  const rest = peek();
  if (rest.kind !== 'end') fail('rest', `多出了“${rest.text}”。`, `"${rest.text}" is too much.`, rest.at);
  return whole;
}

/** The names of fields (and of sub-tables) that an expression reads; not `today`. */
export function namesIn(node: Node): Set<string> {
  const names = new Set<string>();
  const walk = (n: Node): void => {
    if (n.kind === 'name') names.add(n.name);
    else if (n.kind === 'column') names.add(n.table);
    else if (n.kind === 'unary') walk(n.of);
    else if (n.kind === 'binary') {
      walk(n.left);
      walk(n.right);
    } else if (n.kind === 'call') n.args.forEach(walk);
  };
  walk(node);
  names.delete('today');
  return names;
}
