/**
 * A file handed over through the page or the command line: it is streamed into the source's inbox, on disk before it is
 * answered, and collected like any other delivery.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { type JobView, jobStates } from '../platform/jobs/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { counters, jobReference, type KeptProblem, keptProblem } from './api.ts';
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

const unknownDelivery = problemKind(
  'exchange.delivery.unknown',
  404,
  '没有这次交付：{job}',
  'there is no such delivery: {job}',
);

/** GET /api/v1/exchange/deliveries/{job}: how far the collection of a file is, and what came of it. */
export const delivery = z.object({
  job: z.string(),
  source: z.string(),
  /** The file's name in the inbox, as the receipt names it. */
  input: z.string(),
  state: z.enum(jobStates),
  /** Bytes read of the whole, while it runs. */
  progress: z.object({ done: z.number(), total: z.number().nullable() }).nullable(),
  /** The run that has its rows, once collected. */
  run: z.number().int().nullable(),
  /** The very same file had been collected before, as that run. */
  already: z.boolean(),
  counters: counters.nullable(),
  /** Why it was refused, with the place in the file. */
  problem: keptProblem.nullable(),
});

const collected = z.object({ run: z.number().int(), already: z.boolean().default(false) });

/** A department's officer hands over what is the department's own. */
function mayDeliver(principal: Principal, owner: string): boolean {
  return !principal.roles.includes('data-officer') || principal.organisation === owner;
}

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
        if (!mayDeliver(principal, declaration.owner)) throw new Problem(notYours);
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
    defineRoute({
      method: 'GET',
      path: '/api/v1/exchange/deliveries/{job}',
      room: 'exchange',
      summary: { zh: '一次交付的进展与结果', en: 'How far a delivery is and what came of it' },
      access: 'exchange.operate',
      params: z.object({ job: z.string().max(64) }),
      response: delivery,
      problems: [unknownDelivery],
      async handler({ params, principal }) {
        const view = await deps.jobs.get(params.job);
        const asked = z.object({ source: z.string(), path: z.string() }).safeParse(view.params);
        // Other kinds of jobs are seen by who may see jobs; another department's deliveries are not there for an officer.
        if (view.kind !== 'exchange.collect' || !asked.success) throw new Problem(unknownDelivery, params);
        const { source } = asked.data;
        const { owner } = declared(exchange().catalogue(), source).declaration;
        if (!mayDeliver(principal, owner)) throw new Problem(unknownDelivery, params);
        return outcomeOf(deps, view, source, basename(asked.data.path));
      },
    }),
  ];
}

async function outcomeOf(
  { lake }: Pick<Deps, 'lake'>,
  view: JobView,
  source: string,
  input: string,
): Promise<z.output<typeof delivery>> {
  const done = view.state === 'done' ? collected.parse(view.result) : null;
  const receipt = done
    ? await lake.first<z.output<typeof counters> & Record<string, unknown>>(
        'SELECT received, accepted, quarantined, duplicate FROM ex.run WHERE run = $run',
        { run: done.run },
      )
    : undefined;
  const refused =
    view.state === 'failed'
      ? await lake.first<{ problem: string }>(
          'SELECT problem FROM ex.refusal WHERE source = $source AND input = $input ORDER BY id DESC LIMIT 1',
          { source, input },
        )
      : undefined;
  return {
    ...{ job: view.id, source, input, state: view.state },
    progress: view.progress ? { done: view.progress.done, total: view.progress.total ?? null } : null,
    run: done?.run ?? null,
    already: done?.already ?? false,
    counters: receipt ?? null,
    problem: refused
      ? (JSON.parse(refused.problem) as KeptProblem)
      : view.error
        ? { ...view.error, place: null }
        : null,
  };
}
