/**
 * A million events and 20 users at once: lists, filters, statistics and single events over HTTP, p50 and p95 of each kind. The events are made by
 * SQL in the room's own tables with its triggers at work; the counters are held against counts of the rows before anything is measured.
 *
 *   node --import tsx bench/events-million.ts [--events 1000000] [--engine postgres|pglite] [--users 20] [--seconds 60] [--think 250]
 *     [--rest 0] [--folder <scratch>] [--out bench/results/events-million.json]
 *
 * `--think`: mean milliseconds that a user looks at an answer before asking again; 0 asks again at once. `--rest`: seconds to wait at most for
 * the machine's load to fall below 2 before users come; what it is then is told.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { readMatters } from '../hub/src/events/matters.ts';
import { eventSets } from '../hub/src/events/testing.ts';
import { type Db, migrate, openDb } from '../hub/src/platform/db/index.ts';
import { findBinaries, startPostgres } from '../hub/src/platform/db/testing-postgres.ts';
import { type BenchHub, benchHub, percentile, signIn } from './events-clients.ts';

const { values: o } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    engine: { type: 'string', default: findBinaries() ? 'postgres' : 'pglite' },
    users: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '60' },
    think: { type: 'string', default: '250' },
    rest: { type: 'string', default: '0' },
    folder: { type: 'string', default: tmpdir() },
    out: { type: 'string' },
  },
});
const EVENTS = Number(o.events);
const BATCH = 20_000;
/** Days that the events lie in, the last being today. */
const DAYS = 730;

const known = new Set(
  (
    parse(readFileSync('cities/cixi/organisations.yaml', 'utf8')) as { organisations: { id: string }[] }
  ).organisations.map((x) => x.id),
);
const { matters } = readMatters('matters', known);
const towns = readFileSync('cities/cixi/divisions.csv', 'utf8')
  .trim()
  .split(/\r?\n/)
  .map((l) => l.split(','))
  .filter((r) => r[0]!.length === 9);

/**
 * Events of so many numbers: by number alone, so that every run has the same. Of the last five days most are open, of those before one in
 * fifty; one in nine is late, one in a hundred supervised.
 */
const INSERT = `
WITH n AS (
  SELECT i, ((i * 7919::bigint) % 1000003) / 1000003.0 AS a, ((i * 104729::bigint) % 1000033) / 1000033.0 AS b, ((i * 15485863::bigint) % 1000037) / 1000037.0 AS c
  FROM generate_series($1::bigint, $2::bigint) i
), e AS (
  SELECT i, a, b, c, 1 + floor(a * a * array_length($3::text[], 1))::int AS m, 1 + floor(b * array_length($6::text[], 1))::int AS t,
    $8::timestamptz - (1 - i::float8 / $9) * interval '${DAYS} days' AS at
  FROM n
), s AS (
  SELECT *, CASE WHEN at > $8::timestamptz - interval '5 days' OR c < 0.02
    THEN (ARRAY['registered', 'filed', 'dispatched', 'handling', 'handling', 'paused', 'handled', 'dispatched', 'closed', 'closed'])[1 + floor(b * 10)::int]
    WHEN c < 0.03 THEN 'void' ELSE 'closed' END AS state
  FROM e
), x AS (
  SELECT *, CASE state WHEN 'registered' THEN 0 WHEN 'void' THEN 0 WHEN 'filed' THEN 1 WHEN 'dispatched' THEN 2 WHEN 'handling' THEN 3
    WHEN 'paused' THEN 3 WHEN 'handled' THEN 4 ELSE 5 END AS far FROM s
)
INSERT INTO events.event (number, matter, "group", matter_by, urgency, text, address, lon, lat, place_by, town, channel, state, organisation,
  supervised, reports, returned, due, late_at, occurred_at, reported_at, filed_at, dispatched_at, accepted_at, handled_at, closed_at, rating, catalogue, day)
SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || '-' || (100000 + i)::text, ($3::text[])[m], ($4::text[])[m], 'words',
  CASE WHEN m % 7 = 0 THEN 'urgent' ELSE 'normal' END, ($7::text[])[t] || ($10::text[])[m] || '，第' || (i % 900) || '号附近，请尽快处理', ($7::text[])[t] || '路' || (i % 900) || '号',
  121.0 + 0.5 * a, 30.05 + 0.25 * b, 'given', ($6::text[])[t], (ARRAY['hotline', 'open311', 'grid', 'video', 'department'])[1 + (i % 5)::int], state,
  CASE WHEN far >= 2 THEN ($5::text[])[m] END, CASE WHEN far < 5 AND i % 37 = 0 THEN 1 ELSE 0 END, 1, CASE WHEN i % 41 = 0 THEN 1 ELSE 0 END,
  CASE WHEN far BETWEEN 2 AND 3 AND state <> 'paused' THEN at + interval '30 hours' END, CASE WHEN far >= 2 AND i % 9 = 0 THEN at + interval '30 hours' END,
  at, at, CASE WHEN far >= 1 THEN at + interval '6 minutes' END, CASE WHEN far >= 2 THEN at + interval '9 minutes' END,
  CASE WHEN far >= 3 THEN at + interval '40 minutes' END, CASE WHEN far >= 4 THEN at + interval '20 hours' END,
  CASE WHEN far = 5 OR state = 'void' THEN at + interval '26 hours' END, CASE WHEN far = 5 AND i % 3 = 0 THEN 1 + (i % 5) END, 1, (at AT TIME ZONE 'Asia/Shanghai')::date
FROM x ORDER BY i`;

