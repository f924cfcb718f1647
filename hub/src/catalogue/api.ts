/**
 * Answers and questions of the catalogue's routes. These schemas validate at the door, make the OpenAPI description and
 * the types that the console is generated from.
 *
 *   GET /api/v1/catalogue/resources        resourceQuery -> resourcePage
 *   GET /api/v1/catalogue/resources/{id}   -> resourceDetail
 *   GET /api/v1/catalogue/organisations    -> organisationList
 *   GET /api/v1/trust/origins              public -> originNames
 */
import { z } from 'zod';
import {
  bilingual,
  factRole,
  fieldFormat,
  fieldType,
  goldenAttribute,
  matchRole,
  panoramaCategory,
  protection,
} from './declaration.ts';

/** Levels of a resource (GB/T 43697): 核心 / 重要 / 一般. */
export const resourceLevel = z.enum(['core', 'important', 'general']);

/** How a resource is shared (decree 809, guide of 2017): 无条件 / 有条件 / 不予共享. */
export const sharingType = z.enum(['unconditional', 'conditional', 'refused']);

/** How often a resource is brought up to date. */
export const cadence = z.enum(['realtime', 'daily', 'weekly', 'half-monthly', 'monthly', 'quarterly', 'yearly']);

/** How a resource reaches the hub. */
export const transportKind = z.enum(['file', 'postgres', 'mysql', 'http-pull', 'http-push', 'unavailable']);

/** An organisation of the city, with how many resources it answers for. */
export const organisation = z.object({
  id: z.string(),
  name: bilingual,
  /** Unified social credit code of the organisation, where it is known. */
  code: z.string().nullable(),
  kind: z.string().nullable(),
  /** The first day on which it is no more, and who answers for it now. */
  until: z.string().nullable(),
  heir: z.string().nullable(),
  resources: z.number().int(),
  /** Of them, those that cannot deliver yet. */
  unavailable: z.number().int(),
});

export const organisationList = z.object({ items: z.array(organisation) });

/** What the origins of signatures are called. */
export const originNames = z.object({
  /** Identifier of the city itself. */
  city: z.string(),
  items: z.array(z.object({ id: z.string(), name: bilingual })),
});

/** One line of the catalogue. */
export const resourceSummary = z.object({
  id: z.string(),
  number: z.number().int(),
  /** National resource code: classification code / sequence code. */
  code: z.string(),
  title: bilingual,
  abstract: bilingual,
  owner: z.object({ id: z.string(), name: bilingual }),
  category: panoramaCategory,
  subject: z.enum(['legal-person', 'natural-person', 'place', 'none']),
  level: resourceLevel,
  sharing: z.object({
    type: sharingType,
    condition: z.string().nullable(),
    ground: z.string().nullable(),
  }),
  open: z.boolean(),
  cadence,
  mode: z.enum(['snapshot', 'changes']),
  transport: transportKind,
  fields: z.number().int(),
  /** The highest protection among its fields. */
  protection,
  declaration: z.number().int(),
});

export const resourceQuery = z.object({
  /** Words looked for in id, code, titles, abstracts and field titles. */
  search: z.string().max(100).optional(),
  owner: z.string().optional(),
  category: panoramaCategory.optional(),
  level: resourceLevel.optional(),
  sharing: sharingType.optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const resourcePage = z.object({ items: z.array(resourceSummary), total: z.number().int() });

/** One information item (信息项) of a resource. */
export const resourceField = z.object({
  position: z.number().int(),
  name: z.string(),
  column: z.string(),
  title: bilingual,
  type: fieldType,
  /** Data type letter of the catalogue's forms: C N Y D T L … */
  nationalType: z.string(),
  format: fieldFormat.nullable(),
  unit: z.string().nullable(),
  required: z.boolean(),
  protection,
  codes: z.record(z.string(), z.string()).nullable(),
  role: matchRole.nullable(),
  fact: factRole.nullable(),
  golden: goldenAttribute.nullable(),
  key: z.boolean(),
});

/** One element of the national core metadata: its Chinese name, an English gloss and its value. */
export const metadataElement = z.object({
  name: z.string(),
  en: z.string(),
  value: z.union([z.string(), z.null()]),
});

export const declarationVersion = z.object({
  version: z.number().int(),
  recorded: z.string(),
  sha256: z.string(),
});

/** Everything that the catalogue says of one resource. */
export const resourceDetail = resourceSummary.extend({
  key: z.array(z.string()),
  contract: z.enum(['evolve', 'freeze', 'discard']),
  unavailable: z.object({ reason: bilingual, expected: z.string() }).nullable(),
  items: z.array(resourceField),
  relations: z.array(z.record(z.string(), z.string())),
  /** Core metadata of the catalogue guide (发改高技术〔2017〕1272号), in its order. */
  metadata: z.array(metadataElement),
  versions: z.array(declarationVersion),
});

/** How often a resource is brought up to date. */
export type Cadence = z.infer<typeof cadence>;
export type OrganisationView = z.infer<typeof organisation>;
export type ResourceSummary = z.infer<typeof resourceSummary>;
export type ResourceQuery = z.infer<typeof resourceQuery>;
export type ResourceDetail = z.infer<typeof resourceDetail>;
export type ResourceField = z.infer<typeof resourceField>;
