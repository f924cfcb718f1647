import { afterAll, beforeAll, expect, test } from 'vitest';
import { configSchema } from '../platform/config/index.ts';
import { createHttp, type HttpServer } from '../platform/http/index.ts';
import { createMetrics } from '../platform/http/metrics.ts';
import { describeApi } from '../platform/http/openapi.ts';
import type { Lake } from '../platform/lake/index.ts';
import { createLogger } from '../platform/log/index.ts';
import { fixtureLake } from './fixture.ts';
import { person, Room } from './testing.ts';

let lake: Lake;
let room: Room;
let http: HttpServer;
beforeAll(async () => {
  lake = await fixtureLake();
  room = new Room(lake);
  http = await createHttp({
    config: configSchema.parse({}).http,
    log: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    routes: room.routes,
    version: '0',
    ready: {},
    clock: room.clock,
    checkResponses: true,
    authenticate: async (request) => {
      const role = request.headers['x-role'];
      return typeof role === 'string' ? person(role as 'analyst') : null;
    },
  });
});
afterAll(async () => {
  await http.close();
  await lake.close();
});

const get = (url: string, role = 'data-steward', headers: Record<string, string> = {}) =>
  http.fastify.inject({ method: 'GET', url: `/api/v1/credit${url}`, headers: { 'x-role': role, ...headers } });

test('over HTTP: repeated keys are lists, unknown ones and wrong values are named', async () => {
  const answer = await get(
    `/search?q=${encodeURIComponent('慈溪')}&status=${encodeURIComponent('注销')}&industry=C&industry=F`,
  );
  expect(answer.json().hits.map((h: { entity: number }) => h.entity)).toEqual([4]);
  expect((await get('/search?q=x&colour=red')).statusCode).toBe(400);
  expect((await get('/enterprises/0')).statusCode).toBe(400);
  expect((await get('/enterprises/99')).json().code).toBe('credit.enterprise-unknown');
});

test('over HTTP: who may ask what', async () => {
  expect((await http.fastify.inject('/api/v1/credit/search?q=x')).statusCode).toBe(401);
  for (const admin of ['system-admin', 'security-admin', 'audit-admin']) {
    expect((await get('/enterprises/1', admin)).statusCode).toBe(403);
    expect((await get('/search?q=x', admin)).statusCode).toBe(403);
  }
  expect((await get('/export?class=2', 'leader')).statusCode).toBe(403);
  expect((await get('/persons?name=x', 'leader')).statusCode).toBe(403);
  expect((await get('/index', 'analyst')).statusCode).toBe(403);
});

test('over HTTP: the purpose comes with the session or the header', async () => {
  const rep = async (headers = {}) =>
    (await get('/enterprises/1', 'data-steward', headers)).json().heading.legalRepresentative.value;
  expect(await rep()).toBe('张**');
  expect(await rep({ 'jingwei-purpose': encodeURIComponent('核查') })).toBe('张伟');
});

test('over HTTP: an export is a file with its name', async () => {
  const answer = await get('/export?class=2&format=xlsx');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-disposition']).toContain(encodeURIComponent('行政处罚'));
  expect(answer.headers['content-type']).toContain('spreadsheetml');
  expect(answer.rawPayload.subarray(0, 2).toString()).toBe('PK');
  expect((await get('/export?class=77')).json().code).toBe('credit.class-unknown');
});

test('every route is described', () => {
  const api = describeApi(room.routes, '0') as { paths: Record<string, object> };
  expect(Object.keys(api.paths)).toHaveLength(13);
});
