/**
 * Taking reports in, from every channel alike: judged, classed, placed, held against what was reported of late, and then either joined to
 * the event that it speaks of or filed as a new one and sent out by the rules. One transaction: an answered report is on disk, with
 * its event; the same message twice is one report.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { literal } from '../platform/lake/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { act, usePictures } from './act.ts';
import { type Catalogue, classify, responsible } from './matters.ts';
import { change, type EventPorts, type Trx } from './ports.ts';
import * as k from './problems.ts';
import type { Likely } from './same/recent.ts';
import type { Evidence, Reported } from './same/score.ts';
import { type EventRow, eventOf, keepStep } from './store.ts';

/** Where events come from (渠道). */
export const channels = {
  alert: { zh: '监测预警', en: 'Alerts' },
  open311: { zh: '市民上报', en: 'Citizens' },
  hotline: { zh: '热线', en: 'Hotline' },
  grid: { zh: '网格上报', en: 'Grid staff' },
  video: { zh: '视频分析', en: 'Video analysis' },
  department: { zh: '部门推送', en: "Departments' systems" },
  desk: { zh: '值班登记', en: 'Duty desk' },
} as const;
export type Channel = keyof typeof channels;
export const channelNames = Object.keys(channels) as [Channel, ...Channel[]];

/** What a report says. Coordinates WGS 84. */
export const reportBody = z.strictObject({
  /** The sender's own key: the same one again is the same report. */
  key: z.string().trim().min(1).max(120),
  matter: z.string().max(64).optional(),
  text: z.string().trim().min(2).max(2000),
  address: z.string().trim().min(2).max(300).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  latitude: z.number().min(-90).max(90).optional(),
  /** When it happened; now where it is not said. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** The reporter's telephone, for questions: kept in the vault. */
  phone: z.string().trim().max(30).optional(),
  pictures: z.array(z.uuid()).max(9).default([]),
});
export type ReportBody = z.output<typeof reportBody>;

/** Who sends it. */
export interface Sender {
  channel: Channel;
  principal?: Principal | undefined;
  client?: string | undefined;
  /** What the reporter may ask by; made where the channel is the citizens'. */
  token?: string | undefined;
  /** Where the sender says that a picture is (Open311 media_url): told on, never fetched. */
  media?: string | undefined;
}

/** What became of a report. */
export interface Received {
  report: number;
  event: number;
  number: string;
  state: string;
  /** Whether it joined an event that was reported before, how surely, and why. */
  joined: boolean;
  probability: number | null;
  why: Evidence[];
  /** The same message had been taken before. */
  again: boolean;
}

const PHONE = /(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)/g;
const YEAR = 366 * 86_400_000;
/** Clocks of senders go wrong by so much. */
const AHEAD = 600_000;

export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');
export const newToken = (): string => randomBytes(18).toString('base64url');
/**
 * What the sender of a report with a secret key of its own (a UUID) asks by: made of the key, so that who did not hear the answer and sends the
 * report again is told the same token. `kept` is what the store knows the report by, from which the token cannot be made.
 */
export const ownToken = (key: string): { token: string; kept: string } => {
  const digest = (what: string) => createHash('sha256').update(`${what} ${key}`).digest('base64url');
  return { token: digest('jingwei report token').slice(0, 32), kept: `public:${digest('jingwei report key')}` };
};

/** Texts without telephone numbers, and the numbers. */
export function withoutPhones(text: string): { text: string; phones: string[] } {
  const phones: string[] = [];
  const masked = text.replace(PHONE, (found) => {
    const number = found.replace(/\D/g, '').slice(-11);
    phones.push(number);
    return `${number.slice(0, 3)}****${number.slice(-4)}`;
  });
  return { text: masked, phones };
}

interface Judged {
  body: ReportBody;
  text: string;
  address: string | null;
  matter: string | null;
  group: string | null;
  matterBy: 'declared' | 'words';
  words: string[];
  town: string | null;
  grid: string | null;
  occurred: Date;
  phone: string | null;
}

