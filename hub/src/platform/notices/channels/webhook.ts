/**
 * A declared channel: one HTTP request a message. Every bound is ours: 5 s to connect, the declared time until the answer, 8 KB of it
 * are read; redirects are not followed; the address that was judged is the one connected to.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Secret } from '../../config/index.ts';
import type { Networks } from '../../networks/index.ts';
import { Problem } from '../../problem.ts';
import { sendProblems as p } from '../problems.ts';
import { type Channel, failed, type Outcome, type Outgoing } from './channel.ts';
import { type ChannelDeclaration, filled, type Placeholder, withSecrets } from './declaration.ts';

const CONNECT = 5_000;
const ANSWER_BYTES = 8_192;
/** Longest time for which a receiver's Retry-After is believed. */
const LONGEST_WAIT = 6 * 3_600_000;

/** The way out by a declared webhook. */
export class Webhook implements Channel {
  readonly name: string;
  readonly title: Channel['title'];
  readonly address: Channel['address'];
  readonly perMinute: number;
  readonly concurrency = 4;
  readonly #d: ChannelDeclaration;
  readonly #secrets: Readonly<Record<string, Secret>>;
  readonly #networks: Networks;

  constructor(name: string, d: ChannelDeclaration, secrets: Readonly<Record<string, Secret>>, networks: Networks) {
    this.name = name;
    this.title = d.title;
    this.address = d.address;
    this.perMinute = d.limits.perMinute;
    this.#d = d;
    this.#secrets = secrets;
    this.#networks = networks;
  }

  async send(message: Outgoing): Promise<Outcome> {
    const body = Buffer.from(filled(this.#d.body, valuesOf(message)));
    if (body.length > this.#d.limits.bytes) return failed(p.large, { final: true });
    let url: URL;
    let headers: Record<string, string>;
    try {
      url = new URL(withSecrets(this.#d.url, this.#secrets));
      headers = Object.fromEntries(
        Object.entries(this.#d.headers).map(([k, v]) => [k.toLowerCase(), withSecrets(v, this.#secrets)]),
      );
      this.#networks.checkLiteral(url.hostname);
    } catch (error) {
      const inside = error instanceof Problem && error.kind.code === 'network.inside';
      return failed(inside ? p.inside : p.unset, { rest: true });
    }
    await message.handing();
    return this.#call(url, headers, body, message.id);
  }

  #call(url: URL, headers: Record<string, string>, body: Buffer, id: string): Promise<Outcome> {
    return new Promise((resolve) => {
      let sent = false;
      const end = (outcome: Outcome) => {
        clearTimeout(late);
        clearTimeout(connecting);
        resolve(outcome);
        request.destroy();
      };
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        ...{ method: this.#d.method, agent: false, lookup: this.#networks.lookup },
        headers: {
          ...headers,
          ...{ 'content-type': 'application/json', 'content-length': body.length, accept: 'application/json' },
          ...{ 'user-agent': 'Jingwei-Notices/1', 'idempotency-key': id },
        },
      });
      const late = setTimeout(() => end(failed(p.timeout, { uncertain: sent })), this.#d.limits.timeoutSeconds * 1000);
      const connecting = setTimeout(() => end(failed(p.unreachable, { rest: true })), CONNECT);
      request.on('socket', (socket) => {
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
          clearTimeout(connecting);
          sent = true;
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EINSIDE') return end(failed(p.inside, { rest: true }));
        end(sent ? failed(p.broken, { uncertain: true }) : failed(p.unreachable, { rest: true }));
      });
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        const judged = () => end(this.#judge(response.statusCode ?? 0, response.headers['retry-after'], parts));
        response.on('data', (part: Buffer) => {
          bytes += part.length;
          if (bytes <= ANSWER_BYTES) parts.push(part);
          else judged();
        });
        response.on('end', judged);
        response.on('error', judged);
      });
      request.end(body);
    });
  }

  #judge(status: number, retryAfter: string | undefined, parts: readonly Buffer[]): Outcome {
    const { expect } = this.#d;
    if (expect.status.includes(status)) {
      if (expect.field === undefined) return { state: 'sent' };
      return said(parts, expect.field) === expect.equals
        ? { state: 'sent' }
        : failed(p.refused, { params: { status } });
    }
    if (status === 429 || status >= 500) {
      const seconds = Number(retryAfter);
      const wait = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT) : null;
      return failed(p.busy, { params: { status }, wait });
    }
    // What is wrong with this request stays wrong; 401 and 403 are the channel's credentials, which somebody may mend.
    return failed(p.refused, { params: { status }, final: status !== 401 && status !== 403 && status !== 404 });
  }

  async close(): Promise<void> {}
}

/** What stands at a place of an answer: `data.code`. */
function said(parts: readonly Buffer[], field: string): unknown {
  try {
    let at: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'));
    for (const name of field.split('.')) {
      if (at === null || typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined;
      at = (at as Record<string, unknown>)[name];
    }
    return at;
  } catch {
    return undefined;
  }
}

function valuesOf({ content, to, base, id, at }: Outgoing): Record<Placeholder, string> {
  return {
    ...{ to, id, link: `${base}${content.link}`, urgency: content.urgency, kind: content.kind },
    ...{ 'title.zh': content.title.zh, 'title.en': content.title.en },
    ...{ 'text.zh': content.text.zh, 'text.en': content.text.en, at: at.toISOString() },
  };
}
