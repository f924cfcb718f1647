/** Batches pushed to a real web server of the hub's own making. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceDeclaration } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { configSchema } from '../../platform/config/index.ts';
import { createHttp, createMetrics, type HttpServer } from '../../platform/http/index.ts';
import { createLogger } from '../../platform/log/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { AuditEntry } from '../../platform/room.ts';
import { rawTable } from '../names.ts';
import { problems } from '../problems.ts';
import { declare, openBench, type TestBench } from '../testing.ts';
import type { FinishedRun } from './common.ts';
import { type PushDeps, pushRoutes } from './push.ts';
import { transportTables } from './tables.ts';

const source = declare(['k', { name: 'v', required: true }], {
  key: ['k'],
  mode: 'changes',
  transport: { kind: 'http-push', maxRows: 5 },
});
const file = declare(['k'], { id: 'ts.file' });
const officer: Principal = {
  userId: 'u1',
  login: 'officer',
  name: '专员',
  organisation: 'ts',
  roles: ['data-officer'],
  permissions: new Set(['exchange.push', 'exchange.read'] as const),
  sessionId: 's1',
  purpose: null,
};

let bench: TestBench;
let server: HttpServer;
let base: string;
let told: FinishedRun[];
let audit: AuditEntry[];
/** Holds every collection until it is opened. */
let gate: Promise<void>;

beforeEach(async () => {
  bench = await openBench();
  await bench.lake.define(transportTables);
  await bench.define(source);
  told = [];
  audit = [];
  gate = Promise.resolve();
  const held = Object.create(bench.lake) as typeof bench.lake;
  held.write = async (lane, work) => {
    await gate;
    return bench.lake.write(lane, work);
  };
  held.first = (sql, params) => bench.lake.first(sql, params);
  held.query = (sql, params) => bench.lake.query(sql, params);
  const known = new Map<string, SourceDeclaration>([source, file].map((s) => [s.id, s]));
  const deps: PushDeps = {
    ...bench,
    lake: held,
    audit: { append: async (entry) => void audit.push(entry) },
    find(id) {
      const declaration = known.get(id);
      if (!declaration) throw new Problem(problems.unknownSource, { source: id });
      return { declaration, version: 1 };
    },
    keyDays: 30,
    onRun: async (run) => void told.push(run),
  };
  server = await createHttp({
    config: configSchema.parse({ http: { port: 0 } }).http,
    clock: bench.clock,
    log: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    routes: pushRoutes(() => deps, { bodyBytes: 2000, running: 1, waiting: 2 }),
    version: '0.0.1',
    checkResponses: true,
    ready: {},
    authenticate: async (request) => {
      const who = request.headers.authorization;
      if (who === 'Bearer other') return { ...officer, organisation: 'gaj' };
      return who === 'Bearer reader' ? { ...officer, permissions: new Set() } : officer;
    },
  });
  base = await server.listen();
});
afterEach(async () => {
  await server.close();
  await bench.close();
});

const row = (k: number, v: string | null = 'x') => ({
  k: String(k),
  v,
  dsc_biz_operation: 'I',
  dsc_biz_timestamp: '20260101',
});
const lines = (rows: unknown[]) => rows.map((r) => `${JSON.stringify(r)}\n`).join('');

async function push(body: string | Uint8Array, headers: Record<string, string | undefined> = {}, id = source.id) {
  const all = {
    'content-type': 'application/json',
    'idempotency-key': 'key-1',
    authorization: 'Bearer li',
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)) as Record<string, string>;
  const answer = await fetch(`${base}/api/v1/push/${id}`, { method: 'POST', body: body as string, headers: sent });
  // biome-ignore lint/suspicious/noExplicitAny: bodies are compared, not used.
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
}
const runs = async () => (await bench.lake.first<{ n: number }>('SELECT count(*) AS n FROM ex.run'))!.n;
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

