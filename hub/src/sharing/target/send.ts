/**
 * Brings deliveries to their targets, each grant's in their order, again and again with longer waits until the target confirms; then the
 * receipt is kept by itself. What both sides see stands in `sharing.transmission`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { AnyTables } from '../../platform/db/index.ts';
import type { JobContext, JobKind } from '../../platform/jobs/index.ts';
import { fill, Problem } from '../../platform/problem.ts';
import type { SharingPorts } from '../act.ts';
import { type DeliveryView, deliveriesOf } from '../delivery/serve.ts';
import { sharedEntry, typeOf } from '../entries.ts';
import { GIVING } from '../grants.ts';
import { keepStep, matterOf, notify, type ShareRow } from '../matters.ts';
import { toDatabase } from './database.ts';
import { openTarget } from './declare.ts';
import { toFolder } from './folder.ts';
import type { Confirmed, Parcel, Progress } from './parcel.ts';
import { broken, differs, halted, mustBeWhole, superseded, tableForeign } from './problems.ts';
import { toS3 } from './s3.ts';

export const TRANSMIT = 'sharing.transmit';

/** Tries after which people must look, and minutes between them at most. */
const TRIES = 12;
const LONGEST = 6 * 60;
/** Seconds that its signature may take before others are brought first. */
const SEALING = 20;
/** Faults that do not pass by waiting. */
const LASTING = new Set([tableForeign, mustBeWhole, differs]);

export interface TransmissionRow {
  delivery: number;
  share: number;
  target: number;
  state: 'waiting' | 'sending' | 'sent' | 'failed';
  attempts: number;
  done: number;
  resume: unknown;
  problem: { code: string; title: { zh: string; en: string } } | null;
  next_at: Date;
  sent_at: Date | null;
}
const columns = sql`delivery, share, target, state, attempts, done, resume, problem, next_at, sent_at`;

/** Transmissions of a grant's deliveries. */
export const transmissionsOf = async (db: Kysely<AnyTables>, share: number): Promise<TransmissionRow[]> =>
  (await sql<TransmissionRow>`SELECT ${columns} FROM sharing.transmission WHERE share = ${share}`.execute(db)).rows;

/** A delivery that became ready is put on its way, where its grant has a target. Within the transaction that says it is ready. */
export async function putOnItsWay(
  ports: SharingPorts,
  trx: Kysely<AnyTables>,
  d: { id: number; share: number },
): Promise<void> {
  const at = ports.clock.now();
  const made = await sql`INSERT INTO sharing.transmission (delivery, share, target, state, next_at, updated_at)
    SELECT ${d.id}, share, version, 'waiting', ${at}, ${at} FROM sharing.target WHERE share = ${d.share}
    ON CONFLICT (delivery) DO NOTHING`.execute(trx);
  if (Number(made.numAffectedRows))
    await ports.jobs.submit(TRANSMIT, { delivery: d.id }, { unique: `transmit-${d.id}`, trx });
}

/** Puts what is due on its way again: after a wait, a kill, or when a grant gives data again. */
export async function sweepTransmissions(ports: SharingPorts): Promise<void> {
  const due = await sql<{ delivery: number }>`SELECT min(x.delivery)::int AS delivery FROM sharing.transmission x
    JOIN sharing.share s ON s.id = x.share AND s.state = ANY(${[...GIVING]}::text[])
    WHERE x.state IN ('waiting', 'sending') GROUP BY x.share HAVING min(x.next_at) <= ${ports.clock.now()} LIMIT 200`.execute(
    ports.db.kysely,
  );
  for (const { delivery } of due.rows)
    await ports.jobs.submit(TRANSMIT, { delivery }, { unique: `transmit-${delivery}` });
}

/** Tries again at once what had failed; for either side. */
export async function again(ports: SharingPorts, delivery: number): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const moved =
      await sql`UPDATE sharing.transmission SET state = 'waiting', attempts = 0, next_at = ${at}, updated_at = ${at}
      WHERE delivery = ${delivery} AND state <> 'sent'`.execute(trx);
    if (Number(moved.numAffectedRows))
      await ports.jobs.submit(TRANSMIT, { delivery }, { unique: `transmit-${delivery}`, trx });
  });
}

/** The job. */
export function transmitJob(ports: SharingPorts): JobKind<{ delivery: number }> {
  return {
    kind: TRANSMIT,
    title: { zh: '送达共享数据', en: 'Bring a delivery to its target' },
    params: z.object({ delivery: z.number().int() }),
    lane: 'sharing-out',
    concurrency: 2,
    run: (context, { delivery }) => transmit(ports, context, delivery),
  };
}

