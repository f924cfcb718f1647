/**
 * Fetching, for recipients that cannot be reached: the same events in the same order. Each answer has a cursor; asking with it confirms that its events
 * were taken. Without it, or with one that was confirmed before, what was not confirmed is answered again, so that nothing is lost on either side.
 */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { z } from 'zod';
import { cityDay } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { eventsQuery } from '../api.ts';
import type { SubscriptionPorts } from '../ports.ts';
import * as k from '../problems.ts';
import { viewOf } from '../push/view.ts';
import { nextWindow, type Place, span } from '../push/window.ts';
import { type CursorRow, cursorsOf, type SubscriptionRow } from '../store.ts';

/** Most requests that wait at once. */
const MOST_WAITING = 200;

/** What was handed out and waits to be confirmed. */
interface Issued extends Place {
  message: { id: string; first: number; last: number; events: number; bytes: number; sha256: string };
}

/** The answer as JSON text: `cursor`, `sha256` of the text of `events`, `events`, `waiting` (more is there already). */
export async function fetchEvents(
  ports: SubscriptionPorts,
  sub: SubscriptionRow,
  query: z.output<typeof eventsQuery>,
  signal?: AbortSignal,
): Promise<string> {
  if (sub.kind !== 'pull' || sub.state !== 'active') throw new Problem(k.stateNow, { state: sub.state });
  if (query.after !== undefined) await confirm(ports, sub, query.after);
  const late = ports.clock.now().getTime() + query.wait * 1000;
  for (let tries = 0; ; tries++) {
    const answer = await hand(ports, sub, query.limit ?? sub.batch);
    const left = late - ports.clock.now().getTime();
    // The clock may stand still in tests: a wait that brought nothing ends there too.
    if (answer.events !== '[]' || left <= 0 || tries > 60 || signal?.aborted)
      return `{"cursor":${JSON.stringify(answer.cursor)},"waiting":${answer.more},"sha256":"${answer.sha256}","events":${answer.events}}`;
    if (ports.arrivals.count >= MOST_WAITING) throw new Problem(k.slowDown);
    await ports.arrivals.wait(sub.source, left, signal);
  }
}

async function hand(ports: SubscriptionPorts, sub: SubscriptionRow, limit: number) {
  let cursor = (await cursorsOf(ports.db.kysely, sub.id))[0]!;
  const view = await viewOf(ports, { ...sub, batch: limit }, 0, cursor.generation);
  if (!view) throw new Problem(k.grantNotGiving, { state: sub.state });
  // One event would be a message of its own form: here it is always a list.
  const asList = { ...view, batch: Math.max(limit, 2) };
  for (let rows = 1_000; ; rows = Math.min(rows * 4, span.most)) {
    const window = await nextWindow(ports, asList, { ...cursor, pending: null }, rows);
    const [next] = window.messages;
    if (next) {
      const text = Buffer.from(next.message.body).toString();
      const sha256 = createHash('sha256').update(text).digest('hex');
      const token = randomBytes(16).toString('hex');
      const { id, first, last, events, body } = next.message;
      const issued: Issued = { ...next.to, message: { id, first, last, events, bytes: body.byteLength, sha256 } };
      await keepIssued(ports, cursor, token, issued);
      return { cursor: token, events: text, sha256, more: window.messages.length > 1 || window.more };
    }
    const moved =
      window.to.seq > Number(cursor.seq) || window.to.phase !== cursor.phase || window.to.after !== cursor.after;
    if (moved) {
      await sql`UPDATE subscriptions.cursor SET phase = ${window.to.phase}, seq = ${window.to.seq}, previous = ${window.to.previous},
        after = ${window.to.after} WHERE subscription = ${sub.id} AND generation = ${cursor.generation}`.execute(
        ports.db.kysely,
      );
      cursor = { ...cursor, ...window.to };
    }
    if (!window.more) {
      const sha256 = createHash('sha256').update('[]').digest('hex');
      return { cursor: cursor.confirmed, events: '[]', sha256, more: false };
    }
  }
}

async function keepIssued(ports: SubscriptionPorts, cursor: CursorRow, token: string, issued: Issued): Promise<void> {
  await sql`UPDATE subscriptions.cursor SET issued = ${token}, issued_to = ${JSON.stringify(issued)}::jsonb,
      last_attempt = ${ports.clock.now()}
    WHERE subscription = ${cursor.subscription} AND partition = 0 AND generation = ${cursor.generation}`.execute(
    ports.db.kysely,
  );
}

/** Confirms what was handed out last: the cursor moves, the use is recorded. */
async function confirm(ports: SubscriptionPorts, sub: SubscriptionRow, token: string): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const { rows } =
      await sql<CursorRow>`SELECT * FROM subscriptions.cursor WHERE subscription = ${sub.id} FOR UPDATE`.execute(trx);
    const cursor = rows[0]!;
    if (cursor.confirmed === token && cursor.issued !== token) return;
    if (cursor.issued !== token || !cursor.issued_to) throw new Problem(k.unknownCursor);
    const { message, ...to } = cursor.issued_to as Issued;
    await sql`UPDATE subscriptions.cursor SET phase = ${to.phase}, seq = ${to.seq}, previous = ${to.previous}, after = ${to.after},
        issued = NULL, issued_to = NULL, confirmed = ${token}, last_success = ${at}, last_attempt = ${at}
      WHERE subscription = ${sub.id}`.execute(trx);
    const day = cityDay(at);
    await sql`INSERT INTO subscriptions.attempt (subscription, partition, message, first, last, events, bytes, sha256, ok, status,
        problem, ms, at, day)
      VALUES (${sub.id}, 0, ${message.id}, ${message.first}, ${message.last}, ${message.events}, ${message.bytes}, ${message.sha256},
        true, 200, NULL, 0, ${at}, ${day}::date)`.execute(trx);
    await sql`INSERT INTO subscriptions.usage AS u (subscription, day, messages, events, bytes)
      VALUES (${sub.id}, ${day}::date, 1, ${message.events}, ${message.bytes})
      ON CONFLICT (subscription, day) DO UPDATE SET messages = u.messages + 1, events = u.events + excluded.events,
        bytes = u.bytes + excluded.bytes`.execute(trx);
  });
}