test('a batch is in the lake when it is answered; the same key and body get the same receipt', async () => {
  const body = JSON.stringify([row(1), { ...row(2), v: 1.1 }, row(3, null)]).replace('1.1', '1.10');
  const first = await push(body);
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({ source: 'ts.rows', received: 3, state: 'collected', run: 1, sha256: sha(body) });
  expect(await bench.lake.query(`SELECT k, v, _op FROM ${rawTable(source.id)} ORDER BY _row`)).toEqual([
    { k: '1', v: 'x', _op: 'I' },
    { k: '2', v: '1.10', _op: 'I' },
  ]);
  expect(await bench.lake.first('SELECT kind, input, received, accepted, quarantined FROM ex.run')).toEqual({
    ...{ kind: 'push', input: first.body.batch, received: 3, accepted: 2, quarantined: 1 },
  });
  const again = await push(body);
  expect(again.body).toEqual(first.body);
  expect([first, again].map((a) => a.headers.get('idempotent-replayed'))).toEqual([null, 'true']);
  expect(await runs()).toBe(1);
  const other = await push(JSON.stringify([row(9)]));
  expect([other.status, other.body.code]).toEqual([409, 'exchange.push.key-reused']);
  expect(told).toEqual([{ run: 1, source: 'ts.rows', accepted: 2, vanished: 0 }]);
  expect(audit.map((a) => [a.action, a.outcome])).toEqual([
    ['exchange.push', 'ok'],
    ['exchange.push', 'refused'],
  ]);
  expect(readdirSync(bench.work)).toEqual([]);
});

