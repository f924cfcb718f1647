/**
 * Answers and questions of the libraries' routes. These schemas validate at the door, make the OpenAPI description and
 * the types that the console is generated from.
 *
 *   GET  /api/v1/libraries/summary                                     library.read  -> summary
 *   GET  /api/v1/libraries/legal-persons/{entity}                      library.read  -> goldenRecord
 *   GET  /api/v1/libraries/legal-persons/{entity}/why/{attribute}      library.read  -> whyAnswer
 *   GET  /api/v1/libraries/legal-persons/{entity}/history              library.read  historyQuery -> historyAnswer
 *   GET  /api/v1/libraries/legal-persons/{entity}/contradictions       library.read  -> contradictionAnswer
 *   GET  /api/v1/libraries/legal-persons/{entity}/relations            library.read  -> relationAnswer
 *   POST /api/v1/libraries/compact                                     system.manage -> jobReference (202)
 *
 * Conventions: days are 'YYYY-MM-DD', instants ISO 8601 in UTC, amounts exact decimal strings, `fact` a decimal string
 * (run x 2^32 + row). Every value that protection applies to travels as a `cell`.
 */
import { z } from 'zod';
import { bilingual, goldenAttribute } from '../catalogue/index.ts';
import { bigNumber, cell, jobReference } from '../refinery/index.ts';

export { jobReference };

export const entityParams = z.object({ entity: z.coerce.number().int().min(1).max(2_147_483_647) });
export const whyParams = entityParams.extend({ attribute: goldenAttribute });

export const summary = z.object({
  entities: z.number().int(),
  facts: z.number().int(),
  /** Facts of rows whose legal person is not known. */
  unlinked: z.number().int(),
  closed: z.number().int(),
  /** Later facts that wait for compaction. */
  delta: z.number().int(),
  contradictions: z.number().int(),
  relations: z.number().int(),
  classes: z.array(
    z.object({
      class: z.number().int(),
      source: z.string(),
      title: bilingual,
      category: z.string(),
      facts: z.number().int(),
      entities: z.number().int(),
    }),
  ),
});

/** One attribute of a golden record. */
export const goldenValue = z.object({
  attribute: goldenAttribute,
  title: bilingual,
  value: cell,
  unit: z.string().nullable(),
  /** Other sources say otherwise. */
  contradicted: z.boolean(),
});

export const goldenRecord = z.object({
  entity: z.number().int(),
  attributes: z.array(goldenValue),
  aliases: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['current', 'former', 'variant']),
      firstSeen: z.string().nullable(),
      lastSeen: z.string().nullable(),
      fact: bigNumber,
    }),
  ),
  facts: z.number().int(),
  sources: z.number().int(),
  contradictions: z.number().int(),
  /** Share of the attributes that are known and uncontradicted, 0 to 1. */
  quality: z.number(),
  firstRun: z.number().int(),
  lastRun: z.number().int(),
  recordedAt: z.string(),
});

/** One claim about an attribute and the way back to where it came from. */
export const claim = z.object({
  value: cell,
  class: z.number().int(),
  source: z.string(),
  title: bilingual,
  owner: z.string(),
  rank: z.number().int(),
  day: z.string().nullable(),
  chosen: z.boolean(),
  /** Why it was chosen or not, in words. */
  says: bilingual,
  /** The claim's fact is over (superseded, deleted or vanished). */
  closed: z.boolean(),
  fact: bigNumber,
  run: z.number().int(),
  row: z.number().int(),
  /** The delivered file, table or address of the run. */
  input: z.string().nullable(),
  finished: z.string().nullable(),
});
export const whyAnswer = z.object({
  entity: z.number().int(),
  attribute: goldenAttribute,
  title: bilingual,
  chosen: cell.nullable(),
  /** The rule in words. */
  rule: bilingual,
  claims: z.array(claim),
});

export const historyQuery = z.object({ attribute: goldenAttribute.optional() });
/** A stretch of time in which a class said the same: valid time by the fact's day, record time by its run. */
export const historyItem = z.object({
  attribute: goldenAttribute,
  title: bilingual,
  value: cell,
  validFrom: z.string().nullable(),
  validTo: z.string().nullable(),
  recordedAt: z.string().nullable(),
  supersededAt: z.string().nullable(),
  class: z.number().int(),
  source: z.string(),
  fact: bigNumber,
});
export const historyAnswer = z.object({ items: z.array(historyItem) });

export const contradictionAnswer = z.object({
  items: z.array(
    z.object({
      attribute: goldenAttribute,
      title: bilingual,
      claims: z.array(
        z.object({
          value: cell,
          class: z.number().int(),
          source: z.string(),
          rank: z.number().int(),
          day: z.string().nullable(),
          fact: bigNumber,
          chosen: z.boolean(),
        }),
      ),
    }),
  ),
});

export const relationItem = z.object({
  kind: z.enum(['shareholder', 'executive', 'supervisor', 'legal-representative', 'branch', 'guarantee', 'contact']),
  /** `out`: declared by this legal person's own records; `in`: another legal person names this one. */
  direction: z.enum(['out', 'in']),
  person: cell.nullable(),
  personNumber: cell.nullable(),
  other: z.object({ entity: z.number().int().nullable(), name: z.string().nullable() }).nullable(),
  position: z.string().nullable(),
  amount: z.string().nullable(),
  share: z.string().nullable(),
  validFrom: z.string().nullable(),
  validTo: z.string().nullable(),
  class: z.number().int(),
  source: z.string(),
  fact: bigNumber,
});
export const relationAnswer = z.object({ items: z.array(relationItem) });

export type GoldenRecord = z.infer<typeof goldenRecord>;
export type WhyAnswer = z.infer<typeof whyAnswer>;
export type HistoryAnswer = z.infer<typeof historyAnswer>;
export type ContradictionAnswer = z.infer<typeof contradictionAnswer>;
export type RelationAnswer = z.infer<typeof relationAnswer>;
