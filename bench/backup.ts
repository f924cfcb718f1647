/**
 * Backups of a whole hub that works: how much slower look-ups are meanwhile, what a second backup costs, and whether backups taken at random
 * moments are consistent when they are restored.
 *
 *   node --import tsx bench/backup.ts load [rows=10000000] [--out name]     look-ups with and without a backup
 *   node --import tsx bench/backup.ts moments [times=20] [--out name]      restores of backups taken at random moments
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createApp } from '../hub/src/app.ts';
import { Repository, restoreFiles } from '../hub/src/platform/backup/index.ts';
import { configSchema } from '../hub/src/platform/config/index.ts';
import { createLogger } from '../hub/src/platform/log/index.ts';
import { KeyRing } from '../hub/src/platform/vault/index.ts';
import { verifyFolder } from '../hub/src/rehearse.ts';
import { enter } from './live-hub.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, serve: { type: 'string' }, rows: { type: 'string' } },
});

/** Backups of a measurement under load: the first whole, the others of what changed. */
const TAKES = 6;

const part = (all: number[], q: number): number =>
  Math.round(([...all].sort((a, b) => a - b)[Math.floor(all.length * q)] ?? 0) * 10) / 10;

if (options.serve) await serve(options.serve, Number(options.rows));
else if (positionals[0] === 'moments') await moments(Number(positionals[1] ?? 20));
else await load(Number(positionals[1] ?? 10_000_000));

function configOf(folder: string) {
  return configSchema.parse({
    ...{ dataFolder: join(folder, 'data'), http: { port: 0 }, sensing: { mqttPort: 0 } },
    ...{ demo: { enabled: true, rows: 2000, pace: 5 }, lake: { memoryMiB: 2048 } },
    // Never by itself: the bench says when.
    backup: { folder: join(folder, 'repository'), newest: 1000, at: '00:00', rehearseDays: 0 },
  });
}

