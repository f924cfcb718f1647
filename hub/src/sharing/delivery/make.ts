/**
 * Makes a delivery: stages its rows, writes the file, keeps it by its content, says in the lake what the recipient has now, and in
 * one transaction that it is ready, sealed and told. Broken off at any point it begins again and nothing was promised.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import type { JobKind } from '../../platform/jobs/index.ts';
import { ident, type LakeSession, literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { type XlsxCell, xlsx } from '../../platform/sheet/index.ts';
import type { SharingPorts } from '../act.ts';
import { meetClock } from '../clocks.ts';
import { nameOf, type SharedEntry, sharedEntry } from '../entries.ts';
import { keepStep, matterOf, notify, type ShareRow } from '../matters.ts';
import { clockMet } from '../notices.ts';
import { grantNotActive, tooManyRows, unknownDelivery, unknownEntry } from '../problems.ts';
import { putOnItsWay } from '../target/send.ts';
import { DELIVER } from './ask.ts';
import { deliverySelect, type Staged, stageRows } from './rows.ts';
import type { DeliveredItem, ShownRows } from './shown.ts';

/** Rows of a workbook: more belong into CSV or Parquet. */
export const XLSX_ROWS = 100_000;

/** A delivery as it is kept. */
export interface DeliveryRow {
  id: number;
  share: number;
  sequence: number;
  kind: 'full' | 'changes';
  format: 'csv' | 'parquet' | 'xlsx';
  state: 'making' | 'ready' | 'failed';
}

type Written = Staged & { shown: ShownRows; sha256: string; bytes: number };

/** The job. */
export function deliverJob(ports: SharingPorts): JobKind<{ delivery: number }> {
  return {
    kind: DELIVER,
    title: { zh: '制作共享交付', en: 'Make a delivery' },
    params: z.object({ delivery: z.number().int() }),
    lane: 'sharing',
    async run(context, { delivery: id }) {
      const found = await sql<DeliveryRow>`SELECT id, share, sequence, kind, format, state FROM sharing.delivery
        WHERE id = ${id}`.execute(ports.db.kysely);
      const delivery = found.rows[0];
      if (!delivery) throw new Problem(unknownDelivery, { id });
      if (delivery.state !== 'making') return { state: delivery.state };
      try {
        const share = await matterOf(ports.db.kysely, 'share', delivery.share, null);
        if (share.state !== 'active') throw new Problem(grantNotActive, { state: share.state });
        const shared = sharedEntry(ports, share.entry);
        if (!shared) throw new Problem(unknownEntry, { id: share.entry });
        const written = await write(ports, delivery, share, shared);
        context.signal.throwIfAborted();
        await finish(ports, delivery, share, shared, written);
        return { rows: written.rows, added: written.added, removed: written.removed };
      } catch (error) {
        if (error instanceof Problem) await failed(ports, delivery, error);
        throw error;
      }
    },
  };
}

