/**
 * The log of a day: one line for every message that the receiver took, with the fingerprint of its body. The file is kept by its content and sealed, so
 * that both sides can prove later what was pushed and what was not.
 */
import { sql } from 'kysely';
import { cityDay } from '../../platform/law/index.ts';
import type { SubscriptionPorts } from '../ports.ts';
import { subscriptionOf } from '../store.ts';

interface Line {
  message: string;
  partition: number;
  first: number;
  last: number;
  events: number;
  bytes: number;
  sha256: string;
  status: number | null;
  at: Date;
}

/** Makes the logs of days that are over; answers how many. */
export async function makeDayLogs(ports: SubscriptionPorts): Promise<number> {
  const at = ports.clock.now();
  const { rows } = await sql<{ subscription: number; day: string }>`SELECT DISTINCT a.subscription, a.day::text AS day
    FROM subscriptions.attempt a LEFT JOIN subscriptions.daylog d ON d.subscription = a.subscription AND d.day = a.day
    WHERE a.ok AND a.day < ${cityDay(at)}::date AND d.day IS NULL ORDER BY 2, 1`.execute(ports.db.kysely);
  for (const { subscription, day } of rows) await makeOne(ports, subscription, day, at);
  return rows.length;
}

async function makeOne(ports: SubscriptionPorts, id: number, day: string, at: Date): Promise<void> {
  const sub = await subscriptionOf(ports.db.kysely, id);
  if (!sub) return;
  const head = { format: 'jingwei-push-log/1', subscription: id, grant: sub.share, recipient: sub.organisation, day };
  let messages = 0;
  let events = 0;
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${JSON.stringify({ ...head, provider: sub.provider, source: sub.source, kind: sub.kind })}\n`);
    for (let after = 0; ; ) {
      const { rows } = await sql<
        Line & { seq: number }
      >`SELECT seq, message, partition, first, last, events, bytes, sha256, status, at
        FROM subscriptions.attempt WHERE subscription = ${id} AND day = ${day}::date AND ok AND seq > ${after}
        ORDER BY seq LIMIT 2000`.execute(ports.db.kysely);
      if (!rows.length) return;
      after = Number(rows.at(-1)!.seq);
      for (const { seq: _, ...line } of rows) {
        messages += 1;
        events += Number(line.events);
        yield Buffer.from(`${JSON.stringify({ ...line, at: line.at.toISOString() })}\n`);
      }
    }
  };
  const kept = await ports.blobs.put(lines());
  const imprint = new Uint8Array([1, ...Buffer.from(kept.sha256, 'hex')]);
  await ports.db.tx(async (trx) => {
    const seal = await ports.seal.request(
      {
        ...{ kind: 'delivery', subject: `subscription/${id}/${day}`, organisation: sub.provider, imprint },
        title: { zh: `变更推送日志：${sub.title}（${day}）`, en: `Log of pushed changes: ${sub.title} (${day})` },
        facts: { messages, events, recipient: sub.organisation, source: sub.source },
      },
      trx,
    );
    await sql`INSERT INTO subscriptions.daylog (subscription, day, messages, events, sha256, bytes, seal, made_at)
      VALUES (${id}, ${day}::date, ${messages}, ${events}, ${kept.sha256}, ${kept.bytes}, ${seal}, ${at})
      ON CONFLICT DO NOTHING`.execute(trx);
  });
}
