/**
 * The way in of readings, end to end on this machine: a hub of sensing and alerts in a process of its own takes batches by HTTP or MQTT (quality
 * of service 1), evaluates four rules over every series, and this process makes them on the same cores. A batch is answered when its readings
 * are on disk; at the end what was acknowledged is held against what the lake has.
 *
 *   node --import tsx bench/sensing.ts [http|mqtt] [seconds=30] [series=20000] [batch=500] [senders=8] [--rate readings a second] [--out name]
 *   node --import tsx bench/sensing.ts kill [rounds=20]     kill -9 at random moments under load of both ways, then the same question
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectAsync, type MqttClient } from 'mqtt';
import { openDuckDbLake } from '../hub/src/platform/lake/index.ts';
import { type Hub, startHub, type Where } from './live-hub.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rate: { type: 'string' }, out: { type: 'string' }, folder: { type: 'string' } },
});
const way = positionals[0] ?? 'http';
const number = (at: number, otherwise: number) => Number(positionals[at] ?? otherwise);
const SERIES = way === 'kill' ? 20_000 : number(2, 20_000);
const BATCH = way === 'kill' ? 500 : number(3, 500);
const SENDERS = way === 'kill' ? 4 : number(4, 8);
const rate = options.rate ? Number(options.rate) : Number.POSITIVE_INFINITY;
const load = () => Math.round(loadavg()[0]! * 10) / 10;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The n-th batch: series in turn, each with its own clock; the value tells the batch (times a thousandth). */
const start = Date.now() - 60_000;
function batch(n: number): string {
  const series: number[] = [];
  const at: number[] = [];
  const value: number[] = [];
  for (let i = n * BATCH; i < (n + 1) * BATCH; i++) {
    series.push((i % SERIES) + 1);
    at.push(start + Math.floor(i / SERIES) * 20);
    const fires = i % 1000 === 0 && Math.floor(i / SERIES) % 100 > 90;
    value.push(way === 'kill' ? n / 1000 : fires ? 600 : ((i * 7919) % 1000) / 10);
  }
  return JSON.stringify({ series, at, value });
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
/** Posts a batch; what of it is there now, or an error. */
const post = (where: Where, body: string) =>
  new Promise<{ kept: number; repeated: number }>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${where.key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const call = request(`${where.url}/sensing/v1/readings`, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${answer.statusCode} ${text.slice(0, 300)}`));
      });
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
const mqttOf = (where: Where): Promise<MqttClient> =>
  connectAsync({ host: '127.0.0.1', port: where.mqtt, username: 'bench', password: where.key, reconnectPeriod: 0 });
const publish = async (client: MqttClient, body: string): Promise<void> =>
  void (await client.publishAsync('jw/v1/bench/readings', body, { qos: 1 }));

const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'jingwei-bench-sensing-'));
try {
  if (way === 'kill') await killing(number(1, 20));
  else await measure(number(1, 30));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function write(name: string, result: object): void {
  console.log(JSON.stringify(result, null, 2));
  const results = fileURLToPath(new URL('./results', import.meta.url));
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** Sends as fast as it is answered, or at a rate. */
async function measure(seconds: number): Promise<void> {
  const hub = await startHub(folder, SERIES);
  // Its start is no part of what is measured.
  while (!hub.figures.length) await pause(100);
  const before = load();
  const cpuBefore = hub.figures.at(-1)!.cpu;
  const own = process.cpuUsage();
  const begun = performance.now();
  const until = begun + seconds * 1000;
  const latencies: number[] = [];
  let acknowledged = 0;
  let cursor = 0;
  const timed = async (work: (body: string) => Promise<unknown>) => {
    while (performance.now() < until) {
      const due = begun + ((cursor * BATCH) / rate) * 1000;
      if (due > performance.now()) await pause(due - performance.now());
      const body = batch(cursor++);
      const from = performance.now();
      await work(body);
      latencies.push(performance.now() - from);
      acknowledged += BATCH;
    }
  };
  const lanes = Array.from({ length: SENDERS }, async () => {
    if (way === 'http')
      return timed(async (body) => {
        const { kept } = await post(hub.where, body);
        if (kept !== BATCH) throw new Error(`${kept} of ${BATCH} were kept`);
      });
    const client = await mqttOf(hub.where);
    // Several messages of a client are on their way at once, as sensors' gateways send.
    await Promise.all(Array.from({ length: 4 }, () => timed((body) => publish(client, body))));
    await client.endAsync();
  });
  await Promise.all(lanes);
  const took = (performance.now() - begun) / 1000;
  const mine = process.cpuUsage(own);
  const after = load();
  agent.destroy();
  const during = [...hub.figures];
  hub.kill('SIGTERM');
  await hub.gone;
  const end = hub.figures.at(-1)!;
  latencies.sort((a, b) => a - b);
  const part = (q: number) =>
    Math.round((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? 0) * 10) / 10;
  const minutes = during.filter((_, i) => i % 60 === 30 || i === during.length - 1);
  const result = {
    bench: `sensing-${way}`,
    ...{ seconds: Math.round(took), series: SERIES, batch: BATCH, senders: SENDERS, rules: 4 },
    ...{ acknowledged, perSecond: Math.round(acknowledged / took), ...(options.rate ? { asked: rate } : {}) },
    ...{ rows: end.rows, hours: end.hours, evaluated: end.evaluated, openAlerts: end.open },
    lost: acknowledged - Math.min(acknowledged, end.rows ?? 0),
    ackMs: { p50: part(0.5), p95: part(0.95), p99: part(0.99), max: part(1) },
    rssMiB: { byMinute: minutes.map((f) => f.rss) },
    cores: {
      hub: Math.round((((during.at(-1)?.cpu ?? 0) - cpuBefore) / took) * 100) / 100,
      generator: Math.round(((mine.user + mine.system) / 1e6 / took) * 100) / 100,
      machine: cpus().length,
    },
    history1000Ms: Math.round((end.historyMs ?? 0) * 10) / 10,
    load: { before, after },
    ...{ node: process.version, at: new Date().toISOString() },
  };
  write(options.out ?? `sensing-${way}`, result);
  if (result.lost) process.exitCode = 1;
}

/** Kills the hub again and again while it is sent to; every sender repeats what was not acknowledged, as sensors do. */
async function killing(rounds: number): Promise<void> {
  const before = load();
  const acknowledged: number[] = [];
  const open: number[] = [];
  let cursor = 0;
  let cut = 0;
  const ways = { http: 0, mqtt: 0 };
  for (let round = 0; round < rounds; round++) {
    const hub: Hub = await startHub(folder, SERIES);
    let dead = false;
    void hub.gone.then(() => {
      dead = true;
    });
    const send = async (by: 'http' | 'mqtt', work: (body: string) => Promise<unknown>) => {
      while (!dead) {
        const n = open.shift() ?? cursor++;
        try {
          await Promise.race([work(batch(n)), hub.gone.then(() => Promise.reject(new Error('the hub is gone')))]);
          acknowledged.push(n);
          ways[by]++;
        } catch {
          // Not acknowledged: it may be there or not, and is sent again.
          cut++;
          open.push(n);
          if (!dead) await pause(50);
        }
      }
    };
    const lanes = [
      ...Array.from({ length: SENDERS }, () => send('http', (body) => post(hub.where, body))),
      ...Array.from({ length: SENDERS }, async () => {
        const client = await mqttOf(hub.where).catch(() => undefined);
        if (!client) return;
        client.on('error', () => undefined);
        await send('mqtt', (body) => publish(client, body));
        client.end(true);
      }),
    ];
    await pause(300 + Math.random() * 4_700);
    hub.kill('SIGKILL');
    await hub.gone;
    await Promise.all(lanes);
    console.error(`round ${round + 1}: ${acknowledged.length} batches acknowledged, ${cut} cut off`);
  }
  // Once more to take over what is in the journal, then the lake is asked.
  const last = await startHub(folder, SERIES);
  last.kill('SIGTERM');
  await last.gone;
  const lake = await openDuckDbLake({ path: join(folder, 'data', 'lake', 'lake.duckdb'), memoryMiB: 1024 });
  const there = new Map<number, { n: number; different: number }>();
  for (const row of await lake.query<{ batch: number; n: number; different: number }>(
    `SELECT round(value * 1000)::BIGINT AS batch, count(*)::DOUBLE AS n, count(DISTINCT (series, "at"))::DOUBLE AS different
     FROM v.reading_v1 GROUP BY 1`,
  ))
    there.set(Number(row.batch), row);
  const counted = await lake.first<{ n: number; hours: number }>(
    'SELECT (SELECT count(*) FROM v.reading_v1)::DOUBLE AS n, (SELECT sum(n) FROM v.reading_hour_v1)::DOUBLE AS hours',
  );
  await lake.close();
  const lost = acknowledged.reduce((sum, n) => sum + BATCH - (there.get(n)?.different ?? 0), 0);
  const twice = [...there.values()].reduce((sum, b) => sum + b.n - b.different, 0);
  const result = {
    bench: 'sensing-kill',
    ...{ rounds, series: SERIES, batch: BATCH, acknowledged: acknowledged.length * BATCH, batchesCutOff: cut },
    acknowledgedBy: ways,
    ...{ rows: counted!.n, sumOfHours: counted!.hours, lost, twice },
    ...{ load: { before, after: load() }, cores: cpus().length, node: process.version, at: new Date().toISOString() },
  };
  write('sensing-kill', result);
  if (lost || twice || counted!.n !== counted!.hours) process.exitCode = 1;
}
