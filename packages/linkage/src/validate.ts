/** Reads a model from YAML or an object; every mistake is told with its place. */
import { LineCounter, parseDocument } from 'yaml';
import { LinkageError, type Mistake } from './errors.ts';
import {
  type ApartModel,
  type ColumnKind,
  type ColumnModel,
  type ComparisonModel,
  defaultLevels,
  KINDS,
  type Label,
  type Level,
  type Model,
  type TableModel,
  type Topology,
} from './model.ts';

type Raw = Record<string, unknown>;
const isObject = (v: unknown): v is Raw => typeof v === 'object' && v !== null && !Array.isArray(v);

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
const PARTS = /^(year|month|day|words|skipgrams|pinyin|initials|start[1-9]|end[1-9]|user|trade)$/;

class Check {
  readonly mistakes: Mistake[] = [];
  readonly #file: string | undefined;
  readonly #lineOf: (path: (string | number)[]) => number | undefined;

  constructor(file: string | undefined, lineOf: (path: (string | number)[]) => number | undefined) {
    this.#file = file;
    this.#lineOf = lineOf;
  }

  bad(code: string, path: (string | number)[], zh: string, en: string): void {
    const line = this.#lineOf(path);
    const text = path.map((p, i) => (typeof p === 'number' ? `[${p}]` : i === 0 ? p : `.${p}`)).join('');
    this.mistakes.push({
      code: `linkage.model.${code}`,
      zh,
      en,
      place: { ...(this.#file ? { file: this.#file } : {}), ...(line ? { line } : {}), path: text },
    });
  }

  keys(value: Raw, path: (string | number)[], allowed: readonly string[]): void {
    for (const key of Object.keys(value)) {
      if (!allowed.includes(key)) {
        this.bad(
          'unknown-key',
          [...path, key],
          `未知的键“${key}”，可用：${allowed.join('、')}`,
          `unknown key '${key}'; known: ${allowed.join(', ')}`,
        );
      }
    }
  }

  text(value: unknown, path: (string | number)[], fallback?: string): string {
    if (typeof value === 'string' && value !== '') return value;
    if (value === undefined && fallback !== undefined) return fallback;
    this.bad('text', path, '应为文字', 'must be a text');
    return fallback ?? '';
  }

  object(value: unknown, path: (string | number)[]): Raw {
    if (isObject(value)) return value;
    this.bad('object', path, '应为键值对', 'must be a mapping of keys to values');
    return {};
  }

  list(value: unknown, path: (string | number)[]): unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.bad('list', path, '应为列表', 'must be a list');
    return [];
  }

  oneOf<T extends string>(value: unknown, path: (string | number)[], allowed: readonly T[], fallback: T): T {
    if (value === undefined) return fallback;
    if (allowed.includes(value as T)) return value as T;
    this.bad('choice', path, `应为其中之一：${allowed.join('、')}`, `must be one of ${allowed.join(', ')}`);
    return fallback;
  }

  number(value: unknown, path: (string | number)[], low: number, high: number): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= low && value <= high) return value;
    this.bad('number', path, `应为 ${low} 到 ${high} 之间的数`, `must be a number from ${low} to ${high}`);
    return undefined;
  }

  bool(value: unknown, path: (string | number)[], fallback: boolean): boolean {
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    this.bad('boolean', path, '应为 true 或 false', 'must be true or false');
    return fallback;
  }
}

/**
 * Reads a model. `source` is YAML text or an object of the same shape; `file` names it in errors.
 * `files` stand for the model's tables in their order (path and, where the model names no tables, name).
 * Throws `LinkageError` that lists every mistake with its line and path.
 */