async function judge(ports: EventPorts, body: ReportBody, catalogue: Catalogue): Promise<Judged> {
  const now = ports.clock.now();
  if ((body.longitude === undefined) !== (body.latitude === undefined))
    throw new Problem(k.noPlace, {}, { field: 'longitude' });
  if (body.longitude === undefined && !body.address) throw new Problem(k.noPlace, {}, { field: 'address' });
  if (body.longitude !== undefined && !ports.places.inside(body.longitude, body.latitude!))
    throw new Problem(k.placeOutside, { longitude: body.longitude, latitude: body.latitude }, { field: 'longitude' });
  const occurred = body.at ? new Date(body.at) : now;
  if (occurred.getTime() > now.getTime() + AHEAD || occurred.getTime() < now.getTime() - YEAR)
    throw new Problem(k.timeWrong, { at: body.at }, { field: 'at' });
  if (body.matter !== undefined && !catalogue.byId.has(body.matter))
    throw new Problem(k.unknownMatter, { matter: body.matter }, { field: 'matter' });
  const said = withoutPhones(body.text);
  const where = body.address ? withoutPhones(body.address) : null;
  const numbers = [...(body.phone ? [body.phone] : []), ...said.phones, ...(where?.phones ?? [])];
  const found = body.matter ? null : classify(catalogue, said.text);
  const areas =
    body.longitude === undefined
      ? { town: ports.places.townIn(`${where?.text ?? ''}${said.text}`), grid: null }
      : await ports.places.areasOf(body.longitude, body.latitude!);
  ports.recent.know({ gazetteer: await ports.places.names(), matters: catalogue.matters });
  return {
    ...{ body, text: said.text, address: where?.text ?? null, occurred, ...areas },
    ...{
      matter: body.matter ?? found?.matter ?? null,
      matterBy: body.matter ? 'declared' : 'words',
      words: found?.words ?? [],
    },
    group: catalogue.byId.get(body.matter ?? found?.matter ?? '')?.group ?? null,
    phone: await keepPhone(ports, numbers),
  };
}

/** Puts numbers into the vault; answers the token of the first. */
async function keepPhone(
  ports: Pick<EventPorts, 'vault' | 'lake'>,
  numbers: readonly string[],
): Promise<string | null> {
  if (!numbers.length) return null;
  await ports.lake.session(async (s) => {
    await ports.vault.stageTokens(
      s,
      'phone',
      `SELECT unnest([${[...new Set(numbers)].map((t) => literal(t)).join(', ')}]) AS original`,
      'events_numbers',
    );
    await s.run('DROP TABLE events_numbers');
  });
  return ports.vault.tokenOf('phone', numbers[0]!);
}

const known = async (db: Kysely<AnyTables>, channel: string, key: string): Promise<Received | undefined> => {
  const { rows } = await sql<Omit<Received, 'again' | 'joined'> & { joined_by: string }>`
    SELECT r.id AS report, e.id AS event, e.number, e.state, r.probability, coalesce(r.why, '[]'::jsonb) AS why, r.joined_by
    FROM events.report r JOIN events.event e ON e.id = r.event WHERE r.channel = ${channel} AND r.key = ${key}`.execute(
    db,
  );
  const { joined_by, ...found } = rows[0] ?? { joined_by: '' };
  return rows[0] ? ({ ...found, joined: joined_by !== 'first', again: true } as Received) : undefined;
};

/** Takes a report in. Within a transaction give its handle (phones): then `tell` what was made after the commit. */
export async function receive(ports: EventPorts, body: ReportBody, from: Sender): Promise<Received> {
  const before = await known(ports.db.kysely, from.channel, body.key);
  if (before) return before;
  const catalogue = await ports.matters.current();
  const judged = await judge(ports, body, catalogue);
  const received = await change(ports, (trx) => take(trx, ports, judged, from, catalogue));
  tell(ports, received, judged, from);
  return received;
}

/** A report judged before a transaction of the caller's own; see `takeJudged`. */
export async function judged(ports: EventPorts, body: ReportBody): Promise<{ judged: Judged; catalogue: Catalogue }> {
  const catalogue = await ports.matters.current();
  return { judged: await judge(ports, body, catalogue), catalogue };
}
/** Takes a judged report in within a transaction of `change`; answers it and what to call when that has committed. */
export async function takeJudged(
  trx: Trx,
  ports: EventPorts,
  ready: { judged: Judged; catalogue: Catalogue },
  from: Sender,
) {
  const received = await take(trx, ports, ready.judged, from, ready.catalogue);
  return { received, committed: () => tell(ports, received, ready.judged, from) };
}

function tell(ports: EventPorts, r: Received, j: Judged, from: Sender): void {
  if (!r.again) ports.recent.add(r.report, r.event, reportedOf(j, from));
}

const reportedOf = (j: Judged, from: Sender): Reported => ({
  ...{ at: j.occurred.getTime(), lon: j.body.longitude ?? null, lat: j.body.latitude ?? null, matter: j.matter },
  ...{ group: j.group, channel: from.channel, text: j.text, address: j.address },
});

