/** Rows as the console shows them. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import { clocksOf } from '../sharing/index.ts';
import type * as api from './api.ts';
import type { PeersContext } from './context.ts';
import { type RemoteEntry, remoteEntry } from './harvest/remote.ts';
import { type MatterRow, matterFor, mattersWhere, seenBy, states, type ToldState } from './matters/matters.ts';
import { openSteps } from './matters/out.ts';
import * as k from './problems.ts';
import { nameOfPeer, peersWhere, type Told } from './store.ts';

const iso = (d: Date | null): string | null => d?.toISOString() ?? null;
type Peer = z.input<typeof api.peer>;
type Harvest = NonNullable<Peer['lastHarvest']>;

interface HarvestRow extends Omit<Harvest, 'startedAt' | 'endedAt'> {
  peer: number;
  started_at: Date;
  ended_at: Date | null;
}
const harvestView = ({ started_at, ended_at, peer: _, ...h }: HarvestRow): Harvest => ({
  ...h,
  ...{ startedAt: started_at.toISOString(), endedAt: iso(ended_at) },
});
const harvestColumns = sql`id, peer, state, pages, seen, added, changed, gone, twice, own, problem, started_at, ended_at`;

/** Hubs with what is known of each. */
export async function peerViews(c: PeersContext, where = sql`true`): Promise<Peer[]> {
  const { kysely } = c.deps.db;
  const rows = await peersWhere(kysely, where);
  const counts = await sql<{ id: number; entries: number; gone: number; waiting: number; out: number; in: number }>`
    SELECT p.id,
      (SELECT count(*)::int FROM peers.remote_entry e WHERE e.peer = p.id AND e.gone_at IS NULL) AS entries,
      (SELECT count(*)::int FROM peers.remote_entry e WHERE e.peer = p.id AND e.gone_at IS NOT NULL) AS gone,
      (SELECT count(*)::int FROM peers.outbox o WHERE o.peer = p.id AND o.sent_at IS NULL) AS waiting,
      (SELECT count(*)::int FROM peers.matter m WHERE m.peer = p.id AND m.direction = 'out' AND m.passed_at IS NOT NULL) AS out,
      (SELECT count(*)::int FROM peers.matter m WHERE m.peer = p.id AND m.direction = 'in') AS in
    FROM peers.peer p`.execute(kysely);
  const last =
    await sql<HarvestRow>`SELECT DISTINCT ON (peer) ${harvestColumns} FROM peers.harvest ORDER BY peer, id DESC`.execute(
      kysely,
    );
  return rows.map((p) => {
    const n = counts.rows.find((r) => r.id === p.id)!;
    const harvest = last.rows.find((h) => h.peer === p.id);
    return {
      ...{ id: p.id, name: nameOfPeer(p), level: p.level, kind: p.kind, url: p.url, state: p.state, hub: p.hub },
      ...{ networks: p.networks, harvestIn: p.harvest_in, harvestOut: p.harvest_out, requests: p.requests },
      ...{ everyHours: p.every_hours, divisions: p.divisions, lastContact: iso(p.last_contact) },
      ...{ lastProblem: p.last_problem, nextHarvest: iso(p.next_harvest), readerUntil: iso(p.reader_until) },
      invitedUntil: p.state === 'invited' ? iso(p.invited_until) : null,
      ...{ entries: n.entries, gone: n.gone, waiting: n.waiting, out: n.out, in: n.in },
      lastHarvest: harvest ? harvestView(harvest) : null,
    };
  });
}