async function transmit(ports: SharingPorts, context: Pick<JobContext, 'signal'>, id: number): Promise<unknown> {
  const db = ports.db.kysely;
  const found = await sql<TransmissionRow>`SELECT ${columns} FROM sharing.transmission WHERE delivery = ${id}`.execute(
    db,
  );
  const row = found.rows[0];
  if (!row || row.state === 'sent' || row.state === 'failed') return { state: row?.state ?? 'gone' };
  const deliveries = await deliveriesOf(db, row.share);
  const delivery = deliveries.find((d) => d.id === id)!;
  const others = (await transmissionsOf(db, row.share)).filter((x) => x.target === row.target && x.delivery !== id);
  const kindOf = (x: TransmissionRow) => deliveries.find((d) => d.id === x.delivery)?.kind;
  const whole = Math.max(0, ...others.filter((x) => x.state === 'sent' && kindOf(x) === 'full').map((x) => x.delivery));
  // The target has a later whole one already: what is older would only undo it.
  if (whole > id) return over(ports, row);
  // A whole delivery does not need what came before it; changes need everything since the last whole one.
  const earlier = others.some((x) => x.state !== 'sent' && x.delivery < id && x.delivery > whole);
  if (earlier && delivery.kind === 'changes') return { state: 'waiting' };
  const share = await matterOf(db, 'share', row.share, null);
  const opened = await openTarget(ports, row.share);
  if (!opened || opened.version !== row.target) return { state: 'gone' };
  await sql`UPDATE sharing.transmission SET state = 'sending', updated_at = ${ports.clock.now()} WHERE delivery = ${id}`.execute(
    db,
  );
  try {
    let parcel = await pack(ports, share, delivery, deliveries);
    for (let looks = 0; !parcel && looks < SEALING; looks += 1) {
      await pause(1_000, undefined, { signal: context.signal });
      parcel = await pack(ports, share, delivery, deliveries);
    }
    // Its signature is seconds away: nothing leaves without it.
    if (!parcel) return await later(ports, row, null, 10_000);
    const progress = progressOf(ports, context, row);
    const { target } = opened;
    const confirmed =
      target.kind === 'database'
        ? await toDatabase(ports, target, parcel, progress)
        : target.kind === 's3'
          ? await toS3(ports, target, parcel, progress)
          : await toFolder(ports, parcel, progress);
    if (confirmed.sha256 !== delivery.sha256)
      throw new Problem(differs, { expected: delivery.sha256, seen: confirmed.sha256 });
    await arrived(ports, share, delivery, target.kind, confirmed);
    return { state: 'sent', rows: confirmed.rows };
  } catch (error) {
    // The hub stops: the next start goes on from here.
    if (context.signal.aborted) throw error;
    if (!(error instanceof Problem)) {
      ports.log.error({ err: error, delivery: id }, 'a delivery could not be brought to its target');
      return await failed(ports, share, row, new Problem(broken));
    }
    return await failed(ports, share, row, error);
  }
}

const progressOf = (ports: SharingPorts, context: Pick<JobContext, 'signal'>, row: TransmissionRow): Progress => ({
  resume: row.resume,
  async keep(done, resume) {
    await sql`UPDATE sharing.transmission SET done = ${done}, resume = ${resume === null ? null : JSON.stringify(resume)}::jsonb,
      updated_at = ${ports.clock.now()} WHERE delivery = ${row.delivery}`.execute(ports.db.kysely);
  },
  stopping: () => context.signal.aborted,
  async mayGoOn() {
    context.signal.throwIfAborted();
    const share = await matterOf(ports.db.kysely, 'share', row.share, null);
    if (!(GIVING as readonly string[]).includes(share.state)) throw new Problem(halted);
  },
});

async function pack(
  ports: SharingPorts,
  share: ShareRow,
  delivery: DeliveryView,
  all: readonly DeliveryView[],
): Promise<Parcel | null> {
  const signatures: Parcel['beside'] = [];
  for (const [seal, ending] of [
    [delivery.seal, `.${delivery.format}.signature`],
    [delivery.manifest_seal, '.manifest.json.signature'],
  ] as const) {
    const kept = seal === null ? undefined : await ports.seal.get(seal);
    if (kept && !kept.signature) return null;
    if (kept?.signature) signatures.push({ ending, bytes: kept.signature });
  }
  const source = sharedEntry(ports, share.entry)?.entry.source ?? null;
  const items = (delivery.manifest?.items ?? []) as { name: string; shown: string }[];
  const before = all.filter((d) => d.state === 'ready' && d.sequence < delivery.sequence).map((d) => d.sequence);
  return {
    ...{ share, delivery, name: `${share.entry.replace(/[^A-Za-z0-9._-]/g, '_')}-${share.id}-${delivery.sequence}` },
    items: items.map((i) => ({
      name: i.name,
      type: i.shown === 'plain' && source ? typeOf(ports, source, i.name) : 'text',
    })),
    previous: before.length ? Math.max(...before) : null,
    beside: [{ ending: '.manifest.json', bytes: Buffer.from(delivery.manifest_text ?? '') }, ...signatures],
  };
}

