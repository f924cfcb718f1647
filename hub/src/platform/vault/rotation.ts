/** Rotation of the vault's key as a durable job. */
import { z } from 'zod';
import type { JobKind } from '../jobs/index.ts';
import type { AuditPort } from '../room.ts';
import type { Vault } from './vault.ts';

/** The job `vault.rotate`: every value under a new key, the old key destroyed. Goes on after a kill; can be cancelled. */
export function rotationJob(vault: Vault, audit: AuditPort): JobKind<Record<string, never>> {
  return {
    kind: 'vault.rotate',
    title: { zh: '更换保险库密钥', en: "Rotation of the vault's key" },
    params: z.strictObject({}),
    lane: 'vault',
    async run(context) {
      const end = await vault.rotate((progress) => {
        context.signal.throwIfAborted();
        context.progress({ done: progress.done, total: progress.total });
      });
      await audit.append({
        actor: null,
        action: 'vault.rotate',
        object: `seal-${end.version}`,
        outcome: 'ok',
        detail: { values: end.done },
      });
      return { version: end.version, values: end.done };
    },
  };
}
