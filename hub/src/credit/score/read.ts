/** Reading scores: of one enterprise with the reason of every point, over time, and ranked with names. */

import type { z } from 'zod';
import { recordView } from '../../libraries/index.ts';
import type { Lake, LakeParams } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Metadata } from '../metadata.ts';
import { enterpriseUnknown } from '../problems.ts';
import { divisionName, sectionName } from '../titles.ts';
import type { Viewer } from '../view.ts';
import type { enterpriseScore, rankingAnswer, rankingQuery, scoreHistory } from './api.ts';
import { type ModelDeclaration, modelSchema } from './model.ts';
import { missingPoints } from './points.ts';
import { modelUnknown, notScored, runUnknown } from './problems.ts';

/** A whole run. */
export interface RunRow extends Record<string, unknown> {
  run: number;
  model: string;
  version: number;
  day: string;
  finished: string;
  entities: number;
  unavailable: string;
}

/** A version of a model as the hub recorded it. */
export interface RecordedModel extends ModelDeclaration {
  sql: Record<string, string>;
}

const RUN =
  'SELECT run, model, version, day, finished, entities, unavailable FROM v.credit_score_run_v1 WHERE finished IS NOT NULL';

/** The run that is meant: a named one, else the newest of the model (the default model when none is named). */
export async function runOf(
  lake: Lake,
  asked: { model?: string | undefined; run?: number | undefined },
): Promise<RunRow | null> {
  if (asked.run !== undefined) {
    const found = await lake.first<RunRow>(`${RUN} AND run = $run`, { run: asked.run });
    if (!found) throw new Problem(runUnknown, { run: asked.run });
    return found;
  }
  const found = await lake.first<RunRow>(
    `${RUN} ${asked.model ? 'AND model = $model' : ''} ORDER BY day DESC, run DESC LIMIT 1`,
    asked.model ? { model: asked.model } : {},
  );
  if (!found && asked.model) throw new Problem(modelUnknown, { model: asked.model });
  return found ?? null;
}

/** The declaration of a version, however long ago it was replaced. */
export async function recordedModel(lake: Lake, model: string, version: number): Promise<RecordedModel> {
  const row = await lake.first<{ declaration: string }>(
    'SELECT declaration FROM cs.model WHERE model = $model AND version = $version',
    { model, version },
  );
  if (!row) throw new Problem(modelUnknown, { model });
  const { sql, populationSql: _p, ...declared } = JSON.parse(row.declaration);
  return { ...modelSchema.parse(declared), sql };
}

interface ScoreRow extends Record<string, unknown> {
  score: string;
  grade: string;
  town: string | null;
  industry: string | null;
  rank_city: number;
  of_city: number;
  rank_town: number;
  of_town: number;
  rank_industry: number;
  of_industry: number;
  change: string | null;
  grade_before: string | null;
  sums: string[];
  adjusted: string[];
  cap: string | null;
  cap_points: string;
  scale_points: string;
}

/** The classes that a text of SQL reads, by the names of their views. */
export async function classesReadBy(metadata: Metadata, sql: string) {
  const names = new Set([...sql.matchAll(/\bv\.(record_\w+_v1)\b/g)].map((m) => m[1]!));
  return [...(await metadata.classes()).values()].filter((c) => names.has(recordView(c.source)));
}

/** How a place in a ranking is told. */
export interface RankRules {
  /** Whoever may see the ranking with names may know every place in it. */
  exact: boolean;
  /** The least number of enterprises of a group that is told of. */
  k: number;
}

/** A place: exact in a large group, the quarter in a small one, nothing in one of fewer than four times `k`. */
export function placed(rank: number, of: number, { exact, k }: RankRules) {
  if (exact || of >= 10 * k) return { rank, of, band: null };
  if (of < 4 * k) return { rank: null, of: of < k ? null : of, band: null };
  const quarter = Math.min(3, Math.floor((4 * (rank - 1)) / of));
  return { rank: null, of, band: { from: 25 * quarter, to: 25 * (quarter + 1) } };
}

