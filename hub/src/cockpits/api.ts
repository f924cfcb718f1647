/** Questions and answers of the cockpits' routes. Instants are ISO 8601 in UTC. */
import { z } from 'zod';
import { bilingual } from '../catalogue/index.ts';
import { cell } from '../refinery/index.ts';
import { grid, kinds, panel, rule } from './declaration.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const problemText = z.object({ code: z.string(), zh: z.string(), en: z.string() });

/** One figure as it is shown. `forbidden`: the viewer lacks `needs`; nothing of it is told. */
export const figure = z.object({
  key: z.string(),
  state: z.enum(['ready', 'empty', 'waiting', 'failed', 'pending', 'forbidden']),
  value: z.number().nullable(),
  target: z.number().nullable(),
  before: z.number().nullable(),
  yesterday: z.number().nullable(),
  /** Last values: days when there are enough of them, else hours; oldest first. */
  spark: z.array(z.number()),
  rows: z.array(z.record(z.string(), scalar)),
  suppressed: z.number().int(),
  /** Part of what it says comes of an exercise (演练). */
  exercise: z.boolean(),
  at: z.string().nullable(),
  asOf: z.string().nullable(),
  problem: problemText.nullable(),
  needs: z.string().nullable(),
  version: z.number().int(),
});
export type FigureAnswer = z.input<typeof figure>;

const columnMeta = z.object({
  name: z.string(),
  title: bilingual,
  as: z.string(),
  link: z.string().nullable(),
  words: z.record(z.string(), bilingual).nullable(),
});

/** What is declared of an indicator or a layer, for drawing it. */
export const measure = z.object({
  key: z.string(),
  id: z.string(),
  scenario: z.string(),
  kind: z.enum(kinds),
  title: bilingual,
  unit: bilingual.nullable(),
  digits: z.number().int(),
  as: z.string(),
  target: z.number().nullable(),
  direction: z.enum(['up', 'down', 'none']),
  warn: z.number().nullable(),
  bad: z.number().nullable(),
  note: bilingual.nullable(),
  refresh: z.number(),
  /** Hours after which it is stale. */
  stale: z.number(),
  words: z.record(z.string(), bilingual),
  columns: z.array(columnMeta),
  sources: z.array(z.object({ zh: z.string(), en: z.string(), owner: z.string().nullable() })),
  /** How a click leads to records: `records` (rows of their own), a route of the console, or null. */
  drill: z.union([z.literal('records'), z.string()]).nullable(),
  live: z.boolean(),
});

export const scenarioParams = z.object({ scenario: z.string().max(64) });
export const measureParams = scenarioParams.extend({ indicator: z.string().max(64) });

export const galleryAnswer = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: bilingual,
      question: bilingual,
      owner: z.string(),
      ownerName: bilingual,
      audience: bilingual,
      overview: z.boolean(),
      indicators: z.number().int(),
      waiting: z.number().int(),
      failed: z.number().int(),
      attention: z.array(z.object({ level: rule.shape.level, say: bilingual })),
      allowed: z.boolean(),
      /** Up to three single figures that stand first. */
      head: z.array(z.object({ measure, figure })),
    }),
  ),
  /** What is wrong with scenarios that were left out; only for who may manage them. */
  problems: z.array(problemText.extend({ place: z.string().nullable() })),
});

export const scenarioAnswer = z.object({
  id: z.string(),
  title: bilingual,
  question: bilingual,
  owner: z.string(),
  ownerName: bilingual,
  audience: bilingual,
  overview: z.boolean(),
  panels: z.record(z.string(), panel),
  screen: grid,
  wide: grid,
  desk: z.array(z.object({ panel: z.string(), width: z.number() })),
  phone: z.array(z.string()),
  rules: z.array(rule),
  texts: z.record(z.string(), bilingual),
  measures: z.array(measure),
  figures: z.array(figure),
  /** The scenarios that this person may open, in order, for turning to the next. */
  others: z.array(z.object({ id: z.string(), title: bilingual })),
});

export const explainAnswer = z.object({
  measure,
  figure,
  sql: z.string().nullable(),
  live: z.string().nullable(),
  views: z.array(z.string()),
  missing: z.array(z.string()),
  permissions: z.array(z.string()),
  ms: z.number(),
  hours: z.array(z.object({ at: z.string(), value: z.number() })),
  days: z.array(z.object({ at: z.string(), value: z.number() })),
});

export const recordsQuery = z.object({
  key: z.string().max(200).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(50),
});
export const recordsAnswer = z.object({
  measure,
  columns: z.array(columnMeta),
  rows: z.array(z.object({ cells: z.record(z.string(), cell), links: z.record(z.string(), z.string()) })),
  more: z.boolean(),
});

export const townsAnswer = z.object({
  items: z.array(z.object({ code: z.string(), name: z.string(), wkt: z.string() })),
});

export const tryBody = z.object({
  kind: z.enum(['value', 'trend', 'parts', 'list', 'towns', 'points']),
  sql: z.string().min(1).max(20_000),
});
export const tryAnswer = z.object({
  ms: z.number(),
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), scalar)),
  views: z.array(z.string()),
  missing: z.array(z.string()),
  people: z.boolean(),
  permissions: z.array(z.string()),
  plan: z.string(),
});
export const viewsAnswer = z.object({ items: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })) });
export const loadAnswer = z.object({ scenarios: z.number().int(), problems: galleryAnswer.shape.problems });
