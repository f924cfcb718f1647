/** Extensions of clocks (article 21): asked for by whom the clock binds, decided by the authority, told to the requester. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { cityDay, dueOf } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { SharingPorts } from './act.ts';
import { type ClockRow, clocksWhere } from './clocks.ts';
import { AUTHORITY, keepStep, matterOf, notify } from './matters.ts';
import { actingAs, capacitiesOf, deputiesOn } from './people.ts';
import {
  clockEnded,
  extensionClosed,
  extensionNone,
  extensionTooLong,
  extensionTwice,
  notYours,
  unknownClock,
} from './problems.ts';

export const extensionBody = z.strictObject({
  days: z.number().int().min(1).max(100),
  reason: z.string().trim().min(4).max(500),
});
export const decisionBody = z.strictObject({ consent: z.boolean(), comment: z.string().trim().max(500).default('') });

async function runningClock(ports: SharingPorts, id: number, p: Principal) {
  const clock = (await clocksWhere(ports.db.kysely, sql`id = ${id}`))[0];
  if (!clock) throw new Problem(unknownClock, { id });
  // Whose request is not there for somebody, its clocks are not either.
  const request = await matterOf(ports.db.kysely, 'request', clock.request, p).catch((error) => {
    throw error instanceof Problem ? new Problem(unknownClock, { id }) : error;
  });
  if (clock.state !== 'running') throw new Problem(clockEnded);
  const today = cityDay(ports.clock.now());
  const held = capacitiesOf(p, request, await deputiesOn(ports.db.kysely, today));
  return { clock, request, held };
}

/** Asks for an extension; the clock runs on until the authority has consented. */
export async function askExtension(
  ports: SharingPorts,
  id: number,
  body: z.output<typeof extensionBody>,
  p: Principal,
) {
  const { clock, request, held } = await runningClock(ports, id, p);
  const as = actingAs(held, ['provider-officer', 'provider-head']);
  if (!as) throw new Problem(notYours, { action: '申请延期' });
  const max = ports.law.deadline(clock.deadline).extension?.days;
  if (max === undefined) throw new Problem(extensionNone);
  if (body.days > max) throw new Problem(extensionTooLong, { max }, { field: 'days' });
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const made = await sql`INSERT INTO sharing.extension (clock, days, reason, asked_by, asked_at)
      VALUES (${id}, ${body.days}, ${body.reason}, ${p.login}, ${at}) ON CONFLICT DO NOTHING`.execute(trx);
    if (Number(made.numAffectedRows) !== 1) throw new Problem(extensionTwice);
    await keepStep(trx, {
      ...{
        request: request.id,
        matter: 'clock',
        id,
        action: 'ask-extension',
        from_state: 'running',
        to_state: 'running',
      },
      ...{ actor: as.capacity, login: p.login, organisation: p.organisation, deputy_for: as.deputyFor, article: 21 },
      ...{ comment: body.reason, detail: { days: body.days, deadline: clock.deadline }, at },
    });
    await notify(ports, trx, AUTHORITY, 'extension-asked', { request: request.id }, { clock: id, days: body.days }, at);
    await audit(ports, trx, p, 'ask-extension', id, { days: body.days });
  });
}

/** The authority consents or does not; with consent the clock has so many days more, and the requester is told. */
export async function decideExtension(
  ports: SharingPorts,
  id: number,
  body: z.output<typeof decisionBody>,
  p: Principal,
) {
  const { clock, request, held } = await runningClock(ports, id, p);
  if (!actingAs(held, ['authority'])) throw new Problem(notYours, { action: '审批延期' });
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const found = await sql<{ days: number }>`UPDATE sharing.extension
      SET state = ${body.consent ? 'consented' : 'declined'}, decided_by = ${p.login}, decided_at = ${at}, comment = ${body.comment}
      WHERE clock = ${id} AND state = 'asked' RETURNING days`.execute(trx);
    const days = found.rows[0]?.days;
    if (days === undefined) throw new Problem(extensionClosed);
    if (body.consent) await extend(ports, trx, clock, days);
    const action = body.consent ? 'consent-extension' : 'decline-extension';
    await keepStep(trx, {
      ...{
        request: request.id,
        matter: 'clock',
        id,
        action,
        from_state: 'running',
        to_state: 'running',
        actor: 'authority',
      },
      ...{ login: p.login, organisation: null, deputy_for: null, article: 21, comment: body.comment || null },
      ...{ detail: { days, deadline: clock.deadline }, at },
    });
    // 告知政务数据需求部门.
    for (const to of [request.requester, request.provider])
      await notify(ports, trx, to, 'extended', { request: request.id }, { consent: body.consent, days }, at);
    await audit(ports, trx, p, action, id, { days });
  });
}

type Trx = Parameters<typeof keepStep>[0];

async function extend(ports: SharingPorts, trx: Trx, clock: ClockRow, days: number): Promise<void> {
  const { due, missingYear } = dueOf(ports.calendar(), clock.start_day, clock.days + days);
  const today = cityDay(ports.clock.now());
  // A clock that was late and is not any more warns anew; that it was late stays in the steps.
  const again = due === null || due >= today;
  await sql`UPDATE sharing.clock SET extension = ${days}, due = ${due}::date, missing_year = ${missingYear},
    warned_at = CASE WHEN ${again} THEN NULL ELSE warned_at END, overdue_at = CASE WHEN ${again} THEN NULL ELSE overdue_at END
    WHERE id = ${clock.id}`.execute(trx);
}

const audit = (
  ports: SharingPorts,
  trx: Trx,
  p: Principal,
  action: string,
  id: number,
  detail: Record<string, unknown>,
) =>
  ports.audit.append(
    { actor: p, action: `sharing.clock.${action}`, object: `sharing-clock/${id}`, outcome: 'ok', detail },
    trx,
  );
