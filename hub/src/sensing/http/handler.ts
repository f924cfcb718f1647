/**
 * The address for readings, answered before the hub's own routes: `POST /sensing/v1/readings` with the key of a device gateway as bearer
 * token. Answered when every reading that is counted as kept is on disk.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { type LeanHandler, problemBody } from '../../platform/http/index.ts';
import { languageOf } from '../../platform/i18n/index.ts';
import type { Logger } from '../../platform/log/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Gateways } from '../devices/gateways.ts';
import { senderOf } from '../devices/sender.ts';
import type { Door, Form } from '../intake/door.ts';
import * as k from '../problems.ts';

export const READINGS = '/sensing/v1/readings';
/** Bytes of the largest batch, also after it is unpacked. */
const BODY = 2 * 1024 * 1024;
/** Milliseconds in which a body must have arrived. */
const PATIENCE = 30_000;
/** Wrong keys that one address may send in a minute before it waits. */
const STRANGERS = 60;

const FORMS: Readonly<Record<string, Form>> = {
  'application/json': 'json',
  'application/ld+json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
};

const secure = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;

export interface ReadingsHost {
  door: Pick<Door, 'take'>;
  gateways: Gateways;
  log: Pick<Logger, 'error'>;
  now(): number;
}

/** The handler for `RoomModule.lean`. */
export function readingsHandler(host: ReadingsHost): LeanHandler {
  const strangers = new Map<string, { n: number; minute: number }>();
  return {
    paths: [READINGS],
    methods: ['GET', 'POST'],
    handle(request, response) {
      const url = request.url ?? '';
      if (url !== READINGS && !url.startsWith(`${READINGS}?`)) return false;
      const id = randomUUID();
      request.on('error', () => response.destroy());
      take(host, request, strangers).then(
        (text) => send(response, 200, text, { 'x-request-id': id }),
        (error: unknown) => {
          const problem = error instanceof Problem ? error : new Problem(k.failed, { id });
          if (!(error instanceof Problem)) host.log.error({ err: error, requestId: id }, 'readings could not be taken');
          sendProblem(request, response, problem, id);
        },
      );
      return true;
    },
  };
}

async function take(
  host: ReadingsHost,
  request: IncomingMessage,
  strangers: Map<string, { n: number; minute: number }>,
): Promise<string> {
  if (request.method !== 'POST') throw new Problem(k.wrongMethod, { methods: 'POST' });
  const bearer = /^Bearer +(\S{1,100})$/i.exec(request.headers.authorization ?? '')?.[1];
  const address = request.socket.remoteAddress ?? '';
  const minute = Math.floor(host.now() / 60_000);
  const before = strangers.get(address);
  if (before && before.minute === minute && before.n >= STRANGERS && !host.gateways.knows(bearer ?? ''))
    throw new Problem(k.tooFast, { seconds: 60 });
  let gateway: ReturnType<Gateways['byKey']>;
  try {
    gateway = host.gateways.byKey(bearer ?? '');
  } catch (error) {
    if (strangers.size > 10_000) strangers.clear();
    strangers.set(address, { n: before?.minute === minute ? before.n + 1 : 1, minute });
    throw error;
  }
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const form = FORMS[type];
  if (!form) throw new Problem(k.mediaType);
  let bytes = await read(request);
  const packed = request.headers['content-encoding'];
  if (packed === 'gzip') {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: BODY });
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
        throw new Problem(k.tooLarge, { mib: BODY / 1024 / 1024 });
      throw new Problem(k.badBatch, { zh: 'gzip 内容损坏', en: 'the gzip content is damaged' });
    }
  } else if (packed !== undefined && packed !== 'identity') throw new Problem(k.mediaType);
  const answer = await host.door.take(senderOf(gateway), form, bytes.toString('utf8'));
  return JSON.stringify(answer);
}

function read(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () => new Problem(k.tooLarge, { mib: BODY / 1024 / 1024 });
  if (Number(request.headers['content-length'] ?? 0) > BODY) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const broken = () => reject(new Problem(k.badBatch, { zh: '请求中断', en: 'the request was broken off' }));
    const timer = setTimeout(broken, PATIENCE);
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= BODY) chunks.push(chunk);
      else reject(tooLarge());
    });
    request.on('aborted', broken);
    request.on('close', () => clearTimeout(timer));
    request.on('end', () => {
      clearTimeout(timer);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
  });
}

function send(response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...secure,
    'content-type': 'application/json; charset=utf-8',
    ...headers,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendProblem(request: IncomingMessage, response: ServerResponse, problem: Problem, id: string): void {
  const language = languageOf(request.headers['accept-language']);
  // A body that nobody reads any more would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  const { status } = problem.kind;
  send(response, status, JSON.stringify(problemBody(problem, language, id)), {
    ...{ 'content-type': 'application/problem+json', 'x-request-id': id },
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="jingwei"' } : {}),
    ...(status === 405 ? { allow: 'POST' } : {}),
    ...(status === 429 ? { 'retry-after': String(problem.params.seconds ?? 1) } : {}),
    ...(status === 503 ? { 'retry-after': '2' } : {}),
  });
}
