/**
 * Data handed back by another hub (回流): announced, fetched in parts that go on where they were broken off, held against the manifest's
 * SHA-256 and both seals against the other hub's published anchors, laid into the inbox of its source, confirmed.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  KeylessError,
  readPublicationsFile,
  readSignature,
  signingTime,
  verify,
  verifyPublicationsFile,
} from '@jingwei/keyless';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { inboxOf } from '../../exchange/index.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { type JobKind, RetryableError } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { PeersContext } from '../context.ts';
import { remoteEntry } from '../harvest/remote.ts';
import { keepStep, type MatterRow, mattersWhere } from '../matters/matters.ts';
import { send } from '../matters/outbox.ts';
import { garbled, notSame, sealWrong, tooLarge, unknownDelivery, unreachable } from '../problems.ts';
import { call, successOf } from '../protocol/call.ts';
import { below, PROTOCOL, signedCall } from '../protocol/client.ts';
import { type PeerRow, peerOf, toldOf } from '../store.ts';
import { declareFor, manifestSchema } from './declare.ts';

export const FETCH = 'peers.fetch';
/** Largest file that is fetched, bytes. */
const LARGEST = 64 * 2 ** 30;

/** What the other side announces. */
export const readyMessage = z.object({
  uid: z.string().max(60),
  number: z.number().int(),
  manifest: z.string().max(500_000),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  rows: z.number().int().nonnegative(),
  seals: z.object({ file: z.string().max(200_000), manifest: z.string().max(200_000) }),
});

