/**
 * A client of an authority that issues certificates by itself (ACME, RFC 8555), with the one challenge that a hub can answer alone: HTTP-01.
 * Bounded: answers of at most 256 KiB, 30 s a call, two minutes an order. Keys are P-256 (ES256).
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../problem.ts';
import { requestOf } from './csr.ts';
import { acmeFailed } from './problems.ts';

/** What to ask whom for. */
export interface Order {
  directory: string;
  contact?: string | undefined;
  /** Certificates (PEM) that the directory's own certificate is checked against; the system's when absent. */
  authority?: string | undefined;
  binding?: { id: string; key: string } | undefined;
  /** PEM of the account's key, kept from order to order. */
  accountKey: string;
  host: string;
  /** Answers a challenge at `/.well-known/acme-challenge/<token>` until it is forgotten. */
  challenges: { answer(token: string, text: string): void; forget(token: string): void };
  signal: AbortSignal;
}

/** What came of it, both PEM. */
export interface Ordered {
  certificate: string;
  key: string;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}
interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
}
interface Authorization {
  status: string;
  challenges: { type: string; url: string; token: string; status: string; error?: { detail?: string } }[];
}
interface OrderState {
  status: string;
  authorizations: string[];
  finalize: string;
  certificate?: string;
  error?: { detail?: string };
}

const MOST = 256 * 1024;
const PATIENCE = 120_000;
const url64 = (data: string | Uint8Array) => Buffer.from(data).toString('base64url');

/** A new key, PEM (PKCS #8). */
export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/** Orders a certificate for one host. Throws `tls.acme-failed` with the step and what the authority said. */
export async function order(what: Order): Promise<Ordered> {
  return new Client(what).order();
}

/** The thumbprint of a public key (RFC 7638). */
export function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

class Client {
  readonly #what: Order;
  readonly #key: KeyObject;
  readonly #until = performance.now() + PATIENCE;
  #nonce: string | undefined;
  #account: string | undefined;
  #directory!: Directory;

  constructor(what: Order) {
    this.#what = what;
    this.#key = createPrivateKey(what.accountKey);
  }

