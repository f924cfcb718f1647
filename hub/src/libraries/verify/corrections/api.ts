/** Questions and answers of the routes of corrections; days are 'YYYY-MM-DD', instants ISO 8601 in UTC. */
import { z } from 'zod';
import { bilingual } from '../../../catalogue/index.ts';
import { cell } from '../../../refinery/index.ts';
import { subjects } from '../outcome.ts';

/** `source-wrong`: the source has it wrong and mends it; `list-wrong`: the source is right; `settled`: nothing is left to do. */
export const states = ['open', 'source-wrong', 'list-wrong', 'settled'] as const;
export const state = z.enum(states);
const count = z.number().int().nonnegative();

/** `mine`: of sources of the own department, to be answered; `raised`: asked by the own department; `all`: both. */
export const which = z.enum(['all', 'mine', 'raised']);

export const correctionsQuery = z.object({
  which: which.default('all'),
  state: state.optional(),
  owner: z.string().max(40).optional(),
  source: z.string().max(120).optional(),
  field: z.string().max(40).optional(),
  overdue: z.enum(['true', 'false']).optional(),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(50),
});
export const idParams = z.object({ id: z.coerce.number().int().min(1).max(2_147_483_647) });

export const correction = z.object({
  id: z.number().int(),
  /** Where it was found. */
  verification: z.number().int().nullable(),
  row: z.number().int().nullable(),
  list: z.string().nullable(),
  /** Delivery whose recipient asked. */
  delivery: z.number().int().nullable(),
  originTitle: bilingual,
  subject: z.enum(subjects),
  entity: z.number().int().nullable(),
  name: cell,
  field: z.string(),
  fieldTitle: bilingual,
  outcomeTitle: bilingual.nullable(),
  source: z.string().nullable(),
  sourceTitle: bilingual.nullable(),
  owner: z.string().nullable(),
  ownerName: bilingual.nullable(),
  /** Run and row of the received record whose value stands. */
  received: z.object({ run: z.number().int(), row: z.number().int() }).nullable(),
  raisedBy: z.string(),
  raisedOrganisation: z.string().nullable(),
  raisedName: bilingual.nullable(),
  raisedAt: z.string(),
  /** Null: the holidays of `missingYear` are not announced, so no due day can be said yet. */
  due: z.string().nullable(),
  missingYear: z.number().int().nullable(),
  overdue: z.boolean(),
  state,
  comment: z.string().nullable(),
  by: z.string(),
  at: z.string(),
  /** What whoever asks may make of it. */
  next: z.array(state),
});

const facet = z.object({ value: z.string(), title: bilingual, count });
export const correctionsAnswer = z.object({
  items: z.array(correction),
  total: count,
  /** What there is to choose from, of all that are seen. */
  owners: z.array(facet),
  sources: z.array(facet),
  fields: z.array(facet),
});
export const correctionDetail = correction.extend({
  entries: z.array(
    z.object({
      state,
      comment: z.string().nullable(),
      by: z.string(),
      organisation: z.string().nullable(),
      at: z.string(),
    }),
  ),
});
export const handleBody = z.object({ state, comment: z.string().trim().min(2).max(500) });
export const summaryAnswer = z.object({
  /** Of the own department (of all for who works for all): not answered yet, and those past their day. */
  open: count,
  overdue: count,
  /** Answered by the sources and waiting to be settled by who asked. */
  answered: count,
  settled: count,
});

export type Correction = z.output<typeof correction>;
