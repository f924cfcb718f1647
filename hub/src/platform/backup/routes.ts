/** What the console and the command line ask of backups. Nothing of their content is told. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import type { JobQueue } from '../jobs/index.ts';
import { Problem, problemKind } from '../problem.ts';
import type { Deps } from '../room.ts';
import { keyMissing, notConfigured } from './problems.ts';
import type { Backups } from './service.ts';
import type { Together } from './together/together.ts';

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

/** Point in time as it is shown: instants ISO 8601 in UTC, bytes, milliseconds. Null where it is not asked for. */
const point = z
  .object({
    problem: problem.nullable(),
    oldest: z.string().nullable(),
    newest: z.string().nullable(),
    behind: z.number().nullable(),
    gaps: z.array(z.object({ from: z.string(), to: z.string() })),
    bases: z.int(),
    segments: z.int(),
    bytes: z.number(),
    waiting: z.number(),
    retained: z.number(),
    most: z.number(),
    unbounded: z.boolean(),
    lost: z.string().nullable(),
    days: z.int(),
  })
  .meta({ id: 'PointInTime' });

/** A start that found store and lake of different moments. */
const turn = z
  .object({
    id: z.int(),
    foundAt: z.string(),
    behind: z.enum(['store', 'lake', 'unknown']),
    cause: z.string(),
    storeAt: z.string().nullable(),
    lakeAt: z.string().nullable(),
    steps: z.array(
      z.object({
        ...{ id: z.string(), count: z.int(), left: z.boolean() },
        text: z.object({ zh: z.string(), en: z.string() }),
      }),
    ),
    done: z.boolean(),
    settledAt: z.string().nullable(),
    settledBy: z.string().nullable(),
  })
  .meta({ id: 'Turn' });

const unknownTurn = problemKind('backup.turn-unknown', 404, '没有待处理的对账 {turn}', 'there is no open turn {turn}');

async function pointOf(backups: Backups): Promise<z.input<typeof point> | null> {
  const s = await backups.point.state();
  if (!s.enabled) return null;
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const { bases, segments, bytes, waiting, retained, most, unbounded, days, behind } = s;
  return {
    problem: s.problem ? { code: s.problem.kind.code, title: s.problem.toJSON().title } : null,
    ...{ oldest: iso(s.oldest), newest: iso(s.newest), lost: iso(s.lost), behind },
    gaps: s.gaps.map((g) => ({ from: iso(g.from)!, to: iso(g.to)! })),
    ...{ bases, segments, bytes, waiting, retained, most, unbounded, days },
  };
}

/** The routes of backups. */
export function backupRoutes(
  backups: Backups,
  together: Together,
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
        point: point.nullable(),
        turns: z.array(turn),
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
          ...(await jobs.list({ kind: 'backup.base', limit: 10 })),
        ].sort((a, b) => (a.submittedAt < b.submittedAt ? 1 : -1));
        return {
          problem: fault ? { code: fault.kind.code, title: fault.toJSON().title } : null,
          ...{ folder, at, keep: { newest, daily, weekly, monthly }, rehearseDays },
          backups: fault ? [] : (await backups.list()).reverse(),
          point: await pointOf(backups),
          turns: await together.turns(),
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
    defineRoute({
      method: 'POST',
      path: '/api/v1/backups/turns/{id}/settled',
      room: 'backup',
      summary: {
        zh: '对账遗留事项已处理完毕',
        en: 'What was left when store and lake were found apart has been seen to',
      },
      access: 'system.manage',
      params: z.object({ id: z.coerce.number().int().positive() }),
      response: z.object({ settled: z.literal(true) }),
      problems: [unknownTurn],
      handler: async ({ params, principal }) => {
        if (!(await together.close(params.id, principal, audit))) throw new Problem(unknownTurn, { turn: params.id });
        return { settled: true as const };
      },
    }),
  ];
}
