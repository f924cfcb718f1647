/** Deputies: a head who is away names somebody of the own department for a period; during it the deputy decides, on the record. */
import { sql } from 'kysely';
import { z } from 'zod';
import { colleagues } from '../platform/auth/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { SharingPorts } from './act.ts';
import { deputyForeign, deputyOverlap, deputyPeriod, deputySelf, notYours, unknownDeputy } from './problems.ts';

export const deputyBody = z.strictObject({
  deputy: z.string().min(1).max(64),
  from: z.iso.date(),
  to: z.iso.date(),
  reason: z.string().trim().min(2).max(200),
});

/** A deputyship as it is shown. */
export interface DeputyRow {
  id: number;
  head: string;
  deputy: string;
  from_day: string;
  to_day: string;
  reason: string;
  at: Date;
  ended_at: Date | null;
}

const ownHead = (p: Principal): string => {
  if (p.organisation === null || !p.permissions.has('sharing.approve'))
    throw new Problem(notYours, { action: '委托代理' });
  return p.organisation;
};

/** Names a deputy for a period. */
export async function nameDeputy(
  ports: SharingPorts,
  body: z.output<typeof deputyBody>,
  p: Principal,
): Promise<number> {
  const organisation = ownHead(p);
  const at = ports.clock.now();
  if (body.from > body.to || body.to < cityDay(at)) throw new Problem(deputyPeriod, {}, { field: 'to' });
  if (body.deputy === p.login) throw new Problem(deputySelf, {}, { field: 'deputy' });
  if (!(await colleagues(ports.db, organisation)).some((c) => c.login === body.deputy))
    throw new Problem(deputyForeign, { login: body.deputy }, { field: 'deputy' });
  return ports.db.tx(async (trx) => {
    await sql`LOCK TABLE sharing.deputy IN SHARE ROW EXCLUSIVE MODE`.execute(trx);
    const other = await sql`SELECT 1 FROM sharing.deputy WHERE organisation = ${organisation} AND ended_at IS NULL
      AND from_day <= ${body.to}::date AND to_day >= ${body.from}::date`.execute(trx);
    if (other.rows.length) throw new Problem(deputyOverlap);
    const made = await sql<{
      id: number;
    }>`INSERT INTO sharing.deputy (organisation, head, deputy, from_day, to_day, reason, at)
      VALUES (${organisation}, ${p.login}, ${body.deputy}, ${body.from}::date, ${body.to}::date, ${body.reason}, ${at})
      RETURNING id`.execute(trx);
    const { id } = made.rows[0]!;
    const detail = { deputy: body.deputy, from: body.from, to: body.to };
    await ports.audit.append(
      { actor: p, action: 'sharing.deputy.name', object: `sharing-deputy/${id}`, outcome: 'ok', detail },
      trx,
    );
    return id;
  });
}

/** Ends a deputyship before its last day: the head is back. */
export async function endDeputy(ports: SharingPorts, id: number, p: Principal): Promise<void> {
  const organisation = ownHead(p);
  await ports.db.tx(async (trx) => {
    const ended = await sql`UPDATE sharing.deputy SET ended_at = ${ports.clock.now()}
      WHERE id = ${id} AND organisation = ${organisation} AND ended_at IS NULL`.execute(trx);
    if (Number(ended.numAffectedRows) !== 1) throw new Problem(unknownDeputy, { id });
    await ports.audit.append(
      { actor: p, action: 'sharing.deputy.end', object: `sharing-deputy/${id}`, outcome: 'ok' },
      trx,
    );
  });
}

/** Deputyships of the own department, the newest first. */
export const deputies = async (ports: SharingPorts, p: Principal): Promise<DeputyRow[]> =>
  (
    await sql<DeputyRow>`SELECT id, head, deputy, from_day::text AS from_day, to_day::text AS to_day, reason, at, ended_at
      FROM sharing.deputy WHERE organisation = ${p.organisation} ORDER BY id DESC LIMIT 100`.execute(ports.db.kysely)
  ).rows;
