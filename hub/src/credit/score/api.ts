/** Schemas of the scores' routes. Points and scores are in tenths; days `YYYY-MM-DD`. */
import { z } from 'zod';
import { bilingual, category, day, entityId, factId } from '../api-base.ts';
import { groupings } from './release.ts';

const code = z.string().regex(/^[0-9A-Za-z-]{1,40}$/);
const model = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/);
const run = z.coerce.number().int().min(1);

export const scoreParams = z.object({ entity: entityId });
export const scoreQuery = z.object({ model: model.optional(), run: run.optional() });
/**
 * A place in a ranking. Of a small group somebody who may not see the whole ranking is told only the part in which it stands
 * (`band`, in percent from the top), or nothing.
 */
const rank = z.object({
  rank: z.number().int().nullable(),
  of: z.number().int().nullable(),
  band: z.object({ from: z.number(), to: z.number() }).nullable(),
});
const placed = rank.extend({ code: z.string(), title: bilingual.nullable() });

export const reason = z.object({
  indicator: z.string(),
  dimension: z.string(),
  title: bilingual,
  unit: z.string(),
  direction: z.enum(['higher', 'lower']),
  weight: z.number(),
  curve: z.array(z.array(z.number())),
  shape: z.enum(['linear', 'step']),
  missing: z.enum(['neutral', 'zero', 'worst']),
  /** `nothing`: no record answers it; `unavailable`: the city has no such class. */
  state: z.enum(['found', 'nothing', 'unavailable']),
  /** A class that it reads is not open to this person: value and records are not told, the points are. */
  hidden: z.boolean(),
  value: z.number().nullable(),
  points: z.number(),
  count: z.number().int().nullable(),
  /** The newest records behind the value, at most twelve. */
  facts: z.array(factId),
  classes: z.array(z.object({ class: z.number().int(), title: bilingual, category })),
});
const grade = z.object({ grade: z.string(), from: z.number(), title: bilingual });
const scale = z.object({ min: z.number(), max: z.number(), base: z.number() });
export const enterpriseScore = z.object({
  entity: z.number().int(),
  model: z.object({
    model: z.string(),
    version: z.number().int(),
    edition: z.string(),
    title: bilingual,
    scale,
    grades: z.array(grade),
  }),
  run: z.number().int(),
  day,
  score: z.number(),
  grade: z.string(),
  /** Against the whole run before, of whatever version. */
  change: z.number().nullable(),
  gradeBefore: z.string().nullable(),
  ranks: z.object({ city: rank, town: placed.nullable(), industry: placed.nullable() }),
  dimensions: z.array(
    z.object({ id: z.string(), title: bilingual, floor: z.number(), ceiling: z.number(), points: z.number() }),
  ),
  reasons: z.array(reason),
  /** base + points of reasons + points of adjustments = score. */
  adjustments: z.array(
    z.object({ kind: z.enum(['dimension', 'cap', 'scale']), id: z.string(), title: bilingual, points: z.number() }),
  ),
});

export const scoreHistory = z.object({
  entity: z.number().int(),
  scores: z.array(
    z.object({
      run: z.number().int(),
      version: z.number().int(),
      day,
      score: z.number(),
      grade: z.string(),
      rank: z.number().int(),
      of: z.number().int(),
    }),
  ),
});

export const rankingQuery = z.object({
  model: model.optional(),
  run: run.optional(),
  town: code.optional(),
  industry: code.optional(),
  grade: z.string().max(8).optional(),
  moved: z.enum(['up', 'down']).optional(),
  order: z.enum(['best', 'worst', 'risen', 'fallen']).default('best'),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const runRef = z.object({
  run: z.number().int(),
  model: z.string(),
  version: z.number().int(),
  day,
  entities: z.number().int(),
});
export const rankingAnswer = z.object({
  run: runRef.nullable(),
  total: z.number().int(),
  items: z.array(
    z.object({
      entity: z.number().int(),
      name: z.string().nullable(),
      score: z.number(),
      grade: z.string(),
      change: z.number().nullable(),
      rank: z.number().int(),
      town: z.string().nullable(),
      townTitle: bilingual.nullable(),
      rankTown: z.number().int(),
      industry: z.string().nullable(),
      industryTitle: bilingual.nullable(),
      rankIndustry: z.number().int(),
    }),
  ),
});

export const statisticsQuery = z.object({
  model: model.optional(),
  by: z.enum(groupings).default('town'),
  across: z.enum(groupings).optional(),
});
const member = z.object({ code: z.string(), title: bilingual.nullable() });
const bands = z.object({
  of: z.number().int().nullable(),
  marks: z.array(z.object({ part: z.number(), score: z.number() })),
});
/** `n` is null where the cell is suppressed: telling it, or letting it be reckoned, would tell of too few. */
const cell = z.object({ n: z.number().int().nullable(), mean: z.number().nullable() });
export const statisticsAnswer = z.object({
  run: runRef.nullable(),
  k: z.number().int(),
  by: z.enum(groupings),
  across: z.enum(groupings).nullable(),
  rows: z.array(member),
  columns: z.array(member),
  /** One line per row and then the line of totals; the last cell of a line is its total. */
  cells: z.array(z.array(cell)),
  suppressed: z.number().int(),
  /** What is told was decided at once and stays until the next release. */
  release: z.object({ release: z.number().int(), made: z.string(), next: z.string() }).nullable(),
  /** The ranking without names: the least score of those before each part (percent) of a group, in whole tens. */
  bands: z.object({ city: bands, groups: z.array(member.extend(bands.shape)) }).nullable(),
});
export const releaseAnswer = z.object({ release: z.number().int(), day });

export const modelsAnswer = z.object({
  models: z.array(
    z.object({
      model: z.string(),
      title: bilingual,
      edition: z.string(),
      versions: z.array(
        z.object({ version: z.number().int(), edition: z.string(), hash: z.string(), firstSeen: z.string() }),
      ),
      scale,
      grades: z.array(grade),
      dimensions: z.array(z.object({ id: z.string(), title: bilingual, floor: z.number(), ceiling: z.number() })),
      indicators: z.array(
        reason
          .pick({
            title: true,
            dimension: true,
            unit: true,
            direction: true,
            weight: true,
            curve: true,
            shape: true,
            missing: true,
            classes: true,
          })
          .extend({ id: z.string(), sql: z.string() }),
      ),
      caps: z.array(
        z.object({ id: z.string(), indicator: z.string(), from: z.number(), max: z.number(), title: bilingual }),
      ),
    }),
  ),
  /** What is wrong with declarations, with file and line. */
  problems: z.array(z.unknown()),
});
export const runsAnswer = z.object({
  runs: z.array(runRef.extend({ finished: z.string(), unavailable: z.array(z.string()) })),
});
export const orderBody = z.object({ model: model.optional(), day: day.optional() });
export const orderAnswer = z.object({ job: z.string() });
