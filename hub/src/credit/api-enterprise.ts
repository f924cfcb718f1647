/** One enterprise: panorama, records, origin of a record, why a value. See api.ts for conventions. */
import { z } from 'zod';
import { bilingual, category, cell, classRef, day, decimal, entityId, factId, flag, hint } from './api-base.ts';

export const entityParams = z.object({ entity: entityId });
/** `plain=true` asks for personal data in plain text: without a purpose it is refused instead of masked. */
export const plainQuery = z.object({ plain: flag });

/** Where a golden value comes from. */
export const valueSource = z.object({
  class: z.number().int(),
  source: z.string(),
  owner: z.string(),
  title: bilingual,
  fact: factId.nullable(),
  since: day.nullable(),
});

export const goldenValue = z.object({
  attribute: z.string(),
  title: bilingual,
  unit: z.string().nullable(),
  cell,
  source: valueSource.nullable(),
  /** How many different values the sources give (0: they agree). */
  contradictions: z.number().int(),
});

export const classSummary = classRef.extend({
  count: z.number().int(),
  latest: day.nullable(),
  /** Sum of amounts where the class has an amount, with its unit. */
  amount: decimal.nullable(),
  unit: z.string().nullable(),
});

export const categorySummary = z.object({
  category,
  title: bilingual,
  count: z.number().int(),
  latest: day.nullable(),
  amount: decimal.nullable(),
  classes: z.array(classSummary),
});

export const timelineEvent = z.object({
  day: day.nullable(),
  class: z.number().int(),
  category,
  title: bilingual,
  fact: factId,
  /** A line made of the record's title, number or status field. */
  text: cell,
  amount: decimal.nullable(),
  unit: z.string().nullable(),
});

export const contradiction = z.object({
  attribute: z.string(),
  title: bilingual,
  values: z.array(
    z.object({
      cell,
      chosen: z.boolean(),
      class: z.number().int(),
      source: z.string(),
      owner: z.string(),
      title: bilingual,
      rank: z.number().int().nullable(),
      day: day.nullable(),
      fact: factId.nullable(),
    }),
  ),
});

export const panorama = z.object({
  entity: z.number().int(),
  heading: z.object({
    name: z.string(),
    uscc: z.string().nullable(),
    orgcode: z.string().nullable(),
    regno: z.string().nullable(),
    kind: z.string().nullable(),
    status: z.string().nullable(),
    legalRepresentative: cell,
    established: day.nullable(),
    closed: day.nullable(),
    capital: decimal.nullable(),
    currency: z.string().nullable(),
    address: z.string().nullable(),
    division: z.string().nullable(),
    divisionTitle: z.string().nullable(),
    industry: z.string().nullable(),
    industryTitle: z.string().nullable(),
  }),
  registration: z.array(goldenValue),
  formerNames: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['former', 'variant']),
      firstSeen: day.nullable(),
      lastSeen: day.nullable(),
    }),
  ),
  categories: z.array(categorySummary),
  timeline: z.object({
    /** Facts by month ('YYYY-MM') and category, oldest first; facts without a day are in `undated`. */
    months: z.array(z.object({ month: z.string(), category, count: z.number().int() })),
    years: z.array(z.object({ year: z.number().int(), count: z.number().int() })),
    latest: z.array(timelineEvent),
    undated: z.number().int(),
  }),
  contradictions: z.array(contradiction),
  quality: z.object({
    score: z.number().nullable().describe('0 to 1'),
    sources: z.number().int(),
    facts: z.number().int(),
    contradictions: z.number().int(),
    firstRun: z.number().int().nullable(),
    lastRun: z.number().int().nullable(),
    recordedAt: z.string().nullable(),
  }),
  relations: z.array(z.object({ kind: z.string(), title: bilingual, count: z.number().int() })),
  hints: z.array(hint),
});
export type Panorama = z.infer<typeof panorama>;

export const fieldRef = z.object({
  position: z.number().int(),
  name: z.string(),
  title: bilingual,
  type: z.string(),
  format: z.string().nullable(),
  unit: z.string().nullable(),
  protection: z.enum(['public', 'internal', 'personal', 'sensitive']),
  role: z.string().nullable(),
});
export type FieldRef = z.infer<typeof fieldRef>;

/** A record: its cells stand in the order of its class's `fields`. */
export const record = z.object({
  fact: factId,
  class: z.number().int(),
  day: day.nullable(),
  amount: decimal.nullable(),
  run: z.number().int(),
  row: z.number().int(),
  cells: z.array(cell),
});
export type CreditRecord = z.infer<typeof record>;

export const classWithFields = classRef.extend({ level: z.string(), fields: z.array(fieldRef) });

export const entityFactsQuery = z.object({
  class: z.coerce.number().int().min(1).max(32767).optional(),
  category: category.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  /** `next` of the answer before. */
  cursor: z.string().max(200).optional(),
  plain: flag,
});

export const entityFactsAnswer = z.object({
  entity: z.number().int(),
  /** The classes that occur in `records`, with their fields. */
  classes: z.array(classWithFields),
  records: z.array(record),
  total: z.number().int(),
  next: z.string().nullable(),
  hints: z.array(hint),
});

export const whyQuery = z.object({ attribute: z.string().min(1).max(40), plain: flag });

export const whyAnswer = z.object({
  entity: z.number().int(),
  attribute: z.string(),
  title: bilingual,
  cell,
  /** Why this value and no other, as one sentence. */
  reason: bilingual,
  candidates: contradiction.shape.values,
  history: z.array(
    z.object({
      cell,
      validFrom: day.nullable(),
      validTo: day.nullable(),
      recordedAt: z.string().nullable(),
      supersededAt: z.string().nullable(),
      class: z.number().int().nullable(),
      source: z.string().nullable(),
      title: bilingual.nullable(),
      fact: factId.nullable(),
    }),
  ),
});

export const factParams = z.object({ fact: factId });

/** The entity, when it is known, makes the look-up quicker. */
export const originQuery = z.object({ entity: entityId.optional(), plain: flag });

export const originAnswer = z.object({
  fact: factId,
  entity: z.number().int().nullable(),
  class: classWithFields,
  record,
  /** When a later delivery superseded the record: the run that did. */
  closedRun: z.number().int().nullable(),
  run: z.object({
    run: z.number().int(),
    number: z.number().int().nullable(),
    input: z.string().nullable(),
    declaration: z.number().int().nullable(),
    started: z.string().nullable(),
    finished: z.string().nullable(),
    received: z.number().int(),
    accepted: z.number().int(),
    quarantined: z.number().int(),
    duplicate: z.number().int(),
    leaves: z.number().int(),
    root: z.string().nullable().describe('hexadecimal'),
  }),
  row: z.number().int(),
  leaf: z.string().nullable().describe('SHA-256 of the received row, hexadecimal'),
});
