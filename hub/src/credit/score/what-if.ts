/** What a model would say with other weights: everyone's score reckoned anew from the values that the newest run found. */
import { z } from 'zod';
import { type Lake, literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Model } from './model.ts';
import { gradeSql, pointsCase, totalsSql } from './points.ts';
import { notScored, unknownId } from './problems.ts';
import { recordedModel, runOf } from './read.ts';
import { totals } from './slice.ts';

export const whatIfBody = z.object({
  model: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,59}$/)
    .optional(),
  /** Weights that differ from the model's, by indicator. */
  weights: z.record(z.string().max(60), z.number().positive().max(1000)),
});
const mover = z.object({
  entity: z.number().int(),
  name: z.string().nullable(),
  before: z.number(),
  after: z.number(),
  gradeBefore: z.string(),
  gradeAfter: z.string(),
});
export const whatIfAnswer = z.object({
  run: z.number().int(),
  day: z.iso.date(),
  entities: z.number().int(),
  meanBefore: z.number(),
  meanAfter: z.number(),
  /** Whose grade would change. */
  regraded: z.number().int(),
  grades: z.array(z.object({ grade: z.string(), before: z.number().int(), after: z.number().int() })),
  /** From grade to grade, with how many. */
  moves: z.array(z.object({ from: z.string(), to: z.string(), n: z.number().int() })),
  /** Those whose grade and score would change most. */
  movers: z.array(mover),
});

/** Reckons a draft; nothing is written. */
export async function whatIf(lake: Lake, asked: z.output<typeof whatIfBody>): Promise<z.input<typeof whatIfAnswer>> {
  const run = await runOf(lake, { model: asked.model });
  if (!run) throw new Problem(notScored, { entity: '' });
  const recorded = await recordedModel(lake, run.model, run.version);
  for (const id of Object.keys(asked.weights)) {
    if (!recorded.indicators.some((i) => i.id === id)) throw new Problem(unknownId, { id }, { field: `weights.${id}` });
  }
  const draft = {
    ...recorded,
    indicators: recorded.indicators.map((i) => ({ ...i, weight: asked.weights[i.id] ?? i.weight })),
  } as unknown as Model;
  return lake.session(async (s) => {
    await s.run(`CREATE TEMP TABLE draft_people AS SELECT entity, score, grade FROM cs.score WHERE run = ${run.run}`);
    await s.run(`CREATE TEMP TABLE draft_point AS SELECT entity, indicator, value, ${pointsCase(draft)} AS points FROM (
      SELECT entity, indicator, arg_max(struct_pack(v := value), run).v AS value FROM cs.point
      WHERE model = ${literal(run.model)} AND version = ${run.version} AND run <= ${run.run} GROUP BY entity, indicator)
      WHERE value IS NOT NULL`);
    await totals(s, draft, 'draft_point', 'draft_people');
    await s.run(`CREATE TEMP TABLE drafted AS SELECT p.entity, p.score AS before, p.grade AS grade_before, t.score AS after,
      ${gradeSql(draft, 't.score')} AS grade_after FROM (${totalsSql(draft)}) t JOIN draft_people p ON p.entity = t.entity`);
    const means = await s.first<{ n: number; a: number; b: number; moved: number }>(
      `SELECT count(*) AS n, avg(before)::DOUBLE AS a, avg(after)::DOUBLE AS b,
         count(*) FILTER (WHERE grade_before <> grade_after) AS moved FROM drafted`,
    );
    const moves = await s.query<{ from: string; to: string; n: number }>(
      'SELECT grade_before AS "from", grade_after AS "to", count(*) AS n FROM drafted GROUP BY ALL ORDER BY n DESC',
    );
    const movers = await s.query<Record<string, unknown>>(
      `SELECT d.entity, p.name, d.before::DOUBLE AS before, d.after::DOUBLE AS after, d.grade_before AS "gradeBefore",
         d.grade_after AS "gradeAfter" FROM drafted d LEFT JOIN v.legal_person_v1 p ON p.entity = d.entity
       WHERE d.grade_before <> d.grade_after ORDER BY abs(d.after - d.before) DESC, d.entity LIMIT 50`,
    );
    const count = (side: 'from' | 'to', grade: string) =>
      moves.filter((m) => m[side] === grade).reduce((n, m) => n + m.n, 0);
    const tenth = (n: number | null) => Math.round((n ?? 0) * 10) / 10;
    return {
      run: run.run,
      day: run.day,
      entities: means!.n,
      meanBefore: tenth(means!.a),
      meanAfter: tenth(means!.b),
      regraded: means!.moved,
      grades: draft.grades.map((g) => ({
        grade: g.grade,
        before: count('from', g.grade),
        after: count('to', g.grade),
      })),
      moves,
      movers: movers as z.input<typeof mover>[],
    };
  });
}
