/**
 * Cockpits in a whole hub: 158 scenarios with 1,500 indicators are declared as folders, 20 are open over server-sent events, readings of 20,000
 * series come by HTTP at a rate and touch 100 indicators (60 folds in memory, 20 statements, 20 clocks). Told: processor of the hub (taking in,
 * rules, figures, sending), what was acknowledged, and from a reading's sending to its figure at the viewer.
 *
 *   node --import tsx bench/cockpits-hub.ts [seconds=60] [readings a second=1000] [--out name]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alertsRoom } from '../hub/src/alerts/index.ts';
import { createApp } from '../hub/src/app.ts';
import { cockpitsRoom } from '../hub/src/cockpits/index.ts';
import { configSchema } from '../hub/src/platform/config/index.ts';
import { createLogger } from '../hub/src/platform/log/index.ts';
import { demoField, sensingRoom } from '../hub/src/sensing/index.ts';
import { enter } from './live-hub.ts';

const [SCENARIOS, INDICATORS, OPEN, SERIES, TOPICS, HOT] = [158, 1500, 20, 20_000, 40, 10];
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, serve: { type: 'string' } },
});
const typeOf = (n: number): string => `BenchTopic${n}`;
const both = (text: string) => ({ zh: text, en: text });
const entityOf = (n: number): string => `urn:ngsi-ld:${typeOf(n % TOPICS)}:${n}`;
const clockOf = (s: number): string => `urn:ngsi-ld:BenchClock:${s}-`;

if (options.serve) await serve(options.serve);
else await measure(Number(positionals[0] ?? 60), Number(positionals[1] ?? 1000));

/** Scenarios as a city's people would write them; JSON is YAML. */
function declare(root: string): void {
  let made = 0;
  for (let s = 0; s < SCENARIOS; s++) {
    const folder = join(root, 'scenarios', `s${s}`);
    mkdirSync(folder, { recursive: true });
    const mine = Math.round((INDICATORS * (s + 1)) / SCENARIOS) - made;
    const indicators = Array.from({ length: mine }, (_, i) => {
      const n = made + i;
      const own = { id: `i${i}`, kind: 'value', title: both(`${n}`), digits: 1 };
      if (i === 0 && s < OPEN)
        return { ...own, live: { topic: 'BenchClock.value', fold: 'max', entity: `BenchClock:${s}-` } };
      const rank = s * 10 + i;
      if (s < OPEN && i <= 3) return { ...own, live: { topic: `${typeOf(rank % HOT)}.value`, fold: 'mean' } };
      if (s < OPEN && i === 4)
        return {
          ...own,
          series: [`${typeOf(rank % HOT)}.value`],
          sql: `SELECT avg(r.value) AS value FROM v.latest_v1 r JOIN v.series_v1 s ON s.series = r.series WHERE s.type = '${typeOf(rank % HOT)}'`,
        };
      if (n % 3 === 0) return { ...own, live: { topic: `${typeOf(HOT + (n % (TOPICS - HOT)))}.value`, fold: 'mean' } };
      return { ...own, sql: `SELECT count(*) AS value FROM v.series_v1 WHERE type = '${typeOf(n % TOPICS)}'` };
    });
    made += mine;
    const head = { show: 'figures', of: indicators.map((i) => i.id) };
    const grid = { columns: [1], rows: [1], areas: ['head'] };
    const files = {
      scenario: { id: `s${s}`, title: both(`${s}`), question: both(`${s}?`), owner: 'sthj', audience: both('-') },
      indicators: { indicators },
      cockpit: { panels: { head }, screen: grid, wide: grid, desk: [{ panel: 'head', width: 12 }], phone: ['head'] },
    };
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(content, null, 1));
  }
}

async function serve(folder: string): Promise<void> {
  const repository = fileURLToPath(new URL('..', import.meta.url));
  const root = join(folder, 'root');
  mkdirSync(join(root, 'rules'), { recursive: true });
  for (const name of ['cities', 'standards', 'web']) symlinkSync(join(repository, name), join(root, name));
  const rule = { rule: 'value', title: both('value'), text: both('value'), category: 'Env' };
  const rules = Array.from({ length: HOT }, (_, n) => ({
    ...{ ...rule, rule: `value-${n}`, series: { type: typeOf(n), property: 'value' } },
    ...{ levels: { blue: 1e6 }, storm: 1000 },
  }));
  for (const r of rules) writeFileSync(join(root, 'rules', `${r.rule}.yaml`), JSON.stringify(r));
  declare(root);
  const config = configSchema.parse({
    ...{ dataFolder: join(folder, 'data'), http: { port: 0 }, sensing: { mqttPort: 0, journalMiB: 512 } },
    ...{ demo: { enabled: true }, lake: { memoryMiB: 2048 } },
  });
  const rooms = [sensingRoom(), alertsRoom(), cockpitsRoom()];
  const app = await createApp(config, { logger: createLogger({ level: 'error' }), rooms, repository: root });
  const field = demoField(app.deps);
  const entity = (id: string, n: number) => ({
    ...{ id, type: id.split(':')[2]!, label: both(id), owner: 'sthj' },
    place: { lon: 121 + (n % 200) / 1000, lat: 30 + Math.floor(n / 200) / 1000 },
    properties: [{ name: 'value', unit: '1', interval: 60, gap: 0, most: 1e15 }],
  });
  await field.register([
    ...Array.from({ length: OPEN }, (_, s) => entity(clockOf(s), s)),
    ...Array.from({ length: SERIES }, (_, n) => entity(entityOf(n), n)),
  ]);
  const scope = ['urn:ngsi-ld:'];
  const key = await field.key({ id: 'bench', title: '压测', owner: 'sthj', scope, perSecond: 1_000_000 });
  const cookie = await enter(app.url, app.firstAccounts);
  const gallery = (await (await fetch(`${app.url}/api/v1/cockpits`, { headers: { cookie } })).json()) as {
    items: unknown[];
  };
  process.stdout.write(`${JSON.stringify({ url: app.url, key, cookie, scenarios: gallery.items.length })}\n`);
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const rss = Math.round(process.memoryUsage().rss / 1048576);
    process.stdout.write(`${JSON.stringify({ cpu: (user + system) / 1e6, rss })}\n`);
  }, 1000);
  process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
}

