/** The transports inside the running room: pulls come at their cadence, the push route is there. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Catalogue, catalogueTables, record, useCatalogue } from '../../catalogue/index.ts';
import { Bus } from '../../platform/bus/index.ts';
import type { JobContext, JobKind } from '../../platform/jobs/index.ts';
import { createLogger } from '../../platform/log/index.ts';
import { NotedNotices } from '../../platform/notices/testing.ts';
import type { Deps } from '../../platform/room.ts';
import { runFinished } from '../events.ts';
import { exchangeRoom } from '../module.ts';
import { Exchange } from '../service.ts';
import { declare, openBench, type TestBench } from '../testing.ts';
import { transportTables } from './tables.ts';

let bench: TestBench;
let server: Server;
let answer: [number, string];
let deps: Deps;
let bus: Bus;
let waiting: (() => Promise<unknown>)[];

beforeEach(async () => {
  bench = await openBench();
  await bench.lake.define([...catalogueTables, ...transportTables]);
  server = createServer((_, response) => response.writeHead(answer[0]).end(answer[1]));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`;
  const declaration = declare(['k'], { transport: { kind: 'http-pull', url } });
  const sources = await record(bench.lake, bench.clock, [{ declaration, sha256: 'x', folder: '' }]);
  useCatalogue(bench.lake, new Catalogue(sources, [{ id: 'ts', name: { zh: '测试局', en: 'Test' } }], []));
  const log = createLogger({ level: 'silent' });
  bus = new Bus(() => undefined);
  waiting = [];
  const kinds = new Map<string, JobKind<never>>();
  const context = {
    ...{ id: '1', signal: new AbortController().signal, state: null, attempt: 1, log, clock: bench.clock },
    ...{ progress: () => undefined, checkpoint: async () => undefined },
  } as unknown as JobContext;
  const jobs = {
    async submit(kind: string, params: unknown) {
      waiting.push(() => kinds.get(kind)!.run(context, params as never));
      return '1';
    },
  };
  const folders = { data: bench.folder, inbox: join(bench.folder, 'inbox') };
  deps = {
    ...{ db: { tx: async (work: (trx: null) => Promise<unknown>) => work(null) }, notices: new NotedNotices() },
    ...{ lake: bench.lake, vault: bench.vault, clock: bench.clock, folders, jobs, bus, log, config: { secrets: {} } },
  } as unknown as Deps;
  for (const kind of exchangeRoom().jobs!(deps)) kinds.set(kind.kind, kind as never);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await bench.close();
});

test('an interface is pulled at once, then at its cadence, and after a fault not for a while', async () => {
  const exchange = new Exchange(deps);
  await exchange.start();
  const heard: unknown[] = [];
  bus.on(runFinished, (e) => void heard.push(e));
  /** How many pulls the watch asks for, and what came of them. */
  const look = async () => {
    await exchange.lookForDue();
    return Promise.all(waiting.splice(0).map((work) => work().catch((e) => e)));
  };
  const state = async () => (await exchange.overview.sources())[0]!.state;
  const day = 86_400_000;
  answer = [200, '[{"k":"1"}]'];
  expect(await look()).toMatchObject([{ runs: [1], accepted: 1 }]);
  expect(heard).toEqual([{ run: 1, source: 'ts.rows', accepted: 1, vanished: 0 }]);
  expect(await look()).toEqual([]);
  bench.clock.advance(day + 1);
  expect(await state()).toBe('overdue');
  // Nothing new is an answer, too: it is not due again before the next day.
  expect(await look()).toMatchObject([{ runs: [] }]);
  expect([await state(), await look()]).toEqual(['current', []]);
  bench.clock.advance(day + 1);
  answer = [404, ''];
  expect((await look()).length).toBe(1);
  expect([await state(), await look()]).toEqual(['failed', []]);
  bench.clock.advance(3_600_001);
  answer = [200, '[{"k":"2"}]'];
  expect(await look()).toMatchObject([{ accepted: 1 }]);
  expect(await state()).toBe('current');
  await exchange.stop();
});

test('the room has the route for batches', () => {
  const paths = exchangeRoom().routes!(deps).map((r) => `${r.method} ${r.path} ${r.access}`);
  expect(paths).toContain('POST /api/v1/push/{source} exchange.push');
});
