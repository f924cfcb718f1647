import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { citizenId } from '@jingwei/codes';
import { type App, createApp } from '@jingwei/hub';
import { loadConfig } from '@jingwei/hub/light';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { jingwei } from '../testing.ts';

let folder: string;
let app: App | undefined;
/** One-time passwords of the first start. */
let first: App['firstAccounts'] = [];
const ids = (n: number, from = 0) => Array.from({ length: n }, (_, i) => citizenId.generate(`id ${from + i}`));
const keys = (...names: string[]) => join(folder, 'keys', ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-keys-'));
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  rmSync(folder, { recursive: true });
});

async function start(): Promise<App> {
  const overrides = { dataFolder: folder, 'http.port': 0, 'log.level': 'silent', 'seal.signing': false };
  app = await createApp(loadConfig({ cwd: folder, env: {}, overrides }), { rooms: [], scryptCost: 10 });
  if (app.firstAccounts.length > 0) first = app.firstAccounts;
  return app;
}
async function stop(): Promise<void> {
  await app?.close();
  app = undefined;
}
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no refusal',
    (error) => error.kind?.code ?? error,
  );
/** Calls of somebody who has signed in for the first time. */
async function signedIn(login: string) {
  const { oneTimePassword } = first.find((a) => a.login === login)!;
  let cookie = '';
  const call = async <T = unknown>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(app!.url + path, {
      method,
      headers: { 'content-type': 'application/json', cookie, origin: app!.url },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const set = response.headers.getSetCookie().map((c) => c.split(';')[0]!);
    if (set.length > 0) cookie = set.join('; ');
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  await call('POST', '/api/v1/session', { login, password: oneTimePassword });
  await call('POST', '/api/v1/me/password', { current: oneTimePassword, next: 'Warp-and-Weft-2026' });
  return call;
}
/** A command on this data folder; its JSON. */
async function run<T = Record<string, never>>(args: string[], expected = 0): Promise<T> {
  const ran = await jingwei(['--json', '--data', folder, 'keys', ...args]);
  expect(ran.code, ran.err + ran.out).toBe(expected);
  const answer = JSON.parse(ran.out || ran.err) as T & { problem?: T | null };
  return answer.problem ?? answer;
}

/** What the vault opens for its own rooms; the hub's own reader of telephone numbers does the same. */
const steward = {
  ...{ userId: 'u1', login: 'steward', name: '某甲', organisation: null, sessionId: 's1', purpose: '核查' },
  roles: ['data-steward' as const],
  permissions: new Set(['vault.reveal' as const]),
};
async function open(tokens: string[]): Promise<string[]> {
  const found = await app!.deps.vault.reveal(tokens, steward, '核查身份信息');
  return [...found.values()].sort();
}

interface Loss {
  missing: { id: string; accepted: boolean }[];
  parts: { id: string; readable: number; unreadable: number; keys: string[] }[];
  custody: { needed: number; count: number; covers: string[] } | null;
}

test('a hub whose folder of keys is gone says what is lost, makes none in its place, and comes back from custodians', async () => {
  await start();
  const vault = app!.deps.vault as unknown as { ingest(kind: string, of: string[]): Promise<Map<string, string>> };
  const tokens = [...(await vault.ingest('citizen-id', ids(40))).values()];
  const blob = await app!.deps.blobs.put([Buffer.from('一份文件')]);
  await stop();

  const { shares } = await run<{ shares: string[] }>(['split', '--custodians', '3', '--needed', '2']);
  expect(shares).toHaveLength(3);
  await start();
  // What is made after the split is in custody without asking anybody; what is destroyed leaves it.
  const job = await app!.jobs.submit('vault.rotate', {});
  await expect.poll(async () => (await app!.jobs.get(job))?.state, { timeout: 20_000 }).toBe('done');
  const sealed = readdirSync(join(folder, 'custody')).filter((name) => name.startsWith('seal-'));
  expect(sealed).toEqual(['seal-0002.key.sealed']);
  await expect
    .poll(
      async () =>
        (
          await app!.db.query<{ n: number }>(`SELECT count(*)::int AS n FROM audit.entry WHERE action = 'keys.custody'`)
        )[0]!.n,
    )
    .toBe(1);
  const security = await signedIn('secadmin');
  await security('POST', '/api/v1/keys/rotations', { use: 'files', reason: '年度更换' });
  const listed = await security<{ keys: { id: string; state: string; depends: number; inCustody: boolean }[] }>(
    'GET',
    '/api/v1/keys',
  );
  const shown = Object.fromEntries(listed.keys.map((k) => [k.id, [k.state, k.depends, k.inCustody]]));
  expect(shown).toMatchObject({
    token: ['active', 40, true],
    'seal-0002': ['active', 40, true],
    'seal-0001': ['destroyed', 0, false],
    'files-0002': ['active', 0, true],
    'files-0001': ['retired', 1, true],
    custody: ['active', expect.any(Number), false],
  });
  expect(JSON.stringify(listed)).not.toMatch(/[0-9a-f]{64}/);
  const system = await signedIn('sysadmin');
  await expect(system('POST', '/api/v1/keys/rotations', { use: 'files', reason: '年度更换' })).rejects.toThrow('403');
  await stop();

  rmSync(keys(), { recursive: true });
  expect(await code(start())).toBe('vault.key-lost');
  expect(readdirSync(keys()).filter((name) => name.endsWith('.key'))).toEqual([]);
  const loss = await run<Loss>(['lost'], 1);
  expect(loss.missing.map((m) => m.id)).toEqual(['files-0001', 'files-0002', 'seal-0002', 'token']);
  expect(loss.parts).toMatchObject([
    { id: 'vault/citizen-id', readable: 0, unreadable: 40, keys: ['seal-0002'] },
    { id: 'files', readable: 0, unreadable: 1, keys: ['files-0001'] },
    { id: 'token', readable: 0, unreadable: 40, keys: ['token'] },
  ]);
  expect(loss.custody).toEqual({ needed: 2, count: 3, covers: ['files-0001', 'files-0002', 'seal-0002', 'token'] });

  const file = join(folder, 'shares.txt');
  writeFileSync(file, shares[1]!);
  expect(await run<{ code: string }>(['verify', '--shares-file', file], 1)).toMatchObject({
    code: 'backup.recovery-shares',
  });
  writeFileSync(file, `${shares[2]}\n${shares[0]}\n`);
  const opened = await run<{ keys: string[] }>(['verify', '--shares-file', file]);
  expect(existsSync(keys('token.key'))).toBe(false);
  expect((await run<{ keys: string[] }>(['join', '--shares-file', file])).keys).toEqual(opened.keys);
  expect(await run<{ code: string }>(['join', '--shares-file', file], 1)).toMatchObject({
    code: 'vault.custody-in-place',
  });
  expect((await run<Loss>(['lost'])).missing).toEqual([]);
  await start();
  expect(await open(tokens)).toEqual(ids(40).sort());
  const content: Buffer[] = [];
  for await (const chunk of await app!.deps.blobs.get(blob.sha256)) content.push(chunk as Buffer);
  expect(Buffer.concat(content).toString()).toBe('一份文件');
}, 120_000);

test('a loss that is accepted lets the hub start without the key: what is under it stays unread, everything else goes on', async () => {
  await start();
  const ingest = async (of: string[]) => {
    const vault = app!.deps.vault as unknown as { ingest(kind: string, of: string[]): Promise<Map<string, string>> };
    return [...(await vault.ingest('citizen-id', of)).values()];
  };
  const old = await ingest(ids(5));
  await stop();
  expect(await run<{ code: string }>(['lost', '--accept', 'seal-0001', '--reason', '磁盘损坏'], 1)).toMatchObject({
    code: 'keys.not-lost',
  });
  rmSync(keys('seal-0001.key'));
  expect(await code(start())).toBe('vault.key-lost');
  expect(await run<{ code: string }>(['lost', '--accept', 'token', '--reason', '磁盘损坏'], 1)).toMatchObject({
    code: 'keys.token-needed',
  });
  const accepted = await run<Loss>(['lost', '--accept', 'seal-0001', '--reason', '磁盘损坏']);
  expect(accepted.missing).toEqual([{ id: 'seal-0001', wrong: false, accepted: true }]);
  await start();
  const fresh = await ingest(ids(3, 100));
  expect(await open([...old, ...fresh])).toEqual(ids(3, 100).sort());
  const job = await app!.jobs.submit('vault.rotate', {});
  await expect.poll(async () => (await app!.jobs.get(job))?.state, { timeout: 20_000 }).toBe('done');
  // The lost version's number is never given again.
  expect(readdirSync(keys()).filter((name) => name.startsWith('seal-'))).toEqual(['seal-0003.key']);
  expect(await open([...old, ...fresh])).toEqual(ids(3, 100).sort());
  await expect
    .poll(async () =>
      app!.db.query(`SELECT detail::jsonb->>'reason' AS reason FROM audit.entry WHERE action = 'keys.lost'`),
    )
    .toEqual([{ reason: '磁盘损坏' }]);
  await stop();
  const loss = await run<Loss>(['lost']);
  expect(loss.parts[0]).toMatchObject({ readable: 3, unreadable: 5 });
}, 120_000);
