import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Server } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../clock.ts';
import { configSchema } from '../../config/index.ts';
import { createLogger } from '../../log/index.ts';
import { Problem } from '../../problem.ts';
import { createHttp, createMetrics, type HttpServer } from '../index.ts';
import { testAuthority } from './certificate-testing.ts';
import { type Ending, Tls } from './tls.ts';

const DAY = 86_400_000;
const authority = testAuthority();
const log = createLogger({ level: 'silent' });
let folder: string;
let clock: ManualClock;
let tls: Tls | undefined;
let http: HttpServer | undefined;
const path = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-tls-'));
  // The handshake of these tests looks at the machine's own clock.
  clock = new ManualClock(new Date());
});
afterEach(async () => {
  await http?.close();
  await tls?.close();
  [http, tls] = [undefined, undefined];
  rmSync(folder, { recursive: true });
});

/** Writes a pair that holds for so many days. */
function put(days: number, host = 'brain.test', from = -1): { certificate: string; key: string } {
  const now = clock.now().getTime();
  const pair = authority.issue([host], now + from * DAY, now + days * DAY);
  // The key first, as tools do: between both there is a moment at which they do not fit.
  writeFileSync(path('key.pem'), pair.key, { mode: 0o600 });
  writeFileSync(path('chain.pem'), pair.certificate);
  return pair;
}

const configOf = (more: object = {}) =>
  configSchema.parse({
    http: {
      port: 0,
      publicUrl: 'https://brain.test',
      tls: { certificate: path('chain.pem'), key: path('key.pem'), ...more },
    },
  }).http;

async function open(more: object = {}): Promise<Tls> {
  const config = configOf(more);
  const host = { config: config.tls!, host: '127.0.0.1', publicUrl: config.publicUrl!, folder: path('tls') };
  tls = await Tls.open({ ...host, clock, log });
  return tls;
}

async function serve(): Promise<{ port: number; told: Ending[] }> {
  const config = configOf();
  http = await createHttp({
    ...{ config, clock, log, metrics: createMetrics(), routes: [], version: '1', checkResponses: true, ready: {} },
    ...{ tls: tls!, authenticate: async () => null, refused: async () => undefined },
  } as never);
  const url = await http.listen();
  expect(url).toMatch(/^https:/);
  const told: Ending[] = [];
  tls!.start(http.fastify.server as unknown as Server, async (ending) => void told.push(ending));
  await tls!.look();
  return { port: (http.fastify.server.address() as AddressInfo).port, told };
}

/** What a client sees: certificate, protocol, and whether it believes. */
function shake(port: number, options: object = {}): Promise<{ fingerprint: string; protocol: string | null }> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { port, host: '127.0.0.1', servername: 'brain.test', ca: authority.certificate, ...options },
      () => {
        resolve({ fingerprint: socket.getPeerCertificate().fingerprint256, protocol: socket.getProtocol() });
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

function get(port: number, path: string): Promise<{ status: number; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const options = { port, path, host: '127.0.0.1', servername: 'brain.test', ca: authority.certificate };
    request(options, (response) => {
      response.resume();
      resolve({ status: response.statusCode!, headers: response.headers });
    })
      .on('error', reject)
      .end();
  });
}

async function refusal(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
}

