/** Schemas of risk's routes. Scores 0 to 100, factors 0 to 1, places WGS 84, horizons in hours (0: now). */
import { z } from 'zod';

const both = z.object({ zh: z.string(), en: z.string() });
const kind = z.enum(['town', 'building', 'enterprise', 'school']);
export const horizon = z.coerce
  .number()
  .int()
  .refine((n) => [0, 1, 3, 6].includes(n), 'one of 0, 1, 3, 6')
  .default(0);
export const modelsAnswer = z.object({
  items: z.array(
    z.object({ model: z.string(), title: both, note: both, kinds: z.array(z.object({ kind, title: both })) }),
  ),
  faults: z.array(
    z.object({ code: z.string(), title: both, file: z.string().nullable(), line: z.number().nullable() }),
  ),
});
export const modelParams = z.object({ model: z.string().max(40) });
export const listQuery = z.object({
  kind,
  horizon,
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export const listAnswer = z.object({
  title: both,
  note: both,
  at: z.string().nullable(),
  total: z.number(),
  objects: z.number(),
  stations: z.number(),
  hit: z.number(),
  exposed: z.number(),
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      lon: z.number(),
      lat: z.number(),
      exposure: z.number(),
      h: z.number(),
      score: z.number(),
      later: z.number().nullable(),
    }),
  ),
});
export const detailParams = modelParams.extend({ kind, id: z.string().max(60) });
export const detailAnswer = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string().nullable(),
  lon: z.number(),
  lat: z.number(),
  title: both,
  scores: z.array(z.object({ horizon: z.number(), h: z.number(), score: z.number(), at: z.string().nullable() })),
  exposure: z.object({ title: both, value: z.number(), half: z.number(), factor: z.number() }),
  vulnerability: z.object({
    factor: z.number(),
    parts: z.array(
      z.object({
        id: z.string(),
        title: both,
        value: z.number().nullable(),
        scale: z.array(z.number()),
        factor: z.number(),
        known: z.boolean(),
      }),
    ),
  }),
  hazards: z.array(
    z.object({
      id: z.string(),
      title: both,
      unit: z.string(),
      weight: z.number(),
      scale: z.array(z.number()),
      over: z.string().nullable(),
      stations: z.array(
        z.object({
          series: z.number(),
          entity: z.string(),
          label: both,
          metres: z.number(),
          horizon: z.number(),
          value: z.number(),
          base: z.number(),
          low: z.number().nullable(),
          high: z.number().nullable(),
          h: z.number(),
          at: z.string().nullable(),
        }),
      ),
    }),
  ),
});
