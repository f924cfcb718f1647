/** Reads a model from YAML or an object; every mistake is told with its place. */
import { LineCounter, parseDocument } from 'yaml';
import { Check, type Raw } from './check.ts';
import { LinkageError } from './errors.ts';
import {
  type ApartModel,
  type ColumnModel,
  type ComparisonModel,
  defaultLevels,
  type Label,
  type Model,
  type TableModel,
  type Topology,
} from './model.ts';
import { blocking } from './validate-blocking.ts';
import { column, comparison } from './validate-columns.ts';

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
  const { topology, between } = topologyOf(c, m.topology, names);
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

  const found = blocking(c, m.blocking, columns, known);
  const threshold = c.number(m.threshold, ['threshold'], 0.000001, 1);
  const labels = c.list(m.labels, ['labels']).map((one, i) => label(c, one, i, names));
  const model: Model = {
    id: c.text(m.id, ['id'], 'id'),
    topology,
    between,
    tables,
    columns,
    swaps,
    apart,
    comparisons,
    blocking: found,
    ...(threshold === undefined ? {} : { threshold }),
    labels,
    seed: c.number(m.seed, ['seed'], 0, 2 ** 31) ?? 1,
  };
  if (topology === 'link' && tables.length < 2)
    c.bad('one-table', ['topology'], '连接至少需要两张表', 'linking needs at least two tables');
  if (c.mistakes.length > 0) throw new LinkageError(c.mistakes[0]!, c.mistakes);
  return model;
}

/** The topology: a word, or a list of pairs of tables ([a, b]; [a] or [a, a]: within a table). */
function topologyOf(c: Check, value: unknown, names: string[]): Pick<Model, 'topology' | 'between'> {
  if (!Array.isArray(value)) {
    const usual = names.length > 1 ? 'link-and-dedupe' : 'dedupe';
    return {
      topology: c.oneOf<Topology>(value, ['topology'], ['dedupe', 'link', 'link-and-dedupe'], usual),
      between: [],
    };
  }
  const between = value.map((pair, i): [number, number] => {
    const two = c.list(pair, ['topology', i]);
    if (two.length !== 1 && two.length !== 2)
      c.bad('pair', ['topology', i], '应为一张或两张表', 'must be one table or two');
    const [a, b] = two.map((name, k) => {
      const text = c.text(name, ['topology', i, k], '');
      const at = names.indexOf(text);
      if (text && at < 0)
        c.bad(
          'unknown-table',
          ['topology', i, k],
          `没有表“${text}”`,
          `there is no table '${text}'; there are ${names.join(', ')}`,
        );
      return Math.max(0, at);
    });
    return [a ?? 0, b ?? a ?? 0];
  });
  if (between.length === 0) c.bad('no-pairs', ['topology'], '没有可比对的表', 'there are no tables to compare');
  return { topology: 'pairs', between };
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
