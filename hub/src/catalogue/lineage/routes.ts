/** The routes of lineage. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import type { Catalogue } from '../catalogue.ts';
import { bilingual } from '../declaration.ts';
import { lineageOf } from './graph.ts';
import { LineageEvents } from './openlineage.ts';
import { addedUses, DeclaredUses, type Use } from './uses.ts';

const unknown = problemKind(
  'catalogue.lineage.unknown',
  404,
  '没有归集来源“{id}”。',
  'There is no collected source "{id}".',
);
const nodeKind = z.enum([
  ...(['provider', 'source', 'run', 'class', 'library', 'indicator', 'list', 'theme', 'score', 'warning'] as const),
  ...(['analysis', 'delivery'] as const),
]);
const graph = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      kind: nodeKind,
      title: bilingual,
      stage: z.number().int(),
      detail: z.string().nullable(),
    }),
  ),
  edges: z.array(z.object({ from: z.string(), to: z.string(), fields: z.array(z.string()).nullable() })),
  fields: z.array(z.object({ name: z.string(), title: bilingual, uses: z.array(z.string()) })),
});
const dataset = z.object({
  ...{ namespace: z.string(), name: z.string() },
  facets: z.record(z.string(), z.looseObject({})).optional(),
  outputFacets: z.record(z.string(), z.looseObject({})).optional(),
});
const runEvent = z.object({
  eventType: z.enum(['START', 'COMPLETE']),
  ...{ eventTime: z.string(), producer: z.string(), schemaURL: z.string() },
  run: z.object({ runId: z.uuid() }),
  job: z.object({ namespace: z.string(), name: z.string(), facets: z.record(z.string(), z.looseObject({})) }),
  ...{ inputs: z.array(dataset), outputs: z.array(dataset) },
});

/** Declarations are read again after so long. */
const USES_MS = 60_000;

/** Routes over what is declared and what ran. */
export function lineageRoutes(
  deps: Pick<Deps, 'lake' | 'db' | 'folders' | 'clock' | 'http'>,
  catalogue: () => Catalogue,
): RouteDefinition[] {
  let declared: { at: number; uses: Use[] } | undefined;
  const uses = async (): Promise<Use[]> => {
    const now = deps.clock.now().getTime();
    if (!declared || now - declared.at > USES_MS)
      declared = { at: now, uses: new DeclaredUses(deps.folders.sources, catalogue()).all() };
    return [...declared.uses, ...(await addedUses(deps.db))];
  };
  const base = { method: 'GET', room: 'catalogue', access: 'catalogue.read' } as const;
  return [
    defineRoute({
      ...{ ...base, path: '/api/v1/catalogue/lineage/{source}', params: z.object({ source: z.string().max(80) }) },
      ...{ query: z.object({ field: z.string().max(64).optional() }), response: graph, problems: [unknown] },
      summary: { zh: '一项资源的数据血缘', en: 'Where a resource comes from and who reads it' },
      async handler({ params, query }) {
        if (!catalogue().sources.has(params.source)) throw new Problem(unknown, { id: params.source });
        return lineageOf(deps.lake, catalogue(), await uses(), params.source, query.field);
      },
    }),
    defineRoute({
      ...{ ...base, path: '/api/v1/catalogue/openlineage' },
      query: z.object({
        kind: z.enum(['collection', 'integration']).default('collection'),
        /** Number of the last run or integration that is known already. */
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      response: z.object({ events: z.array(runEvent), next: z.number().int().nullable() }),
      summary: { zh: '归集与整合的 OpenLineage 事件', en: 'Collections and integrations as OpenLineage events' },
      async handler({ query }) {
        const events = new LineageEvents(deps.http.url() || 'urn:jingwei', catalogue());
        return query.kind === 'collection'
          ? events.collections(deps.lake, query.after, query.limit)
          : events.integrations(deps.lake, query.after, query.limit);
      },
    }),
  ];
}
