/**
 * Questions and answers of the workbench's routes.
 *
 *   GET    /api/v1/workbench/views                workbench.use     viewsAnswer
 *   POST   /api/v1/workbench/run                  workbench.use     runBody -> runAnswer
 *   POST   /api/v1/workbench/plan                 workbench.use     statementBody -> planAnswer
 *   POST   /api/v1/workbench/cancel               workbench.use     -> cancelAnswer
 *   POST   /api/v1/workbench/export               workbench.export  exportBody -> a file
 *   GET    /api/v1/workbench/history              workbench.use     historyQuery -> historyAnswer
 *   GET    /api/v1/workbench/saved                workbench.use     savedQuery -> savedList
 *   POST   /api/v1/workbench/saved                workbench.use     savedBody -> savedOne
 *   GET|PUT|DELETE /api/v1/workbench/saved/{id}   workbench.use     savedChange -> savedOne
 */
import { z } from 'zod';
import { roles } from '../platform/auth/principal.ts';

const bilingual = z.object({ zh: z.string(), en: z.string() });

export const parameter = z.strictObject({
  name: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/),
  type: z.enum(['text', 'integer', 'number', 'day', 'boolean']),
  value: z.string().max(2000),
});
const parameters = z
  .array(parameter)
  .max(30)
  .default([])
  .refine((all) => new Set(all.map((p) => p.name)).size === all.length, 'each name once');

export const statementBody = z.strictObject({ statement: z.string().max(20_000), parameters });
export const runBody = statementBody.extend({
  /** Rows that are told at most. */
  rows: z.number().int().min(1).max(10_000).default(1_000),
});
export const exportBody = statementBody.extend({
  format: z.enum(['csv', 'xlsx']),
  /** What it is for: stands in the audit. */
  purpose: z.string().trim().min(4).max(500),
});

export const runAnswer = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.string().nullable())),
  more: z.boolean(),
  cut: z.boolean(),
  ms: z.number(),
  views: z.array(z.string()),
  fingerprint: z.string(),
});

/** A step of the engine's plan; what it reads is told, values never. */
export interface PlanNode {
  name: string;
  table: string | null;
  join: string | null;
  /** Rows that the engine expects. */
  rows: number | null;
  children: PlanNode[];
}
const planNode: z.ZodType<PlanNode> = z.object({
  name: z.string(),
  table: z.string().nullable(),
  join: z.string().nullable(),
  rows: z.number().nullable(),
  get children() {
    return z.array(planNode);
  },
});
export const planAnswer = z.object({ plan: z.array(planNode), views: z.array(z.string()) });
export const cancelAnswer = z.object({ cancelled: z.boolean() });

export const viewsAnswer = z.object({
  views: z.array(
    z.object({
      name: z.string(),
      title: bilingual,
      from: z.object({ kind: z.enum(['source', 'library', 'room']), id: z.string(), title: bilingual }),
      level: z.string(),
      people: z.boolean(),
      /** Why the viewer may not read it: a permission, a purpose; null where they may. */
      lacking: z.string().nullable(),
      columns: z.array(
        z.object({
          name: z.string(),
          title: bilingual,
          type: z.string(),
          protection: z.enum(['public', 'internal', 'personal', 'sensitive']),
          shown: z.enum(['plain', 'masked', 'hidden']),
          unit: z.string().nullable(),
        }),
      ),
    }),
  ),
  limits: z.object({ seconds: z.number(), rows: z.number(), exportRows: z.number(), memoryMiB: z.number() }),
  exports: z.boolean(),
});

export const historyQuery = z.object({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
});
export const historyAnswer = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      at: z.string(),
      statement: z.string(),
      parameters: z.array(parameter),
      problem: z.string().nullable(),
      rows: z.number().nullable(),
      ms: z.number(),
      views: z.array(z.string()),
    }),
  ),
  next: z.number().nullable(),
});

export const chart = z.strictObject({
  kind: z.enum(['table', 'bar', 'line', 'point', 'pie']),
  /** Columns: of the horizontal axis (or the parts' names), of values, of series. */
  x: z.string().max(200),
  y: z.array(z.string().max(200)).max(8),
  series: z.string().max(200).default(''),
});

export const savedBody = statementBody.extend({
  name: z.string().trim().min(1).max(120),
  description: z.string().trim().max(2000).default(''),
  chart: chart.nullable().default(null),
  shared: z.enum(['own', 'organisation', 'roles']).default('own'),
  roles: z.array(z.enum(roles)).max(roles.length).default([]),
});
export const savedChange = savedBody.extend({ version: z.number().int().min(1) });
export const savedParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
export const savedQuery = z.object({
  q: z.string().trim().max(120).default(''),
  of: z.enum(['all', 'own', 'shared']).default('all'),
});
export const savedOne = z.object({
  id: z.number(),
  name: z.string(),
  description: z.string(),
  statement: z.string(),
  parameters: z.array(parameter),
  chart: chart.nullable(),
  author: z.string(),
  organisation: z.string().nullable(),
  organisationName: bilingual.nullable(),
  shared: z.enum(['own', 'organisation', 'roles']),
  roles: z.array(z.string()),
  version: z.number(),
  changedAt: z.string(),
  own: z.boolean(),
  /** The viewer may change and delete it. */
  editable: z.boolean(),
});
export const savedList = z.object({ items: z.array(savedOne) });
