/** What the console and the command line ask of backups. Nothing of their content is told. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import type { JobQueue } from '../jobs/index.ts';
import type { Deps } from '../room.ts';
import { keyMissing, notConfigured } from './problems.ts';
import type { Backups } from './service.ts';

const problem = z.object({ code: z.string(), title: z.object({ zh: z.string(), en: z.string() }) });

/** A backup as it is shown. Bytes; milliseconds; instants ISO 8601 in UTC. */
const snapshot = z
  .object({
    id: z.string(),
    at: z.string(),
    version: z.string(),
    store: z.enum(['pglite', 'postgres']),
    keys: z.boolean(),
    without: z.array(z.string()),
    files: z.int(),
    bytes: z.number(),
    added: z.number(),
    held: z.number(),
    took: z.number(),
  })
  .meta({ id: 'Backup' });

/** The routes of backups. */
export function backupRoutes(
  backups: Backups,
  deps: Pick<Deps, 'config' | 'audit'>,
  jobs: JobQueue,
): RouteDefinition[] {
  const { config, audit } = deps;
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/backups',
      room: 'backup',
      summary: { zh: '备份与恢复演练的情况', en: 'Backups, and how rehearsals went' },
      access: 'system.read',
      response: z.object({
        /** Why there are none; null when backups are made. */
        problem: problem.nullable(),
        folder: z.string().nullable(),
        at: z.string(),
        keep: z.object({ newest: z.int(), daily: z.int(), weekly: z.int(), monthly: z.int() }),
        rehearseDays: z.int(),
        backups: z.array(snapshot),
        /** Open and past jobs of both kinds, the newest first. */
        jobs: z.array(
          z.object({
            ...{ id: z.string(), kind: z.string(), state: z.string(), submittedAt: z.string() },
            finishedAt: z.string().nullable(),
            result: z.unknown(),
            error: problem.nullable(),
          }),
        ),
      }),
      handler: async () => {
        const fault = backups.standing();
        const { folder = null, at, newest, daily, weekly, monthly, rehearseDays } = config.backup;
        const past = [
          ...(await jobs.list({ kind: 'backup.take', limit: 30 })),
          ...(await jobs.list({ kind: 'backup.rehearse', limit: 30 })),
        ].sort((a, b) => (a.submittedAt < b.submittedAt ? 1 : -1));
        return {
          problem: fault ? { code: fault.kind.code, title: fault.toJSON().title } : null,
          ...{ folder, at, keep: { newest, daily, weekly, monthly }, rehearseDays },
          backups: fault ? [] : (await backups.list()).reverse(),
          jobs: past,
        };
      },
    }),
    ...(['take', 'rehearse'] as const).map((act) =>
      defineRoute({
        method: 'POST',
        path: act === 'take' ? '/api/v1/backups' : '/api/v1/backups/rehearsals',
        room: 'backup',
        summary:
          act === 'take'
            ? { zh: '立即备份', en: 'Make a backup now' }
            : { zh: '立即演练恢复', en: 'Rehearse a restore now' },
        access: 'system.manage',
        response: z.object({ job: z.string() }),
        problems: [notConfigured, keyMissing],
        handler: async ({ principal }) => {
          const fault = backups.standing();
          if (fault) throw fault;
          await audit.append({ actor: principal, action: `backup.ask-${act}`, object: 'backup', outcome: 'ok' });
          const job = await jobs.submit(`backup.${act}`, {}, { by: principal.userId, unique: 'backup' });
          return { job };
        },
      }),
    ),
  ];
}
