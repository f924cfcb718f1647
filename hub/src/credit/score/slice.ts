/**
 * The steps that every scoring shares, whether of everyone or of those who changed: facts put where declared SQL looks for
 * them, values asked, points written where they differ from what stood, sums of everything that is one enterprise's.
 */

import { type ClassFields, recordSelect, recordView } from '../../libraries/index.ts';
import { type Lake, type LakeSession, literal } from '../../platform/lake/index.ts';
import type { Indicator, Model } from './model.ts';
import { indicatorValues, pointsCase, totalsSql } from './points.ts';

/** An indicator with its number in the model. */
export type Numbered = Indicator & { number: number };

/** Columns of a table of what indicators found. */
export const FOUND_COLUMNS = '(indicator SMALLINT, entity INTEGER, value DOUBLE, n INTEGER, facts BIGINT[])';

/** Neighbouring enterprises with about as many facts each slice: the first and last number of each. */
export async function sliceBounds(lake: Pick<Lake, 'query'>, facts: number): Promise<[number, number][]> {
  const rows = await lake.query<{ low: number; high: number }>(
    `SELECT min(entity) AS low, max(entity) AS high FROM (
       SELECT entity, ((sum(coalesce(facts, 0) + 1) OVER (ORDER BY entity)) // ${facts})::INTEGER AS slice FROM v.legal_person_v1)
     GROUP BY slice ORDER BY 1`,
  );
  // Gaps between slices belong to the later one, so that nobody who comes meanwhile falls between.
  return rows.map((r, n) => [n === 0 ? 1 : rows[n - 1]!.high + 1, r.high]);
}

/** Asks an indicator and keeps what it found. */
export const insertValues = (into: string, indicator: number, sql: string): string =>
  `INSERT INTO ${into} SELECT ${indicator}, entity, value::DOUBLE, n::INTEGER, list_sort(facts, 'DESC')[:12]
   FROM (${sql.replace(/;\s*$/, '')}\n) WHERE entity > 0 AND value IS NOT NULL AND isfinite(value::DOUBLE)`;

/** Views that are staged for a slice; the rest of `v.*` is read as it is. */
const STAGED = /\bv\.(record_\w+_v1|legal_person_v1|legal_person_relation_v1)\b/g;

/** Declared SQL over what {@link stage} put there. */
export const sliced = (sql: string): string => sql.replace(STAGED, 'temp.$1');

/**
 * Puts the facts, enterprises and relations of those for whom `within` holds where the declared SQL will look for them: each
 * class as a table of its own, so that a fact is taken apart once however many indicators ask for its class.
 *
 * @param within a condition on `entity`
 * @param asks whether a field is asked for by anybody
 */
export async function stage(
  s: LakeSession,
  used: readonly ClassFields[],
  asks: (field: string) => boolean,
  within: string,
): Promise<void> {
  const list = used.map((c) => c.class).join(', ') || '0';
  // In order of class, so that each class reads its own blocks only.
  await s.run(`CREATE OR REPLACE TEMP TABLE slice_fact AS SELECT entity, class, day, fact, amount, run, payload
    FROM v.legal_person_fact_v1 WHERE ${within} AND class IN (${list}) ORDER BY class`);
  for (const c of used) {
    await s.run(`CREATE OR REPLACE TEMP TABLE ${recordView(c.source)} AS ${recordSelect(c, 'temp.slice_fact', asks)}`);
  }
  for (const view of ['legal_person_v1', 'legal_person_relation_v1']) {
    await s.run(`CREATE OR REPLACE TEMP TABLE ${view} AS SELECT * FROM v.${view} WHERE ${within}`);
  }
}

/** What stood of points before a run, of one version, for whom `which` holds: `CREATE TEMP TABLE last_point`. */
export const lastPoints = (model: Model, version: number, run: number, which: string): string =>
  `CREATE OR REPLACE TEMP TABLE last_point AS
    SELECT entity, indicator, arg_max(struct_pack(value := value, points := points, n := n, facts := facts), run) AS p
    FROM cs.point WHERE model = ${literal(model.model)} AND version = ${version} AND run < ${run} AND ${which}
    GROUP BY entity, indicator`;

/** Points of what was found of `people`: `CREATE TEMP TABLE now_point`. */
export const nowPoints = (model: Model): string => `CREATE OR REPLACE TEMP TABLE now_point AS
    SELECT f.entity, f.indicator, f.value, ${pointsCase(model)} AS points, f.n, f.facts
    FROM found f WHERE f.entity IN (SELECT entity FROM people)`;

/** Writes the points that differ from those that stood; answers how many. */
export async function writePoints(s: LakeSession, model: Model, version: number, run: number): Promise<number> {
  return s.run(`INSERT INTO cs.point
    SELECT ${literal(model.model)}, ${version}, ${run}, coalesce(x.entity, l.entity), coalesce(x.indicator, l.indicator),
      x.value, x.points, x.n, x.facts
    FROM now_point x FULL JOIN last_point l ON l.entity = x.entity AND l.indicator = x.indicator
    WHERE (l.entity IS NULL OR x.value IS DISTINCT FROM l.p.value OR x.points IS DISTINCT FROM l.p.points
      OR x.n IS DISTINCT FROM l.p.n OR x.facts IS DISTINCT FROM l.p.facts)
    ORDER BY 4, 5`);
}

/** Sums of `people` out of `points`, with caps and everything that adjusts them, as rows of `cs.raw`. */
export async function writeSums(s: LakeSession, model: Model, run: number, points: string, people: string) {
  await totals(s, model, points, people);
  await s.run(`INSERT INTO cs.raw SELECT ${run}, * FROM (${totalsSql(model)}) ORDER BY entity`);
}

/** Makes `sums` and `fired`, which {@link totalsSql} reads, out of points (entity, indicator, value, points). */
export async function totals(s: LakeSession, model: Model, points: string, people: string): Promise<void> {
  await s.run(`CREATE OR REPLACE TEMP TABLE sums AS
    SELECT p.entity, i.dimension, sum(coalesce(x.points, i.missing)) AS points
    FROM ${people} p CROSS JOIN ${indicatorValues(model)}
    LEFT JOIN ${points} x ON x.entity = p.entity AND x.indicator = i.indicator
    GROUP BY p.entity, i.dimension`);
  const caps = model.caps.map((c) => {
    const n = model.indicators.findIndex((i) => i.id === c.indicator);
    return `SELECT entity, ${literal(c.id)} AS cap, ${c.max}::DECIMAL(7,1) AS max FROM ${points} WHERE indicator = ${n} AND value >= ${c.from}`;
  });
  const fired = caps.length
    ? caps.join(' UNION ALL ')
    : `SELECT 0 AS entity, '' AS cap, 0::DECIMAL(7,1) AS max WHERE false`;
  await s.run(`CREATE OR REPLACE TEMP TABLE fired AS ${fired}`);
}
