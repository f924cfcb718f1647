/** SQL of questions to the figures: which period, which enterprises, by what they are put together. */

import { INDUSTRY_SECTIONS } from '@jingwei/codes';
import type { LakeParams } from '../../platform/lake/index.ts';
import { literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { builtIn, columnOf, type Grain, type Measure, monthsOf } from './declaration.ts';
import type { Economy } from './load.ts';
import { periodWrong, unknownAsked } from './problems.ts';

/** A period that is asked for: a month, quarter, year, or a year to the month (累计). */
export interface Asked {
  grain: Grain | 'ytd';
  /** Number of its first month; of a year to the month, of its last. */
  period: number;
}

/** Reads 2026-10, 2026-Q3, 2026; `ytd` goes with a month. */
export function readPeriod(grain: Asked['grain'], text: string): Asked {
  const month = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  const quarter = /^(\d{4})-Q([1-4])$/.exec(text);
  const year = /^(\d{4})$/.exec(text);
  if ((grain === 'month' || grain === 'ytd') && month)
    return { grain, period: Number(month[1]) * 12 + Number(month[2]) - 1 };
  if (grain === 'quarter' && quarter) return { grain, period: Number(quarter[1]) * 12 + (Number(quarter[2]) - 1) * 3 };
  if (grain === 'year' && year) return { grain, period: Number(year[1]) * 12 };
  throw new Problem(periodWrong, { period: text });
}

/** The other way. */
export function writePeriod({ grain, period }: Asked): string {
  const year = Math.floor(period / 12);
  if (grain === 'year') return String(year);
  if (grain === 'quarter') return `${year}-Q${Math.floor((period % 12) / 3) + 1}`;
  return `${year}-${String((period % 12) + 1).padStart(2, '0')}`;
}

/** The same period of the year before, and the one just before; null where there is none of its own. */
export const yearBefore = (a: Asked): Asked => ({ ...a, period: a.period - 12 });
export function justBefore(a: Asked): Asked | null {
  if (a.grain === 'month') return { ...a, period: a.period - 1 };
  return a.grain === 'quarter' ? { ...a, period: a.period - 3 } : null;
}

/** Conditions on where enterprises belong: dimension → code, the parents of an industry among them. */
export type Filters = ReadonlyMap<string, string>;
const lineage = ['section', 'division', 'group', 'class'] as const;
/** Dimensions above this one. */
export const parentOf = (dimension: string): string | null => {
  const at = lineage.indexOf(dimension as never);
  return at > 0 ? lineage[at - 1]! : null;
};
/** Itself and dimensions below it. */
export const withChildren = (dimension: string): string[] => {
  const at = lineage.indexOf(dimension as never);
  return at < 0 ? [dimension] : lineage.slice(at);
};

/** Reads `town:330282002;section:C`. */
export function readFilters(economy: Economy, text: string | undefined): Filters {
  const filters = new Map<string, string>();
  const known = new Set([...builtIn.map((b) => b.id), ...economy.declaration.dimensions.map((d) => d.id)]);
  for (const part of (text ?? '').split(';').filter(Boolean)) {
    const at = part.indexOf(':');
    const dimension = part.slice(0, at);
    if (at < 1 || !known.has(dimension)) throw new Problem(unknownAsked, { id: part });
    filters.set(dimension, part.slice(at + 1));
  }
  const above = (child: string, of: (code: string) => string | undefined) => {
    const code = filters.get(child);
    const parent = code && code !== '' ? of(code) : undefined;
    if (parent && !filters.has(parentOf(child)!)) filters.set(parentOf(child)!, parent);
  };
  above('class', (c) => c.slice(0, 3));
  above('group', (c) => c.slice(0, 2));
  above('division', (c) => INDUSTRY_SECTIONS.find(([, low, high]) => Number(c) >= low && Number(c) <= high)?.[0]);
  return filters;
}

const isBuiltIn = (dimension: string): boolean => builtIn.some((b) => b.id === dimension);

/** SELECT of the enterprises that meet the filters; parameters `f_<dimension>`. An empty code: those without one. */
export function enterprisesSql(filters: Filters): { sql: string; params: LakeParams } {
  const where = ['true'];
  const params: LakeParams = {};
  for (const [dimension, code] of filters) {
    const name = `f_${columnOf(dimension)}`;
    params[name] = code;
    where.push(
      isBuiltIn(dimension)
        ? `coalesce(e."${dimension}", '') = $${name}`
        : `CASE WHEN $${name} = '' THEN e.entity NOT IN (SELECT entity FROM eco.member WHERE dimension = ${literal(dimension)})
            ELSE e.entity IN (SELECT entity FROM eco.member WHERE dimension = ${literal(dimension)} AND code = $${name}) END`,
    );
  }
  return { sql: `SELECT e.* FROM eco.enterprise e WHERE ${where.join(' AND ')}`, params };
}

/** SELECT (entity, code) of a dimension for the enterprises in `from`. */
export function codesSql(dimension: string, from: string): string {
  return isBuiltIn(dimension)
    ? `SELECT entity, coalesce("${dimension}", '') AS code FROM ${from}`
    : `SELECT x.entity, coalesce(m.code, '') AS code FROM ${from} x LEFT JOIN eco.member m ON m.dimension = ${literal(dimension)} AND m.entity = x.entity`;
}

/** SELECT (measure, entity, value, parts) of a period. `numbers`: measure → its number; measures never made are absent. */
export function valuesSql(measures: readonly Measure[], numbers: ReadonlyMap<string, number>, asked: Asked): string {
  const list = (of: readonly Measure[]) => of.map((m) => numbers.get(m.id)).filter((n) => n !== undefined);
  const plain = list(measures.filter((m) => !m.carry));
  const carried = list(measures.filter((m) => m.carry));
  const months = asked.grain === 'ytd' ? 1 : monthsOf[asked.grain];
  const parts: string[] = [];
  if (asked.grain === 'ytd') {
    const from = asked.period - (asked.period % 12);
    for (const over of ['sum', 'last', 'mean'] as const) {
      const some = list(measures.filter((m) => !m.carry && m.over === over));
      const value = { sum: 'sum(value)', last: 'arg_max(value, period)', mean: 'avg(value)' }[over];
      if (some.length)
        parts.push(`SELECT measure, entity, ${value} AS value, count(*)::INTEGER AS parts FROM eco.figure
          WHERE measure IN (${some.join(', ')}) AND grain = 1 AND period BETWEEN ${from} AND ${asked.period} GROUP BY measure, entity`);
    }
  } else if (plain.length)
    parts.push(`SELECT measure, entity, value, parts::INTEGER AS parts FROM eco.figure
      WHERE measure IN (${plain.join(', ')}) AND grain = ${months} AND period = ${asked.period}`);
  if (carried.length) {
    const end = asked.period + months;
    // Its own period first, then the one that ended last; of two that ended together the shorter.
    parts.push(`SELECT measure, entity, arg_max(value, (grain = ${months} AND period = ${asked.period}, period + grain, -grain)) AS value, 1::INTEGER AS parts
      FROM eco.figure WHERE measure IN (${carried.join(', ')}) AND period + grain <= ${end} AND period + grain > ${end - 24} GROUP BY measure, entity`);
  }
  return parts.join(' UNION ALL ') || 'SELECT 0 AS measure, 0 AS entity, 0::DOUBLE AS value, 0 AS parts WHERE false';
}

/**
 * The same of values that cover the whole period only: what formulas read. Power of two months over sales of twelve would be
 * no ratio. Means and last values stand for their period whatever was reported.
 */
export function wholeSql(measures: readonly Measure[], numbers: ReadonlyMap<string, number>, asked: Asked): string {
  return `SELECT measure, entity, value FROM (${valuesSql(measures, numbers, asked)}) WHERE ${isWhole(measures, numbers, asked, 'measure', 'parts')}`;
}

/** The condition that a value covers its whole period. */
export function isWhole(
  measures: readonly Measure[],
  numbers: ReadonlyMap<string, number>,
  asked: Asked,
  measure: string,
  parts: string,
): string {
  const full = asked.grain === 'ytd' ? (asked.period % 12) + 1 : monthsOf[asked.grain];
  const any = measures.filter((m) => m.carry || m.over !== 'sum').map((m) => numbers.get(m.id));
  return `(${parts} = ${full}${any.length ? ` OR ${measure} IN (${any.filter((n) => n !== undefined).join(', ') || 'NULL'})` : ''})`;
}

/** Measures that a formula reads, in the order of the declaration. */
export function operands(economy: Economy, formula: string): Measure[] {
  const words = new Set(formula.match(/[a-z][a-z0-9_]*/g) ?? []);
  return economy.declaration.measures.filter((m) => words.has(columnOf(m.id)));
}
