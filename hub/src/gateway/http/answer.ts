/** Writes answers: JSON, problem+json, and headers that keep browsers and caches from doing anything with them. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { problemBody } from '../../platform/http/index.ts';
import { languageOf } from '../../platform/i18n/index.ts';
import type { Problem } from '../../platform/problem.ts';

/** Headers of every answer. */
export const secure: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Sends a text; a HEAD has none. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.byteLength(text);
  response.writeHead(status, {
    ...secure,
    'content-type': 'application/json; charset=utf-8',
    ...headers,
    'content-length': bytes,
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Sends a problem in the caller's language. */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  id: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const language = languageOf(request.headers['accept-language']);
  // A body that nobody reads any more would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  send(request, response, problem.kind.status, JSON.stringify(problemBody(problem, language, id)), {
    ...{ 'content-type': 'application/problem+json', 'content-language': language === 'zh' ? 'zh-CN' : 'en' },
    ...headers,
  });
}
