/** Columns, comparisons and levels of a model as they were read. */
import { type Check, isObject, type Raw } from './check.ts';
import { type ColumnKind, type ColumnModel, type ComparisonModel, defaultLevels, KINDS, type Level } from './model.ts';

const WORD_LEVELS: readonly string[] = [
  'exact',
  'values',
  'swapped-day-month',
  'date-parts',
  'same-year',
  'homophone',
  'pinyin',
  'initials',
  'prefix',
  'same-first',
  'user',
  'short-name',
  'trade',
];
/** Levels with a figure: the least and the greatest that make sense. */
const FIGURE_LEVELS: Record<string, [number, number]> = {
  jaroWinkler: [0.01, 1],
  damerau: [1, 20],
  tokens: [0.01, 1],
  contained: [0.01, 1],
  days: [0, 40000],
  years: [0, 200],
  difference: [0, Number.MAX_VALUE],
  relative: [0, 1],
  common: [1, 1000],
  alike: [0.01, 1],
  start: [1, 100],
};
const CHINESE_LEVELS = ['homophone', 'pinyin', 'initials'];
/** A column. */
export function column(c: Check, value: unknown, path: (string | number)[]): ColumnModel {
  const v: Raw = typeof value === 'string' ? { kind: value } : c.object(value, path);
  c.keys(v, path, ['kind', 'from', 'chinese', 'home', 'separator', 'order', 'frequencies']);
  if (v.kind === undefined) c.bad('no-kind', path, '缺少 kind', 'kind is missing');
  const out: ColumnModel = { kind: c.oneOf<ColumnKind>(v.kind, [...path, 'kind'], KINDS, 'text') };
  if (v.from !== undefined) {
    if (isObject(v.from))
      out.from = Object.fromEntries(Object.entries(v.from).map(([k, x]) => [k, c.text(x, [...path, 'from', k])]));
    else out.from = c.text(v.from, [...path, 'from']);
  }
  if (v.chinese !== undefined) out.chinese = c.bool(v.chinese, [...path, 'chinese'], false);
  if (v.home !== undefined) {
    const home = typeof v.home === 'number' ? String(v.home) : c.text(v.home, [...path, 'home']);
    if (!/^\d{2,6}$/.test(home))
      c.bad(
        'home',
        [...path, 'home'],
        '应为行政区划代码的前 2 至 6 位',
        'must be the first 2 to 6 digits of a division code',
      );
    out.home = home;
  }
  if (v.separator !== undefined) {
    out.separator = c.text(v.separator, [...path, 'separator']);
    const chinese = out.chinese ?? false;
    if (!['array', 'name', 'code', 'phone', 'email'].includes(out.kind) && !(out.kind === 'company' && chinese)) {
      c.bad(
        'separator',
        [...path, 'separator'],
        '多个值只可用于 array、name、code、phone、email 和中文 company 列',
        'several values are for columns of kind array, name, code, phone, email and Chinese company',
      );
    }
  }
  if (v.order !== undefined) out.order = c.oneOf(v.order, [...path, 'order'], ['ymd', 'dmy', 'mdy'] as const, 'ymd');
  if (v.frequencies !== undefined) {
    const f = c.object(v.frequencies, [...path, 'frequencies']);
    out.frequencies = Object.fromEntries(
      Object.entries(f).map(([k, x]) => [k, c.number(x, [...path, 'frequencies', k], 1e-12, 1) ?? 1e-6]),
    );
  }
  return out;
}

/** A comparison; `known` looks up the name of a column. */
export function comparison(
  c: Check,
  value: unknown,
  i: number,
  columns: Record<string, ColumnModel>,
  known: (name: unknown, path: (string | number)[]) => string,
): ComparisonModel {
  const path = ['comparisons', i];
  const v: Raw = typeof value === 'string' ? { column: value } : c.object(value, path);
  c.keys(v, path, ['column', 'levels', 'termFrequency']);
  const name = known(v.column, [...path, 'column']);
  const col = columns[name] ?? { kind: 'text' as const };
  const levels =
    v.levels === undefined
      ? defaultLevels(col)
      : c.list(v.levels, [...path, 'levels']).map((l, k) => level(c, l, [...path, 'levels', k], col));
  if (levels.length === 0) c.bad('no-levels', [...path, 'levels'], '至少要有一个等级', 'at least one level is needed');
  return {
    column: name,
    levels,
    ...(v.termFrequency === undefined
      ? {}
      : { termFrequency: c.bool(v.termFrequency, [...path, 'termFrequency'], true) }),
  };
}

function level(c: Check, value: unknown, path: (string | number)[], col: ColumnModel): Level {
  if (typeof value === 'string') {
    if (!WORD_LEVELS.includes(value)) {
      c.bad(
        'unknown-level',
        path,
        `不认识的等级“${value}”`,
        `unknown level '${value}'; known: ${[...WORD_LEVELS, ...Object.keys(FIGURE_LEVELS)].join(', ')}`,
      );
    } else if (CHINESE_LEVELS.includes(value) && !col.chinese) {
      c.bad('not-chinese', path, `“${value}”只用于 chinese: true 的列`, `'${value}' needs a column with chinese: true`);
    } else if ((value === 'short-name' || value === 'trade') && col.kind !== 'company') {
      c.bad('not-company', path, `“${value}”只用于企业名称列`, `'${value}' needs a column of kind company`);
    }
    return value as Level;
  }
  const v = c.object(value, path);
  const [key, ...more] = Object.keys(v);
  const range = key === undefined ? undefined : FIGURE_LEVELS[key];
  if (!range || more.length > 0) {
    c.bad(
      'unknown-level',
      path,
      '不认识的等级',
      `unknown level; known: ${[...WORD_LEVELS, ...Object.keys(FIGURE_LEVELS)].join(', ')}`,
    );
    return 'exact';
  }
  c.number(v[key!], [...path, key!], range[0], range[1]);
  return v as unknown as Level;
}
