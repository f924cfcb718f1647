import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import { ManualClock } from '../clock.ts';
import { configSchema } from '../config/index.ts';
import { createLogger } from '../log/index.ts';
import { Problem, problemKind } from '../problem.ts';
import { createHttp, defineRoute, type HttpServer, type Intake } from './index.ts';
import { createMetrics } from './metrics.ts';

const busy = problemKind('http-test.busy', 409, '{who} 正忙', '{who} is busy');
const item = z.object({ id: z.int(), name: z.string() }).meta({ id: 'TestItem' });
/** Patience of polls, for machines that do much else. */
const soon = { timeout: 20_000 };
let pulled = 0;
let closed = false;

const routes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/items/{id}',
    room: 'test',
    summary: { zh: '一件', en: 'One item' },
    access: 'catalogue.read',
    params: z.object({ id: z.coerce.number().int().min(1) }),
    query: z.object({ class: z.array(z.string()).default([]), limit: z.coerce.number().int().max(10).default(5) }),
    response: z.object({ item, classes: z.array(z.string()), limit: z.int(), login: z.string() }),
    problems: [busy],
    handler: async ({ params, query, principal }) => {
      if (params.id === 9) throw new Problem(busy, { who: '九' });
      if (params.id === 8) throw new Error('secret detail');
      const name = params.id === 7 ? (7 as never) : '张三';
      const made = { id: params.id, name, hidden: 'not declared' };
      return { item: made, classes: query.class, limit: query.limit, login: principal.login };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/items',
    room: 'test',
    summary: { zh: '新增', en: 'Add' },
    access: 'public',
    body: z.object({ name: z.string().min(2), tags: z.array(z.string()).max(2) }),
    response: item,
    status: 201,
    handler: async ({ body }) => ({ id: 1, name: body.name }),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/items/{id}',
    room: 'test',
    summary: { zh: '删除', en: 'Remove' },
    access: 'signed-in',
    params: z.object({ id: z.string() }),
    response: z.undefined(),
    status: 204,
    rateLimit: 2,
    handler: async () => undefined,
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/export',
    room: 'test',
    summary: { zh: '导出', en: 'Export' },
    access: 'public',
    query: z.object({ rows: z.coerce.number().int(), fail: z.string().optional() }),
    response: { stream: 'text/csv' },
    handler: async ({ query }) => {
      async function* lines() {
        try {
          if (query.fail === 'first') throw new Problem(busy, { who: 'export' });
          for (let i = 0; i < query.rows; i++) {
            pulled = i;
            yield `${i},${'纬'.repeat(100)}\n`;
          }
        } finally {
          closed = true;
        }
      }
      return { chunks: lines(), filename: '企业 "名录".csv' };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/v1/upload',
    room: 'test',
    summary: { zh: '上传', en: 'Upload' },
    access: 'public',
    bodyType: 'raw',
    bodyLimit: 1000,
    response: z.object({ bytes: z.int() }),
    handler: async ({ request }) => {
      let bytes = 0;
      for await (const chunk of request.body as Readable) bytes += (chunk as Buffer).length;
      return { bytes };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/items/search',
    room: 'test',
    summary: { zh: '查找', en: 'Search' },
    access: 'public',
    reads: true,
    heavy: true,
    response: z.null(),
    handler: async () => null,
  }),
];

const principal: Principal = {
  userId: 'u1',
  login: 'li',
  name: '李四',
  organisation: null,
  roles: ['analyst'],
  permissions: new Set(['catalogue.read'] as const),
  sessionId: 's1',
  purpose: null,
};

let server: HttpServer;
let base: string;
let folder: string;
const log: string[] = [];
let healthy = true;
const refusals: string[] = [];
/** What stands against taking something in. */
let against: (intake: Intake) => boolean = () => false;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-http-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<title>经纬</title>');
  writeFileSync(join(folder, 'assets', 'a-1234.js'), '1');
  server = await createHttp({
    config: configSchema.parse({ http: { port: 0, limits: { bodyMiB: 1 } } }).http,
    clock: new ManualClock(),
    log: createLogger({ destination: { write: (line: string) => log.push(line) } as never }),
    metrics: createMetrics(),
    routes,
    version: '0.0.1',
    console: folder,
    verifier: { file: join(folder, 'verify.html'), anchors: async () => anchors },
    checkResponses: true,
    ready: { store: async () => (healthy ? 1 : Promise.reject(new Error('away'))) },
    authenticate: async (request) => {
      const who = request.headers.authorization;
      if (who === 'Bearer li') return principal;
      if (who === 'Bearer wang') return { ...principal, permissions: new Set() };
      return null;
    },
    admits: (intake) => {
      if (against(intake)) throw new Problem(busy, { who: '磁盘' });
    },
    refused: async (_request, who, route) => void refusals.push(`${who?.login ?? '-'} ${route.path}`),
  });
  base = await server.listen();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const li = { authorization: 'Bearer li' };
