/** An enterprise's sheet and the origin of a figure, with the names of sources. */
import { divisionAt, industryAt } from '@jingwei/codes';
import type { Catalogue } from '../../catalogue/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { columnOf, type Grain, monthsOf } from './declaration.ts';
import { groupFigures, numbersOf } from './figures.ts';
import { gradeOf } from './grading.ts';
import { type Economy, measureOf } from './load.ts';
import { enterpriseUnknown, unknownAsked } from './problems.ts';
import { operands, readPeriod, wholeSql } from './query.ts';
import { readSheet, whyFigure } from './sheet.ts';

/** The rule by which a figure is chosen, in words. */
const rule = {
  zh: '多个来源都覆盖整个报告期时，取声明级别最高者，级别相同取最近者；只覆盖一部分的，在没有完整来源时采用。未通过审核的值不采用。',
  en: 'Of sources that cover the whole period the one of the most trusted declared rank, among equals the latest; one that covers a part only where none covers all. Doubtful values are never used.',
};

const titleOf = (catalogue: Catalogue, source: string) =>
  catalogue.sources.get(source)?.declaration.title ?? { zh: source, en: source };

/** Everything of one enterprise: figures, indicators beside the city's, grades of the last years. */
export async function sheetOf(lake: Lake, economy: Economy, catalogue: Catalogue, entity: number) {
  const own = await lake.first<{
    name: string | null;
    town: string | null;
    class: string | null;
    division: string | null;
    form: string | null;
  }>('SELECT name, town, class, division, form FROM eco.enterprise WHERE entity = $entity', { entity });
  if (!own) throw new Problem(enterpriseUnknown, { entity });
  const sheet = await readSheet(lake, economy, entity);
  const years = [
    ...new Set(sheet.measures.flatMap((m) => m.figures.filter((f) => f.grain === 'year').map((f) => f.period))),
  ]
    .sort()
    .slice(-3);
  const grades = [];
  for (const g of economy.declaration.gradings)
    for (const year of years) {
      const grade = await gradeOf(lake, economy, g, Number(year), entity);
      if (grade) grades.push({ grading: g.id, title: g.title, year, ...grade, rule: undefined });
    }
  const named = <T extends { source: string }>(x: T) => ({ ...x, sourceTitle: titleOf(catalogue, x.source) });
  return {
    ...{ entity, name: own.name, town: own.town ? (divisionAt(own.town)?.name ?? own.town) : null, form: own.form },
    industry: own.class
      ? (industryAt(own.class)?.name ?? own.class)
      : own.division
        ? (industryAt(own.division)?.name ?? null)
        : null,
    belongs: sheet.members.map((m) => ({
      ...{ dimension: m.dimension, code: m.code, name: m.title },
      title: economy.declaration.dimensions.find((d) => d.id === m.dimension)?.title ?? {
        zh: m.dimension,
        en: m.dimension,
      },
    })),
    measures: sheet.measures.filter((m) => m.figures.length > 0),
    indicators: await indicatorsOf(lake, economy, entity, years),
    grades: grades.map(({ rule: _, ...g }) => g),
    contradictions: sheet.contradictions.map(named),
    doubts: sheet.doubts.map(named),
    history: sheet.history.map(named),
  };
}

/** Indicators of an enterprise by year, beside those of all enterprises together. */
async function indicatorsOf(lake: Lake, economy: Economy, entity: number, years: readonly string[]) {
  const numbers = await numbersOf(lake);
  const made = economy.declaration.measures.filter((m) => numbers.has(m.id));
  const usable = economy.declaration.indicators.filter((i) =>
    operands(economy, i.formula).every((m) => made.includes(m)),
  );
  const out = usable.map((i) => ({
    ...{ id: i.id, title: i.title, unit: i.unit, decimals: i.decimals },
    values: [] as { period: string; value: number | null; city: number | null }[],
  }));
  for (const year of years) {
    const asked = readPeriod('year', year);
    const wide = made
      .map((m) => `max(value) FILTER (measure = ${numbers.get(m.id)}) AS "${columnOf(m.id)}"`)
      .join(', ');
    const row = usable.length
      ? await lake.first<Record<string, number | null>>(
          `SELECT ${usable.map((i) => `(${i.formula})::DOUBLE AS "${columnOf(i.id)}"`).join(', ')} FROM
            (SELECT ${wide} FROM (${wholeSql(made, numbers, asked)}) WHERE entity = $entity)`,
          { entity },
        )
      : undefined;
    const { total } = await groupFigures(lake, economy, asked, new Map(), null, true);
    for (const o of out)
      o.values.push({
        period: year,
        value: row?.[columnOf(o.id)] ?? null,
        city: total.indicators[o.id]?.value ?? null,
      });
  }
  return out.filter((o) => o.values.some((v) => v.value !== null));
}

/** Why a figure is what it is. */
export async function whyOf(
  lake: Lake,
  economy: Economy,
  catalogue: Catalogue,
  entity: number,
  q: { measure: string; grain: Grain; period: string },
) {
  const m = measureOf(economy, q.measure);
  if (!m) throw new Problem(unknownAsked, { id: q.measure });
  const { period } = readPeriod(q.grain, q.period);
  const { figure, said } = await whyFigure(lake, economy, m, entity, monthsOf[q.grain], period);
  return {
    ...{ measure: { id: m.id, title: m.title, unit: m.unit, decimals: m.decimals }, period: q.period, figure, rule },
    said: said.map((s) => {
      const field = catalogue.sources.get(s.source)?.declaration.fields.find((f) => f.name === s.field);
      return {
        ...{ ...s, sourceTitle: titleOf(catalogue, s.source) },
        ...{ fieldTitle: field?.title ?? { zh: s.field, en: s.field }, unit: field?.unit ?? null },
      };
    }),
  };
}
