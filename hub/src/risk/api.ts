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
const tell = z.object({
  organisation: z.object({ id: z.string(), name: both }),
  why: both,
  /** Objects from the declared score on, now and at the worst of the next hours. */
  now: z.number(),
  later: z.number(),
  names: z.array(z.string()),
  /** People on duty there now; 0: nobody. */
  duty: z.number(),
});
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
  /** Objects that the model has and that cannot be reckoned: no terrain. */
  terrain: z.enum(['none', 'used', 'not-needed']),
  tell: z.array(tell),
  /** Open alerts of the model's event codes. */
  alerts: z.array(
    z.object({
      ...{ id: z.number(), title: both, level: z.number(), openedAt: z.string(), exercise: z.boolean() },
      place: z.string().nullable(),
    }),
  ),
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
const part = z.object({
  id: z.string(),
  title: both,
  value: z.number().nullable(),
  scale: z.array(z.number()),
  factor: z.number(),
  known: z.boolean(),
});
export const detailAnswer = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string().nullable(),
  lon: z.number(),
  lat: z.number(),
  title: both,
  scores: z.array(z.object({ horizon: z.number(), h: z.number(), score: z.number(), at: z.string().nullable() })),
  exposure: z.object({
    title: both,
    value: z.number(),
    half: z.number(),
    /** The half is what is usual in this city. */
    median: z.boolean(),
    factor: z.number(),
  }),
  vulnerability: z.object({ factor: z.number(), parts: z.array(part) }),
  ground: z.object({ factor: z.number(), parts: z.array(part) }),
  hazards: z.array(
    z.object({
      id: z.string(),
      title: both,
      unit: z.string(),
      weight: z.number(),
      scale: z.array(z.number()),
      over: z.string().nullable(),
      sum: z.number().nullable(),
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

const lon = z.number().min(-180).max(180);
const lat = z.number().min(-85).max(85);
/** Something that comes: gas from a place, water at a place, a storm along a track. */
export const pathBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('plume'),
    ...{ lon, lat },
    gas: z.string().max(40),
    /** Grams a second. */
    grams: z.number().positive().max(1_000_000),
    /** Wind in m/s and the degrees that it comes from; absent: as the stations nearby tell now. */
    speed: z.number().min(0).max(60).optional(),
    from: z.number().min(0).max(360).optional(),
  }),
  z.strictObject({
    kind: z.literal('flood'),
    ...{ lon, lat },
    /** Metres of the terrain's datum. */
    level: z.number().min(-20).max(5000),
    /** Metres within which water is followed. */
    reach: z.number().min(200).max(30_000).default(5_000),
  }),
  z.strictObject({
    kind: z.literal('track'),
    /** Kilometres of the circle of wind at every point. */
    points: z
      .array(z.strictObject({ lon, lat, radius: z.number().positive().max(1_000) }))
      .min(2)
      .max(60),
  }),
]);
export const pathAnswer = z.object({
  /** What the shape follows from. */
  inputs: z.array(z.object({ title: both, value: z.union([z.number(), z.string()]), unit: z.string() })),
  /** The worst first; polygons without holes. */
  zones: z.array(
    z.object({ id: z.string(), title: both, polygons: z.array(z.array(z.tuple([z.number(), z.number()]))) }),
  ),
  kinds: z.array(
    z.object({
      ...{ kind: z.string(), title: both, counts: both, objects: z.number(), n: z.number() },
      zones: z.array(z.object({ objects: z.number(), n: z.number() })),
      items: z.array(
        z.object({
          id: z.string(),
          name: z.string().nullable(),
          lon: z.number(),
          lat: z.number(),
          n: z.number(),
          zone: z.string(),
        }),
      ),
    }),
  ),
  tell: z.array(tell.omit({ now: true, later: true, names: true }).extend({ objects: z.number() })),
});
export const pathsAnswer = z.object({
  gases: z.array(
    z.object({ id: z.string(), title: both, zones: z.array(z.object({ above: z.number(), title: both })) }),
  ),
  kinds: z.array(z.object({ kind: z.string(), title: both })),
  terrain: z.boolean(),
});