/** Takes note of a delivery and asks for its fetching. */
export async function announcedBy(c: PeersContext, peer: PeerRow, m: z.output<typeof readyMessage>): Promise<void> {
  const [row] = await mattersWhere(
    c.deps.db.kysely,
    sql`direction = 'out' AND peer = ${peer.id} AND uid = ${m.uid} AND state <> 'withdrawn'`,
  );
  if (!row) return;
  const at = c.deps.clock.now();
  await c.deps.db.tx(async (trx) => {
    const made = await sql<{
      id: number;
    }>`INSERT INTO peers.delivery (matter, number, direction, state, manifest, sha256, bytes, rows,
        seals, at)
      VALUES (${row.id}, ${m.number}, 'in', 'announced', ${m.manifest}, ${m.sha256}, ${m.bytes}, ${m.rows},
        ${JSON.stringify(m.seals)}::jsonb, ${at}) ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
    const id = made.rows[0]?.id;
    if (id === undefined) return;
    await keepStep(trx, row.id, {
      action: 'announced',
      to: row.state,
      side: 'there',
      detail: { number: m.number, rows: m.rows },
      at,
    });
    await c.deps.jobs.submit(FETCH, { delivery: id }, { unique: `delivery-${id}`, trx });
  });
}

interface DeliveryRow {
  id: number;
  matter: number;
  number: number;
  state: string;
  manifest: string;
  sha256: string;
  bytes: number;
  seals: { file: string; manifest: string };
}

const deliveryRow = async (db: Kysely<AnyTables>, id: number): Promise<DeliveryRow> => {
  const found =
    await sql<DeliveryRow>`SELECT id, matter, number, state, manifest, sha256, bytes, seals FROM peers.delivery
    WHERE id = ${id} AND direction = 'in'`.execute(db);
  if (!found.rows[0]) throw new Problem(unknownDelivery);
  return found.rows[0];
};

/** Asks again for what was announced and is not here yet: after a hub that was down for long. */
export async function fetchWaiting(c: PeersContext): Promise<void> {
  const rows = await sql<{ id: number }>`SELECT id FROM peers.delivery WHERE direction = 'in'
    AND state IN ('announced', 'fetched')`.execute(c.deps.db.kysely);
  for (const { id } of rows.rows) await c.deps.jobs.submit(FETCH, { delivery: id }, { unique: `delivery-${id}` });
}

/** The job. */
export function fetchJob(c: PeersContext): JobKind<{ delivery: number }> {
  return {
    kind: FETCH,
    title: { zh: '接收其他平台交付的数据', en: 'Take in data of another hub' },
    params: z.object({ delivery: z.number().int() }),
    lane: 'peers',
    async run(context, { delivery: id }) {
      const d = await deliveryRow(c.deps.db.kysely, id);
      if (d.state !== 'announced' && d.state !== 'fetched') return { state: d.state };
      const [row] = await mattersWhere(c.deps.db.kysely, sql`id = ${d.matter}`);
      const peer = await peerOf(c.deps.db.kysely, row!.peer);
      try {
        return await take(c, peer, row!, d, context.signal);
      } catch (error) {
        context.signal.throwIfAborted();
        const passing = error instanceof Problem && (error.kind === unreachable || statusOf(error) >= 500);
        await problem(c, row!, d, error, !passing);
        if (passing) throw new RetryableError('the other hub is away', { cause: error });
        throw error;
      }
    },
  };
}

const statusOf = (p: Problem): number => (typeof p.params.status === 'number' ? p.params.status : 0);

async function problem(c: PeersContext, row: MatterRow, d: DeliveryRow, error: unknown, final: boolean): Promise<void> {
  const at = c.deps.clock.now();
  await c.deps.db.tx(async (trx) => {
    const told = JSON.stringify(toldOf(error));
    if (!final) {
      await sql`UPDATE peers.delivery SET problem = ${told}::jsonb WHERE id = ${d.id}`.execute(trx);
      return;
    }
    await sql`UPDATE peers.delivery SET state = 'refused', problem = ${told}::jsonb, ended_at = ${at} WHERE id = ${d.id}`.execute(
      trx,
    );
    await keepStep(trx, row.id, { action: 'delivery-refused', to: row.state, side: 'hub', detail: toldOf(error), at });
    await c.deps.audit.append(
      {
        ...{ actor: null, action: 'peers.delivery', object: `peer-delivery/${d.id}`, outcome: 'failed' },
        detail: { code: toldOf(error).code, number: d.number },
      },
      trx,
    );
  });
}

/** Fetches, verifies, lays. */
async function take(c: PeersContext, peer: PeerRow, row: MatterRow, d: DeliveryRow, signal: AbortSignal) {
  const manifest = manifestSchema.safeParse(parsed(d.manifest));
  if (!manifest.success) throw new Problem(garbled, { reason: 'manifest' });
  const { file, rows } = manifest.data;
  if (file.sha256 !== d.sha256 || manifest.data.delivery !== d.number) throw new Problem(notSame);
  const signedAt = await verifySeals(peer, d);
  const path = await fetchFile(c, peer, d, signal);
  const remote = row.remote_entry === null ? null : (await remoteEntry(c.deps.db, row.remote_entry)).content;
  const source = await declareFor(c, row, peer, remote, manifest.data);
  const inbox = inboxOf(c.deps.folders.inbox, source);
  mkdirSync(inbox, { recursive: true });
  const at = c.deps.clock.now();
  // Laid before it is said to be: a hub that is killed in between lays it again, and the exchange knows the file by its content.
  renameSync(path, join(inbox, `delivery-${String(d.number).padStart(8, '0')}.csv`));
  await c.deps.db.tx(async (trx) => {
    await sql`UPDATE peers.delivery SET state = 'laid', signed_at = ${signedAt}, source = ${source}, problem = NULL, ended_at = ${at}
      WHERE id = ${d.id}`.execute(trx);
    await keepStep(trx, row.id, {
      action: 'laid',
      to: row.state,
      side: 'hub',
      detail: { number: d.number, rows, source },
      at,
    });
    await send(trx, peer.id, 'delivery.receipt', { uid: row.uid, number: d.number, fingerprint: d.sha256 }, at);
    await c.deps.audit.append(
      {
        ...{ actor: null, action: 'peers.delivery', object: `peer-delivery/${d.id}`, outcome: 'ok' },
        detail: { peer: peer.id, source, sha256: d.sha256, rows },
      },
      trx,
    );
  });
  return { rows, source };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const imprint = (hex: string): Uint8Array => new Uint8Array([1, ...Buffer.from(hex, 'hex')]);

/** Verifies both seals against the anchors that the other hub publishes, signed by the root that was believed at the introduction. */
async function verifySeals(peer: PeerRow, d: DeliveryRow): Promise<Date> {
  const wrong = (reason: string) => new Problem(sealWrong, { reason });
  if (!peer.root || !peer.publisher_email) throw wrong('no root');
  const url = below(peer.url, '/keyless/publications');
  const bytes = await successOf(
    await call({ method: 'GET', url, networks: peer.networks, limits: { bytes: 32 << 20 } }),
  );
  try {
    const publicationsFile = readPublicationsFile(new Uint8Array(bytes));
    verifyPublicationsFile(publicationsFile, {
      roots: [new TextEncoder().encode(peer.root)],
      email: peer.publisher_email,
    });
    let at = 0n;
    const of = { file: d.sha256, manifest: createHash('sha256').update(d.manifest).digest('hex') };
    for (const part of ['file', 'manifest'] as const) {
      const signature = readSignature(new Uint8Array(Buffer.from(d.seals[part], 'base64')));
      const verdict = await verify(signature, 'default', { publicationsFile, hash: imprint(of[part]) });
      if (verdict.outcome !== 'ok')
        throw wrong(`${part}: ${verdict.outcome === 'failed' ? verdict.code : 'inconclusive'}`);
      at = signingTime(signature);
    }
    return new Date(Number(at) * 1000);
  } catch (error) {
    if (error instanceof KeylessError) throw wrong(error.message.slice(0, 200));
    throw error;
  }
}

/** Fetches the file, going on where it was broken off; answers its path once its SHA-256 is the manifest's. */
async function fetchFile(c: PeersContext, peer: PeerRow, d: DeliveryRow, signal: AbortSignal): Promise<string> {
  if (Number(d.bytes) > LARGEST) throw new Problem(tooLarge, { limit: LARGEST });
  const folder = join(c.deps.folders.data, 'peers');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${d.id}.part`);
  const have = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (have < Number(d.bytes)) {
    const url = below(peer.url, `${PROTOCOL}/deliveries/${d.number}/file?from=${have}`);
    const answer = await signedCall(
      c,
      { ...peer, hub: peer.hub! },
      { method: 'GET', url, limits: { bytes: Number(d.bytes) - have, wholeMs: 6 * 3_600_000 }, signal },
    );
    if (answer.status < 200 || answer.status > 299) await successOf(answer);
    const file = openSync(path, 'a', 0o600);
    try {
      for await (const chunk of answer.chunks) writeSync(file, chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
  const hash = createHash('sha256');
  if (existsSync(path)) for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  if (hash.digest('hex') !== d.sha256) {
    // Broken off by the other side it is shorter and goes on the next time; whole and different it is thrown away.
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < Number(d.bytes)) throw new Problem(unreachable, { reason: `${size} / ${d.bytes}` });
    rmSync(path, { force: true });
    throw new Problem(notSame);
  }
  return path;
}
