/** What a request asks for, as it is drafted: everything may still be missing; what must not be is told by complete.ts. */
import { z } from 'zod';

export const modes = ['service', 'batch', 'file'] as const;
/**
 * How often a batch is delivered: every word of the catalogue's update cycles has one. `ten-days` (每旬): on the 1st, 11th and 21st;
 * `half-monthly`: on the 1st and 16th; `irregular` (不定期): whenever the source has handed in anew.
 */
export const frequencies = [
  'once',
  'daily',
  'weekly',
  'ten-days',
  'half-monthly',
  'monthly',
  'quarterly',
  'yearly',
  'irregular',
] as const;
export type Frequency = (typeof frequencies)[number];
export const formats = ['csv', 'parquet', 'xlsx'] as const;
export const operators = ['eq', 'ne', 'in', 'ge', 'le', 'prefix', 'present', 'absent'] as const;

const day = z.iso.date();
const item = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);

/** Bounds of a filter: what is asked of the engine stays small whoever asks. */
export const FILTER = { conditions: 8, values: 200, text: 100 } as const;

/** One condition over an item; all of a filter hold together. Values are texts and compared in the item's type. */
export const condition = z.strictObject({
  item,
  is: z.enum(operators),
  values: z.array(z.string().max(FILTER.text)).max(FILTER.values).default([]),
});
export type RowCondition = z.output<typeof condition>;

/** A request's content. Texts are trimmed; an empty one is missing. */
export const content = z.strictObject({
  /** 使用依据: law, duty or task that the use rests on. */
  ground: z.string().trim().max(1000).default(''),
  /** 使用场景 and 使用范围. */
  scene: z.string().trim().max(1000).default(''),
  scope: z.string().trim().max(1000).default(''),
  mode: z.enum(modes).nullable().default(null),
  /** 使用时限: the last day of use. */
  until: day.nullable().default(null),
  items: z.array(item).max(500).default([]),
  /** Personal and sensitive items that are asked for, each with why it is needed. */
  necessity: z.record(item, z.string().trim().max(500)).default({}),
  filter: z.array(condition).max(FILTER.conditions).default([]),
  frequency: z.enum(frequencies).default('once'),
  format: z.enum(formats).default('csv'),
  /** How the conditions of the entry are met; asked of conditional sharing. */
  conditions: z.string().trim().max(1000).default(''),
  contact: z.string().trim().max(100).default(''),
});
export type Content = z.output<typeof content>;
