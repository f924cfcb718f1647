/**
 * Pushes by HTTP. Every bound is ours: 5 s to connect, 15 s until the answer, 4 KB of it are read; redirects are not followed; the address that
 * was judged is the one connected to. Connections are kept and used again, one at a time for each partition.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../../platform/clock.ts';
import type { Networks } from '../../platform/networks/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Message } from '../log/events.ts';
import { badAddress, pushProblems } from '../problems.ts';
import { accepted, failure, faultOf, type Outcome, type Transport } from './outcome.ts';
import { signedHeaders } from './sign.ts';

/** Limits of one try. */
export interface PushLimits {
  connectMs: number;
  answerMs: number;
  answerBytes: number;
}
export const pushLimits: PushLimits = { connectMs: 5_000, answerMs: 15_000, answerBytes: 4_096 };

/** Longest time for which a receiver's Retry-After is believed. */
const LONGEST_WAIT = 6 * 3_600_000;

/** Checks a webhook's address as it is written; names are judged when they are resolved. */
export function webhookUrl(text: string, networks: Networks): URL {
  const bad = (zh: string) => new Problem(badAddress, { reason: zh }, { field: 'target.url' });
  if (text.length > 2000 || !URL.canParse(text)) throw bad('不是网址 / not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw bad('只支持 https 和 http / https or http only');
  if (url.username || url.password) throw bad('网址中不得含用户名或口令 / no user or password in it');
  if (url.hash) throw bad('网址中不得含 # / no fragment');
  networks.checkLiteral(url.hostname);
  return url;
}

/** Sends to one address. `ca`: PEM of the authority that signed the receiver's certificate, where it is not a public one. */
export class Webhook implements Transport {
  readonly #url: URL;
  readonly #ca: { ca?: string };
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #networks: Networks;
  readonly #clock: Clock;
  readonly #limits: PushLimits;

  constructor(target: { url: string; ca?: string | null }, networks: Networks, clock: Clock, limits = pushLimits) {
    this.#url = new URL(target.url);
    this.#ca = target.ca ? { ca: target.ca } : {};
    this.#networks = networks;
    this.#clock = clock;
    this.#limits = limits;
    const options = { keepAlive: true, maxSockets: 16, maxFreeSockets: 16, scheduling: 'lifo' as const };
    this.#agent =
      this.#url.protocol === 'https:' ? new HttpsAgent({ ...options, ...this.#ca }) : new HttpAgent(options);
  }

  async send(message: Message, secrets: readonly string[], signal: AbortSignal): Promise<Outcome> {
    try {
      this.#networks.checkLiteral(this.#url.hostname);
    } catch {
      return failure(pushProblems.inside);
    }
    const first = await this.#once(message, secrets, signal);
    // A kept connection may have been closed by the other side in this moment: nothing was answered, one fresh try is fair.
    return first === 'stale'
      ? this.#once(message, secrets, signal, true).then((o) => (o === 'stale' ? failure(pushProblems.broken) : o))
      : first;
  }

  #once(message: Message, secrets: readonly string[], signal: AbortSignal, fresh = false): Promise<Outcome | 'stale'> {
    const { connectMs, answerMs } = this.#limits;
    const body = Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength);
    return new Promise((resolve) => {
      let done = false;
      const end = (outcome: Outcome | 'stale') => {
        if (done) return;
        done = true;
        clearTimeout(late);
        clearTimeout(connecting);
        signal.removeEventListener('abort', stop);
        resolve(outcome);
      };
      const request = (this.#url.protocol === 'https:' ? httpsRequest : httpRequest)(this.#url, {
        method: 'POST',
        agent: fresh ? false : this.#agent,
        ...this.#ca,
        lookup: this.#networks.lookup,
        headers: {
          'content-type': message.contentType,
          'content-length': body.length,
          accept: '*/*',
          'user-agent': 'Jingwei-Subscriptions/1',
          ...signedHeaders(secrets, message.id, this.#clock.now(), body),
        },
      });
      const abort = (outcome: Outcome) => {
        end(outcome);
        request.destroy();
      };
      const late = setTimeout(() => abort(failure(pushProblems.timeout)), answerMs);
      let connecting: NodeJS.Timeout | undefined;
      const stop = () => abort(failure(pushProblems.stopped));
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      request.on('socket', (socket) => {
        if (!socket.connecting) return;
        connecting = setTimeout(() => abort(failure(pushProblems.unreachable)), connectMs);
        socket.once(this.#url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
      });
      request.on('error', (error: Error & { code?: string }) => {
        const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        end(stale && !fresh ? 'stale' : faultOf(error));
      });
      request.on('response', (response) => this.#answer(response, end, () => request.destroy()));
      request.end(body);
    });
  }

  /** Reads at most a little of the answer: its status is what counts. */
  #answer(response: IncomingMessage, end: (outcome: Outcome) => void, cut: () => void): void {
    const outcome = judge(response.statusCode ?? 0, response.headers['retry-after'], this.#clock);
    let bytes = 0;
    response.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= this.#limits.answerBytes) return;
      end(outcome);
      cut();
    });
    response.on('end', () => end(outcome));
    // The status was said; what breaks behind it changes nothing of that.
    response.on('error', () => end(outcome));
    response.on('close', () => end(outcome));
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }
}

/** What a status means (Standard Webhooks): 2xx taken; 410 given up; 429, 502, 503, 504 slow down; everything else failed. */
export function judge(status: number, retryAfter: string | undefined, clock: Clock): Outcome {
  if (status >= 200 && status < 300) return accepted(status);
  if (status >= 300 && status < 400) return failure(pushProblems.redirect, { status });
  if (status === 410) return failure(pushProblems.refused, { status, gone: true });
  if (status === 429 || status === 502 || status === 503 || status === 504)
    return failure(pushProblems.busy, { status, wait: waitOf(retryAfter, clock) });
  return failure(status < 500 ? pushProblems.refused : pushProblems.failed, { status });
}

/** Retry-After (RFC 9110 section 10.2.3) in milliseconds. */
function waitOf(header: string | undefined, clock: Clock): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.now().getTime();
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_WAIT) : null;
}
