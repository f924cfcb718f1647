/**
 * The part of Solr's query language that CKAN's clients write: `key:value`, `key:"a phrase"`, `key:(a OR b)`, `key:[from TO until]`, `key:*`,
 * words with `*` at their end, `+`, `-`, AND, OR, NOT and brackets; what stands side by side holds together, as CKAN has it.
 */
import { badQuery } from './errors.ts';

/** A document as a query sees it: values of a field, all lower case; null where it has no such field. */
export interface Searched {
  /** `text` is everything that words are looked for in. */
  text: string;
  values(field: string): readonly string[] | null;
}
export type Predicate = (doc: Searched) => boolean;

/** Bounds of a query: what is asked of every entry stays small. */
const LENGTH = 8000;
const TERMS = 500;
const DEPTH = 20;

type Token =
  | { kind: '(' | ')' | '+' | '-' | 'and' | 'or' | 'not' | 'end' }
  | { kind: 'term'; term: string; quoted: boolean }
  | { kind: 'field'; name: string }
  | { kind: 'range'; from: string; to: string; open: boolean; shut: boolean };

function tokensOf(text: string): Token[] {
  if (text.length > LENGTH) throw badQuery('The query is too long');
  const out: Token[] = [];
  let i = 0;
  let terms = 0;
  const add = (token: Token) => {
    if (++terms > TERMS) throw badQuery('The query has too many clauses');
    out.push(token);
  };
  while (i < text.length) {
    const rest = text.slice(i, i + 600);
    const space = /^\s+/.exec(rest);
    if (space) {
      i += space[0].length;
      continue;
    }
    const c = text[i]!;
    if (c === '(' || c === ')') {
      add({ kind: c });
      i++;
      continue;
    }
    if ((c === '+' || c === '-' || c === '!') && /^[+\-!]\s*\S/.test(rest)) {
      add({ kind: c === '!' ? '-' : c });
      i++;
      continue;
    }
    const word = /^(AND|OR|NOT|&&|\|\|)(?=[\s(]|$)/.exec(rest)?.[1];
    if (word) {
      add({ kind: word === 'OR' || word === '||' ? 'or' : word === 'NOT' ? 'not' : 'and' });
      i += word.length;
      continue;
    }
    const field = /^([A-Za-z_][\w.-]{0,60}):(?=\S)/.exec(rest)?.[1];
    if (field) {
      add({ kind: 'field', name: field });
      i += field.length + 1;
      continue;
    }
    if (c === '*' && text.startsWith('*:*', i)) {
      add({ kind: 'term', term: '*', quoted: false });
      i += 3;
      continue;
    }
    const range = /^([[{])\s*("?)([^"\]}\s]+)\2\s+TO\s+("?)([^"\]}\s]+)\4\s*([\]}])/.exec(rest);
    if (range) {
      add({ kind: 'range', from: range[3]!, to: range[5]!, open: range[1] === '{', shut: range[6] === '}' });
      i += range[0].length;
      continue;
    }
    if (c === '"') {
      const end = /^"((?:[^"\\]|\\.)*)"(?:[~^][\d.]*)?/s.exec(text.slice(i));
      if (!end) throw badQuery("Can't parse the query: a quotation mark is not closed");
      add({ kind: 'term', term: end[1]!.replace(/\\(.)/gs, '$1'), quoted: true });
      i += end[0].length;
      continue;
    }
    const plain = /^(?:\\.|[^\s()"[\]{}\\])+/s.exec(rest);
    if (!plain) throw badQuery(`Can't parse the query at position ${i + 1}`);
    const term = plain[0].replace(/\^[\d.]+$|~[\d.]*$/, '').replace(/\\(.)/gs, '$1');
    if (term) add({ kind: 'term', term, quoted: false });
    i += plain[0].length;
  }
  out.push({ kind: 'end' });
  return out;
}

