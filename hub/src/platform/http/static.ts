/** The console's files: hashed assets for ever, everything else fresh each time, unknown pages fall back to the start page. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Problem } from '../problem.ts';
import { notFound, sendProblem, wrongMethod } from './problems.ts';
import { policyOf, policyText } from './security.ts';

/** Addresses that are never a page of the console. */
const machine = /^\/(api|health|metrics|assets)(\/|$)/;

/**
 * Serves a folder with an index.html; without the folder every unknown address is a problem. `methodsAt` says which
 * methods an address of the API has: another one is a 405 that names them (RFC 9110, 15.5.6).
 */
export async function serveConsole(
  app: FastifyInstance,
  folder: string | undefined,
  https: boolean,
  methodsAt: (path: string) => string[],
): Promise<void> {
  const there = folder !== undefined && existsSync(join(folder, 'index.html'));
  if (there) {
    for (const url of ['/', '/index.html'])
      app.route({ method: ['GET', 'HEAD'], url, handler: (_request, reply) => sendPage(folder, https, reply) });
    await app.register(fastifyStatic, {
      root: folder,
      index: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const hashed = path.startsWith(join(folder, 'assets'));
        reply.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, async (request, reply) => {
    const path = request.url.split('?')[0]!;
    const page = there && (request.method === 'GET' || request.method === 'HEAD') && !machine.test(path);
    if (page) return sendPage(folder!, https, reply);
    const methods = methodsAt(path);
    if (methods.length === 0) return sendProblem(new Problem(notFound), request, reply);
    reply.header('allow', methods.join(', '));
    return sendProblem(new Problem(wrongMethod, { methods: methods.join(', ') }), request, reply);
  });
}

/** Where a page learns its nonce: the first thing in its head. */
const HEAD = '<meta charset="utf-8" />';

/**
 * The start page, under a nonce of its own for the styles that the console writes. No validator goes with it: a browser that is told "not
 * modified" would put the new answer's policy on the old page's nonce. The worker of the offline pages keeps answers whole, policy and all.
 */
async function sendPage(folder: string, https: boolean, reply: FastifyReply): Promise<FastifyReply> {
  const nonce = randomBytes(16).toString('base64');
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  reply.header('content-security-policy', policyText(policyOf(https, nonce)));
  reply.header('cache-control', 'no-cache');
  return reply
    .type('text/html; charset=utf-8')
    .send(page.replace(HEAD, () => `${HEAD}\n    <meta name="csp-nonce" content="${nonce}" />`));
}

/**
 * The offline verifier: one HTML file that people keep. Always a download: opened from here, its script would be refused as every inline script
 * is, and what is trusted to be independent of the hub must not run in the hub's name. Not built: a problem, never another page under its name.
 */
export function serveVerifier(app: FastifyInstance, verifier: Verifier | undefined): void {
  app.get('/verify/offline.html', async (request, reply) => {
    if (!verifier || !existsSync(verifier.file)) return sendProblem(new Problem(notFound), request, reply);
    // A page without anchors asks the person for them: better than none while nothing can be signed.
    const anchors = await verifier.anchors().catch(() => null);
    const json = JSON.stringify(anchors).replaceAll('<', '\\u003c');
    const page = await readFile(verifier.file, 'utf8');
    reply.header('content-disposition', 'attachment; filename="jingwei-verify.html"');
    reply.header('cache-control', 'no-cache');
    return reply.type('text/html; charset=utf-8').send(page.replace(EMPTY, () => EMPTY.replace('null', json)));
  });
}

/** Where the page keeps whom it believes from the start. */
const EMPTY = '<script type="application/json" id="anchors">null</script>';

/** The built page, and whom it is to believe: name, root certificate (PEM) and the editor's e-mail address. */
export interface Verifier {
  file: string;
  anchors(): Promise<{ name: string; root: string; email: string } | null>;
}
