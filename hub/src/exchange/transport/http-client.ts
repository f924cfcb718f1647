/**
 * Requests to somebody else's interface: limited in time and size, tried again when the other side is busy or the way to
 * it breaks, signed in with OAuth2 client credentials (RFC 6749 section 4.4), a bearer token or a password.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { SourceDeclaration, SourceTransport } from '../../catalogue/index.ts';
import type { Clock } from '../../platform/clock.ts';
import { RetryableError } from '../../platform/jobs/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { codeOf, type PullDeps, passing, secretOf } from './common.ts';
import { pullProblems } from './problems.ts';

/** Limits of requests. */
export interface HttpLimits {
  /** Longest time of one request with its answer. */
  requestMs: number;
  /** Bytes of the largest answer, unpacked. */
  pageBytes: number;
  /** Tries of one request. */
  tries: number;
  /** First pause before trying again; it doubles. */
  pauseMs: number;
  /** Longest pause; who asks for a longer one is left to the job's next attempt. */
  longestPauseMs: number;
  maxPages: number;
}

export const httpLimits: HttpLimits = {
  requestMs: 120_000,
  pageBytes: 64 << 20,
  tries: 5,
  pauseMs: 500,
  longestPauseMs: 60_000,
  maxPages: 100_000,
};

/** An answer that was read whole. */
export interface HttpAnswer {
  status: number;
  text: string;
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.coerce.number().positive().optional(),
});

/** Tokens until they expire, by client and scope. */
export type Tokens = Map<string, { token: string; until: number }>;
const held = new WeakMap<Lake, Tokens>();

/** The tokens of the hub that owns this lake. */
export function tokensOf(lake: Lake): Tokens {
  const own = held.get(lake) ?? new Map();
  held.set(lake, own);
  return own;
}

/** Who we are to the other side: makes the Authorization header, and forgets what was refused. */
export interface Authority {
  secret: string;
  header(): Promise<string | null>;
  /** Answers whether another header may help. */
  refused(): boolean;
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** What an address is called in sentences: never its query, which may carry what is secret. */
export const placeOf = (url: URL): string => `${url.origin}${url.pathname}`;

/** An address, which must be http or https. */
export function addressOf(text: string): URL {
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Problem(pullProblems.httpScheme, { url: text });
  return url;
}

/** How long the other side asks to wait, in milliseconds (RFC 9110 section 10.2.3), or null. */
export function retryAfter(header: string | null, clock: Clock): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - clock.now().getTime());
}

/** Requests of one pull. */
export class HttpClient {
  readonly #limits: HttpLimits;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;

