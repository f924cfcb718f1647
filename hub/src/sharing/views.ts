/** Matters as people see them. */
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { cityDay, standingOf } from '../platform/law/index.ts';
import { fill, type Problem } from '../platform/problem.ts';
import { openSteps, type SharingPorts } from './act.ts';
import type * as api from './api.ts';
import { type ClockRow, clocksWhere } from './clocks.ts';
import { deliveriesOf } from './delivery/serve.ts';
import { deliveredItems } from './delivery/shown.ts';
import { disputes } from './disputes.ts';
import { nameOf, sharedEntry } from './entries.ts';
import { machine } from './machine.ts';
import { columnsOf, type DisputeRow, matterOf, type RequestRow, type ShareRow, type StepRow } from './matters.ts';
import { capacitiesOf, deputiesOn, seenBy } from './people.ts';
import { missingFor } from './requests.ts';
import { targetOf } from './target/declare.ts';
import { type TransmissionRow, transmissionsOf } from './target/send.ts';
import { stepTitle } from './titles.ts';
import { uses } from './use.ts';

type Out<T extends z.ZodType> = z.input<T>;
type Named = { id: string; name: Bilingual };
const named = (ports: SharingPorts, id: string): Named => ({ id, name: nameOf(ports, id) });
const unknownTitle = (id: string): Bilingual => ({ zh: id, en: id });
const titleOf = (ports: SharingPorts, entry: string): Bilingual =>
  sharedEntry(ports, entry)?.entry.title ?? unknownTitle(entry);

/** A fault as the pages list it. */
export const faultOf = (p: Problem): Out<typeof api.faultItem> => ({
  code: p.kind.code,
  field: p.place?.field ?? null,
  title: { zh: fill(p.kind.zh, p.params), en: fill(p.kind.en, p.params) },
});

interface Asked {
  clock: number;
  days: number;
  reason: string;
  state: 'asked' | 'consented' | 'declined' | 'lapsed';
  asked_by: string;
  asked_at: Date;
  comment: string | null;
}

/** Clocks with their standing today. */
export async function clockViews(ports: SharingPorts, rows: readonly ClockRow[]): Promise<Out<typeof api.clockView>[]> {
  const calendar = ports.calendar();
  const today = cityDay(ports.clock.now());
  const ids = rows.map((r) => r.id);
  const asked = ids.length
    ? await sql<Asked>`SELECT clock, days, reason, state, asked_by, asked_at, comment FROM sharing.extension
        WHERE clock = ANY(${ids}::integer[])`.execute(ports.db.kysely)
    : { rows: [] };
  return rows.map((c) => {
    const period = ports.law.deadline(c.deadline);
    const live = standingOf(calendar, { due: c.due, warn: period.warn }, today);
    const e = asked.rows.find((x) => x.clock === c.id);
    const ended = c.state === 'met' ? (c.overdue_at ? ('met-late' as const) : ('met' as const)) : ('stopped' as const);
    return {
      ...{ id: c.id, request: c.request, deadline: c.deadline, title: period.title, article: period.article },
      ...{ organisation: named(ports, c.organisation), start: c.start_day, days: c.days, extension: c.extension },
      ...{ due: c.due, missingYear: c.missing_year, state: c.state, ground: c.ground },
      standing: c.state === 'running' ? live.standing : ended,
      left: c.state === 'running' ? live.left : null,
      ...{ startedAt: c.started_at.toISOString(), endedAt: c.ended_at?.toISOString() ?? null },
      extendable: period.extension?.days ?? null,
      asked: e
        ? {
            days: e.days,
            reason: e.reason,
            state: e.state,
            by: e.asked_by,
            at: e.asked_at.toISOString(),
            comment: e.comment,
          }
        : null,
    };
  });
}

