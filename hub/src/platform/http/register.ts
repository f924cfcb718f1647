/** Puts route definitions on the server: access, validation, handler, checked answer or stream. */

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import { parseBilingual } from '../i18n/validation.ts';
import { Problem } from '../problem.ts';
import { declaredOnly } from './declared.ts';
import { faultOf, tellEnd } from './deprecation.ts';
import { badRequest, forbidden, signIn, tooLarge } from './problems.ts';
import type { Access, Intake, RouteDefinition, StreamBody } from './route.ts';
import { strict, validate, wrapLists } from './validate.ts';

/** Milliseconds after which a reader who takes nothing more of a stream is cut off. */
const STALLED = 300_000;

/** What the server needs of the rest to serve routes. */
export interface RouteHost {
  clock: Clock;
  /** Who sends a request; null for strangers. Throws a Problem when credentials are given and wrong. */
  authenticate(request: FastifyRequest): Promise<Principal | null>;
  /** Told of every 401 and 403 of a route, those that its handler raises too, so that the audit can keep them. */
  refused?(
    request: FastifyRequest,
    principal: Principal | null,
    route: RouteDefinition,
    problem: Problem,
  ): Promise<void>;
  /**
   * An answer that its schema refuses is an error (tests, development) instead of a line in the log; what the schema
   * does not declare is left out in either case.
   */
  checkResponses: boolean;
  defaultBodyLimit: number;
  /** Asked before anything of a request is read; throws what stands against taking it in. */
  admits?(intake: Intake): void;
}

/** `/api/v1/runs/{run}` as the router writes it. */
export const routerPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

/** Registers every route. Two routes of the same method and path are a programming error. */
export async function registerRoutes(app: FastifyInstance, routes: readonly RouteDefinition[], host: RouteHost) {
  for (const { method, path, deprecated } of routes) {
    const fault = deprecated && faultOf(deprecated);
    if (fault) throw new Error(`${method} ${path} is deprecated, but ${fault}`);
  }
  for (const route of routes.filter((r) => r.bodyType !== 'raw')) register(app, route, host);
  await app.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const route of routes.filter((r) => r.bodyType === 'raw')) register(raw, route, host);
  });
}

