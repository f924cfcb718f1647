/**
 * The gateway's addresses, answered before the hub's own routes: tokens, metadata, and the services. A call is judged in this order: who
 * sends it, whether the service is theirs, whether the grant stands, how often they have called, what they ask; then it is answered, its
 * record is on disk, and only then does the answer leave.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { LeanHandler } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import { authenticateBearer, type Caller, challengeOf } from '../caller.ts';
import type { Gateway } from '../gateway.ts';
import { oauthMetadata, revokeEndpoint, tokenEndpoint } from '../oauth/endpoint.ts';
import * as k from '../problems.ts';
import type { Service } from '../services.ts';
import type { Call } from '../usage/journal.ts';
import { actionOf, addressesOf, type Done, type Step } from './actions.ts';
import { secure, send, sendProblem } from './answer.ts';
import { readBody, readPurpose } from './read.ts';

const METADATA = '/.well-known/oauth-authorization-server';
/** Failures without a known client that one address may send: a second, and at once. */
const STRANGERS = { rate: 5, burst: 60 } as const;

/** The handler for `RoomModule.lean`. */
export function gatewayHandlers(gateway: Gateway): LeanHandler[] {
  return [
    { paths: [METADATA, '/services/*'], methods: ['GET'], handle: (q, s) => handle(gateway, q, s) },
    { paths: ['/services/*'], methods: ['POST'], handle: (q, s) => handle(gateway, q, s) },
  ];
}

function handle(gateway: Gateway, request: IncomingMessage, response: ServerResponse): boolean {
  const url = request.url ?? '';
  if (!url.startsWith('/services/') && !url.startsWith(METADATA)) return false;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (url.startsWith(METADATA) && path !== METADATA) return false;
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const id = randomUUID();
  response.setHeader('x-request-id', id);
  if (gateway.secureTransport) response.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains');
  request.on('error', () => response.destroy());
  const work =
    path === METADATA
      ? metadata(gateway, request, response, id)
      : path.startsWith('/services/oauth/')
        ? oauth(gateway, path, request, response, id)
        : service(gateway, path, query, request, response, id);
  work.catch((error: unknown) => {
    if (error instanceof Problem) return sendProblem(request, response, error, id);
    gateway.deps.log.error({ err: error, requestId: id }, 'a call of the gateway failed');
    sendProblem(request, response, new Problem(k.failed, { id }), id);
  });
  return true;
}

async function metadata(gateway: Gateway, request: IncomingMessage, response: ServerResponse, id: string) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed(request, response, id, 'GET');
  const headers = { 'cache-control': 'public, max-age=3600' };
  send(request, response, 200, JSON.stringify(oauthMetadata(gateway.deps.http.url())), headers);
}

function notAllowed(request: IncomingMessage, response: ServerResponse, id: string, methods: string): void {
  sendProblem(request, response, new Problem(k.wrongMethod, { methods }), id, { allow: methods });
}

async function oauth(gateway: Gateway, path: string, request: IncomingMessage, response: ServerResponse, id: string) {
  const endpoint = { '/services/oauth/token': tokenEndpoint, '/services/oauth/revoke': revokeEndpoint }[path];
  if (!endpoint) return sendProblem(request, response, new Problem(k.unknownAddress), id);
  if (request.method !== 'POST') return notAllowed(request, response, id, 'POST');
  const address = gateway.address(request);
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const headers: OutgoingHttpHeaders = { pragma: 'no-cache' };
  if (type !== 'application/x-www-form-urlencoded')
    return send(
      request,
      response,
      400,
      JSON.stringify({ error: 'invalid_request', error_description: 'send a form' }),
      headers,
    );
  const form = new URLSearchParams((await readBody(request, 16 * 1024)).toString('utf8'));
  const { authorization } = request.headers;
  const answer = await endpoint(gateway.tokenHost, { form, authorization, address });
  if (answer.status === 401) {
    // Who is known is never kept out by strangers behind the same address.
    const taken = gateway.strangers(address);
    if (!taken.ok) return tooOften(request, response, id, taken.wait);
  }
  if (answer.retryAfter) headers['retry-after'] = String(answer.retryAfter);
  if (answer.challenge) headers['www-authenticate'] = 'Basic realm="jingwei", charset="UTF-8"';
  send(request, response, answer.status, answer.body ? JSON.stringify(answer.body) : '', headers);
}