/** One hub with its last harvests and what waits to be sent. */
export async function peerView(c: PeersContext, id: number): Promise<z.input<typeof api.peerAnswer>> {
  const [peer] = await peerViews(c, sql`id = ${id}`);
  if (!peer) throw new Problem(k.unknownPeer);
  const { kysely } = c.deps.db;
  const harvests =
    await sql<HarvestRow>`SELECT ${harvestColumns} FROM peers.harvest WHERE peer = ${id} ORDER BY id DESC LIMIT 20`.execute(
      kysely,
    );
  const outbox = await sql<{ id: string; kind: string; at: Date; tries: number; next_try: Date; problem: Told | null }>`
    SELECT id, kind, at, tries, next_try, problem FROM peers.outbox WHERE peer = ${id} AND sent_at IS NULL ORDER BY seq LIMIT 50`.execute(
    kysely,
  );
  return {
    peer,
    harvests: harvests.rows.map(harvestView),
    outbox: outbox.rows.map((o) => ({
      ...{ id: o.id, kind: o.kind, at: o.at.toISOString(), tries: o.tries, nextTry: o.next_try.toISOString() },
      problem: o.problem,
    })),
  };
}

/** An entry of another hub in a list. */
export const remoteView = (e: RemoteEntry): z.input<typeof api.remote> => ({
  ...{ id: e.id, peer: { id: e.peer, name: { zh: e.name_zh, en: e.name_en }, level: e.level }, uri: e.uri },
  ...{ title: e.content.title, description: e.content.description, publisher: e.content.publisher?.name ?? null },
  ...{ sharing: e.content.sharing, open: e.content.access === 'PUBLIC', cycle: e.content.cycle },
  ...{ code: e.content.identifiers[0] ?? null, modified: e.content.modified },
  ...{ firstSeen: e.first_seen.toISOString(), changedAt: iso(e.changed_at), goneAt: iso(e.gone_at) },
});

/** One entry of another hub with everything, and whether it may be asked for. */
export async function remoteDetail(
  c: PeersContext,
  id: number,
  p: Principal,
): Promise<z.input<typeof api.remoteAnswer>> {
  const e = await remoteEntry(c.deps.db, id);
  const own = e.content;
  const why =
    e.kind !== 'jingwei' || !e.requests || own.entry === null
      ? k.noRequests
      : e.gone_at
        ? k.goneEntry
        : own.sharing === 'refused'
          ? k.refusedType
          : e.state !== 'active'
            ? k.notActive
            : null;
  const asks = p.organisation !== null && p.permissions.has('sharing.request');
  const matters = await mattersWhere(c.deps.db.kysely, sql`remote_entry = ${id} AND ${seenBy(p)}`, 20);
  return {
    entry: remoteView(e),
    ...{ condition: own.condition, level: own.level, subject: own.subject, classification: own.classification },
    ...{ version: own.version, collected: own.collected, themes: own.themes, keywords: own.keywords, items: own.items },
    ...{ changed: e.changed, landingPage: own.landingPage, mayAsk: asks && why === null },
    whyNot: why && { code: why.code, title: new Problem(why).toJSON().title },
    distributions: own.distributions.map((d) => ({
      ...{ title: d.title, format: d.format, url: d.downloadUrl ?? d.accessUrl },
    })),
    matters: matters.map((m) => ({ id: m.id, state: m.state, department: m.department_name })),
  };
}

const unknownState = (state: string): Bilingual => ({ zh: state, en: state });

type Clock = z.input<typeof api.matter>['clocks'][number];

function clockTitle(c: PeersContext, deadline: string): Bilingual {
  try {
    return c.sharing.law.deadline(deadline).title;
  } catch {
    // A period that only the other hub's law file knows.
    return { zh: deadline, en: deadline };
  }
}

async function clocksFor(c: PeersContext, row: MatterRow): Promise<Clock[]> {
  if (row.direction === 'out') return (row.told.clocks ?? []).map((k) => ({ ...k, title: clockTitle(c, k.deadline) }));
  if (row.request === null) return [];
  return (await clocksOf(c.deps.db.kysely, row.request)).map((k) => ({
    ...{ deadline: k.deadline, title: clockTitle(c, k.deadline), due: k.due, days: k.days + k.extension },
    ...{ state: k.state, overdue: k.overdue_at !== null, ended: iso(k.ended_at) },
  }));
}

