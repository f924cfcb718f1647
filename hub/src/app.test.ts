import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type App, createApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { Repository } from './platform/backup/index.ts';
import { freshPgliteFolder } from './platform/db/testing.ts';
import { defineRoute } from './platform/http/index.ts';
import { holderOf } from './platform/lock/index.ts';
import { silentLogger } from './platform/log/index.ts';
import type { RoomModule } from './platform/room.ts';
import { KeyRing } from './platform/vault/index.ts';

let data: string;
let config: Config;
let app: App;
const events: string[] = [];

const room: RoomModule = {
  name: 'tried',
  defineLake: (lake) =>
    lake.define(['CREATE SCHEMA IF NOT EXISTS tried', 'CREATE TABLE IF NOT EXISTS tried.t (a INT)']),
  jobs: () => [
    {
      kind: 'tried.work',
      title: { zh: '试', en: 'Try' },
      params: z.object({}),
      run: async (context) => {
        context.progress({ done: 1, total: 1 });
        return 'worked';
      },
    },
  ],
  routes: (deps) => [
    defineRoute({
      method: 'POST',
      path: '/api/v1/tried',
      room: 'tried',
      summary: { zh: '试', en: 'Try' },
      access: 'jobs.manage',
      response: z.object({ job: z.string() }),
      handler: async ({ principal }) => ({ job: await deps.jobs.submit('tried.work', {}, { by: principal.userId }) }),
    }),
  ],
  start: async () => void events.push('start'),
  stop: async () => void events.push('stop'),
};

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'jingwei-app-'));
  const pg = await freshPgliteFolder();
  cpSync(pg, join(data, 'pg'), { recursive: true });
  rmSync(pg, { recursive: true });
  const repository = join(data, 'work', 'repository');
  const made = Repository.init(repository, new Date());
  KeyRing.open(join(data, 'keys')).keep('backup', made.dataKey);
  config = loadConfig({
    ...{ env: {}, cwd: data },
    overrides: {
      ...{ dataFolder: '.', 'http.port': 0, 'lake.memoryMiB': 512 },
      ...{ 'backup.folder': repository, 'backup.rehearseDays': 0 },
    },
  });
  app = await createApp(config, { logger: silentLogger(), scryptCost: 4, rooms: [room] });
});
afterAll(async () => {
  await app.close();
  rmSync(data, { recursive: true, force: true });
});

let cookie = '';
async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> {
  const answer = await fetch(app.url + path, {
    method,
    headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const set = answer.headers.get('set-cookie');
  if (set) cookie = set.split(';')[0]!;
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : null) as never };
}

test('a fresh hub is ready, describes itself and asks strangers to sign in', async () => {
  expect((await call('GET', '/health/ready')).body).toEqual({ status: 'ok', checks: { store: true, lake: true } });
  const api = (await call('GET', '/api/openapi.json')).body as { paths: Record<string, unknown> };
  expect((await call('GET', '/api/v1/sign-in')).body).toMatchObject({ city: { zh: '慈溪市', en: 'Cixi' } });
  for (const path of ['/api/v1/jobs', '/api/v1/session', '/api/v1/audit', '/api/v1/tried']) {
    expect(Object.keys(api.paths)).toContain(path);
  }
  expect(await call('GET', '/api/v1/jobs')).toMatchObject({ status: 401, body: { code: 'http.sign-in' } });
});