/** Ends a transmission that a later whole one has made needless. */
async function over(ports: SharingPorts, row: TransmissionRow): Promise<unknown> {
  await sql`UPDATE sharing.transmission SET state = 'failed', problem = ${JSON.stringify(shown(new Problem(superseded)))}::jsonb,
    updated_at = ${ports.clock.now()} WHERE delivery = ${row.delivery}`.execute(ports.db.kysely);
  return { state: 'superseded' };
}

/** Waits; `problem` null: nothing is wrong. */
async function later(ports: SharingPorts, row: TransmissionRow, problem: Problem | null, ms: number): Promise<unknown> {
  const at = ports.clock.now();
  await sql`UPDATE sharing.transmission SET state = 'waiting', next_at = ${new Date(at.getTime() + ms)}, updated_at = ${at},
    attempts = attempts + ${problem ? 1 : 0}, problem = ${problem && JSON.stringify(shown(problem))}::jsonb
    WHERE delivery = ${row.delivery}`.execute(ports.db.kysely);
  return { state: 'waiting' };
}

const shown = (p: Problem) => ({
  code: p.kind.code,
  title: { zh: fill(p.kind.zh, p.params), en: fill(p.kind.en, p.params) },
});

async function failed(ports: SharingPorts, share: ShareRow, row: TransmissionRow, problem: Problem): Promise<unknown> {
  if (problem.kind === halted) return later(ports, { ...row, attempts: row.attempts }, null, 60_000);
  const tries = row.attempts + 1;
  if (tries < TRIES && !LASTING.has(problem.kind))
    return later(ports, row, problem, Math.min(LONGEST, 2 ** row.attempts) * 60_000);
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    await sql`UPDATE sharing.transmission SET state = 'failed', attempts = ${tries}, problem = ${JSON.stringify(shown(problem))}::jsonb,
      updated_at = ${at} WHERE delivery = ${row.delivery}`.execute(trx);
    const about = { request: share.request, share: share.id };
    for (const to of [share.requester, share.provider])
      await notify(ports, trx, to, 'not-brought', about, { delivery: row.delivery, problem: problem.kind.code }, at);
    await told(ports, trx, share, row.delivery, 'not-brought', { problem: problem.kind.code, tries }, 'failed', at);
  });
  return { state: 'failed' };
}

/** The target has it: the receipt is kept in the target's name, and the provider told. */
async function arrived(
  ports: SharingPorts,
  share: ShareRow,
  d: DeliveryView,
  kind: string,
  confirmed: Confirmed,
): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    await sql`UPDATE sharing.transmission SET state = 'sent', problem = NULL, resume = NULL, sent_at = ${at}, updated_at = ${at}
      WHERE delivery = ${d.id}`.execute(trx);
    await sql`INSERT INTO sharing.receipt (delivery, fingerprint, matches, login, at)
      VALUES (${d.id}, ${confirmed.sha256}, true, ${`@${kind}`}, ${at}) ON CONFLICT (delivery) DO UPDATE SET
      fingerprint = excluded.fingerprint, matches = true, login = excluded.login, at = excluded.at WHERE NOT sharing.receipt.matches`.execute(
      trx,
    );
    await notify(
      ports,
      trx,
      share.provider,
      'received',
      { request: share.request, share: share.id },
      { delivery: d.id },
      at,
    );
    const detail = {
      target: kind,
      sha256: confirmed.sha256,
      ...(confirmed.rows === null ? {} : { rows: confirmed.rows }),
    };
    await told(ports, trx, share, d.id, 'brought', detail, 'ok', at);
  });
}

async function told(
  ports: SharingPorts,
  trx: Kysely<AnyTables>,
  share: ShareRow,
  delivery: number,
  action: 'brought' | 'not-brought',
  detail: Record<string, unknown>,
  outcome: 'ok' | 'failed',
  at: Date,
): Promise<void> {
  await keepStep(trx, {
    ...{ request: share.request, matter: 'delivery', id: delivery, action, from_state: 'ready', to_state: 'ready' },
    ...{ actor: 'hub', login: null, organisation: null, deputy_for: null, article: 22, comment: null, detail, at },
  });
  await ports.audit.append(
    {
      actor: null,
      action: `sharing.${action}`,
      object: `sharing-delivery/${delivery}`,
      outcome,
      detail: { share: share.id, ...detail },
    },
    trx,
  );
}
