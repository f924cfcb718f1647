import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Audit, auditMigrations } from '../platform/audit/index.ts';
import { ManualClock } from '../platform/clock.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { silentLogger } from '../platform/log/index.ts';
import type { PeersContext } from './context.ts';
import { readCkanPage } from './harvest/foreign-ckan.ts';
import { harvest } from './harvest/harvest.ts';
import { remoteEntries, remoteQuery } from './harvest/remote.ts';
import { readCode } from './introduce.ts';
import { takeMessage } from './matters/messages.ts';
import { addressOf, bodyOf, call } from './protocol/call.ts';
import { callerOf, hashOf, readerOf } from './protocol/gate.ts';
import { checkCode, openIdentity } from './protocol/identity.ts';
import { readClaim, SKEW, signedHeaders, verifyClaim } from './protocol/signature.ts';
import { peerOf } from './store.ts';

const clock = new ManualClock('2026-03-02T02:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'jingwei-peer-keys-'));
const [us, them, third] = ['us', 'them', 'third'].map((n) => openIdentity(join(folder, n))) as [
  ReturnType<typeof openIdentity>,
  ReturnType<typeof openIdentity>,
  ReturnType<typeof openIdentity>,
];
let store: TestDb;
let server: Server;
let answer: RequestListener = (_, response) => void response.end();
let base: string;
let c: PeersContext;
let peer: number;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  store = await testStore([
    auditMigrations,
    { room: 'peers', folder: fileURLToPath(new URL('./migrations', import.meta.url)) },
  ]);
  const { db } = store;
  const deps = {
    db,
    clock,
    audit: new Audit(db, clock),
    log: silentLogger(),
    http: { url: () => 'https://us.example' },
  };
  c = { deps, identity: us } as unknown as PeersContext;
  const made = await db.query<{ id: number }>(
    `INSERT INTO peers.peer (name_zh, name_en, level, kind, url, state, hub, public_key, networks, reader_key, reader_until, created_by, created_at)
     VALUES ('甲', 'A', 'city', 'dcat', $1, 'active', $2, $3, '["127.0.0.0/8"]', $4, '2026-04-01', 'x', now()) RETURNING id`,
    [`${base}/catalog.ttl`, them.hub, them.publicKey, hashOf('jwp_good')],
  );
  peer = made[0]!.id;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await store.end();
  rmSync(folder, { recursive: true });
});

const code = async (work: Promise<unknown> | (() => unknown)): Promise<string> => {
  try {
    await (typeof work === 'function' ? work() : work);
    return 'none';
  } catch (error) {
    return (error as { kind?: { code: string } }).kind?.code ?? String(error);
  }
};

const signed = (by: typeof us, target: string, body: Uint8Array, to = us.hub) => ({
  method: 'POST',
  raw: { url: target },
  headers: signedHeaders(by, { method: 'POST', target, body }, to, clock.now()),
});
const knock = (request: object, body: Uint8Array) => callerOf(c, request as never, body);

test('a signed call holds once, for its hub, body, path and time', async () => {
  const body = Buffer.from('{"a":1}');
  const good = signed(them, '/peers/v1/messages?x=1', body);
  expect((await knock(good, body)).id).toBe(peer);
  expect(await code(knock(good, body))).toBe('peers.replay');
  const fresh = () => signed(them, '/peers/v1/messages', body);
  expect(await code(knock(fresh(), Buffer.from('{"a":2}')))).toBe('peers.signature');
  expect(await code(knock({ ...fresh(), raw: { url: '/peers/v1/introduce' } }, body))).toBe('peers.signature');
  expect(await code(knock({ ...fresh(), method: 'GET' }, body))).toBe('peers.signature');
  expect(await code(knock(signed(them, '/x', body, third.hub), body))).toBe('peers.not-for-us');
  expect(await code(knock(signed(third, '/x', body), body))).toBe('peers.stranger');
  expect(await code(knock({ method: 'POST', raw: { url: '/x' }, headers: {} }, body))).toBe('peers.unsigned');
  const early = fresh();
  clock.advance((SKEW + 1) * 1000);
  expect(await code(knock(early, body))).toBe('peers.clock');
});

