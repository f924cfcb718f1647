/** Figures of groups: sums with coverage, growth over the enterprises that can be compared, shares, indicators; withheld where they must be. */

import { INDUSTRY_SECTIONS } from '@jingwei/codes';
import type { Lake } from '../../platform/lake/index.ts';
import { columnOf, type Measure } from './declaration.ts';
import type { Economy } from './load.ts';
import {
  type Asked,
  codesSql,
  enterprisesSql,
  type Filters,
  isWhole,
  justBefore,
  operands,
  parentOf,
  valuesSql,
  withChildren,
  yearBefore,
} from './query.ts';
import { type Made, unsafe, withheld } from './suppress.ts';

/** A figure of a group; null values are withheld or not there (`n` 0). */
export interface Figure {
  value: number | null;
  /** Enterprises that reported, and those that did in this, the last or the year-ago period. */
  n: number | null;
  expected: number | null;
  /** Change against the same period of last year and the period before, in percent, of those who reported in both. */
  yearOnYear: number | null;
  onBefore: number | null;
  withheld: boolean;
}
/** A group with its figures. */
export interface Group {
  code: string;
  figures: Record<string, Figure>;
  indicators: Record<string, { value: number | null; n: number | null; withheld: boolean }>;
}

interface Row extends Record<string, unknown> {
  code: string;
  measure: number;
  n: number;
  expected: number;
  sum: number | null;
  top: number | null;
  both_year: number | null;
  year: number | null;
  n_year: number;
  both_before: number | null;
  before: number | null;
  n_before: number;
}

/** Numbers of measures that were made. */
export async function numbersOf(lake: Pick<Lake, 'query'>): Promise<Map<string, number>> {
  const rows = await lake.query<{ id: string; measure: number }>('SELECT id, measure FROM eco.measure');
  return new Map(rows.map((r) => [r.id, r.measure]));
}

const growth = (now: number | null, then: number | null): number | null =>
  now === null || then === null || then === 0 ? null : Math.round((now / then - 1) * 10_000) / 100;

/** What the whole and each group of a dimension come to. `by` null: the whole only. `detail`: nothing is withheld. */
export async function groupFigures(
  lake: Lake,
  economy: Economy,
  asked: Asked,
  filters: Filters,
  by: string | null,
  detail: boolean,
): Promise<{ total: Group; groups: Group[] }> {
  const numbers = await numbersOf(lake);
  const { measures, indicators } = economy.declaration;
  const made = measures.filter((m) => numbers.has(m.id));
  const idOf = new Map(made.map((m) => [numbers.get(m.id)!, m]));
  const e = enterprisesSql(filters);
  const before = justBefore(asked);
  const base = `WITH e AS (${e.sql}), c AS (SELECT entity, '*' AS code FROM e${by ? ` UNION ALL ${codesSql(by, 'e')}` : ''}),
    t AS (SELECT 0 AS w, * FROM (${valuesSql(made, numbers, asked)}) UNION ALL SELECT 1, * FROM (${valuesSql(made, numbers, yearBefore(asked))})
      ${before ? `UNION ALL SELECT 2, * FROM (${valuesSql(made, numbers, before)})` : ''}),
    p AS (SELECT measure, entity, max(value) FILTER (w = 0) AS v, max(value) FILTER (w = 1) AS y, max(value) FILTER (w = 2) AS b,
      max(parts) FILTER (w = 0) AS vp, max(parts) FILTER (w = 1) AS yp, max(parts) FILTER (w = 2) AS bp FROM t GROUP BY measure, entity)`;
  const rows = await lake.query<Row>(
    `${base} SELECT c.code, p.measure, count(p.v) AS n, count(*) AS expected, sum(p.v) AS sum, max(p.v) AS top,
       sum(p.v) FILTER (p.y IS NOT NULL AND p.vp = p.yp) AS both_year, sum(p.y) FILTER (p.v IS NOT NULL AND p.vp = p.yp) AS year, count(*) FILTER (p.v IS NOT NULL AND p.vp = p.yp) AS n_year,
       sum(p.v) FILTER (p.b IS NOT NULL AND p.vp = p.bp) AS both_before, sum(p.b) FILTER (p.v IS NOT NULL AND p.vp = p.bp) AS before, count(*) FILTER (p.v IS NOT NULL AND p.vp = p.bp) AS n_before
     FROM c JOIN p ON p.entity = c.entity GROUP BY c.code, p.measure`,
    e.params,
  );
  const ratios = await ratiosOf(lake, economy, base, e.params, made, numbers, asked);
  const hidden = detail
    ? new Map<number, Set<string>>()
    : await hiddenCodes(lake, economy, asked, filters, by, rows, idOf, numbers);
  const { fewest } = economy.declaration.confidentiality;
  const groups = new Map<string, Group>();
  const group = (code: string): Group => {
    const known = groups.get(code) ?? { code, figures: {}, indicators: {} };
    groups.set(code, known);
    return known;
  };
  for (const r of rows) {
    const m = idOf.get(r.measure)!;
    const away = hidden.get(r.measure)?.has(r.code) ?? false;
    // What is compared is a figure of its own: of fewer enterprises it is withheld as well.
    const told = (n: number, x: number | null) => (away || (!detail && n < fewest) ? null : x);
    group(r.code).figures[m.id] = {
      ...{ value: away ? null : r.sum, n: away ? null : r.n, expected: away ? null : r.expected, withheld: away },
      yearOnYear: told(r.n_year, growth(r.both_year, r.year)),
      onBefore: told(r.n_before, growth(r.both_before, r.before)),
    };
  }
  for (const { id, code, n, value } of ratios) {
    const formula = indicators.find((i) => i.id === id)!.formula;
    const away =
      !detail &&
      ((n > 0 && n < fewest) || operands(economy, formula).some((m) => hidden.get(numbers.get(m.id)!)?.has(code)));
    group(code).indicators[id] = { value: away ? null : value, n: away ? null : n, withheld: away };
  }
  const total = groups.get('*') ?? { code: '*', figures: {}, indicators: {} };
  groups.delete('*');
  return { total, groups: [...groups.values()] };
}

