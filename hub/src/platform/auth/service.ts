/** The parts of auth put together, and what the web server asks of it on every request. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteDefinition } from '../http/index.ts';
import { Problem } from '../problem.ts';
import { Accounts } from './accounts.ts';
import { type FirstAccount, firstAccounts } from './bootstrap.ts';
import { KNOWN_FOR } from './browsers.ts';
import { Oidc } from './oidc.ts';
import type { Principal } from './principal.ts';
import { mustChange } from './problems.ts';
import { type Living, type Origin, Sessions } from './sessions.ts';
import type { AuthContext } from './store.ts';
import { Throttle } from './throttle.ts';
import { Users } from './users.ts';

/** What works before a one-time or expired password is changed. */
const beforeChange = new Set([
  'GET /api/v1/sign-in',
  'POST /api/v1/session',
  'DELETE /api/v1/session',
  'GET /api/v1/me',
  'POST /api/v1/me/password',
  'GET /api/v1/oidc/start',
  'GET /api/v1/oidc/callback',
]);

const living = new WeakMap<FastifyRequest, Living>();

/** Accounts, sessions, roles. */
export class Auth {
  readonly context: AuthContext;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  readonly accounts: Accounts;
  readonly users: Users;
  readonly oidc: Oidc;

  constructor(context: AuthContext) {
    this.context = context;
    this.sessions = new Sessions(context);
    this.throttle = new Throttle(context);
    this.accounts = new Accounts(context, this.sessions, this.throttle);
    this.users = new Users(context, this.accounts, this.sessions, this.throttle);
    this.oidc = new Oidc(context);
  }

  /** Makes the accounts of a first start; see firstAccounts. */
  firstAccounts(): Promise<FirstAccount[]> {
    return firstAccounts(this.context, this.accounts);
  }

  /**
   * Who sends a request: by its session cookie; null for strangers and ended sessions. A session whose password must be
   * changed is a Problem everywhere but where it can be changed.
   */
  authenticate = async (request: FastifyRequest): Promise<Principal | null> => {
    const token = request.cookies[cookieName(this.#secure(request))];
    const found = token ? await this.sessions.find(token) : null;
    if (!found) return null;
    const template = (request.routeOptions.config as { template?: string }).template ?? '';
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (found.mustChange && !beforeChange.has(`${method} ${template}`)) throw new Problem(mustChange);
    living.set(request, found);
    return found.principal;
  };

  /** Keeps a refusal (401 of a session that ended, 403) in the audit; strangers without any cookie are not news. */
  refused = async (
    request: FastifyRequest,
    principal: Principal | null,
    route: RouteDefinition,
    problem: Problem,
  ): Promise<void> => {
    if (!principal) return;
    await this.context.audit.append({
      actor: principal,
      action: 'auth.refused',
      object: `${route.method} ${route.path}`,
      outcome: 'refused',
      detail: { needs: route.access, address: request.ip, reason: problem.kind.code },
    });
  };

  /** The living session of a request that `authenticate` has let in. */
  livingOf(request: FastifyRequest): Living {
    const found = living.get(request);
    if (!found) throw new Error('the route is not for strangers');
    return found;
  }

  /** Where a request comes from. */
  originOf(request: FastifyRequest): Origin {
    return { address: request.ip, agent: String(request.headers['user-agent'] ?? '').slice(0, 300) };
  }

  /** Gives the browser its session: a cookie that scripts cannot read and other sites cannot send. */
  giveCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
    const secure = this.#secure(request);
    const maxAge = this.context.config.sessionAbsoluteMinutes * 60;
    reply.setCookie(cookieName(secure), token, { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge });
  }

  /** Takes the cookie back. */
  takeCookie(request: FastifyRequest, reply: FastifyReply): void {
    const secure = this.#secure(request);
    reply.clearCookie(cookieName(secure), { path: '/', httpOnly: true, sameSite: 'strict', secure });
  }

  /** How the browser reaches the hub: as configured, or as it asked. */
  baseUrl(request: FastifyRequest): string {
    return this.context.publicUrl?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`;
  }

  /** What the browser keeps of an earlier sign-in, if anything. */
  knownOf(request: FastifyRequest): string | undefined {
    return request.cookies[knownName(this.#secure(request))];
  }

  /** Gives the browser what tells it from strangers' at the next sign-in. */
  giveKnown(request: FastifyRequest, reply: FastifyReply, known: string): void {
    const secure = this.#secure(request);
    reply.setCookie(knownName(secure), known, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure,
      maxAge: KNOWN_FOR,
    });
  }

  #secure(request: FastifyRequest): boolean {
    return this.baseUrl(request).startsWith('https:');
  }
}

/** Over https the name itself makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2). */
function cookieName(secure: boolean): string {
  return secure ? '__Host-jingwei' : 'jingwei';
}

function knownName(secure: boolean): string {
  return `${cookieName(secure)}-known`;
}
