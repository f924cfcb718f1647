/** What recipients do with deliveries: download with a purpose, confirm receipt with the fingerprint they computed, doubt a record. */
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { raiseDelivered } from '../../libraries/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import type { StreamBody } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import { XLSX_TYPE } from '../../platform/sheet/index.ts';
import type { SharingPorts } from '../act.ts';
import { sharedEntry } from '../entries.ts';
import { deliveredFile } from '../erase.ts';
import { keepStep, matterOf, notify, type ShareRow } from '../matters.ts';
import {
  fileGone,
  fingerprintForm,
  grantNotActive,
  notReady,
  notYours,
  receiptTwice,
  recordUnknown,
  unknownDelivery,
} from '../problems.ts';
import type { DeliveryRow } from './make.ts';
import { cut } from './range.ts';
import { HELD, recordNumber } from './tables.ts';

/** A delivery with what became of it. */
export interface DeliveryView extends DeliveryRow {
  rows: number | null;
  removed: number | null;
  bytes: number | null;
  sha256: string | null;
  manifest: Record<string, unknown> | null;
  manifest_text: string | null;
  seal: number | null;
  manifest_seal: number | null;
  problem: { code: string; title: { zh: string; en: string } } | null;
  asked_by: string | null;
  asked_at: Date;
  ready_at: Date | null;
}

const columns = sql`id, share, sequence, kind, format, state, rows, removed, bytes, sha256, manifest, manifest_text, seal,
  manifest_seal, problem, asked_by, asked_at, ready_at`;

/** The deliveries of a grant, the newest first. */
export const deliveriesOf = async (db: Kysely<AnyTables>, share: number): Promise<DeliveryView[]> =>
  (
    await sql<DeliveryView>`SELECT ${columns} FROM sharing.delivery WHERE share = ${share}
      ORDER BY sequence DESC LIMIT 200`.execute(db)
  ).rows;

/** A delivery and its grant, for whom the grant is there. */
export async function deliveryOf(ports: SharingPorts, id: number, p: Principal): Promise<[DeliveryView, ShareRow]> {
  const found = await sql<DeliveryView>`SELECT ${columns} FROM sharing.delivery WHERE id = ${id}`.execute(
    ports.db.kysely,
  );
  const delivery = found.rows[0];
  if (!delivery) throw new Problem(unknownDelivery, { id });
  const share = await matterOf(ports.db.kysely, 'share', delivery.share, p).catch((error) => {
    throw error instanceof Problem ? new Problem(unknownDelivery, { id }) : error;
  });
  return [delivery, share];
}

/** Only the recipient's officers take what was delivered. */
function needRecipient(p: Principal, share: ShareRow, action: string): void {
  if (p.organisation !== share.requester || !p.permissions.has('sharing.request'))
    throw new Problem(notYours, { action });
}

const TYPES = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet', xlsx: XLSX_TYPE };

/** The file of a delivery or its manifest, audited before the first byte leaves. */
export async function download(
  ports: SharingPorts,
  id: number,
  part: 'file' | 'manifest',
  p: Principal,
  purpose: string,
  range: (bytes: number, sha256: string) => { from: number; to: number } | null = () => null,
): Promise<StreamBody> {
  const [delivery, share] = await deliveryOf(ports, id, p);
  needRecipient(p, share, '下载交付');
  if (delivery.state !== 'ready') throw new Problem(notReady);
  if (share.state !== 'active' && share.state !== 'consulting') {
    await audited(ports, p, 'download', id, { part, state: share.state }, 'refused', purpose);
    throw new Problem(grantNotActive, { state: share.state });
  }
  const at = ports.clock.now();
  // Records of persons who were erased are not handed out any more; the manifest still tells what was delivered then.
  const stands = await deliveredFile(ports.db.kysely, { id, sha256: delivery.sha256!, bytes: delivery.bytes ?? 0 });
  if (part === 'file' && stands.sha256 === null) throw new Problem(fileGone);
  const file = stands.sha256 ?? delivery.sha256!;
  const wanted = part === 'file' ? range(stands.bytes, file) : null;
  await ports.db.tx(async (trx) => {
    // What goes on with a broken download is the same download; the audit keeps each.
    if (part === 'file' && !wanted?.from)
      await sql`INSERT INTO sharing.download (delivery, login, organisation, purpose, at)
        VALUES (${id}, ${p.login}, ${p.organisation}, ${purpose}, ${at})`.execute(trx);
    await audited(
      ports,
      p,
      'download',
      id,
      { part, sha256: file, ...(wanted ? { range: wanted } : {}) },
      'ok',
      purpose,
      trx,
    );
  });
  const name = `${sharedEntry(ports, share.entry)?.entry.title.zh ?? share.entry}-${share.id}-${delivery.sequence}`;
  if (part === 'manifest') {
    const text = [delivery.manifest_text!];
    return { chunks: one(text), filename: `${name}.manifest.json`, contentType: 'application/json' };
  }
  return {
    chunks: wanted ? cut(ports.blobs.get(file), wanted.from, wanted.to) : ports.blobs.get(file),
    filename: `${name}.${delivery.format}`,
    contentType: TYPES[delivery.format],
  };
}