/** The hub with the demonstration city and work of its own: a write of the lake and an event every tenth of a second. */
async function serve(folder: string, rows: number): Promise<void> {
  const config = configOf(folder);
  const app = await createApp(config, { logger: createLogger({ level: 'error' }) });
  const cookie = await enter(app.url, app.firstAccounts, 'analyst');
  await app.lake.define([
    'CREATE SCHEMA IF NOT EXISTS bench',
    `CREATE TABLE bench.record AS SELECT i::BIGINT AS id, '慈溪市' || md5(i::VARCHAR) AS name, md5((i * 7)::VARCHAR) AS code,
       DATE '2000-01-01' + (i % 9000)::INTEGER AS founded, (i % 100)::INTEGER AS town, i / 7.0 AS capital,
       md5((i * 13)::VARCHAR) AS address FROM range(${rows}) t(i)`,
    'CREATE INDEX record_id ON bench.record (id)',
    'CREATE TABLE bench.written (n BIGINT, written TIMESTAMP, text VARCHAR)',
  ]);
  // Until the city is there everything else would be measured with it.
  for (;;) {
    const open = [...(await app.jobs.list({ state: 'running' })), ...(await app.jobs.list({ state: 'queued' }))];
    const [r] = await app.lake
      .query<{ n: number }>('SELECT count(*) AS n FROM v.legal_person_v1')
      .catch(() => [{ n: 0 }]);
    if (open.length === 0 && r!.n > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const [firm] = await app.lake.query<{ name: string }>('SELECT name FROM v.legal_person_v1 LIMIT 1');
  process.stdout.write(`${JSON.stringify({ url: app.url, cookie, firm: firm!.name })}\n`);
  let n = 0;
  let on = true;
  const work = (async () => {
    while (on) {
      n += 1;
      await app.lake.write('bench', (s) =>
        s.run('INSERT INTO bench.written SELECT $n, now()::TIMESTAMP, md5(i::VARCHAR) FROM range(200) t(i)', { n }),
      );
      await app.deps.audit.append({ actor: null, action: 'bench.work', object: `bench/${n}`, outcome: 'ok' });
      await app.deps.blobs.put([Buffer.from(`bench ${n}`)]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    void (async () => {
      if (line === 'look') {
        const id = Math.floor(Math.random() * Math.max(1, rows));
        const from = performance.now();
        await app.lake.query('SELECT * FROM bench.record WHERE id = $id', { id });
        process.stdout.write(`${JSON.stringify({ looked: performance.now() - from })}\n`);
      }
      if (line === 'take') {
        // The hub's own schedule may ask for the same at this moment: then it is that one.
        const job = await app.jobs.wait(await app.jobs.submit('backup.take', {}, { unique: 'backup' }));
        process.stdout.write(`${JSON.stringify({ job })}\n`);
      }
      if (line === 'change') {
        await app.lake.write('bench-change', (s) =>
          s.run(`UPDATE bench.record SET town = town + 1 WHERE id < ${Math.floor(rows / 100)}`),
        );
        process.stdout.write(`${JSON.stringify({ changed: true })}\n`);
      }
      if (line === 'stop') {
        on = false;
        await work;
        await app.close();
        process.exit(0);
      }
    })();
  });
}

interface Said {
  url?: string;
  cookie?: string;
  firm?: string;
  looked?: number;
  job?: { state: string; result: Record<string, number>; error: unknown };
  changed?: boolean;
}

async function begin(folder: string, rows: number) {
  const config = configOf(folder);
  const made = Repository.init(config.backup.folder!, new Date());
  // Without the key the hub makes none by itself: the first whole one is measured as well.
  const enrol = () => void KeyRing.open(join(config.dataFolder, 'keys')).keep('backup', made.dataKey);
  const own = fileURLToPath(import.meta.url);
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', own, '--serve', folder, '--rows', String(rows)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const heard: ((said: Said) => boolean)[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    const said = JSON.parse(line) as Said;
    const i = heard.findIndex((h) => h(said));
    if (i >= 0) heard.splice(i, 1);
  });
  const next = <K extends keyof Said>(key: K) =>
    new Promise<NonNullable<Said[K]>>((resolve) => {
      heard.push((said) => {
        if (said[key] === undefined) return false;
        resolve(said[key] as NonNullable<Said[K]>);
        return true;
      });
    });
  const say = (line: string) => child.stdin!.write(`${line}\n`);
  const where = await new Promise<Required<Said>>((resolve, reject) => {
    child.once('close', () => reject(new Error('the hub ended')));
    heard.push((said) => {
      if (!said.url) return false;
      resolve(said as Required<Said>);
      return true;
    });
  });
  const { url, cookie, firm } = where;
  return { ...{ child, config, dataKey: made.dataKey, enrol, say, next }, ...{ url, cookie, firm } };
}

async function load(rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-backup-'));
  const hub = await begin(folder, rows);
  const search = async (): Promise<number> => {
    const from = performance.now();
    const answer = await fetch(`${hub.url}/api/v1/credit/search?q=${encodeURIComponent(hub.firm.slice(0, 6))}`, {
      headers: { cookie: hub.cookie },
    });
    await answer.text();
    if (!answer.ok) throw new Error(`search: ${answer.status}`);
    return performance.now() - from;
  };
  /** So long: twenty searches a second over HTTP and twenty look-ups by key among the rows, each begun on time. */
  const measure = async (until: () => boolean) => {
    const times = { http: [] as number[], key: [] as number[] };
    const open: Promise<unknown>[] = [];
    for (let due = performance.now(); !until(); due += 50) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      open.push(search().then((ms) => times.http.push(ms)));
      open.push(hub.next('looked').then((ms) => times.key.push(ms)));
      hub.say('look');
    }
    await Promise.all(open);
    return times;
  };
  const seconds = (s: number) => {
    const end = performance.now() + s * 1000;
    return () => performance.now() > end;
  };
  await measure(seconds(10));
  const before = loadavg()[0];
  hub.enrol();
  type Times = Awaited<ReturnType<typeof measure>>;
  const phases: { without: Times; during: Times }[] = [];
  const taken: Record<string, number>[] = [];
  // Each backup has its own phase without one before it: a machine that others use is the same in both. The first is the whole one.
  for (let i = 0; i < TAKES; i++) {
    if (i > 0) {
      hub.say('change');
      await hub.next('changed');
    }
    const without = await measure(seconds(15));
    let done = false;
    const job = hub.next('job').then((j) => {
      done = true;
      if (j.state !== 'done') throw new Error(JSON.stringify(j.error));
      taken.push(j.result);
    });
    hub.say('take');
    const during = await measure(() => done);
    await job;
    phases.push({ without, during });
  }
  const figures = (t: Times) => ({
    http: { n: t.http.length, p50: part(t.http, 0.5), p99: part(t.http, 0.99), max: part(t.http, 1 - 1e-9) },
    key: { n: t.key.length, p50: part(t.key, 0.5), p99: part(t.key, 0.99), max: part(t.key, 1 - 1e-9) },
  });
  const all = (of: Times[]) => figures({ http: of.flatMap((t) => t.http), key: of.flatMap((t) => t.key) });
  const ratios = (w: ReturnType<typeof figures>, d: ReturnType<typeof figures>) => ({
    http: Math.round((d.http.p99 / w.http.p99) * 100) / 100,
    key: Math.round((d.key.p99 / w.key.p99) * 100) / 100,
  });
  hub.say('stop');
  await new Promise((resolve) => hub.child.once('close', resolve));
  const from = performance.now();
  const manifest = restoreFiles({
    from: hub.config.backup.folder!,
    dataKey: hub.dataKey,
    snapshot: 'latest',
    to: join(folder, 'restored'),
  });
  const restoreSeconds = Math.round((performance.now() - from) / 100) / 10;
  const verified = await verifyFolder(join(folder, 'restored'), hub.config, new AbortController().signal);
  const whole = { without: figures(phases[0]!.without), during: figures(phases[0]!.during) };
  const later = {
    without: all(phases.slice(1).map((p) => p.without)),
    during: all(phases.slice(1).map((p) => p.during)),
  };
  result('backup', {
    ...{ bench: 'backup-load', rows, bytes: manifest.bytes },
    first: { ...whole, ratioP99: ratios(whole.without, whole.during) },
    later: { ...later, ratioP99: ratios(later.without, later.during) },
    backups: taken.map(({ bytes, added, held, took }) => ({ bytes, added, heldMs: held, tookMs: took })),
    ...{ restoreSeconds, verified, load: { before, after: loadavg()[0] } },
  });
  rmSync(folder, { recursive: true, force: true });
}

async function moments(times: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-backup-'));
  const hub = await begin(folder, 100_000);
  hub.enrol();
  const taken: Record<string, unknown>[] = [];
  for (let i = 0; i < times; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 4000));
    hub.say('take');
    const job = await hub.next('job');
    if (job.state !== 'done') throw new Error(JSON.stringify(job.error));
    taken.push(job.result);
    console.log(JSON.stringify({ taken: i + 1, ...job.result }));
  }
  hub.say('stop');
  await new Promise((resolve) => hub.child.once('close', resolve));
  const checked: unknown[] = [];
  let faults = 0;
  for (const { id } of taken) {
    const to = join(folder, 'restored');
    restoreFiles({ from: hub.config.backup.folder!, dataKey: hub.dataKey, snapshot: String(id), to });
    const found = await verifyFolder(to, hub.config, new AbortController().signal);
    faults += found.problems.length;
    checked.push({ id, ...found });
    console.log(JSON.stringify({ id, ...found }));
    rmSync(to, { recursive: true, force: true });
  }
  const held = taken.map((t) => Number(t.held));
  result('backup-moments', {
    ...{ bench: 'backup-moments', backups: taken.length, faults },
    ...{ heldMs: { p50: part(held, 0.5), max: Math.max(...held) }, load: loadavg()[0] },
    checked,
  });
  rmSync(folder, { recursive: true, force: true });
}

function result(name: string, own: object): void {
  const all = { ...own, cores: cpus().length, node: process.version, at: new Date().toISOString() };
  console.log(JSON.stringify(all, null, 2));
  const file = fileURLToPath(new URL(`./results/${options.out ?? name}.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}
