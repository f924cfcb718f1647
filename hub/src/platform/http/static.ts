/** The console's files: hashed assets for ever, everything else fresh each time, unknown pages fall back to the start page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';
import { notFound, sendProblem } from './problems.ts';

/** Addresses that are never a page of the console. */
const machine = /^\/(api|health|metrics|assets)(\/|$)/;

/** Serves a folder with an index.html; without the folder every unknown address is a problem. */
export async function serveConsole(app: FastifyInstance, folder: string | undefined): Promise<void> {
  const there = folder !== undefined && existsSync(join(folder, 'index.html'));
  if (there) {
    await app.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const hashed = path.startsWith(join(folder, 'assets'));
        reply.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0]!;
    const page = there && (request.method === 'GET' || request.method === 'HEAD') && !machine.test(path);
    if (page) return reply.sendFile('index.html');
    return sendProblem(new Problem(notFound), request, reply);
  });
}
