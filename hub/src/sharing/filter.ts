/**
 * Row filters: simple conditions over public and internal items, declared as data and compiled to a WHERE with parameters. What
 * people write never becomes SQL; personal items cannot be filtered by, since who may ask "is it this one" knows the value.
 */
import type { PublishedItem } from '../catalogue/index.ts';
import { ident, type LakeParam } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { RowCondition } from './content.ts';
import { filterItem, filterValue } from './problems.ts';

/** The engine's type of an item's values; texts compare as texts. */
const CASTS: Readonly<Record<string, string>> = {
  integer: 'BIGINT',
  decimal: 'DECIMAL(18,4)',
  date: 'DATE',
  boolean: 'BOOLEAN',
};
const FORMS: Readonly<Record<string, RegExp>> = {
  integer: /^-?\d{1,18}$/,
  decimal: /^-?\d{1,14}(\.\d{1,4})?$/,
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  boolean: /^(true|false)$/,
};
/** How many values each operator takes. */
const VALUES: Readonly<Record<RowCondition['is'], [number, number]>> = {
  eq: [1, 1],
  ne: [1, 1],
  in: [1, 200],
  ge: [1, 1],
  le: [1, 1],
  prefix: [1, 1],
  present: [0, 0],
  absent: [0, 0],
};

/** Column of an item in `v.record_<class>_v1`: names that the view keeps for itself have `_` behind them. */
export const columnOf = (name: string): string =>
  ident(['entity', 'day', 'fact', 'amount'].includes(name) ? `${name}_` : name);

type Typed = (item: string) => string;

/** What is wrong with conditions, each with its place; empty: nothing. */
export function filterFaults(
  filter: readonly RowCondition[],
  items: readonly PublishedItem[],
  typed: Typed,
): Problem[] {
  const known = new Map(items.map((i) => [i.name, i]));
  return filter.flatMap((c, n) => {
    const place = { field: 'filter', row: n + 1 };
    const item = known.get(c.item);
    if (!item || (item.protection !== 'public' && item.protection !== 'internal'))
      return [new Problem(filterItem, { item: item?.title.zh ?? c.item }, place)];
    const [least, most] = VALUES[c.is];
    const bad = (value: string) => [new Problem(filterValue, { item: item.title.zh, value }, place)];
    if (c.values.length < least || c.values.length > most) return bad(`(${c.values.length})`);
    const type = typed(c.item);
    if (c.is === 'prefix' && CASTS[type]) return bad('prefix');
    const form = FORMS[type];
    const wrong = c.values.find((v) => v === '' || (form && !form.test(v)) || (type === 'date' && !isDay(v)));
    return wrong === undefined ? [] : bad(wrong);
  });
}

const isDay = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
};

/** The WHERE of a filter and its parameters, over the columns of the typed records; `true` for no condition. */
export function filterSql(
  filter: readonly RowCondition[],
  items: readonly PublishedItem[],
  typed: Typed,
): { where: string; params: Record<string, LakeParam> } {
  const faults = filterFaults(filter, items, typed);
  if (faults[0]) throw faults[0];
  const params: Record<string, LakeParam> = {};
  const parts = filter.map((c, n) => {
    const column = columnOf(c.item);
    const cast = CASTS[typed(c.item)] ?? 'VARCHAR';
    const name = `w${n}`;
    if (c.is === 'present') return `${column} IS NOT NULL`;
    if (c.is === 'absent') return `${column} IS NULL`;
    if (c.is === 'in') {
      params[name] = c.values;
      return `${column} IN (SELECT unnest($${name}::VARCHAR[])::${cast})`;
    }
    params[name] = c.values[0]!;
    if (c.is === 'prefix') return `starts_with(${column}, $${name})`;
    const operator = { eq: '=', ne: 'IS DISTINCT FROM', ge: '>=', le: '<=' }[c.is];
    return `${column} ${operator} $${name}::${cast}`;
  });
  return { where: parts.length ? parts.join(' AND ') : 'true', params };
}
