/**
 * The text of a statement before the engine reads it: words with their places, `:name` written as the engine's `$name` (of one length, so
 * that places stay), how deep it is nested. Nothing here decides what may be run: the engine's own parser does (judge.ts).
 */

/** A token with its place in the text. */
export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'sign' | 'parameter';
  text: string;
  at: number;
}

const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?/y;
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const PARAMETER = /[:$]([a-zA-Z_][a-zA-Z0-9_]*)/y;

/** Where a quoted piece ends (after its closing sign); the text's end where it is not closed. `escapes`: a backslash escapes. */
function quotedEnd(text: string, from: number, sign: string, escapes = false): number {
  for (let i = from + 1; i < text.length; i++) {
    if (escapes && text[i] === '\\') i += 1;
    else if (text[i] === sign) {
      if (text[i + 1] !== sign) return i + 1;
      i += 1;
    }
  }
  return text.length;
}

/** Where a comment of several lines ends; they nest. */
function commentEnd(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text.startsWith('/*', i)) {
      depth += 1;
      i += 1;
    } else if (text.startsWith('*/', i)) {
      depth -= 1;
      i += 1;
      if (depth === 0) return i + 1;
    }
  }
  return text.length;
}

const match = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** Tokens of a text; comments and blanks are left out. Never throws. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const put = (kind: Token['kind'], at: number, end: number) => {
    tokens.push({ kind, text: text.slice(at, end), at });
    return end;
  };
  let square = 0;
  const braces: boolean[] = [];
  for (let i = 0; i < text.length; ) {
    const c = text[i]!;
    if (/\s/.test(c)) i += 1;
    else if (text.startsWith('--', i)) {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
    } else if (text.startsWith('/*', i)) i = commentEnd(text, i);
    else if (c === "'") i = put('string', i, quotedEnd(text, i, "'"));
    else if ((c === 'e' || c === 'E') && text[i + 1] === "'") i = put('string', i, quotedEnd(text, i + 1, "'", true));
    else if (c === '"') i = put('quoted', i, quotedEnd(text, i, '"'));
    else if (c === '$' && match(DOLLAR, text, i)) {
      const tag = match(DOLLAR, text, i)!;
      const end = text.indexOf(tag, i + tag.length);
      i = put('string', i, end < 0 ? text.length : end + tag.length);
    } else if (text.startsWith('::', i)) i = put('sign', i, i + 2);
    else if ((c === '$' || (c === ':' && free(text, i) && square === 0 && !braces.at(-1))) && match(PARAMETER, text, i))
      i = put('parameter', i, i + match(PARAMETER, text, i)!.length);
    else if (match(WORD, text, i)) i = put('word', i, i + match(WORD, text, i)!.length);
    else if (match(NUMBER, text, i)) i = put('number', i, i + match(NUMBER, text, i)!.length);
    else {
      // A colon in a list or in a struct is theirs, not a parameter's.
      if (c === '[') square += 1;
      if (c === ']') square = Math.max(0, square - 1);
      if (c === '{' || c === '(') braces.push(c === '{');
      if (c === '}' || c === ')') braces.pop();
      i = put('sign', i, i + 1);
    }
  }
  return tokens;
}

/** Whether a colon stands where a value may begin. */
const free = (text: string, at: number): boolean => at === 0 || /[\s(,=<>+\-*/|%!]/.test(text[at - 1]!);

/** `:name` as the engine writes it; all else as it is. */
export function withParameters(text: string): { text: string; names: string[] } {
  const parts: string[] = [];
  const names = new Set<string>();
  let at = 0;
  for (const t of tokensOf(text)) {
    if (t.kind !== 'parameter') continue;
    parts.push(text.slice(at, t.at), '$');
    names.add(t.text.slice(1));
    at = t.at + 1;
  }
  return { text: parts.join('') + text.slice(at), names: [...names] };
}

/** How deep parentheses, brackets and braces stand in each other. */
export function depthOf(text: string): number {
  let [depth, most] = [0, 0];
  for (const { kind, text: t } of tokensOf(text)) {
    if (kind !== 'sign') continue;
    if (t === '(' || t === '[' || t === '{') most = Math.max(most, ++depth);
    else if (t === ')' || t === ']' || t === '}') depth -= 1;
  }
  return most;
}

/** Line and column (from 1) of a place in a text. */
export function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, Math.min(at, text.length)));
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

const bare = (t: Token): string =>
  (t.kind === 'quoted' ? t.text.slice(1, -1).replaceAll('""', '"') : t.text).toLowerCase();

/**
 * Where the token that stands at `at` of the statement as the engine wrote it stands in the text of the person: the n-th token that says
 * the same. Undefined where the text has none.
 */
export function placeInText(written: string, at: number, text: string): number | undefined {
  const ours = tokensOf(written);
  const here = ours.findLast((t) => t.at <= at);
  if (!here) return undefined;
  const nth = ours.filter((t) => t.at < here.at && bare(t) === bare(here)).length;
  const theirs = tokensOf(text).filter((t) => bare(t) === bare(here));
  return (theirs[nth] ?? theirs.at(-1))?.at;
}
