/**
 * Questions and answers of the registry of data elements and code sets.
 *
 *   GET /api/v1/elements               catalogue.read  elementsQuery -> elementsAnswer
 *   GET /api/v1/elements/differences   catalogue.read  differencesQuery -> differencesAnswer
 *   GET /api/v1/elements/{id}          catalogue.read  -> elementAnswer
 *   GET /api/v1/codes                  catalogue.read  codeSetsQuery -> codeSetsAnswer
 *   GET /api/v1/codes/{id}             catalogue.read  codesQuery -> codesAnswer
 */
import { z } from 'zod';
import { bilingual } from '../declaration.ts';

const page = {
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};
const text = z.string().trim().max(120).default('');

const length = z.object({ min: z.number(), max: z.number() }).nullable();
export const element = z.object({
  id: z.string(),
  number: z.string(),
  version: z.string(),
  status: z.enum(['draft', 'standard', 'retired']),
  title: bilingual,
  definition: bilingual,
  group: z.string(),
  groupTitle: bilingual,
  type: z.string(),
  format: z.string().nullable(),
  length,
  unit: z.string().nullable(),
  codes: z.string().nullable(),
  codesTitle: bilingual.nullable(),
  protection: z.string(),
  standard: z.string().nullable(),
  owner: z.string().nullable(),
  ownerName: bilingual.nullable(),
  synonyms: z.array(z.string()),
  replacedBy: z.string().nullable(),
  /** Fields of sources that refer to it, and how many of them differ. */
  fields: z.number(),
  differing: z.number(),
});

export const elementsQuery = z.object({
  q: text,
  group: z.string().max(60).default(''),
  status: z.enum(['', 'draft', 'standard', 'retired']).default(''),
  /** Only those that fields differ from. */
  differing: z.enum(['', '1']).default(''),
  ...page,
});
export const elementsAnswer = z.object({
  items: z.array(element),
  total: z.number(),
  groups: z.array(z.object({ group: z.string(), title: bilingual, n: z.number() })),
  /** Fields of all sources: in all, those that refer, faults among them, and those that are called like an element. */
  summary: z.object({ fields: z.number(), referring: z.number(), differing: z.number(), unreferred: z.number() }),
  /** Mistakes in the registry's own files. */
  problems: z.array(bilingual.extend({ code: z.string(), place: z.string().nullable() })),
});

export const difference = z.object({
  kind: z.enum(['type', 'format', 'unit', 'codes', 'protection', 'length', 'retired', 'unknown', 'unreferred']),
  source: z.string(),
  sourceTitle: bilingual,
  field: z.string(),
  fieldTitle: bilingual,
  element: z.string(),
  elementTitle: bilingual,
  expected: z.string(),
  found: z.string(),
});
export const differencesQuery = z.object({
  /** Faults; `unreferred`: fields that are called like an element; or one kind. */
  kind: z
    .enum(['', 'unreferred', 'type', 'format', 'unit', 'codes', 'protection', 'length', 'retired', 'unknown'])
    .default(''),
  q: text,
  ...page,
});
export const differencesAnswer = z.object({ items: z.array(difference), total: z.number() });

export const idParams = z.object({ id: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/) });
export const elementAnswer = z.object({
  element,
  /** Where it is declared. */
  place: z.string(),
  usages: z.array(z.object({ kind: z.string(), id: z.string(), title: bilingual, through: z.array(z.string()) })),
  differences: z.array(difference),
});

export const codeSet = z.object({
  id: z.string(),
  number: z.string(),
  title: bilingual,
  definition: bilingual,
  standard: z.string().nullable(),
  owner: z.string().nullable(),
  ownerName: bilingual.nullable(),
  builtin: z.boolean(),
  versions: z.array(z.object({ version: z.string(), from: z.string(), n: z.number() })),
  /** Elements whose values are of it. */
  elements: z.array(z.object({ id: z.string(), title: bilingual })),
});
export const codeSetsQuery = z.object({ q: text });
export const codeSetsAnswer = z.object({
  items: z.array(codeSet),
  /** Codes that the text finds, of all sets in force; at most fifty. */
  found: z.array(
    z.object({
      set: z.string(),
      setTitle: bilingual,
      code: z.string(),
      title: bilingual,
      parent: z.string().nullable(),
    }),
  ),
});
export const codesQuery = z.object({
  q: text,
  version: z.string().max(20).default(''),
  parent: z.string().max(40).default(''),
  ...page,
});
export const codesAnswer = z.object({
  set: codeSet,
  version: z.string(),
  place: z.string(),
  codes: z.array(
    z.object({
      code: z.string(),
      title: bilingual,
      parent: z.string().nullable(),
      children: z.number(),
      /** Against the version before: new, or under another name. */
      change: z.enum(['new', 'renamed']).nullable(),
    }),
  ),
  total: z.number(),
  /** Codes of the version before that this one has no more. */
  gone: z.array(z.object({ code: z.string(), title: bilingual })),
});