test('nothing of a signature can be changed without its being noticed', () => {
  const call = { method: 'POST', target: '/peers/v1/messages?a=b', body: Buffer.from('x') };
  const headers = signedHeaders(them, call, us.hub, clock.now());
  const verified = (h: Record<string, string>) => {
    const claim = readClaim(h);
    if (claim) verifyClaim(claim, call, them.key, us.hub, clock.now());
    return claim !== null;
  };
  expect(verified(headers)).toBe(true);
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(headers)),
      fc.nat(),
      fc.constantFrom('a', '0', '=', '"', ';'),
      (name, at, by) => {
        const value = headers[name]!;
        const i = at % value.length;
        const changed = value.slice(0, i) + by + value.slice(i + 1);
        if (changed === value) return;
        expect(() => verified({ ...headers, [name]: changed })).toThrow();
      },
    ),
    // A found counterexample: the spare bits of the signature's last character.
    { numRuns: 200, examples: [['signature', 2071453538, 'a']] },
  );
});

test('a key for reading is good until it is over or its hub is suspended', async () => {
  const ask = (authorization: string) => readerOf(c, { headers: { authorization } } as never);
  expect(await ask('jwp_good')).toBe('government');
  expect(await ask('Bearer jwp_good')).toBe('government');
  expect(await code(ask('jwp_bad'))).toBe('peers.stranger');
  expect(await ask('Basic abc')).toBeNull();
  await store.db.query(`UPDATE peers.peer SET reader_until = '2026-03-01' WHERE id = $1`, [peer]);
  expect(await code(ask('jwp_good'))).toBe('peers.stranger');
});