/** Requests of a list, with the clock that runs and the grant that came of them. */
export async function requestItems(
  ports: SharingPorts,
  rows: readonly RequestRow[],
): Promise<Out<typeof api.requestItem>[]> {
  const ids = rows.map((r) => r.id);
  if (!ids.length) return [];
  const clocks = await clockViews(
    ports,
    await clocksWhere(ports.db.kysely, sql`state = 'running' AND request = ANY(${ids}::integer[])`),
  );
  const shares = await sql<{ id: number; request: number }>`SELECT id, request FROM sharing.share
    WHERE request = ANY(${ids}::integer[])`.execute(ports.db.kysely);
  return rows.map((r) => ({
    ...{ id: r.id, entry: r.entry, title: titleOf(ports, r.entry), sharing: r.sharing, mode: r.content.mode },
    ...{ requester: named(ports, r.requester), provider: named(ports, r.provider), items: r.content.items.length },
    ...{ state: r.state, stateTitle: machine.request.states[r.state] ?? unknownTitle(r.state) },
    ...{ createdAt: r.created_at.toISOString(), submittedAt: r.submitted_at?.toISOString() ?? null },
    clock: clocks.find((c) => c.request === r.id) ?? null,
    share: shares.rows.find((s) => s.request === r.id)?.id ?? null,
  }));
}

/** The steps of a request and all that came of it, the earliest first. */
async function timeline(
  ports: SharingPorts,
  request: number,
  only?: ReturnType<typeof sql>,
): Promise<Out<typeof api.stepView>[]> {
  const found = await sql<StepRow>`SELECT * FROM sharing.step WHERE request = ${request} AND ${only ?? sql`true`}
    ORDER BY seq LIMIT 1000`.execute(ports.db.kysely);
  return found.rows.map((s) => ({
    ...{ seq: s.seq, matter: s.matter, id: s.id, action: s.action, title: stepTitle(s.matter, s.action) },
    state:
      s.matter === 'delivery' || s.matter === 'clock' ? null : (machine[s.matter].states[s.to_state ?? ''] ?? null),
    ...{ actor: s.actor, login: s.login, organisation: s.organisation === null ? null : named(ports, s.organisation) },
    ...{ deputyFor: s.deputy_for, article: s.article, comment: s.comment, detail: s.detail, at: s.at.toISOString() },
  }));
}

/** Disputes as they are shown, with the steps that the person may take. */
export async function disputeViews(ports: SharingPorts, rows: readonly DisputeRow[], p: Principal) {
  return Promise.all(
    rows.map(async (d): Promise<Out<typeof api.disputeView>> => {
      const request = await matterOf(ports.db.kysely, 'request', d.request, null);
      return {
        ...{ id: d.id, request: d.request, title: titleOf(ports, request.entry), raisedBy: d.raised_by_side },
        ...{
          requester: named(ports, d.requester),
          provider: named(ports, d.provider),
          state: d.state,
          version: d.version,
        },
        stateTitle: machine.dispute.states[d.state] ?? unknownTitle(d.state),
        ...{ reason: d.reason, outcome: d.outcome, words: d.words, document: d.document },
        ...{ createdAt: d.created_at.toISOString(), endedAt: d.ended_at?.toISOString() ?? null },
        steps: await openSteps(ports, 'dispute', d, request, p),
      };
    }),
  );
}