async function take(trx: Trx, ports: EventPorts, j: Judged, from: Sender, catalogue: Catalogue): Promise<Received> {
  const before = await known(trx, from.channel, j.body.key);
  if (before) return before;
  const likely = await openOf(trx, ports.recent.likely(reportedOf(j, from)), j.occurred);
  const best = likely.find((l) => l.join);
  const at = ports.clock.now();
  const event = best ? best.event : await begin(trx, j, from, at, catalogue);
  const login = from.principal?.login ?? null;
  const { rows } = await sql<{
    id: number;
  }>`INSERT INTO events.report (event, channel, key, client, matter, text, address, lon, lat, place_by,
      occurred_at, received_at, phone, login, organisation, token, media_url, probability, why, joined_by, pictures)
    VALUES (${event}, ${from.channel}, ${j.body.key}, ${from.client ?? null}, ${j.matter}, ${j.text}, ${j.address}, ${j.body.longitude ?? null},
      ${j.body.latitude ?? null}, ${j.body.longitude === undefined ? (j.address ? 'address' : null) : 'given'}, ${j.occurred}, ${at}, ${j.phone}, ${login},
      ${from.principal?.organisation ?? null}, ${from.token ? tokenHash(from.token) : null}, ${from.media ?? null}, ${best?.probability ?? null},
      ${best ? JSON.stringify(best.why) : null}::jsonb, ${best ? 'machine' : 'first'}, ${j.body.pictures.length}) RETURNING id`.execute(
    trx,
  );
  const report = rows[0]!.id;
  if (j.body.pictures.length) await usePictures(trx, event, j.body.pictures, { report }, login);
  if (best) await join(trx, j, from, best, report, at);
  else await firstStep(trx, event, report, j, from, likely, at);
  // What a first report lacks to be filed may come with a later one.
  const e = await onward(trx, ports, event, catalogue);
  await ports.audit.append(
    {
      ...{ actor: from.principal ?? null, action: 'events.report', object: `report/${report}`, outcome: 'ok' },
      detail: { channel: from.channel, event, joined: Boolean(best), ...(from.client ? { client: from.client } : {}) },
    },
    trx,
  );
  return {
    ...{ report, event, number: e.number, state: e.state, joined: Boolean(best), again: false },
    ...{ probability: best?.probability ?? null, why: best?.why ?? [] },
  };
}

/** Events that are still worked on, or were closed after what is reported happened. */
async function openOf(trx: Trx, likely: readonly Likely[], occurred: Date): Promise<Likely[]> {
  if (!likely.length) return [];
  const { rows } = await sql<{
    id: number;
  }>`SELECT id FROM events.event WHERE id = ANY(${likely.map((l) => l.event)}::bigint[])
    AND (state NOT IN ('closed', 'void', 'merged') OR (state = 'closed' AND closed_at > ${occurred}))`.execute(trx);
  const open = new Set(rows.map((r) => r.id));
  return likely.filter((l) => open.has(l.event));
}

/** The next number of a day: 20261121-00042. */
export async function nextNumber(trx: Trx, day: string): Promise<string> {
  const { rows } = await sql<{ last: number }>`INSERT INTO events.serial (day, last) VALUES (${day}::date, 1)
    ON CONFLICT (day) DO UPDATE SET last = events.serial.last + 1 RETURNING last`.execute(trx);
  return `${day.replaceAll('-', '')}-${String(rows[0]!.last).padStart(5, '0')}`;
}

async function begin(trx: Trx, j: Judged, from: Sender, at: Date, c: Catalogue): Promise<number> {
  const day = cityDay(at);
  const m = j.matter ? c.byId.get(j.matter) : undefined;
  const number = await nextNumber(trx, day);
  const { rows } = await sql<{
    id: number;
  }>`INSERT INTO events.event (number, matter, "group", matter_by, urgency, text, address, lon, lat, place_by,
      town, grid, channel, state, occurred_at, reported_at, catalogue, day)
    VALUES (${number}, ${j.matter}, ${m?.group ?? null}, ${j.matterBy}, ${m?.urgency ?? 'normal'}, ${j.text}, ${j.address}, ${j.body.longitude ?? null},
      ${j.body.latitude ?? null}, ${j.body.longitude === undefined ? (j.address ? 'address' : null) : 'given'}, ${j.town}, ${j.grid}, ${from.channel},
      'registered', ${j.occurred}, ${at}, ${c.version}, ${day}::date) RETURNING id`.execute(trx);
  return rows[0]!.id;
}

