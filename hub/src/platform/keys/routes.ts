/** What the security administrator sees of keys, and rotations that are asked for. Never key material. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import type { JobQueue } from '../jobs/index.ts';
import type { AuditPort } from '../room.ts';
import type { Keys } from './service.ts';

const text = z.object({ zh: z.string(), en: z.string() });

/** A key as it is shown; instants ISO 8601 in UTC. */
const key = z
  .object({
    id: z.string(),
    use: z.enum(['token', 'vault', 'files', 'backup', 'signing', 'peer', 'tls', 'custody']),
    title: text,
    held: z.enum(['file', 'wrapped', 'custodians', 'none']),
    since: z.string().nullable(),
    state: z.enum(['active', 'retired', 'destroyed', 'lost']),
    depends: z.int().nullable(),
    due: z.string().nullable(),
    inCustody: z.boolean(),
  })
  .meta({ id: 'Key' });

const loss = z.object({
  missing: z.array(z.object({ id: z.string(), wrong: z.boolean(), accepted: z.boolean() })),
  parts: z.array(
    z.object({ id: z.string(), title: text, readable: z.int(), unreadable: z.int(), keys: z.array(z.string()) }),
  ),
  backups: z.boolean().nullable(),
  custody: z.object({ needed: z.int(), count: z.int(), covers: z.array(z.string()) }).nullable(),
});

/** The routes of keys. */
export function keyRoutes(keys: Keys, jobs: JobQueue, audit: AuditPort): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/keys',
      room: 'keys',
      summary: {
        zh: '全部密钥：用途、存放、状态、依赖与到期',
        en: 'Every key: what for, where, its state, what depends on it, when it is due',
      },
      access: 'system.read',
      response: z.object({
        keys: z.array(key),
        custody: z.object({ needed: z.int(), count: z.int(), made: z.string() }).nullable(),
        rotation: z
          .object({ id: z.string(), state: z.string(), done: z.number(), total: z.number().nullable() })
          .nullable(),
      }),
      handler: async () => {
        const { file } = keys.custody;
        const [job] = await jobs.list({ kind: 'vault.rotate', limit: 1 });
        return {
          keys: await keys.list(),
          custody: file ? { needed: file.needed, count: file.count, made: file.made } : null,
          rotation: job
            ? { id: job.id, state: job.state, done: job.progress?.done ?? 0, total: job.progress?.total ?? null }
            : null,
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/keys/loss',
      room: 'keys',
      summary: {
        zh: '以现有密钥哪些数据可读、哪些不可读',
        en: 'What can be read with the keys that are there, and what cannot',
      },
      access: 'system.read',
      response: loss,
      handler: () => keys.lost(),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/keys/rotations',
      room: 'keys',
      summary: { zh: '更换密钥', en: 'Replace a key' },
      access: 'keys.manage',
      body: z.object({ use: z.enum(['vault', 'files']), reason: z.string().trim().min(4).max(500) }),
      response: z.object({ job: z.string().nullable(), id: z.string().nullable() }),
      status: 202,
      handler: async ({ body, principal }) => {
        const { use, reason } = body;
        const job =
          use === 'vault' ? await jobs.submit('vault.rotate', {}, { by: principal.userId, unique: 'vault' }) : null;
        const id = use === 'files' ? `files-${String(await keys.rotateFiles()).padStart(4, '0')}` : null;
        await audit.append({
          actor: principal,
          action: 'keys.rotate',
          object: job ? `job/${job}` : `key/${id}`,
          outcome: 'ok',
          detail: { use, reason },
        });
        return { job, id };
      },
    }),
  ];
}
