/** Subscriptions as their pages show them. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import { cityDay } from '../../platform/law/index.ts';
import { activeGrants, grantOf, nameOf, sharedEntry } from '../../sharing/index.ts';
import type * as api from '../api.ts';
import { eventSource } from '../log/events.ts';
import { shownItems } from '../log/render.ts';
import { KEEP_DAYS } from '../log/tables.ts';
import type { SubscriptionPorts } from '../ports.ts';
import { sentence } from '../problems.ts';
import { giving } from '../push/view.ts';
import { type CursorRow, cursorsOf, type SubscriptionRow, secretsOf } from '../store.ts';
import { seen } from './act.ts';
import { grantProblem } from './check.ts';

type In<S extends z.ZodType> = z.input<S>;
/** Failures in a row after which a circuit counts as open. */
const OPEN_AFTER = 3;

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
const problemOf = (code: string | null, status: number | null) => {
  const title = sentence(code, status);
  return code && title ? { code, title } : null;
};

/** closed: all is well; open: it waits before the next try; half-open: the next try decides. */
const circuit = (c: CursorRow, now: Date): 'closed' | 'half-open' | 'open' => {
  if (c.failures === 0) return 'closed';
  return c.failures >= OPEN_AFTER && c.next_at && c.next_at > now ? 'open' : 'half-open';
};

/** Which subscriptions somebody sees. */
const seenBy = (p: Principal) =>
  p.organisation === null ? sql`true` : sql`(organisation = ${p.organisation} OR provider = ${p.organisation})`;

/** All of them, the newest first. */
export async function subscriptions(
  ports: SubscriptionPorts,
  query: z.output<typeof api.listQuery>,
  p: Principal,
): Promise<In<typeof api.list>> {
  const { rows } = await sql<SubscriptionRow>`SELECT * FROM subscriptions.subscription WHERE ${seenBy(p)}
      AND (${query.state ?? null}::text IS NULL OR state = ${query.state ?? null})
      AND (${query.grant ?? null}::integer IS NULL OR share = ${query.grant ?? null})
    ORDER BY state = 'ended', id DESC LIMIT 500`.execute(ports.db.kysely);
  return { items: await summaries(ports, rows, p) };
}

async function summaries(
  ports: SubscriptionPorts,
  subs: readonly SubscriptionRow[],
  p: Principal,
): Promise<In<typeof api.summary>[]> {
  if (!subs.length) return [];
  const now = ports.clock.now();
  const ids = subs.map((s) => s.id);
  const cursors = (
    await sql<CursorRow>`SELECT * FROM subscriptions.cursor WHERE subscription = ANY(${ids}::integer[])
      ORDER BY subscription, partition`.execute(ports.db.kysely)
  ).rows;
  const used = (
    await sql<{
      subscription: number;
      events: number;
      messages: number;
      failures: number;
    }>`SELECT subscription, events, messages,
      failures FROM subscriptions.usage WHERE day = ${cityDay(now)}::date AND subscription = ANY(${ids}::integer[])`.execute(
      ports.db.kysely,
    )
  ).rows;
  const lags = await lagsOf(ports, subs, cursors, now);
  return Promise.all(
    subs.map(async (sub) => {
      const own = cursors.filter((c) => c.subscription === sub.id);
      const worst = [...own].sort((a, b) => b.failures - a.failures)[0];
      const share = await grantOf(ports.db, sub.share);
      const today = used.find((u) => u.subscription === sub.id);
      const snapshot = own.some((c) => c.phase !== 'live');
      const lag = { ...(lags.get(sub.id) ?? { changes: 0, minutes: null }), snapshot };
      const gives = share !== undefined && giving(share, now);
      const success = own.flatMap((c) => (c.last_success ? [c.last_success.getTime()] : []));
      return {
        ...{ id: sub.id, title: sub.title, grant: sub.share, grantState: share?.state ?? 'ended', source: sub.source },
        entry: { id: sub.entry, title: sharedEntry(ports, sub.entry)?.entry.title ?? { zh: sub.entry, en: sub.entry } },
        recipient: { id: sub.organisation, name: nameOf(ports, sub.organisation) },
        provider: { id: sub.provider, name: nameOf(ports, sub.provider) },
        ...{ kind: sub.kind, target: targetText(sub), state: sub.state },
        health: healthOf(sub, gives, worst, snapshot || lag.changes > 0, now),
        reason: problemOf(sub.reason, null),
        lag,
        lastSuccess: success.length ? new Date(Math.max(...success)).toISOString() : null,
        failures: worst?.failures ?? 0,
        failingSince: iso(
          own.reduce<Date | null>(
            (d, c) => (c.failing_since && (!d || c.failing_since < d) ? c.failing_since : d),
            null,
          ),
        ),
        nextAt: iso(worst?.next_at ?? null),
        problem: problemOf(worst?.problem ?? null, worst?.status ?? null),
        today: {
          ...{ events: Number(today?.events ?? 0), messages: Number(today?.messages ?? 0) },
          failures: Number(today?.failures ?? 0),
        },
        mine: p.organisation === sub.organisation && p.permissions.has('gateway.use'),
        ...{ createdAt: sub.created_at.toISOString(), version: sub.version },
      };
    }),
  );
}