  constructor(limits: HttpLimits, clock: Clock, signal?: AbortSignal) {
    this.#limits = limits;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** GET with the authority's header; busy servers and broken ways are tried again. */
  async get(url: URL, authority: Authority): Promise<HttpAnswer> {
    for (;;) {
      const authorization = await authority.header();
      const headers = { accept: 'application/json', ...(authorization === null ? {} : { authorization }) };
      const answer = await this.#patiently(url, { headers });
      if (answer.status === 401 && authority.refused()) continue;
      if (answer.status === 401 || answer.status === 403)
        throw new Problem(pullProblems.credentials, { secret: authority.secret, reason: answer.status });
      return answer;
    }
  }

  /** POST of a form, for tokens. */
  post(url: URL, authorization: string, form: URLSearchParams): Promise<HttpAnswer> {
    const headers = {
      accept: 'application/json',
      authorization,
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    };
    return this.#patiently(url, { method: 'POST', headers, body: form.toString() });
  }

  async #patiently(url: URL, init: RequestInit): Promise<HttpAnswer> {
    const { tries, pauseMs, longestPauseMs } = this.#limits;
    const where = placeOf(url);
    for (let attempt = 1; ; attempt++) {
      let asked: number | null = null;
      let fault: RetryableError;
      try {
        const { answer, headers } = await this.#once(url, init);
        if (answer.status !== 408 && answer.status !== 429 && answer.status < 500) return answer;
        asked = retryAfter(headers.get('retry-after'), this.#clock);
        fault = passing(pullProblems.httpBusy, { where, status: answer.status });
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        fault = error;
      }
      const wait = asked ?? pauseMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      if (attempt >= tries || wait > longestPauseMs) throw fault;
      await pause(wait, undefined, this.#signal ? { signal: this.#signal } : {});
    }
  }

  /** One request, with redirects on the same host followed. */
  async #once(start: URL, init: RequestInit): Promise<{ answer: HttpAnswer; headers: Headers }> {
    const { requestMs } = this.#limits;
    const late = AbortSignal.timeout(requestMs);
    const signal = this.#signal ? AbortSignal.any([late, this.#signal]) : late;
    const where = placeOf(start);
    try {
      let url = start;
      for (let hops = 0; ; hops++) {
        const response = await fetch(url.href, { ...init, redirect: 'manual', signal });
        const to = response.headers.get('location');
        if (![301, 302, 303, 307, 308].includes(response.status) || to === null)
          return {
            answer: { status: response.status, text: await this.#read(response, where) },
            headers: response.headers,
          };
        await response.body?.cancel();
        const next = URL.canParse(to, url.href) ? new URL(to, url) : null;
        const other = !next || next.host !== url.host || (url.protocol === 'https:' && next.protocol !== 'https:');
        if (other || hops >= 5 || init.method === 'POST')
          throw new Problem(pullProblems.httpRedirect, { where, to: next?.host ?? '?' });
        url = next;
      }
    } catch (error) {
      if (error instanceof Problem || this.#signal?.aborted) throw error;
      if (late.aborted) throw passing(pullProblems.timeout, { where, reason: `${requestMs} ms` });
      const reason = codeOf(error);
      const never = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(reason);
      throw passing(never ? pullProblems.unreachable : pullProblems.lost, { where, reason });
    }
  }

  async #read(response: Response, where: string): Promise<string> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > this.#limits.pageBytes)
        throw new Problem(pullProblems.httpTooLarge, { where, limit: this.#limits.pageBytes });
      parts.push(part);
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
    } catch {
      if (response.status !== 200) return '';
      throw new Problem(pullProblems.httpNotJson, { where });
    }
  }
}

/**
 * The authority of a source: its OAuth2 credentials; else those that it declares; else the secret that is named as the source is, with `-` for `.`
 * (`scjg-market-entity`), a bearer token or a password; else none.
 */
export function authorityOf(
  deps: PullDeps,
  source: SourceDeclaration,
  transport: Extract<SourceTransport, { kind: 'http-pull' }>,
  client: HttpClient,
): Authority {
  const own = source.id.replace('.', '-');
  const { oauth2 } = transport;
  const declared = oauth2?.credentials ?? transport.credentials;
  if (declared === undefined && !Object.hasOwn(deps.secrets, own))
    return { secret: own, header: async () => null, refused: () => false };
  const name = declared ?? own;
  const secret = secretOf(deps, name, oauth2 ? ['oauth2', 'bearer', 'basic'] : ['bearer', 'basic']);
  if (secret.kind === 'bearer')
    return { secret: name, header: async () => `Bearer ${secret.token}`, refused: () => false };
  if (secret.kind === 'basic')
    return { secret: name, header: async () => basic(secret.user, secret.password), refused: () => false };
  const tokens = tokensOf(deps.lake);
  const { tokenUrl, scope } = oauth2!;
  const key = JSON.stringify([tokenUrl, secret.clientId, scope ?? null]);
  let fresh = false;
  return {
    secret: name,
    async header() {
      const known = tokens.get(key);
      const now = deps.clock.now().getTime();
      if (known && known.until > now) return `Bearer ${known.token}`;
      const url = addressOf(tokenUrl);
      const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) });
      const id = encodeURIComponent(secret.clientId);
      const answer = await client.post(url, basic(id, encodeURIComponent(secret.clientSecret)), form);
      if (answer.status === 400 || answer.status === 401)
        throw new Problem(pullProblems.credentials, { secret: name, reason: answer.status });
      const parsed = answer.status === 200 ? tokenAnswer.safeParse(parse(answer.text)) : undefined;
      if (!parsed?.success) throw new Problem(pullProblems.token, { where: placeOf(url), reason: answer.status });
      const { access_token: token, expires_in: seconds = 300 } = parsed.data;
      // A token that is about to expire would be refused on its way.
      tokens.set(key, { token, until: now + Math.max(seconds - 30, seconds / 2) * 1000 });
      fresh = true;
      return `Bearer ${token}`;
    },
    refused() {
      tokens.delete(key);
      const again = !fresh;
      fresh = false;
      return again;
    },
  };
}

/** A JSON text's value, or undefined. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
