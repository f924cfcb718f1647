/** Questions and answers of the themes' routes; days are 'YYYY-MM-DD'. Every value that protection applies to travels as a `cell`. */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';
import { cell } from '../../refinery/index.ts';

const count = z.number().int().nonnegative();

export const themeSummary = z.object({
  id: z.string(),
  title: bilingual,
  purpose: bilingual,
  owner: z.string(),
  ownerName: bilingual,
  library: z.string(),
  libraryTitle: bilingual,
  personal: z.boolean(),
  level: z.enum(['core', 'important', 'general']),
  /** `waiting`: it reads views that nobody publishes; `new`: never made. */
  state: z.enum(['ready', 'waiting', 'new']),
  missing: z.array(z.string()),
  /** The division whose members are seen; null: all of them. */
  scope: z.string().nullable(),
  day: z.string().nullable(),
  members: count.nullable(),
  entered: count.nullable(),
  gone: count.nullable(),
  filled: z.number().nullable(),
  contradicted: z.number().nullable(),
});
export const themesAnswer = z.object({
  items: z.array(themeSummary),
  problems: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string(), place: z.string().nullable() })),
});
export const themeParams = z.object({ theme: z.string().max(64) });
export const memberParams = themeParams.extend({ entity: z.coerce.number().int().min(1) });
export const shownColumn = z.object({ name: z.string(), title: bilingual, unit: z.string().nullable() });
export const themeDetail = themeSummary.extend({
  ground: bilingual,
  retention: count,
  columns: z.array(shownColumn),
  views: z.array(z.string()),
  sources: z.array(z.object({ source: z.string(), title: bilingual })),
  sql: z.string().nullable(),
  towns: z.array(z.object({ town: z.string().nullable(), title: z.string().nullable(), members: count })),
  history: z.array(z.object({ day: z.string(), members: count, entered: count, gone: count })),
  withoutEntity: count,
  access: z.object({ roles: z.array(z.string()), organisations: z.array(bilingual) }),
});

export const memberFilter = {
  which: z.enum(['current', 'entered', 'gone']).default('current'),
  town: z.string().max(12).optional(),
  q: z.string().max(60).optional(),
};
export const membersQuery = z.object({
  ...memberFilter,
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export const member = z.object({
  entity: z.number().int(),
  values: z.array(cell),
  division: z.string().nullable(),
  divisionTitle: z.string().nullable(),
  reason: z.string().nullable(),
  since: z.string(),
  until: z.string().nullable(),
});
export const membersAnswer = z.object({ total: count, columns: z.array(shownColumn), items: z.array(member) });
const record = z.object({
  source: z.string(),
  title: bilingual,
  run: count,
  row: count,
  day: z.string().nullable(),
  input: z.string().nullable(),
  finished: z.string().nullable(),
});
export const memberAnswer = z.object({
  theme: z.string(),
  title: bilingual,
  library: z.string(),
  columns: z.array(shownColumn),
  current: member.nullable(),
  /** The record that brought it in. */
  record: record.nullable(),
  stays: z.array(z.object({ since: z.string(), until: z.string(), reason: z.string().nullable() })),
  others: z.array(z.object({ id: z.string(), title: bilingual, since: z.string() })),
});
export const belongsParams = z.object({ library: z.string().max(64), entity: z.coerce.number().int().min(1) });
export const belongsAnswer = z.object({
  items: z.array(z.object({ id: z.string(), title: bilingual, since: z.string(), reason: z.string().nullable() })),
});
export const exportQuery = z.object({ ...memberFilter, format: z.enum(['csv']).default('csv') });
export const runBody = z.object({ theme: z.string().max(64).optional() });
