/** Disputes (article 28): raised by either side about a request; the steps of the machine lead from consultation to the government. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { SharingPorts } from './act.ts';
import { AUTHORITY, columnsOf, type DisputeRow, keepStep, matterOf, notify } from './matters.ts';
import { actingAs, capacitiesOf, deputiesOn, seenBy } from './people.ts';
import { disputeOpen, notYours, wrongState } from './problems.ts';

export const disputeBody = z.strictObject({
  request: z.number().int().min(1),
  reason: z.string().trim().min(4).max(1000),
});

/** Raises a dispute about a request that was submitted; the first step is consultation. Answers its number. */
export async function raiseDispute(
  ports: SharingPorts,
  body: z.output<typeof disputeBody>,
  p: Principal,
): Promise<number> {
  const request = await matterOf(ports.db.kysely, 'request', body.request, p);
  const today = cityDay(ports.clock.now());
  const held = capacitiesOf(p, request, await deputiesOn(ports.db.kysely, today));
  const as = actingAs(held, ['requester-officer', 'requester-head', 'provider-officer', 'provider-head']);
  if (!as) throw new Problem(notYours, { action: '提出争议' });
  if (request.submitted_at === null) throw new Problem(wrongState, { state: request.state, action: '提出争议' });
  const side = as.capacity.startsWith('requester') ? 'requester' : 'provider';
  const at = ports.clock.now();
  return ports.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO sharing.dispute (request, requester, provider, raised_by_side, state,
        reason, created_at)
      VALUES (${request.id}, ${request.requester}, ${request.provider}, ${side}, 'consulting', ${body.reason}, ${at})
      ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
    const id = made.rows[0]?.id;
    if (id === undefined) throw new Problem(disputeOpen);
    await keepStep(trx, {
      ...{ request: request.id, matter: 'dispute', id, action: 'raise', from_state: null, to_state: 'consulting' },
      ...{ actor: as.capacity, login: p.login, organisation: p.organisation, deputy_for: as.deputyFor, article: 28 },
      ...{ comment: body.reason, detail: null, at },
    });
    for (const to of [side === 'requester' ? request.provider : request.requester, AUTHORITY])
      await notify(ports, trx, to, 'dispute', { request: request.id }, { dispute: id }, at);
    const object = `sharing-dispute/${id}`;
    await ports.audit.append({ actor: p, action: 'sharing.dispute.raise', object, outcome: 'ok' }, trx);
    return id;
  });
}

/** Disputes that are there for somebody, open ones first. */
export const disputes = async (ports: SharingPorts, p: Principal, request?: number): Promise<DisputeRow[]> =>
  (
    await sql<DisputeRow>`SELECT ${columnsOf.dispute} FROM sharing.dispute WHERE ${seenBy(p)}
      AND ${request === undefined ? sql`true` : sql`request = ${request}`}
      ORDER BY ended_at IS NOT NULL, id DESC LIMIT 200`.execute(ports.db.kysely)
  ).rows;
