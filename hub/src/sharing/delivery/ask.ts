/** Asking for a delivery: its row and its job in one transaction. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import type { Frequency, formats } from '../content.ts';
import { keepStep, type ShareRow } from '../matters.ts';
import { deliveryOpen, grantNotActive, servedByInterface } from '../problems.ts';
import { targetEmpty, targetKind } from '../target/declare.ts';
import { needsRows } from '../target/problems.ts';

/** The kind of job that makes a delivery. */
export const DELIVER = 'sharing.deliver';

/** Days of the month on which a frequency delivers. */
const DAYS: Partial<Record<Frequency, readonly number[]>> = { 'ten-days': [1, 11, 21], 'half-monthly': [1, 16] };
const MONTHS: Partial<Record<Frequency, number>> = { monthly: 1, quarterly: 3, yearly: 12 };

/** The day of the next delivery after a day; null where it is delivered once. What is irregular is looked at every day. */
export function nextDay(frequency: Frequency, day: string): string | null {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number];
  const iso = (year: number, month: number, date: number) =>
    new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10);
  const fixed = DAYS[frequency];
  if (fixed) {
    const next = fixed.find((n) => n > d);
    return next ? iso(y, m - 1, next) : iso(y, m, fixed[0]!);
  }
  const months = MONTHS[frequency];
  if (months) {
    // The same day of a later month, or that month's last.
    const last = new Date(Date.UTC(y, m - 1 + months + 1, 0)).getUTCDate();
    return iso(y, m - 1 + months, Math.min(d, last));
  }
  const days = { daily: 1, weekly: 7, irregular: 1 }[frequency as string];
  return days ? iso(y, m - 1, d + days) : null;
}

/** Puts a delivery in its lane; answers its id. `principal` null: the hub, by frequency. */
export async function askDelivery(
  ports: Pick<Deps, 'jobs' | 'clock' | 'audit'>,
  share: ShareRow,
  asked: { kind: 'full' | 'changes'; format: (typeof formats)[number] },
  principal: Principal | null,
  trx: Kysely<AnyTables>,
): Promise<number> {
  if (share.state !== 'active') throw new Problem(grantNotActive, { state: share.state });
  if (share.mode === 'service') throw new Problem(servedByInterface);
  if (asked.format === 'xlsx' && (await targetKind(trx, share.id)) === 'database')
    throw new Problem(needsRows, {}, { field: 'format' });
  const before = await sql<{ sequence: number; making: boolean; ready: boolean }>`
    SELECT coalesce(max(sequence), 0)::int AS sequence, coalesce(bool_or(state = 'making'), false) AS making,
      coalesce(bool_or(state = 'ready'), false) AS ready FROM sharing.delivery WHERE share = ${share.id}`.execute(trx);
  const { sequence, making, ready } = before.rows[0]!;
  if (making) throw new Problem(deliveryOpen);
  // Changes since nothing are everything, and so is what a new target gets first.
  const kind = ready && !(await targetEmpty(trx, share.id)) ? asked.kind : 'full';
  const at = ports.clock.now();
  const made = await sql<{
    id: number;
  }>`INSERT INTO sharing.delivery (share, sequence, kind, format, state, asked_by, asked_at)
    VALUES (${share.id}, ${sequence + 1}, ${kind}, ${asked.format}, 'making', ${principal?.login ?? null}, ${at})
    RETURNING id`.execute(trx);
  const id = made.rows[0]!.id;
  await keepStep(trx, {
    ...{ request: share.request, matter: 'delivery', id, action: 'deliver', from_state: null, to_state: 'making' },
    ...{ actor: principal ? 'provider' : 'hub', login: principal?.login ?? null },
    ...{ organisation: principal?.organisation ?? null, deputy_for: null, article: 22, comment: null },
    ...{ detail: { kind, format: asked.format, sequence: sequence + 1 }, at },
  });
  await ports.audit.append(
    {
      ...{ actor: principal, action: 'sharing.deliver', object: `sharing-delivery/${id}`, outcome: 'ok' },
      detail: { share: share.id, kind, format: asked.format },
    },
    trx,
  );
  await ports.jobs.submit(DELIVER, { delivery: id }, { unique: `delivery-${id}`, trx });
  return id;
}
