/** Subscriptions when store and lake were found of different moments: the log of changes stands in the lake, cursors in the store. */
import { sql } from 'kysely';
import type { Deps, TurnStep } from '../platform/room.ts';

/**
 * A cursor behind the log goes on from where it is: its receiver gets again what it had. One beyond the log would pass over what is still to come:
 * its receiver is told of a gap and sent everything anew.
 */
export async function subscriptionsTurned({ db, lake }: Pick<Deps, 'db' | 'lake'>): Promise<TurnStep[]> {
  const streams = await lake.query<{ source: string; head: number | bigint }>('SELECT source, head FROM sub.stream');
  const heads = JSON.stringify(streams.map((s) => ({ source: s.source, head: Number(s.head) })));
  const { rows } = await sql<{ subscription: number }>`
    UPDATE subscriptions.cursor c SET phase = 'gap', generation = c.generation + 1, seq = coalesce(h.head, 0), previous = NULL, after = NULL,
           pending = NULL, issued = NULL, issued_to = NULL, next_at = NULL
      FROM subscriptions.subscription s
      LEFT JOIN jsonb_to_recordset(${heads}::jsonb) AS h(source text, head bigint) ON h.source = s.source
     WHERE s.id = c.subscription AND s.state <> 'ended' AND c.seq > coalesce(h.head, 0) RETURNING c.subscription`.execute(
    db.kysely,
  );
  const behind = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM subscriptions.subscription WHERE state <> 'ended'`,
  );
  return [
    {
      ...{ id: 'gap', count: rows.length, left: false },
      text: {
        zh: '推送位置超出变更日志的分区：告知接收方缺口并重发全量',
        en: 'partitions whose cursor was beyond the log of changes: receivers are told of a gap and sent everything anew',
      },
    },
    {
      ...{ id: 'again', count: behind[0]!.n, left: false },
      text: {
        zh: '订阅从当时的位置继续，接收方可能再次收到同样的变更（编号相同，可去重）',
        en: 'subscriptions go on from their place then: receivers may get the same changes again, under the same numbers',
      },
    },
  ];
}
