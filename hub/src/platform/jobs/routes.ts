import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import { alreadyEnded, unknownJob } from './jobs.ts';
import { type JobQueue, jobStates } from './types.ts';

const text = z.object({ zh: z.string(), en: z.string() });

/** A job as the API shows it; see JobView. */
export const jobSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    title: text,
    lane: z.string(),
    state: z.enum(jobStates),
    params: z.unknown(),
    progress: z.object({ done: z.number(), total: z.number().optional(), note: text.optional() }).nullable(),
    result: z.unknown(),
    error: z.object({ code: z.string(), title: text }).nullable(),
    attempt: z.int(),
    by: z.string().nullable(),
    cancelRequested: z.boolean(),
    submittedAt: z.string(),
    dueAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'Job' });

/** The jobs' routes. `cancelled` is told of every cancellation, so that the audit keeps it. */
export function jobRoutes(jobs: JobQueue, cancelled: (id: string, by: Principal) => Promise<void>): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/jobs',
      room: 'jobs',
      summary: { zh: '任务列表，新的在前', en: 'Jobs, the newest first' },
      access: 'jobs.read',
      query: z.object({
        state: z.enum(jobStates).optional(),
        kind: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      response: z.object({ jobs: z.array(jobSchema) }),
      handler: async ({ query }) => ({ jobs: await jobs.list(query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/jobs/{id}',
      room: 'jobs',
      summary: { zh: '一个任务', en: 'One job' },
      access: 'jobs.read',
      params: z.object({ id: z.string() }),
      response: jobSchema,
      problems: [unknownJob],
      handler: ({ params }) => jobs.get(params.id),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/jobs/{id}/cancel',
      room: 'jobs',
      summary: { zh: '取消任务', en: 'Cancel a job' },
      access: 'jobs.manage',
      params: z.object({ id: z.string() }),
      response: jobSchema,
      problems: [unknownJob, alreadyEnded],
      handler: async ({ params, principal }) => {
        const view = await jobs.cancel(params.id);
        await cancelled(params.id, principal);
        return view;
      },
    }),
  ];
}