/** What a joined report brings to its event: a place, a class or an address that was missing. */
async function join(trx: Trx, j: Judged, from: Sender, best: Likely, report: number, at: Date): Promise<void> {
  const e = await eventOf(trx, best.event, true);
  await sql`UPDATE events.event SET reports = reports + 1, version = version + 1, address = coalesce(address, ${j.address}),
      place_by = CASE WHEN lon IS NULL AND ${j.body.longitude ?? null}::float8 IS NOT NULL THEN 'given' ELSE place_by END,
      lon = coalesce(lon, ${j.body.longitude ?? null}), lat = coalesce(lat, ${j.body.latitude ?? null}),
      town = coalesce(town, ${j.town}), grid = coalesce(grid, ${j.grid}),
      matter = coalesce(matter, ${j.matter}), "group" = CASE WHEN matter IS NULL THEN ${j.group} ELSE "group" END,
      matter_by = CASE WHEN matter IS NULL THEN ${j.matterBy} ELSE matter_by END
    WHERE id = ${e.id}`.execute(trx);
  await keepStep(trx, {
    ...{ event: e.id, action: 'joined', from: e.state, to: e.state, stage: 1, actor: actorOf(from), at },
    ...{ login: from.principal?.login ?? null, organisation: from.principal?.organisation ?? null },
    detail: { report, channel: from.channel, probability: Math.round(best.probability * 1000) / 1000 },
  });
}

const actorOf = (from: Sender) => (from.principal ? 'reporter' : from.channel === 'open311' ? 'citizen' : 'system');

/** The first of the seven stages, with what looked alike. */
async function firstStep(
  trx: Trx,
  event: number,
  report: number,
  j: Judged,
  from: Sender,
  likely: readonly Likely[],
  at: Date,
): Promise<void> {
  await keepStep(trx, {
    ...{ event, action: 'report', from: 'registered', to: 'registered', stage: 1, actor: actorOf(from), at },
    ...{ login: from.principal?.login ?? null, organisation: from.principal?.organisation ?? null },
    detail: {
      ...{ report, channel: from.channel },
      ...(j.words.length ? { words: j.words } : {}),
      // What looked alike without being sure: a person may join them.
      ...(likely.length
        ? {
            alike: likely
              .slice(0, 3)
              .map((l) => ({ event: l.event, probability: Math.round(l.probability * 100) / 100 })),
          }
        : {}),
    },
  });
}

/** Files and dispatches by the rules, as far as they lead; answers the event as it is then. */
export async function onward(trx: Trx, ports: EventPorts, id: number, c: Catalogue): Promise<EventRow> {
  let e = await eventOf(trx, id);
  if (e.state === 'registered') {
    if (!e.matter || (e.lon === null && e.town === null)) return e;
    e = await act(trx, ports, id, { action: 'file', comment: '', data: {} }, 'hub');
  } else if (e.state !== 'filed') return e;
  // Opened again without ever having been classed, or classed as what is declared no more: a person says what it is.
  if (!e.matter || !c.byId.has(e.matter)) return e;
  const way = responsible(c, { matter: e.matter, town: e.town, channel: e.channel, urgency: e.urgency });
  if (!way.auto) return e;
  const comment = way.rule?.zh ?? '';
  const data = { organisation: way.to, ...(way.joint.length ? { joint: way.joint } : {}) };
  e = await act(trx, ports, id, { action: 'dispatch', comment, data }, 'hub');
  if (way.supervise) e = await act(trx, ports, id, { action: 'supervise', comment, data: { level: 1 } }, 'hub');
  return e;
}

/** Fills what recognises the same event from the store: reports of the last two days. */
export async function fillRecent(ports: EventPorts): Promise<void> {
  const catalogue = await ports.matters.current();
  const since = new Date(ports.clock.now().getTime() - 48 * 3_600_000);
  const recent = await sql<{
    id: number;
    event: number;
    channel: string;
    matter: string | null;
    text: string;
    address: string | null;
    lon: number | null;
    lat: number | null;
    occurred_at: Date;
  }>`SELECT id, event, channel, matter, text, address, lon, lat, occurred_at FROM events.report
    WHERE received_at > ${since} ORDER BY id DESC LIMIT 40000`.execute(ports.db.kysely);
  ports.recent.know({ gazetteer: await ports.places.names(), matters: catalogue.matters });
  for (const r of recent.rows.reverse())
    ports.recent.add(r.id, r.event, {
      ...{
        at: r.occurred_at.getTime(),
        lon: r.lon,
        lat: r.lat,
        matter: r.matter,
        group: catalogue.byId.get(r.matter ?? '')?.group ?? null,
      },
      ...{ channel: r.channel, text: r.text, address: r.address },
    });
}
