/**
 * Answers and questions about where things are.
 *
 *   GET  /api/v1/libraries/base/{library}/entities/{entity}/map      library.read -> mapAnswer
 *   GET  /api/v1/libraries/base/{library}/entities/{entity}/counts   library.read -> countsAnswer
 *   GET  /api/v1/libraries/legal-persons/{entity}/place              library.read -> enterprisePlace
 *   POST /api/v1/libraries/addresses/look-up                         library.read addressBody -> addressAnswer
 *   POST /api/v1/libraries/addresses/file                            library.read CSV -> CSV
 *   POST /api/v1/libraries/base/remake                               system.manage -> a job
 *
 * Geometries are WKT in WGS 84, areas square metres, lengths metres. Counts of persons below five are null for those who may not look
 * up persons, and so is what would give them away.
 */
import { z } from 'zod';
import { bilingual } from '../../catalogue/index.ts';
import { cell } from '../../refinery/index.ts';

const shape = z.object({
  library: z.string(),
  entity: z.number().int(),
  label: z.string().nullable(),
  wkt: z.string(),
});

export const mapAnswer = z.object({
  /** Null where nothing about it has a position. */
  own: shape
    .extend({
      title: bilingual,
      area: z.number().nullable(),
      length: z.number().nullable(),
      longitude: z.number(),
      latitude: z.number(),
      /** It has no position itself: this is what it belongs to. */
      through: z.boolean(),
    })
    .nullable(),
  /** West, south, east, north of what is to be shown. */
  window: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable(),
  neighbours: z.array(shape),
});

const count = z.number().int().nullable();
export const countsAnswer = z.object({
  buildings: z.number().int(),
  dwellings: z.number().int(),
  enterprises: z.number().int(),
  places: z.number().int(),
  persons: z.object({
    total: count,
    /** By lower end of the age band; -1: unknown. */
    bands: z.array(z.object({ from: z.number().int(), to: z.number().int().nullable(), men: count, women: count })),
    /** Some counts are kept back. */
    suppressed: z.boolean(),
  }),
});

export const enterprisePlace = z.object({
  building: z.object({ entity: z.number().int(), label: z.string().nullable(), method: bilingual }).nullable(),
  areas: z.array(
    z.object({
      kind: z.string(),
      title: bilingual,
      library: z.string(),
      entity: z.number().int(),
      label: z.string().nullable(),
    }),
  ),
  /** Enterprises registered in the same building, this one among them. */
  enterprises: z.number().int(),
  dwellings: z.number().int(),
  /** Persons insured by it; null below five for those who may not look up persons. */
  insured: count,
  /** Persons, for those who may look them up with a purpose; otherwise empty. */
  people: z.array(z.object({ entity: z.number().int(), label: cell })),
});
export const enterpriseParams = z.object({ entity: z.coerce.number().int().min(1).max(2_147_483_647) });

export const addressBody = z.object({ text: z.string().trim().min(2).max(300) });
const area = z.object({
  library: z.string(),
  entity: z.number().int(),
  code: z.string().nullable(),
  name: z.string().nullable(),
});
export const addressAnswer = z.object({
  text: z.string(),
  elements: z.array(z.object({ label: z.string(), title: bilingual, text: z.string(), value: z.string() })),
  /** All parts from large to small, divisions completed. */
  normal: z.string(),
  level: z.enum(['room', 'building', 'number', 'poi', 'road', 'community', 'town', 'none']),
  score: z.number(),
  building: z
    .object({
      entity: z.number().int(),
      code: z.string().nullable(),
      address: z.string().nullable(),
      longitude: z.number().nullable(),
      latitude: z.number().nullable(),
    })
    .nullable(),
  /** The standard address with the room that was written. */
  standard: z.string().nullable(),
  areas: z.array(area.extend({ kind: z.string(), title: bilingual })),
  candidates: z.array(z.object({ entity: z.number().int(), address: z.string().nullable() })),
});