export function parseModel(source: string | object, file?: string, files?: readonly TableModel[]): Model {
  if (typeof source !== 'string') return validate(source, new Check(file, () => undefined), files);
  const lines = new LineCounter();
  const doc = parseDocument(source, { lineCounter: lines });
  if (doc.errors.length > 0) {
    const e = doc.errors[0]!;
    const line = lines.linePos(e.pos[0]).line;
    const why = e.message.split('\n')[0]!;
    throw new LinkageError({
      code: 'linkage.model.yaml',
      zh: `YAML 有误：${why}`,
      en: `not YAML: ${why}`,
      place: { ...(file ? { file } : {}), line },
    });
  }
  const lineOf = (path: (string | number)[]): number | undefined => {
    for (let n = path.length; n >= 0; n--) {
      const node = doc.getIn(path.slice(0, n), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  return validate(doc.toJS(), new Check(file, lineOf), files);
}

function validate(raw: unknown, c: Check, files: readonly TableModel[] = []): Model {
  const m = c.object(raw, []);
  c.keys(
    m,
    [],
    ['id', 'topology', 'tables', 'columns', 'swaps', 'apart', 'comparisons', 'blocking', 'threshold', 'labels', 'seed'],
  );
  const tables = c.list(m.tables, ['tables']).map((t, i) => table(c, t, i));
  files.forEach((f, i) => {
    tables[i] = { ...f, ...tables[i], ...(f.path ? { path: f.path } : {}) };
  });
  if (tables.length === 0) tables.push({ name: 'records' });
  const names = tables.map((t) => t.name);
  names.forEach((n, i) => {
    if (names.indexOf(n) !== i)
      c.bad('duplicate', ['tables', i, 'name'], `表名“${n}”重复`, `table name '${n}' is used twice`);
  });
  const topology = c.oneOf<Topology>(
    m.topology,
    ['topology'],
    ['dedupe', 'link', 'link-and-dedupe'],
    tables.length > 1 ? 'link-and-dedupe' : 'dedupe',
  );
  const columns: Record<string, ColumnModel> = {};
  for (const [name, value] of Object.entries(c.object(m.columns ?? {}, ['columns'])))
    columns[name] = column(c, value, ['columns', name]);
  if (Object.keys(columns).length === 0)
    c.bad('no-columns', ['columns'], '至少要有一列', 'at least one column is needed');

  const known = (name: unknown, path: (string | number)[]): string => {
    const text = c.text(name, path, '');
    if (text && !columns[text])
      c.bad('unknown-column', path, `没有声明列“${text}”`, `column '${text}' is not declared`);
    return text;
  };
  const comparisons: ComparisonModel[] =
    m.comparisons === undefined
      ? Object.entries(columns).map(([name, col]) => ({ column: name, levels: defaultLevels(col) }))
      : c.list(m.comparisons, ['comparisons']).map((one, i) => comparison(c, one, i, columns, known));
  const swaps = c.list(m.swaps, ['swaps']).map((pair, i): [string, string] => {
    const two = c.list(pair, ['swaps', i]);
    if (two.length !== 2) c.bad('pair', ['swaps', i], '应为两列', 'must be two columns');
    return [known(two[0], ['swaps', i, 0]), known(two[1], ['swaps', i, 1])];
  });

  const apart = c.list(m.apart, ['apart']).map((one, i): ApartModel => {
    const v: Raw = typeof one === 'string' ? { column: one } : c.object(one, ['apart', i]);
    c.keys(v, ['apart', i], ['column', 'check']);
    return {
      column: known(v.column, ['apart', i]),
      ...(v.check === undefined ? {} : { check: c.oneOf(v.check, ['apart', i, 'check'], ['uscc'] as const, 'uscc') }),
    };
  });

  const b = c.object(m.blocking ?? {}, ['blocking']);
  c.keys(b, ['blocking'], ['rules', 'auto', 'pairsPerRecord', 'maxPairsPerRule']);
  const rules = c.list(b.rules, ['blocking', 'rules']).map((rule, i) => {
    const path = ['blocking', 'rules', i];
    const parts = isObject(rule) ? c.list(rule.on, [...path, 'on']) : c.list(rule, path);
    if (parts.length === 0) c.bad('empty-rule', path, '分块规则为空', 'a blocking rule needs at least one part');
    if (isObject(rule)) c.keys(rule, path, ['on', 'window']);
    const window = isObject(rule) ? c.number(rule.window, [...path, 'window'], 2, 100) : undefined;
    return {
      ...(window === undefined ? {} : { window: Math.floor(window) }),
      on: parts.map((part, k) => {
        const text = c.text(part, [...path, k], '');
        const dot = text.lastIndexOf('.');
        const name = columns[text] || dot < 0 ? text : text.slice(0, dot);
        known(name, [...path, k]);
        if (name !== text && !PARTS.test(text.slice(dot + 1))) {
          c.bad(
            'unknown-part',
            [...path, k],
            `不认识“${text.slice(dot)}”`,
            `'${text.slice(dot)}' is not a part of a column`,
          );
        } else if (window !== undefined && /\.(words|skipgrams)$/.test(text)) {
          c.bad(
            'unordered-part',
            [...path, k],
            `“${text}”有多个值，不能用来排序`,
            `'${text}' has several values: records cannot be put in its order`,
          );
        }
        return text;
      }),
    };
  });
  const pairsPerRecord = c.number(b.pairsPerRecord, ['blocking', 'pairsPerRecord'], 0.01, 100_000);
  const maxPairsPerRule = c.number(b.maxPairsPerRule, ['blocking', 'maxPairsPerRule'], 1, 1e12);
  const auto = c.bool(b.auto, ['blocking', 'auto'], true);
  if (!auto && rules.length === 0)
    c.bad(
      'no-blocking',
      ['blocking'],
      '没有规则且不自动寻找，就没有候选对',
      'without rules and without auto there are no candidates',
    );

  const threshold = c.number(m.threshold, ['threshold'], 0.000001, 1);
  const labels = c.list(m.labels, ['labels']).map((one, i) => label(c, one, i, names));
  const model: Model = {
    id: c.text(m.id, ['id'], 'id'),
    topology,
    between: [],
    tables,
    columns,
    swaps,
    apart,
    comparisons,
    blocking: {
      rules,
      auto,
      ...(pairsPerRecord ? { pairsPerRecord } : {}),
      ...(maxPairsPerRule ? { maxPairsPerRule } : {}),
    },
    ...(threshold === undefined ? {} : { threshold }),
    labels,
    seed: c.number(m.seed, ['seed'], 0, 2 ** 31) ?? 1,
  };
  if (topology === 'link' && tables.length < 2)
    c.bad('one-table', ['topology'], '连接至少需要两张表', 'linking needs at least two tables');
  if (c.mistakes.length > 0) throw new LinkageError(c.mistakes[0]!, c.mistakes);
  return model;
}

function table(c: Check, value: unknown, i: number): TableModel {
  const path = ['tables', i];
  const t = typeof value === 'string' ? { path: value } : c.object(value, path);
  c.keys(t, path, ['name', 'path', 'relation', 'delimiter', 'id', 'unique']);
  const out: TableModel = { name: c.text(t.name, [...path, 'name'], `table${i + 1}`) };
  if (t.path !== undefined) out.path = c.text(t.path, [...path, 'path']);
  if (t.relation !== undefined) out.relation = c.text(t.relation, [...path, 'relation']);
  if (t.delimiter !== undefined) out.delimiter = c.text(t.delimiter, [...path, 'delimiter']);
  if (t.id !== undefined) out.id = c.text(t.id, [...path, 'id']);
  if (t.unique !== undefined) out.unique = c.bool(t.unique, [...path, 'unique'], false);
  return out;
}

function column(c: Check, value: unknown, path: (string | number)[]): ColumnModel {
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
  if (v.separator !== undefined) out.separator = c.text(v.separator, [...path, 'separator']);
  if (v.order !== undefined) out.order = c.oneOf(v.order, [...path, 'order'], ['ymd', 'dmy', 'mdy'] as const, 'ymd');
  if (v.frequencies !== undefined) {
    const f = c.object(v.frequencies, [...path, 'frequencies']);
    out.frequencies = Object.fromEntries(
      Object.entries(f).map(([k, x]) => [k, c.number(x, [...path, 'frequencies', k], 1e-12, 1) ?? 1e-6]),
    );
  }
  return out;
}

function comparison(
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

function label(c: Check, value: unknown, i: number, tables: string[]): Label {
  const path = ['labels', i];
  const v = c.object(value, path);
  c.keys(v, path, ['left', 'right', 'match', 'reviewer']);
  const side = (s: unknown, at: string) => {
    if (typeof s === 'string' || typeof s === 'number') return { id: String(s) };
    const o = c.object(s, [...path, at]);
    const t = o.table === undefined ? undefined : c.text(o.table, [...path, at, 'table']);
    if (t !== undefined && !tables.includes(t))
      c.bad('unknown-table', [...path, at, 'table'], `没有表“${t}”`, `there is no table '${t}'`);
    return {
      id: c.text(typeof o.id === 'number' ? String(o.id) : o.id, [...path, at, 'id']),
      ...(t ? { table: t } : {}),
    };
  };
  return {
    left: side(v.left, 'left'),
    right: side(v.right, 'right'),
    match: c.bool(v.match, [...path, 'match'], true),
    ...(v.reviewer === undefined ? {} : { reviewer: c.text(v.reviewer, [...path, 'reviewer']) }),
  };
}
