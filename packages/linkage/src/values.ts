/**
 * Values in their common form, kind by kind, as SQL. Every kind has stages, each a subselect of its own over the one before: an expression that mentions its
 * value several times would otherwise be computed as often.
 */
import { SIMPLIFIED, TRADITIONAL } from './chinese.ts';
import type { Dialect } from './dialect.ts';
import type { ColumnModel } from './model.ts';

/** What stands for no value. */
const MISSING =
  "('', 'null', 'none', 'nan', 'n/a', 'na', 'unknown', '-', '--', '/', '.', '?', '无', '不详', '未知', '暂无', '空')";

/** Turns the SQL of a value into the SQL of the next form. */
type Stage = (v: string) => string;

function stages(d: Dialect, column: ColumnModel): Stage[] {
  switch (column.kind) {
    case 'date':
      return [(v) => dateSql(d, v, column.order ?? 'ymd')];
    case 'number':
      return [(v) => d.replaceAll(v, '[,\\s]', ''), (v) => `CASE WHEN ${d.tryDouble(v)} IS NOT NULL THEN ${v} END`];
    case 'code':
      return [
        (v) =>
          `CASE WHEN ${d.matches(v, '[^0-9A-Z]')} THEN upper(${d.replaceAll(v, '[^\\p{L}\\p{N}]', '')}) ELSE ${v} END`,
      ];
    case 'phone':
      return [
        (v) => `CASE WHEN ${d.matches(v, '[^0-9]')} THEN ${d.replaceAll(v, '[^0-9]', '')} ELSE ${v} END`,
        // 86 is the country's code where it stands before the eleven digits of a mobile number.
        (v) => `CASE WHEN length(${v}) = 13 AND ${v} LIKE '86%' THEN substr(${v}, 3) ELSE ${v} END`,
      ];
    case 'email':
      return [(v) => `lower(${d.replaceAll(v, '\\s', '')})`];
    case 'array':
      return [(v) => `lower(${v})`];
    default: {
      if (!column.chinese) {
        // Characters without case and accents are taken as they are.
        const plain = (v: string) => d.matches(v, '^[a-z0-9\\p{Han}]+$');
        // A number of a model is one word however it is written: KD-40, KD40.
        const whole = (v: string) =>
          column.kind === 'text' ? d.replaceAll(v, '\\b([a-z]+[a-z0-9]*)[-/_.]([0-9])', '\\1\\2') : v;
        const bare = (v: string) => d.replaceAll(whole(d.replaceAll(d.fold(v), "['’`]", '')), '[^\\p{L}\\p{N}]+', ' ');
        return [(v) => `CASE WHEN ${plain(v)} THEN ${v} ELSE trim(${bare(v)}) END`];
      }
      const other = column.kind === 'address' ? '[\\s,，.。;；]' : '[^\\p{L}\\p{N}]';
      return [
        (v) => `CASE WHEN ${d.matches(v, '^[\\p{Han}0-9]+$')} THEN ${v} ELSE lower(${d.replaceAll(v, other, '')}) END`,
        (v) =>
          `CASE WHEN ${d.matches(v, `[${TRADITIONAL}]`)} THEN ${d.translate(v, TRADITIONAL, SIMPLIFIED)} ELSE ${v} END`,
      ];
    }
  }
}

/** Eight digits YYYYMMDD; what cannot be read as a date stays as its digits, so that it can still be near another. */
function dateSql(d: Dialect, v: string, order: 'ymd' | 'dmy' | 'mdy'): string {
  const at = order === 'ymd' ? [1, 2, 3] : order === 'dmy' ? [3, 2, 1] : [3, 1, 2];
  const pattern = order === 'ymd' ? '^(\\d{4})\\D+(\\d{1,2})\\D+(\\d{1,2})' : '^(\\d{1,2})\\D+(\\d{1,2})\\D+(\\d{4})';
  const part = (i: number) => d.extract(v, pattern, at[i]!);
  const two = (i: number) => `lpad(${part(i)}, 2, '0')`;
  const fast =
    order === 'ymd'
      ? `WHEN ${d.matches(v, '^\\d{4}-\\d\\d-\\d\\d$')} THEN substr(${v}, 1, 4) || substr(${v}, 6, 2) || substr(${v}, 9, 2) `
      : '';
  return `CASE WHEN ${v} IS NULL THEN NULL ${fast}WHEN ${d.matches(v, '^\\d{8}$')} THEN ${v} WHEN ${d.matches(v, pattern)} THEN ${part(0)} || ${two(1)} || ${two(2)} ELSE ${d.replaceAll(v, '[^0-9]', '')} END`;
}

/** A value to bring into its common form: the SQL of its text, the name of the answer and what it is. */
export interface RawValue {
  sql: string;
  name: string;
  /** What it is; left out: text that is taken as it is. */
  column?: ColumnModel;
}

/** SQL of a relation of `keep` (select expressions with their names) and the values in their common form, null where there is none. */
export function valuesSql(
  d: Dialect,
  source: string,
  keep: readonly (readonly [string, string])[],
  values: readonly RawValue[],
): string {
  const all = values.map((x): Stage[] => [
    (v) => `CASE WHEN length(${v}) <= 7 AND lower(${v}) IN ${MISSING} THEN NULL ELSE ${v} END`,
    ...(x.column ? stages(d, x.column) : []),
    (v) => `nullif(${v}, '')`,
  ]);
  let sql = `SELECT ${[...keep.map(([e, name]) => `${e} AS ${name}`), ...values.map((x) => `trim(CAST(${x.sql} AS VARCHAR)) AS ${x.name}`)].join(', ')} FROM ${source}`;
  const depth = Math.max(0, ...all.map((s) => s.length));
  for (let k = 0; k < depth; k++) {
    const next = values.map((x, i) => {
      // The last stages stand together, so that kinds with few stages wait at the beginning.
      const stage = all[i]![k - (depth - all[i]!.length)];
      return stage ? `${stage(x.name)} AS ${x.name}` : x.name;
    });
    sql = `SELECT ${[...keep.map(([, name]) => name), ...next].join(', ')} FROM (${sql})`;
  }
  return sql;
}
