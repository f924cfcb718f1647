/** Mirrors as people see them: how each stands, and the job that makes one anew. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { MigrationSet } from '../db/index.ts';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import type { JobKind, JobQueue } from '../jobs/index.ts';
import { Problem, problemKind } from '../problem.ts';
import type { AuditPort } from '../room.ts';
import type { Mirrors } from './mirrors.ts';

/** The outbox. */
export const mirrorMigrations: MigrationSet = {
  room: 'mirror',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};

/** No such mirror. */
export const unknownMirror = problemKind('mirror.unknown', 404, '没有名为“{name}”的镜像', 'there is no mirror {name}');

const params = z.strictObject({ name: z.string().max(64) });

/** The job `mirror.rebuild`: a mirror made anew from PostgreSQL; begun again from nothing after a kill. */
export function mirrorJob(mirrors: Mirrors): JobKind<z.output<typeof params>> {
  return {
    kind: 'mirror.rebuild',
    title: { zh: '重建镜像', en: 'A mirror made anew' },
    params,
    lane: 'mirror',
    async run(context, { name }) {
      if (!mirrors.names().includes(name)) throw new Problem(unknownMirror, { name });
      const rows = await mirrors.rebuild(name, (done) => context.progress({ done }));
      return { rows };
    },
  };
}

/** Routes of mirrors. */
export function mirrorRoutes(mirrors: Mirrors, jobs: JobQueue, audit: AuditPort): RouteDefinition[] {
  const state = z.object({
    ...{ name: z.string(), view: z.string(), rows: z.int(), waiting: z.int(), whole: z.boolean() },
  });
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/mirrors', room: 'mirror', access: 'system.read' },
      summary: { zh: '业务数据在数据湖中的镜像', en: 'Operational tables as the lake shows them' },
      response: z.object({ mirrors: z.array(state) }),
      handler: async () => ({ mirrors: await mirrors.states() }),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: '/api/v1/mirrors/{name}/rebuild',
        room: 'mirror',
        access: 'system.manage',
        status: 202,
      },
      summary: { zh: '从业务库重建一个镜像', en: 'Makes a mirror anew from the operational store' },
      params,
      response: z.object({ job: z.string() }),
      problems: [unknownMirror],
      handler: async ({ params: { name }, principal }) => {
        if (!mirrors.names().includes(name)) throw new Problem(unknownMirror, { name });
        const job = await jobs.submit('mirror.rebuild', { name }, { by: principal.userId, unique: name });
        await audit.append({ actor: principal, action: 'mirror.rebuild', object: `mirror/${name}`, outcome: 'ok' });
        return { job };
      },
    }),
  ];
}
