import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import { ManualClock } from '../clock.ts';
import { type ConfigInput, configSchema } from '../config/index.ts';
import { silentLogger } from '../log/index.ts';
import { Problem } from '../problem.ts';
import { declaredOnly } from './declared.ts';
import { createHttp, defineRoute, type HttpServer } from './index.ts';
import { createMetrics } from './metrics.ts';
import { senderOf } from './networks.ts';
import { forbidden } from './problems.ts';
import { attachment } from './register.ts';

const summary = { zh: '测', en: 'test' };
const room = 'test';
let streamed = 0;

const routes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/notes/{id}',
    room,
    summary,
    access: 'signed-in',
    params: z.object({ id: z.string() }),
    query: z.object({ q: z.string().optional() }),
    body: z.object({ text: z.string(), more: z.array(z.unknown()).default([]), n: z.array(z.number()).default([]) }),
    response: z.object({ text: z.string() }),
    handler: async ({ body }) => ({ text: body.text }),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/files',
    room,
    summary,
    access: 'signed-in',
    bodyType: 'raw',
    bodyLimit: 1024,
    response: z.object({ bytes: z.int() }),
    handler: async ({ request }) => {
      let bytes = 0;
      for await (const chunk of request.body as AsyncIterable<Buffer>) bytes += chunk.length;
      return { bytes };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/notes/{id}',
    room,
    summary,
    access: 'signed-in',
    params: z.object({ id: z.string() }),
    response: z.object({ note: z.object({ id: z.string(), on: z.iso.date() }).nullable(), size: z.int() }),
    handler: async ({ params }) => {
      if (params.id === 'closed') throw new Problem(forbidden, { permission: 'x' });
      // The date has not the declared form, and two fields were never declared.
      const note = { id: params.id, on: '5 January', owner: 'not declared' };
      return { note, size: 1, secret: 'not declared' } as never;
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/notes.csv',
    room,
    summary,
    access: 'public',
    response: { stream: 'text/csv' },
    handler: async () => {
      async function* lines() {
        for (streamed = 0; streamed < 100_000; streamed++) yield 'x'.repeat(1000);
      }
      return { chunks: lines(), filename: 'a.csv' };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/who',
    room,
    summary,
    access: 'public',
    rateLimit: 3,
    response: z.object({ address: z.string() }),
    handler: async ({ request }) => ({ address: request.ip }),
  }),
];

const principal: Principal = {
  userId: 'u1',
  login: 'li',
  name: '李四',
  organisation: null,
  roles: [],
  permissions: new Set(),
  sessionId: 's1',
  purpose: null,
};

const refusals: string[] = [];
const servers: HttpServer[] = [];
async function serve(http: ConfigInput['http'] = {}): Promise<HttpServer['fastify']> {
  const server = await createHttp({
    config: configSchema.parse({ http }).http,
    clock: new ManualClock(),
    log: silentLogger(),
    metrics: createMetrics(),
    routes,
    version: '0.0.1',
    checkResponses: false,
    ready: {},
    authenticate: async (request) => (request.headers.authorization ? principal : null),
    refused: async (_request, who, route, problem) =>
      void refusals.push(`${who?.login ?? '-'} ${route.method} ${problem.kind.code}`),
  });
  await server.fastify.ready();
  servers.push(server);
  return server.fastify;
}

let app: HttpServer['fastify'];
beforeAll(async () => {
  app = await serve({ limits: { requestsPerMinute: 100 } });
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

const headers = { authorization: 'x' };
const url = '/api/v1/notes/1';

test("a stranger's body is not read before they are refused", async () => {
  const answer = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: '{no json',
  });
  expect(answer.statusCode).toBe(401);
});

test('a streamed body beyond the limit is answered, and the connection that still holds the rest is not used again', async () => {
  const own = await serve();
  await own.listen({ host: '127.0.0.1', port: 0 });
  const { port } = own.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (bytes: number, told: boolean) =>
    new Promise<[number, string | undefined]>((resolve, reject) => {
      const length = told ? { 'content-length': bytes } : {};
      const path = '/api/v1/files';
      const options = { port, path, method: 'POST', agent, headers: { ...headers, ...length } };
      const sent = request(options, (answer) => {
        answer.resume();
        answer.on('end', () => resolve([answer.statusCode!, answer.headers.connection]));
      });
      sent.on('error', reject);
      sent.end(Buffer.alloc(bytes));
    });
  expect(await send(1024, true)).toEqual([200, 'keep-alive']);
  for (const told of [true, false]) {
    expect(await send(20_000, told)).toEqual([413, 'close']);
    // The next request of the same client goes through.
    expect(await send(10, told)).toEqual([200, 'keep-alive']);
  }
  agent.destroy();
});

test('U+0000, which no database keeps, is a fault of the request wherever it stands', async () => {
  const send = (at: string, payload: object) => app.inject({ method: 'POST', url: at, headers, payload });
  const pointers = async (at: string, payload: object) => {
    const answer = await send(at, payload);
    expect(answer.statusCode).toBe(400);
    return answer.json().details.map((d: { place: { pointer: string } }) => d.place.pointer);
  };
  expect(await pointers('/api/v1/notes/%00', { text: 'a' })).toEqual(['/params/id']);
  expect(await pointers(`${url}?q=a%00`, { text: 'a' })).toEqual(['/query/q']);
  expect(await pointers(url, { text: 'a\0' })).toEqual(['/body/text']);
  expect(await pointers(url, { text: 'a', more: [{ deep: ['\0'] }] })).toEqual(['/body/more/0/deep/0']);
  expect((await send(url, { text: 'a', more: [{ deep: ['b'] }] })).statusCode).toBe(200);
});

