/**
 * Answers and questions of the refinery's routes. These schemas validate at the door, make the OpenAPI description and
 * the types that the console is generated from.
 *
 *   GET  /api/v1/refinery/summary                        refinery.read    -> summary
 *   GET  /api/v1/refinery/classes                        refinery.read    -> classList
 *   GET  /api/v1/refinery/profile/{source}               refinery.read    profileQuery -> profileAnswer
 *   GET  /api/v1/refinery/quality                        refinery.read    qualityQuery -> qualityAnswer
 *   GET  /api/v1/refinery/quality/failing                refinery.read    failingQuery -> failingPage
 *   GET  /api/v1/refinery/links/{fact}                   refinery.read    -> linkAnswer
 *   GET  /api/v1/refinery/reviews                        refinery.read    reviewQuery -> reviewPage
 *   POST /api/v1/refinery/reviews/{review}/decision      refinery.review  decisionBody -> review
 *   POST /api/v1/refinery/integrate                      exchange.operate integrateBody -> jobReference (202)
 *
 * Conventions: days are 'YYYY-MM-DD', instants ISO 8601 in UTC, `fact`, `pair` and `review` decimal strings (they exceed
 * a JavaScript number), entities positive integers. Every value that protection applies to travels as a `cell`.
 */
import { z } from 'zod';
import { bilingual, protection } from '../catalogue/index.ts';

const page = {
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(50),
};

/** A number that may exceed 2^53, as decimal digits. */
export const bigNumber = z.string().regex(/^\d{1,20}$/, 'a number in decimal digits');

/** A value after protection; `flagged`: it could not be cleaned, this is the source's own text. */
export const cell = z.object({
  value: z.string().nullable(),
  shown: z.enum(['plain', 'masked', 'hidden']),
  flagged: z.literal(true).optional(),
  token: z.string().optional(),
});

/** The six dimensions of GB/T 36344: 规范性 完整性 准确性 一致性 时效性 可访问性. */
export const dimension = z.enum([
  'conformance',
  'completeness',
  'accuracy',
  'consistency',
  'timeliness',
  'accessibility',
]);

/**
 * Rules behind the numbers. conformance: `format`, `codes`; completeness: `required` (declared so), `filled`; accuracy:
 * `check` (check digits, calendar), `bounds`, `unique` (key); consistency: `golden` (agrees with the golden record),
 * `order` (does not end before it begins); timeliness: `future` (not dated after its delivery), `cadence` (delivered in
 * time); accessibility: `accepted` (not in quarantine), `linked` (can be found under its legal person).
 */
export const qualityRule = z.enum([
  'format',
  'codes',
  'required',
  'filled',
  'check',
  'bounds',
  'unique',
  'golden',
  'order',
  'future',
  'cadence',
  'accepted',
  'linked',
]);

/** How a row found its legal person; each is explained in words by the link's answer. */
export const linkMethod = z.enum([
  'register',
  'code-and-name',
  'code-and-former-name',
  'code-and-similar-name',
  'code-alone',
  'code-and-evidence',
  'name-despite-code',
  'name-alone',
  'former-name-alone',
  'name-and-evidence',
  'similar-name-and-code',
  'similar-name-and-evidence',
  'regno',
  'decided',
]);

/** Why something is left for a person. */
export const reviewReason = z.enum(['code-against-name', 'shared-name', 'similar-name', 'code-without-name']);

export const summary = z.object({
  /** Runs refined, and runs received that wait. */
  runs: z.number().int(),
  waiting: z.number().int(),
  rows: z.number().int(),
  linked: z.number().int(),
  unlinked: z.number().int(),
  /** Where the accepted rows are that are neither linked nor unlinked; with those two they are all that was accepted. */
  others: z.object({
    /** Rows that wait to be matched to legal persons. */
    waiting: z.number().int(),
    /** Rows of classes that are not matched to legal persons: of natural persons, places and others. */
    apart: z.number().int(),
    /** Rows that only take earlier rows back: they tell no fact. */
    withdrawing: z.number().int(),
  }),
  entities: z.number().int(),
  reviewsOpen: z.number().int(),
  /** Overall A / B by dimension over the latest run of every class. */
  dimensions: z.array(z.object({ dimension, a: z.number(), b: z.number() })),
  /** The last integration: its steps with their times. */
  last: z
    .object({
      integration: z.number().int(),
      finished: z.string().nullable(),
      steps: z.array(z.object({ name: z.string(), ms: z.number(), rows: z.number().int() })),
    })
    .nullable(),
});

/** One class with where its refining stands. */
export const classItem = z.object({
  class: z.number().int(),
  source: z.string(),
  title: bilingual,
  owner: z.string(),
  runs: z.number().int(),
  lastRun: z.number().int().nullable(),
  refinedAt: z.string().nullable(),
  rows: z.number().int(),
  linked: z.number().int(),
  unlinked: z.number().int(),
  reviewsOpen: z.number().int(),
  /** A / B over all rules of the latest run, 0 to 1. */
  quality: z.number().nullable(),
});
export const classList = z.object({ items: z.array(classItem) });

export const profileQuery = z.object({ run: z.coerce.number().int().positive().optional() });

