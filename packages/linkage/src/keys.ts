/** Keys by which records can be brought together: parts of columns named in rules, and the keys that a model's columns offer by themselves. */
import type { Dialect } from './dialect.ts';
import type { BlockingRule, Model } from './model.ts';
import { ordersOf } from './places.ts';
import { exploded, type Prepared, preparedColumns, wordsOf } from './prepare.ts';

/** A key that records can share. */
export interface Key {
  id: number;
  name: string;
  column: number;
  sql: string;
  /** The expression is a list, each element a key. */
  list: boolean;
  /** Number of the order whose neighbourhoods are the key, see places.ts. */
  near?: number;
}

/** A part of a column by its name in a rule. */
export function partSql(d: Dialect, c: Prepared, part: string | undefined): { sql: string; list: boolean } {
  const v = `c${c.index}`;
  const one = (sql: string) => ({ sql, list: false });
  if (part === undefined) return one(v);
  const figure = Number(part.slice(-1));
  // Two characters of a Chinese name say as much as three letters. Thirty-odd keys a value at most.
  if (part === 'skipgrams') return { sql: d.skipGrams(v, c.model.chinese ? 2 : 3, 12), list: true };
  if (part === 'year') return one(`nullif(substr(${v}, 1, 4), '')`);
  if (part === 'month') return one(`nullif(substr(${v}, 5, 2), '')`);
  if (part === 'day') return one(`nullif(substr(${v}, 7, 2), '')`);
  if (part === 'pinyin') return one(c.sounds ? `p${c.index}` : v);
  if (part === 'initials') return one(c.sounds ? `n${c.index}` : v);
  if (part === 'trade') return one(c.company ? `k${c.index}` : v);
  if (part === 'user') return one(`nullif(${d.before(v, '@')}, '')`);
  if (part.startsWith('start')) return one(`CASE WHEN length(${v}) >= ${figure} THEN substr(${v}, 1, ${figure}) END`);
  if (part.startsWith('end'))
    return one(`CASE WHEN length(${v}) >= ${figure} THEN substr(${v}, length(${v}) - ${figure - 1}) END`);
  return { sql: wordsOf(d, c), list: true };
}

/** A declared rule as keys of its parts. */
export function ruleParts(d: Dialect, model: Model, on: readonly string[]): { sql: string; list: boolean }[] {
  const columns = preparedColumns(model);
  return on.map((text) => {
    const whole = columns.find((c) => c.name === text);
    if (whole) return partSql(d, whole, undefined);
    const dot = text.lastIndexOf('.');
    return partSql(d, columns.find((c) => c.name === text.slice(0, dot))!, text.slice(dot + 1));
  });
}

/** The relation that a declared rule reads: columns of several values have a row for each. */
export function ruleSource(d: Dialect, model: Model, on: readonly string[], rec: string): string {
  const names = on.map((text) => (text in model.columns ? text : text.slice(0, text.lastIndexOf('.'))));
  return exploded(
    d,
    rec,
    preparedColumns(model).filter((c) => names.includes(c.name)),
  );
}

/** The relation that a key of its own reads. */
export const keySource = (d: Dialect, model: Model, key: Key, rec: string): string =>
  key.near !== undefined
    ? `${rec}_near${key.near}`
    : exploded(
        d,
        rec,
        preparedColumns(model).filter((c) => c.index === key.column),
      );

/** What a declared rule is called. */
export const ruleName = (rule: BlockingRule): string =>
  `${rule.on.join(' + ')}${rule.window === undefined ? '' : `, neighbours in a window of ${rule.window}`}`;

/** The keys that a model's columns offer. */
export function keysOf(d: Dialect, model: Model, depth: 1 | 2 | 3): Key[] {
  const keys: Key[] = [];
  const add = (c: Prepared, name: string, sql: string, list = false) =>
    keys.push({ id: keys.length, name: `${c.name}${name}`, column: c.index, sql, list });
  for (const c of preparedColumns(model)) {
    const v = `c${c.index}`;
    const part = (p: string) => partSql(d, c, p).sql;
    const { kind, chinese } = c.model;
    if (kind === 'text') {
      add(c, '.words', wordsOf(d, c), true);
      if (depth === 3) add(c, '.start6', `CASE WHEN length(${v}) >= 6 THEN substr(${v}, 1, 6) END`);
      continue;
    }
    // Among many records a category parts blocks so little that its pairs are not worth their time.
    if (kind === 'category' && depth === 1) continue;
    if (kind === 'array') {
      add(c, '.values', `l${c.index}`, true);
      if (depth > 1) add(c, '.short', `q${c.index}`, true);
      continue;
    }
    if (c.company) {
      add(c, '.trade', part('trade'));
      if (depth > 1) add(c, '.pinyin', part('pinyin'));
      if (depth > 1) add(c, '.initials', part('initials'));
      continue;
    }
    if (kind === 'name' && c.sounds) add(c, '.pinyin', part('pinyin'));
    else add(c, '', v);
    if (depth === 1) continue;
    if (kind === 'name' && !chinese) {
      add(c, '.words', `CASE WHEN ${v} LIKE '% %' THEN ${d.words(v)} END`, true);
      add(c, '.consonants', skeleton(d, v));
      add(c, '.start3', part('start3'));
    }
    if (kind === 'date') {
      add(c, '.month-day', `CASE WHEN length(${v}) = 8 THEN substr(${v}, 5) END`);
      add(c, '.year-month', `CASE WHEN length(${v}) = 8 THEN substr(${v}, 1, 6) END`);
      add(c, '.year-day', `CASE WHEN length(${v}) = 8 THEN substr(${v}, 1, 4) || substr(${v}, 7) END`);
    }
    if (kind === 'code' || kind === 'phone') {
      add(c, '.first-half', `CASE WHEN length(${v}) >= 4 THEN substr(${v}, 1, CAST(length(${v}) / 2 AS INTEGER)) END`);
      add(
        c,
        '.second-half',
        `CASE WHEN length(${v}) >= 4 THEN substr(${v}, CAST(length(${v}) / 2 AS INTEGER) + 1) END`,
      );
    }
    if (kind === 'email') add(c, '.user', part('user'));
    if (kind === 'address') {
      if (c.address) add(c, '.road', `r${c.index}`);
      else add(c, '.words', d.words(v), true);
    }
    if (depth === 3 && (kind === 'name' || kind === 'email') && !chinese)
      add(c, '.fragments', `CASE WHEN length(${v}) >= 4 THEN ${d.grams(v, 3)} END`, true);
  }
  for (const [near, order] of ordersOf(d, model, depth).entries())
    keys.push({ id: keys.length, name: order.name, column: order.column.index, sql: 'o', list: false, near });
  return keys;
}

/** First letter and the consonants after it, doubled ones once: alike for most misspellings of a name. */
const skeleton = (d: Dialect, v: string): string =>
  `CASE WHEN length(${v}) >= 4 THEN substr(${v}, 1, 1) || ${d.replaceAll(`substr(${v}, 2)`, '[aeiouyhw ]', '')} END`;