/** A query as a predicate. Problems of the query: `Search Query Error`. */
export function parseQuery(text: string, now: number): Predicate {
  const tokens = tokensOf(text);
  let at = 0;
  let depth = 0;
  const peek = () => tokens[at]!;
  const or = (field: string | null): Predicate => {
    if (++depth > DEPTH) throw badQuery('The query is nested too deeply');
    const parts = [and(field)];
    while (peek().kind === 'or') {
      at++;
      parts.push(and(field));
    }
    depth--;
    return parts.length === 1 ? parts[0]! : (doc) => parts.some((p) => p(doc));
  };
  const and = (field: string | null): Predicate => {
    const parts: Predicate[] = [];
    for (;;) {
      const { kind } = peek();
      if (kind === 'end' || kind === ')' || kind === 'or') break;
      if (kind === 'and' || kind === '+') {
        at++;
        continue;
      }
      parts.push(clause(field));
    }
    if (!parts.length && depth > 1) throw badQuery("Can't parse the query: a clause is missing");
    return parts.length === 1 ? parts[0]! : (doc) => parts.every((p) => p(doc));
  };
  const clause = (field: string | null): Predicate => {
    const token = tokens[at++]!;
    switch (token.kind) {
      case '-':
      case 'not': {
        const inner = clause(field);
        return (doc) => !inner(doc);
      }
      case '+':
        return clause(field);
      case '(': {
        const inner = or(field);
        if (tokens[at++]!.kind !== ')') throw badQuery("Can't parse the query: a bracket is not closed");
        return inner;
      }
      case 'field':
        return clause(token.name);
      case 'range':
        if (field === null) throw badQuery('A range needs a field');
        return inRange(field, token, now);
      case 'term':
        return field === null ? wordIn(token.term) : valueIn(field, token.term, token.quoted);
      default:
        throw badQuery("Can't parse the query");
    }
  };
  const found = or(null);
  if (peek().kind !== 'end') throw badQuery("Can't parse the query");
  return found;
}

const wordIn = (term: string): Predicate => {
  const word = term.toLowerCase().replace(/^\*+|\*+$/g, '');
  return word === '' ? () => true : (doc) => doc.text.includes(word);
};

/** Fields of whole texts, in which words are looked for; all others are compared as a whole. */
const texts = new Set(['title', 'notes', 'text', 'author', 'title_ngram']);

function valueIn(field: string, term: string, quoted: boolean): Predicate {
  const wanted = term.toLowerCase();
  if (field === 'text') return wordIn(term);
  if (!quoted && wanted === '*') return (doc) => (doc.values(field)?.length ?? 0) > 0;
  if (texts.has(field)) {
    const word = quoted ? wanted : wanted.replace(/^\*+|\*+$/g, '');
    return (doc) => doc.values(field)?.some((v) => v.includes(word)) ?? false;
  }
  if (!quoted && /[*?]/.test(wanted))
    return (doc) => doc.values(field)?.some((v) => v.length <= 400 && fits(wanted, v)) ?? false;
  return (doc) => doc.values(field)?.includes(wanted) ?? false;
}

/** Whether a value fits a pattern of `*` and `?`; in time of their lengths multiplied, whatever the pattern. */
function fits(pattern: string, value: string): boolean {
  let [p, v, star, back] = [0, 0, -1, 0];
  while (v < value.length) {
    if (pattern[p] === '*') {
      star = p++;
      back = v;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === value[v])) {
      p++;
      v++;
    } else if (star >= 0) {
      p = star + 1;
      v = ++back;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

const dates = new Set(['metadata_modified', 'metadata_created']);

/** `NOW-7DAYS`, `NOW/DAY` and ISO instants, as Solr writes them. */
function instantOf(text: string, clock: number): number {
  const now =
    /^NOW(?:\/(?:DAY|HOUR|MINUTE))?(?:-(\d{1,5})(DAY|HOUR|MINUTE|MONTH|YEAR)S?)?(?:\/(?:DAY|HOUR|MINUTE))?$/i.exec(
      text,
    );
  if (now) {
    const unit = { DAY: 86_400, HOUR: 3600, MINUTE: 60, MONTH: 30 * 86_400, YEAR: 365 * 86_400 };
    return clock - Number(now[1] ?? 0) * unit[(now[2]?.toUpperCase() ?? 'DAY') as 'DAY'] * 1000;
  }
  // CKAN writes instants without a zone and means UTC.
  const at = Date.parse(
    /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : /Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`,
  );
  if (Number.isNaN(at)) throw badQuery(`Invalid Date String:'${text.slice(0, 60)}'`);
  return at;
}

function inRange(
  field: string,
  { from, to, open, shut }: { from: string; to: string; open: boolean; shut: boolean },
  now: number,
): Predicate {
  const at = dates.has(field) ? (text: string) => instantOf(text, now) : (text: string) => text.toLowerCase();
  const [low, high] = [from === '*' ? null : at(from), to === '*' ? null : at(to)];
  return (doc) =>
    doc.values(field)?.some((own) => {
      const value = dates.has(field) ? Date.parse(`${own}Z`.toUpperCase()) : own;
      if (low !== null && (open ? value <= low : value < low)) return false;
      return high === null || (shut ? value < high : value <= high);
    }) ?? false;
}
