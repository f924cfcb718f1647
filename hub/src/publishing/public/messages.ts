/** What the public says: ratings, errors that it reports, data that it asks for; each by a random number, never by a name. */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { cityDay, dueOf } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { PublishingPorts } from '../ports.ts';
import { unknownReceipt } from '../problems.ts';
import { openDataset } from '../rows.ts';
import { refusePersonal } from './words.ts';

const hash = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');
const words = (least: number, most: number) => z.string().trim().min(least).max(most);

export const ratingBody = z.strictObject({
  stars: z.number().int().min(1).max(5),
  words: words(0, 500).default(''),
  /** A random number that the visitor's browser keeps: one voice for each dataset. */
  visitor: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
});

/** Keeps a rating: the stars count at once, the words are shown when somebody has read them. */
export async function rate(ports: PublishingPorts, id: string, body: z.output<typeof ratingBody>): Promise<void> {
  const d = await openDataset(ports, id);
  refusePersonal(body.words);
  const state = body.words ? 'waiting' : 'shown';
  // Hashed with the dataset: the voices of one visitor cannot be put together.
  await sql`INSERT INTO publishing.rating (dataset, visitor, stars, words, state, at)
    VALUES (${d.number}, ${hash(String(d.number), body.visitor)}, ${body.stars}, ${body.words}, ${state}, ${ports.clock.now()})
    ON CONFLICT (dataset, visitor) DO UPDATE SET stars = excluded.stars, words = excluded.words, state = excluded.state,
      at = excluded.at, moderated_by = NULL`.execute(ports.db.kysely);
}

export const messageBody = z.strictObject({
  kind: z.enum(['request', 'error']),
  /** Of an error: the dataset that holds it. */
  dataset: z.string().max(80).optional(),
  /** Of a request: the department, where the visitor knows it. */
  organisation: z.string().max(40).optional(),
  title: words(4, 80),
  body: words(4, 1000),
});

/** Keeps a message; answers the receipt number by which its state can be asked for. */
export async function leaveMessage(
  ports: PublishingPorts,
  body: z.output<typeof messageBody>,
  known: (organisation: string) => boolean,
): Promise<{ receipt: string; due: string | null }> {
  refusePersonal(body.title, body.body);
  const d = body.dataset === undefined ? null : await openDataset(ports, body.dataset);
  const organisation = d?.provider ?? (body.organisation && known(body.organisation) ? body.organisation : null);
  const receipt = randomBytes(9)
    .toString('hex')
    .toUpperCase()
    .replace(/(.{6})(?=.)/g, '$1-');
  const at = ports.clock.now();
  const { due } = dueOf(ports.calendar(), cityDay(at), ports.rules.answerDays);
  await ports.db.tx(async (trx) => {
    const made = await sql<{ id: number }>`INSERT INTO publishing.message
        (kind, receipt, dataset, organisation, title, body, state, due, at)
      VALUES (${body.kind}, ${hash(receipt)}, ${d?.number ?? null}, ${organisation}, ${body.title}, ${body.body}, 'waiting',
        ${due}::date, ${at}) RETURNING id`.execute(trx);
    await ports.audit.append(
      {
        actor: null,
        action: 'open.message',
        object: `open-message/${made.rows[0]!.id}`,
        outcome: 'ok',
        detail: { kind: body.kind },
      },
      trx,
    );
  });
  return { receipt, due };
}

interface Answered {
  id: number;
  kind: 'request' | 'error';
  title: string;
  body: string;
  organisation: string | null;
  state: 'waiting' | 'answered';
  outcome: string | null;
  answer: string | null;
  due: string | null;
  at: Date;
  answered_at: Date | null;
  dataset: string | null;
}
const columns = sql`m.id, m.kind, m.title, m.body, m.organisation, m.state, m.outcome, m.answer, m.due::text AS due, m.at,
  m.answered_at, d.slug AS dataset`;

/** What became of a message, for who has its receipt. */
export async function messageBy(ports: PublishingPorts, receipt: string): Promise<Answered> {
  const found =
    await sql<Answered>`SELECT ${columns} FROM publishing.message m LEFT JOIN publishing.dataset d ON d.id = m.dataset
    WHERE m.receipt = ${hash(receipt.trim().toUpperCase())}`.execute(ports.db.kysely);
  if (!found.rows[0]) throw new Problem(unknownReceipt);
  return found.rows[0];
}

/** Requests for data that were answered, the newest first: published with their answers. Those that wait are only counted. */
export async function answeredRequests(ports: PublishingPorts): Promise<{ items: Answered[]; waiting: number }> {
  const found =
    await sql<Answered>`SELECT ${columns} FROM publishing.message m LEFT JOIN publishing.dataset d ON d.id = m.dataset
    WHERE m.kind = 'request' AND m.state = 'answered' AND m.outcome <> 'dismissed' ORDER BY m.answered_at DESC LIMIT 200`.execute(
      ports.db.kysely,
    );
  const waiting = await sql<{
    n: number;
  }>`SELECT count(*)::int AS n FROM publishing.message WHERE kind = 'request' AND state = 'waiting'`.execute(
    ports.db.kysely,
  );
  return { items: found.rows, waiting: waiting.rows[0]!.n };
}

/** Ratings of a dataset: how many of each number of stars, and the words that were let through. */
export async function ratingsOf(ports: PublishingPorts, dataset: number) {
  const stars = await sql<{ stars: number; n: number }>`SELECT stars, count(*)::int AS n FROM publishing.rating
    WHERE dataset = ${dataset} AND state <> 'hidden' GROUP BY stars`.execute(ports.db.kysely);
  const said = await sql<{
    id: number;
    stars: number;
    words: string;
    at: Date;
  }>`SELECT id, stars, words, at FROM publishing.rating
    WHERE dataset = ${dataset} AND state = 'shown' AND words <> '' ORDER BY at DESC LIMIT 50`.execute(ports.db.kysely);
  const counts = [1, 2, 3, 4, 5].map((s) => stars.rows.find((r) => r.stars === s)?.n ?? 0);
  const count = counts.reduce((a, b) => a + b, 0);
  const sum = counts.reduce((a, n, i) => a + n * (i + 1), 0);
  return { count, average: count ? Math.round((10 * sum) / count) / 10 : null, counts, said: said.rows };
}