async function fill(db: Db, now: Date): Promise<void> {
  const lists = [
    matters.map((m) => m.id),
    matters.map((m) => m.group),
    matters.map((m) => m.responsible),
    towns.map((t) => t[0]!),
    towns.map((t) => t[1]!),
  ];
  const titles = matters.map((m) => m.title.zh);
  for (let from = 1; from <= EVENTS; from += BATCH) {
    const to = Math.min(EVENTS, from + BATCH - 1);
    await db.query(INSERT, [from, to, ...lists, now, EVENTS, titles]);
    await db.query(
      `WITH r AS (INSERT INTO events.report (event, channel, key, matter, text, address, lon, lat, place_by, occurred_at, received_at)
         SELECT id, channel, 'bench-' || id, matter, text, address, lon, lat, place_by, occurred_at, reported_at FROM events.event WHERE id BETWEEN $1 AND $2 RETURNING id, event, received_at)
       INSERT INTO events.step (event, action, from_state, to_state, stage, actor, at)
         SELECT event, 'report', 'registered', 'registered', 1, 'system', received_at FROM r`,
      [from, to],
    );
    if (from % (10 * BATCH) === 1) process.stderr.write(`${to} events\n`);
  }
  await db.query('ANALYZE');
}

/** Counters against counts of the rows, group by group and cell by cell; answers how many groups there are. @throws where one differs. */
async function verify(db: Db): Promise<number> {
  const cells = `SELECT state, coalesce(matter, '') AS matter, coalesce("group", '') AS "group", coalesce(town, '') AS town,
      coalesce(organisation, '') AS organisation, joint, channel, urgency, late_at IS NOT NULL AS late, supervised > 0 AS supervised,
      asked IS NOT NULL AS asked, count(*)::int AS n FROM events.event GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`;
  const keptCells =
    'SELECT state, matter, "group", town, organisation, joint, channel, urgency, late, supervised, asked, n FROM events.cell WHERE n > 0';
  const months = `SELECT kind, key, date_trunc('month', day)::date, sum(total), sum(closed), sum(late_open), sum(stars) FROM events.tally GROUP BY 1, 2, 3`;
  const keptMonths =
    'SELECT kind, key, month, total::bigint, closed::bigint, late_open::bigint, stars::bigint FROM events.tally_month';
  const words = `SELECT id, cell, text FROM events.event WHERE state NOT IN ('closed', 'void', 'merged')`;
  const keptWords = 'SELECT id, cell, text FROM events.said';
  for (const [what, a, b] of [
    ['cells', cells, keptCells],
    ['months', months, keptMonths],
    ['words', words, keptWords],
  ] as const) {
    const [d] = await db.query<{ n: number }>(
      `SELECT count(*) AS n FROM ((${a} EXCEPT ${b}) UNION ALL (${b} EXCEPT ${a})) d`,
    );
    if (d!.n !== 0) throw new Error(`${d!.n} ${what} differ from counts`);
  }
  const counted = `SELECT k.kind, k.key, e.day, count(*) AS total, count(*) FILTER (WHERE state = 'closed') AS closed,
      count(*) FILTER (WHERE state NOT IN ('closed', 'void')) AS open, count(*) FILTER (WHERE late_at IS NOT NULL AND state NOT IN ('closed', 'void')) AS late_open,
      count(*) FILTER (WHERE late_at IS NOT NULL AND state = 'closed') AS closed_late, sum(returned) AS returned, sum(reports) AS reports, count(rating) AS rated,
      sum(coalesce(rating, 0)) AS stars, count(handled_at) AS was_handled
    FROM events.event e CROSS JOIN LATERAL (VALUES ('all', ''), ('town', coalesce(e.town, '')), ('organisation', coalesce(e.organisation, '')),
      ('matter', coalesce(e.matter, '')), ('channel', e.channel)) k(kind, key) WHERE state <> 'merged' GROUP BY 1, 2, 3`;
  const kept = `SELECT kind, key, day, total::bigint, closed::bigint, (registered + filed + dispatched + handling + paused + handled)::bigint, late_open::bigint,
      closed_late::bigint, returned::bigint, reports::bigint, rated::bigint, stars::bigint, was_handled::bigint FROM events.tally WHERE total > 0`;
  const [differ] = await db.query<{ n: number }>(
    `SELECT count(*) AS n FROM ((${counted} EXCEPT ${kept}) UNION ALL (${kept} EXCEPT ${counted})) d`,
  );
  if (differ!.n !== 0) throw new Error(`${differ!.n} groups of counters differ from counts`);
  return (await db.query<{ n: number }>('SELECT count(*) AS n FROM events.tally'))[0]!.n;
}

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
/** What users ask for, by kind; paths under the events' address. */
const asks: Record<string, () => string> = {
  newest: () => '?limit=50',
  'page far down': () => `?limit=50&after=${1 + Math.floor(Math.random() * EVENTS)}`,
  'open, late': () => '?open=true&late=true',
  'by state': () =>
    `?state=${any(['registered', 'filed', 'dispatched', 'handling', 'paused', 'handled', 'closed', 'void'])}`,
  'by town and matter': () => `?town=${any(towns)[0]}&matter=${any(matters).id}`,
  'by organisation, state': () =>
    `?organisation=${any(matters).responsible}&state=${any(['dispatched', 'handling', 'closed'])}`,
  'by channel and group': () => `?channel=${any(['video', 'open311', 'grid'])}&group=${any(matters).group}`,
  'supervised in a town': () => `?supervised=true&town=${any(towns)[0]}`,
  'three filters, rare': () => `?town=${any(towns)[0]}&group=${any(matters).group}&state=paused&channel=grid`,
  'a month of the past': () => {
    const ago = 40 + Math.floor(Math.random() * (DAYS - 80));
    return `?from=${day(ago + 30)}&until=${day(ago)}&matter=${any(matters).id}`;
  },
  'words of open ones': () => `?q=${encodeURIComponent(any(['积水', '第71号', '路灯', '街道', '没有这样的话']))}`,
  'statistics, 30 days': () => '/statistics',
  'statistics, a year': () => `/statistics?from=${day(365)}&until=${day(0)}`,
  'one event': () => `/${1 + Math.floor(Math.random() * EVENTS)}`,
};

