/**
 * What a restored hub must not take over from then: whoever was signed in at the moment of the backup may have signed out, been shut out or lost a
 * role since. A restored folder bears a mark; the first start that finds it ends every session, writes it into the audit and tells those who grant
 * rights that what was taken away since that moment holds again and must be looked through.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Db } from '../db/index.ts';
import type { NoticePort } from '../notices/port.ts';
import type { AuditPort } from '../room.ts';

const NAME = 'restored.json';
const mark = z.object({ snapshot: z.string().max(100), at: z.iso.datetime() });

/** Marks a restored folder; `at` is the moment that it shows. */
export function markRestored(folder: string, { id, at }: { id: string; at: string }): void {
  writeFileSync(join(folder, NAME), JSON.stringify({ snapshot: id, at }), { mode: 0o600 });
}

/** Does what is to be done once after a restore; answers how many sessions it ended, or undefined where nothing was restored. */
export async function afterRestore(
  folder: string,
  { db, clock, audit, notices }: { db: Db; clock: Clock; audit: AuditPort; notices: NoticePort },
): Promise<number | undefined> {
  const file = join(folder, NAME);
  if (!existsSync(file)) return undefined;
  const { snapshot, at } = mark.parse(JSON.parse(readFileSync(file, 'utf8')));
  const now = clock.now();
  const ended = await db.tx(async (trx) => {
    const { rows } = await sql<{ id: string }>`UPDATE auth.session SET ended_at = ${now}
      WHERE ended_at IS NULL RETURNING id`.execute(trx);
    await sql`DELETE FROM auth.oidc_flow`.execute(trx);
    await audit.append(
      {
        ...{ at: now, actor: null, action: 'backup.restored', object: `backup/${snapshot}`, outcome: 'ok' },
        detail: { moment: at, sessions: rows.length },
      },
      trx,
    );
    // The city's time.
    const day = new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
    await notices.tell(trx, {
      key: `backup.restored/${snapshot}/${now.toISOString()}`,
      kind: 'backup.restored',
      to: [{ role: 'security-admin' }, { role: 'system-admin' }],
      title: { zh: `系统已恢复到 ${day}`, en: `The hub was restored to ${day}` },
      text: {
        zh: '所有登录已结束。此刻之后停用的账号、收回的角色、作废的密钥与凭据重新生效，请逐项核对。',
        en: 'Every session was ended. Accounts disabled, roles taken away, keys and secrets withdrawn after that moment hold again: look through them.',
      },
      link: [
        { needs: 'roles.manage', to: '/system/users' },
        { needs: 'system.read', to: '/system/operations' },
      ],
      about: `backup/${snapshot}`,
    });
    return rows.length;
  });
  await rm(file, { force: true });
  return ended;
}
