/** Schemas of the assessment's routes. Scores, weights and points are of 100, with two decimals; days `YYYY-MM-DD`, months `YYYY-MM`. */
import { z } from 'zod';
import { month } from './declaration.ts';

const both = z.object({ zh: z.string(), en: z.string() });
const day = z.string();
const instant = z.string();
const id = z.string().max(60);

export const boardQuery = z.object({ scheme: id.optional(), month: month.optional() });
export const checkQuery = boardQuery.extend({ version: z.coerce.number().int().min(0).max(1000).optional() });
export const unitParams = z.object({ unit: id });
export const recordsQuery = boardQuery.extend({
  unit: id.optional(),
  indicator: id.optional(),
  lost: z.enum(['true', 'false']).optional(),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const schemeQuery = z.object({ scheme: id.optional() });
export const reportQuery = z.object({
  scheme: id,
  month,
  version: z.coerce.number().int().min(0).max(1000).optional(),
  language: z.enum(['zh', 'en']).default('zh'),
});
export const objectionsQuery = z.object({
  scheme: id.optional(),
  month: month.optional(),
  unit: id.optional(),
  state: z.enum(['open', 'accepted', 'rejected', 'withdrawn']).optional(),
});
export const objectionParams = z.object({ id: z.coerce.number().int().min(1) });

/** A problem of a declared file. */
const fault = z.object({
  code: z.string(),
  title: both,
  file: z.string().nullable(),
  line: z.number().int().nullable(),
});

/** Which result is told of. `version` 0: provisional. */
export const resultHead = z.object({
  scheme: z.string(),
  month: z.string(),
  version: z.number().int(),
  day,
  madeAt: instant,
  digest: z.string(),
  seal: z.number().int().nullable(),
  formula: z.object({ version: z.number().int(), edition: z.string(), title: both, note: both }),
  /** The day on which it is closed; null with the year that nobody announced. */
  closes: z.object({ due: day.nullable(), missingYear: z.number().int().nullable() }),
  objections: z.object({
    open: z.boolean(),
    due: day.nullable(),
    missingYear: z.number().int().nullable(),
    days: z.number().int(),
  }),
  /** Objections of the month that wait for a decision. */
  waiting: z.number().int(),
});
const indicatorHead = z.object({
  id: z.string(),
  title: both,
  weight: z.number(),
  measure: z.enum(['share', 'count']),
  direction: z.enum(['higher', 'lower']),
  full: z.number(),
  zero: z.number(),
  without: z.enum(['not-applicable', 'full']),
  text: both,
  ground: both,
  advice: both,
  /** The hub has no such records. */
  absent: z.boolean(),
});
const state = z.enum(['scored', 'none', 'absent', 'waived']);
const cell = z.object({ indicator: z.string(), state, weight: z.number(), points: z.number() });
const trendPoint = z.object({ at: z.string(), score: z.number().nullable(), rank: z.number().int().nullable() });
const scheme = z.object({ scheme: z.string(), title: both, months: z.array(z.string()) });

export const boardAnswer = z.object({
  schemes: z.array(scheme),
  /** Null: nothing was computed yet. */
  result: resultHead.nullable(),
  indicators: z.array(indicatorHead),
  units: z.array(
    z.object({
      unit: z.string(),
      name: both,
      score: z.number().nullable(),
      rank: z.number().int().nullable(),
      weight: z.number(),
      /** Against the month before; null where there is none. */
      change: z.number().nullable(),
      rankBefore: z.number().int().nullable(),
      cells: z.array(cell),
      trend: z.array(trendPoint),
    }),
  ),
  /** Mean of the units with a score, by month. */
  trend: z.array(trendPoint),
  /** Mean by day of the running month. */
  days: z.array(trendPoint),
  /** Points lost by all units at each indicator. */
  lost: z.array(z.object({ indicator: z.string(), lost: z.number(), units: z.number().int() })),
  faults: z.array(fault),
});

const record = z.object({
  unit: z.string(),
  indicator: z.string(),
  kind: z.string(),
  ref: z.string(),
  title: both,
  note: both.nullable(),
  base: z.number(),
  value: z.number(),
  lost: z.number(),
  objection: z.number().int().nullable(),
});
export const recordsAnswer = z.object({ items: z.array(record), total: z.number().int() });

export const objection = z.object({
  id: z.number().int(),
  scheme: z.string(),
  month: z.string(),
  version: z.number().int(),
  unit: z.object({ id: z.string(), name: both }),
  indicator: z.object({ id: z.string(), title: both }),
  record: z.object({ kind: z.string(), ref: z.string(), title: both.nullable(), note: both.nullable() }).nullable(),
  lost: z.number(),
  reason: z.string(),
  state: z.enum(['open', 'accepted', 'rejected', 'withdrawn']),
  raisedBy: z.string(),
  raisedAt: instant,
  decision: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
  effect: z
    .object({ version: z.number().int(), before: z.number().nullable(), after: z.number().nullable() })
    .nullable(),
});
export const objectionsAnswer = z.object({ items: z.array(objection), open: z.number().int() });

export const unitAnswer = z.object({
  result: resultHead,
  unit: z.object({
    unit: z.string(),
    name: both,
    score: z.number().nullable(),
    rank: z.number().int().nullable(),
    of: z.number().int(),
    weight: z.number(),
    change: z.number().nullable(),
    own: z.boolean(),
  }),
  indicators: z.array(
    indicatorHead.extend({
      state,
      /** In effect, after spreading. */
      effective: z.number(),
      points: z.number(),
      base: z.number(),
      value: z.number(),
      measured: z.number().nullable(),
      cases: z.number().int(),
      /** Mean share of the points that units got to which it applies; 0 to 1. */
      mean: z.number().nullable(),
    }),
  ),
  /** What to do next: where most points were lost, with the records that cost most. */
  steps: z.array(
    z.object({ indicator: z.string(), title: both, advice: both, lost: z.number(), records: z.array(record) }),
  ),
  trend: z.array(trendPoint),
  days: z.array(trendPoint),
  objections: z.array(objection),
  mayObject: z.boolean(),
});

export const formulaAnswer = z.object({
  schemes: z.array(
    z.object({
      scheme: z.string(),
      versions: z.array(
        z.object({
          version: z.number().int(),
          edition: z.string(),
          validFrom: z.string(),
          recordedAt: instant,
          hash: z.string(),
          file: z.string(),
          title: both,
          note: both,
          reason: both.nullable(),
          units: z.string(),
          close: z.number().int(),
          objections: z.number().int(),
          leastWeight: z.number(),
          inForce: z.boolean(),
          indicators: z.array(
            indicatorHead.omit({ absent: true }).extend({ least: z.number().int(), sql: z.string() }),
          ),
          differences: z.array(
            z.object({
              what: z.string(),
              kind: z.enum(['added', 'removed', 'changed', 'setting']),
              keys: z.array(z.object({ key: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
            }),
          ),
        }),
      ),
    }),
  ),
  faults: z.array(fault),
});

export const reportsAnswer = z.object({
  items: z.array(
    z.object({
      scheme: z.string(),
      title: both,
      month: z.string(),
      version: z.number().int(),
      day,
      madeAt: instant,
      units: z.number().int(),
      objection: z.number().int().nullable(),
      seal: z.number().int().nullable(),
      files: z.array(
        z.object({ language: z.string(), bytes: z.number().int(), sha256: z.string(), seal: z.number().int() }),
      ),
    }),
  ),
});

export const checkAnswer = z.object({
  scheme: z.string(),
  month: z.string(),
  version: z.number().int(),
  /** Whether points reckoned from the kept records, and the digest of what is kept, are those that were kept. */
  same: z.boolean(),
  digest: z.string(),
  reckoned: z.string(),
  units: z.number().int(),
  records: z.number().int(),
});
export const made = z.object({ id: z.number().int() });
export const jobAnswer = z.object({ job: z.string() });
