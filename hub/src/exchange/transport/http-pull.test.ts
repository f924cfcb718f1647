/** Pulls over HTTP from a server of the test's own: pages, cursors, OAuth2, busy and broken answers. */
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceDeclaration } from '../../catalogue/index.ts';
import { ManualClock } from '../../platform/clock.ts';
import { RetryableError } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import { rawTable } from '../names.ts';
import { declare, openBench, type TestBench } from '../testing.ts';
import type { PullDeps } from './common.ts';
import { type HttpLimits, retryAfter } from './http-client.ts';
import { pullHttp } from './http-pull.ts';
import { transportTables } from './tables.ts';

type Handler = (url: URL, request: IncomingMessage, response: ServerResponse) => void;

let bench: TestBench;
let server: Server;
let base: string;
let handler: Handler;
let asked: string[];
let secrets: PullDeps['secrets'];

beforeEach(async () => {
  bench = await openBench();
  await bench.lake.define(transportTables);
  asked = [];
  secrets = {};
  server = createServer((request, response) => {
    const url = new URL(request.url!, base);
    asked.push(`${url.pathname}${url.search}`);
    handler(url, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await bench.close();
});

const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) =>
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));

const source = (transport: Record<string, unknown> = {}, over: Record<string, unknown> = {}): SourceDeclaration =>
  declare(['k', 'v'], { transport: { kind: 'http-pull', url: `${base}/rows`, items: '', ...transport }, ...over });
const quick: Partial<HttpLimits> = { pauseMs: 1, tries: 4, longestPauseMs: 2000 };

async function pull(declared: SourceDeclaration, over: Partial<HttpLimits> = {}, extra = {}) {
  await bench.define(declared);
  return pullHttp({ ...bench, secrets }, { source: declared, declaration: 1, ...extra }, { ...quick, ...over });
}
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no failure',
    (error) =>
      error instanceof Problem
        ? error.kind.code
        : error instanceof RetryableError
          ? `retry ${(error.cause as Problem).kind.code}`
          : String(error),
  );
const rows = (declared: SourceDeclaration) =>
  bench.lake.query(`SELECT k, v FROM ${rawTable(declared.id)} ORDER BY _run, _row`);

const paged = { items: '/data/rows', paging: { kind: 'page', parameter: 'page', sizeParameter: 'size', size: 2 } };
const many = (n: number) => Array.from({ length: n }, (_, i) => ({ k: String(i + 1), v: 'x' }));
/** Serves rows by page. */
const byPage =
  (all: unknown[], cap = 99): Handler =>
  (url, _, response) => {
    const size = Math.min(cap, Number(url.searchParams.get('size')));
    const from = (Number(url.searchParams.get('page')) - 1) * size;
    json(response, { data: { rows: all.slice(from, from + size) } });
  };

test('one answer is one run; values are as they are written, null apart from empty', async () => {
  handler = (_, __, response) => json(response, '[{"k": 1.10, "v": null},\n {"k":"12345678901234567890","v":""}, 7]');
  const declared = source();
  const done = await pull(declared);
  expect([done.runs, done.received, done.accepted, done.quarantined]).toEqual([[1], 3, 2, 1]);
  expect(await rows(declared)).toEqual([
    { k: '1.10', v: null },
    { k: '12345678901234567890', v: '' },
  ]);
  expect(await bench.lake.query('SELECT rule, raw FROM ex.quarantine')).toEqual([{ rule: 'json', raw: '7' }]);
  expect(await bench.lake.first('SELECT input FROM ex.run')).toEqual({ input: `${base}/rows` });
  expect((await pull(declared)).runs).toEqual([]);
  expect(readdirSync(bench.work)).toEqual([]);
});

test('pages are read until an empty one, also when the server gives fewer at once than it is asked for', async () => {
  handler = byPage(many(5));
  expect((await pull(source(paged))).accepted).toBe(5);
  expect(asked).toEqual([1, 2, 3, 4].map((n) => `/rows?page=${n}&size=2`));
  handler = byPage(many(3), 1);
  expect((await pull(source({ ...paged, url: `${base}/rows?key=a` }, { id: 'ts.capped' }))).accepted).toBe(3);
  expect(asked.at(-1)).toBe('/rows?key=a&page=4&size=2');
});

test('a server that ignores the page, or never ends, is found out', async () => {
  handler = (_, __, response) => json(response, { data: { rows: many(2) } });
  expect(await codeOf(pull(source(paged)))).toBe('exchange.pull.http-repeats');
  let page = 0;
  handler = (_, __, response) => json(response, { data: { rows: [{ k: String(page++), v: '' }] } });
  expect(await codeOf(pull(source(paged), { maxPages: 10 }))).toBe('exchange.pull.http-pages');
  expect(await bench.lake.query('SELECT run FROM ex.run')).toEqual([]);
});

