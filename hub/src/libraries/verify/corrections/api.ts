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
  /** Library on a record of which it was asked: legal-person, or the name of a declared one. */
  library: z.string().nullable(),
  originTitle: bilingual,
  subject: z.enum([...subjects, 'other']),
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

const factNumber = z
  .string()
  .regex(/^[1-9]\d{0,18}$/)
  .refine((n) => BigInt(n) < 2n ** 63n);
const libraryName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);
const entityNumber = z.number().int().min(1).max(2_147_483_647);
const name = z.string().min(1).max(63);

/** A record: a received row by its fact's number, or an entity of a library (`legal-person`, or a declared one). */
export type RecordTarget = { fact: string } | { library: string; entity: number };

/** Which record is asked about: `fact`, or `library` and `entity`. */
export const possibleQuery = z.union([
  z.strictObject({ fact: factNumber }),
  z.strictObject({ library: libraryName, entity: z.coerce.number().pipe(entityNumber) }),
]);
const comment = z.string().trim().min(4).max(500);
/** A doubt about a field of a received row, or about an attribute of an entity. */
export const raiseBody = z.union([
  z.strictObject({ fact: factNumber, field: name, comment }),
  z.strictObject({ library: libraryName, entity: entityNumber, attribute: name, comment }),
]);
const wholeDue = { due: z.string().nullable(), missingYear: z.number().int().nullable() };
export const possibleAnswer = z.object({
  /** Until when what is asked today is to be answered. */
  ...wholeDue,
  items: z.array(
    z.object({
      attribute: z.string().nullable(),
      field: z.string(),
      title: bilingual,
      shown: z.enum(['plain', 'masked']),
      source: z.string(),
      sourceTitle: bilingual,
      owner: z.string(),
      ownerName: bilingual,
      /** What is being corrected already and how it stands. */
      open: z
        .object({ id: z.number().int(), state: state.exclude(['settled']), ...wholeDue, overdue: z.boolean() })
        .nullable(),
    }),
  ),
});
export const recordAnswer = z.object({
  id: z.number().int(),
  field: z.string(),
  title: bilingual,
  source: z.string(),
  sourceTitle: bilingual,
  owner: z.string(),
  ownerName: bilingual,
  ...wholeDue,
});

export type Correction = z.output<typeof correction>;