  async order(): Promise<Ordered> {
    const { directory, contact, host } = this.#what;
    this.#directory = parse((await this.#call('directory', 'GET', directory)).text, 'directory');
    const account = await this.#post('account', this.#directory.newAccount, {
      termsOfServiceAgreed: true,
      ...(contact ? { contact: [`mailto:${contact}`] } : {}),
      ...this.#binding(),
    });
    this.#account = one(account.headers.location) ?? failed('account', 'no address of the account');
    const made = await this.#post('order', this.#directory.newOrder, { identifiers: [{ type: 'dns', value: host }] });
    const at = one(made.headers.location) ?? failed('order', 'no address of the order');
    const begun = parse<OrderState>(made.text, 'order');
    for (const url of begun.authorizations) await this.#authorize(url);
    const key = newKey();
    let state = await this.#order(at, ['ready', 'valid']);
    if (state.status === 'ready') {
      await this.#post('finalize', state.finalize, { csr: url64(requestOf(host, createPrivateKey(key))) });
      state = await this.#order(at, ['valid']);
    }
    if (!state.certificate) return failed('certificate', 'no address of the certificate');
    const { text } = await this.#post('certificate', state.certificate, undefined);
    return { certificate: text, key };
  }

  async #authorize(url: string): Promise<void> {
    const read = async () =>
      parse<Authorization>((await this.#post('authorization', url, undefined)).text, 'authorization');
    const first = await read();
    if (first.status === 'valid') return;
    const challenge =
      first.challenges.find((c) => c.type === 'http-01') ?? failed('challenge', 'http-01 is not offered');
    if (!/^[A-Za-z0-9_-]{1,512}$/.test(challenge.token)) failed('challenge', 'a token that is none');
    const { challenges } = this.#what;
    challenges.answer(challenge.token, `${challenge.token}.${thumbprint(this.#key)}`);
    try {
      await this.#post('challenge', challenge.url, {});
      for (;;) {
        const now = await read();
        if (now.status === 'valid') return;
        if (now.status !== 'pending') {
          const said = now.challenges.find((c) => c.error)?.error?.detail;
          failed('challenge', said ?? now.status);
        }
        await this.#wait('challenge');
      }
    } finally {
      challenges.forget(challenge.token);
    }
  }

  async #order(url: string, wanted: readonly string[]): Promise<OrderState> {
    for (;;) {
      const state = parse<OrderState>((await this.#post('order', url, undefined)).text, 'order');
      if (wanted.includes(state.status)) return state;
      if (state.status === 'invalid') failed('order', state.error?.detail ?? 'invalid');
      await this.#wait('order');
    }
  }

  async #wait(step: string): Promise<void> {
    if (performance.now() > this.#until) failed(step, 'not within two minutes');
    await pause(1_000, undefined, { signal: this.#what.signal });
  }

  /** The external account binding (RFC 8555, 7.3.4). */
  #binding(): object {
    const { binding } = this.#what;
    if (!binding) return {};
    const head = url64(JSON.stringify({ alg: 'HS256', kid: binding.id, url: this.#directory.newAccount }));
    const payload = url64(JSON.stringify(this.#jwk()));
    const signature = createHmac('sha256', Buffer.from(binding.key, 'base64url'))
      .update(`${head}.${payload}`)
      .digest('base64url');
    return { externalAccountBinding: { protected: head, payload, signature } };
  }

  #jwk(): object {
    return createPublicKey(this.#key).export({ format: 'jwk' });
  }

  /** A signed request; without a body it asks only (POST-as-GET). A nonce that was spent is replaced, six times. */
  async #post(step: string, url: string, body: object | undefined): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      this.#nonce ??= one((await this.#call(step, 'HEAD', this.#directory.newNonce)).headers['replay-nonce']);
      const who = this.#account ? { kid: this.#account } : { jwk: this.#jwk() };
      const head = url64(JSON.stringify({ alg: 'ES256', nonce: this.#nonce, url, ...who }));
      const payload = body === undefined ? '' : url64(JSON.stringify(body));
      const signed = sign('sha256', Buffer.from(`${head}.${payload}`), { key: this.#key, dsaEncoding: 'ieee-p1363' });
      const answer = await this.#call(
        step,
        'POST',
        url,
        JSON.stringify({ protected: head, payload, signature: url64(signed) }),
      );
      this.#nonce = one(answer.headers['replay-nonce']);
      if (answer.status < 300) return answer;
      let said: { type?: string; detail?: string } = {};
      try {
        said = JSON.parse(answer.text);
      } catch {
        // A proxy's page: the number says enough.
      }
      if (said.type !== 'urn:ietf:params:acme:error:badNonce' || tries >= 6)
        failed(step, said.detail ?? `HTTP ${answer.status}`);
    }
  }

  #call(step: string, method: string, url: string, body?: string): Promise<Answer> {
    const { authority, signal } = this.#what;
    if (!/^https:/.test(url)) return failed(step, `not https: ${url}`);
    return new Promise<Answer>((resolve, reject) => {
      const headers = { 'user-agent': 'jingwei', ...(body ? { 'content-type': 'application/jose+json' } : {}) };
      const asked = request(
        url,
        { method, headers, signal, timeout: 30_000, ...(authority ? { ca: authority } : {}) },
        (response) => {
          let [text, size] = ['', 0];
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
            size += chunk.length;
            if (size > MOST) asked.destroy(new Error('an answer too large'));
          });
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        },
      );
      asked.on('timeout', () => asked.destroy(new Error('no answer in 30 s')));
      asked.on('error', reject);
      asked.end(body);
    }).catch((error: Error) => failed(step, error.message));
  }
}

const one = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

function parse<T>(text: string, step: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return failed(step, 'not JSON');
  }
}

/** What an authority says is shown to people: one line of bounded length. */
function failed(step: string, reason: string): never {
  throw new Problem(acmeFailed, { step, reason: reason.replace(/\s+/g, ' ').slice(0, 300) });
}
