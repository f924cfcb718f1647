/**
 * Messages to other hubs: put down in the transaction that they tell of, sent in order for each hub until they are taken. A hub that is
 * down delays and loses nothing; one that got a message twice takes it once, by its id.
 */
import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../../platform/db/index.ts';
import { inTurn, type PeersContext } from '../context.ts';
import { post } from '../protocol/client.ts';
import { peersWhere, toldOf } from '../store.ts';

/** First pause after a failure, and the longest, in milliseconds. */
const PAUSE = 15_000;
const LONGEST = 3_600_000;
/** Messages to one hub in one go. */
const BATCH = 200;

/** Puts a message down. */
export async function send(trx: Kysely<AnyTables>, peer: number, kind: string, body: object, at: Date): Promise<void> {
  await sql`INSERT INTO peers.outbox (id, peer, kind, body, at, next_try)
    VALUES (${randomUUID()}, ${peer}, ${kind}, ${JSON.stringify(body)}::jsonb, ${at}, ${at})`.execute(trx);
}

interface Waiting {
  seq: number;
  id: string;
  kind: string;
  body: unknown;
  tries: number;
  next_try: Date;
}

/** Sends what waits. Answers how many messages were taken. `now`: also what rests after a failure. */
export const postWaiting = (c: PeersContext, now = false): Promise<number> =>
  inTurn(c, 'outbox', () => postInOrder(c, now));

async function postInOrder(c: PeersContext, now: boolean): Promise<number> {
  const { db, clock } = c.deps;
  let sent = 0;
  const peers = await peersWhere(
    db.kysely,
    sql`state = 'active' AND hub IS NOT NULL AND EXISTS (SELECT 1 FROM peers.outbox o WHERE o.peer = peers.peer.id AND o.sent_at IS NULL)`,
  );
  for (const peer of peers) {
    const waiting = await sql<Waiting>`SELECT seq, id, kind, body, tries, next_try FROM peers.outbox
      WHERE peer = ${peer.id} AND sent_at IS NULL ORDER BY seq LIMIT ${BATCH}`.execute(db.kysely);
    for (const m of waiting.rows) {
      // Order holds: what comes later waits behind what cannot be sent yet.
      if (!now && m.next_try > clock.now()) break;
      try {
        await post(c, peer, '/messages', { id: m.id, kind: m.kind, body: m.body });
        await sql`UPDATE peers.outbox SET sent_at = ${clock.now()}, problem = NULL, tries = tries + 1
          WHERE seq = ${m.seq}`.execute(db.kysely);
        sent++;
      } catch (error) {
        const next = new Date(clock.now().getTime() + Math.min(LONGEST, PAUSE * 2 ** Math.min(m.tries, 10)));
        await sql`UPDATE peers.outbox SET tries = tries + 1, next_try = ${next}, problem = ${JSON.stringify(toldOf(error))}::jsonb
          WHERE seq = ${m.seq}`.execute(db.kysely);
        break;
      }
    }
  }
  return sent;
}