function tooOften(request: IncomingMessage, response: ServerResponse, id: string, seconds: number): void {
  sendProblem(request, response, new Problem(k.rateExceeded, { seconds }), id, { 'retry-after': String(seconds) });
}

async function service(
  gateway: Gateway,
  path: string,
  query: string,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
): Promise<void> {
  const started = performance.now();
  const caller = authenticateBearer(gateway, request);
  if (caller instanceof Problem) {
    const address = gateway.address(request);
    const taken = gateway.strangers(address);
    const { client, why } = caller.params as { client?: string; why?: string };
    if (client) gateway.notes.add({ action: 'gateway.call', client, outcome: 'refused', detail: { why, address } });
    if (!taken.ok) return tooOften(request, response, id, taken.wait);
    const challenge = challengeOf(caller);
    return sendProblem(request, response, caller, id, challenge ? { 'www-authenticate': challenge } : {});
  }
  const [, , number = '', ...rest] = path.split('/');
  const share = /^[1-9]\d{0,8}$/.test(number) ? Number(number) : 0;
  const found = caller.grants.has(share) ? gateway.services.get(share) : undefined;
  const mine = found?.share.requester === caller.organisation ? found : undefined;
  const headers: OutgoingHttpHeaders = caller.client.sandbox ? { 'jingwei-sandbox': 'true' } : {};
  const call: Call = {
    ...{ at: '', id, share: mine ? share : 0, client: caller.client.id, requester: caller.organisation },
    ...{ provider: mine?.share.provider ?? '', operation: 'unknown', sandbox: caller.client.sandbox },
    ...{ key: null, fields: null, units: 0, rows: 0, status: 0, problem: null, ms: 0, purpose: null },
  };
  const leave: (() => void)[] = [];
  let taken = 0;
  try {
    call.operation = actionOf(rest, request.method ?? '')?.operation ?? 'unknown';
    call.purpose = readPurpose(request);
    const { step, served } = judge(gateway, caller, mine, rest, request, headers, leave);
    const done = await step.run({
      ...{ gateway, caller, service: mine!, served, request, query, id, headers },
      quota: (units) => {
        takeQuota(gateway, caller, mine!, units);
        taken = units;
      },
    });
    await answer(gateway, call, done, request, response, headers, started);
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(k.failed, { id });
    if (!(error instanceof Problem))
      gateway.deps.log.error({ err: error, requestId: id }, 'a call of the gateway failed');
    // What was refused was no call; a record that is not there was one.
    if (taken && mine && !call.sandbox && problem.kind !== k.unknownRecord) gateway.quotas.giveBack(share, taken);
    await refuse(gateway, call, problem, caller, request, response, headers, started);
  } finally {
    for (const end of leave) end();
  }
}