test('a cursor is followed until there is none', async () => {
  const all = many(5);
  handler = (url, _, response) => {
    const from = Number(url.searchParams.get('after') ?? 0);
    json(response, { items: all.slice(from, from + 2), meta: { next: from + 2 < all.length ? from + 2 : null } });
  };
  const cursor = { items: '/items', paging: { kind: 'cursor', parameter: 'after', next: '/meta/next' } };
  expect((await pull(source(cursor))).accepted).toBe(5);
  expect(asked).toEqual(['/rows', '/rows?after=2', '/rows?after=4']);
  handler = (_, __, response) => json(response, { items: all, meta: { next: 'same' } });
  expect(await codeOf(pull(source(cursor)))).toBe('exchange.pull.http-repeats');
});

test('OAuth2: one token for all pages, a new one when it is refused or expired', async () => {
  let given = 0;
  let valid = '';
  const seen: string[] = [];
  handler = (url, request, response) => {
    if (url.pathname === '/token') {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen.push(`${request.headers.authorization} ${body}`);
        valid = `t${++given}`;
        json(response, { access_token: valid, token_type: 'Bearer', expires_in: 100 });
      });
      return;
    }
    if (request.headers.authorization !== `Bearer ${valid}`) return void json(response, {}, 401);
    byPage(many(4))(url, request, response);
  };
  secrets = { client: { kind: 'oauth2', clientId: 'hub:1', clientSecret: 'p w' } };
  const oauth2 = { tokenUrl: `${base}/token`, credentials: 'client', scope: 'rows.read' };
  const declared = source({ ...paged, oauth2 });
  expect((await pull(declared)).accepted).toBe(4);
  expect(given).toBe(1);
  expect(seen).toEqual([
    `Basic ${Buffer.from('hub%3A1:p%20w').toString('base64')} grant_type=client_credentials&scope=rows.read`,
  ]);
  // Kept until it expires, asked for again when it is refused before that.
  await pull(declared);
  expect(given).toBe(1);
  valid = 'other';
  await pull(declared);
  expect(given).toBe(2);
  bench.clock.advance(100_000);
  await pull(declared);
  expect(given).toBe(3);
  // What is refused even with a new token is a matter of credentials.
  handler = (url, _, response) =>
    url.pathname === '/token'
      ? json(response, { access_token: 'x', token_type: 'Bearer', expires_in: 100 })
      : json(response, {}, 401);
  expect(await codeOf(pull(declared))).toBe('exchange.pull.credentials');
  handler = (_, __, response) => json(response, { error: 'invalid_client' }, 401);
  expect(await codeOf(pull(declared))).toBe('exchange.pull.credentials');
  handler = (_, __, response) => json(response, { access_token: 'x', token_type: 'mac' });
  expect(await codeOf(pull(declared))).toBe('exchange.pull.token');
  secrets = {};
  expect(await codeOf(pull(declared))).toBe('exchange.pull.secret-unknown');
  secrets = { client: { kind: 'database', url: 'postgres://a@b/c' } };
  expect(await codeOf(pull(declared))).toBe('exchange.pull.secret-kind');
});

test('a token or a password that is configured under the name of the source is sent', async () => {
  const seen: (string | undefined)[] = [];
  handler = (_, request, response) => {
    seen.push(request.headers.authorization);
    json(response, many(1));
  };
  secrets = { 'ts-rows': { kind: 'bearer', token: 'abc' } };
  await pull(source());
  secrets = { 'ts-rows': { kind: 'basic', user: 'u', password: 'p' } };
  await pull(source());
  secrets = {};
  await pull(source());
  expect(seen).toEqual(['Bearer abc', 'Basic dTpw', undefined]);
});

test('credentials that the declaration names are sent and must be configured; beside oauth2 they are not taken', async () => {
  const seen: (string | undefined)[] = [];
  handler = (_, request, response) => {
    seen.push(request.headers.authorization);
    json(response, many(1));
  };
  // The name in the declaration wins over the secret that has the name of the source.
  secrets = { 'ts-rows': { kind: 'bearer', token: 'abc' }, gateway: { kind: 'bearer', token: 'shared' } };
  await pull(source({ credentials: 'gateway' }));
  expect(seen).toEqual(['Bearer shared']);
  secrets = { 'ts-rows': { kind: 'bearer', token: 'abc' } };
  expect(await codeOf(pull(source({ credentials: 'gateway' })))).toBe('exchange.pull.secret-unknown');
  secrets = { gateway: { kind: 'oauth2', clientId: 'a', clientSecret: 'b' } };
  expect(await codeOf(pull(source({ credentials: 'gateway' })))).toBe('exchange.pull.secret-kind');
  expect(seen.length).toBe(1);
  const oauth2 = { tokenUrl: `${base}/token`, credentials: 'client' };
  expect(() => source({ credentials: 'gateway', oauth2 })).toThrow(/credentials/);
});