/** Matters with their clocks. */
export async function matterViews(c: PeersContext, rows: readonly MatterRow[]): Promise<z.input<typeof api.matter>[]> {
  const { kysely } = c.deps.db;
  const peers = new Map((await peersWhere(kysely)).map((p) => [p.id, p]));
  const ids = rows.map((r) => r.id);
  const counts = await sql<{ matter: number; n: number }>`SELECT matter, count(*)::int AS n FROM peers.delivery
    WHERE matter = ANY(${ids}) GROUP BY matter`.execute(kysely);
  const waiting = await sql<{
    uid: string;
  }>`SELECT body->>'uid' AS uid FROM peers.outbox WHERE sent_at IS NULL`.execute(kysely);
  const queued = new Set(waiting.rows.map((w) => w.uid));
  return Promise.all(
    rows.map(async (m) => ({
      ...{ id: m.id, direction: m.direction, peer: { id: m.peer, name: nameOfPeer(peers.get(m.peer)!) } },
      ...{
        department: m.department,
        departmentName: m.department_name,
        title: m.title,
        entry: m.entry,
        state: m.state,
      },
      ...{ stateTitle: states[m.state] ?? unknownState(m.state), version: m.version },
      ...{ createdAt: m.created_at.toISOString(), passedAt: iso(m.passed_at), endedAt: iso(m.ended_at) },
      ...{ clocks: await clocksFor(c, m), deliveries: counts.rows.find((r) => r.matter === m.id)?.n ?? 0 },
      waiting: queued.has(m.uid),
    })),
  );
}

interface StepRow {
  action: string;
  to_state: string;
  side: 'here' | 'there' | 'hub';
  login: string | null;
  comment: string | null;
  at: Date;
}
interface DeliveryRow {
  id: number;
  number: number;
  state: string;
  rows: number;
  bytes: number;
  sha256: string;
  signed_at: Date | null;
  source: string | null;
  problem: Told | null;
  at: Date;
  ended_at: Date | null;
}

/** One matter with everything. */
export async function matterView(c: PeersContext, id: number, p: Principal): Promise<z.input<typeof api.matterAnswer>> {
  const { kysely } = c.deps.db;
  const row = await matterFor(kysely, id, p);
  const [view] = await matterViews(c, [row]);
  const steps =
    await sql<StepRow>`SELECT action, to_state, side, login, comment, at FROM peers.step WHERE matter = ${id} ORDER BY seq`.execute(
      kysely,
    );
  const deliveries =
    await sql<DeliveryRow>`SELECT id, number, state, rows, bytes, sha256, signed_at, source, problem, at, ended_at
    FROM peers.delivery WHERE matter = ${id} ORDER BY number DESC LIMIT 100`.execute(kysely);
  const remote = row.remote_entry === null ? null : (await remoteEntry(c.deps.db, row.remote_entry)).content;
  const told: ToldState = row.told;
  const officer = p.organisation === row.department && p.permissions.has('sharing.request');
  return {
    matter: view!,
    content: row.content as unknown as Record<string, unknown>,
    ...{ missing: told.missing ?? [], refusal: told.refusal ?? null, share: told.share ?? null },
    ...{ request: row.request, remoteEntry: row.remote_entry, items: remote?.items ?? [] },
    steps: steps.rows.map((s) => ({
      ...{ action: s.action, state: s.to_state, stateTitle: states[s.to_state] ?? unknownState(s.to_state) },
      ...{ side: s.side, login: s.login, comment: s.comment, at: s.at.toISOString() },
    })),
    deliveries: deliveries.rows.map((d) => ({
      ...{ id: d.id, number: d.number, state: d.state, rows: Number(d.rows), bytes: Number(d.bytes), sha256: d.sha256 },
      ...{
        signedAt: iso(d.signed_at),
        source: d.source,
        problem: d.problem,
        at: d.at.toISOString(),
        endedAt: iso(d.ended_at),
      },
    })),
    open: openSteps(row, p),
    mayEdit: row.direction === 'out' && officer && (row.state === 'draft' || row.state === 'supplement'),
  };
}
