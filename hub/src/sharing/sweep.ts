/**
 * What the hub does when a day comes: clocks that warn, are late or can be computed at last; grants whose time limit ends; batch
 * deliveries that are due; recipients of values that turned out to be wrong. Everything is kept once, whoever looks how often.
 */
import { sql } from 'kysely';
import { computeCorrectionDues, wrongValues } from '../libraries/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { act, type SharingPorts } from './act.ts';
import { lookThrough } from './clocks.ts';
import { askDelivery, nextDay } from './delivery/ask.ts';
import { recordNumber } from './delivery/tables.ts';
import { sharedEntry } from './entries.ts';
import { sweepDuties } from './erase.ts';
import { AUTHORITY, columnsOf, keepStep, matterOf, notify, type ShareRow } from './matters.ts';
import { sweepTransmissions } from './target/send.ts';

/** Days before the end of a grant on which its recipient is reminded. */
const REMIND_DAYS = 30;

/** Looks once; answers what was found. */
export async function sweep(
  ports: SharingPorts,
): Promise<{ warned: number; late: number; computed: number; ended: number }> {
  const clocks = await sweepClocks(ports);
  const ended = await sweepShares(ports);
  await sweepDeliveries(ports);
  await sweepTransmissions(ports);
  await computeCorrectionDues(ports.db, ports.calendar());
  await sweepCorrections(ports);
  await sweepDuties(ports);
  return { ...clocks, ended };
}

async function sweepClocks(ports: SharingPorts) {
  const at = ports.clock.now();
  return ports.db.tx(async (trx) => {
    const found = await lookThrough(trx, ports, at);
    for (const [kind, clocks] of [
      ['computed', found.computed],
      ['warning', found.warned],
      ['overdue', found.late],
    ] as const)
      for (const c of clocks) {
        const { article } = ports.law.deadline(c.deadline);
        await keepStep(trx, {
          ...{
            request: c.request,
            matter: 'clock',
            id: c.id,
            action: kind,
            from_state: 'running',
            to_state: 'running',
          },
          ...{ actor: 'hub', login: null, organisation: null, deputy_for: null, article, comment: null },
          ...{ detail: { deadline: c.deadline, due: c.due }, at },
        });
        const request = await matterOf(trx, 'request', c.request, null);
        const told = kind === 'overdue' ? [request.provider, request.requester, AUTHORITY] : [request.provider];
        for (const to of told)
          await notify(ports, trx, to, kind, { request: c.request }, { deadline: c.deadline, due: c.due }, at);
        if (kind === 'overdue')
          await ports.audit.append(
            {
              ...{ actor: null, action: 'sharing.clock.overdue', object: `sharing-clock/${c.id}`, outcome: 'ok' },
              detail: { deadline: c.deadline, organisation: c.organisation, due: c.due },
            },
            trx,
          );
      }
    return { warned: found.warned.length, late: found.late.length, computed: found.computed.length };
  });
}

const sharesWhere = async (ports: SharingPorts, where: ReturnType<typeof sql>): Promise<ShareRow[]> =>
  (
    await sql<ShareRow>`SELECT ${columnsOf.share} FROM sharing.share WHERE ${where} ORDER BY id LIMIT 500`.execute(
      ports.db.kysely,
    )
  ).rows;

async function sweepShares(ports: SharingPorts): Promise<number> {
  const at = ports.clock.now();
  const today = cityDay(at);
  const over = await sharesWhere(ports, sql`state IN ('active', 'consulting', 'suspended') AND until < ${today}::date`);
  for (const s of over)
    await act(ports, 'share', s.id, { action: 'expire', version: s.version, comment: '', data: {} }, null).catch(stale);
  const soon = cityDay(new Date(at.getTime() + REMIND_DAYS * 86_400_000));
  const ending = await sharesWhere(ports, sql`state = 'active' AND reminded_at IS NULL AND until <= ${soon}::date`);
  for (const s of ending)
    await ports.db.tx(async (trx) => {
      const kept =
        await sql`UPDATE sharing.share SET reminded_at = ${at} WHERE id = ${s.id} AND reminded_at IS NULL`.execute(trx);
      if (Number(kept.numAffectedRows))
        await notify(ports, trx, s.requester, 'ends-soon', { request: s.request, share: s.id }, { until: s.until }, at);
    });
  return over.length;
}

