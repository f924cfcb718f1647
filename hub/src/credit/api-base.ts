/** What the schemas of all credit routes share: numbers, days, classes, cells. See api.ts. */
import { z } from 'zod';

/** One key repeated; the server wraps a single value. */
export const many = <T extends z.ZodType>(item: T) => z.array(item).max(50).optional();

/** A yes or no of a query string. */
export const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((v) => v === 'true');
/** A day 'YYYY-MM-DD'. */
export const day = z.iso.date();
/** An exact decimal number as text. */
export const decimal = z.string().regex(/^-?\d{1,16}(\.\d{1,2})?$/, 'a decimal number with at most two places');
/** run × 2³² + row as text. */
export const factId = z.string().regex(/^\d{1,19}$/, 'a fact number');
/** A legal person. */
export const entityId = z.coerce.number().int().min(1).max(2_147_483_647);
/** A text in Chinese with English beside it. */
export const bilingual = z.object({ zh: z.string(), en: z.string() });

/** The categories of the panorama, in the order in which they are shown. */
export const category = z.enum([
  'registration',
  'permit',
  'penalty',
  'asset',
  'honour',
  'tax',
  'social-insurance',
  'utility',
  'operation',
  'court',
  'dishonesty',
  'bad-loan',
  'other',
]);
export type Category = z.infer<typeof category>;

/**
 * A value after protection. `plain`: as the library holds it. `masked`: shortened (张**). `hidden`: null.
 * `flagged`: could not be cleaned, this is the source's own text. `token`: names a number in the vault that this
 * person may ask to be revealed (a separate, audited act).
 */
export const cell = z.object({
  value: z.string().nullable(),
  shown: z.enum(['plain', 'masked', 'hidden']),
  flagged: z.literal(true).optional(),
  token: z.string().optional(),
});
export type Cell = z.infer<typeof cell>;

/** Something the reader should know beside the answer, with a stable code. */
export const hint = z.object({ code: z.string(), zh: z.string(), en: z.string() });

/** A record class (one declared source) as shown beside its records. */
export const classRef = z.object({
  class: z.number().int(),
  source: z.string(),
  owner: z.string(),
  category,
  title: bilingual,
});
