/** Gradings (亩均论英雄): every enterprise's score by the declared formula, its grade by rank and rule, with the parts of the reckoning. */
import type { Lake } from '../../platform/lake/index.ts';
import { literal } from '../../platform/lake/index.ts';
import { columnOf, type Grading } from './declaration.ts';
import { numbersOf } from './figures.ts';
import type { Economy } from './load.ts';
import { enterprisesSql, type Filters, operands, wholeSql } from './query.ts';

/** An enterprise as it is graded. `rule`: number of the rule that decided, or null. */
export interface Graded extends Record<string, unknown> {
  entity: number;
  name: string | null;
  town: string | null;
  class: string | null;
  score: number | null;
  rank: number;
  grade: string;
  rule: number | null;
}

/**
 * SELECT of all who are graded in a year: entity, name, town, class, the indicators by column, `city_…`, score, rank, grade,
 * rule. Who lacks a part of the formula has no score and stands last. Null when a measure was never made.
 */
async function gradedSql(lake: Lake, economy: Economy, grading: Grading, year: number): Promise<string | null> {
  const numbers = await numbersOf(lake);
  const words = new Set([grading.score, ...grading.rules.map((r) => r.when)].join(' ').match(/[a-z][a-z0-9_]*/g) ?? []);
  const indicators = economy.declaration.indicators.filter(
    (i) => words.has(columnOf(i.id)) || words.has(`city_${columnOf(i.id)}`),
  );
  const needed = economy.declaration.measures.filter(
    (m) =>
      grading.measures.includes(m.id) ||
      words.has(columnOf(m.id)) ||
      indicators.some((i) => operands(economy, i.formula).includes(m)),
  );
  if (needed.some((m) => !numbers.has(m.id))) return null;
  const wide = needed
    .map((m) => `max(v.value) FILTER (v.measure = ${numbers.get(m.id)}) AS "${columnOf(m.id)}"`)
    .join(', ');
  const must = grading.measures.map((id) => `"${columnOf(id)}" IS NOT NULL`).join(' AND ');
  const each = indicators.map((i) => `(${i.formula})::DOUBLE AS "${columnOf(i.id)}"`).join(', ');
  // Of all together: over the sums of those who have every part.
  const whole = indicators.map((i) => {
    const of = operands(economy, i.formula).map((m) => `"${columnOf(m.id)}"`);
    const all = of.map((x) => `${x} IS NOT NULL`).join(' AND ');
    return `(SELECT (${i.formula})::DOUBLE FROM (SELECT ${of.map((x) => `sum(${x}) FILTER (${all}) AS ${x}`).join(', ')} FROM graded)) AS "city_${columnOf(i.id)}"`;
  });
  const sections = grading.sections.length ? `e.section IN (${grading.sections.map(literal).join(', ')})` : 'true';
  let share = 0;
  const bounds = grading.grades.map((g) => {
    share += g.share;
    return `WHEN 100.0 * (place - 1) / n < ${share} THEN ${literal(g.grade)}`;
  });
  const rules = grading.rules.map((r, i) => `WHEN (${r.when}) THEN ${i}`).join(' ');
  return `WITH v AS (${wholeSql(needed, numbers, { grain: 'year', period: year * 12 })}),
    wide AS (SELECT v.entity, ${wide} FROM v GROUP BY v.entity),
    graded AS (SELECT w.*, e.name, e.town, e.class FROM wide w JOIN eco.enterprise e ON e.entity = w.entity WHERE ${must} AND ${sections}),
    rated AS (SELECT entity, name, town, class, ${needed.map((m) => `"${columnOf(m.id)}"`).join(', ')}${each ? `, ${each}` : ''} FROM graded),
    city AS (SELECT r.*${whole.length ? `, ${whole.join(', ')}` : ''} FROM rated r),
    scored AS (SELECT *, round((${grading.score})::DOUBLE, 2) AS score, ${rules ? `CASE ${rules} END` : 'NULL::INTEGER'} AS rule FROM city),
    placed AS (SELECT *, rank() OVER (ORDER BY score DESC NULLS LAST) AS place, count(*) OVER () AS n FROM scored)
    SELECT * EXCLUDE (place, n), place AS rank, CASE ${grading.rules.map((r, i) => `WHEN rule = ${i} THEN ${literal(r.grade)}`).join(' ')}
      ${bounds.join(' ')} ELSE ${literal(grading.grades.at(-1)!.grade)} END AS grade FROM placed`;
}

/** What is asked of a grading. */
export interface GradeQuery {
  year: number;
  filters: Filters;
  grade?: string | undefined;
  offset: number;
  limit: number;
}

/** How many are in each grade and what they are worth, and a page of who they are. */
export async function readGrading(lake: Lake, economy: Economy, grading: Grading, q: GradeQuery) {
  const sql = await gradedSql(lake, economy, grading, q.year);
  if (!sql) return { total: 0, grades: [], items: [], city: {} as Record<string, number | null> };
  const e = enterprisesSql(q.filters);
  // Graded are all; the filters choose who of them is looked at.
  const from = `(${sql}) g WHERE g.entity IN (SELECT entity FROM (${e.sql}))`;
  const shown = economy.declaration.indicators.filter((i) => new RegExp(`\\b${columnOf(i.id)}\\b`).test(grading.score));
  const grades = await lake.query<{ grade: string; n: number; land: number | null; tax: number | null }>(
    `SELECT grade, count(*) AS n${grading.measures.includes('land') ? ', sum(land) AS land' : ', NULL::DOUBLE AS land'}${grading.measures.includes('tax') ? ', sum(tax) AS tax' : ', NULL::DOUBLE AS tax'}
     FROM ${from} GROUP BY grade ORDER BY grade`,
    e.params,
  );
  const only = q.grade ? ' AND g.grade = $grade' : '';
  const params = { ...e.params, ...(q.grade ? { grade: q.grade } : {}) };
  const counted = await lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${from}${only}`, params);
  const rows = await lake.query<Graded>(
    `SELECT * FROM ${from}${only} ORDER BY g.rank, g.entity LIMIT ${q.limit} OFFSET ${q.offset}`,
    params,
  );
  const first = rows[0];
  const value = (x: unknown) => (typeof x === 'number' ? x : null);
  return {
    total: counted!.n,
    grades,
    city: Object.fromEntries(shown.map((i) => [i.id, value(first?.[`city_${columnOf(i.id)}`])])),
    items: rows.map((r) => ({
      ...{ entity: r.entity, name: r.name, town: r.town, class: r.class, score: r.score, rank: r.rank, grade: r.grade },
      rule: r.rule,
      indicators: Object.fromEntries(shown.map((i) => [i.id, value(r[columnOf(i.id)])])),
    })),
  };
}

/** What one enterprise is graded in a year, or null. */
export async function gradeOf(lake: Lake, economy: Economy, grading: Grading, year: number, entity: number) {
  const sql = await gradedSql(lake, economy, grading, year);
  if (!sql) return null;
  const row = await lake.first<Graded & { n: number }>(
    `SELECT * FROM (SELECT g.*, count(*) OVER () AS n FROM (${sql}) g) WHERE entity = $entity`,
    { entity },
  );
  return row ? { score: row.score, rank: row.rank, of: row.n, grade: row.grade, rule: row.rule } : null;
}
