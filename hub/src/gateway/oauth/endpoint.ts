/**
 * The token endpoint (RFC 6749 §4.4, client credentials), revocation (RFC 7009) and metadata (RFC 8414). Whoever cannot show who they are
 * hears `invalid_client` and nothing of why: whether the client exists, has ended or comes from elsewhere is for the audit.
 */
import type { Deps } from '../../platform/room.ts';
import { type Client, type ClientBook, TOKEN_SECONDS } from '../clients/book.ts';
import { within } from '../clients/networks.ts';
import { matchesAny } from '../clients/secrets.ts';
import { unusable } from '../clients/store.ts';
import { assertionAlgorithms, judgeAssertion, readAssertion } from './assertion.ts';
import { readScope, type Scope, withinScope, writeScope } from './scope.ts';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A request of the endpoint, read. */
export interface TokenRequest {
  form: URLSearchParams;
  authorization: string | undefined;
  address: string;
}

/** An answer of the endpoint: JSON, or nothing. */
export interface TokenAnswer {
  status: number;
  body: Record<string, unknown> | null;
  /** Seconds after which it is worth to ask again. */
  retryAfter?: number;
  /** Scheme of WWW-Authenticate. */
  challenge?: 'Basic';
}

/** What the endpoint stands on. */
export interface TokenHost {
  book: ClientBook;
  clock: Deps['clock'];
  /** Every grant of service mode that an organisation may call now, with its items. */
  grants(organisation: string): ReadonlyMap<number, ReadonlySet<string>>;
  /** Where the hub is reached. */
  url(): string;
  /** Whether a client may have one more token now, or in how many seconds. */
  issuing(client: string): { ok: boolean; wait: number };
  /** Told of refusals and acts. */
  note(what: { action: string; client: string; outcome: 'ok' | 'refused'; detail: Record<string, unknown> }): void;
}

class OAuthError extends Error {
  readonly answer: TokenAnswer;
  constructor(error: string, description: string, status = 400, challenge?: 'Basic') {
    super(description);
    this.answer = { status, body: { error, error_description: description }, ...(challenge ? { challenge } : {}) };
  }
}

/** Answers a request for a token. */
export const tokenEndpoint = (host: TokenHost, request: TokenRequest): Promise<TokenAnswer> =>
  answering(async () => {
    const client = await clientOf(host, request);
    const grantType = one(request.form, 'grant_type');
    if (grantType === null) throw new OAuthError('invalid_request', 'grant_type is missing');
    if (grantType !== 'client_credentials') throw new OAuthError('unsupported_grant_type', 'use client_credentials');
    const scope = scopeFor(host, client, one(request.form, 'scope'));
    const may = host.issuing(client.id);
    if (!may.ok) {
      const body = { error: 'temporarily_unavailable', error_description: 'too many tokens: use the ones you have' };
      return { status: 429, body, retryAfter: may.wait };
    }
    const token = await host.book.issue(client.id, scope);
    const sandbox = client.sandbox ? { sandbox: true } : {};
    const body = { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope: writeScope(scope) };
    return { status: 200, body: { ...body, ...sandbox } };
  });

/** Answers a revocation: 200 whether there was such a token or not. */
export const revokeEndpoint = (host: TokenHost, request: TokenRequest): Promise<TokenAnswer> =>
  answering(async () => {
    const client = await clientOf(host, request);
    const token = one(request.form, 'token');
    if (token === null) throw new OAuthError('invalid_request', 'token is missing');
    const gone = await host.book.revoke(token, client.id);
    if (gone) host.note({ action: 'gateway.token.revoke', client: client.id, outcome: 'ok', detail: {} });
    return { status: 200, body: null };
  });

async function answering(work: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OAuthError) return error.answer;
    throw error;
  }
}

/** A parameter; a Problem of OAuth where it is sent twice (RFC 6749 §3.2). */
function one(form: URLSearchParams, name: string): string | null {
  const values = form.getAll(name);
  if (values.length > 1) throw new OAuthError('invalid_request', `${name} is sent more than once`);
  return values[0] || null;
}

