/** Questions and answers of the open API (`/open/api/v1`). Days are 'YYYY-MM-DD', instants ISO 8601 in UTC. */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const both = z.object({ zh: z.string(), en: z.string() });
const instant = z.string();
const many = z.array(z.string().max(60)).max(20).optional();

export const listQuery = z.object({
  q: z.string().max(100).default(''),
  theme: many,
  provider: many,
  cycle: many,
  format: many,
  sort: z.enum(['relevance', 'updated', 'title']).default('relevance'),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const field = z.object({
  ...{ name: z.string(), title: both, type: z.enum(['text', 'integer', 'decimal', 'date', 'boolean']) },
  ...{ unit: z.string().nullable(), role: z.enum(['item', 'measure']), as: z.string(), note: z.string() },
});
const summary = z.object({
  ...{ id: z.string(), title: both, abstract: both, provider: z.object({ id: z.string(), name: both }) },
  ...{
    theme: z.object({ id: z.string(), title: both }),
    cycle: z.string(),
    licence: z.string(),
    formats: z.array(z.string()),
  },
  ...{ keywords: z.array(z.string()), items: count, rows: count, edition: count, opened: instant, updated: instant },
  kind: z.enum(['rows', 'counts']),
});
const facet = z.array(z.object({ value: z.string(), title: both, count }));
export const listAnswer = z.object({
  items: z.array(summary),
  total: count,
  facets: z.object({ theme: facet, provider: facet, cycle: facet, format: facet }),
  understood: z.array(z.object({ word: z.string(), meaning: z.string() })),
});
export const idParams = z.object({ id: z.string().max(80) });

const file = z.object({
  ...{
    format: z.enum(['csv', 'parquet', 'json', 'ndjson', 'xlsx']),
    sha256: z.string(),
    bytes: count,
    url: z.string(),
  },
  /** Number of the certificate of its signature, for `/verify?ref=…`; null while it is being signed. */
  certificate: z.string().nullable(),
});
export const datasetAnswer = summary.extend({
  entry: z.object({ id: z.string(), code: z.string().nullable() }),
  ground: z.string(),
  fields: z.array(field),
  files: z.array(file),
  /** Where the next edition is due, its day. */
  next: z.string().nullable(),
  /** By field: values given, in percent. */
  filled: z.array(z.object({ name: z.string(), percent: z.number() })),
  versions: z.array(
    z.object({
      ...{ number: count, opened: instant, rows: count, added: count.nullable(), removed: count.nullable() },
      files: z.array(file),
    }),
  ),
  rating: z.object({
    ...{ count, average: z.number().nullable(), counts: z.array(count) },
    said: z.array(z.object({ id: count, stars: count, words: z.string(), at: instant })),
  }),
  use: z.object({ view: count, download: count, call: count }),
  citation: both,
});

export const rowsQuery = z.object({
  /** Columns with commas between; all of them where none is named. */
  fields: z.string().max(2000).optional(),
  /** `item:operator:value`; several hold together. Values of `in` with `|` between. */
  filter: z.array(z.string().max(2000)).max(10).optional(),
  /** Words that occur in some text column. */
  q: z.string().max(200).optional(),
  /** Columns with commas between, `-` before one for descending. */
  sort: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
  format: z.enum(['json', 'csv', 'ndjson']).default('json'),
});
export const chartQuery = z.object({
  by: z.string().max(64),
  /** A number column whose sum is drawn; absent: how many rows. */
  sum: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(60).default(24),
});
export const chartAnswer = z.object({
  by: field,
  measure: both,
  unit: z.string().nullable(),
  time: z.boolean(),
  points: z.array(z.object({ value: z.string().nullable(), n: z.number() })),
  /** Groups beyond the drawn ones, together. */
  rest: z.object({ groups: count, n: z.number() }),
});
export const fileParams = idParams.extend({ format: z.enum(['csv', 'parquet', 'json', 'ndjson', 'xlsx']) });
export const fileQuery = z.object({ edition: z.coerce.number().int().min(1).optional() });

export const done = z.object({ done: z.literal(true) });
export const receiptAnswer = z.object({ receipt: z.string(), due: z.string().nullable() });
export const receiptParams = z.object({ receipt: z.string().max(40) });
export const messageAnswer = z.object({
  ...{ id: count, kind: z.enum(['request', 'error']), title: z.string(), body: z.string() },
  organisation: z.object({ id: z.string(), name: both }).nullable(),
  ...{ state: z.enum(['waiting', 'answered']), outcome: z.string().nullable(), answer: z.string().nullable() },
  ...{ due: z.string().nullable(), at: instant, answeredAt: instant.nullable(), dataset: z.string().nullable() },
});
export const requestsAnswer = z.object({ items: z.array(messageAnswer), waiting: count, days: count });
export const keyBody = z.strictObject({ name: z.string().trim().min(2).max(40) });
export const keyMade = z.object({ key: z.string() });
export const keyAnswer = z.object({
  ...{ name: z.string(), made: instant, today: count, total: count },
  limits: z.object({ perMinute: count, perDay: count }),
});
export const aboutAnswer = z.object({
  organisations: z.array(z.object({ id: z.string(), name: both })),
  answerDays: count,
  limits: z.object({ anonymousPerMinute: count, keyPerMinute: count, keyPerDay: count }),
  datasets: count,
  rows: count,
  downloads: count,
});