async function* one(text: readonly string[]): AsyncGenerator<string> {
  yield* text;
}

export const receiptBody = z.strictObject({ fingerprint: z.string().trim().max(100) });

/** Confirms receipt with the fingerprint of what the recipient has. One that differs is kept too, and both sides are told. */
export async function confirmReceipt(
  ports: SharingPorts,
  id: number,
  body: z.output<typeof receiptBody>,
  p: Principal,
): Promise<{ matches: boolean }> {
  const [delivery, share] = await deliveryOf(ports, id, p);
  needRecipient(p, share, '确认收讫');
  if (delivery.state !== 'ready') throw new Problem(notReady);
  const fingerprint = body.fingerprint.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(fingerprint)) throw new Problem(fingerprintForm, {}, { field: 'fingerprint' });
  const matches = fingerprint === delivery.sha256;
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const kept = await sql`INSERT INTO sharing.receipt (delivery, fingerprint, matches, login, at)
      VALUES (${id}, ${fingerprint}, ${matches}, ${p.login}, ${at})
      ON CONFLICT (delivery) DO UPDATE SET fingerprint = excluded.fingerprint, matches = excluded.matches,
        login = excluded.login, at = excluded.at WHERE NOT sharing.receipt.matches`.execute(trx);
    if (Number(kept.numAffectedRows) !== 1) throw new Problem(receiptTwice);
    await keepStep(trx, {
      ...{ request: share.request, matter: 'delivery', id, action: matches ? 'receipt' : 'receipt-differs' },
      ...{ from_state: 'ready', to_state: 'ready', actor: 'requester-officer', login: p.login },
      ...{ organisation: p.organisation, deputy_for: null, article: 22, comment: null, detail: { fingerprint }, at },
    });
    await notify(
      ports,
      trx,
      share.provider,
      matches ? 'received' : 'mismatch',
      { request: share.request, share: share.id },
      { delivery: id },
      at,
    );
    await audited(ports, p, 'receipt', id, { matches, fingerprint }, 'ok', undefined, trx);
  });
  return { matches };
}

export const doubtBody = z.strictObject({
  /** `_record` of the delivered row. */
  record: z.string().regex(/^[0-9a-f]{20}$/),
  item: z.string().max(64),
  comment: z.string().trim().min(4).max(500),
});

/** Raises a correction (校核) on a delivered record: it becomes a matter of the source with ten working days. */
export async function doubt(
  ports: SharingPorts,
  id: number,
  body: z.output<typeof doubtBody>,
  p: Principal,
): Promise<{ correction: number; raised: boolean }> {
  const [delivery, share] = await deliveryOf(ports, id, p);
  needRecipient(p, share, '提出校核');
  const source = sharedEntry(ports, share.entry)?.entry.source;
  if (!source || !share.items.includes(body.item)) throw new Problem(recordUnknown, { record: body.record });
  const found = await ports.lake.first<{ fact: bigint | number }>(
    `SELECT fact FROM (${HELD}) WHERE ${recordNumber('fact')} = $record LIMIT 1`,
    { share: share.id, delivery: delivery.id + 1, mark: share.mark, record: body.record },
  );
  if (!found) throw new Problem(recordUnknown, { record: body.record });
  const fact = BigInt(found.fact);
  const entity = await ports.lake.first<{ entity: number }>(
    'SELECT entity FROM v.legal_person_fact_v1 WHERE fact = $fact LIMIT 1',
    { fact },
  );
  const raised = await raiseDelivered(
    ports,
    { delivery: id, item: body.item, source, owner: share.provider, fact, entity: entity?.entity || null },
    body.comment,
    p,
  );
  if (raised.raised)
    await ports.db.tx(async (trx) => {
      const at = ports.clock.now();
      await sql`INSERT INTO sharing.correction (correction, delivery, record, item)
        VALUES (${raised.id}, ${id}, ${body.record}, ${body.item}) ON CONFLICT DO NOTHING`.execute(trx);
      await keepStep(trx, {
        ...{ request: share.request, matter: 'delivery', id, action: 'doubt', from_state: 'ready', to_state: 'ready' },
        ...{ actor: 'requester-officer', login: p.login, organisation: p.organisation, deputy_for: null, article: 26 },
        ...{ comment: body.comment, detail: { correction: raised.id, record: body.record, item: body.item }, at },
      });
    });
  return { correction: raised.id, raised: raised.raised };
}

const audited = (
  ports: SharingPorts,
  p: Principal,
  what: string,
  id: number,
  detail: Record<string, unknown>,
  outcome: 'ok' | 'refused',
  purpose?: string,
  trx?: Kysely<AnyTables>,
) =>
  ports.audit.append(
    {
      ...{ actor: p, action: `sharing.${what}`, object: `sharing-delivery/${id}`, outcome, detail },
      ...(purpose ? { purpose } : {}),
    },
    trx,
  );