/** What one field's values look like in one run. */
export const fieldProfile = z.object({
  field: z.string(),
  title: bilingual,
  type: z.string(),
  protection,
  /** Rows of the run; exact. */
  rows: z.number().int(),
  /** Rows with a value; exact. */
  filled: z.number().int(),
  /** Values that could not be cleaned; exact. */
  flagged: z.number().int(),
  /** How many rows the figures below were taken from; equal to `rows` when nothing was left out. */
  sampled: z.number().int(),
  /** Approximate number of different values among the sampled rows. */
  distinct: z.number().int(),
  min: cell.nullable(),
  max: cell.nullable(),
  minLength: z.number().int().nullable(),
  maxLength: z.number().int().nullable(),
  /** Shapes of values with their shares: 9 a digit, A a letter, 汉 a Chinese character, runs shortened. */
  patterns: z.array(z.object({ pattern: z.string(), rows: z.number().int() })),
  top: z.array(z.object({ value: cell, rows: z.number().int() })),
  /** Population stability index of the shapes against the run before (above 0.25 is a clear shift); null for a first run. */
  drift: z.number().nullable(),
});
export const profileAnswer = z.object({
  source: z.string(),
  class: z.number().int(),
  run: z.number().int(),
  runs: z.array(z.object({ run: z.number().int(), finished: z.string() })),
  fields: z.array(fieldProfile),
});

export const qualityQuery = z.object({
  /** What a line stands for. */
  by: z.enum(['department', 'class', 'field', 'rule', 'run']).default('class'),
  owner: z.string().optional(),
  source: z.string().optional(),
  run: z.coerce.number().int().positive().optional(),
  field: z.string().optional(),
  dimension: dimension.optional(),
  /** All runs, or only the latest of each class. */
  runs: z.enum(['latest', 'all']).default('latest'),
});

/** One line: what holds (A) out of what was looked at (B), by dimension. */
export const qualityLine = z.object({
  owner: z.string(),
  source: z.string().nullable(),
  title: bilingual.nullable(),
  run: z.number().int().nullable(),
  /** Empty: the row as a whole. */
  field: z.string().nullable(),
  fieldTitle: bilingual.nullable(),
  rule: qualityRule.nullable(),
  /** A / B over everything in the line, 0 to 1; null when nothing was looked at. */
  score: z.number().nullable(),
  dimensions: z.array(z.object({ dimension, a: z.number(), b: z.number() })),
});
export const qualityAnswer = z.object({ items: z.array(qualityLine) });

export const failingQuery = z.object({
  source: z.string(),
  run: z.coerce.number().int().positive(),
  field: z.string(),
  rule: qualityRule,
  ...page,
});

/** A row that breaks a rule, with every field. */
export const failingRow = z.object({
  row: z.number().int(),
  fact: bigNumber,
  entity: z.number().int().nullable(),
  cells: z.array(cell),
});
export const failingPage = z.object({
  fields: z.array(z.object({ name: z.string(), title: bilingual })),
  /** What the rule asks, in words. */
  says: bilingual,
  total: z.number().int(),
  items: z.array(failingRow),
});

/** How a row was linked, told step by step. */
export const linkAnswer = z.object({
  fact: bigNumber,
  source: z.string(),
  run: z.number().int(),
  row: z.number().int(),
  entity: z.number().int().nullable(),
  method: linkMethod.nullable(),
  says: bilingual,
  score: z.number().nullable(),
  /** What the row gave, as written and as cleaned. */
  given: z.array(z.object({ role: z.string(), written: cell, cleaned: cell })),
  /** The enterprise that the given code points to, when it was not believed. */
  disbelieved: z.number().int().nullable(),
  evidence: z.array(z.object({ kind: z.string(), agrees: z.boolean() })),
  review: bigNumber.nullable(),
});

/** A legal person that a review could mean. */
export const candidate = z.object({
  entity: z.number().int(),
  name: z.string().nullable(),
  uscc: z.string().nullable(),
  /** What speaks for it: code, orgcode, regno, name, former-name, similar-name, similar-code, address, person, person-id, phone. */
  evidence: z.array(z.string()),
  score: z.number(),
});

/** Something that a person must decide: an identification as written, or one row of it. */
export const review = z.object({
  review: bigNumber,
  reason: reviewReason,
  class: z.number().int().nullable(),
  fact: bigNumber.nullable(),
  rows: z.number().int(),
  given: z.object({
    uscc: z.string().nullable(),
    orgcode: z.string().nullable(),
    regno: z.string().nullable(),
    name: z.string().nullable(),
    former: z.string().nullable(),
  }),
  candidates: z.array(candidate),
  decision: z.enum(['link', 'none', 'new']).nullable(),
  entity: z.number().int().nullable(),
  by: z.string().nullable(),
  at: z.string().nullable(),
  comment: z.string().nullable(),
});

export const reviewQuery = z.object({
  state: z.enum(['open', 'decided', 'all']).default('open'),
  reason: reviewReason.optional(),
  source: z.string().optional(),
  search: z.string().max(100).optional(),
  ...page,
});
export const reviewPage = z.object({ items: z.array(review), total: z.number().int() });

/** link: it is `entity`; none: it is no legal person that we know; new: make it known as a legal person of its own. */
export const decisionBody = z.object({
  decision: z.enum(['link', 'none', 'new']),
  entity: z.number().int().positive().optional(),
  comment: z.string().max(500).optional(),
});

/** Integrates what was received since the last time; `rebuild`: everything again out of the received rows. */
export const integrateBody = z.object({ rebuild: z.boolean().default(false) }).default({ rebuild: false });
export const jobReference = z.object({ job: z.string() });

export type Dimension = z.infer<typeof dimension>;
export type QualityRule = z.infer<typeof qualityRule>;
export type LinkMethod = z.infer<typeof linkMethod>;
export type ReviewReason = z.infer<typeof reviewReason>;
export type Cell = z.infer<typeof cell>;
export type ReviewView = z.infer<typeof review>;
export type QualityQuery = z.infer<typeof qualityQuery>;
export type FailingQuery = z.infer<typeof failingQuery>;
export type ReviewQuery = z.infer<typeof reviewQuery>;
export type DecisionBody = z.infer<typeof decisionBody>;