/** Who sends the request. */
async function clientOf(host: TokenHost, { form, authorization, address }: TokenRequest): Promise<Client> {
  const basic = authorization === undefined ? null : readBasic(authorization);
  const secret = one(form, 'client_secret');
  const assertion = one(form, 'client_assertion');
  const named = one(form, 'client_id');
  if ([authorization !== undefined, secret !== null, assertion !== null].filter(Boolean).length > 1)
    throw new OAuthError('invalid_request', 'one way of authentication at a time');
  const refuse = (id: string | null, why: string): never => {
    host.note({ action: 'gateway.token', client: id ?? '', outcome: 'refused', detail: { why, address } });
    throw new OAuthError('invalid_client', 'the client is not known by this', 401, basic ? 'Basic' : undefined);
  };
  if (authorization !== undefined && !basic) return refuse(null, 'not basic');
  const now = host.clock.now();
  const usable = (id: string | null): Client => {
    const client = id === null ? undefined : host.book.client(id);
    if (!client) return refuse(null, 'unknown');
    const why = unusable(client, now);
    if (why) return refuse(client.id, why);
    if (client.networks.length && !within(client.list, address)) return refuse(client.id, 'network');
    return client;
  };
  if (assertion !== null) {
    if (one(form, 'client_assertion_type') !== ASSERTION)
      throw new OAuthError('invalid_request', 'client_assertion_type is not supported');
    const parts = readAssertion(assertion);
    if (!parts) return refuse(null, 'assertion');
    const id = String(parts.claims.sub ?? '');
    if (named !== null && named !== id) return refuse(null, 'assertion of another');
    const client = usable(id);
    if (client.method !== 'jwt') return refuse(client.id, 'method');
    const audiences = [host.url(), `${host.url()}/services/oauth/token`];
    const judged = judgeAssertion(parts, client, audiences, now);
    if (typeof judged === 'string') return refuse(client.id, judged);
    if (!(await host.book.takeAssertion(client.id, judged.jti, judged.expires))) return refuse(client.id, 'replayed');
    return client;
  }
  const [id, given] = basic ?? [named, secret];
  if (basic && named !== null && named !== id) return refuse(null, 'two clients');
  const client = usable(id ?? null);
  const live = client.secrets.filter((s) => !s.expires_at || s.expires_at > now).map((s) => s.hash);
  const good = matchesAny(given ?? '', live);
  if (client.method !== 'secret' || !good) return refuse(client.id, 'secret');
  return client;
}

function readBasic(header: string): [string, string] | null {
  const found = /^Basic ([A-Za-z0-9+/=]{1,2000})$/i.exec(header);
  if (!found) return null;
  const text = Buffer.from(found[1]!, 'base64').toString();
  const at = text.indexOf(':');
  if (at < 0) return null;
  try {
    const decode = (t: string) => decodeURIComponent(t.replaceAll('+', ' '));
    return [decode(text.slice(0, at)), decode(text.slice(at + 1))];
  } catch {
    return null;
  }
}

/** The scope of a token: what was asked for, within what the client and its organisation may; all of that when nothing was. */
function scopeFor(host: TokenHost, client: Client, asked: string | null): Scope {
  const grants = host.grants(client.organisation);
  const refuse = (): never => {
    host.note({ action: 'gateway.token', client: client.id, outcome: 'refused', detail: { why: 'scope', asked } });
    // The same words for a grant that is not there and an item that was not granted.
    throw new OAuthError('invalid_scope', 'the scope asks for what was not granted');
  };
  if (asked === null) {
    const most = client.most ?? new Map([...grants.keys()].map((g) => [g, null] as const));
    const scope = new Map([...most].filter(([grant]) => grants.has(grant)));
    return scope.size ? scope : refuse();
  }
  const scope = readScope(asked);
  if (!scope) return refuse();
  const there = [...scope].every(([grant, fields]) => {
    const items = grants.get(grant);
    return items && (fields === null || [...fields].every((f) => items.has(f)));
  });
  return there && (client.most === null || withinScope(scope, client.most)) ? scope : refuse();
}

/** Metadata of the authorisation server (RFC 8414). */
export const oauthMetadata = (url: string): Record<string, unknown> => ({
  issuer: url,
  token_endpoint: `${url}/services/oauth/token`,
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  revocation_endpoint: `${url}/services/oauth/revoke`,
  revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  grant_types_supported: ['client_credentials'],
  response_types_supported: [],
  ui_locales_supported: ['zh-CN', 'en'],
});
