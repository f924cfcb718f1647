import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { Catalogue, catalogueTables, record, useCatalogue } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { Bus } from '../platform/bus/index.ts';
import type { JobContext, JobView } from '../platform/jobs/index.ts';
import { createLogger } from '../platform/log/index.ts';
import { Problem } from '../platform/problem.ts';
import type { AuditEntry, Deps } from '../platform/room.ts';
import { Exchange } from './service.ts';
import { declare, openBench, type TestBench } from './testing.ts';
import { transportTables } from './transport/index.ts';
import { uploadRoutes } from './upload.ts';

const file = declare(['k', 'v'], { key: ['k'] });
const absent = declare(['k'], {
  ...{ id: 'ts.later', number: 901 },
  transport: { kind: 'unavailable', reason: { zh: '系统未建', en: 'No system yet' }, expected: '2027-01-01' },
});
let bench: TestBench;
let exchange: Exchange;
let deps: Deps;
let views: Map<string, JobView>;
let audited: AuditEntry[];

const steward = { userId: 'u', roles: ['data-steward'], organisation: null } as unknown as Principal;
const officer = (organisation: string) =>
  ({ userId: 'o', roles: ['data-officer'], organisation }) as never as Principal;

/** Calls a route as the server would: what comes in and goes out passes its schemas. */
async function call(
  method: string,
  path: string,
  given: { params: object; query?: object; body?: string; by?: Principal },
) {
  const route = uploadRoutes(() => exchange, deps).find((r) => r.method === method && r.path === path)!;
  const answer = await route.handler({
    params: route.params?.parse(given.params),
    query: route.query?.parse(given.query ?? {}),
    principal: given.by ?? steward,
    request: { body: Readable.from([given.body ?? '']) },
  } as never);
  return (route.response as ZodType).parse(answer) as Record<string, unknown>;
}
const upload = (name: string, body: string, more: { by?: Principal; id?: string } = {}) =>
  call('POST', '/api/v1/exchange/sources/{id}/files', {
    ...{ params: { id: more.id ?? 'ts.rows' }, query: { name }, body },
    ...(more.by ? { by: more.by } : {}),
  });
const look = (job: unknown, by = steward) => call('GET', '/api/v1/exchange/deliveries/{job}', { params: { job }, by });

/** Runs what was submitted and keeps its outcome as the queue would. */
async function work(): Promise<void> {
  for (const view of [...views.values()].filter((v) => v.state === 'queued' && v.kind === 'exchange.collect')) {
    const context = {
      ...{ id: view.id, signal: new AbortController().signal, state: null, attempt: 1, clock: bench.clock },
      ...{ progress: () => undefined, checkpoint: async () => undefined },
      log: createLogger({ level: 'silent' } as never),
    } as unknown as JobContext;
    try {
      const kind = exchange.jobs().find((k) => k.kind === view.kind)!;
      Object.assign(view, { result: await kind.run(context, view.params as never), state: 'done' });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      Object.assign(view, { error: { code: error.kind.code, title: error.toJSON().title }, state: 'failed' });
    }
  }
}

beforeEach(async () => {
  bench = await openBench();
  await bench.lake.define([...catalogueTables, ...transportTables]);
  const loaded = [file, absent].map((declaration) => ({ declaration, sha256: declaration.id, folder: '' }));
  const sources = await record(bench.lake, bench.clock, loaded);
  useCatalogue(bench.lake, new Catalogue(sources, [{ id: 'ts', name: { zh: '测试局', en: 'Test' } }], []));
  views = new Map();
  audited = [];
  deps = {
    ...{ lake: bench.lake, vault: bench.vault, clock: bench.clock, config: { secrets: {} } },
    folders: { data: bench.folder, inbox: join(bench.folder, 'inbox') },
    bus: new Bus(() => undefined),
    audit: { append: async (entry: AuditEntry) => void audited.push(entry) },
    jobs: {
      async submit(kind: string, params: unknown) {
        const id = String(views.size + 1);
        views.set(id, { id, kind, params, state: 'queued', progress: null, result: null, error: null } as never);
        return id;
      },
      get: async (id: string) => views.get(id)!,
    },
  } as unknown as Deps;
  exchange = new Exchange(deps);
  await exchange.start();
});
afterEach(async () => {
  await exchange.stop();
  await bench.close();
});

test('an uploaded file is collected, and its sender follows it to the receipt', async () => {
  const { job } = await upload('甲.csv', 'k,v\n1,a\n2,b\n1,c\n');
  expect(await look(job)).toMatchObject({ state: 'queued', run: null, counters: null, problem: null });
  await work();
  const seen = await look(job, officer('ts'));
  expect(seen).toMatchObject({ state: 'done', source: 'ts.rows', run: 1, already: false, problem: null });
  expect(seen.input).toMatch(/-甲\.csv$/);
  expect((seen.counters as { received: number }).received).toBe(3);
  expect(audited).toMatchObject([{ action: 'exchange.upload', object: 'source/ts.rows', detail: { file: '甲.csv' } }]);

  const again = await upload('甲.csv', 'k,v\n1,a\n2,b\n1,c\n');
  await work();
  expect(await look(again.job)).toMatchObject({ state: 'done', run: 1, already: true });
});

test('a refused file says why and where', async () => {
  const { job } = await upload('b.csv', 'k,x\n1,a\n');
  await work();
  const seen = (await look(job)) as { problem: { code: string; place: { file?: string } } };
  expect(seen).toMatchObject({ state: 'failed', run: null, counters: null });
  expect(seen.problem.code).toMatch(/^exchange\./);
  expect(seen.problem.place.file).toMatch(/-b\.csv$/);
});

test('what cannot be taken leaves nothing behind', async () => {
  const refusedWith = (code: string) => ({ kind: { code } });
  await expect(upload('a.txt', 'x')).rejects.toMatchObject(refusedWith('exchange.upload.name'));
  await expect(upload('.a.csv', 'x')).rejects.toMatchObject(refusedWith('exchange.upload.name'));
  await expect(upload('a.csv', 'x', { id: 'ts.later' })).rejects.toMatchObject(refusedWith('exchange.upload.no-files'));
  await expect(upload('a.csv', 'x', { by: officer('gaj') })).rejects.toMatchObject(
    refusedWith('exchange.upload.not-yours'),
  );
  expect(views.size).toBe(0);
  expect(readdirSync(join(bench.folder, 'inbox', 'ts', 'rows'))).toEqual([]);
});

test('deliveries of other departments, and other jobs, are not shown', async () => {
  const { job } = await upload('a.csv', 'k,v\n1,a\n');
  const gone = { kind: { code: 'exchange.delivery.unknown' } };
  await expect(look(job, officer('gaj'))).rejects.toMatchObject(gone);
  views.set('9', { id: '9', kind: 'vault.rotate', params: {}, state: 'done' } as never);
  await expect(look('9')).rejects.toMatchObject(gone);
});