// biome-ignore lint/suspicious/noExplicitAny: bodies are compared, not used.
const jsonOf = async (answer: Response | Promise<Response>): Promise<any> => (await answer).json();
const get = (path: string, headers: Record<string, string> = {}) => fetch(base + path, { headers });
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(base + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

test('a valid request is answered with exactly what the schema declares', async () => {
  const answer = await get('/api/v1/items/3?class=a&class=b', li);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await jsonOf(answer)).toEqual({ item: { id: 3, name: '张三' }, classes: ['a', 'b'], limit: 5, login: 'li' });
  expect(await jsonOf(get('/api/v1/items/3?class=a', li))).toMatchObject({ classes: ['a'] });
});

test('back-pressure sees what a request would do before anything of it is read', async () => {
  const seen: Intake[] = [];
  const status = async (answer: Promise<Response>) => (await answer).status;
  against = (intake) => seen.push(intake) > 0 && intake.heavy;
  try {
    expect(await status(get('/api/v1/items/3', li))).toBe(200);
    expect(await status(fetch(`${base}/api/v1/upload`, { method: 'PUT', body: 'x' }))).toBe(409);
    expect(await status(post('/api/v1/items/search', '{'))).toBe(409);
  } finally {
    against = () => false;
  }
  expect(seen).toEqual([
    { method: 'GET', room: 'test', reads: false, heavy: false },
    { method: 'PUT', room: 'test', reads: false, heavy: true },
    { method: 'POST', room: 'test', reads: true, heavy: true },
  ]);
});

test('every fault of a request is told at once, in both languages, with its pointer', async () => {
  const answer = await get('/api/v1/items/0?limit=99&odd=1', { ...li, 'accept-language': 'en' });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const body = await jsonOf(answer);
  expect(body.code).toBe('http.invalid');
  expect(body.title).toBe('the request has 3 faults');
  expect(body.titles.zh).toBe('请求有 3 处不合要求');
  expect(body.details.map((d: { place: { pointer: string } }) => d.place.pointer)).toEqual(
    expect.arrayContaining(['/params/id', '/query/limit']),
  );
  for (const d of body.details) {
    expect(d.titles.zh).toMatch(/\p{Script=Han}/u);
    expect(d.titles.en).not.toMatch(/\p{Script=Han}/u);
  }
});

test('a body is checked: its JSON, its keys, its size, its media type', async () => {
  expect((await post('/api/v1/items', '{"name":"ab","tags":[]}')).status).toBe(201);
  const code = async (r: Promise<Response>) => (await jsonOf(r)).code;
  expect(await code(post('/api/v1/items', '{oops'))).toBe('http.body-not-json');
  expect(await code(post('/api/v1/items', '{"name":"ab","tags":[],"more":1}'))).toBe('http.invalid');
  expect(await code(post('/api/v1/items', '{"__proto__":{"x":1},"name":"ab","tags":[]}'))).toBe('http.body-not-json');
  const built = '{"constructor":{"prototype":{"x":1}},"name":"ab","tags":[]}';
  expect(await code(post('/api/v1/items', built))).toBe('http.body-not-json');
  expect(await code(post('/api/v1/items', `"${'x'.repeat(1024 * 1024)}"`))).toBe('http.body-too-large');
  expect(await code(post('/api/v1/items', 'a=1', { 'content-type': 'text/weird' }))).toBe('http.media-type');
  expect(await code(fetch(`${base}/api/v1/items`, { method: 'POST' }))).toBe('http.invalid');
});

test('strangers get 401, those without the permission 403, and both are reported', async () => {
  refusals.length = 0;
  expect((await get('/api/v1/items/3')).status).toBe(401);
  const no = await get('/api/v1/items/3', { authorization: 'Bearer wang' });
  expect(no.status).toBe(403);
  expect((await jsonOf(no)).titles).toEqual({
    zh: '没有权限：需要 catalogue.read',
    en: 'not allowed: catalogue.read is needed',
  });
  expect(refusals).toEqual(['- /api/v1/items/{id}', 'li /api/v1/items/{id}']);
});