/** Milliseconds of processor time that a process has taken; 0 where the system does not tell. */
function cpuOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const fields = readFileSync(file, 'utf8').split(') ')[1]!.split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** The process of which all processes of a PostgreSQL server are children; undefined where the system does not tell. */
async function serverOf(url: string): Promise<number | undefined> {
  const db = await openDb({ kind: 'postgres', url, connections: 1 });
  const [{ pid }] = (await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  await db.close();
  const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Milliseconds of processor time that a server and its processes have taken, those that are gone among them. */
function cpuOfServer(parent: number): number {
  let ms = 0;
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n)))
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
      const own = 10 * (Number(fields[11]) + Number(fields[12]));
      if (Number(name) === parent) ms += own + 10 * (Number(fields[13]) + Number(fields[14]));
      else if (Number(fields[1]) === parent) ms += own;
    } catch {
      // It has ended meanwhile.
    }
  return ms;
}

/** Waits until the lake shows every event and step. @throws after a quarter of an hour */
async function settled(hub: BenchHub): Promise<void> {
  const cookie = await signIn(hub, 'sysadmin');
  for (const until = performance.now() + 900_000; performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const answer = await fetch(`${hub.url}/api/v1/mirrors`, { headers: { cookie } });
    if (!answer.ok) throw new Error(`mirrors: ${answer.status}`);
    const { mirrors } = (await answer.json()) as {
      mirrors: { name: string; whole: boolean; waiting: number; rows: number }[];
    };
    const own = mirrors.filter((m) => m.name === 'event' || m.name === 'event_step');
    if (own.length === 2 && own.every((m) => m.whole && m.waiting === 0 && m.rows >= EVENTS)) return;
  }
  throw new Error('the lake did not show all events in time');
}

