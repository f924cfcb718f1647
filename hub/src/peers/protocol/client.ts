/** Signed calls to another hub. */
import type { PeersContext } from '../context.ts';
import { contacted, type PeerRow, toldOf } from '../store.ts';
import { type Answer, type CallLimits, call, successOf } from './call.ts';
import { signedHeaders } from './signature.ts';

/** Where a hub's protocol stands below its address. */
export const PROTOCOL = '/peers/v1';

/** What a signed call needs to know of the other side. */
export type Target = Pick<PeerRow, 'url' | 'networks'> & { hub: string };

/** An address below a hub's own, whatever path that has. */
export const below = (url: string, path: string): URL => new URL(`${url.replace(/\/+$/, '')}${path}`);

/** Makes a signed call. */
export function signedCall(
  c: PeersContext,
  to: Target,
  what: {
    method: 'GET' | 'POST';
    url: URL;
    body?: Buffer;
    headers?: Record<string, string>;
    limits?: Partial<CallLimits>;
    signal?: AbortSignal | undefined;
  },
): Promise<Answer> {
  const body = what.body ?? Buffer.alloc(0);
  const target = `${what.url.pathname}${what.url.search}`;
  return call({
    ...{ method: what.method, url: what.url, networks: to.networks },
    ...(what.limits ? { limits: what.limits } : {}),
    ...(what.signal ? { signal: what.signal } : {}),
    ...(what.method === 'POST' ? { body } : {}),
    headers: {
      ...(what.method === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...what.headers,
      ...signedHeaders(c.identity, { method: what.method, target, body }, to.hub, c.deps.clock.now()),
    },
  });
}

/** Posts a message and answers what the other side said; whether it could be reached is noted. */
export async function post(c: PeersContext, peer: PeerRow, path: string, message: unknown): Promise<unknown> {
  try {
    const answer = await signedCall(
      c,
      { ...peer, hub: peer.hub! },
      { method: 'POST', url: below(peer.url, `${PROTOCOL}${path}`), body: Buffer.from(JSON.stringify(message)) },
    );
    const text = (await successOf(answer)).toString();
    await contacted(c.deps.db, peer.id, c.deps.clock.now());
    return JSON.parse(text);
  } catch (error) {
    await contacted(c.deps.db, peer.id, c.deps.clock.now(), toldOf(error));
    throw error;
  }
}
