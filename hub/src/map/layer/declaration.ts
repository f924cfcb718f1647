/** `layers/<name>.yaml`: a layer over lake views as people declare it (docs/map.md explains every key). */
import { z } from 'zod';
import { permissions } from '../../platform/auth/index.ts';
import { colours, groups } from './types.ts';

const two = z.strictObject({ zh: z.string().min(1).max(200), en: z.string().min(1).max(200) });
const name = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/);
const zoom = z.number().min(0).max(22);
const value = z.union([z.string().max(100), z.number()]);
const colour = z.union([z.enum(colours), z.templateLiteral(['series-', z.number().int().min(0).max(9)])]) as z.ZodType<
  import('./types.ts').LayerColour
>;

const colouring = z.union([
  colour,
  z.strictObject({
    by: name,
    values: z
      .array(z.strictObject({ is: value, title: two, colour }))
      .min(1)
      .max(40),
    otherwise: colour,
  }),
  z.strictObject({
    steps: name,
    breaks: z
      .array(z.number())
      .min(1)
      .max(8)
      .refine((b) => b.every((x, i) => i === 0 || x > b[i - 1]!), 'breaks must ascend'),
    ramp: z.enum(['primary', 'weft', 'bad', 'info']),
    unit: z.string().max(20).optional(),
  }),
]);

const field = z.strictObject({
  name,
  title: two,
  type: z.enum(['text', 'integer', 'decimal', 'date', 'instant', 'boolean']).optional(),
  protection: z.enum(['public', 'internal', 'personal', 'sensitive']).optional(),
  format: z.string().max(40).optional(),
  unit: z.string().max(20).optional(),
  tile: z.boolean().optional(),
});

/** The file. */
export const layerDeclaration = z.strictObject({
  layer: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
  title: two,
  abstract: z.strictObject({ zh: z.string().max(1000), en: z.string().max(1000) }).optional(),
  group: z.enum(groups),
  geometry: z.enum(['point', 'line', 'polygon']),
  permission: z.enum(permissions).optional(),
  open: z.boolean().optional(),
  owner: z.string().min(1).max(60),
  level: z.enum(['core', 'important', 'general']).optional(),
  fields: z.array(field).max(60),
  label: name.optional(),
  search: z.boolean().optional(),
  time: z.strictObject({ from: name, to: name.optional() }).optional(),
  zooms: z.strictObject({ min: zoom, max: zoom }).optional(),
  shown: z.boolean().optional(),
  style: z.strictObject({
    draw: z.enum(['circle', 'line', 'fill', 'outline', 'extrusion']),
    colour: colouring,
    size: z
      .union([
        z.number().min(0.1).max(40),
        z.strictObject({
          by: name,
          values: z
            .array(z.strictObject({ is: value, size: z.number().min(0.1).max(40) }))
            .min(1)
            .max(40),
          otherwise: z.number().min(0.1).max(40),
        }),
      ])
      .optional(),
    dash: z.tuple([z.number().min(0.1).max(20), z.number().min(0.1).max(20)]).optional(),
    opacity: z.number().min(0).max(1).optional(),
    height: name.optional(),
    label: name.optional(),
    labelFrom: zoom.optional(),
    clusterBelow: zoom.optional(),
  }),
  link: z.string().startsWith('/').max(200).optional(),
  refresh: z.number().int().min(1).max(86_400).optional(),
  select: z.string().min(1).max(20_000),
});
export type LayerFile = z.output<typeof layerDeclaration>;
