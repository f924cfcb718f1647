/** What a look at the clock does: tells of failures, rests after seven days of them, drops the old, seals days that are over. */
import { sql } from 'kysely';
import { grantOf, notify } from '../../sharing/index.ts';
import { dropOld } from '../log/retention.ts';
import { KEEP_DAYS } from '../log/tables.ts';
import type { SubscriptionPorts } from '../ports.ts';
import type { pauseReasons } from '../problems.ts';
import { pauseReasons as reasons } from '../problems.ts';
import { type SubscriptionRow, subscriptionOf } from '../store.ts';
import { makeDayLogs } from './daylog.ts';

/** After so long both sides are told. */
export const TELL_MS = 3_600_000;
const WEEK = KEEP_DAYS * 86_400_000;
/** Years for which daily use is kept. */
const USE_YEARS = 3;

type Told = Pick<SubscriptionPorts, 'db' | 'clock' | 'audit' | 'notices'>;

/** Pauses for a reason that lies with the receiver; both sides are told. */
export async function pauseBecause(
  ports: Told,
  sub: SubscriptionRow,
  reason: keyof typeof pauseReasons,
): Promise<void> {
  const at = ports.clock.now();
  const { code } = reasons[reason];
  await ports.db.tx(async (trx) => {
    const done = await sql`UPDATE subscriptions.subscription SET state = 'paused', reason = ${code}, reason_at = ${at},
      changed_at = ${at}, version = version + 1 WHERE id = ${sub.id} AND state = 'active'`.execute(trx);
    if (Number(done.numAffectedRows) !== 1) return;
    await ports.audit.append(
      {
        ...{ actor: null, action: 'subscriptions.paused', object: `subscription/${sub.id}`, outcome: 'ok' },
        detail: { reason: code },
      },
      trx,
    );
    await tell(ports, trx, sub, 'push-paused', { subscription: sub.id, reason: code }, at);
  });
}

async function tell(
  ports: Told,
  trx: Parameters<typeof notify>[1],
  sub: SubscriptionRow,
  kind: 'push-failing' | 'push-paused',
  detail: Record<string, unknown>,
  at: Date,
): Promise<void> {
  const share = await grantOf(trx, sub.share);
  if (!share) return;
  for (const to of [sub.organisation, sub.provider])
    await notify(ports, trx, to, kind, { request: share.request, share: share.id }, detail, at);
}

/** Tells of streams that have failed for an hour, once, and rests those that have failed for seven days. */
async function failures(ports: SubscriptionPorts): Promise<void> {
  const now = ports.clock.now();
  const { rows } = await sql<{ subscription: number; since: Date; told: boolean }>`SELECT c.subscription,
      min(c.failing_since) AS since, bool_or(c.told_at IS NOT NULL) AS told
    FROM subscriptions.cursor c JOIN subscriptions.subscription s ON s.id = c.subscription
    WHERE s.state = 'active' AND c.failing_since IS NOT NULL AND c.failing_since <= ${new Date(now.getTime() - TELL_MS)}
    GROUP BY c.subscription`.execute(ports.db.kysely);
  for (const { subscription, since, told } of rows) {
    const sub = await subscriptionOf(ports.db.kysely, subscription);
    if (!sub) continue;
    if (now.getTime() - since.getTime() >= WEEK) {
      await pauseBecause(ports, sub, 'week');
      await ports.pusher.reload(sub.id);
    } else if (!told)
      await ports.db.tx(async (trx) => {
        await sql`UPDATE subscriptions.cursor SET told_at = ${now} WHERE subscription = ${sub.id}
          AND failing_since IS NOT NULL`.execute(trx);
        await tell(ports, trx, sub, 'push-failing', { subscription: sub.id, since: since.toISOString() }, now);
      });
  }
}

/** Lines that have served: attempts that no replay needs any more and that a sealed day holds; use of more than three years ago. */
async function prune(ports: SubscriptionPorts): Promise<void> {
  const now = ports.clock.now();
  const week = new Date(now.getTime() - WEEK);
  await sql`DELETE FROM subscriptions.attempt a WHERE a.at < ${week} AND (NOT a.ok OR EXISTS (
    SELECT 1 FROM subscriptions.daylog d WHERE d.subscription = a.subscription AND d.day = a.day))`.execute(
    ports.db.kysely,
  );
  const years = new Date(now);
  years.setUTCFullYear(years.getUTCFullYear() - USE_YEARS);
  await sql`DELETE FROM subscriptions.usage WHERE day < ${years.toISOString().slice(0, 10)}::date`.execute(
    ports.db.kysely,
  );
  await sql`DELETE FROM subscriptions.secret WHERE expires_at < ${now}`.execute(ports.db.kysely);
}

/** One look. */
export async function sweep(ports: SubscriptionPorts): Promise<void> {
  await failures(ports);
  await makeDayLogs(ports);
  await dropOld(ports);
  await prune(ports);
}