/** Indicators of every group over the sums of the enterprises that have all of the formula's measures. */
async function ratiosOf(
  lake: Lake,
  economy: Economy,
  base: string,
  params: ReturnType<typeof enterprisesSql>['params'],
  made: readonly Measure[],
  numbers: ReadonlyMap<string, number>,
  asked: Asked,
): Promise<{ id: string; code: string; n: number; value: number | null }[]> {
  const usable = economy.declaration.indicators.filter((i) =>
    operands(economy, i.formula).every((m) => made.includes(m)),
  );
  if (!usable.length) return [];
  const needed = [...new Set(usable.flatMap((i) => operands(economy, i.formula)))];
  const wide = needed.map((m) => `max(v) FILTER (measure = ${numbers.get(m.id)}) AS "${columnOf(m.id)}"`).join(', ');
  const selects = usable.map((i) => {
    const of = operands(economy, i.formula).map((m) => `"${columnOf(m.id)}"`);
    const all = of.map((x) => `${x} IS NOT NULL`).join(' AND ');
    return `SELECT '${i.id}' AS id, code, n, (${i.formula})::DOUBLE AS value FROM (
      SELECT code, count(*) AS n, ${of.map((x) => `sum(${x}) AS ${x}`).join(', ')} FROM w WHERE ${all} GROUP BY code)`;
  });
  return lake.query(
    `${base}, q AS MATERIALIZED (SELECT entity, ${wide} FROM p WHERE v IS NOT NULL AND ${isWhole(made, numbers, asked, 'measure', 'vp')} GROUP BY entity), w AS (SELECT c.code, q.* FROM c JOIN q ON q.entity = c.entity)
     ${selects.join(' UNION ALL ')}`,
    params,
  );
}

