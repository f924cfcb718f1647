/**
 * A hub at mixed work for a long time (耐久): does its memory grow, does it leak file handles, does anything go wrong that nobody explains?
 * The whole hub in a process of its own, on the embedded engines or a PostgreSQL, with the demonstration city whose sensors report at
 * ten times their pace. A working day of eight hours is compressed: people of every role open what they may, searches, reports of citizens and
 * their handling, files delivered and integrated, signing in and out, seals asked for, live pages opened and left, backups and a rehearsal.
 *
 *   node --import tsx bench/soak.ts [--minutes 40] [--db postgres://…] [--lake 512] [--only reads,files] [--out soak]
 *
 * The cache of the lake's engine grows with its data up to `lake.memoryMiB` (4 GiB), which is no leak: `--lake` bounds it so that the bound is reached
 * before measuring begins.
 *
 * `--only` leaves out all kinds of work but those that are named (pages, searches, reports, field, signing-in, seals, files, backups, none), to see which
 * one a growth comes from.
 *
 * Every ten seconds the process's memory, heap, handles and threads are noted. A figure is judged by the line through its minima of each minute
 * (garbage that is not yet collected is no leak) after a warming up of a quarter: flat is a slope of no more than twice its own standard error, or
 * of less than 5 % of the figure over all that time.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addressesOf, routesOf } from '../hub/src/access-crawl.ts';
import { Repository } from '../hub/src/platform/backup/index.ts';
import { KeyRing } from '../hub/src/platform/vault/index.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '40' },
    db: { type: 'string' },
    lake: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string', default: 'soak' },
  },
});
const minutes = Number(options.minutes);
const repository = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jingwei-soak-'));
const data = join(folder, 'data');
const PASSWORD = 'Warp-and-Weft-2026';
const json = { 'content-type': 'application/json' };

const made = Repository.init(join(folder, 'repository'), new Date());
KeyRing.open(join(data, 'keys')).keep('backup', made.dataKey);

const hub = spawn(process.execPath, ['--import', 'tsx', 'hub/src/main.ts', '--demo'], {
  cwd: repository,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    // As scripts/start.mjs starts a hub.
    ...{ UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2' },
    ...process.env,
    ...{ JINGWEI_DATA_FOLDER: data, JINGWEI_HTTP_PORT: '0', JINGWEI_DEMO_ROWS: '4000', JINGWEI_DEMO_PACE: '10' },
    ...{ JINGWEI_LOG_LEVEL: 'warn', JINGWEI_BACKUP_FOLDER: join(folder, 'repository') },
    ...{ JINGWEI_HTTP_LIMITS_REQUESTS_PER_MINUTE: '1000000', JINGWEI_SENSING_MQTT_PORT: '0' },
    ...(options.lake ? { JINGWEI_LAKE_MEMORY_MIB: options.lake } : {}),
    ...(options.db ? { JINGWEI_DB_URL: options.db } : {}),
  },
});
const passwords = new Map<string, string>();
/** What the hub's log says above a warning, by its message. */
const logged = new Map<string, number>();
const url = await new Promise<string>((resolve, reject) => {
  let at = '';
  hub.once('exit', (code) => reject(new Error(`the hub ended with ${code}`)));
  createInterface({ input: hub.stdout! }).on('line', (line) => {
    if (line.startsWith('{')) {
      const { level, msg, err } = JSON.parse(line) as { level: number; msg?: string; err?: { message?: string } };
      const text = `${level >= 50 ? 'error' : 'warn'} ${msg ?? ''} ${err?.message ?? ''}`.replace(
        /[0-9a-f-]{20,}|\d+/g,
        '#',
      );
      logged.set(text, (logged.get(text) ?? 0) + 1);
    }
    at ||= /(http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? '';
    const account = /^ {2}([a-z-]+) +([A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){3}) /.exec(line);
    if (account) passwords.set(account[1]!, account[2]!);
    if (at && passwords.has('archivist')) resolve(at);
  });
});

/** Answers by route and outcome; what is not explained stands here as well. */
const answers = new Map<string, number>();
const unexplained = new Map<string, number>();
const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
let asked = 0;

/** A request; a refusal with its code is explained, an error of the server or a broken connection is not. */
async function call(
  cookie: string,
  method: string,
  path: string,
  body?: object | Buffer,
): Promise<{ status: number; text: string }> {
  asked += 1;
  const end = new AbortController();
  const route = path.split('?')[0]!.replace(/[0-9a-f]{8}-[0-9a-f-]{27,}|\d+/g, '#');
  try {
    const answer = await fetch(url + path, {
      method,
      redirect: 'manual',
      signal: end.signal,
      headers: { cookie, ...(body === undefined || Buffer.isBuffer(body) ? {} : json) },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const streams = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (streams) setTimeout(() => end.abort(), 2000);
    let text = '';
    try {
      for await (const part of answer.body ?? [])
        if (text.length < 1_000_000) text += Buffer.from(part as Uint8Array).toString();
    } catch (error) {
      if (!end.signal.aborted) throw error;
    }
    const code = answer.status >= 400 ? (/"code":"([^"]+)"/.exec(text)?.[1] ?? 'no code') : 'ok';
    count(answers, `${answer.status} ${code}`);
    if (answer.status >= 500 || code === 'no code')
      count(unexplained, `${method} ${route}: ${answer.status} ${text.slice(0, 200)}`);
    return { status: answer.status, text };
  } catch (error) {
    count(
      unexplained,
      `${method} ${route}: ${(error as Error).message} ${String((error as { cause?: unknown }).cause ?? '')}`,
    );
    return { status: 0, text: '' };
  }
}

async function signIn(login: string): Promise<string> {
  const cookieOf = (r: Response) =>
    r.headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
  const session = (password: string) =>
    fetch(`${url}/api/v1/session`, { method: 'POST', headers: json, body: JSON.stringify({ login, password }) });
  let r = await session(PASSWORD);
  if (r.ok) return cookieOf(r);
  const current = passwords.get(login)!;
  r = await session(current);
  const changed = await fetch(`${url}/api/v1/me/password`, {
    method: 'POST',
    headers: { ...json, cookie: cookieOf(r) },
    body: JSON.stringify({ current, next: PASSWORD }),
  });
  if (!changed.ok) throw new Error(`${login}: ${changed.status}`);
  return cookieOf(await session(PASSWORD));
}

let on = true;
const only = options.only === undefined ? undefined : new Set(options.only.split(','));
const loops: Promise<void>[] = [];
/** Does something again and again, `every` milliseconds after it ended. */
function repeat(kind: string, every: number, work: (n: number) => Promise<unknown>): void {
  if (only && !only.has(kind)) return;
  loops.push(
    (async () => {
      for (let n = 0; on; n++) {
        await work(n).catch((error) => count(unexplained, `the bench: ${String(error).slice(0, 200)}`));
        await sleep(every * (0.5 + Math.random()));
      }
    })(),
  );
}

const logins = [...passwords.keys()];
const cookies = new Map<string, string>();
for (const login of logins) cookies.set(login, await signIn(login));
const as = (login: string): string => cookies.get(login)!;
const of = <T>(text: string): T => JSON.parse(text) as T;
const ids = async (login: string, path: string): Promise<string[]> =>
  [...(await call(as(login), 'GET', path)).text.matchAll(/"(?:id|entity|run)":"?([\w:.-]+)"?/g)]
    .map((m) => m[1]!)
    .slice(0, 5);

// The city must be there before its day is measured.
for (let calm = 0; calm < 3; await sleep(2000)) {
  const { jobs } = of<{ jobs: { state: string }[] }>(
    (await call(as('sysadmin'), 'GET', '/api/v1/jobs?limit=200')).text,
  );
  calm = jobs.some((j) => j.state === 'running' || j.state === 'queued') ? 0 : calm + 1;
}
console.log(`ready after ${Math.round(process.uptime())} s`);

// Everybody opens what there is, in turn.
const routes = (await routesOf(url)).filter(({ path }) => !/compact|\/metrics/.test(path));
const companies = await ids('analyst', '/api/v1/libraries/base/building/entities?limit=5');
const pool = { entity: companies, id: ['1', '2', '3'], run: await ids('steward', '/api/v1/exchange/runs'), row: ['1'] };
const addresses = routes.flatMap((route) => addressesOf(route, pool).slice(0, 3));
for (const login of logins)
  repeat('pages', 1500, async (n) => {
    await call(as(login), 'GET', addresses[(n * 7 + logins.indexOf(login) * 131) % addresses.length]!);
  });
const words = ['慈溪', '机械', '电器', '有限', '中心', '观海卫', '浒山', '周巷'];
repeat('searches', 300, (n) =>
  call(as('analyst'), 'POST', '/api/v1/credit/search', { q: words[n % words.length]!, size: 20 }),
);
repeat('searches', 700, (n) =>
  call(as('steward'), 'POST', '/api/v1/libraries/addresses/look-up', { text: `慈溪市浒山街道新城大道${n % 300}号` }),
);
const texts = ['路灯不亮了', '井盖破损有危险', '垃圾堆满没人清', '小贩占道经营', '树枝断了挡路', '工地夜里噪音大'];
repeat('reports', 3000, async (n) => {
  const place = { longitude: 121.2 + Math.random() * 0.1, latitude: 30.15 + Math.random() * 0.05 };
  await call('', 'POST', '/api/v1/public/events/reports', {
    key: randomUUID(),
    text: `${texts[n % texts.length]}，第${n}处`,
    ...place,
  });
});
// Whoever is responsible takes events up and finishes them.
repeat('field', 2000, async () => {
  const mine = await call(as('field'), 'GET', '/api/v1/events?limit=20');
  const all =
    mine.status === 200
      ? (of<{ events?: { id: number; state: string; version: number }[] }>(mine.text).events ?? [])
      : [];
  for (const { id, state, version } of all.slice(0, 2)) {
    const action = state === 'dispatched' ? 'accept' : 'finish';
    await call(as('field'), 'POST', `/api/v1/events/${id}/steps`, { action, version, comment: '已处理' });
  }
});
repeat('signing-in', 5000, async (n) => {
  const login = logins[n % logins.length]!;
  const cookie = await signIn(login);
  await call(cookie, 'GET', '/api/v1/session');
  await call(cookie, 'DELETE', '/api/v1/session');
});
repeat('seals', 4000, (n) =>
  call(as('officer'), 'POST', '/api/v1/seals', {
    name: `材料-${n}.pdf`,
    imprint: `01${Buffer.from(randomUUID() + randomUUID())
      .subarray(0, 32)
      .toString('hex')}`,
    size: 1000 + n,
  }),
);
// The market regulator delivers a list a minute, with changed names: collected, integrated, scored.
const sample = readFileSync(join(repository, 'sources/scjg/market-entity/sample.csv'), 'utf8').split('\n');
repeat('files', 60_000, async (n) => {
  const rows = sample.slice(1).map((line) => line.replace('慈溪市', `慈溪市${words[n % words.length]}`));
  const file = Buffer.from([sample[0], ...rows].join('\n'));
  await call(as('officer'), 'POST', `/api/v1/exchange/sources/scjg%2Fmarket-entity/files?name=soak-${n}.csv`, file);
});
repeat('backups', 300_000, async () => {
  await sleep(20_000);
  await call(as('sysadmin'), 'POST', '/api/v1/backups', {});
});

/** The process at one time; memory in MiB: all, of its own (not of files), what the engines of lake and store hold, heap and outside of it of the main thread. */
interface Sample {
  at: number;
  rss: number;
  own: number;
  lake: number;
  store: number;
  heap: number;
  external: number;
  handles: number;
  threads: number;
}
const samples: Sample[] = [];
/** The sum of a figure of /metrics over its parts, in MiB. */
const figure = (metrics: string, name: string): number =>
  [...metrics.matchAll(new RegExp(`^${name}(?:\\{\\S*)? (\\S+)`, 'gm'))].reduce((s, m) => s + Number(m[1]), 0) /
  1048576;
const started = performance.now();
const until = started + minutes * 60_000;
const sizeOf = (path: string): number => {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((e) => e.isFile())
      .reduce((sum, e) => sum + statSync(join(e.parentPath, e.name), { throwIfNoEntry: false })!.size, 0);
  } catch {
    return 0;
  }
};
const before = { data: sizeOf(data) };
let minute = 0;
while (performance.now() < until && hub.exitCode === null) {
  const status = readFileSync(`/proc/${hub.pid}/status`, 'utf8');
  const metrics = await (await fetch(`${url}/metrics`)).text().catch(() => '');
  samples.push({
    at: (performance.now() - started) / 60_000,
    rss: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024,
    own: Number(/RssAnon:\s+(\d+)/.exec(status)![1]) / 1024,
    lake: figure(metrics, 'jingwei_lake_memory_bytes'),
    store: figure(metrics, 'jingwei_store_memory_bytes'),
    external: figure(metrics, 'nodejs_external_memory_bytes'),
    heap: figure(metrics, 'nodejs_heap_size_used_bytes'),
    handles: readdirSync(`/proc/${hub.pid}/fd`).length,
    threads: Number(/Threads:\s+(\d+)/.exec(status)![1]),
  });
  const last = samples.at(-1)!;
  if (Math.floor(last.at) > minute) {
    minute = Math.floor(last.at);
    console.log(
      JSON.stringify({
        minute,
        ...last,
        asked,
        load: loadavg()[0],
        unexplained: [...unexplained.values()].reduce((a, b) => a + b, 0),
      }),
    );
  }
  await sleep(10_000);
}
on = false;
const died = hub.exitCode;
await Promise.race([Promise.all(loops), sleep(60_000)]);

/** The line through the minima of each minute, after a quarter of the time: slope an hour with its standard error. */
function judged(of: (s: Sample) => number) {
  const by = new Map<number, number>();
  for (const s of samples)
    if (s.at >= minutes / 4) by.set(Math.floor(s.at), Math.min(by.get(Math.floor(s.at)) ?? Infinity, of(s)));
  const points = [...by].map(([x, y]) => [x / 60, y] as const);
  const mean = (all: number[]) => all.reduce((a, b) => a + b, 0) / all.length;
  const [mx, my] = [mean(points.map((p) => p[0])), mean(points.map((p) => p[1]))];
  const sxx = points.reduce((s, [x]) => s + (x - mx) ** 2, 0);
  const slope = points.reduce((s, [x, y]) => s + (x - mx) * (y - my), 0) / sxx;
  const rest = points.reduce((s, [x, y]) => s + (y - my - slope * (x - mx)) ** 2, 0);
  const error = Math.sqrt(rest / Math.max(1, points.length - 2) / sxx);
  const span = ((points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0)) * slope;
  const round = (n: number) => Math.round(n * 10) / 10;
  return {
    ...{ first: round(points[0]![1]), last: round(points.at(-1)![1]), mean: round(my) },
    ...{ slopeAnHour: round(slope), standardError: round(error) },
    flat: Math.abs(slope) <= 2 * error || Math.abs(span) < 0.05 * my,
  };
}
const sorted = (map: Map<string, number>) => Object.fromEntries([...map].sort((a, b) => b[1] - a[1]));
const result = {
  ...{
    bench: 'soak',
    minutes,
    store: options.db ? 'postgres' : 'pglite',
    lake: Number(options.lake ?? 4096),
    asked,
    died,
  },
  memoryMiB: judged((s) => s.rss),
  lakeMiB: judged((s) => s.lake),
  storeMiB: judged((s) => s.store),
  restMiB: judged((s) => s.own - s.lake - s.store),
  externalMiB: judged((s) => s.external),
  heapMiB: judged((s) => s.heap),
  handles: judged((s) => s.handles),
  threads: judged((s) => s.threads),
  dataMiB: { before: Math.round(before.data / 1048576), after: Math.round(sizeOf(data) / 1048576) },
  ...{ answers: sorted(answers), unexplained: sorted(unexplained), logged: sorted(logged) },
  ...{ cores: cpus().length, node: process.version, load: loadavg()[0], at: new Date().toISOString() },
};
console.log(JSON.stringify(result, null, 2));
writeFileSync(join(repository, `bench/results/${options.out}.json`), `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(join(tmpdir(), 'jingwei-soak-samples.json'), JSON.stringify(samples));
hub.removeAllListeners('exit');
const ended = new Promise((resolve) => hub.once('exit', resolve));
if (hub.exitCode === null) {
  hub.kill('SIGTERM');
  await Promise.race([ended, sleep(60_000).then(() => hub.kill('SIGKILL'))]);
}
rmSync(folder, { recursive: true, force: true });
process.exit(0);
