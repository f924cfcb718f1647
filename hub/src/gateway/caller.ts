/** Who calls: the bearer token (RFC 6750), its client and the network that it comes from. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../platform/clock.ts';
import { Problem } from '../platform/problem.ts';
import type { Client, ClientBook, Token } from './clients/book.ts';
import { within } from './clients/networks.ts';
import { unusable } from './clients/store.ts';
import type { Scope } from './oauth/scope.ts';
import { badToken, noToken, wrongNetwork } from './problems.ts';

/** A caller that has shown who it is. */
export interface Caller {
  client: Client;
  organisation: string;
  /** What its token is for. */
  grants: Scope;
  token: Token;
}

/** What is asked of a caller. */
export interface CallerHost {
  book: ClientBook;
  clock: Clock;
  address(request: IncomingMessage): string;
}

/** Who sends a request; a Problem (401, or 403 for a network) otherwise. `client` of the Problem's params names a known client. */
export function authenticateBearer(host: CallerHost, request: IncomingMessage): Caller | Problem {
  const header = request.headers.authorization;
  if (header === undefined || !/^Bearer /i.test(header)) return new Problem(noToken);
  const text = header.slice(7).trim();
  if (!/^[\w.~+/-]{8,200}=*$/.test(text)) return new Problem(badToken);
  const token = host.book.token(text);
  const client = token && host.book.client(token.client);
  if (!token || !client) return new Problem(badToken);
  const why = unusable(client, host.clock.now());
  if (why) return new Problem(badToken, { client: client.id, why });
  if (client.networks.length && !within(client.list, host.address(request)))
    return new Problem(wrongNetwork, { client: client.id, why: 'network' });
  return { client, organisation: client.organisation, grants: token.scope, token };
}

/** WWW-Authenticate of a refusal (RFC 6750 §3); undefined where none belongs. */
export function challengeOf(problem: Problem): string | undefined {
  if (problem.kind === noToken) return 'Bearer realm="jingwei"';
  if (problem.kind === badToken)
    return 'Bearer realm="jingwei", error="invalid_token", error_description="the access token is not valid"';
  if (problem.kind.status === 403)
    return 'Bearer realm="jingwei", error="insufficient_scope", error_description="the token does not reach this"';
  return undefined;
}
