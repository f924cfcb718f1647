/**
 * Sign-in through an OpenID Connect provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0,
 * RFC 7636, RFC 9700). The provider says who somebody is and nothing more: an account must exist here, and its rights
 * are those granted here. State and verifier stay in the store; the browser proves by a cookie that it began the flow.
 */
import { sql } from 'kysely';
import * as client from 'openid-client';
import { Problem } from '../problem.ts';
import { administratorRoles } from './principal.ts';
import { oidcFailed, oidcOff, oidcUnknown } from './problems.ts';
import { type AccountRow, type AuthContext, findAccount, grantsOf, tokenHash } from './store.ts';

const MINUTES = 10;

/** The other provider. */
export class Oidc {
  readonly #context: AuthContext;
  #discovered: Promise<client.Configuration> | undefined;

  constructor(context: AuthContext) {
    this.#context = context;
  }

  get #settings() {
    const settings = this.#context.config.oidc;
    if (!settings) throw new Problem(oidcOff);
    return settings;
  }

  /** The provider's description, asked for once and again after a failure. */
  #provider(): Promise<client.Configuration> {
    const settings = this.#settings;
    const options = settings.allowInsecure ? { execute: [client.allowInsecureRequests] } : {};
    this.#discovered ??= client.discovery(
      new URL(settings.issuer),
      settings.clientId,
      settings.clientSecret,
      undefined,
      options,
    );
    this.#discovered.catch(() => {
      this.#discovered = undefined;
    });
    return this.#discovered;
  }

  /** Begins: the provider's URL to send the browser to, and the state that its cookie keeps. */
  async begin(redirectUri: string): Promise<{ url: string; state: string; maxAge: number }> {
    const settings = this.#settings;
    const provider = await this.#provider().catch((error) => {
      throw new Problem(oidcFailed, { reason: nameOf(error) });
    });
    const state = client.randomState();
    const nonce = client.randomNonce();
    const verifier = client.randomPKCECodeVerifier();
    const now = this.#context.clock.now();
    await this.#context.db.tx(async (trx) => {
      await sql`DELETE FROM auth.oidc_flow WHERE expires_at < ${now}`.execute(trx);
      await sql`INSERT INTO auth.oidc_flow (state_hash, nonce, verifier, redirect_uri, expires_at)
        VALUES (${tokenHash(state)}, ${nonce}, ${verifier}, ${redirectUri},
          ${new Date(now.getTime() + MINUTES * 60_000)})`.execute(trx);
    });
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: settings.scopes,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, state, maxAge: MINUTES * 60 };
  }

  /**
   * Ends: checks the answer that the browser brought and finds the account. A state works once, in the browser that
   * began, within ten minutes. Problems: `auth.oidc-failed`, `auth.oidc-unknown-user`.
   */
  async finish(query: string, cookieState: string | undefined): Promise<AccountRow> {
    const settings = this.#settings;
    const parameters = new URLSearchParams(query);
    const state = parameters.get('state') ?? '';
    if (state === '' || state !== cookieState) throw new Problem(oidcFailed, { reason: 'state' });
    const taken = await sql<{ nonce: string; verifier: string; redirect_uri: string; expires_at: Date }>`
      DELETE FROM auth.oidc_flow WHERE state_hash = ${tokenHash(state)}
      RETURNING nonce, verifier, redirect_uri, expires_at`.execute(this.#context.db.kysely);
    const flow = taken.rows[0];
    if (!flow || flow.expires_at <= this.#context.clock.now()) throw new Problem(oidcFailed, { reason: 'state' });
    const url = new URL(flow.redirect_uri);
    url.search = parameters.toString();
    let claim: unknown;
    try {
      const provider = await this.#provider();
      const tokens = await client.authorizationCodeGrant(provider, url, {
        pkceCodeVerifier: flow.verifier,
        expectedState: state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      claim = claims[settings.loginClaim];
      if (claim === undefined && provider.serverMetadata().userinfo_endpoint) {
        claim = (await client.fetchUserInfo(provider, tokens.access_token, claims.sub))[settings.loginClaim];
      }
    } catch (error) {
      throw new Problem(oidcFailed, { reason: nameOf(error) });
    }
    return this.#accountOf(claim);
  }

  /** The account bound to the claim, or the one of that login; administrators' accounts must be bound. */
  async #accountOf(claim: unknown): Promise<AccountRow> {
    if (typeof claim !== 'string' || claim === '') throw new Problem(oidcUnknown);
    const { kysely } = this.#context.db;
    const bound = await sql<AccountRow>`SELECT * FROM auth.account WHERE oidc_subject = ${claim}`.execute(kysely);
    const account = bound.rows[0] ?? (await findAccount({ login: claim.toLowerCase() }, kysely));
    if (!account || account.disabled || (account.demo && !this.#context.demo)) throw new Problem(oidcUnknown);
    if (account.oidc_subject !== claim) {
      const grants = await grantsOf([account.id], kysely);
      const administrator = grants.some((grant) => administratorRoles.includes(grant.role));
      if (administrator || account.oidc_subject !== null) throw new Problem(oidcUnknown);
    }
    return account;
  }
}

/** The error's code; what a provider writes into its messages stays out of answers. */
function nameOf(error: unknown): string {
  const e = error as { error?: unknown; code?: unknown; name?: unknown };
  return String(e.error ?? e.code ?? e.name ?? 'error').slice(0, 60);
}