test('an administrator of the first start signs in, changes the password, starts a job and sees it done', async () => {
  expect(app.firstAccounts.map((a) => a.login)).toEqual(['sysadmin', 'secadmin', 'auditadmin']);
  const { login, oneTimePassword } = app.firstAccounts[0]!;
  expect((await call('POST', '/api/v1/session', { login, password: oneTimePassword })).status).toBe(201);
  expect((await call('GET', '/api/v1/jobs')).status).toBe(403);
  const next = 'Warp-and-weft-2026';
  expect((await call('POST', '/api/v1/me/password', { current: oneTimePassword, next })).status).toBe(200);
  const { job } = (await call('POST', '/api/v1/tried')).body as { job: string };
  await app.jobs.wait(job);
  expect((await call('GET', `/api/v1/jobs/${job}`)).body).toMatchObject({ state: 'done', result: 'worked' });
  expect((await call('GET', '/api/v1/jobs?state=done&limit=5')).body).toMatchObject({ jobs: [{ id: job }] });
  expect(await call('POST', `/api/v1/jobs/${job}/cancel`)).toMatchObject({ status: 409, body: { code: 'jobs.ended' } });
  expect(await call('GET', '/api/v1/audit')).toMatchObject({ status: 403 });
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(metrics).toContain('jingwei_jobs{state="done"} 1');
  expect(metrics).toMatch(/jingwei_lake_bytes [1-9]/);
  expect(metrics).toMatch(/jingwei_lake_memory_bytes\{tag="\w+"\} [1-9]/);
});

test('data begun as a demonstration is marked for ever, while its accounts are open in demo mode only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-demo-'));
  const pg = await freshPgliteFolder();
  cpSync(pg, join(folder, 'pg'), { recursive: true });
  rmSync(pg, { recursive: true });
  const start = async (demo: boolean) => {
    const overrides = { dataFolder: folder, 'http.port': 0, 'lake.memoryMiB': 512, 'demo.enabled': demo };
    const own = await createApp(loadConfig({ env: {}, cwd: data, overrides }), {
      logger: silentLogger(),
      scryptCost: 4,
      rooms: [],
    });
    const said = (await (await fetch(`${own.url}/api/v1/sign-in`)).json()) as { demo: boolean };
    const made = own.firstAccounts.map((a) => a.login);
    await own.close();
    return { marked: said.demo, synthetic: own.synthetic, demoAccounts: made.includes('steward') };
  };
  try {
    expect(app.synthetic).toBe(false);
    expect(await start(false)).toEqual({ marked: false, synthetic: false, demoAccounts: false });
    expect(await start(true)).toEqual({ marked: true, synthetic: true, demoAccounts: true });
    expect(await start(false)).toEqual({ marked: true, synthetic: true, demoAccounts: false });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a second hub on the same folder is refused with the address of the first', async () => {
  expect(holderOf(data)?.url).toBe(app.url);
  await expect(createApp(config, { logger: silentLogger(), scryptCost: 4, rooms: [] })).rejects.toMatchObject({
    kind: { code: 'lock.held' },
    params: { url: app.url },
  });
});

test('a hub that stops lets everything go, one that fails to start as well, and the next goes on', async () => {
  await app.close();
  expect(events).toEqual(['start', 'stop']);
  expect(existsSync(join(data, 'lock'))).toBe(false);
  const bad: RoomModule = {
    name: 'bad',
    start: async () => {
      throw new Error('no luck');
    },
  };
  await expect(createApp(config, { logger: silentLogger(), scryptCost: 4, rooms: [room, bad] })).rejects.toThrow(
    'no luck',
  );
  expect(events).toEqual(['start', 'stop', 'start', 'stop']);
  app = await createApp(config, { logger: silentLogger(), scryptCost: 4, rooms: [room] });
  expect(await app.jobs.list()).toMatchObject([{ kind: 'tried.work', state: 'done' }]);
  // The account that was used keeps its password; the two that never were get new ones.
  expect(app.firstAccounts.map((a) => a.login)).toEqual(['secadmin', 'auditadmin']);
});

test('a backup of the running hub is restored aside and checked while it runs', async () => {
  expect((await app.jobs.wait(await app.jobs.submit('backup.take', {}))).state).toBe('done');
  const rehearsed = await app.jobs.wait(await app.jobs.submit('backup.rehearse', {}));
  expect(rehearsed).toMatchObject({ state: 'done', error: null });
}, 120_000);
