import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Catalogue, catalogueTables, record, type SourceDeclaration, useCatalogue } from '../catalogue/index.ts';
import { FolderBlobs } from '../platform/blobs/index.ts';
import { Bus } from '../platform/bus/index.ts';
import type { JobContext, JobKind } from '../platform/jobs/index.ts';
import { createLogger } from '../platform/log/index.ts';
import { NotedNotices } from '../platform/notices/testing.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { patternOf } from './inbox.ts';
import { nextDue, runDetail, runFinished, sourceDetail, sourceOverdue, summary, transportTables } from './index.ts';
import { Exchange } from './service.ts';
import { declare, openBench, type TestBench } from './testing.ts';

let bench: TestBench;
let exchange: Exchange;
let bus: Bus;
let submitted: { kind: string; params: unknown }[];
const file = declare(['k', 'v'], { key: ['k'] });
const absent = declare(['k'], {
  ...{ id: 'ts.later', number: 901 },
  transport: { kind: 'unavailable', reason: { zh: '系统未建', en: 'No system yet' }, expected: '2027-01-01' },
});

/** A queue that runs what is submitted at once, one after another. */
function queue() {
  const kinds = new Map<string, JobKind<never>>();
  const waiting: (() => Promise<void>)[] = [];
  const results: unknown[] = [];
  return {
    kinds,
    results,
    async submit(kind: string, params: unknown) {
      submitted.push({ kind, params });
      waiting.push(async () => {
        const context = {
          ...{ id: String(submitted.length), signal: new AbortController().signal, state: null, attempt: 1 },
          ...{
            progress: () => undefined,
            checkpoint: async () => undefined,
            log: createLogger({ level: 'silent' } as never),
          },
          clock: bench.clock,
        } as unknown as JobContext;
        results.push(
          await kinds
            .get(kind)!
            .run(context, params as never)
            .catch((e) => e),
        );
      });
      return String(submitted.length);
    },
    async drain() {
      for (let next = waiting.shift(); next; next = waiting.shift()) await next();
    },
  };
}
let jobs: ReturnType<typeof queue>;
let notices: NotedNotices;

beforeEach(async () => {
  bench = await openBench();
  submitted = [];
  await bench.lake.define([...catalogueTables, ...transportTables]);
  const loaded = [file, absent].map((declaration: SourceDeclaration) => ({
    declaration,
    sha256: declaration.id,
    folder: '',
  }));
  const sources = await record(bench.lake, bench.clock, loaded);
  useCatalogue(bench.lake, new Catalogue(sources, [{ id: 'ts', name: { zh: '测试局', en: 'Test' } }], []));
  bus = new Bus(() => undefined);
  jobs = queue();
  const folders = { data: bench.folder, inbox: join(bench.folder, 'inbox'), blobs: join(bench.folder, 'blobs') };
  notices = new NotedNotices();
  exchange = new Exchange({
    ...{ lake: bench.lake, vault: bench.vault, clock: bench.clock, folders, jobs, bus },
    ...{ db: { tx: async (work: (trx: null) => Promise<unknown>) => work(null) }, notices },
    ...{ blobs: new FolderBlobs(folders.blobs), config: { secrets: {} } },
    log: { warn: () => undefined, error: () => undefined },
  } as unknown as Deps);
  for (const kind of exchange.jobs()) jobs.kinds.set(kind.kind, kind);
  await exchange.start();
});
afterEach(async () => {
  await exchange.stop();
  await bench.close();
});

const inbox = (...path: string[]) => join(bench.folder, 'inbox', 'ts', 'rows', ...path);

test('a file that has come to rest is collected, its original kept, and a receipt left in done', async () => {
  const heard: unknown[] = [];
  bus.on(runFinished, (e) => void heard.push(e));
  writeFileSync(inbox('a.csv'), 'k,v\n1,a\n');
  writeFileSync(inbox('notes.txt'), 'not for collection');
  expect(await exchange.lookIntoInboxes()).toEqual([]);
  writeFileSync(inbox('a.csv'), 'k,v\n1,a\n2,b\n');
  utimesSync(inbox('a.csv'), 1, 1);
  expect(await exchange.lookIntoInboxes()).toEqual([]);
  expect((await exchange.lookIntoInboxes()).length).toBe(1);
  await jobs.drain();
  expect(jobs.results[0]).toEqual({ run: 1, received: 2, accepted: 2, quarantined: 0, duplicate: 0 });
  expect(heard).toEqual([{ run: 1, source: 'ts.rows', accepted: 2, vanished: 0 }]);
  expect(readdirSync(inbox()).sort()).toEqual(['collected', 'done', 'notes.txt']);
  expect(readdirSync(inbox('collected'))).toEqual([]);
  const receipt = JSON.parse(readFileSync(inbox('done', '1-a.csv.json'), 'utf8'));
  expect(receipt).toMatchObject({ run: 1, bytes: 12 });
  expect(existsSync(join(bench.folder, 'blobs'))).toBe(true);
});

test('the same file again is recognised and cleared away', async () => {
  for (const name of ['a.csv', 'b.csv']) {
    writeFileSync(inbox(name), 'k,v\n1,a\n');
    await exchange.order('ts.rows', name, 'u');
    await jobs.drain();
  }
  expect(jobs.results[2]).toEqual({ run: 1, already: true });
  expect(readdirSync(inbox('done'))).toEqual(['1-a.csv.json', '1-b.csv.json']);
});

