/** Figures for Prometheus. Each hub has a registry of its own, so that several can live in one process (tests). */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { Problem } from '../problem.ts';
import { forbidden } from './problems.ts';

export type Metrics = Registry;

/** A registry with the process's own figures (memory, event loop, garbage collection). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** A gauge that is read when Prometheus asks. `read` answers one value, or one per label value. */
export function gauge(
  metrics: Metrics,
  name: string,
  help: string,
  read: () => Promise<number | Record<string, number>> | number | Record<string, number>,
  label?: string,
): void {
  new Gauge({
    name,
    help,
    labelNames: label ? [label] : [],
    registers: [metrics],
    async collect() {
      const value = await read();
      if (typeof value === 'number') this.set(value);
      else {
        this.reset();
        for (const [key, n] of Object.entries(value)) this.set({ [label!]: key }, n);
      }
    },
  });
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

const forwarding = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];

function mayRead(request: FastifyRequest, token: string | undefined): boolean {
  if (token === undefined) {
    // A proxy on this machine is no reader on this machine.
    const passedOn = forwarding.some((name) => request.headers[name] !== undefined);
    return loopback.has(request.socket.remoteAddress ?? '') && !passedOn;
  }
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Measures every request by its route's template and serves /metrics. */
export function serveMetrics(app: FastifyInstance, metrics: Metrics, token: string | undefined): void {
  const seconds = new Histogram({
    name: 'jingwei_http_request_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    seconds.observe(
      { method: request.method, route: templateOf(request), status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  app.get('/metrics', { config: { rateLimit: false } }, async (request, reply) => {
    if (!mayRead(request, token)) throw new Problem(forbidden, { permission: 'metricsToken' });
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
}

/** The template of a request's route; never its URL, which may carry names and codes. */
export function templateOf(request: FastifyRequest): string {
  const { template } = request.routeOptions.config as { template?: string };
  return template ?? request.routeOptions.url ?? 'none';
}
