/**
 * What `elements/<group>.yaml` and `codesets/<id>.yaml` declare: data elements (数据元) as GB/T 18391 describes them, with what a field that
 * refers to one must be like, and code sets (代码集) with their versions. The schema is the meaning; docs/elements.md tells it to people.
 */
import { z } from 'zod';
import { bilingual, fieldFormat, fieldType, protection } from '../declaration.ts';

/** A short name that fields refer by; never used again for another thing. */
export const elementId = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/, 'lower case letters, digits and -');
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day: 2026-11-22');

export const elementDeclaration = z.strictObject({
  id: elementId,
  /** The registered identifier (GB/T 18391.6): registration authority, kind, number. */
  number: z.string().regex(/^[A-Z]{2}-DE-\d{5}$/, 'for instance CX-DE-01001'),
  version: z.string().min(1).max(20),
  /** `draft` is talked about, `standard` is to be used, `retired` no longer. */
  status: z.enum(['draft', 'standard', 'retired']),
  title: bilingual,
  definition: bilingual,
  type: fieldType,
  format: fieldFormat.optional(),
  /** Characters of a text. */
  length: z.strictObject({ min: z.number().int().min(0), max: z.number().int().min(1).max(100_000) }).optional(),
  unit: z.string().min(1).optional(),
  /** The code set that its values are of. */
  codes: elementId.optional(),
  /** The least protection of a field that holds it. */
  protection: protection.default('public'),
  /** The standard that it is taken of. */
  standard: z.string().min(1).optional(),
  /** Organisation that is in charge of it; absent: the city's data administration. */
  owner: z.string().optional(),
  /** Other Chinese names under which sources deliver it. */
  synonyms: z.array(z.string().min(1)).default([]),
  replacedBy: elementId.optional(),
});
export const elementFile = z.strictObject({
  group: elementId,
  title: bilingual,
  elements: z.array(elementDeclaration).min(1),
});

export const code = z.strictObject({
  code: z.string().min(1).max(40),
  zh: z.string().min(1),
  en: z.string().min(1),
  parent: z.string().optional(),
});
export const codeSetDeclaration = z
  .strictObject({
    /** The file's name. */
    id: elementId,
    number: z.string().regex(/^[A-Z]{2}-CS-\d{3}$/, 'for instance CX-CS-001'),
    title: bilingual,
    definition: bilingual,
    standard: z.string().min(1).optional(),
    owner: z.string().optional(),
    /** A national table that the program carries (packages/codes). */
    builtin: z.enum(['division', 'industry']).optional(),
    /** In order of time; the last is in force. */
    versions: z
      .array(z.strictObject({ version: z.string().min(1).max(20), from: day, codes: z.array(code).min(1).max(10_000) }))
      .default([]),
  })
  .refine((s) => (s.builtin === undefined) === s.versions.length > 0, {
    error: 'either builtin or versions',
    path: ['versions'],
  });

/** A data element as it is declared. */
export type Element = z.infer<typeof elementDeclaration> & { group: string };
/** One code of a set. */
export type Code = z.infer<typeof code>;
/** A version of a code set. */
export interface CodeVersion {
  version: string;
  from: string;
  codes: readonly Code[];
}
/** A code set; `versions` of a national table are made of the program's own. */
export interface CodeSet extends Omit<z.infer<typeof codeSetDeclaration>, 'versions'> {
  versions: readonly CodeVersion[];
}
