/** Questions and answers of the economy's routes. Periods: 2026-10, 2026-Q3, 2026. Values are in the measure's unit. */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';
import { grains } from './declaration.ts';

const number = z.number().nullable();
const count = z.number().int().nonnegative();
const word = z.string().max(60);
const grain = z.enum(grains);
/** `ytd`: the year to the month. */
export const askedGrain = z.enum([...grains, 'ytd']);

export const unitOf = z.object({
  id: z.string(),
  title: bilingual,
  unit: z.string(),
  decimals: z.number().int(),
});
const dimensionRef = z.object({ id: z.string(), title: bilingual, several: z.boolean() });

export const overviewAnswer = z.object({
  title: bilingual,
  abstract: bilingual,
  owner: z.string(),
  measures: z.array(
    unitOf.extend({ over: z.enum(['sum', 'last', 'mean']), carry: z.boolean(), sources: z.array(z.string()) }),
  ),
  indicators: z.array(unitOf.extend({ formula: z.string(), better: z.enum(['more', 'less']) })),
  dimensions: z.array(dimensionRef),
  gradings: z.array(z.object({ id: z.string(), title: bilingual })),
  /** Periods with figures, the latest first. */
  periods: z.object({ month: z.array(z.string()), quarter: z.array(z.string()), year: z.array(z.string()) }),
  last: z
    .object({
      made: z.string(),
      ms: z.number(),
      enterprises: count,
      figures: count,
      changed: count,
      doubts: count,
      disputed: count,
    })
    .nullable(),
  /** Whether figures of single enterprises may be seen. */
  detail: z.boolean(),
  confidentiality: z.object({ fewest: count, dominance: z.number() }),
  problems: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string(), place: z.string().nullable() })),
});

const filters = { where: z.string().max(400).optional() };
export const figuresQuery = z.object({
  grain: askedGrain.default('year'),
  period: z.string().max(8),
  by: word.optional(),
  ...filters,
});
export const figure = z.object({
  value: number,
  n: count.nullable(),
  expected: count.nullable(),
  yearOnYear: number,
  onBefore: number,
  withheld: z.boolean(),
});
export const ratio = z.object({ value: number, n: count.nullable(), withheld: z.boolean() });
export const group = z.object({
  code: z.string(),
  title: z.string().nullable(),
  figures: z.record(z.string(), figure),
  indicators: z.record(z.string(), ratio),
});
export const figuresAnswer = z.object({
  grain: askedGrain,
  period: z.string(),
  by: z.string().nullable(),
  where: z.array(z.object({ dimension: z.string(), code: z.string(), title: z.string().nullable() })),
  enterprises: count.nullable(),
  total: group,
  groups: z.array(group),
});

export const seriesQuery = z.object({ measure: word, grain: grain.default('month'), ...filters });
export const seriesAnswer = z.object({
  measure: unitOf,
  points: z.array(z.object({ period: z.string(), value: number, n: count.nullable(), withheld: z.boolean() })),
});

export const rankQuery = figuresQuery.omit({ by: true }).extend({
  /** A measure or an indicator. */
  order: word.default('sales'),
  direction: z.enum(['more', 'less']).default('more'),
  q: z.string().max(60).optional(),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
const enterpriseRef = {
  entity: z.number().int(),
  name: z.string().nullable(),
  townTitle: z.string().nullable(),
  industryTitle: z.string().nullable(),
};
export const rankAnswer = z.object({
  total: count,
  items: z.array(
    z.object({
      ...enterpriseRef,
      rank: count,
      values: z.record(z.string(), number),
      indicators: z.record(z.string(), number),
    }),
  ),
});

export const gradingParams = z.object({ grading: word });
export const gradingQuery = z.object({
  year: z.coerce.number().int().min(1950).max(2100),
  grade: z.string().max(1).optional(),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  ...filters,
});
export const gradingAnswer = z.object({
  id: z.string(),
  title: bilingual,
  ground: bilingual,
  score: z.string(),
  shares: z.array(z.object({ grade: z.string(), share: z.number() })),
  rules: z.array(z.object({ grade: z.string(), when: z.string(), title: bilingual })),
  indicators: z.array(unitOf),
  years: z.array(z.string()),
  total: count,
  /** Land in 亩 and taxes in 万元 of a grade, where the grading reads them. */
  grades: z.array(z.object({ grade: z.string(), n: count, land: number, tax: number })),
  city: z.record(z.string(), number),
  items: z.array(
    z.object({
      ...enterpriseRef,
      score: number,
      rank: count,
      grade: z.string(),
      rule: count.nullable(),
      indicators: z.record(z.string(), number),
    }),
  ),
});

export const sheetParams = z.object({ entity: z.coerce.number().int().min(1).max(2_147_483_647) });
const dated = {
  grain,
  period: z.string(),
  id: z.string(),
  value: z.number(),
  source: z.string(),
  sourceTitle: bilingual,
};
export const sheetAnswer = z.object({
  entity: z.number().int(),
  name: z.string().nullable(),
  town: z.string().nullable(),
  industry: z.string().nullable(),
  form: z.string().nullable(),
  belongs: z.array(
    z.object({ dimension: z.string(), title: bilingual, code: z.string(), name: z.string().nullable() }),
  ),
  measures: z.array(
    unitOf.extend({
      over: z.enum(['sum', 'last', 'mean']),
      figures: z.array(
        z.object({
          grain,
          period: z.string(),
          value: z.number(),
          parts: count,
          disputed: z.boolean(),
          source: z.string(),
        }),
      ),
    }),
  ),
  indicators: z.array(
    unitOf.extend({ values: z.array(z.object({ period: z.string(), value: number, city: number })) }),
  ),
  grades: z.array(
    z.object({
      grading: z.string(),
      title: bilingual,
      year: z.string(),
      score: number,
      rank: count,
      of: count,
      grade: z.string(),
    }),
  ),
  contradictions: z.array(z.object({ ...dated, chosen: z.boolean() })),
  doubts: z.array(z.object({ ...dated, reason: z.string() })),
  history: z.array(z.object({ ...dated, recorded: z.string(), until: z.string() })),
});

export const whyQuery = z.object({ measure: word, grain, period: z.string().max(8) });
export const whyAnswer = z.object({
  measure: unitOf,
  period: z.string(),
  figure: z
    .object({ value: z.number(), source: z.string(), parts: count, disputed: z.boolean(), recorded: z.string() })
    .nullable(),
  rule: bilingual,
  said: z.array(
    z.object({
      ...{
        source: z.string(),
        sourceTitle: bilingual,
        field: z.string(),
        fieldTitle: bilingual,
        unit: z.string().nullable(),
      },
      ...{
        rank: count,
        fills: z.boolean(),
        stated: z.string(),
        raw: z.string().nullable(),
        value: number,
        day: z.string().nullable(),
      },
      ...{
        run: count,
        row: count,
        input: z.string().nullable(),
        finished: z.string().nullable(),
        used: z.boolean(),
        doubt: z.string().nullable(),
      },
    }),
  ),
});
