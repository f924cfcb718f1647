/**
 * Calls to other hubs and foreign catalogues. The address that was judged is the one connected to, nothing is redirected, an answer is
 * bounded in bytes and time whatever the other side sends.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Networks } from '../../platform/networks/index.ts';
import { Problem } from '../../platform/problem.ts';
import { answered, badNetwork, badUrl, inside, redirected, tooLarge, unreachable } from '../problems.ts';

/** Bounds of one call. */
export interface CallLimits {
  connectMs: number;
  /** Longest silence of the other side. */
  silentMs: number;
  /** Longest time of the whole call. */
  wholeMs: number;
  bytes: number;
}
export const callLimits: CallLimits = { connectMs: 5_000, silentMs: 30_000, wholeMs: 600_000, bytes: 1 << 20 };

/** What is called. */
export interface Call {
  method: 'GET' | 'POST';
  url: URL;
  headers?: Record<string, string>;
  body?: Uint8Array;
  networks: readonly string[];
  limits?: Partial<CallLimits>;
  signal?: AbortSignal | undefined;
}

/** An answer; its body is read within the limits. */
export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  chunks: AsyncIterable<Uint8Array>;
}

/** An address of another hub as somebody wrote it: http or https, no user, nothing behind the path. */
export function addressOf(text: string): URL {
  const bad = (reason: string) => new Problem(badUrl, { reason }, { field: 'url' });
  if (text.length > 500 || !URL.canParse(text)) throw bad('不是网址 / not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw bad('http(s)');
  if (url.username || url.password) throw bad('不得含用户名或口令 / no user or password in it');
  if (url.hash || url.search) throw bad('不得含 ? 或 # / neither ? nor #');
  return url;
}

/** Networks of a peer, judged. */
export function networksOf(list: readonly string[]): Networks {
  for (const network of list)
    try {
      new Networks([network]);
    } catch {
      throw new Problem(badNetwork, { network }, { field: 'networks' });
    }
  return new Networks(list);
}

/** Makes a call; the answer's head is there, its body streams. Problems: `peers.unreachable`, `.inside`, `.redirect`, `.too-large`. */
export async function call(c: Call): Promise<Answer> {
  const limits = { ...callLimits, ...c.limits };
  const networks = networksOf(c.networks);
  try {
    networks.checkLiteral(c.url.hostname);
  } catch {
    throw new Problem(inside);
  }
  const fault = (error: unknown): Problem => {
    if (error instanceof Problem) return error;
    const code = (error as { code?: string }).code ?? (error as Error).message;
    return code === 'EINSIDE' ? new Problem(inside) : new Problem(unreachable, { reason: String(code).slice(0, 100) });
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = (c.url.protocol === 'https:' ? httpsRequest : httpRequest)(c.url, {
      method: c.method,
      agent: false,
      lookup: networks.lookup,
      headers: {
        'user-agent': 'Jingwei-Peers/1',
        ...(c.body ? { 'content-length': String(c.body.length) } : {}),
        ...c.headers,
      },
      ...(c.signal ? { signal: c.signal } : {}),
    });
    const stop = (reason: string) => request.destroy(Object.assign(new Error(reason), { code: reason }));
    const whole = setTimeout(() => stop('ETIMEDOUT'), limits.wholeMs);
    const connecting = setTimeout(() => stop('ETIMEDOUT'), limits.connectMs);
    request.on('socket', (s) => s.once('connect', () => clearTimeout(connecting)));
    request.setTimeout(limits.silentMs, () => stop('ETIMEDOUT'));
    request.on('close', () => {
      clearTimeout(whole);
      clearTimeout(connecting);
    });
    request.on('error', (error) => reject(fault(error)));
    request.on('response', (answer) => {
      clearTimeout(connecting);
      resolve(answer);
    });
    request.end(c.body);
  });
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    response.destroy();
    const to = response.headers.location;
    throw new Problem(redirected, { to: to && URL.canParse(to, c.url.href) ? new URL(to, c.url).host : '?' });
  }
  if (Number(response.headers['content-length'] ?? 0) > limits.bytes) {
    response.destroy();
    throw new Problem(tooLarge, { limit: limits.bytes });
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    try {
      for await (const chunk of response) {
        bytes += (chunk as Uint8Array).length;
        if (bytes > limits.bytes) throw new Problem(tooLarge, { limit: limits.bytes });
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw fault(error);
    } finally {
      response.destroy();
    }
  }
  return { status, headers: response.headers, chunks: chunks() };
}

/** The whole body of an answer. */
export async function bodyOf(answer: Answer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of answer.chunks) parts.push(part);
  return Buffer.concat(parts);
}

/** The body of an answer that must be a success; a refusal is told with its reason. */
export async function successOf(answer: Answer): Promise<Buffer> {
  if (answer.status >= 200 && answer.status < 300) return bodyOf(answer);
  const text = (await bodyOf(answer).catch(() => Buffer.alloc(0))).toString().slice(0, 2000);
  throw refusalOf(answer.status, text);
}

/** What a refusal says: the title of a problem, else nothing of a body that nobody vouches for. */
export function refusalOf(status: number, text: string): Problem {
  let reason = '';
  let code = '';
  try {
    const body = JSON.parse(text) as { title?: unknown; code?: unknown };
    if (typeof body.title === 'string') reason = body.title.slice(0, 300);
    if (typeof body.code === 'string') code = body.code.slice(0, 80);
  } catch {
    // Not one of ours.
  }
  return new Problem(answered, { status, reason: reason || '-', code });
}
