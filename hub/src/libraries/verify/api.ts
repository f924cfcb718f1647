/** Questions and answers of the routes of verification. */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';
import { cell } from '../../refinery/index.ts';
import { outcomes, subjects } from './outcome.ts';

const count = z.number().int().nonnegative();
export const outcome = z.enum(outcomes);
/** `department`: the list is wrong and its owner mends it; `library`: the library may be wrong, and a steward reviews it. */
export const caseStates = ['open', 'department', 'library', 'settled'] as const;
const caseState = z.enum(caseStates);

export const verification = z.object({
  id: z.number().int(),
  title: z.string(),
  subject: z.enum(subjects),
  organisation: z.string().nullable(),
  by: z.string(),
  at: z.string(),
  fileName: z.string().nullable(),
  source: z.string().nullable(),
  run: z.number().int().nullable(),
  columns: z.record(z.string(), z.string()),
  state: z.enum(['waiting', 'done', 'failed']),
  job: z.string().nullable(),
  problem: z.object({ code: z.string(), title: bilingual }).nullable(),
  received: count.nullable(),
  /** In the order of outcomes; their sum is `received`. */
  counts: z.array(z.object({ outcome, title: bilingual, rows: count })),
  finished: z.string().nullable(),
});
export const verifications = z.object({ items: z.array(verification) });

export const idParams = z.object({ id: z.coerce.number().int().min(1).max(2_147_483_647) });
export const rowParams = idParams.extend({ row: z.coerce.number().int().min(1).max(2_147_483_647) });

const plainName = z.string().regex(/^[^/\\\0]{1,200}$/, 'a plain file name');
const column = z.string().max(200).optional();
/** The file is the body. Columns are known by their usual headers unless they are named here. */
export const uploadQuery = z.object({
  name: plainName,
  subject: z.enum(subjects),
  title: z.string().trim().min(1).max(120).optional(),
  ...{ number: column, personName: column, birth: column, sex: column, address: column },
});
export const runBody = z.object({
  source: z.string().max(120),
  run: z.number().int().optional(),
  title: z.string().max(120).optional(),
});

export const rowsQuery = z.object({
  outcome: outcome.optional(),
  state: caseState.optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(50),
});
export const rowItem = z.object({
  row: z.number().int(),
  outcome,
  title: bilingual,
  /** Fields that differ. */
  differs: z.array(z.object({ field: z.string(), title: bilingual })),
  candidates: count,
  /** Whom the library found. */
  entity: z.number().int().nullable(),
  name: cell,
  state: caseState,
  comment: z.string().nullable(),
  by: z.string().nullable(),
  at: z.string().nullable(),
});
export const rowsAnswer = z.object({ items: z.array(rowItem), total: count });
export const caseBody = z.object({ state: caseState, comment: z.string().trim().max(500).optional() });

/** Which rows are sent: of one outcome, or all that do not agree. */
export const raiseBody = z.object({ outcome: outcome.optional(), comment: z.string().trim().max(500).optional() });

/** Corrections that departments say are the library's: review items for data stewards. */
export const reviewsAnswer = z.object({
  items: z.array(
    z.object({
      verification: z.number().int(),
      title: z.string(),
      subject: z.enum(subjects),
      organisation: z.string().nullable(),
      row: z.number().int(),
      outcome,
      entity: z.number().int().nullable(),
      comment: z.string().nullable(),
      by: z.string(),
      at: z.string(),
    }),
  ),
});
