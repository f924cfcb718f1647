/**
 * Rules and alerts (docs/alerts.md). `node --import tsx bench/alerts.ts [seconds] [--write]`
 * 1. The evaluation alone: the declared rules over 20,000 series, batches of 500 readings: processor seconds for 60,000 readings.
 * 2. From a kept reading to the event on a listener's socket (server-sent events over HTTP), alerts in the embedded store on disk, while
 *    other readings come at 2,000 a second: p50, p95, worst.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { alertChanged } from '../hub/src/alerts/index.ts';
import { modelOf } from '../hub/src/alerts/live/models.ts';
import { compile, Engine, type Transition } from '../hub/src/alerts/pure/index.ts';
import { AlertStream } from '../hub/src/alerts/stream.ts';
import { alertBench, alertMigrations, NOW, ruleOf } from '../hub/src/alerts/testing.ts';
import { migrate, openDb } from '../hub/src/platform/db/index.ts';
import { freshPgliteFolder } from '../hub/src/platform/db/testing.ts';

const SERIES = 20_000;
const BATCH = 500;
const seconds = Number(process.argv[2] ?? 10);
const quantile = (sorted: readonly number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
const round = (n: number) => Math.round(n * 100) / 100;

/** Four rules on every series: value with hysteresis and durations, mean of an hour, rise of an hour, silence. */
const rules = [
  ruleOf({ rule: 'value', hysteresis: 0.1, pending: '5m', keep: '10m', silent: '40m' }),
  ruleOf({ rule: 'mean', measure: 'mean', window: '1h', hysteresis: 0.1 }),
  ruleOf({ rule: 'rise', measure: 'rise', window: '1h' }),
  ruleOf({ rule: 'silence', measure: 'silence', levels: { blue: '30m', red: '2h' } }),
];

function evaluation() {
  const engine = new Engine(modelOf);
  const series = Array.from({ length: SERIES }, (_, i) => i + 1);
  for (const rule of rules) {
    engine.add(compile(rule, '1'));
    engine.watch(`${rule.rule}@1`, { series }, NOW);
  }
  const batch = { series: new Int32Array(BATCH), at: new Float64Array(BATCH), value: new Float64Array(BATCH) };
  let next = 0;
  let readings = 0;
  let transitions = 0;
  const before = process.cpuUsage();
  const began = performance.now();
  while (readings < 60_000 * seconds) {
    for (let i = 0; i < BATCH; i++, next++) {
      const s = next % SERIES;
      const round = Math.floor(next / SERIES);
      batch.series[i] = s + 1;
      batch.at[i] = NOW + round * 60_000 + s;
      // One in a thousand passes its threshold now and then.
      batch.value[i] = (s % 1000 === 0 && round % 20 > 10 ? 4 : 1) + Math.sin(round / 9 + s) * 0.4;
    }
    readings += BATCH;
    const out: Transition[] = [];
    engine.push(batch.series, batch.at, batch.value, out);
    engine.advance(batch.at[BATCH - 1]!, out);
    transitions += out.length;
  }
  const used = process.cpuUsage(before);
  const cpu = (used.user + used.system) / 1e6;
  const state = engine.snapshot();
  return {
    ...{
      series: SERIES,
      rules: rules.length,
      readings,
      transitions,
      wallSeconds: round((performance.now() - began) / 1000),
    },
    cpuSecondsPer60000Readings: round((cpu / readings) * 60_000),
    ...{ readingsPerCpuSecond: Math.round(readings / cpu), stateMiB: round(state.length / 1048576) },
  };
}

async function toScreen() {
  const folder = await freshPgliteFolder();
  const db = await openDb({ kind: 'pglite', folder });
  await migrate(db, alertMigrations);
  const data = mkdtempSync(join(tmpdir(), 'jingwei-bench-alerts-'));
  const b = await alertBench(db, [ruleOf({ storm: 1000 })], data);
  for (let i = 0; i < 2_000; i++) b.sensing.add(`n${i}`);
  await b.start();
  const stream = new AlertStream();
  b.bus.on(alertChanged, (change) => stream.tell(change));
  const server = createServer((_request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    Readable.from(stream.listen(gone.signal)).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sent = new Map<string, number>();
  const times: number[] = [];
  const stop = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { signal: stop.signal });
  const reading = (async () => {
    let text = '';
    for await (const chunk of answer.body!) {
      text += Buffer.from(chunk).toString();
      const parts = text.split('\n\n');
      text = parts.pop()!;
      for (const part of parts) {
        const data = /^data: (\{"kind":"opened".*)$/m.exec(part)?.[1];
        if (!data) continue;
        const { alert } = JSON.parse(data) as { alert: { entity: string } };
        const at = sent.get(alert.entity);
        if (at !== undefined) times.push(performance.now() - at);
      }
    }
  })().catch(() => undefined);
  for (let i = 0; i < 200; i++) {
    const at = NOW + (i + 1) * 1000;
    const series = i + 1;
    sent.set(b.sensing.series[i]!.entity, performance.now());
    await b.sensing.keep([
      [series, at, 4],
      ...Array.from({ length: 200 }, (_, k): [number, number, number] => [300 + ((i * 200 + k) % 1700), at, 1]),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  stop.abort();
  await reading;
  stream.close();
  server.close();
  await b.end();
  await db.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
  times.sort((x, y) => x - y);
  return {
    alerts: times.length,
    p50ms: round(quantile(times, 0.5)),
    p95ms: round(quantile(times, 0.95)),
    worstMs: round(times.at(-1) ?? 0),
  };
}

const load = () => round(loadavg()[0]!);
const result = {
  ...{ at: new Date().toISOString(), machine: `${cpus().length} cores`, node: process.version, loadBefore: load() },
  ...{ evaluation: evaluation(), toScreen: await toScreen() },
  loadAfter: load(),
};
console.log(JSON.stringify(result, null, 2));
if (process.argv.includes('--write'))
  writeFileSync('bench/results/alerts.json', `${JSON.stringify(result, null, 2)}\n`);
