/**
 * Rules and alerts (docs/alerts.md). `node --import tsx bench/alerts.ts [seconds] [--write]`
 * 1. The evaluation alone: the declared rules over 20,000 series, batches of 500 readings: processor seconds for 60,000 readings.
 * 2. From a reading sent to the hub's address to its alert in the event stream over HTTP that a browser listens to, with a hub of sensing and
 *    alerts in a process of its own, everything on disk on the way, other readings beside it at nearly 2,000 a second: p50, p95, worst.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelOf } from '../hub/src/alerts/live/models.ts';
import { compile, Engine, type Transition } from '../hub/src/alerts/pure/index.ts';
import { NOW, ruleOf } from '../hub/src/alerts/testing.ts';
import { entityOf, startHub } from './live-hub.ts';

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

/** From the moment at which a reading is sent to its alert in the event stream that a browser listens to; other readings come beside it. */
async function toScreen() {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-alerts-'));
  const hub = await startHub(folder, 3_000);
  const { url, key, cookie } = hub.where;
  const sent = new Map<string, number>();
  const times: number[] = [];
  const stop = new AbortController();
  const answer = await fetch(`${url}/api/v1/alerts/stream`, { headers: { cookie }, signal: stop.signal });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const reading = (async () => {
    let text = '';
    for await (const chunk of answer.body!) {
      text += Buffer.from(chunk).toString();
      const parts = text.split('\n\n');
      text = parts.pop()!;
      for (const part of parts) {
        const data = /^data: (\{"kind":"opened".*)$/m.exec(part)?.[1];
        if (!data) continue;
        const { alert } = JSON.parse(data) as { alert: { rule: string; entity: string | null } };
        const at = sent.get(alert.entity ?? '');
        if (at !== undefined && alert.rule === 'value') times.push(performance.now() - at);
      }
    }
  })().catch(() => undefined);
  const post = async (series: number[], value: number[]) => {
    const at = Date.now();
    const body = JSON.stringify({ series, at: series.map(() => at), value });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const kept = await fetch(`${url}/sensing/v1/readings`, { method: 'POST', headers, body });
    if (!kept.ok) throw new Error(`${kept.status} ${await kept.text()}`);
  };
  let beside = 0;
  let over = false;
  const others = (async () => {
    for (let i = 0; !over; i++) {
      const series = Array.from({ length: 200 }, (_, k) => 301 + ((i * 200 + k) % 2_700));
      await post(
        series,
        series.map((n) => 20 + (n % 7)),
      );
      beside += series.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const begun = performance.now();
  for (let n = 1; n <= 200; n++) {
    sent.set(entityOf(n), performance.now());
    await post([n], [600]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const took = (performance.now() - begun) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  over = true;
  await others;
  stop.abort();
  await reading;
  hub.kill('SIGTERM');
  await hub.gone;
  rmSync(folder, { recursive: true, force: true });
  times.sort((x, y) => x - y);
  return {
    ...{ sent: 200, alerts: times.length, otherReadingsPerSecond: Math.round(beside / took) },
    ...{ p50ms: round(quantile(times, 0.5)), p95ms: round(quantile(times, 0.95)), worstMs: round(times.at(-1) ?? 0) },
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