function healthOf(
  sub: SubscriptionRow,
  gives: boolean,
  worst: CursorRow | undefined,
  behind: boolean,
  now: Date,
): In<typeof api.health> {
  if (sub.state !== 'active') return sub.state;
  if (!gives) return 'halted';
  if (worst && worst.failures > 0) return circuit(worst, now) === 'open' ? 'open' : 'failing';
  return behind ? 'waiting' : 'ok';
}

/** Where to, without what may be secret: an address's query is left out. */
function targetText(sub: SubscriptionRow): string {
  if (!('url' in sub.target)) return '';
  const url = new URL(sub.target.url);
  if (sub.kind === 'mqtt') return `${url.host} ${(sub.target as { topic: string }).topic}`;
  return `${url.host}${url.pathname}`;
}

/** How many changes of the source lie behind the slowest cursor, and how old the oldest of them is. */
async function lagsOf(
  ports: SubscriptionPorts,
  subs: readonly SubscriptionRow[],
  cursors: readonly CursorRow[],
  now: Date,
): Promise<Map<number, { changes: number; minutes: number | null }>> {
  const places = subs.map((s) => ({
    ...{ id: s.id, source: s.source },
    seq: Math.min(...cursors.filter((c) => c.subscription === s.id).map((c) => Number(c.seq))),
  }));
  const rows = await ports.lake.session((s) =>
    s.query<{ id: number; changes: number; since: string | null }>(
      `SELECT p.id, greatest(s.head - p.seq, 0) AS changes,
         (SELECT min(c.found) FROM sub.change c WHERE c.stream = s.stream AND c.seq = greatest(p.seq, s.floor) + 1) AS since
       FROM (SELECT unnest($ids::INTEGER[]) AS id, unnest($sources::VARCHAR[]) AS source, unnest($seqs::BIGINT[]) AS seq) p
         JOIN sub.stream s ON s.source = p.source`,
      { ids: places.map((p) => p.id), sources: places.map((p) => p.source), seqs: places.map((p) => p.seq) },
    ),
  );
  return new Map(
    rows.map((r) => {
      const age = r.since ? (now.getTime() - Date.parse(r.since)) / 60_000 : null;
      return [
        r.id,
        { changes: Number(r.changes), minutes: age === null ? null : Math.max(0, Math.round(age * 10) / 10) },
      ];
    }),
  );
}

/** One with everything its page needs. */
export async function subscription(ports: SubscriptionPorts, id: number, p: Principal): Promise<In<typeof api.detail>> {
  const sub = await seen(ports, id, p);
  const now = ports.clock.now();
  const [head] = await summaries(ports, [sub], p);
  const share = await grantOf(ports.db, sub.share);
  const shared = sharedEntry(ports, sub.entry);
  const all = share && shared ? shownItems(ports, { share, shared, items: null }, sub.source) : [];
  const t = sub.target as { url?: string; topic?: string; version?: number; user?: string | null; ca?: string | null };
  const own = head!.mine;
  return {
    ...head!,
    // The whole address is the recipient's business: its path may be a secret of its own.
    where: {
      ...{ url: own ? (t.url ?? null) : null, topic: own ? (t.topic ?? null) : null, version: t.version ?? null },
      ...{ user: own ? (t.user ?? null) : null, ca: own ? (t.ca ?? null) : null },
    },
    target: own ? head!.target : (head!.target.split(/[/ ]/)[0] ?? ''),
    items: all.map((i) => ({
      ...{ name: i.name, title: i.title, shown: i.shown },
      chosen: !sub.items || sub.items.includes(i.name),
    })),
    ...{ changes: sub.changes, batch: sub.batch, partitions: sub.partitions, eventSource: eventSource(ports.city, id) },
    filtered: (share?.filter.length ?? 0) > 0,
    cursors: (await cursorsOf(ports.db.kysely, id)).map((c) => ({
      ...{
        partition: c.partition,
        phase: c.phase,
        sequence: Number(c.seq),
        circuit: circuit(c, now),
        failures: c.failures,
      },
      ...{ failingSince: iso(c.failing_since), nextAt: iso(c.next_at), problem: problemOf(c.problem, c.status) },
      ...{ status: c.status, lastSuccess: iso(c.last_success), lastAttempt: iso(c.last_attempt) },
    })),
    secrets: (await secretsOf(ports.db.kysely, id, now)).map((s) => ({
      ...{ hint: s.hint, createdAt: s.created_at.toISOString(), expiresAt: iso(s.expires_at) },
    })),
    log: await logOf(ports, sub.source),
    usage: await usageOf(ports, id),
    createdBy: sub.created_by,
  };
}

