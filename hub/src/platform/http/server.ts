/** The web server: one Fastify with the house's habits, on which routes are put. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import type { Config } from '../config/index.ts';
import { languageOf } from '../i18n/index.ts';
import type { Logger } from '../log/index.ts';
import { Problem } from '../problem.ts';
import type { Begun, Tracer } from '../telemetry/index.ts';
import { type Metrics, serveMetrics, templateOf } from './metrics.ts';
import { proxies, senderOf } from './networks.ts';
import { describeApi } from './openapi.ts';
import { badRequest, notReady, problemBody, problemOf, sendProblem, tooMany, toProblem } from './problems.ts';
import { methodsAt, type RouteHost, registerRoutes } from './register.ts';
import type { RouteDefinition } from './route.ts';
import { refuseForgery, secureHeaders } from './security.ts';
import { serveConsole, serveVerifier, type Verifier } from './static.ts';
import type { Tls } from './tls/tls.ts';

/** What the server is made of. */
export interface HttpHost extends Omit<RouteHost, 'defaultBodyLimit'> {
  config: Config['http'];
  log: Logger;
  metrics: Metrics;
  routes: readonly RouteDefinition[];
  version: string;
  /**
   * Asked in turn before any hook, session or log line: for protocols and look-ups of thousands of messages a second, which bring their
   * own authentication, limits and records.
   */
  lean?: readonly LeanHandler[];
  /** Takes the spans of requests; absent: nobody does. */
  tracer?: Tracer | undefined;
  /** TLS of the hub itself; absent: plain HTTP. */
  tls?: Tls | undefined;
  /** Folder of the built console; absent or empty: the API only. */
  console?: string;
  /** The built offline verifier, one HTML file; absent: its address answers a problem. */
  verifier?: Verifier;
  /** Told of every request that was answered: template of its route, milliseconds, code of the problem. */
  answered?(request: { method: string; route: string; status: number; ms: number; code: string | undefined }): void;
  /** Named checks of /health/ready; one that throws makes the hub not ready. */
  ready: Record<string, () => Promise<unknown>>;
}

/** What answers requests by itself, beside the routes. */
export interface LeanHandler {
  /** The addresses that it answers, as the server writes them: `/keyless/aggregator`, `/services/:service/records/:key`. */
  paths: readonly string[];
  /** The room whose data it takes in: refused by the server's `admits` while there is no room for more. */
  takesIn?: string;
  /** POST unless told otherwise. */
  methods?: readonly ('GET' | 'POST')[];
  /** Answers a request of its own and says true; touches no other and says false. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

/** A server that has not listened yet. */
export interface HttpServer {
  readonly fastify: FastifyInstance;
  /** Listens and answers the address: `http://127.0.0.1:8420`. */
  listen(): Promise<string>;
  /** Ends open requests and stops. */
  close(): Promise<void>;
}

/** Makes the server with every route on it. */
export async function createHttp(host: HttpHost): Promise<HttpServer> {
  const { config } = host;
  const defaultBodyLimit = Math.round(config.limits.bodyMiB * 1024 * 1024);
  // The narrower type keeps the server's own type the framework's default one.
  const logger: FastifyBaseLogger = host.log;
  const options: FastifyServerOptions = {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (_error, request, reply) => void sendProblem(new Problem(badRequest), request, reply),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: proxies(config.trustProxy),
    bodyLimit: defaultBodyLimit,
    requestTimeout: config.limits.requestTimeoutSeconds * 1000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1000 },
  };
  // A server of TLS answers as a plain one does: what is put on it need not know which it is.
  const app = Fastify(host.tls ? ({ ...options, https: host.tls.options() } as FastifyServerOptions) : options);
  const https = config.publicUrl?.startsWith('https:') ?? false;
  if (host.tracer) traceRequests(app, host.tracer);
  await secureHeaders(app, https);
  await app.register(cookie);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    refuseForgery(request, config.publicUrl);
  });
  await app.register(rateLimit, {
    max: config.limits.requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => senderOf(request.ip),
    errorResponseBuilder: (_request, context) => new Problem(tooMany, { seconds: Math.ceil(context.ttl / 1000) }),
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    const [route, status] = [templateOf(request), reply.statusCode];
    request.log.info({ method, route, status, ms }, 'request');
    host.answered?.({ method, route, status, ms, code: problemOf(request) });
  });
  app.setErrorHandler((error, request, reply) => sendProblem(toProblem(error, request), request, reply));
  serveMetrics(app, host.metrics, config.metricsToken);
  serveHealth(app, host);
  await registerRoutes(app, host.routes, { ...host, defaultBodyLimit });
  if (host.lean?.length)
    await serveLean(
      app,
      host.lean.map((one) => admitted(one, host)),
    );
  serveDescription(app, host);
  serveVerifier(app, host.verifier);
  await serveConsole(app, host.console, https, methodsAt(host.routes));
  return {
    fastify: app,
    listen: () => app.listen({ host: config.host, port: config.port }),
    close: () => app.close(),
  };
}

