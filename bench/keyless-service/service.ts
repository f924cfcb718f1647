/**
 * The signing service of a hub under load: a whole hub as a process of its own, and a load generator beside it on the same machine.
 *
 *   node --import tsx bench/keyless-service/service.ts <work folder> [--rate 5000] [--seconds 60] [--connections 9000] [--out bench/results/keyless-service.json]
 *
 * Two measures: separate signing requests at a fixed rate (open loop, latency from the intended time, each answer durable), and records sealed through
 * trees of their own, 200,000 a second. Every hundredth signature is verified afterwards. Prints one JSON document.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Load, Loaded } from './load.ts';
import type { Records, Sealed } from './records.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '60' },
    connections: { type: 'string', default: '9000' },
    trees: { type: 'string', default: '20' },
    out: { type: 'string' },
  },
});
const [work] = positionals;
if (!work) throw new Error('usage: service.ts <work folder> [--rate n] [--seconds n] [--connections n] [--out file]');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

/** Starts a hub; resolves with its address and the one-time password of the security administrator. */
function startHub(): Promise<{ hub: ChildProcess; url: string; password: string }> {
  const hub = spawn(process.execPath, ['--import', 'tsx', 'hub/src/main.ts', '--data', join(work!, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, JINGWEI_HTTP_PORT: '0', JINGWEI_LOG_LEVEL: 'warn' },
  });
  return new Promise((resolve, reject) => {
    let said = '';
    hub.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /running: (http:\S+)/.exec(said)?.[1];
      const password = /^ {2}secadmin +(\S+)/m.exec(said)?.[1];
      if (url && password && / {2}auditadmin /.test(said)) resolve({ hub, url, password });
    });
    hub.once('exit', (code) => reject(new Error(`the hub ended with ${code}: ${said}`)));
  });
}

/** Makes a client of the service as the security administrator does; answers its key. */
async function makeClient(url: string, once: string, login: string, perSecond: number): Promise<string> {
  let cookie = '';
  const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': 'application/json', origin: url, cookie };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const set = answer.headers.getSetCookie().map((line) => line.split(';')[0]!);
    if (set.length > 0) cookie = set.join('; ');
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const next = 'Loom-and-Shuttle-2026';
  await ask('/api/v1/session', { login: 'secadmin', password: once });
  await ask('/api/v1/me/password', { current: once, next });
  await ask('/api/v1/session', { login: 'secadmin', password: next });
  const made = await ask('/api/v1/seals/clients', { login, organisation: null, algorithm: 'sha256', perSecond });
  return made.key as string;
}

/** Processor seconds of a process and all its threads so far (Linux). */
function processorOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
const residentOf = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);

/** Event loop delays that the hub itself measures, in milliseconds. */
async function delays(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (name: string) =>
    Math.round(Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)`, 'm').exec(text)?.[1]) * 1e4) / 10;
  return { p50: of('p50'), p99: of('p99'), max: of('max') };
}

/** Runs one of the generators to its end. */
function generator<T>(script: string, argument: object): Promise<T> {
  const file = new URL(script, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(said) as T);
      else reject(new Error(`${script} ended with ${code}`));
    });
  });
}

const { hub, url, password } = await startHub();
try {
  const rate = Number(values.rate);
  const key = await makeClient(url, password, 'bench', 1_000_000);
  const { hostname: host, port } = new URL(url);
  const login = { login: 'bench', key };
  // The counters of the hub's event loop begin anew with every look at them.
  await delays(url);
  const before = processorOf(hub.pid!);
  const began = performance.now();
  const requests = await generator<Loaded>('./load.ts', {
    ...{ host, port: Number(port), ...login, rate, seconds: Number(values.seconds), warmUp: 3 },
    ...{ verifyEvery: 100, connections: Number(values.connections) },
  } satisfies Load);
  const lasted = (performance.now() - began) / 1000;
  const hubDuring = {
    processor: Math.round(((processorOf(hub.pid!) - before) / lasted) * 100) / 100,
    eventLoopDelay: await delays(url),
    residentMiB: residentOf(hub.pid!),
  };
  const records = await generator<Sealed>('./records.ts', {
    ...{ url: `${url}/keyless/aggregator`, ...login, perTree: 200_000, trees: Number(values.trees) },
    ...{ recordBytes: 256, sample: 500 },
  } satisfies Records);
  const [processor] = cpus();
  const result = {
    day: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${processor!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    ...{ rate, seconds: Number(values.seconds), requests, hub: hubDuring, records },
  };
  const text = JSON.stringify(result, null, 2);
  if (values.out) writeFileSync(values.out, `${text}\n`);
  process.stdout.write(`${text}\n`);
} finally {
  hub.kill('SIGTERM');
  await new Promise((resolve) => hub.once('exit', resolve));
  rmSync(work, { recursive: true, force: true });
}