test('a key is answered for its days, says how many are left, and then is refused without taking anything in', async () => {
  const day = 86_400_000;
  const body = JSON.stringify([row(1)]);
  const taken = bench.clock.now().getTime();
  const first = (await push(body)).body;
  expect(first).toMatchObject({ keyDaysLeft: 30, keyExpires: new Date(taken + 30 * day).toISOString() });
  bench.clock.advance(10 * day + 1000);
  expect((await push(body)).body).toEqual({ ...first, keyDaysLeft: 19 });
  await push(JSON.stringify([row(2)]), { 'idempotency-key': 'key-2' });
  const list = async () => (await (await fetch(`${base}/api/v1/push/${source.id}`)).json()) as { items: object[] };
  expect(await list()).toMatchObject({
    items: [
      { run: 2, rows: 1, keyDaysLeft: 30 },
      { run: 1, batch: first.batch, keyDaysLeft: 19, keyExpires: first.keyExpires },
    ],
    total: 2,
  });
  bench.clock.advance(20 * day - 1000);
  expect((await push(body)).body.keyDaysLeft).toBe(0);
  bench.clock.advance(1);
  const late = await push(body);
  expect([late.status, late.body.code]).toEqual([409, 'exchange.push.key-expired']);
  expect(late.body.titles.en).toContain(new Date(taken).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' }));
  expect((await push(JSON.stringify([row(3)]))).body.code).toBe('exchange.push.key-expired');
  expect(await runs()).toBe(2);
  expect(await list()).toMatchObject({ items: [{ keyDaysLeft: 10 }, { keyDaysLeft: -1 }] });
  // The batch itself is taken under another key: what is known already is a duplicate, as ever.
  expect((await push(body, { 'idempotency-key': 'key-3' })).body).toMatchObject({ run: 3, keyDaysLeft: 30 });
});

test('lines of objects are a batch, too; rows that are known are duplicates under any key', async () => {
  const headers = { 'content-type': 'application/x-ndjson; charset=utf-8' };
  expect((await push(`${lines([row(1), row(2)])}\n  \n`, headers)).body).toMatchObject({ received: 2, run: 1 });
  const second = await push(lines([row(2), row(3)]), { ...headers, 'idempotency-key': 'key-2' });
  expect(second.body).toMatchObject({ received: 2, run: 2 });
  // A line that is no object waits in quarantine.
  const third = await push(`${lines([row(4)])}{"k":\n`, { ...headers, 'idempotency-key': 'key-3' });
  expect(third.body.received).toBe(2);
  expect(await bench.lake.query('SELECT run, accepted, quarantined, duplicate FROM ex.run ORDER BY run')).toEqual([
    { run: 1, accepted: 2, quarantined: 0, duplicate: 0 },
    { run: 2, accepted: 1, quarantined: 0, duplicate: 1 },
    { run: 3, accepted: 1, quarantined: 1, duplicate: 0 },
  ]);
});

test('what cannot be taken is said, leaves nothing and does not use up its key', async () => {
  const good = JSON.stringify([row(1)]);
  const many = Array.from({ length: 6 }, (_, i) => row(i));
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const cases: [number, string, string | Uint8Array, Record<string, string | undefined>, string?][] = [
    [400, 'exchange.push.key-missing', good, { 'idempotency-key': undefined }],
    [400, 'exchange.push.key-missing', good, { 'idempotency-key': '' }],
    [400, 'exchange.push.key-invalid', good, { 'idempotency-key': 'a b' }],
    [400, 'exchange.push.key-invalid', good, { 'idempotency-key': 'k'.repeat(201) }],
    [404, 'exchange.source.unknown', good, {}, 'ts.nowhere'],
    [409, 'exchange.source.transport', good, {}, file.id],
    [403, 'exchange.push.other-organisation', good, { authorization: 'Bearer other' }],
    [403, 'http.forbidden', good, { authorization: 'Bearer reader' }],
    [415, 'exchange.push.media-type', good, { 'content-type': 'text/csv' }],
    [415, 'exchange.push.media-type', good, { 'content-encoding': 'gzip' }],
    [413, 'exchange.push.too-many-rows', JSON.stringify(many), {}],
    [413, 'exchange.push.too-many-rows', lines(many), ndjson],
    [413, 'http.body-too-large', JSON.stringify([row(1, 'x'.repeat(3000))]), {}],
    [422, 'exchange.push.empty', '[]', {}],
    [422, 'exchange.push.empty', ' \n\n', ndjson],
    [422, 'exchange.push.not-json', '[{"k":1}', {}],
    [422, 'exchange.push.not-json', '', {}],
    [422, 'exchange.push.not-array', '{"k":1}', {}],
    [422, 'exchange.push.encoding', Buffer.from('["\xff"]', 'latin1'), {}],
    [422, 'exchange.contract.column-extra', JSON.stringify([{ ...row(1), more: 1 }]), {}],
    [422, 'exchange.contract.column-missing', '[{"k":"1"}]', {}],
  ];
  for (const [status, code, body, headers, id] of cases) {
    const answer = await push(body, headers, id);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.titles.zh).toMatch(/\p{Script=Han}/u);
  }
  expect(await runs()).toBe(0);
  expect(readdirSync(bench.work)).toEqual([]);
  expect((await push(good)).body.run).toBeGreaterThan(0);
});

test('the same batch sent twice at once is taken once', async () => {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const body = JSON.stringify([row(1), row(2)]);
  const both = [push(body), push(body), push(JSON.stringify([row(3)]))];
  setTimeout(open, 50);
  const answers = await Promise.all(both);
  expect(answers.map((a) => a.status).sort()).toEqual(
    // Whichever body came first has the key.
    answers[2]!.status === 200 ? [200, 409, 409] : [200, 200, 409],
  );
  expect(await runs()).toBe(1);
});

test('batches beyond the limit are told to come again, and those within it all enter', async () => {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const send = (n: number) => push(JSON.stringify([row(n)]), { 'idempotency-key': `key-${n}` });
  const all = [1, 2, 3, 4].map(async (n) => ({ n, ...(await send(n)) }));
  // While nothing can be collected only who is turned away is answered.
  const refused = await Promise.race(all);
  expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
    429,
    'exchange.push.busy',
    '5',
  ]);
  open();
  expect((await Promise.all(all)).map((a) => a.status).sort()).toEqual([200, 200, 200, 429]);
  expect((await send(refused.n)).status).toBe(200);
  expect(await bench.lake.first(`SELECT count(*) AS n FROM ${rawTable(source.id)}`)).toEqual({ n: 4 });
});