/** A request with everything that belongs to it. */
export async function requestView(
  ports: SharingPorts,
  id: number,
  p: Principal,
): Promise<Out<typeof api.requestDetail>> {
  const row = await matterOf(ports.db.kysely, 'request', id, p);
  const found = sharedEntry(ports, row.entry);
  const [item] = await requestItems(ports, [row]);
  const held = capacitiesOf(p, row, await deputiesOn(ports.db.kysely, cityDay(ports.clock.now())));
  const may = (...capacities: string[]) => held.some((h) => !h.away && capacities.includes(h.capacity));
  const clocks = await clockViews(ports, await clocksWhere(ports.db.kysely, sql`request = ${id}`));
  const open = await disputes(ports, p, id);
  const running = clocks.find((c) => c.state === 'running');
  const changeable = row.state === 'draft' || row.state === 'supplement';
  return {
    ...item!,
    ...{ version: row.version, content: row.content, advice: row.advice, refusal: row.refusal, told: row.missing },
    chosen: row.content.items.map((name) => {
      const one = found?.items.find((i) => i.name === name);
      return { name, title: one?.title ?? unknownTitle(name), protection: one?.protection ?? 'public' };
    }),
    condition: found?.entry.sharing.condition ?? '',
    editable: changeable && may('requester-officer'),
    missing: changeable && found ? missingFor(ports, found, row.content, row.requester).map(faultOf) : [],
    clocks,
    mayAskExtension: Boolean(running?.extendable && !running.asked) && may('provider-officer', 'provider-head'),
    mayDecideExtension: running?.asked?.state === 'asked' && may('authority'),
    mayDispute:
      row.submitted_at !== null &&
      !open.some((d) => d.ended_at === null) &&
      may('requester-officer', 'requester-head', 'provider-officer', 'provider-head'),
    disputes: await disputeViews(ports, open, p),
    timeline: await timeline(ports, id),
    steps: await openSteps(ports, 'request', row, row, p),
  };
}

interface ShareCounts {
  share: number;
  n: number;
  last: Date | null;
}

/** Grants of a list. */
export async function shareItems(ports: SharingPorts, rows: readonly ShareRow[]): Promise<Out<typeof api.shareItem>[]> {
  const ids = rows.map((r) => r.id);
  if (!ids.length) return [];
  const counts =
    await sql<ShareCounts>`SELECT share, count(*) FILTER (WHERE state = 'ready')::int AS n, max(ready_at) AS last
    FROM sharing.delivery WHERE share = ANY(${ids}::integer[]) GROUP BY share`.execute(ports.db.kysely);
  return rows.map((r) => {
    const c = counts.rows.find((x) => x.share === r.id);
    return {
      ...{ id: r.id, request: r.request, entry: r.entry, title: titleOf(ports, r.entry), state: r.state, mode: r.mode },
      ...{ requester: named(ports, r.requester), provider: named(ports, r.provider), frequency: r.frequency },
      stateTitle: machine.share.states[r.state] ?? unknownTitle(r.state),
      ...{ since: r.since, until: r.until, deliveries: c?.n ?? 0, lastDelivery: c?.last?.toISOString() ?? null },
    };
  });
}

/** A page of grants. */
export async function shares(ports: SharingPorts, q: z.output<typeof api.sharesQuery>, p: Principal) {
  const where = [seenBy(p)];
  if (p.organisation !== null && q.which === 'raised') where.push(sql`requester = ${p.organisation}`);
  if (p.organisation !== null && q.which === 'received') where.push(sql`provider = ${p.organisation}`);
  if (q.state) where.push(sql`state = ${q.state}`);
  const condition = sql.join(where, sql` AND `);
  const db = ports.db.kysely;
  const found = await sql<ShareRow>`SELECT ${columnsOf.share} FROM sharing.share WHERE ${condition}
    ORDER BY state = 'disposed', id DESC LIMIT ${q.size} OFFSET ${(q.page - 1) * q.size}`.execute(db);
  const total = await sql<{ n: number }>`SELECT count(*)::int AS n FROM sharing.share WHERE ${condition}`.execute(db);
  return { items: await shareItems(ports, found.rows), total: total.rows[0]!.n };
}

interface ReceiptRow {
  delivery: number;
  fingerprint: string;
  matches: boolean;
  login: string;
  at: Date;
}