/** The methods that an address has, HEAD among them wherever there is GET; empty where nothing is at the address. */
export function methodsAt(routes: readonly RouteDefinition[]): (path: string) => string[] {
  const known = routes.map((route) => ({
    method: route.method,
    pattern: new RegExp(`^${route.path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
  }));
  return (path) => {
    const methods = known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method as string);
    if (methods.includes('GET')) methods.push('HEAD');
    return [...new Set(methods)].sort();
  };
}

function register(app: FastifyInstance, route: RouteDefinition, host: RouteHost): void {
  const limit = route.bodyLimit ?? host.defaultBodyLimit;
  const schemas: Partial<Record<'params' | 'query' | 'body', ZodType>> = {};
  if (route.params) schemas.params = strict(route.params);
  if (route.query) schemas.query = strict(route.query);
  if (route.body && route.bodyType !== 'raw') schemas.body = strict(route.body);
  const querySchema = route.query;
  const admitted = new WeakMap<FastifyRequest, Principal | null>();
  app.route({
    method: route.method === 'GET' ? ['GET', 'HEAD'] : route.method,
    url: routerPath(route.path),
    bodyLimit: limit,
    config: { template: route.path, ...(route.rateLimit ? { rateLimit: { max: route.rateLimit } } : {}) },
    // Before the body: nobody's megabytes are read and parsed who may not call the route.
    preParsing: async (request, reply, payload) => {
      if (route.deprecated) tellEnd(route.deprecated, host.clock, reply);
      const { method, room, reads = false, heavy = false } = route;
      host.admits?.({ method, room, reads, heavy: heavy || route.bodyType === 'raw' });
      admitted.set(request, await admit(route, host, request));
      return payload;
    },
    handler: async (request, reply) => {
      const principal = admitted.get(request) ?? null;
      const query = (request.query ?? {}) as Record<string, unknown>;
      const values = validate(schemas, {
        params: request.params,
        query: querySchema ? wrapLists(querySchema, query) : query,
        body: request.body,
      });
      if (route.bodyType === 'raw') request.body = limited(request, reply, limit);
      const purpose = purposeOf(request, principal);
      try {
        const answer = await route.handler({
          ...values,
          principal,
          ...(purpose === undefined ? {} : { purpose }),
          clock: host.clock,
          request,
          reply,
        });
        if (reply.sent) return reply;
        if ('stream' in route.response) return await stream(reply, answer, route.response.stream);
        return json(reply, route, route.response, answer, host, request);
      } catch (error) {
        const status = error instanceof Problem ? error.kind.status : 500;
        if (status === 401 || status === 403) await host.refused?.(request, principal, route, error as Problem);
        throw error;
      }
    },
  });
}

async function admit(route: RouteDefinition, host: RouteHost, request: FastifyRequest): Promise<Principal | null> {
  const principal = await host.authenticate(request);
  const problem = refusal(route.access, principal);
  if (problem) {
    await host.refused?.(request, principal, route, problem);
    throw problem;
  }
  return principal;
}

/** Why a principal may not call a route, or undefined. */
export function refusal(access: Access, principal: Principal | null): Problem | undefined {
  if (access === 'public') return undefined;
  if (!principal) return new Problem(signIn);
  if (access === 'signed-in' || principal.permissions.has(access)) return undefined;
  return new Problem(forbidden, { permission: access });
}

function purposeOf(request: FastifyRequest, principal: Principal | null): string | undefined {
  const header = request.headers['jingwei-purpose'];
  if (typeof header !== 'string' || header === '') return principal?.purpose ?? undefined;
  try {
    return decodeURIComponent(header).trim().slice(0, 200);
  } catch {
    throw new Problem(badRequest, {}, { field: 'Jingwei-Purpose' });
  }
}

/** A request's stream that ends in a Problem when it grows beyond the limit. */
function limited(request: FastifyRequest, reply: FastifyReply, limit: number): Readable {
  const refuse = (): never => {
    // What is left of the body would be taken for the next request: the connection ends with this answer.
    reply.header('connection', 'close');
    throw new Problem(tooLarge);
  };
  if (Number(request.headers['content-length'] ?? 0) > limit) refuse();
  const body = request.body as Readable | undefined | null;
  async function* counted(): AsyncGenerator<Buffer> {
    let bytes = 0;
    // Not destroyed when it is left early: that would cut the connection before the answer is through.
    for await (const chunk of body?.iterator({ destroyOnReturn: false }) ?? []) {
      bytes += (chunk as Buffer).length;
      if (bytes > limit) refuse();
      yield chunk as Buffer;
    }
  }
  return Readable.from(counted(), { objectMode: false });
}

function json(
  reply: FastifyReply,
  route: RouteDefinition,
  schema: ZodType,
  answer: unknown,
  host: RouteHost,
  request: FastifyRequest,
): FastifyReply {
  const status = route.status ?? 200;
  if (reply.statusCode === 200) reply.code(status);
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  if (status === 204) return reply.send();
  const checked = parseBilingual(schema, answer);
  let body = answer;
  // The parsed answer is sent: what the schema does not declare never leaves the hub.
  if (checked.success) body = checked.data;
  else {
    const faults = checked.error.issues.map((i) => ({ path: i.path.join('.'), code: i.code }));
    if (host.checkResponses) {
      throw new Error(`${route.method} ${route.path} answers what its schema refuses: ${JSON.stringify(faults)}`);
    }
    request.log.error({ route: route.path, faults }, 'the answer does not fit its schema');
    body = declaredOnly(schema, answer);
  }
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body ?? null));
}

/** Content-Disposition of a file name: plain for old readers, as RFC 8187 for all others. */
export function attachment(filename: string): string {
  // Half a surrogate pair cannot be encoded: it becomes the replacement character.
  const whole = Buffer.from(filename).toString();
  const ascii = whole.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(whole).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

const isStreamBody = (v: unknown): v is StreamBody => typeof v === 'object' && v !== null && 'chunks' in v;

async function stream(reply: FastifyReply, answer: unknown, mediaType: string): Promise<FastifyReply> {
  const body: StreamBody = isStreamBody(answer) ? answer : { chunks: answer as AsyncIterable<string | Uint8Array> };
  const source = body.chunks[Symbol.asyncIterator]();
  // The first chunk is awaited before the headers go: a problem at the start is answered as a problem.
  const first = await source.next();
  async function* all(): AsyncGenerator<string | Uint8Array> {
    let patience: NodeJS.Timeout | undefined;
    try {
      for (let next = first; !next.done; next = await source.next()) {
        // Who stops reading must not keep the source, a cursor perhaps, open for ever.
        patience = setTimeout(() => reply.raw.destroy(), STALLED);
        yield next.value;
        clearTimeout(patience);
      }
    } finally {
      clearTimeout(patience);
      await source.return?.();
    }
  }
  const type = body.contentType ?? mediaType;
  reply.type(type.startsWith('text/') && !type.includes('charset') ? `${type}; charset=utf-8` : type);
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  if (body.filename) {
    reply.header('content-disposition', attachment(body.filename));
  }
  if (reply.request.method === 'HEAD') {
    await source.return?.();
    return reply.send();
  }
  return reply.send(Readable.from(all(), { objectMode: false }));
}
