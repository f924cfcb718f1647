/**
 * Answers and questions of the declared libraries' routes.
 *
 *   GET  /api/v1/libraries/base                                         library.read -> librariesAnswer
 *   GET  /api/v1/libraries/base/{library}/entities                      library.read searchQuery -> searchAnswer
 *   POST /api/v1/libraries/base/{library}/identity                      person.read  identityBody -> searchAnswer
 *   GET  /api/v1/libraries/base/{library}/entities/{entity}             library.read -> entityAnswer
 *   GET  /api/v1/libraries/base/{library}/entities/{entity}/why/{attribute}  library.read -> whyAnswer
 *
 * A library of persons asks for person.read and a purpose besides; every look at it is written to the audit.
 */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';
import { bigNumber, cell } from '../../refinery/index.ts';

const day = z.string().nullable();
const entityNumber = z.coerce.number().int().min(1).max(2_147_483_647);
const libraryName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);

export const libraryParams = z.object({ library: libraryName });
export const entityParams = libraryParams.extend({ entity: entityNumber });
export const whyParams = entityParams.extend({ attribute: z.string().max(60) });

export const librariesAnswer = z.object({
  libraries: z.array(
    z.object({
      library: z.string(),
      title: bilingual,
      abstract: bilingual,
      personal: z.boolean(),
      /** Whether the asker may search and open its entities. */
      open: z.boolean(),
      /** Fields by which it is searched. */
      search: z.array(bilingual),
      entities: z.number().int(),
      /** Mean share of attributes that are filled and undisputed, 0 … 1. */
      quality: z.number().nullable(),
      /** Entities on which sources disagree. */
      disputed: z.number().int(),
      relations: z.number().int(),
      sources: z.array(
        z.object({
          source: z.string(),
          title: bilingual,
          /** Whom of several a row is about is this: 男方; null where it is about one. */
          mention: bilingual.nullable(),
          register: z.boolean(),
          /** Current rows, and those that found their entity. */
          rows: z.number().int(),
          linked: z.number().int(),
          /** Open because several answer. */
          ambiguous: z.number().int(),
        }),
      ),
    }),
  ),
  problems: z.number().int(),
});

export const searchQuery = z.object({
  q: z.string().max(120).default(''),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** Entity after which to go on. */
  after: z.coerce.number().int().min(0).default(0),
});
/** Numbers of persons must not stand in a URL. */
export const identityBody = z.object({ identity: z.string().min(6).max(40) });

export const found = z.object({
  entity: z.number().int(),
  label: cell,
  /** The first attributes beside the label. */
  shown: z.array(z.object({ title: bilingual, value: cell, unit: z.string().nullable() })),
  facts: z.number().int(),
  contradictions: z.number().int(),
});
export const searchAnswer = z.object({ items: z.array(found), next: z.number().int().nullable() });

export const relationEnd = z.object({
  kind: z.string(),
  title: bilingual,
  /** The other end: a declared library, or legal-person. */
  library: z.string(),
  libraryTitle: bilingual,
  entity: z.number().int(),
  label: cell,
  qualifier: cell.nullable(),
  /** Of those of which there is one at a time: the one that holds. */
  chosen: z.boolean(),
  /** Rows that say so, the source of the latest and its fact. */
  rows: z.number().int(),
  source: bilingual,
  day,
});
export const entityAnswer = z.object({
  library: z.string(),
  title: bilingual,
  entity: z.number().int(),
  label: cell,
  keys: z.array(z.object({ name: z.string(), title: bilingual, value: cell })),
  attributes: z.array(
    z.object({
      name: z.string(),
      title: bilingual,
      value: cell,
      unit: z.string().nullable(),
      source: bilingual.nullable(),
      contradicted: z.boolean(),
    }),
  ),
  relations: z.array(relationEnd),
  /** The relations were cut at the limit. */
  cut: z.boolean(),
  /** Rows of the sources that are about it, the latest first, those that are over among them. */
  rows: z.array(
    z.object({
      fact: bigNumber,
      run: z.number().int(),
      row: z.number().int(),
      source: z.string(),
      title: bilingual,
      method: bilingual,
      day,
      over: z.boolean(),
    }),
  ),
  facts: z.number().int(),
  quality: z.number(),
});

export const whyAnswer = z.object({
  attribute: z.string(),
  title: bilingual,
  rule: bilingual,
  claims: z.array(
    z.object({
      value: cell,
      source: z.string(),
      title: bilingual,
      rank: z.number().int(),
      day,
      fact: bigNumber,
      run: z.number().int(),
      row: z.number().int(),
      input: z.string().nullable(),
      recordedAt: z.string().nullable(),
      method: bilingual,
      chosen: z.boolean(),
      over: z.boolean(),
      says: bilingual,
    }),
  ),
});