async function logOf(ports: SubscriptionPorts, source: string): Promise<In<typeof api.detail>['log']> {
  const row = await ports.lake.session((s) =>
    s.first<{ head: number; floor: number; since: string | null }>(
      `SELECT s.head, s.floor, (SELECT min(found) FROM sub.change c WHERE c.stream = s.stream) AS since FROM sub.stream s
       WHERE s.source = $source`,
      { source },
    ),
  );
  const { rows } = await sql<{
    dropped: number;
  }>`SELECT coalesce(sum(changes), 0)::bigint AS dropped FROM subscriptions.retention
    WHERE source = ${source}`.execute(ports.db.kysely);
  return {
    ...{ head: Number(row?.head ?? 0), first: Number(row?.floor ?? 0) + 1, since: row?.since ?? null },
    ...{ dropped: Number(rows[0]!.dropped), keptDays: KEEP_DAYS },
  };
}

async function usageOf(ports: SubscriptionPorts, id: number): Promise<In<typeof api.detail>['usage']> {
  const { rows } = await sql<{
    day: string;
    messages: number;
    events: number;
    bytes: number;
    failures: number;
    seal: number | null;
  }>`SELECT u.day::text AS day, u.messages, u.events, u.bytes, u.failures, d.seal FROM subscriptions.usage u
      LEFT JOIN subscriptions.daylog d ON d.subscription = u.subscription AND d.day = u.day
    WHERE u.subscription = ${id} ORDER BY u.day DESC LIMIT 31`.execute(ports.db.kysely);
  return rows.map((r) => ({
    ...{ day: r.day, messages: Number(r.messages), events: Number(r.events), bytes: Number(r.bytes) },
    ...{ failures: Number(r.failures), seal: r.seal },
  }));
}

/** Attempts, the newest first. */
export async function attemptsOf(
  ports: SubscriptionPorts,
  id: number,
  query: z.output<typeof api.attemptsQuery>,
  p: Principal,
): Promise<In<typeof api.attempts>> {
  await seen(ports, id, p);
  const { rows } = await sql<{
    seq: number;
    partition: number;
    message: string;
    first: number;
    last: number;
    events: number;
    bytes: number;
    ok: boolean;
    status: number | null;
    problem: string | null;
    ms: number;
    at: Date;
  }>`SELECT seq, partition, message, first, last, events, bytes, ok, status, problem, ms, at FROM subscriptions.attempt
    WHERE subscription = ${id} AND (${query.before ?? null}::bigint IS NULL OR seq < ${query.before ?? null})
      AND (${query.failed ?? false} = false OR NOT ok) ORDER BY seq DESC LIMIT ${query.limit + 1}`.execute(
    ports.db.kysely,
  );
  return {
    items: rows.slice(0, query.limit).map((r) => ({
      ...r,
      ...{ seq: Number(r.seq), first: Number(r.first), last: Number(r.last), at: r.at.toISOString() },
      problem: problemOf(r.problem, r.status),
    })),
    more: rows.length > query.limit,
  };
}

/** Grants of somebody's department, with why one cannot be subscribed to. */
export async function grantsOf(ports: SubscriptionPorts, p: Principal): Promise<In<typeof api.grants>> {
  if (p.organisation === null) return { items: [] };
  const shares = await activeGrants(ports.db, { requester: p.organisation, day: cityDay(ports.clock.now()) });
  return {
    items: shares.map((share) => {
      const shared = sharedEntry(ports, share.entry);
      const problem = grantProblem(ports, share, shared);
      const source = shared?.entry.source ?? null;
      return {
        ...{
          id: share.id,
          title: shared?.entry.title ?? { zh: share.entry, en: share.entry },
          until: share.until,
          source,
        },
        provider: { id: share.provider, name: nameOf(ports, share.provider) },
        problem: problem && { code: problem.kind.code, title: problem.toJSON().title },
        items:
          shared && source
            ? shownItems(ports, { share, shared, items: null }, source).map(({ name, title, shown }) => ({
                name,
                title,
                shown,
              }))
            : [],
      };
    }),
  };
}