test('however wrong a request is, its answer stays small', async () => {
  const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key${i}`, 1]));
  const many = await app.inject({ method: 'POST', url, headers, payload: keys });
  expect(many.statusCode).toBe(400);
  expect(many.body.length).toBeLessThan(20_000);
  const n = Array.from({ length: 20_000 }, () => 'x');
  const wrong = await app.inject({ method: 'POST', url, headers, payload: { text: 'a', n } });
  expect(wrong.json().details).toHaveLength(100);
});

test('a refusal that a handler raises is reported like one at the door', async () => {
  refusals.length = 0;
  expect((await app.inject({ url: '/api/v1/notes/closed', headers })).statusCode).toBe(403);
  expect((await app.inject({ url: '/api/v1/notes/closed' })).statusCode).toBe(401);
  expect(refusals).toEqual(['li GET http.forbidden', '- GET http.sign-in']);
});

test('in production an answer that does not fit its schema still loses what the schema does not declare', async () => {
  const answer = await app.inject({ url, headers });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ note: { id: '1', on: '5 January' }, size: 1 });
});

test('nothing undeclared passes, whatever does not fit', () => {
  const schema = z.object({
    list: z.array(z.object({ a: z.string() })),
    by: z.record(z.string(), z.object({ a: z.string() })),
    choice: z.union([z.object({ a: z.string() }), z.number()]).optional(),
  });
  const member = fc.record({ a: fc.anything(), leak: fc.constant('leak') });
  const value = fc.record({ list: fc.array(member), by: fc.dictionary(fc.string(), member), choice: member });
  fc.assert(
    fc.property(value, (v) => {
      const kept = declaredOnly(schema, v) as typeof v;
      for (const one of [...kept.list, ...Object.values(kept.by)]) expect(Object.keys(one)).not.toContain('leak');
      expect(Object.keys(kept.choice ?? {})).not.toContain('leak');
    }),
  );
  expect(declaredOnly(schema, { list: { leak: 1 }, by: [1], choice: [{ leak: 1 }] })).toEqual({
    list: null,
    by: null,
    choice: null,
  });
});

test('HEAD is GET without its body, and does not walk through a stream', async () => {
  const note = await app.inject({ method: 'HEAD', url, headers });
  const got = await app.inject({ url, headers });
  expect([note.statusCode, note.body]).toEqual([200, '']);
  expect(note.headers['content-type']).toBe(got.headers['content-type']);
  expect((await app.inject({ method: 'HEAD', url })).statusCode).toBe(401);
  const csv = await app.inject({ method: 'HEAD', url: '/api/v1/notes.csv' });
  expect(csv.statusCode).toBe(200);
  expect(csv.headers['content-disposition']).toContain('a.csv');
  expect(streamed).toBeLessThan(10);
});

test('another method than an address has is a 405 that names those it has', async () => {
  const answer = await app.inject({ method: 'DELETE', url });
  expect(answer.statusCode).toBe(405);
  expect(answer.headers.allow).toBe('GET, HEAD, POST');
  expect(answer.json().code).toBe('http.method-not-allowed');
  expect((await app.inject({ method: 'POST', url: '/api/v1/notesXcsv' })).statusCode).toBe(404);
  expect((await app.inject({ method: 'DELETE', url: '/api/v1/notes' })).statusCode).toBe(404);
});

test('looking for addresses is limited like everything else', async () => {
  const look = () => app.inject({ url: '/api/v1/none', remoteAddress: '10.7.7.7' });
  const codes = [];
  for (let i = 0; i < 101; i++) codes.push((await look()).statusCode);
  expect(codes.slice(0, 100)).toEqual(Array(100).fill(404));
  expect(codes[100]).toBe(429);
});

test('a sender cannot choose the address by which they are limited', async () => {
  const behind = await serve({ trustProxy: true });
  const ask = (forwarded: string) =>
    behind.inject({ url: '/api/v1/who', headers: { 'x-forwarded-for': forwarded }, remoteAddress: '127.0.0.1' });
  for (let i = 0; i < 3; i++) expect((await ask(`6.6.6.${i}, 9.9.9.9`)).json().address).toBe('9.9.9.9');
  expect((await ask('6.6.6.9, 9.9.9.9')).statusCode).toBe(429);
  const named = await serve({ trustProxy: '127.0.0.1, 10.0.0.0/8' });
  const two = await named.inject({
    url: '/api/v1/who',
    headers: { 'x-forwarded-for': '6.6.6.6, 9.9.9.9, 10.1.1.1' },
    remoteAddress: '127.0.0.1',
  });
  expect(two.json().address).toBe('9.9.9.9');
  const none = await serve();
  const alone = await none.inject({ url: '/api/v1/who', headers: { 'x-forwarded-for': '6.6.6.6' } });
  expect(alone.json().address).toBe('127.0.0.1');
});

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::1.2.3.4', '64:ff9b:0:0::/64'],
])('the sender behind %s is %s', (address, sender) => {
  expect(senderOf(address)).toBe(sender);
});

test('metrics without a token are not handed on by a proxy, whatever it calls itself', async () => {
  for (const name of ['forwarded', 'x-real-ip', 'via', 'x-forwarded-host']) {
    expect((await app.inject({ url: '/metrics', headers: { [name]: 'x' } })).statusCode).toBe(403);
  }
});

test('a file name cannot break out of its header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const header = attachment(name);
      expect(header).toMatch(/^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w.!~%-]*$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
      expect(header).not.toMatch(/[\x00-\x1f\x7f-\uffff]/);
    }),
  );
  expect(attachment('\ud800a\r\nSet-Cookie: x')).toContain("UTF-8''%EF%BF%BDa%0D%0ASet-Cookie%3A%20x");
});
