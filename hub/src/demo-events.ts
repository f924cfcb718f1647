/**
 * Events of the demonstration (演示事件): some days of what the synthetic city's people, grid staff, cameras and departments would have
 * reported, taken in through the room's own services with the clock at their instants, and worked on by the demonstration's accounts. What
 * becomes of each stands in demo-events-courses.ts. Played once in the life of a data folder.
 */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type EventReport, eventDay } from '@jingwei/synthcity';
import { sql } from 'kysely';
import { type Agenda, agenda, type Course, courses } from './demo-events-courses.ts';
import { drawing, thingOf } from './demo-events-pictures.ts';
import { demoPerson } from './demo-sharing.ts';
import {
  type EventPorts,
  eventPortsOf,
  fillRecent,
  keepPicture,
  keepThumb,
  makeClient,
  newToken,
  Recent,
  receive,
  type Sender,
  sweep,
} from './events/index.ts';
import type { Principal } from './platform/auth/principal.ts';
import { Problem } from './platform/problem.ts';
import type { Deps, RoomModule } from './platform/room.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** True events of the demonstration, and days that they are spread over, today included. */
const EVENTS = 36;
const DAYS = 6;
/** Milliseconds between two looks whether the city's areas are there, and how long they are waited for. */
const LOOK = 2_000;
const PATIENCE = 5 * 60_000;
const DONE = 'demo-events';
/** Events whose reports say too little to be classed: one waits at the desk, one is not filed. */
const VAGUE = new Set([25, 29]);

const clients = {
  hotline: { id: 'demo-hotline-12345', title: '12345 热线平台（演示）' },
  video: { id: 'demo-video', title: '视频分析平台（演示）' },
  department: { id: 'demo-departments', title: '部门业务系统（演示）' },
} as const;

/** The services at an instant of the past. */
export interface Past {
  ports: EventPorts;
  /** Sets the instant. */
  at(ms: number): void;
}

