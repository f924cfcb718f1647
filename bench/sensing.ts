/**
 * The way in of readings, end to end on this machine: a hub's process takes batches by HTTP or MQTT (quality of service 1), this process makes
 * them. Every batch is answered when its readings are on disk; at the end what was acknowledged is held against what the lake has.
 *
 *   node --import tsx bench/sensing.ts [http|mqtt] [seconds=30] [series=20000] [batch=500] [senders=8]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { systemClock } from '../hub/src/platform/clock.ts';
import { KEY, openDoors, openWay, seriesRow } from '../hub/src/sensing/testing.ts';

const [way = 'http', seconds = '30', series = '20000', batch = '500', senders = '8'] = process.argv.slice(2);
const [SECONDS, SERIES, BATCH, SENDERS] = [seconds, series, batch, senders].map(Number) as [
  number,
  number,
  number,
  number,
];

if (way === 'serve') await serve(process.argv[3]!, Number(process.argv[4]));
else await measure();

/** The hub's side: the doors on a lake, and a line of its figures every second. */
async function serve(folder: string, count: number): Promise<void> {
  let told = 0;
  const row = (n: number) => seriesRow(n, { most: 1e9, least: -1e9 });
  const opened = await openWay({
    ...{ folder, clock: systemClock, series: count, row, every: 1000, memoryMiB: 2048 },
    emit: async (b) => {
      told += b.series.length;
    },
  });
  const doors = await openDoors(opened, systemClock);
  const say = (o: object) => process.stdout.write(`${JSON.stringify(o)}\n`);
  say({ url: doors.url, mqtt: doors.mqtt });
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage();
    const rss = Math.round(process.memoryUsage().rss / 1048576);
    say({ rss, cpu: (user + system) / 1e6, kept: opened.intake.sequence, waiting: opened.fold.waiting, told });
  }, 1000);
  process.once('SIGTERM', async () => {
    clearInterval(timer);
    await doors.close();
    await opened.intake.settled();
    await opened.fold.flush();
    const rows = await opened.lake.first<{ n: number; hours: number }>(
      `SELECT (SELECT count(*) FROM v.reading_v1)::DOUBLE AS n, (SELECT sum(n) FROM v.reading_hour_v1)::DOUBLE AS hours`,
    );
    const from = performance.now();
    const one = await opened.lake.query(
      `SELECT "at", value FROM v.reading_v1 WHERE series = 77 ORDER BY "at" DESC LIMIT 1000`,
    );
    say({ rows: rows!.n, hours: rows!.hours, told, historyMs: performance.now() - from, historyRows: one.length });
    await opened.end();
    process.exit(0);
  });
}

/** Sends as fast as it is answered. */
async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-sensing-'));
  const load = loadavg()[0]!;
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), 'serve', folder, String(SERIES)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Record<string, number>[] = [];
  let first: (line: { url: string; mqtt: number }) => void = () => undefined;
  const ready = new Promise<{ url: string; mqtt: number }>((resolve) => {
    first = resolve;
  });
  let rest = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    rest += chunk.toString();
    const whole = rest.split('\n');
    rest = whole.pop()!;
    for (const text of whole) {
      const line = JSON.parse(text) as Record<string, number>;
      if ('url' in line) first(line as never);
      else lines.push(line);
    }
  });
  const where = await ready;
  const begun = performance.now();
  const until = begun + SECONDS * 1000;
  const latencies: number[] = [];
  let acknowledged = 0;
  let cursor = 0;
  const start = Date.now() - 60_000;
  /** The next batch: series in turn, each with its own clock. */
  const next = (): string => {
    const from = cursor;
    cursor += BATCH;
    const s: number[] = [];
    const at: number[] = [];
    const value: number[] = [];
    for (let i = from; i < from + BATCH; i++) {
      s.push((i % SERIES) + 1);
      at.push(start + Math.floor(i / SERIES) * 20);
      value.push(((i * 7919) % 1000) / 10);
    }
    return JSON.stringify({ series: s, at, value });
  };
  const timed = async (work: () => Promise<void>) => {
    while (performance.now() < until) {
      const from = performance.now();
      await work();
      latencies.push(performance.now() - from);
      acknowledged += BATCH;
    }
  };
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  const post = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const call = request(where.url, { method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        answer.on('end', () => {
          const { kept } = JSON.parse(text) as { kept?: number };
          if (answer.statusCode === 200 && kept === BATCH) resolve();
          else reject(new Error(`${answer.statusCode} ${text.slice(0, 300)}`));
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  const lanes = Array.from({ length: SENDERS }, async () => {
    if (way === 'http') return timed(() => post(next()));
    const client = await connectAsync({ host: '127.0.0.1', port: where.mqtt, username: 'air', password: KEY });
    // Several messages of a client are on their way at once, as sensors' gateways send.
    await Promise.all(
      Array.from({ length: 4 }, () =>
        timed(async () => void (await client.publishAsync('jw/v1/air/readings', next(), { qos: 1 }))),
      ),
    );
    await client.endAsync();
  });
  await Promise.all(lanes);
  const took = (performance.now() - begun) / 1000;
  agent.destroy();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('close', resolve));
  const end = lines.at(-1)!;
  const during = lines.slice(0, -1);
  latencies.sort((a, b) => a - b);
  const part = (q: number) => Math.round((latencies[Math.floor(latencies.length * q)] ?? 0) * 10) / 10;
  const result = {
    bench: `sensing-${way}`,
    ...{ seconds: Math.round(took), series: SERIES, batch: BATCH, senders: SENDERS },
    ...{ acknowledged, perSecond: Math.round(acknowledged / took) },
    ...{ rows: end.rows, hours: end.hours, told: end.told, lost: acknowledged - Math.min(acknowledged, end.rows ?? 0) },
    ackMs: { p50: part(0.5), p95: part(0.95), p99: part(0.99), max: part(0.9999) },
    rssMiB: {
      first: during[Math.min(5, during.length - 1)]?.rss,
      half: during[Math.floor(during.length / 2)]?.rss,
      last: during.at(-1)?.rss,
    },
    hubCores: Math.round(((during.at(-1)?.cpu ?? 0) / took) * 100) / 100,
    history1000Ms: Math.round((end.historyMs ?? 0) * 10) / 10,
    ...{
      load: { before: Math.round(load * 10) / 10, after: Math.round(loadavg()[0]! * 10) / 10 },
      cores: cpus().length,
    },
    ...{ node: process.version, at: new Date().toISOString() },
  };
  rmSync(folder, { recursive: true, force: true });
  console.log(JSON.stringify(result, null, 2));
  const results = fileURLToPath(new URL('./results', import.meta.url));
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `sensing-${way}.json`), `${JSON.stringify(result, null, 2)}\n`);
  if (result.lost) process.exitCode = 1;
}
