import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceDeclaration } from '../../catalogue/index.ts';
import { RetryableError } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import { declare, openBench, type TestBench } from '../testing.ts';
import { lastLooks, pull, transportTables } from './index.ts';

let bench: TestBench;
let server: Server;
let status = 200;
let source: SourceDeclaration;
beforeEach(async () => {
  bench = await openBench();
  await bench.lake.define(transportTables);
  server = createServer((_, response) => response.writeHead(status, { 'retry-after': '9999' }).end('[{"k":"1"}]'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`;
  source = declare(['k'], { transport: { kind: 'http-pull', url } });
  await bench.define(source);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await bench.close();
});

test('a look that went well is kept, also when it found nothing new; one that failed as such, when it was the last', async () => {
  const deps = { ...bench, secrets: {} };
  const order = { source, declaration: 1 };
  const looks = async () => [...(await lastLooks(bench.lake))].map(([id, l]) => [id, l.at.toISOString(), l.ok]);
  status = 200;
  expect((await pull(deps, order)).runs).toEqual([1]);
  bench.clock.advance(60_000);
  expect((await pull(deps, order)).runs).toEqual([]);
  expect(await looks()).toEqual([['ts.rows', '2026-01-05T01:01:00.000Z', true]]);
  bench.clock.advance(60_000);
  status = 503;
  await expect(pull(deps, order)).rejects.toBeInstanceOf(RetryableError);
  expect(await looks()).toEqual([['ts.rows', '2026-01-05T01:01:00.000Z', true]]);
  await expect(pull(deps, { ...order, lastAttempt: true })).rejects.toBeInstanceOf(RetryableError);
  expect(await looks()).toEqual([['ts.rows', '2026-01-05T01:02:00.000Z', false]]);
});

test('a source that is not pulled is refused', async () => {
  const error = await pull({ ...bench, secrets: {} }, { source: declare(['k']), declaration: 1 }).catch((e) => e);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).kind.code).toBe('exchange.source.transport');
});
