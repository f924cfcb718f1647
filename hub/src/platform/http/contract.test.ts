import { expect, test } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../clock.ts';
import { configSchema } from '../config/index.ts';
import { createLogger } from '../log/index.ts';
import { broken, type Contract, contractOf, contractText, type Described } from './contract.ts';
import { createHttp } from './index.ts';
import { createMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { defineRoute, type RouteDefinition } from './route.ts';

const tree: z.ZodType = z
  .object({
    name: z.string(),
    get children() {
      return z.array(tree);
    },
  })
  .meta({ id: 'ContractTree' });
const person = z.object({
  id: z.int(),
  name: z.string(),
  kind: z.enum(['a', 'b']),
  note: z.string().nullable(),
  tags: z.array(z.string()).optional(),
});
const maybe = z.object({ a: z.int(), b: z.string() });
const answer = z.object({ person, tree, maybe: maybe.nullable(), either: z.union([z.object({ c: z.int() }), tree]) });
const base = {
  ...{
    method: 'POST',
    path: '/api/v1/people/{id}',
    room: 'test',
    summary: { zh: '人', en: 'People' },
    access: 'jobs.read',
  },
  ...{ params: z.object({ id: z.string() }), query: z.object({ limit: z.int().optional(), kind: z.enum(['x', 'y']) }) },
  ...{ body: z.object({ name: z.string(), age: z.int().optional() }), response: answer },
  handler: async () => ({}) as never,
} as const;
const made = (over: object = {}, more: RouteDefinition[] = []): Contract =>
  contractOf(describeApi([defineRoute({ ...base, ...over } as never), ...more], '1') as unknown as Described);
const now = made();
const faults = (over: object) => broken(now, made(over), '2026-11-22');

test('nothing breaks where nothing changed, nor where something was added', () => {
  expect(faults({})).toEqual([]);
  const added = {
    query: base.query.extend({ kind: z.enum(['x', 'y', 'z']), sort: z.string().optional() }),
    body: base.body.extend({ mail: z.string().optional(), age: z.number().optional() }),
    response: answer.extend({
      person: person.extend({ born: z.string(), kind: z.enum(['a', 'b', 'c']) }),
      maybe: maybe.extend({ more: z.int() }).nullable(),
      more: z.int(),
    }),
  };
  expect(faults(added)).toEqual([]);
  const other = defineRoute({ ...base, path: '/api/v1/more/{id}' } as never);
  expect(broken(now, made({}, [other]), '2026-11-22')).toEqual([]);
  expect(faults({ access: 'public' })).toEqual([]);
});

test('every way to break a client is found, with its place', () => {
  const at = 'POST /api/v1/people/{id}';
  const response = (of: z.ZodType) => ({ response: answer.extend({ person: of as never }) });
  const cases: [object, string][] = [
    [{ path: '/api/v1/persons/{id}' }, `${at}: removed`],
    [{ method: 'PUT' }, `${at}: removed`],
    [{ access: 'users.manage' }, `${at}: access was jobs.read, is users.manage`],
    [{ status: 202 }, `${at}: status was 200, is 202`],
    [response(person.omit({ note: true })), `${at} answer.person.note: removed`],
    [response(person.extend({ name: z.string().optional() })), `${at} answer.person.name: may be missing now`],
    [response(person.extend({ id: z.string() })), `${at} answer.person.id: was integer, is string`],
    [response(person.extend({ name: z.string().nullable() })), `${at} answer.person.name: was string, is null|string`],
    [
      response(person.extend({ tags: z.array(z.int()).optional() })),
      `${at} answer.person.tags[]: was string, is integer`,
    ],
    [{ response: answer.extend({ person: z.array(person) as never }) }, `${at} answer.person: was `],
    [
      { response: answer.extend({ maybe: maybe.omit({ a: true }).nullable() as never }) },
      `${at} answer.maybe.a: removed`,
    ],
    [
      { response: answer.extend({ either: z.union([z.object({ d: z.int() }), tree]) as never }) },
      `${at} answer.either.c: removed`,
    ],
    [{ body: base.body.extend({ mail: z.string() }) }, `${at} body.mail: is required now`],
    [{ body: base.body.required() }, `${at} body.age: is required now`],
    [{ body: base.body.omit({ age: true }) }, `${at} body.age: is not taken any more`],
    [{ body: base.body.extend({ name: z.int() }) }, `${at} body.name: was string, is integer`],
    [{ query: base.query.extend({ kind: z.enum(['x']) }) }, `${at}.query.kind: was `],
    [{ query: base.query.extend({ more: z.string() }) }, `${at}.query.more: is required now`],
    [{ query: base.query.omit({ limit: true }) }, `${at}.query.limit: is not taken any more`],
  ];
  for (const [over, said] of cases) {
    const found = faults(over);
    expect(found, said).toHaveLength(1);
    expect(found[0]).toContain(said);
  }
  const named = z
    .object({
      name: z.string().optional(),
      get children() {
        return z.array(named as z.ZodType);
      },
    })
    .meta({ id: 'ContractTree' });
  z.globalRegistry.remove(tree);
  expect(faults({ response: answer.extend({ tree: named as never }) })).toEqual([
    expect.stringContaining('.tree.name: may be missing now'),
  ]);
});

test('a route that was declared to end may go when its day has come, and not before', () => {
  const ending = made({ deprecated: { since: '2026-01-01', sunset: '2026-12-31', successor: '/api/v1/more/{id}' } });
  const without = { ...ending, routes: {} };
  expect(broken(ending, without, '2026-12-30')).toEqual(['POST /api/v1/people/{id}: removed']);
  expect(broken(ending, without, '2026-12-31')).toEqual([]);
});

test('what is kept is read again as it was, a line for each route', () => {
  expect(JSON.parse(contractText(now))).toEqual(JSON.parse(JSON.stringify(now)));
  expect(
    contractText(now)
      .split('\n')
      .filter((line) => line.includes('"POST /api/v1/people/{id}"')),
  ).toHaveLength(1);
});

test('clients are told of the end on every answer, refusals among them, and refused with the successor when it has come', async () => {
  const clock = new ManualClock('2026-11-22T00:00:00Z');
  const deprecated = { since: '2026-11-01', sunset: '2027-06-01', successor: '/api/v1/new' };
  const route = (path: string, access: string, more: object = {}) =>
    defineRoute({
      ...{ method: 'GET', path, room: 'test', summary: { zh: '旧', en: 'Old' }, access: access as 'public' },
      ...{ response: z.object({ ok: z.boolean() }), handler: async () => ({ ok: true }), ...more },
    });
  const routes = [
    route('/api/v1/old', 'public', { deprecated }),
    route('/api/v1/old-inside', 'jobs.read', { deprecated }),
    route('/api/v1/new', 'public'),
  ];
  const host = (of: RouteDefinition[]) =>
    createHttp({
      ...{
        config: configSchema.parse({}).http,
        clock,
        log: createLogger({ level: 'silent' }),
        metrics: createMetrics(),
      },
      ...{ routes: of, version: '1', checkResponses: true, ready: {} },
      ...{ authenticate: async () => null, refused: async () => undefined },
    } as never);
  const http = await host(routes);
  const told = {
    deprecation: '@1793462400',
    sunset: 'Mon, 31 May 2027 16:00:00 GMT',
    link: '</api/v1/new>; rel="successor-version"',
  };
  const answer = await http.fastify.inject('/api/v1/old');
  expect([answer.statusCode, answer.headers]).toMatchObject([200, told]);
  const refused = await http.fastify.inject('/api/v1/old-inside');
  expect([refused.statusCode, refused.headers]).toMatchObject([401, told]);
  expect((await http.fastify.inject('/api/v1/new')).headers.sunset).toBeUndefined();
  const described = (await http.fastify.inject('/api/openapi.json')).json() as Described;
  expect(described.paths['/api/v1/old']!.get).toMatchObject({ deprecated: true, 'x-deprecation': deprecated });
  clock.advance(Date.parse('2027-06-01T00:00:00+08:00') - clock.now().getTime());
  const over = await http.fastify.inject('/api/v1/old');
  expect([over.statusCode, over.json().code, over.headers]).toMatchObject([410, 'http.gone', told]);
  await http.close();
  const short = { ...deprecated, sunset: '2026-12-01' };
  await expect(host([route('/api/v1/x', 'public', { deprecated: short }), routes[2]!])).rejects.toThrow(
    /less than 180 days/,
  );
});