/** Somebody acted in between: the next look sees what is left. */
const stale = (error: unknown): void => {
  if (!(error instanceof Problem)) throw error;
};

async function sweepDeliveries(ports: SharingPorts): Promise<void> {
  const today = cityDay(ports.clock.now());
  const due = await sharesWhere(
    ports,
    sql`state = 'active' AND mode = 'batch' AND next_delivery <= ${today}::date AND until >= ${today}::date
      AND NOT EXISTS (SELECT 1 FROM sharing.delivery d WHERE d.share = sharing.share.id AND d.state = 'making')`,
  );
  for (const s of due) {
    const asked = s.frequency !== 'irregular' || (await handedInAnew(ports, s));
    await ports.db
      .tx(async (trx) => {
        if (asked) await askDelivery(ports, s, { kind: 'changes', format: s.format }, null, trx);
        // After days without a hub one delivery brings all changes: the next day is counted from today.
        await sql`UPDATE sharing.share SET next_delivery = ${nextDay(s.frequency, today)}::date WHERE id = ${s.id}`.execute(
          trx,
        );
      })
      .catch(stale);
  }
}

/** Whether the source of a grant handed something in after the last delivery was asked for. */
async function handedInAnew(ports: SharingPorts, share: ShareRow): Promise<boolean> {
  const source = sharedEntry(ports, share.entry)?.entry.source;
  if (!source) return false;
  const last = await sql<{ at: Date | null }>`SELECT max(asked_at) AS at FROM sharing.delivery
    WHERE share = ${share.id} AND state <> 'failed'`.execute(ports.db.kysely);
  const run = await ports.lake.first(
    'SELECT 1 AS one FROM v.run_v1 WHERE source = $source AND finished > $at LIMIT 1',
    {
      source,
      at: last.rows[0]?.at ?? new Date(0),
    },
  );
  return run !== undefined;
}

/** Everyone who was given a value that its source answered to be wrong is told, once for every answer. */
async function sweepCorrections(ports: SharingPorts): Promise<void> {
  const told = await sql<{ entry: number }>`SELECT entry FROM sharing.told`.execute(ports.db.kysely);
  const wrong = await wrongValues(ports.db, Number(told.rows[0]?.entry ?? 0));
  if (!wrong.length) return;
  const given = await ports.lake.query<{ fact: bigint | number; share: number; delivery: number }>(
    `SELECT fact, share, max(delivery)::INTEGER AS delivery FROM shr.delivered
     WHERE change = 1 AND fact IN (SELECT unnest($facts::VARCHAR[])::BIGINT) GROUP BY fact, share`,
    { facts: [...new Set(wrong.map((w) => w.fact))] },
  );
  const at = ports.clock.now();
  const numbers = new Map<string, string>();
  for (const g of given) {
    const share = await matterOf(ports.db.kysely, 'share', g.share, null);
    const row = await ports.lake.first<{ n: string }>(`SELECT ${recordNumber('$fact')} AS n`, {
      mark: share.mark,
      fact: String(g.fact),
    });
    numbers.set(`${g.share} ${g.fact}`, row!.n);
  }
  await ports.db.tx(async (trx) => {
    const last = wrong.at(-1)!.entry;
    const moved = await sql`UPDATE sharing.told SET entry = ${last} WHERE entry < ${last}`.execute(trx);
    if (!Number(moved.numAffectedRows)) return;
    for (const w of wrong)
      for (const g of given.filter((x) => String(x.fact) === w.fact)) {
        const share = await matterOf(trx, 'share', g.share, null);
        // Whoever was given the record without this item has nothing wrong.
        if (w.item && !share.items.includes(w.field)) continue;
        const record = numbers.get(`${g.share} ${g.fact}`);
        const detail = { correction: w.correction, item: w.field, record, delivery: g.delivery };
        await notify(ports, trx, share.requester, 'corrected', { request: share.request, share: share.id }, detail, at);
        await keepStep(trx, {
          ...{ request: share.request, matter: 'share', id: share.id, action: 'corrected', from_state: share.state },
          ...{ to_state: share.state, actor: 'hub', login: null, organisation: null, deputy_for: null, article: 26 },
          ...{ comment: null, detail, at },
        });
      }
  });
}