/** Whether the call may be made at all: the service is there for the caller, stands, and was not called too often. */
function judge(
  gateway: Gateway,
  caller: Caller,
  service: Service | undefined,
  rest: readonly string[],
  request: IncomingMessage,
  headers: OutgoingHttpHeaders,
  leave: (() => void)[],
) {
  const { client } = caller;
  const { per_second, burst, concurrent } = service?.settings ?? gateway.defaults;
  const rate = Math.min(per_second, client.per_second ?? per_second);
  const depth = client.per_second ? Math.min(burst, client.per_second * 2) : burst;
  const name = `${client.id} ${service?.share.id ?? 0}`;
  const taken = gateway.buckets.take(name, rate, depth, gateway.deps.clock.now().getTime());
  headers['ratelimit-policy'] = `"rate";q=${rate};w=1;burst=${depth}`;
  headers.ratelimit = `"rate";r=${taken.remaining};t=${taken.wait || 1}`;
  if (!taken.ok) {
    headers['retry-after'] = String(taken.wait);
    throw new Problem(k.rateExceeded, { seconds: taken.wait });
  }
  if (!service) throw new Problem(k.unknownService);
  if (!gateway.services.giving(service.share.id)) throw new Problem(k.notActive, { state: service.share.state });
  const step = actionOf(rest, request.method ?? '');
  if (!step) {
    const methods = addressesOf(rest);
    if (!methods.length) throw new Problem(k.unknownAddress);
    headers.allow = methods.join(', ');
    throw new Problem(k.wrongMethod, { methods: methods.join('、') });
  }
  const most = Math.min(concurrent, client.concurrent ?? concurrent);
  const end = gateway.concurrency.enter(name, most);
  if (!end) {
    headers['retry-after'] = '1';
    throw new Problem(k.tooConcurrent, { limit: most });
  }
  leave.push(end);
  const served = client.sandbox ? service.sandbox : service.live;
  if (!served && step.needsData) {
    headers['retry-after'] = '5';
    throw new Problem(service.state === 'nothing' ? k.nothingHere : k.preparing);
  }
  return { step: step as Step, served: served! };
}

function takeQuota(gateway: Gateway, caller: Caller, service: Service, units: number): void {
  if (caller.client.sandbox) return;
  const { per_day: day, per_month: month } = service.settings;
  const over = gateway.quotas.take(service.share.id, gateway.deps.clock.now(), units, { day, month });
  if (over === 'day') throw new Problem(k.quotaExceeded, { period: '当日', periodEn: 'day', limit: day });
  if (over === 'month') throw new Problem(k.quotaExceeded, { period: '当月', periodEn: 'month', limit: month });
}

const keep = (gateway: Gateway, call: Call, started: number): Promise<void> => {
  call.at = gateway.deps.clock.now().toISOString();
  call.ms = Math.round((performance.now() - started) * 100) / 100;
  return gateway.journal.add(call);
};

async function answer(
  gateway: Gateway,
  call: Call,
  done: Done,
  request: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  started: number,
): Promise<void> {
  const missed = done.units - done.rows;
  if (done.missing && missed > 0)
    gateway.buckets.charge(`${call.client} ${call.share}`, missed, gateway.defaults.burst);
  Object.assign(call, { key: done.key, fields: done.fields, units: done.units, rows: done.rows, status: done.status });
  if (done.stream) {
    await keep(gateway, call, started);
    await done.stream(response, { ...secure, ...headers, ...done.headers }, async (rows, status) => {
      await keep(gateway, { ...call, id: call.id, operation: 'export-end', units: 0, rows, status }, started);
    });
    return;
  }
  await keep(gateway, call, started);
  send(request, response, done.status, done.text, { ...headers, ...done.headers });
}

async function refuse(
  gateway: Gateway,
  call: Call,
  problem: Problem,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  started: number,
): Promise<void> {
  Object.assign(call, { status: problem.kind.status, problem: problem.kind.code });
  if (problem.kind === k.unknownRecord) Object.assign(call, { key: problem.params.key ?? null, units: 1 });
  if (gateway.ofNote.has(problem.kind.code)) {
    const detail = { why: problem.kind.code, share: call.share, operation: call.operation };
    gateway.notes.add({ action: 'gateway.call', client: caller.client.id, outcome: 'refused', detail });
  }
  await keep(gateway, call, started);
  if (problem.kind.status === 503) headers['retry-after'] ??= '1';
  const challenge = challengeOf(problem);
  sendProblem(request, response, problem, call.id, {
    ...headers,
    ...(challenge ? { 'www-authenticate': challenge } : {}),
  });
}

/** How many failures a stranger may send: asked by gateway.ts. */
export const strangerLimits = STRANGERS;
