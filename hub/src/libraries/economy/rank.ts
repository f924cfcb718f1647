/** Enterprises in the order of a measure or an indicator, and a measure over time. */
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { columnOf, type Grain, monthsOf } from './declaration.ts';
import { numbersOf } from './figures.ts';
import { type Economy, measureOf } from './load.ts';
import { unknownAsked } from './problems.ts';
import { type Asked, enterprisesSql, type Filters, operands, valuesSql, wholeSql } from './query.ts';
import { periodOf } from './sheet.ts';
import { unsafe } from './suppress.ts';

/** A page of enterprises with all their values of the period. Those without what is ordered by are not listed. */
export async function rankEnterprises(
  lake: Lake,
  economy: Economy,
  asked: Asked,
  filters: Filters,
  q: { order: string; direction: 'more' | 'less'; q?: string | undefined; offset: number; limit: number },
) {
  const { measures, indicators } = economy.declaration;
  const numbers = await numbersOf(lake);
  const made = measures.filter((m) => numbers.has(m.id));
  const usable = indicators.filter((i) => operands(economy, i.formula).every((m) => made.includes(m)));
  if (![...made, ...usable].some((x) => x.id === q.order)) throw new Problem(unknownAsked, { id: q.order });
  const e = enterprisesSql(filters);
  const wide = made.map((m) => `max(value) FILTER (measure = ${numbers.get(m.id)}) AS "${columnOf(m.id)}"`).join(', ');
  const named = q.q ? ` WHERE contains(e.name, $q)` : '';
  const params = { ...e.params, ...(q.q ? { q: q.q } : {}) };
  // Values as they were reported; formulas over those that cover the whole period.
  const pivot = (sql: string) => `SELECT entity, ${wide} FROM (${sql}) GROUP BY entity`;
  const ratios = usable.map((i) => `, (${i.formula})::DOUBLE AS "${columnOf(i.id)}"`).join('');
  const from = `(SELECT w.*, r.* EXCLUDE (entity) FROM (${pivot(valuesSql(made, numbers, asked))}) w
    LEFT JOIN (SELECT entity${ratios} FROM (${pivot(wholeSql(made, numbers, asked))})) r ON r.entity = w.entity)`;
  const order = `"${columnOf(q.order)}"`;
  const sql = `SELECT v.*, e.name, e.town, e.class, rank() OVER (ORDER BY v.${order} ${q.direction === 'more' ? 'DESC' : 'ASC'}) AS rank
    FROM ${from} v JOIN (${e.sql}) e ON e.entity = v.entity WHERE v.${order} IS NOT NULL`;
  const picked = `SELECT * FROM (${sql}) e${named}`;
  const total = (await lake.first<{ n: number }>(`SELECT count(*) AS n FROM (${picked})`, params))!.n;
  const rows = await lake.query<{
    entity: number;
    name: string | null;
    town: string | null;
    class: string | null;
    rank: number;
  }>(`${picked} ORDER BY rank, entity LIMIT ${q.limit} OFFSET ${q.offset}`, params);
  const value = (r: Record<string, unknown>, id: string) =>
    typeof r[columnOf(id)] === 'number' ? (r[columnOf(id)] as number) : null;
  return {
    total,
    items: rows.map((r) => ({
      ...{ entity: r.entity, name: r.name, town: r.town, class: r.class, rank: r.rank },
      values: Object.fromEntries(made.map((m) => [m.id, value(r, m.id)])),
      indicators: Object.fromEntries(usable.map((i) => [i.id, value(r, i.id)])),
    })),
  };
}

/** A measure over time for the enterprises of the filters. Points of too few enterprises are withheld without the right to detail. */
export async function seriesOf(
  lake: Lake,
  economy: Economy,
  id: string,
  grain: Grain,
  filters: Filters,
  detail: boolean,
) {
  const m = measureOf(economy, id);
  if (!m) throw new Problem(unknownAsked, { id });
  const number = (await numbersOf(lake)).get(id);
  const e = enterprisesSql(filters);
  const rows =
    number === undefined
      ? []
      : await lake.query<{ period: number; n: number; sum: number; top: number }>(
          `SELECT f.period, count(*) AS n, sum(f.value) AS sum, max(f.value) AS top FROM eco.figure f JOIN (${e.sql}) e ON e.entity = f.entity
           WHERE f.measure = ${number} AND f.grain = ${monthsOf[grain]} GROUP BY f.period ORDER BY f.period DESC LIMIT 60`,
          e.params,
        );
  // A filtered line could be subtracted from another one: without the right to detail lines of one filter at most are told.
  const closed = !detail && filters.size > 1 && [...filters.keys()].some((d) => !['section', 'division'].includes(d));
  return {
    measure: { id: m.id, title: m.title, unit: m.unit, decimals: m.decimals },
    points: rows.reverse().map((r) => {
      const away =
        !detail && (closed || unsafe(r, economy.declaration.confidentiality) || (filters.size > 0 && r.n < 10));
      return {
        period: periodOf(monthsOf[grain], r.period),
        value: away ? null : r.sum,
        n: away ? null : r.n,
        withheld: away,
      };
    }),
  };
}