/**
 * One enterprise's score with every line that it is the sum of. What an indicator found is hidden from somebody who may
 * not see a class that it reads; its points stay, so that the sum can always be followed.
 */
export async function scoreOf(
  ports: { lake: Lake; metadata: Metadata },
  viewer: Viewer,
  entity: number,
  asked: { model?: string | undefined; run?: number | undefined } & RankRules,
): Promise<z.input<typeof enterpriseScore>> {
  const { lake, metadata } = ports;
  const known = await lake.first('SELECT 1 AS one FROM v.legal_person_v1 WHERE entity = $entity', { entity });
  if (!known) throw new Problem(enterpriseUnknown, { entity });
  const run = await runOf(lake, asked);
  const row = run
    ? await lake.first<ScoreRow>('SELECT * FROM cs.score WHERE run = $run AND entity = $entity', {
        run: run.run,
        entity,
      })
    : undefined;
  if (!run || !row) throw new Problem(notScored, { entity });
  const [model, points] = await Promise.all([
    recordedModel(lake, run.model, run.version),
    lake.query<{
      indicator: number;
      value: number | null;
      points: string | null;
      n: number | null;
      facts: (number | bigint)[] | null;
      run: number;
    }>(
      `SELECT indicator, value, points, n, facts, run FROM cs.point
       WHERE entity = $entity AND model = $model AND version = $version AND run <= $run
       QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY run DESC) = 1`,
      { entity, model: run.model, version: run.version, run: run.run },
    ),
  ]);
  const byNumber = new Map(points.map((p) => [p.indicator, p]));
  const unavailable = new Set(run.unavailable.split(',').filter(Boolean));
  const reasons = await Promise.all(
    model.indicators.map(async (i, n) => {
      const found = byNumber.get(n);
      const classes = await classesReadBy(metadata, model.sql[i.id] ?? '');
      const hidden = classes.some(
        (c) => viewer.see({ level: c.level, owner: c.owner, protection: 'internal' }) === 'hidden',
      );
      const there = found?.value !== null && found?.value !== undefined;
      return {
        indicator: i.id,
        dimension: i.dimension,
        title: i.title,
        unit: i.unit,
        direction: i.direction,
        weight: i.weight,
        curve: i.curve,
        shape: i.shape,
        missing: i.missing,
        state: unavailable.has(i.id) ? ('unavailable' as const) : there ? ('found' as const) : ('nothing' as const),
        hidden,
        value: hidden || !there ? null : found.value,
        points: there && found.points !== null ? Number(found.points) : missingPoints(i),
        count: hidden ? null : (found?.n ?? 0),
        facts: hidden ? [] : (found?.facts ?? []).map(String),
        classes: hidden ? [] : classes.map((c) => ({ class: c.class, title: c.title, category: c.category })),
      };
    }),
  );
  await viewer.record('credit.score', `legal-person/${entity}`, {
    model: run.model,
    version: run.version,
    run: run.run,
  });
  const cap = model.caps.find((c) => c.id === row.cap);
  const adjustments = model.dimensions.flatMap((d, n) =>
    Number(row.adjusted[n]) === 0
      ? []
      : [{ kind: 'dimension' as const, id: d.id, title: d.title, points: Number(row.adjusted[n]) }],
  );
  return {
    entity,
    model: {
      model: model.model,
      version: run.version,
      edition: model.edition,
      title: model.title,
      scale: model.scale,
      grades: model.grades,
    },
    run: run.run,
    day: run.day,
    score: Number(row.score),
    grade: row.grade,
    change: row.change === null ? null : Number(row.change),
    gradeBefore: row.grade_before,
    ranks: {
      city: placed(row.rank_city, row.of_city, asked),
      town: row.town
        ? { ...placed(row.rank_town, row.of_town, asked), code: row.town, title: divisionName(row.town) }
        : null,
      industry: row.industry
        ? { ...placed(row.rank_industry, row.of_industry, asked), code: row.industry, title: sectionName(row.industry) }
        : null,
    },
    dimensions: model.dimensions.map((d, n) => ({
      ...d,
      points: Number((Number(row.sums[n]) + Number(row.adjusted[n])).toFixed(1)),
    })),
    reasons,
    adjustments: [
      ...adjustments,
      ...(cap ? [{ kind: 'cap' as const, id: cap.id, title: cap.title, points: Number(row.cap_points) }] : []),
      ...(Number(row.scale_points) === 0
        ? []
        : [
            {
              kind: 'scale' as const,
              id: 'scale',
              title: { zh: '量程限制', en: "Scale's end" },
              points: Number(row.scale_points),
            },
          ]),
    ],
  };
}

