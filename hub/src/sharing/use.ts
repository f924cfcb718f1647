/** Records of use (article 29): scene, process, results, storage, destruction. Written by the recipient, read by both sides and the authority. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { SharingPorts } from './act.ts';
import { matterOf } from './matters.ts';
import { dataNeeded, notYours } from './problems.ts';

export const useKinds = ['scene', 'process', 'result', 'storage', 'destruction'] as const;
export const useBody = z.strictObject({
  kind: z.enum(useKinds),
  day: z.iso.date(),
  text: z.string().trim().min(4).max(2000),
});

export interface UseRow {
  seq: number;
  kind: (typeof useKinds)[number];
  day: string;
  text: string;
  login: string;
  at: Date;
}

/** Keeps a record of use. There is none that changes or removes one: they are kept for three years at least. */
export async function recordUse(
  ports: SharingPorts,
  id: number,
  body: z.output<typeof useBody>,
  p: Principal,
): Promise<void> {
  const share = await matterOf(ports.db.kysely, 'share', id, p);
  if (p.organisation !== share.requester || !p.permissions.has('sharing.request'))
    throw new Problem(notYours, { action: '登记使用记录' });
  const at = ports.clock.now();
  if (body.day > cityDay(at)) throw new Problem(dataNeeded, { field: 'day' }, { field: 'day' });
  await ports.db.tx(async (trx) => {
    await sql`INSERT INTO sharing.use_record (share, kind, day, text, login, at)
      VALUES (${id}, ${body.kind}, ${body.day}::date, ${body.text}, ${p.login}, ${at})`.execute(trx);
    const object = `sharing-share/${id}`;
    await ports.audit.append(
      { actor: p, action: 'sharing.use', object, outcome: 'ok', detail: { kind: body.kind } },
      trx,
    );
  });
}

/** The records of use of a grant, the latest first. */
export const uses = async (ports: SharingPorts, share: number): Promise<UseRow[]> =>
  (
    await sql<UseRow>`SELECT seq, kind, day::text AS day, text, login, at FROM sharing.use_record WHERE share = ${share}
      ORDER BY day DESC, seq DESC LIMIT 500`.execute(ports.db.kysely)
  ).rows;
