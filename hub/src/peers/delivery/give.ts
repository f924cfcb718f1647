/**
 * Handing over what was granted: deliveries of sharing, made whole for another hub, announced when both seals are there, fetched by it in
 * parts, confirmed by its fingerprint.
 */
import { sql } from 'kysely';
import type { StreamBody } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import {
  askDelivery,
  confirmReceipt,
  type DeliveryView,
  deliveriesOf,
  download,
  GIVING,
  grantOfRequest,
  receiptTwice,
} from '../../sharing/index.ts';
import type { PeersContext } from '../context.ts';
import { asPeer, matterIn } from '../matters/in.ts';
import { keepStep, type MatterRow, mattersWhere } from '../matters/matters.ts';
import { send } from '../matters/outbox.ts';
import { unknownDelivery } from '../problems.ts';
import { type PeerRow, peerOf } from '../store.ts';

/** Asks for what is due of a grant and announces what is ready. */
export async function tellDeliveries(c: PeersContext, row: MatterRow): Promise<void> {
  const { db } = c.deps;
  const share = await grantOfRequest(db, row.request!);
  if (!share || !(GIVING as readonly string[]).includes(share.state)) return;
  const all = await deliveriesOf(db.kysely, share.id);
  const ready = all.filter((d) => d.state === 'ready');
  const whole = ready.filter((d) => d.kind === 'full').at(0);
  const latest = ready.reduce((n, d) => Math.max(n, d.rows || d.removed ? d.sequence : 0), 0);
  const making = all.some((d) => d.state === 'making');
  const failed = all.reduce((n, d) => (d.state === 'failed' ? Math.max(n, d.sequence) : n), 0);
  // The other side keeps what stands, so it is given the whole each time that something changed.
  const newest = Math.max(0, ...ready.filter((d) => d.kind === 'full').map((d) => d.sequence));
  if (!making && share.state === 'active' && (!whole || latest > newest) && failed <= Math.max(latest, newest))
    await db.tx((trx) => askDelivery(c.sharing, share, { kind: 'full', format: 'csv' }, null, trx));
  const told = await db.query<{ number: number }>(`SELECT number FROM peers.delivery WHERE matter = $1`, [row.id]);
  const known = new Set(told.map((t) => t.number));
  for (const d of ready) if (d.kind === 'full' && d.format === 'csv' && !known.has(d.id)) await announce(c, row, d);
}

async function announce(c: PeersContext, row: MatterRow, d: DeliveryView): Promise<void> {
  const seals = await Promise.all([d.seal, d.manifest_seal].map((s) => (s === null ? undefined : c.deps.seal.get(s))));
  // Announced when it can be proven, not before.
  if (seals.some((s) => !s?.signature)) return;
  const at = c.deps.clock.now();
  const body = {
    ...{ uid: row.uid, number: d.id, manifest: d.manifest_text!, sha256: d.sha256!, bytes: Number(d.bytes) },
    ...{ rows: Number(d.rows), seals: sealsOf(seals) },
  };
  await c.deps.db.tx(async (trx) => {
    const made =
      await sql`INSERT INTO peers.delivery (matter, number, direction, state, manifest, sha256, bytes, rows, at)
      VALUES (${row.id}, ${d.id}, 'out', 'announced', ${body.manifest}, ${body.sha256}, ${body.bytes}, ${body.rows}, ${at})
      ON CONFLICT DO NOTHING`.execute(trx);
    if (Number(made.numAffectedRows) !== 1) return;
    await keepStep(trx, row.id, {
      action: 'delivered',
      to: row.state,
      side: 'here',
      detail: { number: d.id, rows: body.rows },
      at,
    });
    await send(trx, row.peer, 'delivery.ready', body, at);
  });
}

const sealsOf = (seals: readonly ({ signature: Uint8Array | null } | undefined)[]) => ({
  file: Buffer.from(seals[0]!.signature!).toString('base64'),
  manifest: Buffer.from(seals[1]!.signature!).toString('base64'),
});

/** The matter of a delivery that was announced to this hub. */
async function announced(c: PeersContext, peer: PeerRow, number: number): Promise<MatterRow> {
  const [row] = await mattersWhere(
    c.deps.db.kysely,
    sql`direction = 'in' AND peer = ${peer.id} AND id IN (SELECT matter FROM peers.delivery
      WHERE direction = 'out' AND number = ${number})`,
  );
  if (!row) throw new Problem(unknownDelivery);
  return row;
}

/** The file of a delivery from a byte on, audited as a download of the other hub. */
export async function fileFor(c: PeersContext, peer: PeerRow, number: number, from: number): Promise<StreamBody> {
  const row = await announced(c, peer, number);
  const officer = asPeer(peer, row, 'officer');
  const { chunks } = await download(c.sharing, number, 'file', officer, '平台间交付');
  return { chunks: after(chunks, from), contentType: 'application/octet-stream' };
}

async function* after(chunks: AsyncIterable<string | Uint8Array>, from: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (at + bytes.length > from) yield at >= from ? bytes : bytes.subarray(from - at);
    at += bytes.length;
  }
}

/** The other hub confirms what it has. */
export async function receiptOf(
  c: PeersContext,
  peer: PeerRow,
  m: { uid: string; number: number; fingerprint: string },
): Promise<void> {
  const row = await matterIn(c, peer, m.uid);
  if (!row) return;
  const known = await c.deps.db.query<{ state: string }>(
    `SELECT state FROM peers.delivery WHERE matter = $1 AND number = $2 AND direction = 'out'`,
    [row.id, m.number],
  );
  if (!known[0] || known[0].state === 'confirmed') return;
  const own = await peerOf(c.deps.db.kysely, peer.id);
  const officer = asPeer(own, row, 'officer');
  const { matches } = await confirmReceipt(c.sharing, m.number, { fingerprint: m.fingerprint }, officer).catch(
    (error) => {
      // Confirmed before, in a try that was broken off after it.
      if (error instanceof Problem && error.kind.code === receiptTwice.code) return { matches: true };
      throw error;
    },
  );
  const at = c.deps.clock.now();
  await c.deps.db.tx(async (trx) => {
    await sql`UPDATE peers.delivery SET state = ${matches ? 'confirmed' : 'refused'}, ended_at = ${at}
      WHERE matter = ${row.id} AND number = ${m.number} AND direction = 'out'`.execute(trx);
    await keepStep(trx, row.id, {
      action: matches ? 'receipt' : 'receipt-differs',
      to: row.state,
      side: 'there',
      detail: { number: m.number },
      at,
    });
  });
}