/** Scores of one enterprise over all runs of a model: the last of each day. */
export async function historyOf(
  lake: Lake,
  entity: number,
  model: string | undefined,
): Promise<z.input<typeof scoreHistory>> {
  const run = await runOf(lake, { model });
  if (!run) return { entity, scores: [] };
  const rows = await lake.query<{
    run: number;
    version: number;
    day: string;
    score: string;
    grade: string;
    rank_city: number;
    of_city: number;
  }>(
    `SELECT run, version, day, score, grade, rank_city, of_city FROM v.credit_score_v1
     WHERE entity = $entity AND model = $model QUALIFY row_number() OVER (PARTITION BY day ORDER BY run DESC) = 1 ORDER BY day`,
    { entity, model: run.model },
  );
  return {
    entity,
    scores: rows.map((r) => ({
      run: r.run,
      version: r.version,
      day: r.day,
      score: Number(r.score),
      grade: r.grade,
      rank: r.rank_city,
      of: r.of_city,
    })),
  };
}

/** Enterprises by score, with names: for those who may look at enterprises. */
export async function ranking(
  lake: Lake,
  viewer: Viewer,
  q: z.output<typeof rankingQuery>,
): Promise<z.input<typeof rankingAnswer>> {
  const run = await runOf(lake, { model: q.model, run: q.run });
  if (!run) return { run: null, total: 0, items: [] };
  const where = ['s.run = $run'];
  const params: LakeParams = { run: run.run };
  for (const key of ['town', 'industry', 'grade'] as const) {
    if (!q[key]) continue;
    where.push(`s.${key} = $${key}`);
    params[key] = q[key];
  }
  if (q.moved === 'up') where.push('s.change > 0');
  if (q.moved === 'down') where.push('s.change < 0');
  const order = {
    best: 's.score DESC, s.entity',
    worst: 's.score, s.entity',
    risen: 's.change DESC NULLS LAST, s.entity',
    fallen: 's.change NULLS LAST, s.entity',
  }[q.order];
  const total = await lake.first<{ n: number }>(
    `SELECT count(*) AS n FROM cs.score s WHERE ${where.join(' AND ')}`,
    params,
  );
  const rows = await lake.query<ScoreRow & { entity: number; name: string }>(
    `WITH page AS MATERIALIZED (SELECT s.* FROM cs.score s WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ${q.limit} OFFSET ${q.offset})
     SELECT s.*, p.name FROM page s LEFT JOIN v.legal_person_v1 p ON p.entity = s.entity ORDER BY ${order}`,
    params,
  );
  await viewer.record('credit.score-ranking', `score-run/${run.run}`, { n: rows.length, ...params });
  return {
    run: { run: run.run, model: run.model, version: run.version, day: run.day, entities: run.entities },
    total: total!.n,
    items: rows.map((r) => ({
      entity: r.entity,
      name: r.name,
      score: Number(r.score),
      grade: r.grade,
      change: r.change === null ? null : Number(r.change),
      rank: r.rank_city,
      town: r.town,
      townTitle: divisionName(r.town),
      rankTown: r.rank_town,
      industry: r.industry,
      industryTitle: sectionName(r.industry),
      rankIndustry: r.rank_industry,
    })),
  };
}
