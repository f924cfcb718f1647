import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../clock.ts';
import { configSchema } from '../../config/index.ts';
import { createLogger } from '../../log/index.ts';
import { Problem } from '../../problem.ts';
import { newKey, order } from './acme.ts';
import { startAcme } from './acme-testing.ts';
import { testAuthority } from './certificate-testing.ts';
import { Redirect } from './redirect.ts';
import { Tls } from './tls.ts';

/** Let's Encrypt's own server for tests (Debian's package `pebble`), which spends nonces and validations on purpose. */
const there = (() => {
  try {
    execFileSync('pebble', ['-h'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
})();
const authority = testAuthority();
const log = createLogger({ level: 'silent' });
const SECRET = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
let folder: string;
let pebble: ChildProcess | undefined;
let directory = 'https://localhost/dir';
let challengePort: number;

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function startPebble(binding: boolean): Promise<string> {
  const [port, management] = [await freePort(), await freePort()];
  const now = Date.now();
  const pair = authority.issue(['localhost'], now - 86_400_000, now + 86_400_000);
  writeFileSync(join(folder, 'pebble.pem'), pair.certificate);
  writeFileSync(join(folder, 'pebble.key'), pair.key);
  writeFileSync(
    join(folder, 'pebble.json'),
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: join(folder, 'pebble.pem'),
        privateKey: join(folder, 'pebble.key'),
        httpPort: challengePort,
        tlsPort: await freePort(),
        externalAccountBindingRequired: binding,
        ...(binding ? { externalAccountMACKeys: { 'kid-1': SECRET } } : {}),
      },
    }),
  );
  pebble = spawn('pebble', ['-config', join(folder, 'pebble.json')], {
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '15' },
    stdio: 'ignore',
  });
  for (let i = 0; i < 100; i++) {
    const open = await fetch(`https://localhost:${port}/dir`).then(
      () => true,
      // It answers, but its authority is not the system's.
      (error: Error) => /certificate|signature|self/i.test(String(error.cause)),
    );
    if (open) break;
    await pause(100);
  }
  return `https://localhost:${port}/dir`;
}

async function stopPebble(): Promise<void> {
  const child = pebble;
  if (!child) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
  pebble = undefined;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-acme-'));
  challengePort = await freePort();
  writeFileSync(join(folder, 'authority.pem'), authority.certificate);
  if (there) directory = await startPebble(false);
});
afterAll(async () => {
  await stopPebble();
  rmSync(folder, { recursive: true });
});

const configOf = (more: object = {}) =>
  configSchema.parse({
    http: {
      publicUrl: 'https://localhost',
      tls: {
        redirectPort: challengePort,
        acme: {
          directory,
          termsAgreed: true,
          contact: 'it@example.cn',
          authorityFile: join(folder, 'authority.pem'),
          ...more,
        },
      },
    },
  }).http.tls!;

test.runIf(there)(
  'orders at the first start, serves it from then on, and renews before it ends',
  { timeout: 60_000 },
  async () => {
    const clock = new ManualClock(new Date());
    const host = { config: configOf(), host: '127.0.0.1', publicUrl: 'https://localhost', folder: join(folder, 'own') };
    const tls = await Tls.open({ ...host, clock, log });
    const file = join(folder, 'own', 'localhost.pem');
    const first = readFileSync(file, 'utf8');
    try {
      expect(first.match(/BEGIN CERTIFICATE/g)!.length).toBeGreaterThanOrEqual(2);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(tls.part()).toMatchObject({ standing: 'ok', text: { en: expect.stringContaining('Pebble') } });
      await tls.look();
      expect(readFileSync(file, 'utf8')).toBe(first);
      // Five years are what this authority gives: a month before their end is when the next one is ordered.
      clock.advance(5 * 365.25 * 86_400_000 - 20 * 86_400_000);
      await tls.look();
      expect(readFileSync(file, 'utf8')).not.toBe(first);
    } finally {
      await tls.close();
    }
    // A later start asks nobody.
    const again = await Tls.open({ ...host, config: configOf({ directory: 'https://localhost:9/dir' }), clock, log });
    await again.close();
  },
);