test('serves its certificate by TLS 1.2 and 1.3, and nothing older; tells browsers to stay', async () => {
  put(90);
  await open();
  const { port } = await serve();
  expect((await shake(port)).protocol).toBe('TLSv1.3');
  expect((await shake(port, { maxVersion: 'TLSv1.2' })).protocol).toBe('TLSv1.2');
  await expect(shake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
  const answer = await get(port, '/health/live');
  expect(answer.status).toBe(200);
  expect(answer.headers['strict-transport-security']).toMatch(/^max-age=\d{7,}/);
});

test('a new pair of files is served without a restart, to clients that name the host and to those that do not', async () => {
  put(90);
  await open();
  const { port } = await serve();
  const first = await shake(port);
  put(180);
  await tls!.look();
  const second = await shake(port);
  expect(second.fingerprint).not.toBe(first.fingerprint);
  const nameless = { servername: '', checkServerIdentity: () => undefined };
  expect((await shake(port, nameless)).fingerprint).toBe(second.fingerprint);
  expect(tls!.part()).toMatchObject({ standing: 'ok' });
});

test('a bad new pair takes nobody’s place, is said, and the next good one is taken', async () => {
  put(90);
  await open();
  const { port } = await serve();
  const first = await shake(port);
  const bad: [() => void, RegExp][] = [
    [() => writeFileSync(path('chain.pem'), 'no certificate'), /no certificate in PEM/],
    [() => writeFileSync(path('chain.pem'), authority.issue(['brain.test'], 0, 4e12).certificate), /does not belong/],
    [() => put(-2, 'brain.test', -9), /ended on/],
    [() => put(90, 'brain.test', 5), /holds from/],
    [() => chmodSync(path('key.pem'), 0o640), /has mode 640/],
    [() => rmSync(path('key.pem')), /cannot be read/],
  ];
  for (const [spoil, said] of bad) {
    spoil();
    await tls!.look();
    expect(tls!.part(), String(said)).toMatchObject({ standing: 'warn', text: { en: expect.stringMatching(said) } });
    expect((await shake(port)).fingerprint, String(said)).toBe(first.fingerprint);
  }
  put(180);
  chmodSync(path('key.pem'), 0o600);
  await tls!.look();
  expect(tls!.part().standing).toBe('ok');
  expect((await shake(port)).fingerprint).not.toBe(first.fingerprint);
});

test('a key that others can read, or a pair that is none, ends the start with its file', async () => {
  put(90);
  chmodSync(path('key.pem'), 0o644);
  expect(await refusal(open())).toMatchObject({ kind: { code: 'tls.key-exposed' }, place: { file: path('key.pem') } });
  rmSync(path('key.pem'));
  expect((await refusal(open())).kind.code).toBe('tls.no-file');
  writeFileSync(path('key.pem'), 'none', { mode: 0o600 });
  expect((await refusal(open())).kind.code).toBe('tls.not-key');
});

test('the end is told once for each mark, and an old certificate is served on and called bad', async () => {
  put(40);
  await open();
  const { told, port } = await serve();
  expect(told).toEqual([]);
  for (const days of [11, 12, 11, 5.5]) {
    clock.advance(days * DAY);
    await tls!.look();
    await tls!.look();
  }
  expect(told.map((t) => t.mark)).toEqual([30, 7, 1]);
  clock.advance(DAY);
  expect(tls!.part()).toMatchObject({ standing: 'bad', text: { en: expect.stringMatching(/^ended on/) } });
  expect((await shake(port)).protocol).toBe('TLSv1.3');
});

test('a certificate for another host is called bad', async () => {
  put(90, 'other.test');
  await open();
  expect(tls!.part()).toMatchObject({ standing: 'bad', text: { en: 'does not name the host brain.test' } });
});

test('plain HTTP leads readers to the public address and nowhere else, and takes nothing in', async () => {
  put(90);
  await open({ redirectPort: 0 });
  const ask = (path: string, init: object = {}) =>
    fetch(`http://127.0.0.1:${tls!.redirectPort}${path}`, { redirect: 'manual', ...init });
  const led = await ask('/sharing/requests?state=open');
  expect([led.status, led.headers.get('location')]).toEqual([308, 'https://brain.test/sharing/requests?state=open']);
  expect((await ask('//evil.test/x')).headers.get('location')).toBe('https://brain.test/');
  expect((await ask('/api/v1/session', { method: 'POST', body: '{}' })).status).toBe(403);
  expect((await ask('/.well-known/acme-challenge/none')).status).toBe(404);
});

test('settings that do not go together are refused', () => {
  const faults = (http: object) => configSchema.safeParse({ http }).error?.issues.map((i) => i.path.join('.')) ?? [];
  expect(faults({ tls: { certificate: 'a', key: 'b' } })).toEqual(['http.publicUrl']);
  expect(faults({ publicUrl: 'http://x', tls: { certificate: 'a', key: 'b' } })).toEqual(['http.publicUrl']);
  expect(faults({ publicUrl: 'https://x', tls: { certificate: 'a' } })).toEqual(['http.tls']);
  expect(faults({ publicUrl: 'https://x', tls: {} })).toEqual(['http.tls']);
  const acme = { directory: 'https://a/d', termsAgreed: true };
  expect(faults({ publicUrl: 'https://x', tls: { acme } })).toEqual(['http.tls']);
  expect(faults({ publicUrl: 'https://x', tls: { acme, redirectPort: 80 } })).toEqual([]);
});
