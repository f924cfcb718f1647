/** The whole hub: outside clients sign and extend over HTTP, what was asked for is signed, also after a stop in between. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  originOf,
  readPublicationsFile,
  readSignature,
  signingTime,
  verify,
  verifyPublicationsFile,
} from '@jingwei/keyless';
import { AggregatorClient, ExtenderClient } from '@jingwei/keyless/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from './app.ts';
import { loadConfig } from './config.ts';
import { freshPgliteFolder } from './platform/db/testing.ts';
import { text } from './platform/i18n/index.ts';
import { silentLogger } from './platform/log/index.ts';
import type { Deps, RoomModule } from './platform/room.ts';
import type { SealSubject } from './platform/seal/port.ts';

let data: string;
let app: App;
let deps: Deps;
const room: RoomModule = {
  name: 'tried',
  start: async (given) => {
    deps = given;
  },
};

async function start(overrides: Record<string, unknown> = {}): Promise<void> {
  const all = {
    dataFolder: '.',
    'http.port': 0,
    'lake.memoryMiB': 512,
    'demo.enabled': true,
    'demo.pace': 0,
    ...overrides,
  };
  app = await createApp(loadConfig({ env: {}, cwd: data, overrides: all }), { logger: silentLogger(), rooms: [room] });
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'jingwei-seal-'));
  const pg = await freshPgliteFolder();
  cpSync(pg, join(data, 'pg'), { recursive: true });
  rmSync(pg, { recursive: true });
  await start({ 'seal.signing': false });
}, 120_000);
afterAll(async () => {
  await app.close();
  rmSync(data, { recursive: true, force: true });
});

const hash = (content: string) => new Uint8Array([1, ...createHash('sha256').update(content).digest()]);
const subject = (name: string): SealSubject => ({
  kind: 'rule',
  subject: name,
  title: text('试验规则', 'A tried rule'),
  organisation: 'scjg',
  imprint: hash(name),
});

/** A browser that keeps its cookie. */
function browser() {
  let cookie = '';
  return async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(app.url + path, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = answer.headers.get('set-cookie');
    if (set) cookie = set.split(';')[0]!;
    const said = await answer.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests state what they expect of a body.
    return { status: answer.status, body: (said ? JSON.parse(said) : null) as any };
  };
}

async function entered(login: string) {
  const call = browser();
  const { oneTimePassword } = app.firstAccounts.find((a) => a.login === login)!;
  await call('POST', '/api/v1/session', { login, password: oneTimePassword });
  const next = `Warp-and-weft-${login.length}-2026`;
  await call('POST', '/api/v1/me/password', { current: oneTimePassword, next });
  return call;
}

/** What anybody can fetch: enough to verify by. */
async function anchors() {
  const get = async (path: string) => new Uint8Array(await (await fetch(app.url + path)).arrayBuffer());
  const file = readPublicationsFile(await get('/keyless/publications'));
  const root = Buffer.from(await get('/keyless/root.pem')).toString();
  verifyPublicationsFile(file, { roots: [root], email: 'publications@jingwei.local' });
  return file;
}

test('what was asked for before the hub stopped is signed after its next start, the audit to its end among it', {
  timeout: 120_000,
}, async () => {
  const id = await deps.seal.request(subject('rule-0'));
  await expect(deps.seal.sign(hash('x'))).rejects.toMatchObject({ kind: { code: 'seal.unavailable' } });
  const [entries] = await app.db.query<{ n: number }>('SELECT count(*) AS n FROM audit.entry');
  await app.close();
  await start();
  expect(await deps.seal.sealed(id, 60_000)).toMatchObject({ state: 'sealed', organisation: 'scjg' });
  const [stretch] = await app.db.query<{ subject: string; sealed: boolean }>(
    "SELECT subject, signature IS NOT NULL AS sealed FROM seal.seal WHERE kind = 'audit'",
  );
  expect(stretch).toEqual({ subject: `1-${entries!.n}`, sealed: true });
});

test('an outside client signs and extends over HTTP, and what it gets verifies by what anybody can fetch', async () => {
  const security = await entered('secadmin');
  const made = await security('POST', '/api/v1/seals/clients', { login: 'bank', organisation: 'bank' });
  expect(made).toMatchObject({ status: 201, body: { login: 'bank', perSecond: 100, disabled: false } });
  expect((await security('GET', '/api/v1/seals/clients')).body.items[0]).not.toHaveProperty('key');
  const key = new Uint8Array(Buffer.from(made.body.key as string));
  const at = (path: string, own = key, login = 'bank') => ({ url: `${app.url}${path}`, login, key: own });
  const document = hash('a contract');
  const wrong = (options: ReturnType<typeof at>) => new AggregatorClient(options).sign(document);
  const [bytes] = await Promise.all([
    new AggregatorClient(at('/keyless/aggregator')).sign(document),
    expect(wrong(at('/keyless/aggregator', key, 'nobody'))).rejects.toMatchObject({ code: 'keyless.pdu.refused' }),
    expect(wrong(at('/keyless/aggregator', new Uint8Array(43)))).rejects.toMatchObject({
      code: 'keyless.pdu.refused',
    }),
  ]);
  const signature = readSignature(bytes);
  expect(originOf(signature).map((o) => ('clientId' in o ? o.clientId : o))).toContain('bank');
  const file = await anchors();
  expect(await verify(signature, 'default', { hash: document, publicationsFile: file })).toEqual({ outcome: 'ok' });
  expect(await verify(signature, 'default', { hash: hash('another'), publicationsFile: file })).toMatchObject({
    code: 'GEN-01',
  });
  const extender = new ExtenderClient(at('/keyless/extender'));
  const trust = { hash: document, extender: (from: bigint, to?: bigint) => extender.extend(from, to) };
  expect(await verify(signature, 'calendar', trust)).toEqual({ outcome: 'ok' });
  // A key that was ended ends at once.
  await security('PATCH', '/api/v1/seals/clients/bank', { disabled: true });
  await expect(wrong(at('/keyless/aggregator'))).rejects.toMatchObject({ code: 'keyless.pdu.refused' });
  const audit = await app.db.query<{ action: string }>(
    "SELECT action FROM audit.entry WHERE action LIKE 'seal.%' ORDER BY seq",
  );
  expect(audit.map((a) => a.action)).toEqual(['seal.client-create', 'seal.client-change']);
  expect(statSync(join(data, 'keys', 'seal', 'root.pem')).mode & 0o077).toBe(0);
});