interface Said {
  url?: string;
  key?: string;
  cookie?: string;
  scenarios?: number;
  cpu?: number;
  rss?: number;
}

async function measure(seconds: number, rate: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-cockpits-'));
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), '--serve', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const figures: Said[] = [];
  const where = await new Promise<Required<Said>>((resolve, reject) => {
    void gone.then(() => reject(new Error('the hub ended before it listened')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Said;
      if (said.url) resolve(said as Required<Said>);
      else figures.push(said);
    });
  });
  if (where.scenarios !== SCENARIOS) throw new Error(`${where.scenarios} of ${SCENARIOS} scenarios hold`);
  const over = new AbortController();
  const delays: number[] = [];
  const told = { events: 0, figures: 0, bytes: 0, touched: new Set<string>() };
  let counting = false;
  const watch = async (s: number) => {
    const answer = await fetch(`${where.url}/api/v1/cockpits/s${s}/stream`, {
      headers: { cookie: where.cookie, accept: 'text/event-stream' },
      signal: over.signal,
    });
    if (!answer.ok) throw new Error(`stream: ${answer.status}`);
    let rest = '';
    let newest = 0;
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>) {
      rest += chunk;
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(rest.slice(0, end))?.[1];
        rest = rest.slice(end + 2);
        if (!data || !counting) continue;
        told.events++;
        told.bytes += data.length;
        for (const f of JSON.parse(data) as { key: string; value: number | null }[]) {
          told.figures++;
          told.touched.add(f.key);
          // A topic is touched by every batch; only a figure that changed tells how old its reading is.
          if (f.key !== `s${s}/i0` || f.value === null || f.value === newest) continue;
          newest = f.value;
          delays.push(Date.now() - f.value);
        }
      }
    }
  };
  const streams = Array.from({ length: OPEN }, (_, s) =>
    watch(s).catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const size = Math.min(500, Math.max(50, Math.round(rate / 10)));
  const hot = Array.from({ length: SERIES }, (_, n) => n).filter((n) => n % TOPICS < HOT);
  const before = figures.at(-1)!.cpu!;
  const load = loadavg()[0];
  counting = true;
  const begun = performance.now();
  const acks: number[] = [];
  let sent = 0;
  let acknowledged = 0;
  const lane = async () => {
    while (performance.now() - begun < seconds * 1000) {
      const due = begun + (sent / rate) * 1000;
      const first = sent;
      sent += size;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      const now = Date.now();
      const readings = Array.from({ length: size }, (_, i) => {
        const n = first + i;
        // One reading of a clock in each batch tells when it was sent.
        return i === 0
          ? { entity: clockOf(Math.floor(first / size) % OPEN), property: 'value', at: now, value: now }
          : { entity: entityOf(hot[n % hot.length]!), property: 'value', at: now, value: n % 100 };
      });
      const from = performance.now();
      const answer = await fetch(`${where.url}/sensing/v1/readings`, {
        method: 'POST',
        headers: { authorization: `Bearer ${where.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(readings),
      });
      const said = (await answer.json()) as { kept?: number };
      if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(said).slice(0, 400)}`);
      if (said.kept !== size) throw new Error(JSON.stringify(said).slice(0, 400));
      acks.push(performance.now() - from);
      acknowledged += said.kept ?? 0;
    }
  };
  await Promise.all(Array.from({ length: rate > 5000 ? 8 : 2 }, lane));
  const took = (performance.now() - begun) / 1000;
  counting = false;
  const used = figures.at(-1)!.cpu! - before;
  over.abort();
  await Promise.all(streams);
  child.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
  const part = (all: number[], q: number) =>
    Math.round([...all].sort((a, b) => a - b)[Math.floor(all.length * q)] ?? 0);
  const result = {
    ...{ bench: 'cockpits-hub', seconds: Math.round(took), rate, batch: size, series: SERIES },
    ...{ scenarios: SCENARIOS, indicators: INDICATORS, open: OPEN, touchedIndicators: told.touched.size },
    ...{ acknowledged, perSecond: Math.round(acknowledged / took) },
    ackMs: { p50: part(acks, 0.5), p95: part(acks, 0.95), max: part(acks, 1 - 1e-9) },
    readingToViewerMs: {
      seen: delays.length,
      p50: part(delays, 0.5),
      p95: part(delays, 0.95),
      max: part(delays, 1 - 1e-9),
    },
    told: { events: told.events, figures: told.figures, kilobytes: Math.round(told.bytes / 1024) },
    hub: { cores: Math.round((used / took) * 100) / 100, rssMiB: figures.at(-1)!.rss },
    ...{ load: { before: load, after: loadavg()[0] }, cores: cpus().length },
    ...{ node: process.version, at: new Date().toISOString() },
  };
  console.log(JSON.stringify(result, null, 2));
  const name = options.out ?? `cockpits-hub-${rate}`;
  writeFileSync(
    fileURLToPath(new URL(`./results/${name}.json`, import.meta.url)),
    `${JSON.stringify(result, null, 2)}\n`,
  );
}