/** Writes the file and what the recipient has; the lake's transaction ends when the file is kept. */
async function write(
  ports: SharingPorts,
  delivery: DeliveryRow,
  share: ShareRow,
  shared: SharedEntry,
): Promise<Written> {
  const folder = join(ports.folders.data, 'sharing');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${delivery.id}.${delivery.format}`);
  try {
    return await ports.lake.write('sharing', async (s) => {
      await s.run('DELETE FROM shr.delivered WHERE delivery = $delivery', { delivery: delivery.id });
      const staged = await stageRows(s, ports, share, delivery, shared);
      const rows = delivery.kind === 'full' ? staged.rows : staged.added + staged.removed;
      const select = deliverySelect(delivery.kind, staged.shown);
      if (delivery.format === 'xlsx') {
        if (rows > XLSX_ROWS) throw new Problem(tooManyRows, { max: XLSX_ROWS, rows });
        const book = xlsx(shared.entry.title.zh, header(delivery, staged.shown.items), cells(s, select));
        await pipeline(Readable.from(book), createWriteStream(path));
      } else await s.run(copyOf(select.sql, delivery, path), select.params);
      const kept = await ports.blobs.put(createReadStream(path) as AsyncIterable<Uint8Array>);
      await s.run(`INSERT INTO shr.delivered SELECT $share, $delivery, fact, digest, change FROM diff`, {
        share: share.id,
        delivery: delivery.id,
      });
      for (const name of ['d', 'diff']) await s.run(`DROP TABLE IF EXISTS temp.${ident(name)}`);
      return { ...staged, sha256: kept.sha256, bytes: kept.bytes };
    });
  } finally {
    rmSync(path, { force: true });
  }
}

const copyOf = (select: string, delivery: DeliveryRow, path: string): string => {
  const options = delivery.format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION zstd';
  return `COPY (${select}) TO ${literal(path)} (${options})`;
};

const header = (delivery: DeliveryRow, items: readonly DeliveredItem[]): string[] => [
  ...(delivery.kind === 'changes' ? ['_change'] : []),
  '_record',
  ...items.map((i) => i.title.zh),
];

async function* cells(s: LakeSession, select: ReturnType<typeof deliverySelect>): AsyncGenerator<XlsxCell[]> {
  for await (const batch of s.stream(select.sql, select.params))
    for (const row of batch) yield Object.values(row).map((v) => (v === null ? null : String(v)));
}

/** The manifest: what was handed over to whom, on which ground; sealed beside the file. */
function manifestOf(
  ports: SharingPorts,
  d: DeliveryRow,
  share: ShareRow,
  { entry }: SharedEntry,
  w: Written,
  at: Date,
) {
  return {
    format: 'jingwei-delivery/1',
    delivery: d.id,
    sequence: d.sequence,
    request: share.request,
    grant: share.id,
    recipient: { id: share.requester, name: nameOf(ports, share.requester).zh },
    provider: { id: share.provider, name: nameOf(ports, share.provider).zh },
    resource: { id: entry.id, code: entry.code, title: entry.title.zh, version: entry.version },
    kind: d.kind,
    file: { format: d.format, sha256: w.sha256, bytes: w.bytes },
    rows: d.kind === 'full' ? w.rows : w.added + w.removed,
    added: w.added,
    // Records that the recipient has after it.
    standing: w.rows,
    removed: w.removed,
    items: w.shown.items.map((i) => ({ name: i.name, title: i.title.zh, type: i.type, shown: i.shown })),
    // Granted, but no longer in the catalogue or the source.
    ...(w.shown.gone.length ? { gone: w.shown.gone } : {}),
    filter: share.filter,
    useUntil: share.until,
    madeAt: at.toISOString(),
    mark: '记录号与行序按接收方各不相同，可据以追溯；数据值未作改动。',
  };
}

/** The digest as a keyless signature reads it: SHA-256 is algorithm 1. */
const imprintOf = (hex: string): Uint8Array => new Uint8Array([1, ...Buffer.from(hex, 'hex')]);

async function finish(
  ports: SharingPorts,
  d: DeliveryRow,
  share: ShareRow,
  shared: SharedEntry,
  w: Written,
): Promise<void> {
  const at = ports.clock.now();
  const manifest = manifestOf(ports, d, share, shared, w, at);
  const text = JSON.stringify(manifest, null, 2);
  const title = {
    zh: `共享交付：${shared.entry.title.zh}（第 ${d.sequence} 次）`,
    en: `Delivery ${d.sequence}: ${shared.entry.title.en}`,
  };
  const facts = { rows: manifest.rows, format: d.format, recipient: share.requester, resource: shared.entry.code };
  const sealed = { kind: 'delivery' as const, title, organisation: share.provider, facts };
  await ports.db.tx(async (trx) => {
    const seal = await ports.seal.request({ ...sealed, subject: String(d.id), imprint: imprintOf(w.sha256) }, trx);
    const of = imprintOf(createHash('sha256').update(text).digest('hex'));
    const manifestSeal = await ports.seal.request({ ...sealed, subject: `${d.id}/manifest`, imprint: of }, trx);
    const kept = await sql`UPDATE sharing.delivery SET state = 'ready', rows = ${manifest.rows}, removed = ${w.removed},
        bytes = ${w.bytes}, sha256 = ${w.sha256}, manifest = ${text}::jsonb, manifest_text = ${text}, seal = ${seal},
        manifest_seal = ${manifestSeal}, ready_at = ${at}, problem = NULL
      WHERE id = ${d.id} AND state = 'making'`.execute(trx);
    if (Number(kept.numAffectedRows) !== 1) return;
    await meetClock(trx, share.request, 'request.deliver', at);
    await clockMet(ports, trx, share.request);
    await step(ports, trx, d, share, 'delivered', { rows: manifest.rows, bytes: w.bytes, sha256: w.sha256 }, at);
    await putOnItsWay(ports, trx, d);
    await notify(
      ports,
      trx,
      share.requester,
      'delivered',
      { request: share.request, share: share.id },
      { delivery: d.id },
      at,
    );
  });
}

async function failed(ports: SharingPorts, d: DeliveryRow, problem: Problem): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const share = await matterOf(trx, 'share', d.share, null);
    await sql`UPDATE sharing.delivery SET state = 'failed', problem = ${JSON.stringify(problem.toJSON())}::jsonb
      WHERE id = ${d.id} AND state = 'making'`.execute(trx);
    await step(ports, trx, d, share, 'delivery-failed', { problem: problem.kind.code }, at);
  });
}

async function step(
  ports: SharingPorts,
  trx: Parameters<typeof keepStep>[0],
  d: DeliveryRow,
  share: ShareRow,
  action: 'delivered' | 'delivery-failed',
  detail: Record<string, unknown>,
  at: Date,
): Promise<void> {
  const to = action === 'delivered' ? 'ready' : 'failed';
  await keepStep(trx, {
    ...{
      request: share.request,
      matter: 'delivery',
      id: d.id,
      action,
      from_state: 'making',
      to_state: to,
      actor: 'hub',
    },
    ...{ login: null, organisation: null, deputy_for: null, article: 22, comment: null, detail, at },
  });
  await ports.audit.append(
    {
      ...{ actor: null, action: `sharing.${action}`, object: `sharing-delivery/${d.id}` },
      ...{ outcome: to === 'ready' ? 'ok' : 'failed', detail: { share: share.id, ...detail } },
    },
    trx,
  );
}
