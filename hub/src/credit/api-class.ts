/** Queries by class over all enterprises, and export. See api.ts for conventions. */
import { z } from 'zod';
import { bilingual, category, day, decimal, entityId, flag, hint, many } from './api-base.ts';
import { classWithFields, record } from './api-enterprise.ts';

export const classesAnswer = z.object({
  categories: z.array(z.object({ category, title: bilingual })),
  classes: z.array(classWithFields),
});

const filterFields = {
  /** One class, or all classes of a category: one of the two is needed. */
  class: z.coerce.number().int().min(1).max(32767).optional(),
  category: category.optional(),
  from: day.optional(),
  to: day.optional(),
  minAmount: decimal.optional(),
  maxAmount: decimal.optional(),
  /** Name of a field of the class (needs `class`) and a text that its value contains. */
  field: z.string().max(63).optional(),
  contains: z.string().min(1).max(100).optional(),
  /** Of the enterprise. */
  status: many(z.string().max(40)),
  town: many(z.string().max(40)),
  /** Records that no enterprise was found for: left out, included or alone. */
  unmatched: z.enum(['no', 'yes', 'only']).default('no'),
  sort: z.enum(['day-desc', 'day-asc', 'amount-desc', 'amount-asc']).default('day-desc'),
};
export const classQuery = z.object({
  ...filterFields,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(300).optional(),
  plain: flag,
});
export const classQueryAnswer = z.object({
  classes: z.array(classWithFields),
  records: z.array(
    record.extend({
      enterprise: z
        .object({
          entity: z.number().int(),
          name: z.string(),
          uscc: z.string().nullable(),
          status: z.string().nullable(),
          division: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
  /** How many records answer; only given with the first page. */
  count: z.object({ value: z.number().int(), exact: z.boolean() }).nullable(),
  next: z.string().nullable(),
  hints: z.array(hint),
});

/** The same filters as the query; `class` is needed (one file has one set of columns). */
export const exportQuery = z.object({
  ...filterFields,
  format: z.enum(['csv', 'xlsx']).default('csv'),
  /** When more records answer than may be exported: refuse (default), or give the first of them. */
  cut: flag,
  /** Records of one enterprise only. */
  entity: entityId.optional(),
  plain: flag,
});
