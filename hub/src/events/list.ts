/** Lists of events: filters that stand on indexes, newest first, page by page by key; and one event whole. */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { openSteps } from './act.ts';
import { type ClockRow, clocksQuery, minutesLeft } from './clocks.ts';
import { COUNTED, found } from './find.ts';
import { machine, otherSteps, over, type State, stages, states } from './machine.ts';
import type { EventPorts, Trx } from './ports.ts';
import * as k from './problems.ts';
import { type EventRow, eventOf, maySee, maySeeAll } from './store.ts';

const many = (most: number) => z.array(z.string().max(64)).max(most).optional();
export const listQuery = z.object({
  state: many(9),
  /** Everything that is still worked on. */
  open: z.enum(['true']).optional(),
  organisation: z.string().max(64).optional(),
  matter: z.string().max(64).optional(),
  group: z.string().max(64).optional(),
  town: z.string().max(20).optional(),
  channel: z.string().max(20).optional(),
  late: z.enum(['true']).optional(),
  supervised: z.enum(['true']).optional(),
  asked: z.enum(['true']).optional(),
  urgent: z.enum(['true']).optional(),
  /** Days of the first report, both included. */
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
  /** A number of an event, or words of open ones. */
  q: z.string().trim().max(60).optional(),
  /** Id behind which the page begins. */
  after: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ListQuery = z.output<typeof listQuery>;

const columns = sql`id, number, matter, "group", urgency, text, address, lon, lat, place_by, town, grid, channel, state, organisation, joint, officer,
  supervised, asked, reports, pictures, returned, transferred, reworked, due, late_at, occurred_at, reported_at, filed_at, dispatched_at, accepted_at,
  handled_at, closed_at, rating, merged_into, catalogue, version, matter_by`;

/** A page of events, and how many fit (up to COUNTED). */
export async function listEvents(ports: EventPorts, q: ListQuery, p: Principal) {
  const { rows } = await found<EventRow>(q, p, columns, q.limit + 1).execute(ports.db.kysely);
  const events = rows.slice(0, q.limit);
  const n = q.after ? null : (rows[0]?.counted ?? 0);
  return {
    events: events.map((e) => shown(ports, e)),
    next: rows.length > q.limit ? (events.at(-1)?.id ?? null) : null,
    count: n === null ? null : Math.min(n, COUNTED),
    more: n === null ? null : n > COUNTED,
  };
}

const iso = (d: Date | null): string | null => d?.toISOString() ?? null;

/** An event as pages show it. */
export function shown(ports: EventPorts, e: EventRow) {
  const left =
    e.due && !over.includes(e.state) ? Math.round((e.due.getTime() - ports.clock.now().getTime()) / 60_000) : null;
  // Written out: a page has up to two hundred, and objects that are put together of others cost more than all the rest of it.
  return {
    id: e.id,
    number: e.number,
    matter: e.matter,
    matterBy: e.matter_by,
    group: e.group,
    urgency: e.urgency,
    text: e.text,
    address: e.address,
    longitude: e.lon,
    latitude: e.lat,
    placeBy: e.place_by,
    town: e.town,
    grid: e.grid,
    channel: e.channel,
    state: e.state,
    organisation: e.organisation,
    joint: e.joint,
    officer: e.officer,
    supervised: e.supervised,
    asked: e.asked,
    reports: e.reports,
    pictures: e.pictures,
    returned: e.returned,
    transferred: e.transferred,
    reworked: e.reworked,
    due: iso(e.due),
    minutesLeft: left,
    late: e.late_at !== null || (left !== null && left < 0),
    lateAt: iso(e.late_at),
    occurredAt: e.occurred_at.toISOString(),
    reportedAt: e.reported_at.toISOString(),
    filedAt: iso(e.filed_at),
    dispatchedAt: iso(e.dispatched_at),
    acceptedAt: iso(e.accepted_at),
    handledAt: iso(e.handled_at),
    closedAt: iso(e.closed_at),
    rating: e.rating,
    mergedInto: e.merged_into,
    version: e.version,
  };
}

function shownClock(ports: EventPorts, c: ClockRow) {
  const now = ports.clock.now();
  const left =
    c.state === 'running' && c.due
      ? minutesLeft(ports, c.unit, now, c.due)
      : c.state === 'paused'
        ? c.left_minutes
        : null;
  return {
    ...{
      id: c.id,
      name: c.name,
      title: c.title,
      organisation: c.organisation,
      amount: c.amount,
      unit: c.unit,
      state: c.state,
    },
    ...{
      startedAt: c.started_at.toISOString(),
      due: iso(c.due),
      missingYear: c.missing_year,
      endedAt: iso(c.ended_at),
      ground: c.ground,
    },
    ...{
      left: left === null ? null : Math.round(left),
      late: c.late_at !== null || (c.state === 'running' && c.due !== null && c.due < now),
    },
  };
}

/** What stands beside an event, as JSON of the store: instants are texts. */
interface Parts {
  reports: {
    id: number;
    channel: string;
    key: string;
    client: string | null;
    matter: string | null;
    text: string;
    address: string | null;
    lon: number | null;
    lat: number | null;
    occurred_at: string;
    received_at: string;
    phone: string | null;
    login: string | null;
    probability: number | null;
    why: { name: string; value: number | string | null; weight: number }[] | null;
    joined_by: string;
    media_url: string | null;
  }[];
  steps: {
    seq: number;
    action: string;
    from_state: State;
    to_state: State;
    stage: number;
    actor: string;
    login: string | null;
    organisation: string | null;
    comment: string | null;
    detail: Record<string, unknown> | null;
    at: string;
  }[];
  pictures: {
    id: string;
    kind: string;
    report: number | null;
    step: number | null;
    type: string;
    lon: number | null;
    lat: number | null;
    taken_at: string | null;
    thumb: string | null;
  }[];
  clocks: (Omit<ClockRow, 'started_at' | 'due' | 'late_at' | 'ended_at'> & {
    [k in 'started_at' | 'due' | 'late_at' | 'ended_at']: string | null;
  })[];
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
const isoOf = (text: string): string => new Date(text).toISOString();

/** Reports, steps, pictures and limits of an event in one statement; of somebody's own reports and pictures alone where `own` is their login. */
async function partsOf(db: Trx, id: number, own: string | null) {
  const mine = own === null ? sql`` : sql`AND login = ${own}`;
  const list = (select: RawBuilder<unknown>) => sql`(SELECT coalesce(json_agg(x), '[]') FROM (${select}) x)`;
  const { rows } = await sql<Parts>`SELECT
    ${list(sql`SELECT id, channel, key, client, matter, text, address, lon, lat, occurred_at, received_at, phone, login, probability, why, joined_by, media_url
      FROM events.report WHERE event = ${id} ${mine} ORDER BY id LIMIT 200`)} AS reports,
    ${list(sql`SELECT seq, action, from_state, to_state, stage, actor, login, organisation, comment, detail, at
      FROM events.step WHERE event = ${id} ORDER BY seq LIMIT 500`)} AS steps,
    ${list(sql`SELECT id, kind, report, step, type, lon, lat, taken_at, thumb
      FROM events.picture WHERE event = ${id} ${mine} ORDER BY added_at LIMIT 100`)} AS pictures,
    ${list(clocksQuery(id))} AS clocks`.execute(db);
  const { clocks, ...parts } = rows[0]!;
  return {
    ...parts,
    clocks: clocks.map(
      (c): ClockRow => ({
        ...c,
        ...{
          started_at: dateOf(c.started_at)!,
          due: dateOf(c.due),
          late_at: dateOf(c.late_at),
          ended_at: dateOf(c.ended_at),
        },
      }),
    ),
  };
}

/** One event whole: reports and why they are one, timeline, limits, pictures, what may be done, what looks alike. */
export async function eventPage(ports: EventPorts, id: number, p: Principal) {
  const db: Trx = ports.db.kysely;
  const e = await eventOf(db, id);
  if (!(await maySee(db, p, e))) throw new Problem(k.unknownEvent);
  // Who only reported it sees the own reports and pictures and how far it has come, not what others said of it.
  const own = maySeeAll(p, e) ? null : p.login;
  // Nothing is told before it is on record that it is; what is told is read meanwhile.
  const [{ reports, steps, pictures, clocks }] = await Promise.all([
    partsOf(db, id, own),
    ports.audit.append({
      ...{ actor: p, action: 'events.read', object: `event/${e.number}`, outcome: 'ok' },
      ...(p.purpose ? { purpose: p.purpose } : {}),
    }),
  ]);
  const masks = await ports.vault.masks(reports.flatMap((r) => (r.phone ? [r.phone] : [])));
  const alikeIds = (own !== null ? [] : (steps.find((s) => s.action === 'report')?.detail?.alike ?? [])) as {
    event: number;
    probability: number;
  }[];
  const alike = alikeIds.length
    ? (
        await sql<EventRow>`SELECT ${columns} FROM events.event WHERE id = ANY(${alikeIds.map((a) => a.event)}::bigint[]) AND state <> 'merged'`.execute(
          db,
        )
      ).rows
    : [];
  return {
    event: shown(ports, e),
    reports: reports.map((r) => ({
      ...{
        id: r.id,
        channel: r.channel,
        client: r.client,
        matter: r.matter,
        text: r.text,
        address: r.address,
        longitude: r.lon,
        latitude: r.lat,
      },
      ...{
        occurredAt: isoOf(r.occurred_at),
        receivedAt: isoOf(r.received_at),
        login: r.login,
        joinedBy: r.joined_by,
        mediaUrl: r.media_url,
      },
      ...{ phone: r.phone ? (masks.get(r.phone) ?? '***') : null, probability: r.probability, why: r.why ?? [] },
      alert: r.channel === 'alert' ? Number(/^alert-(\d+)$/.exec(r.key)?.[1] ?? 0) || null : null,
    })),
    steps: steps.map((s) => ({
      ...{
        seq: s.seq,
        action: s.action,
        title: titleOf(s.action),
        from: s.from_state,
        to: s.to_state,
        stage: s.stage,
        actor: s.actor,
      },
      ...{
        login: own === null || s.login === own ? s.login : null,
        organisation: s.organisation,
        at: isoOf(s.at),
      },
      ...(own === null ? { comment: s.comment, detail: s.detail } : { comment: null, detail: null }),
    })),
    clocks: clocks.map((c) => shownClock(ports, c)),
    pictures: pictures.map((x) => ({
      ...{ id: x.id, kind: x.kind, report: x.report, step: x.step, type: x.type, longitude: x.lon, latitude: x.lat },
      ...{ takenAt: iso(dateOf(x.taken_at)), small: x.thumb !== null },
    })),
    actions: openSteps(p, e),
    alike: alike.map((a) => ({ ...shown(ports, a), probability: alikeIds.find((x) => x.event === a.id)!.probability })),
  };
}

/** What a step is called. */
export const titleOf = (action: string): { zh: string; en: string } =>
  machine.find((t) => t.action === action)?.title ?? otherSteps[action] ?? { zh: action, en: action };

/** Names that pages need: states, stages. */
export const vocabulary = { states, stages };