/** The demonstration's events as a module of the composition; it does nothing unless `demo.enabled`. */
export function demoEventsRoom(): RoomModule {
  const stopped = new AbortController();
  let playing: Promise<void> = Promise.resolve();
  return {
    name: 'demo-events',
    async start(deps) {
      const ports = eventPortsOf(deps.db);
      if (!deps.config.demo.enabled || deps.config.demo.rows === 0 || !ports) return;
      playing = demoEvents(deps, ports, stopped.signal).catch((err: unknown) => {
        if (!stopped.signal.aborted) deps.log.error({ err }, 'no events for the demonstration');
      });
    },
    async stop() {
      stopped.abort();
      await playing;
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
  setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);

async function demoEvents(deps: Deps, own: EventPorts, signal: AbortSignal): Promise<void> {
  const done = await deps.db.query(`SELECT 1 AS one FROM events.cursor WHERE name = '${DONE}'`);
  if (done.length) return;
  // Towns and grids come right once the base libraries are made, some moments after the first start.
  const until = performance.now() + PATIENCE;
  while (!signal.aborted && performance.now() < until && !(await areas(deps))) await pause(LOOK, signal);
  if (signal.aborted) return;
  const now = deps.clock.now();
  const used = process.cpuUsage();
  await play(own, deps.config.demo.seed, now, signal);
  const { user, system } = process.cpuUsage(used);
  deps.log.info({ cpuMs: Math.round((user + system) / 1000) }, 'events of the demonstration were played');
  if (signal.aborted) return;
  await fillRecent(own);
  await sql`INSERT INTO events.cursor (name, at) VALUES (${DONE}, ${now.toISOString()}) ON CONFLICT DO NOTHING`.execute(
    deps.db.kysely,
  );
}

const areas = (deps: Deps): Promise<boolean> =>
  deps.lake
    .first(
      'SELECT 1 AS one FROM v.grid_v1 g, v.division_v1 d WHERE g.outline IS NOT NULL AND d.boundary IS NOT NULL LIMIT 1',
    )
    .then((row) => row !== undefined)
    .catch(() => false);

/** Takes reports in and lets people work on them, in order of time up to `now`. Played again after a kill it makes nothing twice. */
export async function play(own: EventPorts, seed: number, now: Date, signal: AbortSignal): Promise<void> {
  let instant = now;
  const past: Past = {
    ports: { ...own, clock: { now: () => instant }, recent: new Recent() },
    at: (ms) => {
      instant = new Date(ms);
    },
  };
  await own.matters.current();
  const steward = demoPerson('steward');
  for (const [channel, c] of Object.entries(clients))
    await makeClient(own, { ...c, channel: channel as keyof typeof clients, perMinute: 600 }, steward);
  const midnight = Math.floor((now.getTime() + 8 * HOUR) / DAY) * DAY - 8 * HOUR;
  const list = agenda();
  for (const r of reportsOf(seed, midnight)) list.add(r.at, () => report(past, r, list));
  for (let at = midnight - (DAYS - 1) * DAY; at < now.getTime(); at += 6 * HOUR)
    list.add(at, async () => {
      await sweep(past.ports);
    });
  for (let next = list.next(); next && next.at <= now.getTime() && !signal.aborted; next = list.next()) {
    past.at(next.at);
    try {
      await next.work();
    } catch (error) {
      // Played before up to somewhere: what was done then is not possible again.
      if (!(error instanceof Problem)) throw error;
    }
  }
}

/** A day of events with blocks of it moved to the days before: events near each other stay on one day. */
function reportsOf(seed: number, midnight: number): EventReport[] {
  const { reports } = eventDay(seed, { events: EVENTS, from: midnight });
  const day = (truth: number) => Math.floor(((truth - 1) * DAYS) / EVENTS);
  return reports.map(({ matter, ...r }) => ({
    ...r,
    at: r.at - (DAYS - 1 - day(r.truth)) * DAY,
    ...(VAGUE.has(r.truth) ? { text: '这里的情况一直没有人管，请派人到现场看看（演示）' } : matter ? { matter } : {}),
  }));
}

/** The same id for the same thing, in the form of a UUID. */
const idOf = (text: string): string => {
  const hex = createHash('sha256').update(`jingwei demo ${text}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Keeps a drawing as somebody's picture; answers its id. */
async function picture(past: Past, what: { matter: string | null; n: number; done: boolean }, by: Principal) {
  const id = idOf(`picture ${what.n} ${what.done}`);
  const thing = thingOf(what.matter);
  const kind = what.done ? 'done' : 'scene';
  await keepPicture(past.ports, id, kind, once(drawing(thing, what.n, what.done)), { principal: by });
  await keepThumb(past.ports, id, once(drawing(thing, what.n, what.done, 128, 96)), by);
  return id;
}

/** One report of the synthetic city by its channel; the first of an event puts its course on the agenda. */
async function report(past: Past, r: EventReport, list: Agenda): Promise<void> {
  const { byId } = past.ports.matters.held;
  const grid = demoPerson('collector');
  const from: Sender =
    r.channel === 'grid'
      ? { channel: 'grid', principal: grid }
      : r.channel === 'open311'
        ? { channel: 'open311', token: newToken() }
        : { channel: r.channel, client: clients[r.channel].id };
  const matter = r.matter && byId.has(r.matter) ? r.matter : undefined;
  const shown = r.channel === 'grid' && r.report % 2 === 0 && past.ports.recent.size < 60;
  const received = await receive(
    past.ports,
    {
      ...{ key: `demo-${r.key}`, text: r.text, at: new Date(r.at).toISOString() },
      ...(r.place ? { longitude: r.place[0], latitude: r.place[1] } : {}),
      ...(r.address ? { address: r.address } : {}),
      ...(matter ? { matter } : {}),
      // Invented numbers, for what the vault and the masks show.
      ...(r.channel === 'hotline' && r.report % 4 === 0 ? { phone: `1380000${String(1000 + r.report)}` } : {}),
      pictures: shown ? [await picture(past, { matter: matter ?? null, n: r.report, done: false }, grid)] : [],
    },
    from,
  );
  if (received.joined) return;
  const course: Course = {
    ...{ past, list, event: received.event, n: r.truth, began: r.at },
    picture: (m, by, round) => picture(past, { matter: m, n: 1000 * (1 + round) + r.truth, done: true }, by),
  };
  courses(course);
}