async function deliveryViews(ports: SharingPorts, share: number): Promise<Out<typeof api.deliveryView>[]> {
  const db: Kysely<AnyTables> = ports.db.kysely;
  const rows = await deliveriesOf(db, share);
  const ids = rows.map((r) => r.id);
  if (!ids.length) return [];
  const receipts = await sql<ReceiptRow>`SELECT delivery, fingerprint, matches, login, at FROM sharing.receipt
    WHERE delivery = ANY(${ids}::integer[])`.execute(db);
  const downloads = await sql<{ delivery: number; n: number }>`SELECT delivery, count(*)::int AS n FROM sharing.download
    WHERE delivery = ANY(${ids}::integer[]) GROUP BY delivery`.execute(db);
  const sent = await transmissionsOf(db, share);
  return rows.map((d) => {
    const r = receipts.rows.find((x) => x.delivery === d.id);
    return {
      ...{ id: d.id, share: d.share, sequence: d.sequence, kind: d.kind, format: d.format, state: d.state },
      ...{ rows: d.rows, removed: d.removed, bytes: d.bytes, sha256: d.sha256, manifest: d.manifest },
      ...{ seal: d.seal, manifestSeal: d.manifest_seal, problem: d.problem, askedAt: d.asked_at.toISOString() },
      readyAt: d.ready_at?.toISOString() ?? null,
      transmission: transmissionView(sent.find((x) => x.delivery === d.id)),
      downloads: downloads.rows.find((x) => x.delivery === d.id)?.n ?? 0,
      receipt: r ? { fingerprint: r.fingerprint, matches: r.matches, by: r.login, at: r.at.toISOString() } : null,
    };
  });
}

const transmissionView = (x: TransmissionRow | undefined) =>
  x
    ? {
        ...{ state: x.state, attempts: x.attempts, done: Number(x.done), problem: x.problem },
        ...{ nextAt: x.next_at.toISOString(), sentAt: x.sent_at?.toISOString() ?? null },
      }
    : null;

/** A grant with its deliveries, receipts, records of use and what was corrected. */
export async function shareView(ports: SharingPorts, id: number, p: Principal): Promise<Out<typeof api.shareDetail>> {
  const row = await matterOf(ports.db.kysely, 'share', id, p);
  const request = await matterOf(ports.db.kysely, 'request', row.request, null);
  const found = sharedEntry(ports, row.entry);
  const [item] = await shareItems(ports, [row]);
  const held = capacitiesOf(p, row, await deputiesOn(ports.db.kysely, cityDay(ports.clock.now())));
  const may = (capacity: string) => held.some((h) => h.capacity === capacity);
  const itemTitle = (name: string) => found?.items.find((i) => i.name === name)?.title ?? unknownTitle(name);
  const told = await sql<{ detail: { correction: number; item: string; record?: string; delivery: number }; at: Date }>`
    SELECT detail, at FROM sharing.step WHERE matter = 'share' AND id = ${id} AND action = 'corrected'
    ORDER BY seq DESC LIMIT 200`.execute(ports.db.kysely);
  const shown = found ? deliveredItems(row, found) : [];
  return {
    ...item!,
    ...{ version: row.version, format: row.format, filter: row.filter, nextDelivery: row.next_delivery },
    items: shown.map((i) => ({
      ...{ name: i.name, title: i.title, shown: i.shown },
      protection: found?.items.find((x) => x.name === i.name)?.protection ?? 'public',
    })),
    ...{ mendBy: row.mend_by, mended: row.mended, pending: row.pending, disposal: row.disposal },
    renewal: row.renewal && { until: row.renewal.until, reason: row.renewal.reason, agreed: row.renewal.agreed },
    deliveryList: await deliveryViews(ports, id),
    uses: (await uses(ports, id)).map((u) => ({ ...u, at: u.at.toISOString() })),
    corrected: told.rows.map(({ detail, at }) => ({
      ...{
        correction: detail.correction,
        item: detail.item,
        itemTitle: itemTitle(detail.item),
        delivery: detail.delivery,
      },
      ...{ record: detail.record ?? null, at: at.toISOString() },
    })),
    target: await targetOf(ports.db.kysely, id),
    maySetTarget: row.mode === 'batch' && may('requester-officer'),
    retentionYears: Math.max(...ports.law.retention.map((r) => r.years)),
    mayDeliver: row.state === 'active' && row.mode !== 'service' && may('provider-officer'),
    mayReceive: may('requester-officer'),
    timeline: await timeline(ports, row.request, sql`matter IN ('share', 'delivery')`),
    steps: await openSteps(ports, 'share', row, request, p),
  };
}