test('a refused file is kept with its reason, and the source says that it failed', async () => {
  writeFileSync(inbox('bad.csv'), 'k;v\n1;a\n');
  await exchange.order('ts.rows', 'bad.csv', 'u');
  await jobs.drain();
  expect(readdirSync(inbox('refused')).sort()).toEqual(['bad.csv', 'bad.csv.problem.json']);
  const own = (await exchange.overview.sources()).find((s) => s.id === 'ts.rows')!;
  expect([own.state, own.lastRefusal?.problem.code]).toEqual(['failed', 'exchange.file.delimiter']);
});

test('what cannot be ordered is a Problem: unknown source, unavailable one, no such file, a path out of the inbox', async () => {
  const code = (source: string, name?: string) => exchange.order(source, name, 'u').catch((e: Problem) => e.kind.code);
  mkdirSync(inbox('done'), { recursive: true });
  writeFileSync(inbox('done', 'x.csv'), '');
  expect(await code('ts.none')).toBe('exchange.source.unknown');
  expect(await code('ts.later')).toBe('exchange.source.unavailable');
  expect(await code('ts.rows')).toBe('exchange.inbox.empty');
  expect(await code('ts.rows', '../rows/done/x.csv')).toBe('exchange.inbox.no-file');
});

test('a source is due by its cadence; overdue ones are told of once', async () => {
  const heard: unknown[] = [];
  bus.on(sourceOverdue, (e) => void heard.push(e));
  const state = async () => (await exchange.overview.sources()).map((s) => [s.id, s.state, s.overdueDays]);
  expect(await state()).toEqual([
    ['ts.rows', 'never', 0],
    ['ts.later', 'unavailable', 0],
  ]);
  writeFileSync(inbox('a.csv'), 'k,v\n1,a\n');
  await exchange.order('ts.rows', undefined, 'u');
  await jobs.drain();
  expect((await state())[0]).toEqual(['ts.rows', 'current', 0]);
  bench.clock.advance(18 * 86_400_000);
  expect((await state())[0]).toEqual(['ts.rows', 'overdue', 3]);
  await exchange.lookForDue();
  await exchange.lookForDue();
  expect(heard.length).toBe(1);
  expect(notices.told).toMatchObject([
    { kind: 'source.overdue', to: [{ role: 'data-officer', organisation: 'ts' }], about: 'source/ts.rows' },
  ]);
  writeFileSync(inbox('b.csv'), 'k,v\n1,a\n2,b\n');
  await exchange.order('ts.rows', undefined, 'u');
  await jobs.drain();
  await exchange.lookForDue();
  expect(notices.withdrawn).toEqual([{ kind: 'source.overdue', about: 'source/ts.rows' }]);
});

test('without an interface half a month is asked for, with one the declared cadence', () => {
  const last = new Date('2026-01-31T00:00:00Z');
  const due = (over: Record<string, unknown>) =>
    nextDue(declare(['k'], over), last)
      ?.toISOString()
      .slice(0, 10);
  const database = { kind: 'postgres', connection: 'x', table: 't' };
  expect(due({ cadence: 'daily' })).toBe('2026-02-15');
  expect(due({ cadence: 'daily', transport: database })).toBe('2026-02-01');
  expect(due({ cadence: 'weekly', transport: database })).toBe('2026-02-07');
  expect(due({ cadence: 'quarterly' })).toBe('2026-05-01');
  expect(due({ transport: absent.transport })).toBeUndefined();
});

test('summary, source and run answer as their schemas say', async () => {
  writeFileSync(inbox('a.csv'), 'k,v\n1,a\n2\n');
  await exchange.order('ts.rows', undefined, 'u');
  await jobs.drain();
  const all = summary.parse(await exchange.overview.summary());
  expect([all.sources.total, all.sources.unavailable, all.totals.received, all.totals.open]).toEqual([2, 1, 2, 1]);
  expect(all.departments[0]).toMatchObject({ owner: 'ts', sources: 2, delivered: 1, received: 2, quarantined: 1 });
  expect(sourceDetail.parse(await exchange.overview.source('ts.rows')).recent.length).toBe(1);
  const run = runDetail.parse(await exchange.overview.run(1));
  expect(run.quarantine.map((q) => [q.rule, q.rows])).toEqual([['columns-few', 1]]);
  expect(run.notices.map((n) => n.code)).toEqual(['exchange.expect.quarantined-share']);
  expect(await exchange.overview.run(9).catch((e) => e instanceof Problem && e.kind.code)).toBe('exchange.run.unknown');
});

test('a pattern means what people expect of it', () => {
  expect(['a.csv', 'A.CSV', 'a.csv.tmp', 'x(1).csv'].map((n) => patternOf('*.csv').test(n))).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(patternOf('day?.txt').test('day1.txt')).toBe(true);
});

test('a file that met a passing fault rests for a while instead of being tried again and again', async () => {
  writeFileSync(inbox('a.csv'), 'k,v\n1,a\n');
  await exchange.lookIntoInboxes();
  const write = bench.lake.write;
  bench.lake.write = () => Promise.reject(new Error('No space left on device'));
  expect((await exchange.lookIntoInboxes()).length).toBe(1);
  await jobs.drain();
  bench.lake.write = write;
  expect((jobs.results[0] as Problem).kind.code).toBe('exchange.disk-full');
  expect(await exchange.lookIntoInboxes()).toEqual([]);
  bench.clock.advance(600_000);
  expect((await exchange.lookIntoInboxes()).length).toBe(1);
  await jobs.drain();
  expect(jobs.results[1]).toMatchObject({ run: 1, accepted: 1 });
});