test.runIf(there)(
  'what the authority says stands in the refusal, and the old certificate is served on',
  { timeout: 60_000 },
  async () => {
    const challenges = { answer: () => undefined, forget: () => undefined };
    const signal = new AbortController().signal;
    const what = {
      directory,
      accountKey: newKey(),
      host: 'localhost',
      challenges,
      signal,
      authority: authority.certificate,
    };
    // Nobody listens where the authority looks for its challenge.
    const error = await order(what).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).toJSON()).toMatchObject({
      code: 'tls.acme-failed',
      title: { en: expect.stringMatching(/challenge.*(connect|refused)/i) },
    });
    expect(await order({ ...what, host: 'in valid' }).catch((e: Problem) => e.kind?.code)).toBe('tls.acme-failed');
    const { authority: _, ...unbelieved } = what;
    expect(String(await order(unbelieved).catch((e: unknown) => e))).toMatch(/directory.*(certificate|signature)/);
  },
);

test.runIf(there)('an authority that asks for a binding to an account gets one', { timeout: 60_000 }, async () => {
  await stopPebble();
  const bound = await startPebble(true);
  const redirect = new Redirect('https://localhost');
  await redirect.listen('127.0.0.1', challengePort);
  try {
    const signal = new AbortController().signal;
    const what = {
      directory: bound,
      accountKey: newKey(),
      host: 'localhost',
      challenges: redirect,
      signal,
      authority: authority.certificate,
    };
    expect(String(await order(what).catch((e: unknown) => e))).toMatch(/account.*binding/i);
    const { certificate } = await order({ ...what, binding: { id: 'kid-1', key: SECRET } });
    expect(certificate).toContain('BEGIN CERTIFICATE');
  } finally {
    await redirect.close();
  }
});

test('orders from an authority of the test, on any machine: nonces, signatures, challenge and request are judged', async () => {
  const clock = new ManualClock(new Date());
  const port = await freePort();
  const acme = await startAcme(
    () => port,
    () => clock.now().getTime(),
  );
  writeFileSync(join(folder, 'test-authority.pem'), acme.authority);
  const more = { directory: acme.directory, authorityFile: join(folder, 'test-authority.pem') };
  const config = { ...configOf(more), redirectPort: port };
  const host = { config, host: '127.0.0.1', publicUrl: 'https://localhost', folder: join(folder, 'test') };
  const tls = await Tls.open({ ...host, clock, log });
  try {
    expect(acme.issued()).toBe(1);
    expect(tls.part()).toMatchObject({ standing: 'ok', text: { en: expect.stringMatching(/\((89|90) days\)/) } });
    clock.advance(59 * 86_400_000);
    await tls.look();
    expect(acme.issued()).toBe(1);
    clock.advance(2 * 86_400_000);
    await tls.look();
    expect(acme.issued()).toBe(2);
    expect(tls.part().standing).toBe('ok');
    // Gone for good: the old one is served on, and the page says what is wrong; an hour later it is asked again.
    await acme.close();
    clock.advance(70 * 86_400_000);
    await tls.look();
    expect(tls.part()).toMatchObject({
      standing: 'warn',
      text: { en: expect.stringMatching(/not used: no certificate could be had \(directory\)/) },
    });
  } finally {
    await tls.close();
    await acme.close().catch(() => undefined);
  }
});

test('an authority that cannot be reached ends a first start with the step, and leaves nothing listening', async () => {
  const port = await freePort();
  const config = { ...configOf({ directory: `https://localhost:${await freePort()}/dir` }), redirectPort: port };
  const host = { config, host: '127.0.0.1', publicUrl: 'https://localhost', folder: join(folder, 'none') };
  mkdirSync(host.folder, { recursive: true });
  const error = await Tls.open({ ...host, clock: new ManualClock(), log }).catch((e: unknown) => e);
  expect((error as Problem).kind?.code).toBe('tls.acme-failed');
  expect((error as Problem).params.step).toBe('directory');
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});