/** A span for each request, by its route's template; what is asked for stands in none. Lean addresses have records of their own. */
function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  const begun = new WeakMap<FastifyRequest, Begun | null>();
  app.addHook('onRequest', (request, _reply, done) => {
    const own = tracer.request(request.method, request.headers.traceparent);
    begun.set(request, own);
    tracer.within(own, done);
  });
  // A body that was parsed comes back in the context of the socket.
  app.addHook('preHandler', (request, _reply, done) => tracer.within(begun.get(request) ?? null, done));
  app.addHook('onResponse', async (request, reply) => {
    const [route, code] = [templateOf(request), problemOf(request)];
    const attributes = {
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': reply.statusCode,
      ...(code ? { 'error.type': code } : {}),
    };
    tracer.end(begun.get(request) ?? null, attributes, reply.statusCode >= 500, `${request.method} ${route}`);
  });
}

/** A lean handler that refuses to take in what the server does not admit now; the route's way then says so. */
function admitted(one: LeanHandler, { admits }: HttpHost): LeanHandler {
  const { takesIn } = one;
  if (!takesIn || !admits) return one;
  const addresses = new Set(one.paths);
  return {
    ...one,
    handle(request, response) {
      const path = request.url?.split('?')[0] ?? '';
      if (!addresses.has(path)) return one.handle(request, response);
      try {
        admits({ method: request.method ?? 'POST', room: takesIn, reads: false, heavy: true });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        request.resume();
        const { kind } = error;
        const body = JSON.stringify(problemBody(error, languageOf(request.headers['accept-language']), randomUUID()));
        response.writeHead(kind.status, { 'content-type': 'application/problem+json', connection: 'close' }).end(body);
        return true;
      }
      return one.handle(request, response);
    },
  };
}

/** Puts the lean handlers before everything else, and behind its addresses wherever a request gets to the routes nevertheless. */
async function serveLean(app: FastifyInstance, lean: readonly LeanHandler[]): Promise<void> {
  const listeners = app.server.listeners('request') as RequestListener[];
  app.server.removeAllListeners('request');
  app.server.on('request', (request, response) => {
    if (lean.some((one) => one.handle(request, response))) return;
    for (const listener of listeners) listener.call(app.server, request, response);
  });
  // A further address of the same name (localhost has two) is served by a server of its own.
  await app.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const { paths, methods = ['POST'], handle } of lean)
      for (const url of paths) {
        const handler = (request: FastifyRequest, reply: FastifyReply) => {
          reply.hijack();
          handle(request.raw, reply.raw);
        };
        raw.route({ method: [...methods], url, config: { rateLimit: false }, handler });
      }
  });
}

/** Liveness: the process answers. Readiness: what it stands on answers, too. */
function serveHealth(app: FastifyInstance, host: HttpHost): void {
  const config = { rateLimit: false };
  app.get('/health/live', { config }, async () => ({ status: 'ok' }));
  app.get('/health/ready', { config }, async (request, reply) => {
    const names = Object.keys(host.ready);
    const results = await Promise.allSettled(names.map((name) => host.ready[name]!()));
    const checks = Object.fromEntries(names.map((name, i) => [name, results[i]!.status === 'fulfilled']));
    for (const [i, r] of results.entries()) {
      if (r.status === 'rejected') request.log.error({ err: r.reason, check: names[i] }, 'not ready');
    }
    if (results.every((r) => r.status === 'fulfilled')) return { status: 'ok', checks };
    return sendProblem(new Problem(notReady), request, reply);
  });
}

/** The description of the API and a page to try it on. */
function serveDescription(app: FastifyInstance, host: HttpHost): void {
  let description: string | undefined;
  app.get('/api/openapi.json', async (_request, reply) => {
    description ??= JSON.stringify(describeApi(host.routes, host.version));
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(description);
  });
  for (const [path, file, type] of [
    ['/api/docs', 'page.html', 'text/html'],
    ['/api/docs.js', 'page.js', 'text/javascript'],
    ['/api/docs.css', 'page.css', 'text/css'],
  ] as const) {
    const content = readFileSync(new URL(`./docs/${file}`, import.meta.url), 'utf8');
    app.get(path, async (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).header('cache-control', 'no-cache').send(content),
    );
  }
}