test('an address that cannot be decoded is a problem', async () => {
  expect(await jsonOf(get('/api/v1/items/%E5%'))).toMatchObject({ code: 'http.bad-request' });
});

test('a declared problem keeps its code; an unknown error becomes a number without detail', async () => {
  const declared = await jsonOf(get('/api/v1/items/9', li));
  expect(declared).toMatchObject({ code: 'http-test.busy', status: 409, title: '九 正忙' });
  const unknown = await get('/api/v1/items/8', li);
  const text = await unknown.text();
  expect(unknown.status).toBe(500);
  expect(text).not.toContain('secret');
  expect(JSON.parse(text).title).toContain(unknown.headers.get('x-request-id'));
  expect(log.join('')).toContain('secret detail');
});

test('an answer that its schema refuses is an error where answers are checked', async () => {
  expect((await get('/api/v1/items/7', li)).status).toBe(500);
  expect(log.join('')).toContain('answers what its schema refuses');
});

test('the log holds templates, never addresses or queries', async () => {
  log.length = 0;
  await get('/api/v1/items/3?class=%E5%BC%A0%E4%B8%89', li);
  await expect.poll(() => log.join(''), soon).toContain('"route":"/api/v1/items/{id}"');
  expect(log.join('')).not.toContain('items/3');
  expect(log.join('')).not.toContain('%E5');
});

