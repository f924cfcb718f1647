import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type App, createApp } from './app.ts';
import { loadConfig } from './config.ts';
import {
  broken,
  type Contract,
  contractOf,
  contractText,
  type Described,
  deprecationPage,
} from './platform/http/index.ts';
import { silentLogger } from './platform/log/index.ts';

const ops = fileURLToPath(new URL('../../ops', import.meta.url));
let folder: string;
let app: App;
let text: string;
const received: string[] = [];
const collector = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString('utf8');
  });
  request.on('end', () => {
    received.push(body);
    response.end('{}');
  });
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-figures-'));
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const overrides = {
    ...{ dataFolder: folder, 'http.port': 0, 'seal.signing': false, 'backup.folder': join(folder, 'backup') },
    'telemetry.otlp': { endpoint: `http://127.0.0.1:${port}`, sampling: 1 },
  };
  app = await createApp(loadConfig({ cwd: folder, env: {}, overrides }), { logger: silentLogger(), scryptCost: 4 });
  // A request, so that what counts requests has something to tell.
  await fetch(`${app.url}/api/v1/users?text=${encodeURIComponent('张三丰')}`);
  const body = JSON.stringify({ login: 'zhangsanfeng', password: 'a secret word' });
  await fetch(`${app.url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  text = await (await fetch(`${app.url}/metrics`)).text();
}, 120_000);
afterAll(async () => {
  await app?.close();
  collector.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every query of dashboards and alerts, with its place. */
function queries(): { place: string; expr: string }[] {
  const out: { place: string; expr: string }[] = [];
  for (const file of readdirSync(join(ops, 'grafana'))) {
    const board = JSON.parse(readFileSync(join(ops, 'grafana', file), 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[];
      templating: { list: { query: unknown }[] };
    };
    for (const panel of board.panels)
      for (const { expr } of panel.targets) out.push({ place: `${file}: ${panel.title}`, expr });
  }
  const alerts = parse(readFileSync(join(ops, 'prometheus', 'alerts.yml'), 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  for (const { alert, expr } of alerts.groups.flatMap((g) => g.rules))
    out.push({ place: `alerts.yml: ${alert}`, expr });
  return out;
}

/** What a query names that the text of /metrics does not have: figures, and labels of figures. */
function unknownOf(expr: string, exposition: string): string[] {
  const labels = new Map<string, Set<string>>();
  for (const line of exposition.split('\n')) {
    const type = /^# TYPE (\S+) (\S+)/.exec(line);
    if (type) {
      const names = type[2] === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => type[1]! + end) : [type[1]!];
      for (const name of names) labels.set(name, labels.get(name) ?? new Set(['instance', 'job']));
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line);
    const own = sample && labels.get(sample[1]!);
    if (own) for (const [, name] of (sample[2] ?? '').matchAll(/(\w+)="/g)) own.add(name!);
  }
  const figures = [...expr.matchAll(/\b((?:jingwei|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)];
  if (figures.length === 0) return [`no figure in ${expr}`];
  const known = new Set<string>();
  const unknown = figures.flatMap(([, name, selector]) => {
    const own = labels.get(name!);
    if (!own) return [name!];
    for (const label of own) known.add(label);
    return [...(selector ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].flatMap(([, label]) =>
      own.has(label!) ? [] : [`${name}{${label}}`],
    );
  });
  for (const [, list] of expr.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of list!.split(',').map((l) => l.trim())) if (!known.has(label)) unknown.push(`by (${label})`);
  return unknown;
}

test('every query of the dashboards and alerts names figures and labels that the hub exports', () => {
  const all = queries();
  expect(all.length).toBeGreaterThan(40);
  expect(all.flatMap(({ place, expr }) => unknownOf(expr, text).map((what) => `${place}: ${what}`))).toEqual([]);
});

test('a query that names what the hub does not export is found', () => {
  expect(unknownOf('rate(jingwei_https_request_seconds_count[5m])', text)).toEqual([
    'jingwei_https_request_seconds_count',
  ]);
  expect(unknownOf('jingwei_jobs{stat="failed"}', text)).toEqual(['jingwei_jobs{stat}']);
  expect(unknownOf('sum by (rout) (jingwei_http_request_seconds_sum)', text)).toEqual(['by (rout)']);
  expect(unknownOf('up == 0', text)).toEqual(['no figure in up == 0']);
});

test('the published contract of the interface holds, and what was added is recorded (docs/api/README.md)', async () => {
  const described = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as Described;
  const now = contractOf(described);
  const file = join(ops, '..', 'docs', 'api', 'v1.json');
  if (existsSync(file)) {
    const before = JSON.parse(readFileSync(file, 'utf8')) as Contract;
    expect(broken(before, now, new Date().toISOString().slice(0, 10))).toEqual([]);
  }
  await expect(contractText(now)).toMatchFileSnapshot('../../docs/api/v1.json');
  const routes = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ method: method.toUpperCase() as 'GET', path },
      ...(operation.deprecated ? { deprecated: operation['x-deprecation'] as never } : {}),
    })),
  );
  // What takes a route's place is there.
  for (const { deprecated } of routes)
    if (deprecated) expect(Object.keys(described.paths)).toContain((deprecated as { successor: string }).successor);
  await expect(deprecationPage(routes)).toMatchFileSnapshot('../../docs/api/README.md');
});

test('traces of a whole hub tell routes, jobs and statements, and nothing that was asked for', async () => {
  const job = await app.jobs.submit('vault.rotate', {});
  await expect.poll(async () => (await app.jobs.get(job)).state, { timeout: 30_000 }).toBe('done');
  await app.close();
  const sent = received.join('\n');
  const names = new Set([...sent.matchAll(/"name":"([^"]+)"/g)].map((m) => m[1]!));
  expect(names).toContain('POST /api/v1/session');
  expect(names).toContain('GET /api/v1/users');
  expect(names).toContain('job vault.rotate');
  expect(
    [...names].some((name) => /^SELECT auth\.\w+$/.test(name)),
    [...names].join(', '),
  ).toBe(true);
  for (const secret of ['张三丰', encodeURIComponent('张三丰'), 'zhangsanfeng', 'a secret word', '127.0.0.1'])
    expect(sent, secret).not.toContain(secret);
});
