/** Points as SQL: an indicator's curve read off in the engine, and the sum with everything that adjusts it. */
import { literal } from '../../platform/lake/index.ts';
import type { Indicator, Model } from './model.ts';

/** A number as SQL reads it exactly as written. */
const num = (n: number): string => `${n}::DOUBLE`;

/**
 * Utility of a value between -1 and 1: linear between the places of the curve (or the last place reached, of steps),
 * constant beyond its ends.
 */
export function utilitySql(indicator: Pick<Indicator, 'curve' | 'shape'>, value: string): string {
  const { curve, shape } = indicator;
  const parts = [`WHEN ${value} <= ${num(curve[0]![0])} THEN ${num(curve[0]![1])}`];
  for (let k = 1; k < curve.length; k++) {
    const [x0, y0] = curve[k - 1]!;
    const [x1, y1] = curve[k]!;
    const between =
      shape === 'step'
        ? num(y0)
        : `${num(y0)} + (${value} - ${num(x0)}) * (${num(y1)} - ${num(y0)}) / (${num(x1)} - ${num(x0)})`;
    parts.push(`WHEN ${value} < ${num(x1)} THEN ${between}`);
  }
  return `CASE ${parts.join(' ')} ELSE ${num(curve.at(-1)![1])} END`;
}

/** The same in JavaScript, for what is told about a declaration (what no record at all gives). */
export function utilityOf(indicator: Pick<Indicator, 'curve' | 'shape'>, value: number): number {
  const { curve, shape } = indicator;
  if (value <= curve[0]![0]) return curve[0]![1];
  for (let k = 1; k < curve.length; k++) {
    const [x0, y0] = curve[k - 1]!;
    const [x1, y1] = curve[k]!;
    if (value < x1) return shape === 'step' ? y0 : y0 + ((value - x0) * (y1 - y0)) / (x1 - x0);
  }
  return curve.at(-1)![1];
}

/** Rounds to the tenths in which points are kept, halves away from zero as SQL does. */
export const tenths = (n: number): number => (Math.sign(n) * Math.round(Math.abs(n) * 10 + 1e-9)) / 10 || 0;

/** Points where the SQL answered nothing. */
export function missingPoints(indicator: Indicator): number {
  if (indicator.missing === 'neutral') return 0;
  if (indicator.missing === 'zero') return tenths(indicator.weight * utilityOf(indicator, 0));
  return tenths(indicator.weight * Math.min(...indicator.curve.map(([, y]) => y)));
}

/** Points of a value that is there, DECIMAL(7,1). */
export const pointsSql = (indicator: Indicator, value: string): string =>
  `round(${num(indicator.weight)} * (${utilitySql(indicator, value)}), 1)::DECIMAL(7,1)`;

/** Points by the indicator's number in the model, from a row with `indicator` and `value`. */
export function pointsCase(model: Model): string {
  const cases = model.indicators.map((i, n) => `WHEN ${n} THEN ${pointsSql(i, 'value')}`);
  return `CASE indicator ${cases.join(' ')} END`;
}

/** A VALUES list (indicator, dimension, missing) of the model. */
export function indicatorValues(model: Model): string {
  const rows = model.indicators.map((i, n) => {
    const dimension = model.dimensions.findIndex((d) => d.id === i.dimension);
    return `(${n}::SMALLINT, ${dimension}, ${missingPoints(i)}::DECIMAL(7,1))`;
  });
  return `(VALUES ${rows.join(', ')}) AS i(indicator, dimension, missing)`;
}

/**
 * Scores out of `sums` (entity, dimension, points) and `fired` (entity, cap, max): every adjustment stands beside the sum
 * that it changes, so that base + sums + adjusted + cap_points + scale_points is the score exactly.
 */
export function totalsSql(model: Model): string {
  const dimensions = model.dimensions.map((_, n) => n);
  const floors = `[${model.dimensions.map((d) => d.floor).join(', ')}]`;
  const ceilings = `[${model.dimensions.map((d) => d.ceiling).join(', ')}]`;
  const pivot = dimensions.map((n) => `coalesce(sum(points) FILTER (WHERE dimension = ${n}), 0)::DECIMAL(7,1)`);
  const { min, max, base } = model.scale;
  return `WITH flat AS (
      SELECT entity, [${pivot.join(', ')}] AS sums FROM sums GROUP BY entity
    ), held AS (
      SELECT entity, sums, list_transform(sums, (x, k) ->
        (least(greatest(x, ${floors}[k]), ${ceilings}[k]) - x)::DECIMAL(7,1)) AS adjusted FROM flat
    ), added AS (
      SELECT *, (${base} + list_sum(sums) + list_sum(adjusted))::DECIMAL(7,1) AS total FROM held
    ), lowest AS (
      SELECT entity, min(max) AS max, arg_min(cap, (max, cap)) AS cap FROM fired GROUP BY entity
    ), capped AS (
      SELECT a.*, CASE WHEN l.max < a.total THEN l.cap END AS cap,
        (coalesce(least(l.max, a.total), a.total) - a.total)::DECIMAL(7,1) AS cap_points
      FROM added a LEFT JOIN lowest l ON l.entity = a.entity
    )
    SELECT entity, least(greatest(total + cap_points, ${min}), ${max})::DECIMAL(7,1) AS score, sums, adjusted, cap, cap_points,
      (least(greatest(total + cap_points, ${min}), ${max}) - total - cap_points)::DECIMAL(7,1) AS scale_points
    FROM capped`;
}

/** Grade of a score column. */
export const gradeSql = (model: Pick<Model, 'grades'>, score: string): string =>
  `CASE ${model.grades.map((g) => `WHEN ${score} >= ${g.from} THEN ${literal(g.grade)}`).join(' ')} END`;