test('a changing request with a cookie from another site is refused', async () => {
  const ok = '{"name":"ab","tags":[]}';
  const cookie = { cookie: 'a=1' };
  const status = async (headers: Record<string, string>) => (await post('/api/v1/items', ok, headers)).status;
  // Node's fetch says `sec-fetch-mode` only, as a program does.
  expect(await status(cookie)).toBe(201);
  expect(await status({ ...cookie, 'sec-fetch-site': 'same-origin' })).toBe(201);
  expect(await status({ ...cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await status({ ...cookie, 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await status({ ...cookie, origin: 'https://evil.example' })).toBe(403);
  expect(await status({ ...cookie, origin: base })).toBe(201);
  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(201);
});

test('a route of its own limit answers 429 beyond it', async () => {
  const remove = () => fetch(`${base}/api/v1/items/1`, { method: 'DELETE', headers: li });
  expect((await remove()).status).toBe(204);
  expect((await remove()).status).toBe(204);
  const third = await remove();
  expect(third.status).toBe(429);
  expect((await jsonOf(third)).code).toBe('http.too-many-requests');
  expect(third.headers.get('retry-after')).toBeTruthy();
});

test('a stream arrives whole, under its Chinese file name', async () => {
  const answer = await get('/api/v1/export?rows=5000');
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe(
    `attachment; filename="__ ____.csv"; filename*=UTF-8''${encodeURIComponent('企业 "名录".csv')}`,
  );
  expect((await answer.text()).split('\n')).toHaveLength(5001);
});

test('a stream waits for its reader and ends when the reader goes', async () => {
  closed = false;
  const abort = new AbortController();
  const answer = await fetch(`${base}/api/v1/export?rows=1000000`, { signal: abort.signal });
  await answer.body!.getReader().read();
  // Far fewer rows than there are were made: the rest waits in the generator.
  expect(pulled).toBeLessThan(500_000);
  abort.abort();
  await expect.poll(() => closed, soon).toBe(true);
});

test('a stream that fails before its first chunk is a problem', async () => {
  expect(await jsonOf(get('/api/v1/export?rows=1&fail=first'))).toMatchObject({ code: 'http-test.busy' });
});

test('a raw body is streamed and cut off at its limit', async () => {
  const put = (bytes: number) => fetch(`${base}/api/v1/upload`, { method: 'PUT', body: new Uint8Array(bytes) });
  expect(await jsonOf(put(1000))).toEqual({ bytes: 1000 });
  expect((await put(1001)).status).toBe(413);
  const chunked = await fetch(`${base}/api/v1/upload`, {
    method: 'PUT',
    body: Readable.toWeb(Readable.from([Buffer.alloc(600), Buffer.alloc(600)])) as never,
    duplex: 'half',
  } as RequestInit);
  expect(chunked.status).toBe(413);
});

test('the description is OpenAPI 3.1 with every route, its access and its problems', async () => {
  const api = await jsonOf(get('/api/openapi.json'));
  expect(api.openapi).toBe('3.1.0');
  const one = api.paths['/api/v1/items/{id}'].get;
  expect(one.operationId).toBe('getItemsById');
  expect(one['x-access']).toBe('catalogue.read');
  expect(one.parameters.map((p: { name: string }) => p.name)).toEqual(['id', 'class', 'limit']);
  expect(one.responses['409'].description).toContain('http-test.busy');
  expect(Object.keys(one.responses)).toEqual(expect.arrayContaining(['200', '400', '401', '403', '429', '500']));
  expect(one.responses['200'].content['application/json'].schema.properties.item).toEqual({
    $ref: '#/components/schemas/TestItem',
  });
  const refs = [...JSON.stringify(api).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((m) => m[1]!);
  for (const ref of refs) expect(Object.keys(api.components.schemas)).toContain(ref);
  expect(JSON.stringify(api)).not.toContain('$defs');
  expect(Object.keys(api.paths)).toHaveLength(5);
});

test('pages: console with fallback, assets for ever, API and docs never fall back', async () => {
  const page = await get('/credit/123');
  expect(await page.text()).toContain('经纬');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect((await get('/assets/a-1234.js')).headers.get('cache-control')).toContain('immutable');
  expect((await get('/assets/none.js')).status).toBe(404);
  expect((await jsonOf(get('/api/v1/none'))).code).toBe('http.not-found');
  expect(await (await get('/api/docs')).text()).toContain('/api/docs.js');
  expect((await get('/api/docs.js')).headers.get('content-type')).toContain('javascript');
});

const anchors = { name: '试 <', root: 'PEM', email: 'p@x' };
test('the offline verifier is a download; while it is not built its address is no page of the console', async () => {
  const missing = await jsonOf(get('/verify/offline.html'));
  expect(missing.code).toBe('http.not-found');
  const slot = (json: string) => `<script type="application/json" id="anchors">${json}</script>`;
  writeFileSync(join(folder, 'verify.html'), `<title>离线验证</title>${slot('null')}`);
  const file = await get('/verify/offline.html');
  const believed = JSON.stringify(anchors).replace('<', String.raw`\u003c`);
  expect(await file.text()).toBe(`<title>离线验证</title>${slot(believed)}`);
  expect(file.headers.get('content-disposition')).toContain('attachment');
});

test('a page of the console has a nonce for its styles, another each time, that no cache can part from its policy', async () => {
  writeFileSync(join(folder, 'index.html'), '<head>\n<meta charset="utf-8" />\n<title>经纬</title></head>');
  const seen = new Set<string>();
  for (const path of ['/', '/index.html', '/sharing/requests/7']) {
    const answer = await get(path);
    const nonce = /<meta name="csp-nonce" content="([^"]{24})"/.exec(await answer.text())?.[1];
    const policy = answer.headers.get('content-security-policy');
    expect(policy, path).toContain(`style-src 'self' 'nonce-${nonce}';`);
    expect(policy, path).not.toContain('unsafe');
    for (const name of ['etag', 'last-modified']) expect(answer.headers.get(name), `${name} of ${path}`).toBeNull();
    seen.add(nonce!);
  }
  expect(seen.size).toBe(3);
  expect((await get('/api/openapi.json')).headers.get('content-security-policy')).toContain("style-src 'self';");
});

test('browsers are told to run our scripts only', async () => {
  const policy = (await get('/')).headers.get('content-security-policy')!;
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
});

test('health and metrics', async () => {
  expect((await get('/health/live')).status).toBe(200);
  expect(await jsonOf(get('/health/ready'))).toEqual({ status: 'ok', checks: { store: true } });
  healthy = false;
  expect((await get('/health/ready')).status).toBe(503);
  healthy = true;
  const metrics = await (await get('/metrics')).text();
  expect(metrics).toMatch(
    /jingwei_http_request_seconds_count\{method="GET",route="\/api\/v1\/items\/\{id\}",status="200"\} \d+/,
  );
  expect(metrics).toContain('nodejs_eventloop_lag_seconds');
  expect((await get('/metrics', { 'x-forwarded-for': '1.2.3.4' })).status).toBe(403);
});
