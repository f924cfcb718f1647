/**
 * A file handed over through the page or the command line: it is streamed into the source's inbox, on disk before it is
 * answered, and collected like any other delivery.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { jobReference } from './api.ts';
import { inboxOf, patternOf } from './inbox.ts';
import { declared } from './overview.ts';
import type { Exchange } from './service.ts';

const notYours = problemKind(
  'exchange.upload.not-yours',
  403,
  '只能为本单位的来源上传文件',
  'files are uploaded only for sources of your own organisation',
);
const noFiles = problemKind(
  'exchange.upload.no-files',
  422,
  '来源 {source} 不以文件交付',
  'the source {source} is not delivered as files',
);
const wrongName = problemKind(
  'exchange.upload.name',
  422,
  '文件名应符合 {pattern}：{name}',
  'the file name must match {pattern}: {name}',
);

/** Largest file that is taken, in bytes. */
const LARGEST = 64 * 2 ** 30;

/** `POST /api/v1/exchange/sources/{id}/files?name=…` with the file as the body. */
export function uploadRoutes(exchange: () => Exchange, deps: Deps): RouteDefinition[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/exchange/sources/{id}/files',
      room: 'exchange',
      summary: { zh: '上传一个文件并采集', en: 'Upload a file and collect it' },
      access: 'exchange.operate',
      params: z.object({ id: z.string() }),
      query: z.object({ name: z.string().regex(/^[^/\\\0]{1,200}$/, 'a plain file name') }),
      bodyType: 'raw',
      bodyLimit: LARGEST,
      response: jobReference,
      status: 202,
      problems: [notYours, noFiles, wrongName],
      async handler({ params, query, principal, request }) {
        const { declaration } = declared(exchange().catalogue(), params.id);
        if (declaration.transport.kind !== 'file') throw new Problem(noFiles, { source: params.id });
        if (principal.roles.includes('data-officer') && principal.organisation !== declaration.owner) {
          throw new Problem(notYours);
        }
        const { pattern } = declaration.transport;
        if (query.name.startsWith('.') || !patternOf(pattern).test(query.name)) {
          throw new Problem(wrongName, { pattern, name: query.name });
        }
        const folder = inboxOf(deps.folders.inbox, params.id);
        await mkdir(folder, { recursive: true });
        // Hidden until it is whole: the watch takes no file that begins with a dot.
        const draft = join(folder, `.upload-${crypto.randomUUID()}`);
        const path = join(folder, `${deps.clock.now().toISOString().replaceAll(/[:.]/g, '')}-${query.name}`);
        try {
          await pipeline(request.body as Readable, createWriteStream(draft, { mode: 0o600 }));
          const file = await open(draft, 'r');
          await file.sync();
          await file.close();
          await rename(draft, path);
        } finally {
          await rm(draft, { force: true });
        }
        await deps.audit.append({
          actor: principal,
          action: 'exchange.upload',
          object: `source/${params.id}`,
          outcome: 'ok',
          detail: { file: query.name },
        });
        const job = await deps.jobs.submit(
          'exchange.collect',
          { source: params.id, path },
          { by: principal.userId, unique: path },
        );
        return { job };
      },
    }),
  ];
}
