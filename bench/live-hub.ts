/**
 * A hub of sensing and alerts for benches, in a process of its own: the composition, stores, rooms and doors that every hub has, with so many
 * series and rules that look at all of them. `node --import tsx bench/live-hub.ts <folder> <series>` says on its output where it listens, then
 * its figures every second; on SIGTERM it stops and says what the lake holds.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { alertsRoom } from '../hub/src/alerts/index.ts';
import { createApp } from '../hub/src/app.ts';
import { configSchema } from '../hub/src/platform/config/index.ts';
import { createLogger } from '../hub/src/platform/log/index.ts';
import { demoField, sensingOf, sensingRoom } from '../hub/src/sensing/index.ts';

/** Where a bench's hub is. */
export interface Where {
  url: string;
  mqtt: number;
  /** Key of the gateway `bench`. */
  key: string;
  /** Cookie of somebody who may read alerts. */
  cookie: string;
}

/** Its figures of a second, and at its end what the lake holds. */
export interface Figures {
  rss: number;
  cpu: number;
  kept: number;
  waiting: number;
  untold: number;
  evaluated: number;
  open: number;
  rows?: number;
  hours?: number;
  historyMs?: number;
}

/** Series that the value rule fires for when they pass 500: the others are never above it. */
export const entityOf = (n: number): string => `urn:ngsi-ld:AirQualityObserved:bench-${n}`;

const both = (text: string) => ({ zh: text, en: text });
/** Four rules over every series: value with hysteresis and durations, mean of an hour, rise of an hour, silence. */
const rule = (name: string, over: object) => ({
  ...{ rule: name, title: both(name), text: both(name), category: 'Env' },
  series: { type: 'AirQualityObserved', property: 'pm25' },
  ...over,
});
const rules = [
  rule('value', { levels: { blue: 500, red: 900 }, hysteresis: 10, keep: '1m', silent: '40m', storm: 1000 }),
  rule('mean', { measure: 'mean', window: '1h', levels: { yellow: 600 }, hysteresis: 10, storm: 20 }),
  rule('rise', { measure: 'rise', window: '1h', levels: { yellow: 1500 }, storm: 20 }),
  rule('silence', { measure: 'silence', levels: { blue: '30m', red: '2h' }, storm: 20 }),
];

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2]!, Number(process.argv[3]));

async function serve(folder: string, count: number): Promise<void> {
  const repository = fileURLToPath(new URL('..', import.meta.url));
  const root = join(folder, 'root');
  if (!existsSync(root)) {
    mkdirSync(join(root, 'rules'), { recursive: true });
    for (const name of ['cities', 'standards', 'web']) symlinkSync(join(repository, name), join(root, name));
    for (const r of rules) writeFileSync(join(root, 'rules', `${r.rule}.yaml`), stringify(r));
  }
  const config = configSchema.parse({
    ...{ dataFolder: join(folder, 'data'), http: { port: 0 }, sensing: { mqttPort: 0, journalMiB: 512 } },
    ...{ demo: { enabled: true }, lake: { memoryMiB: 2048 } },
  });
  const logger = createLogger({ level: 'error' });
  const app = await createApp(config, { logger, rooms: [sensingRoom(), alertsRoom()], repository: root });
  const field = demoField(app.deps);
  const sensing = sensingOf(app.lake)!;
  if (sensing.book.size < count)
    await field.register(
      Array.from({ length: count }, (_, i) => ({
        ...{ id: entityOf(i + 1), type: 'AirQualityObserved', label: both(`bench-${i + 1}`), owner: 'sthj' },
        place: { lon: 121 + (i % 200) / 1000, lat: 30 + Math.floor(i / 200) / 1000 },
        properties: [{ name: 'pm25', interval: 60, gap: 0, most: 2000 }],
      })),
    );
  const scope = ['urn:ngsi-ld:AirQualityObserved:'];
  const key = await field.key({ id: 'bench', title: '压测', owner: 'sthj', scope, perSecond: 1_000_000 });
  const cookie = await enter(app.url, app.firstAccounts).catch(() => '');
  // What the registry said a moment ago reaches the rules a moment later.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { broker, intake, fold } = sensing as unknown as {
    broker: { view(): { port: number } };
    intake: { sequence: number; untold: number };
    fold: { waiting: number };
  };
  const say = (o: object) => process.stdout.write(`${JSON.stringify(o)}\n`);
  const board = async () => {
    const answer = await fetch(`${app.url}/api/v1/alerts/board`, { headers: { cookie } });
    return (await answer.json()) as { evaluated?: number; counts?: { open: number } };
  };
  say({ url: app.url, mqtt: broker.view().port, key, cookie } satisfies Where);
  let evaluated = 0;
  let open = 0;
  let n = 0;
  const timer = setInterval(async () => {
    if (n++ % 5 === 0 && cookie) {
      const told = await board().catch(() => ({}) as Awaited<ReturnType<typeof board>>);
      evaluated = told.evaluated ?? evaluated;
      open = told.counts?.open ?? open;
    }
    const { user, system } = process.cpuUsage();
    const rss = Math.round(process.memoryUsage().rss / 1048576);
    const figures: Figures = {
      ...{ rss, cpu: (user + system) / 1e6, kept: intake.sequence, waiting: fold.waiting, untold: intake.untold },
      ...{ evaluated, open },
    };
    say(figures);
  }, 1000);
  process.once('SIGTERM', async () => {
    clearInterval(timer);
    const told = cookie ? await board() : {};
    // Only what is asked of the lake is waited for here; stopping writes the rest.
    const from = performance.now();
    await sensing.history(77, Date.now() - 86_400_000, Date.now() + 86_400_000, 1000);
    const historyMs = performance.now() - from;
    const rows = await app.lake.first<{ n: number; hours: number }>(
      `SELECT (SELECT count(*) FROM v.reading_v1)::DOUBLE AS n, (SELECT sum(n) FROM v.reading_hour_v1)::DOUBLE AS hours`,
    );
    say({ rows: rows!.n, hours: rows!.hours, historyMs, evaluated: told.evaluated ?? 0, open: told.counts?.open ?? 0 });
    await app.close();
    process.exit(0);
  });
}

/** Signs in somebody of the demonstration: with the one-time password of the first start, then with one's own. */
export async function enter(
  url: string,
  accounts: readonly { login: string; oneTimePassword: string }[],
  login = 'duty',
): Promise<string> {
  const own = 'Bench-of-the-Live-City-1';
  const session = async (password: string) => {
    const answer = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password }),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  };
  const first = accounts.find((a) => a.login === login)?.oneTimePassword;
  if (first) {
    const cookie = await session(first);
    const changed = await fetch(`${url}/api/v1/me/password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ current: first, next: own }),
    });
    if (!changed.ok) throw new Error(`${changed.status} ${await changed.text()}`);
  }
  return session(own);
}

/** A hub that a bench started. */
export interface Hub {
  where: Where;
  /** Figures as they came, a second apart. */
  figures: Figures[];
  /** Resolves when the process is gone. */
  gone: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a hub in a folder; resolves when it listens. */
export async function startHub(folder: string, series: number): Promise<Hub> {
  const script = fileURLToPath(import.meta.url);
  const args = ['--import', 'tsx', script, folder, String(series)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const figures: Figures[] = [];
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const where = await new Promise<Where>((resolve, reject) => {
    void gone.then(() => reject(new Error('the hub ended before it listened')));
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as Where | Figures;
      if ('url' in line) resolve(line);
      else figures.push(line);
    });
  });
  return { where, figures, gone, kill: (signal) => void child.kill(signal) };
}