/** Codes (and `*` for the whole) that are withheld, by measure. */
async function hiddenCodes(
  lake: Lake,
  economy: Economy,
  asked: Asked,
  filters: Filters,
  by: string | null,
  rows: readonly Row[],
  idOf: ReadonlyMap<number, Measure>,
  numbers: ReadonlyMap<string, number>,
): Promise<Map<number, Set<string>>> {
  const limits = economy.declaration.confidentiality;
  const values = valuesSql([...idOf.values()], numbers, asked);
  const table = (of: Filters, dimensions: readonly string[]) => {
    const e = enterprisesSql(of);
    const names = dimensions.map((d, i) => `c${i} AS (${codesSql(d, 'e')})`);
    const joins = dimensions.map((_, i) => `JOIN c${i} ON c${i}.entity = v.entity`).join(' ');
    return lake.query<{ a: string; b: string; measure: number; n: number; sum: number; top: number }>(
      `WITH e AS (${e.sql}), v AS (${values}), ${names.join(', ')}
       SELECT c0.code AS a, ${dimensions.length > 1 ? 'c1.code' : `'*'`} AS b, v.measure, count(*) AS n, sum(v.value) AS sum, max(v.value) AS top
       FROM v ${joins} GROUP BY ALL`,
      e.params,
    );
  };
  const hidden = new Map<number, Set<string>>([...idOf.keys()].map((n) => [n, new Set<string>()]));
  const own = new Map<number, Map<string, Made>>();
  for (const r of rows) {
    const line = own.get(r.measure) ?? new Map<string, Made>();
    line.set(r.code, { n: r.n, sum: r.sum ?? 0, top: r.top ?? 0 });
    own.set(r.measure, line);
  }
  // The whole and each group are cells of lines along every filter: what is withheld there is withheld here.
  for (const [dimension, code] of filters) {
    const rest = new Map([...filters].filter(([d]) => !withChildren(dimension).includes(d)));
    for (const crossed of by ? [null, by] : [null]) {
      const lines = new Map<string, Map<string, Made>>();
      for (const r of await table(rest, crossed ? [dimension, crossed] : [dimension])) {
        const key = `${r.measure} ${r.b}`;
        const line = lines.get(key) ?? new Map<string, Made>();
        line.set(r.a, r);
        lines.set(key, line);
      }
      for (const [key, line] of lines) {
        const [measure, ...b] = key.split(' ');
        if (withheld(line, limits).has(code)) hidden.get(Number(measure))!.add(b.join(' '));
      }
    }
  }
  for (const [measure, line] of own) {
    const away = hidden.get(measure)!;
    const whole = line.get('*');
    if (away.has('*') || (whole && unsafe(whole, limits))) for (const code of line.keys()) away.add(code);
  }
  if (!by) return hidden;
  const parents = await hiddenParents(lake, economy, asked, filters, by, idOf, numbers, table);
  for (const [measure, line] of own) {
    const away = hidden.get(measure)!;
    // One line per parent, or one of all.
    const lines = new Map<string, Map<string, Made>>();
    for (const [code, x] of line) {
      if (code === '*') continue;
      const parent = parentOf(by) ? parentCode(by, code) : '';
      if (parents.get(measure)?.has(parent)) away.add(code);
      lines.set(parent, (lines.get(parent) ?? new Map()).set(code, x));
    }
    for (const [, one] of lines) for (const code of withheld(one, limits, [...away])) away.add(code);
  }
  return hidden;
}

/** The code one level up. */
function parentCode(dimension: string, code: string): string {
  if (dimension === 'class') return code.slice(0, 3);
  if (dimension === 'group') return code.slice(0, 2);
  return sectionOf(code);
}

const sectionOf = (code: string): string =>
  INDUSTRY_SECTIONS.find(([, low, high]) => Number(code) >= low && Number(code) <= high)?.[0] ?? '';

/** Of a level of industries: which parents are withheld, so that their children are. */
async function hiddenParents(
  lake: Lake,
  economy: Economy,
  asked: Asked,
  filters: Filters,
  by: string,
  idOf: ReadonlyMap<number, Measure>,
  numbers: ReadonlyMap<string, number>,
  table: (
    of: Filters,
    dimensions: readonly string[],
  ) => Promise<{ a: string; b: string; measure: number; n: number; sum: number; top: number }[]>,
): Promise<Map<number, Set<string>>> {
  const parent = parentOf(by);
  const out = new Map<number, Set<string>>([...idOf.keys()].map((n) => [n, new Set<string>()]));
  if (!parent || filters.has(parent)) return out;
  const above = await hiddenParents(lake, economy, asked, filters, parent, idOf, numbers, table);
  const lines = new Map<string, Map<string, Made>>();
  for (const r of await table(filters, [parent])) {
    const up = parentOf(parent) ? parentCode(parent, r.a) : '';
    const key = `${r.measure} ${up}`;
    lines.set(key, (lines.get(key) ?? new Map()).set(r.a, r));
    if (above.get(r.measure)?.has(up) && parentOf(parent)) out.get(r.measure)!.add(r.a);
  }
  for (const [key, line] of lines) {
    const measure = Number(key.split(' ')[0]);
    const away = out.get(measure)!;
    for (const code of withheld(line, economy.declaration.confidentiality, [...away])) away.add(code);
  }
  return out;
}