test('what is asked for twice is one seal; it is signed, published, and shown with its verdict', async () => {
  const ids = [await deps.seal.request(subject('rule-1')), await deps.seal.request(subject('rule-1'))];
  expect(ids[0]).toBe(ids[1]);
  const seal = await deps.seal.sealed(ids[0]!, 60_000);
  const steward = await entered('steward');
  const shown = (await steward('GET', `/api/v1/seals/${seal.id}`)).body;
  expect(shown).toMatchObject({ state: 'sealed', kind: 'rule', verdict: { outcome: 'ok', by: 'key' } });
  expect((await steward('GET', '/api/v1/seals?kind=rule&subject=rule-1')).body.items).toHaveLength(1);
  expect(
    (await steward('GET', `/api/v1/seals?imprint=${Buffer.from(seal.imprint).toString('hex')}`)).body.items,
  ).toMatchObject([{ id: seal.id }]);
  const security = browser();
  await security('POST', '/api/v1/session', { login: 'secadmin', password: 'Warp-and-weft-8-2026' });
  expect(await security('GET', '/api/v1/seals')).toMatchObject({ status: 403 });
  expect((await security('POST', '/api/v1/seals/clock')).status).toBe(200);
  for (const path of ['/api/v1/seals/clients', '/api/v1/seals/clock'])
    expect(await steward('POST', path, { login: 'x' })).toMatchObject({ status: 403 });
  const weak = { name: 'a.txt', imprint: `00${'0'.repeat(40)}` };
  expect((await steward('POST', '/api/v1/seals', weak)).body).toMatchObject({ code: 'seal.imprint-weak' });
  expect((await steward('POST', '/api/v1/seals', { ...weak, imprint: '01ff' })).body.code).toBe('seal.imprint');
  const own = { name: 'a.txt', imprint: Buffer.from(hash('a.txt')).toString('hex'), size: 5 };
  expect(await steward('POST', '/api/v1/seals', own)).toMatchObject({
    status: 201,
    body: { kind: 'file', facts: { bytes: 5 } },
  });
  const stranger = browser();
  const certificate = await stranger('GET', `/api/v1/trust/certificates/${shown.reference}`);
  expect(certificate.body).toMatchObject({ kind: 'rule', organisation: 'scjg', verdict: { outcome: 'ok' } });
  expect(await stranger('GET', `/api/v1/seals/${seal.id}`)).toMatchObject({ status: 401 });
  const time = Number(signingTime(readSignature(seal.signature!)));
  expect((await stranger('GET', `/api/v1/trust/calendar/${time}`)).body).toMatchObject({ time });
  expect((await stranger('GET', '/api/v1/trust/calendar?limit=1')).body.items[0].time).toBeGreaterThanOrEqual(time);
  const chain = await stranger('POST', '/api/v1/trust/extend', { aggregationTime: time });
  expect(Buffer.from(chain.body.chain, 'base64').readUInt16BE()).toBe(0x8802);
  expect(await stranger('POST', '/api/v1/trust/extend', { aggregationTime: 1 })).toMatchObject({
    status: 400,
    body: { code: 'seal.time-range' },
  });
});

test('a publication extends every seal, keeping its aggregation chains byte for byte', async () => {
  const seal = await deps.seal.sealed(await deps.seal.request(subject('rule-2')), 60_000);
  const before = readSignature(seal.signature!);
  await app.seal.publisher.publish();
  const [job] = await app.jobs.list({ kind: 'seal.extend', limit: 1 });
  await app.jobs.wait(job!.id);
  const kept = (await deps.seal.get(seal.id))!;
  const after = readSignature(kept.signature!);
  const chains = (s: typeof after) => s.chains.map((c) => Buffer.from(c.tlv.bytes).toString('hex'));
  expect(chains(after)).toEqual(chains(before));
  expect(after.authentication).toBeUndefined();
  const file = await anchors();
  expect(kept.publishedAt).toEqual(new Date(Number(file.publications.at(-1)!.data.time) * 1000));
  // By hash functions and the publication alone: no key, no server.
  const userPublication = { time: after.publication!.data.time, hash: file.publications.at(-1)!.data.hash };
  expect(await verify(after, 'userPublication', { hash: seal.imprint, userPublication })).toEqual({ outcome: 'ok' });
  const { body } = await browser()('GET', '/api/v1/trust/publications');
  // No calendar has a day for this second.
  expect((await browser()('GET', '/api/v1/trust/publications?before=99999999999999')).status).toBe(400);
  expect(body.items[0]).toMatchObject({ time: Number(userPublication.time), printed: expect.stringMatching(/^AAAAA/) });
  expect(body.items[0].seals).toBeGreaterThan(0);
});