test('busy answers and cut connections are tried again, page by page', async () => {
  const faults: Handler[] = [
    (_, __, response) => json(response, {}, 429, { 'retry-after': '0' }),
    (_, __, response) => json(response, {}, 503),
    (_, request) => request.socket.destroy(),
    (_, __, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"data":');
      response.socket!.end();
    },
  ];
  const serve = byPage(many(4));
  handler = (url, request, response) => {
    const fault = url.searchParams.get('page') === '2' && faults.length > 1 ? faults.shift() : undefined;
    (fault ?? serve)(url, request, response);
  };
  const declared = source(paged);
  expect((await pull(declared)).accepted).toBe(4);
  expect(asked.filter((a) => a.includes('page=2')).length).toBe(4);
  expect(asked.filter((a) => a.includes('page=1')).length).toBe(1);
  // The connection that is cut inside an answer, every time: left to the next attempt of the job, nothing was taken.
  handler = (url, request, response) =>
    (url.searchParams.get('page') === '2' ? faults[0]! : serve)(url, request, response);
  const again = source(paged, { id: 'ts.cut' });
  expect(await codeOf(pull(again))).toBe('retry exchange.pull.lost');
  expect(await rows(again)).toEqual([]);
  handler = serve;
  expect((await pull(again)).accepted).toBe(4);
});

test('who asks to wait longer than a pull may wait is left to the next attempt', async () => {
  handler = (_, __, response) => json(response, {}, 429, { 'retry-after': '3600' });
  expect(await codeOf(pull(source(), {}, { lastAttempt: true }))).toBe('retry exchange.pull.http-busy');
  expect(asked.length).toBe(1);
  expect(await bench.lake.query("SELECT problem->>'code' AS code FROM ex.refusal")).toEqual([
    { code: 'exchange.pull.http-busy' },
  ]);
  const clock = new ManualClock('2026-01-05T01:00:00Z');
  expect(retryAfter('120', clock)).toBe(120_000);
  expect(retryAfter('Mon, 05 Jan 2026 01:00:30 GMT', clock)).toBe(30_000);
  expect(retryAfter('soon', clock)).toBeNull();
});

test('redirects stay on the host', async () => {
  handler = (url, _, response) =>
    url.pathname === '/rows'
      ? response.writeHead(307, { location: '/moved' }).end()
      : json(response, [{ k: '1', v: '' }]);
  expect((await pull(source())).accepted).toBe(1);
  for (const to of ['http://127.0.0.1:1/rows', 'http://[bad', '/rows']) {
    handler = (_, __, response) => response.writeHead(302, { location: to }).end();
    expect(await codeOf(pull(source()))).toBe('exchange.pull.http-redirect');
  }
});

test('what cannot be used is said and recorded', async () => {
  const cases: [string, Handler, Partial<HttpLimits>][] = [
    ['exchange.pull.http-status', (_, __, response) => json(response, {}, 404), {}],
    ['exchange.pull.credentials', (_, __, response) => json(response, {}, 403), {}],
    ['exchange.pull.http-not-json', (_, __, response) => json(response, '<html>'), {}],
    [
      'exchange.pull.http-not-json',
      (_, __, response) => response.writeHead(200).end(Buffer.from('["\xff"]', 'latin1')),
      {},
    ],
    ['exchange.pull.http-items', (_, __, response) => json(response, { rows: [] }), {}],
    ['exchange.pull.http-too-large', (_, __, response) => json(response, many(1000)), { pageBytes: 1000 }],
    ['exchange.file.empty', (_, __, response) => json(response, []), {}],
  ];
  for (const [code, answer, limits] of cases) {
    handler = answer;
    expect(await codeOf(pull(source(), limits))).toBe(code);
  }
  expect(await bench.lake.query("SELECT problem->>'code' AS code FROM ex.refusal ORDER BY id")).toEqual(
    cases.map(([code]) => ({ code })),
  );
  handler = () => undefined;
  expect(await codeOf(pull(source(), { requestMs: 50, tries: 2 }))).toBe('retry exchange.pull.timeout');
  const away = createServer();
  await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
  const { port } = away.address() as AddressInfo;
  await new Promise((resolve) => away.close(resolve));
  expect(await codeOf(pull(source({ url: `http://127.0.0.1:${port}/` }), { tries: 2 }))).toBe(
    'retry exchange.pull.unreachable',
  );
  expect(await codeOf(pull(source({ url: 'ftp://127.0.0.1/' })))).toBe('exchange.pull.http-scheme');
  const stop = new AbortController();
  handler = () => stop.abort();
  expect(await codeOf(pull(source(), {}, { signal: stop.signal }))).toBe('exchange.collect.cancelled');
  expect(await bench.lake.query('SELECT run FROM ex.run')).toEqual([]);
  expect(readdirSync(bench.work)).toEqual([]);
});

test('rows that are pulled go through a mapping, too', async () => {
  handler = (_, __, response) => json(response, [{ code: 'a', n: 1 }, { code: 'b' }]);
  const mapped = {
    ...source({}, { mapping: 'mapping.sql' }),
    mappingText: 'SELECT upper(code) AS k, n AS v FROM received',
  };
  expect(await pull(mapped)).toMatchObject({ received: 2, accepted: 2 });
  expect(await rows(mapped)).toEqual([
    { k: 'A', v: '1' },
    { k: 'B', v: null },
  ]);
});