test('calls go nowhere but to what was allowed, are not redirected, and take no more than their bounds', async () => {
  const get = (url: string, networks = ['127.0.0.0/8'], limits = {}) =>
    call({ method: 'GET', url: new URL(url), networks, limits }).then(bodyOf);
  answer = (_, response) => void response.end('good');
  expect(String(await get(base))).toBe('good');
  for (const inside of [
    base,
    'http://localhost:1/',
    'http://169.254.169.254/latest',
    'http://[::1]:1/',
    'http://10.0.0.1/',
  ])
    expect(await code(get(inside, [])), inside).toBe('peers.inside');
  answer = (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
  expect(await code(get(base))).toBe('peers.redirect');
  answer = (_, response) => {
    response.on('error', () => undefined);
    const part = Buffer.alloc(64 * 1024);
    const more = () => {
      while (!response.destroyed && response.write(part));
    };
    response.on('drain', more);
    more();
  };
  expect(await code(get(base, undefined, { bytes: 1_000_000 }))).toBe('peers.too-large');
  answer = (_, response) => void response.writeHead(200, { 'content-length': '100000000' }).flushHeaders();
  expect(await code(get(base))).toBe('peers.too-large');
  answer = () => undefined;
  expect(await code(get(base, undefined, { silentMs: 50 }))).toBe('peers.unreachable');
  answer = (request) => request.socket.destroy();
  expect(await code(get(base))).toBe('peers.unreachable');
  for (const url of ['ftp://a', 'http://u:p@a/', 'http://a/?b', 'nonsense', `http://a/${'x'.repeat(600)}`])
    expect(await code(() => addressOf(url)), url).toBe('peers.url');
});

const head =
  '@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix h: <http://www.w3.org/ns/hydra/core#> .\n';
const dataset = (uri: string, title: string) => `<${uri}> a dcat:Dataset ; dct:title "${title}" .\n`;
const next = (to: string) => `<urn:page> a h:PartialCollectionView ; h:next <${to}> .\n`;
const turtle = (pages: Record<string, string>) => {
  answer = (request, response) =>
    void response.writeHead(200, { 'content-type': 'text/turtle' }).end(head + (pages[request.url!] ?? ''));
};
const run = async () => harvest(c, await peerOf(store.db.kysely, peer));
const listed = async (query = {}) =>
  (await remoteEntries(store.db, remoteQuery.parse(query), clock.now())).rows.map((r) => r.content.title.zh);

test('a catalogue with repeated and returned entries is read once; what goes is marked, what changes is told', async () => {
  turtle({
    '/catalog.ttl':
      dataset('urn:a', '甲') +
      dataset('urn:b', '乙') +
      dataset('https://us.example/dcat/datasets/x', '自') +
      next(`${base}/2`),
    '/2': dataset('urn:b', '乙') + dataset('urn:c', '丙'),
  });
  expect(await run()).toEqual({ pages: 2, seen: 3, added: 3, changed: 0, gone: 0, twice: 1, own: 1 });
  turtle({ '/catalog.ttl': dataset('urn:a', '甲') + dataset('urn:b', '乙二') });
  expect(await run()).toMatchObject({ seen: 2, added: 0, changed: 1, gone: 1 });
  expect((await listed()).sort()).toEqual(['乙二', '甲']);
  expect(await listed({ show: 'gone' })).toEqual(['丙']);
  // It comes back: the same entry, no longer gone.
  turtle({ '/catalog.ttl': dataset('urn:a', '甲') + dataset('urn:b', '乙二') + dataset('urn:c', '丙') });
  expect(await run()).toMatchObject({ seen: 3, added: 0, changed: 1, gone: 0 });
  expect(await listed({ q: '%' })).toEqual([]);
});

test('garbage, pages that go round, and pages elsewhere fail with a code and mark nothing as gone', async () => {
  const before = (await listed()).length;
  answer = (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>502</html>');
  expect(await code(run())).toBe('catalogue.dcat.not-rdf');
  answer = (_, response) => void response.writeHead(500).end('oops secret');
  expect(await code(run())).toBe('peers.answered');
  turtle({ '/catalog.ttl': next(`${base}/catalog.ttl`) });
  expect(await code(run())).toBe('peers.loop');
  turtle({ '/catalog.ttl': next('http://elsewhere.example/') });
  expect(await code(run())).toBe('peers.elsewhere');
  expect(await listed()).toHaveLength(before);
  const [last] = await store.db.query<{ state: string; problem: { code: string } }>(
    'SELECT state, problem FROM peers.harvest ORDER BY id DESC LIMIT 1',
  );
  expect(last).toMatchObject({ state: 'failed', problem: { code: 'peers.elsewhere' } });
  expect((await peerOf(store.db.kysely, peer)).last_problem?.code).toBe('peers.elsewhere');
});

test('a CKAN catalogue is read; packages that are none are passed over, answers that are none are told', () => {
  const page = (results: unknown[]) => Buffer.from(JSON.stringify({ success: true, result: { count: 9, results } }));
  const read = readCkanPage(
    'https://x.example/',
    page([{ id: 'a', name: 'n', resources: [{ url: 'javascript:x' }] }, { id: 7 }, null]),
  );
  expect(read).toMatchObject({ count: 9, given: 3 });
  expect(read.datasets).toMatchObject([
    { uri: 'https://x.example/dataset/a', title: { zh: 'n' }, distributions: [{ accessUrl: null }] },
  ]);
  for (const bad of ['', 'null', '{"success":false}', '<html>', '[]'])
    expect(() => readCkanPage('https://x', Buffer.from(bad))).toThrow();
});

test('messages that are none are refused; one that comes again is taken once', async () => {
  const row = await peerOf(store.db.kysely, peer);
  const id = '00000000-0000-4000-8000-000000000001';
  for (const bad of [null, {}, { id, kind: 'constructor', body: {} }, { id, kind: 'request.state', body: { uid: 1 } }])
    expect(await code(takeMessage(c, row, bad))).toBe('peers.message');
  const known = { id, kind: 'request.withdraw', body: { uid: 'u'.repeat(10), comment: '' } };
  expect(await takeMessage(c, row, known)).toEqual({ taken: true, again: false });
  expect(await takeMessage(c, row, known)).toEqual({ taken: true, again: true });
});

test('a code with another’s name, cut short or made up is none', async () => {
  const make = (over: object) =>
    Buffer.from(
      JSON.stringify({
        v: 1,
        url: 'https://a',
        hub: them.hub,
        key: them.publicKey,
        name: { zh: '甲', en: 'A' },
        token: 't',
        ...over,
      }),
    ).toString('base64url');
  expect(readCode(make({})).hub).toBe(them.hub);
  for (const bad of [make({ hub: third.hub }), make({ key: 'AAAA' }), make({}).slice(5), 'x', make({ more: 1 })])
    expect(await code(() => readCode(bad))).toBe('peers.code');
  expect(checkCode(them.hub)).toMatch(/^[0-9a-f]{4}-[0-9a-f]{4}$/);
});
