/** Schemas of the map's routes. */
import { z } from 'zod';
import { groups } from './layer/types.ts';

export const two = z.object({ zh: z.string(), en: z.string() });
const problem = z.object({
  code: z.string(),
  title: two,
  file: z.string().nullable(),
  line: z.number().nullable(),
});
const colouring = z.union([
  z.string(),
  z.object({
    by: z.string(),
    values: z.array(z.object({ is: z.union([z.string(), z.number()]), title: two, colour: z.string() })),
    otherwise: z.string(),
  }),
  z.object({ steps: z.string(), breaks: z.array(z.number()), ramp: z.string(), unit: z.string().optional() }),
]);
const style = z.object({
  draw: z.enum(['circle', 'line', 'fill', 'outline', 'extrusion']),
  colour: colouring,
  size: z
    .union([
      z.number(),
      z.object({
        by: z.string(),
        values: z.array(z.object({ is: z.union([z.string(), z.number()]), size: z.number() })),
        otherwise: z.number(),
      }),
    ])
    .optional(),
  dash: z.tuple([z.number(), z.number()]).optional(),
  opacity: z.number().optional(),
  height: z.string().optional(),
  label: z.string().optional(),
  labelFrom: z.number().optional(),
  clusterBelow: z.number().optional(),
});
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** A layer as the console draws it. */
export const layer = z.object({
  id: z.string(),
  title: two,
  abstract: two.nullable(),
  group: z.enum(groups),
  geometry: z.enum(['point', 'line', 'polygon']),
  owner: z.string(),
  /** Features change while one looks: they are asked by `features`, again after `refresh` seconds; all others come as tiles. */
  live: z.boolean(),
  refresh: z.number().nullable(),
  /** Changes exactly when the data do; part of the tiles' address. */
  version: z.string().nullable(),
  count: z.number().nullable(),
  /** Rows that could not be shown: without a place. */
  left: z.number().nullable(),
  box: box.nullable(),
  times: z.tuple([z.string(), z.string()]).nullable(),
  time: z.object({ from: z.string(), to: z.string().nullable() }).nullable(),
  zooms: z.object({ min: z.number(), max: z.number() }),
  shown: z.boolean(),
  search: z.boolean(),
  label: z.string().nullable(),
  style,
  /** Fields that the viewer sees in lists and services. */
  fields: z.array(z.object({ name: z.string(), title: two, type: z.string(), unit: z.string().nullable() })),
  /** Why there is nothing to draw. */
  fault: problem.nullable(),
});

export const mapAnswer = z.object({
  city: z.object({ name: two, centre: z.tuple([z.number(), z.number()]), box: box.nullable() }),
  own: z.object({ approval: z.string().nullable(), note: two }),
  services: z.array(
    z.object({ id: z.string(), title: two, approval: z.string(), attribution: two, maxZoom: z.number() }),
  ),
  layers: z.array(layer),
  /** The archive of the base map, when it shows what there is now. */
  archive: z.object({ version: z.string(), minZoom: z.number(), maxZoom: z.number() }).nullable(),
  /** What is wrong with declared layers; for those who look after them. */
  faults: z.array(problem),
});

export const position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const line = z.array(position).max(2_000);
export const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Point'), coordinates: position }),
  z.object({ type: z.literal('MultiPoint'), coordinates: line }),
  z.object({ type: z.literal('LineString'), coordinates: line }),
  z.object({ type: z.literal('MultiLineString'), coordinates: z.array(line).max(100) }),
  z.object({ type: z.literal('Polygon'), coordinates: z.array(line).min(1).max(100) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(line).min(1).max(100)).min(1).max(100) }),
]);
/** What is answered may have more vertices than what is drawn by hand. */
const shownGeometry = z.object({ type: z.string(), coordinates: z.array(z.unknown()) });

export const tileParams = z.object({
  layer: z.string().max(60),
  z: z.coerce.number().int().min(0).max(30),
  x: z.coerce.number().int().min(0),
  y: z.coerce.number().int().min(0),
});
export const tileQuery = z.object({
  /** Version of the data, as the list of layers tells it: such a tile never changes. */
  v: z.string().max(100).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
});
export const serviceTileParams = tileParams.omit({ layer: true }).extend({ service: z.string().max(40) });

export const layerParams = z.object({ layer: z.string().max(60) });
export const featureParams = layerParams.extend({ id: z.string().min(1).max(300) });
export const featuresQuery = z.object({
  bbox: z.string().max(120).optional(),
  zoom: z.coerce.number().min(0).max(24).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(5_000).default(2_000),
});
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const feature = z.object({
  type: z.literal('Feature'),
  id: z.string(),
  geometry: shownGeometry,
  properties: z.record(z.string(), value),
});
export const featuresAnswer = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(feature),
  matched: z.number().nullable(),
  more: z.boolean(),
});

export const cardAnswer = z.object({
  layer: z.string(),
  title: two,
  id: z.string(),
  label: z.string().nullable(),
  geometry: shownGeometry,
  link: z.string().nullable(),
  fields: z.array(
    z.object({
      name: z.string(),
      title: two,
      type: z.string(),
      unit: z.string().nullable(),
      value: z.string().nullable(),
      shown: z.enum(['plain', 'masked', 'hidden']),
    }),
  ),
});

export const searchQuery = z.object({
  q: z.string().trim().min(1).max(100),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});
export const searchAnswer = z.object({
  found: z.array(
    z.object({
      layer: z.string(),
      layerTitle: two,
      id: z.string(),
      label: z.string(),
      lon: z.number(),
      lat: z.number(),
    }),
  ),
  /** Layers that were searched. */
  layers: z.array(z.string()),
});

export const withinBody = z.object({
  geometry,
  /** Metres around the shape; needed for places and lines. */
  metres: z.number().min(0).max(50_000).default(0),
  layers: z.array(z.string().max(60)).min(1).max(40),
  /** How many of each layer are named. */
  list: z.number().int().min(0).max(200).default(50),
});
export const withinAnswer = z.object({
  layers: z.array(
    z.object({
      layer: z.string(),
      title: two,
      count: z.number(),
      /** There may be more: not everything was looked at. */
      atLeast: z.boolean(),
      items: z.array(z.object({ id: z.string(), label: z.string().nullable(), lon: z.number(), lat: z.number() })),
    }),
  ),
});

export const jobAnswer = z.object({ job: z.string() });
