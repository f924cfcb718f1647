/** What administrators see of the running hub. Nothing here is business data. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import type { Operations } from './service.ts';

const text = z.object({ zh: z.string(), en: z.string() });
const part = z.object({
  ...{ id: z.string(), title: text, standing: z.enum(['ok', 'warn', 'bad']), text, link: z.string().nullable() },
});
/** Milliseconds; when it ended, ISO 8601 in UTC. */
const slow = z.object({ what: z.string(), ms: z.number(), at: z.string() });
const slowOf = (s: { what: string; ms: number; at: number }) => ({ ...s, at: new Date(s.at).toISOString() });

/** The routes. */
export function operationsRoutes(operations: Operations): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/operations',
      room: 'operations',
      summary: { zh: '运行状况：各部分、错误、慢请求', en: 'How the hub stands: parts, problems, slow requests' },
      access: 'system.read',
      response: z.object({
        parts: z.array(part),
        present: z.object({ accounts: z.int(), sessions: z.int() }),
        answered: z.object({ before: z.int(), now: z.int() }),
        problems: z.array(z.object({ code: z.string(), status: z.int(), n: z.int() })),
        slowRequests: z.array(slow),
        slowStatements: z.array(slow),
      }),
      handler: async () => ({
        parts: await operations.parts(),
        present: await operations.present(),
        answered: operations.observed.answered(),
        problems: operations.observed.codes().slice(0, 50),
        slowRequests: operations.observed.slowRequests().map(slowOf),
        slowStatements: operations.observed.slowStatements().map(slowOf),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/operations/space',
      room: 'operations',
      summary: { zh: '占用空间最多的表', en: 'The tables that take most space' },
      access: 'system.read',
      response: z.object({
        lake: z.object({ file: z.number(), log: z.number() }),
        tables: z.array(
          z.object({
            engine: z.enum(['lake', 'store']),
            name: z.string(),
            rows: z.number(),
            bytes: z.number().nullable(),
          }),
        ),
      }),
      handler: async () => ({ lake: operations.lakeBytes(), tables: await operations.tables() }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/operations/retention',
      room: 'operations',
      summary: { zh: '各类记录的保存期限', en: 'How long what is kept' },
      access: 'system.read',
      response: z.object({
        kept: z.array(
          z.object({
            ...{ id: z.string(), title: text, days: z.int().nullable(), least: z.int().nullable(), ground: text },
            ...{
              setting: z.string().nullable(),
              oldest: z.string().nullable(),
              standing: z.enum(['ok', 'late', 'short']),
            },
          }),
        ),
      }),
      handler: async () => ({ kept: await operations.retention() }),
    }),
  ];
}
