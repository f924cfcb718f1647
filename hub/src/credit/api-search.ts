/** Search and its index. See api.ts for conventions. */
import { z } from 'zod';
import { cell, day, hint, many } from './api-base.ts';

/** Which route a search goes; `auto` tries all that the text allows. */
export const searchBy = z.enum(['auto', 'name', 'pinyin', 'code', 'person', 'address', 'number']);

const searchFields = {
  /** What is looked for: 1 to 100 characters. */
  q: z.string(),
  by: searchBy.default('auto'),
  /** Values of the facets of an earlier answer. */
  status: many(z.string().max(40)),
  town: many(z.string().max(40)),
  industry: many(z.string().max(4)),
  page: z.coerce.number().int().min(1).max(500).default(1),
  size: z.coerce.number().int().min(1).max(100).default(20),
};
/** GET /search. Identity and telephone numbers are only looked up by POST, so that they stand in no log or history. */
export const searchQuery = z.object(searchFields);
/** POST /search: the same, in a body. */
export const searchBody = z.object(searchFields);

/** How a hit was found, best first. */
export const searchRoute = z.enum([
  'code',
  'name',
  'prefix',
  'trade-name',
  'part',
  'words',
  'abbreviation',
  'pinyin',
  'initials',
  'former-name',
  'variant',
  'address',
  'person',
  'number',
  'similar',
]);
export type SearchRoute = z.infer<typeof searchRoute>;

/** Part of a shown text that matched: [start, end) in UTF-16 units of `text`. */
export const highlight = z.object({
  field: z.enum(['name', 'former-name', 'variant', 'uscc', 'orgcode', 'regno', 'address', 'person']),
  text: z.string(),
  ranges: z.array(z.tuple([z.number().int(), z.number().int()])),
});

export const searchHit = z.object({
  entity: z.number().int(),
  name: z.string(),
  uscc: z.string().nullable(),
  status: z.string().nullable(),
  legalRepresentative: cell,
  established: day.nullable(),
  capital: z.number().nullable().describe('registered capital in 万元'),
  address: z.string().nullable(),
  division: z.string().nullable(),
  industry: z.string().nullable(),
  facts: z.number().int(),
  route: searchRoute,
  highlights: z.array(highlight),
});
export type SearchHit = z.infer<typeof searchHit>;

export const facetValue = z.object({ value: z.string(), title: z.string(), count: z.number().int() });

export const searchAnswer = z.object({
  /** The text as it was understood: trimmed, half width. */
  q: z.string(),
  by: searchBy,
  total: z.number().int(),
  /** False when counting stopped at a limit: then `total` is a lower bound. */
  exact: z.boolean(),
  page: z.number().int(),
  size: z.number().int(),
  hits: z.array(searchHit),
  facets: z.object({ status: z.array(facetValue), town: z.array(facetValue), industry: z.array(facetValue) }),
  hints: z.array(hint),
  /** `index`, or `lake` while the index is being built. */
  engine: z.enum(['index', 'lake']),
  tookMs: z.number(),
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

export const indexState = z.object({
  state: z.enum(['empty', 'building', 'ready', 'failed']),
  enterprises: z.number().int(),
  names: z.number().int(),
  persons: z.number().int(),
  codes: z.number().int(),
  /** Memory of the index's arrays in bytes. */
  bytes: z.number().int(),
  /** Entities refreshed since the last full build. */
  refreshed: z.number().int(),
  builtAt: z.string().nullable(),
  buildMs: z.number().nullable(),
  error: z.string().nullable(),
});
export type IndexState = z.infer<typeof indexState>;