async function user(
  hub: BenchHub,
  cookie: string,
  until: number,
  n: number,
  took: Map<string, number[]>,
): Promise<void> {
  const kinds = Object.keys(asks);
  for (let i = n; performance.now() < until; i++) {
    const kind = kinds[i % kinds.length]!;
    const start = performance.now();
    const answer = await fetch(`${hub.url}/api/v1/events${asks[kind]!()}`, { headers: { cookie } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${kind}: ${answer.status}`);
    took.get(kind)!.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, -Math.log(1 - Math.random()) * Number(o.think)));
  }
}

mkdirSync(o.folder!, { recursive: true });
const folder = mkdtempSync(join(o.folder!, 'jingwei-events-'));
const data = join(folder, 'data');
mkdirSync(data);
let hub: BenchHub | undefined;
try {
  const server = o.engine === 'postgres' ? await startPostgres() : undefined;
  let db = await openDb(
    server ? { kind: 'postgres', url: server, connections: 2 } : { kind: 'pglite', folder: join(data, 'pg') },
  );
  let start = performance.now();
  await migrate(db, eventSets);
  await fill(db, new Date());
  const fillSeconds = Math.round((performance.now() - start) / 1000);
  start = performance.now();
  const groups = await verify(db);
  const [{ mib }] = (await db.query<{ mib: number }>(
    'SELECT (pg_database_size(current_database()) / 1048576)::int AS mib',
  )) as [{ mib: number }];
  console.log(
    `${EVENTS} events in ${fillSeconds} s, ${groups} groups of counters agree with counts (${Math.round(performance.now() - start)} ms), ${mib} MiB`,
  );
  await db.close();
  start = performance.now();
  hub = await benchHub(data, server);
  console.log(`the hub listens after ${Math.round(performance.now() - start)} ms`);
  // Twenty sessions' worth of requests by two people: signing in is limited, and not what is measured.
  const cookies = [await signIn(hub, 'steward'), await signIn(hub, 'leader')];
  // The mirror fills the lake behind the start, and tables are vacuumed; users come when that is done.
  start = performance.now();
  await settled(hub);
  const settledSeconds = Math.round((performance.now() - start) / 1000);
  console.log(`the lake shows them after ${settledSeconds} s`);
  for (let waited = 0; waited < Number(o.rest) && loadavg()[0]! >= 2; waited += 5)
    await new Promise((resolve) => setTimeout(resolve, 5000));
  const loadBefore = loadavg()[0];
  const took = new Map(Object.keys(asks).map((k) => [k, [] as number[]]));
  const serverPid = server ? await serverOf(server) : undefined;
  const before = cpuOf(hub.child.pid!);
  const serverBefore = serverPid ? cpuOfServer(serverPid) : 0;
  const until = performance.now() + Number(o.seconds) * 1000;
  await Promise.all(Array.from({ length: Number(o.users) }, (_, n) => user(hub!, cookies[n % 2]!, until, n, took)));
  const hubCpu = cpuOf(hub.child.pid!) - before;
  const serverCpu = serverPid ? cpuOfServer(serverPid) - serverBefore : 0;
  const status = existsSync(`/proc/${hub.child.pid}/status`)
    ? readFileSync(`/proc/${hub.child.pid}/status`, 'utf8')
    : '';
  const kinds = Object.fromEntries(
    [...took].map(([k, v]) => [k, { asked: v.length, p50: percentile(v, 0.5), p95: percentile(v, 0.95) }]),
  );
  console.table(kinds);
  hub.child.stdin!.end();
  await new Promise((resolve) => hub!.child.on('exit', resolve));
  hub = undefined;
  db = await openDb(
    server ? { kind: 'postgres', url: server, connections: 2 } : { kind: 'pglite', folder: join(data, 'pg') },
  );
  await verify(db);
  await db.close();
  const all = [...took.values()].flat();
  const result = {
    ...{
      bench: 'events-million',
      at: new Date().toISOString(),
      machine: `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`,
      loadBefore,
      load: loadavg()[0],
    },
    ...{
      engine: o.engine,
      events: EVENTS,
      users: Number(o.users),
      seconds: Number(o.seconds),
      think: Number(o.think),
      fillSeconds,
      groups,
      mib,
      settledSeconds,
    },
    ...{
      perSecond: Math.round(all.length / Number(o.seconds)),
      p50: percentile(all, 0.5),
      p95: percentile(all, 0.95),
      hubCpuMsPerRequest: Math.round((10 * hubCpu) / all.length) / 10,
      ...(serverPid ? { serverCpuMsPerRequest: Math.round((10 * serverCpu) / all.length) / 10 } : {}),
      peakMiB: Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024),
    },
    kinds,
  };
  console.log(
    JSON.stringify({
      perSecond: result.perSecond,
      hubCpuMsPerRequest: result.hubCpuMsPerRequest,
      serverCpuMsPerRequest: result.serverCpuMsPerRequest,
      p50: result.p50,
      p95: result.p95,
      load: result.load,
    }),
  );
  if (o.out) {
    const kept = existsSync(o.out) ? (JSON.parse(readFileSync(o.out, 'utf8')) as (typeof result)[]) : [];
    // One result of each engine and size stands.
    const others = kept.filter((r) => r.engine !== result.engine || r.events !== result.events);
    writeFileSync(o.out, `${JSON.stringify([...others, result], null, 2)}\n`);
  }
} finally {
  hub?.child.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
