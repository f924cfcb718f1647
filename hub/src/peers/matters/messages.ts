/** Messages of other hubs: each taken once by its id, answered the same when it comes again. */
import { sql } from 'kysely';
import { z } from 'zod';
import { Problem } from '../../platform/problem.ts';
import { content } from '../../sharing/index.ts';
import { inTurn, type PeersContext } from '../context.ts';
import { receiptOf } from '../delivery/give.ts';
import { announcedBy, readyMessage } from '../delivery/take.ts';
import { badMessage } from '../problems.ts';
import type { PeerRow } from '../store.ts';
import { begin, supplement, withdrawIn } from './in.ts';
import { keepStep, mattersWhere, states } from './matters.ts';

const uid = z.string().min(8).max(60);
const line = z.string().max(1000);
const stateMessage = z.object({
  uid,
  state: z.string().max(30),
  missing: z.array(line).max(50).optional(),
  refusal: z.object({ reason: line, ground: line }).nullish(),
  clocks: z
    .array(
      z.object({
        ...{ deadline: z.string().max(60), due: z.string().max(10).nullable(), days: z.number().int() },
        ...{ state: z.string().max(20), overdue: z.boolean(), ended: z.string().max(30).nullable() },
      }),
    )
    .max(20)
    .optional(),
  share: z
    .object({
      ...{ id: z.number().int(), state: z.string().max(30), until: z.string().max(10) },
      ...{ items: z.array(z.string().max(64)).max(500), frequency: z.string().max(20) },
    })
    .nullish(),
});

type Handler = (c: PeersContext, peer: PeerRow, body: unknown) => Promise<void>;
const handler =
  <T>(schema: z.ZodType<T>, run: (c: PeersContext, peer: PeerRow, body: T) => Promise<void>): Handler =>
  async (c, peer, body) => {
    const read = schema.safeParse(body);
    if (!read.success)
      throw new Problem(badMessage, { reason: read.error.issues[0]?.path.map(String).join('.') ?? 'body' });
    await run(c, peer, read.data);
  };

const handlers: Readonly<Record<string, Handler>> = {
  'request.submit': handler(
    z.object({
      ...{ uid, entry: z.string().max(120), content },
      department: z.object({ id: z.string().regex(/^[a-z][a-z0-9]{0,40}$/), name: z.string().trim().min(1).max(120) }),
    }),
    begin,
  ),
  'request.resubmit': handler(z.object({ uid, content }), (c, peer, m) => supplement(c, peer, m.uid, m.content)),
  'request.withdraw': handler(z.object({ uid, comment: line }), (c, peer, m) => withdrawIn(c, peer, m.uid, m.comment)),
  'request.state': handler(stateMessage, toldBy),
  'delivery.ready': handler(readyMessage, announcedBy),
  'delivery.receipt': handler(
    z.object({ uid, number: z.number().int(), fingerprint: z.string().regex(/^[0-9a-f]{64}$/) }),
    receiptOf,
  ),
};

export const envelope = z.object({
  id: z.string().regex(/^[0-9a-f-]{36}$/),
  kind: z.string().max(40),
  body: z.unknown(),
});

/** Takes a message. */
export async function takeMessage(
  c: PeersContext,
  peer: PeerRow,
  given: unknown,
): Promise<{ taken: true; again: boolean }> {
  const read = envelope.safeParse(given);
  if (!read.success) throw new Problem(badMessage, { reason: 'envelope' });
  return inTurn(c, `inbox-${peer.id}`, () => takeOnce(c, peer, read.data));
}

async function takeOnce(
  c: PeersContext,
  peer: PeerRow,
  { id, kind, body }: z.output<typeof envelope>,
): Promise<{ taken: true; again: boolean }> {
  const { db, clock } = c.deps;
  const before = await db.query('SELECT 1 FROM peers.received WHERE peer = $1 AND id = $2', [peer.id, id]);
  if (before.length) return { taken: true, again: true };
  const own = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
  if (!own) throw new Problem(badMessage, { reason: kind });
  // Every handler may be run again after it was broken off: what it does is done once by the matter's own number.
  await own(c, peer, body);
  await sql`INSERT INTO peers.received (peer, id, kind, answer, at) VALUES (${peer.id}, ${id}, ${kind}, '{}', ${clock.now()})
    ON CONFLICT DO NOTHING`.execute(db.kysely);
  return { taken: true, again: false };
}

/** The other side tells how a request of ours stands. */
async function toldBy(c: PeersContext, peer: PeerRow, m: z.output<typeof stateMessage>): Promise<void> {
  const [row] = await mattersWhere(c.deps.db.kysely, sql`direction = 'out' AND peer = ${peer.id} AND uid = ${m.uid}`);
  // What was withdrawn here meanwhile stays so.
  if (!row || row.state === 'withdrawn' || !states[m.state]) return;
  const at = c.deps.clock.now();
  const { uid: _, state, ...told } = m;
  await c.deps.db.tx(async (trx) => {
    const ended = state === 'withdrawn' || told.share?.state === 'disposed';
    await sql`UPDATE peers.matter SET state = ${state}, told = ${JSON.stringify(told)}::jsonb, version = version + 1,
      ended_at = ${ended ? at : null} WHERE id = ${row.id}`.execute(trx);
    if (state !== row.state)
      await keepStep(trx, row.id, {
        ...{ action: 'told', to: state, side: 'there', at },
        ...(told.refusal ? { comment: told.refusal.reason } : {}),
        ...(told.missing?.length ? { detail: { missing: told.missing } } : {}),
      });
  });
}
