/** Puts route definitions on the server: access, validation, handler, checked answer or stream. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import { parseBilingual } from '../i18n/validation.ts';
import { Problem } from '../problem.ts';
import { badRequest, forbidden, signIn, tooLarge } from './problems.ts';
import type { Access, RouteDefinition, StreamBody } from './route.ts';
import { strict, validate, wrapLists } from './validate.ts';

/** What the server needs of the rest to serve routes. */
export interface RouteHost {
  clock: Clock;
  /** Who sends a request; null for strangers. Throws a Problem when credentials are given and wrong. */
  authenticate(request: FastifyRequest): Promise<Principal | null>;
  /** Told of every 401 and 403 of a route, so that the audit can keep them. */
  refused?(request: FastifyRequest, principal: Principal | null, route: RouteDefinition): Promise<void>;
  /** An answer that its schema refuses is an error (tests, development) instead of a line in the log. */
  checkResponses: boolean;
  defaultBodyLimit: number;
}

/** `/api/v1/runs/{run}` as the router writes it. */
export const routerPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

/** Registers every route. Two routes of the same method and path are a programming error. */
export async function registerRoutes(app: FastifyInstance, routes: readonly RouteDefinition[], host: RouteHost) {
  for (const route of routes.filter((r) => r.bodyType !== 'raw')) register(app, route, host);
  await app.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const route of routes.filter((r) => r.bodyType === 'raw')) register(raw, route, host);
  });
}

function register(app: FastifyInstance, route: RouteDefinition, host: RouteHost): void {
  const limit = route.bodyLimit ?? host.defaultBodyLimit;
  const schemas: Partial<Record<'params' | 'query' | 'body', ZodType>> = {};
  if (route.params) schemas.params = strict(route.params);
  if (route.query) schemas.query = strict(route.query);
  if (route.body && route.bodyType !== 'raw') schemas.body = strict(route.body);
  const querySchema = route.query;
  app.route({
    method: route.method,
    url: routerPath(route.path),
    bodyLimit: limit,
    config: { template: route.path, ...(route.rateLimit ? { rateLimit: { max: route.rateLimit } } : {}) },
    handler: async (request, reply) => {
      const principal = await admit(route, host, request);
      const query = (request.query ?? {}) as Record<string, unknown>;
      const values = validate(schemas, {
        params: request.params,
        query: querySchema ? wrapLists(querySchema, query) : query,
        body: request.body,
      });
      if (route.bodyType === 'raw') request.body = limited(request.body as Readable, limit);
      const purpose = purposeOf(request, principal);
      const answer = await route.handler({
        ...values,
        principal,
        ...(purpose === undefined ? {} : { purpose }),
        clock: host.clock,
        request,
        reply,
      });
      if (reply.sent) return reply;
      if ('stream' in route.response) return stream(reply, answer, route.response.stream);
      return json(reply, route, route.response, answer, host, request);
    },
  });
}

async function admit(route: RouteDefinition, host: RouteHost, request: FastifyRequest): Promise<Principal | null> {
  const principal = await host.authenticate(request);
  const problem = refusal(route.access, principal);
  if (problem) {
    await host.refused?.(request, principal, route);
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
function limited(body: Readable | undefined | null, limit: number): Readable {
  async function* counted(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of body ?? []) {
      bytes += (chunk as Buffer).length;
      if (bytes > limit) throw new Problem(tooLarge);
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
  }
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body ?? null));
}

const isStreamBody = (v: unknown): v is StreamBody => typeof v === 'object' && v !== null && 'chunks' in v;

async function stream(reply: FastifyReply, answer: unknown, mediaType: string): Promise<FastifyReply> {
  const body: StreamBody = isStreamBody(answer) ? answer : { chunks: answer as AsyncIterable<string | Uint8Array> };
  const source = body.chunks[Symbol.asyncIterator]();
  // The first chunk is awaited before the headers go: a problem at the start is answered as a problem.
  const first = await source.next();
  async function* all(): AsyncGenerator<string | Uint8Array> {
    try {
      for (let next = first; !next.done; next = await source.next()) yield next.value;
    } finally {
      await source.return?.();
    }
  }
  const type = body.contentType ?? mediaType;
  reply.type(type.startsWith('text/') && !type.includes('charset') ? `${type}; charset=utf-8` : type);
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  if (body.filename) {
    const ascii = body.filename.replace(/[^\x20-\x7e]|["\\]/g, '_');
    reply.header(
      'content-disposition',
      `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(body.filename)}`,
    );
  }
  return reply.send(Readable.from(all(), { objectMode: false }));
}
