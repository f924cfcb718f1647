/** Headers that browsers enforce, and the defence of cookie sessions against requests forged by other sites. */
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';
import { crossSite } from './problems.ts';

/**
 * What a browser may load and run of the hub. Nothing is inline: scripts come from the hub only, without exception, and styles from the hub or
 * from elements that carry the nonce of their page (the console's component library writes its rules at run time).
 */
export function policyOf(https: boolean, nonce?: string): Record<string, string[]> {
  return {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", ...(nonce ? [`'nonce-${nonce}'`] : [])],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'worker-src': ["'self'", 'blob:'],
    // A document that the console fetched is shown by the browser's own viewer; nothing of another origin is framed.
    'frame-src': ['blob:'],
    'manifest-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    ...(https ? { 'upgrade-insecure-requests': [] } : {}),
  };
}

/** The policy as the header's value. */
export const policyText = (policy: Record<string, string[]>): string =>
  Object.entries(policy)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join(';');

/** Strict headers on every answer; a page of the console replaces the policy by one with its nonce. */
export async function secureHeaders(app: FastifyInstance, https: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policyOf(https) },
    strictTransportSecurity: https,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  });
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a changing request that carries a cookie and comes from another site. Browsers say where a request comes from
 * in Sec-Fetch-Site, older ones in Origin; a program that sends neither is no browser and has no cookies of a victim.
 */
export function refuseForgery(request: FastifyRequest, publicUrl: string | undefined): void {
  if (safe.has(request.method) || request.headers.cookie === undefined) return;
  const site = request.headers['sec-fetch-site'];
  if (typeof site === 'string') {
    if (site === 'same-origin' || site === 'none') return;
    throw new Problem(crossSite);
  }
  const origin = request.headers.origin;
  if (origin === undefined) return;
  const own = [`${request.protocol}://${request.host}`];
  if (publicUrl) own.push(new URL(publicUrl).origin);
  if (!own.includes(origin)) throw new Problem(crossSite);
}
