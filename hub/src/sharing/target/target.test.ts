/** Deliveries brought to real databases, a store that checks signatures, and a folder; broken off and gone on with. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mariadbExpected, startMariadb } from '../../exchange/testing.ts';
import { authorization } from '../../platform/blobs/index.ts';
import { postgresExpected, type TestDb, testPostgres, testStore } from '../../platform/db/testing.ts';
import { KeyRing } from '../../platform/vault/index.ts';
import { type Bench, bench, people, sharingMigrations, whole } from '../testing.ts';
import { databaseLimits } from './database.ts';
import { s3Limits } from './s3.ts';
import { transmitJob } from './send.ts';

const { officer, head, rsjOfficer, rsjHead } = people;
type Delivery = {
  id: number;
  state: string;
  kind: string;
  transmission: { state: string; attempts: number; problem: { code: string } | null } | null;
  receipt: { by: string; matches: boolean } | null;
};
type Share = { id: number; target: object | null; deliveryList: Delivery[] };

let store: TestDb;
let b: Bench;
beforeAll(async () => {
  store = await testStore(sharingMigrations);
  b = await bench(store.db);
  KeyRing.open(b.ports.folders.keys).makeToken();
});
afterAll(async () => {
  await b.end();
  await store.end();
});

const items = ['permit_no', 'comp_nm', 'phone', 'valid_to', 'fee', 'note'];
const necessity = { phone: '联系核实所必需' };
async function granted(): Promise<number> {
  const content = whole({ items, necessity, mode: 'batch', frequency: 'daily' });
  const { id } = await b.call<{ id: number }>('POST', '/requests', rsjOfficer, {
    body: { entry: 'scjg.permit', content },
  });
  await b.step('requests', id, 'propose', rsjOfficer);
  await b.step('requests', id, 'agree-own', rsjHead);
  const { share } = await b.step<{ share: number }>('requests', id, 'grant', head);
  await makeReady();
  return share;
}
const view = (id: number, p = rsjOfficer) => b.call<Share>('GET', '/shares/{id}', p, { params: { id } });
const target = (id: number, body: object, p = rsjOfficer) =>
  b.call('PUT', '/shares/{id}/target', p, { params: { id }, body });
const code = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (e: { kind?: { code: string }; message: string }) => e.kind?.code ?? e.message,
  );

/** Runs what is in the lanes; `stop`: aborts a transmission after so many looks whether it may go on. */
async function makeReady(stop?: number): Promise<void> {
  for (let jobs = b.jobs.splice(0); jobs.length; jobs = b.jobs.splice(0))
    for (const { kind, params } of jobs) {
      if (kind !== 'sharing.transmit') {
        b.jobs.push({ kind, params });
        await b.runJobs();
        continue;
      }
      let looks = 0;
      const signal = {
        aborted: false,
        throwIfAborted() {
          looks += 1;
          if (looks !== stop) return;
          signal.aborted = true;
          throw new Error('killed');
        },
      };
      await transmitJob(b.ports)
        .run({ signal } as never, params)
        .catch((e: Error) => expect(e.message).toBe('killed'));
    }
}
async function deliver(id: number, kind: 'full' | 'changes', stop?: number): Promise<Delivery> {
  await b.call('POST', '/shares/{id}/deliveries', officer, { params: { id }, body: { kind, format: 'csv' } });
  await makeReady(stop);
  return (await view(id)).deliveryList[0]!;
}

interface Server {
  name: string;
  engine: 'postgres' | 'mysql';
  place: object;
  rows(q: string): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}
async function postgres(): Promise<Server> {
  const own = await testPostgres();
  const client = new pg.Client(own.url);
  await client.connect();
  const url = new URL(own.url);
  return {
    ...{ name: 'PostgreSQL', engine: 'postgres' },
    place: {
      host: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password) || 'none',
    },
    rows: async (q) => (await client.query(q)).rows,
    async end() {
      await client.end();
      await own.end();
    },
  };
}
async function mariadb(): Promise<Server> {
  const own = await startMariadb();
  const client = await mysql.createConnection(own.url('mysql'));
  for (const q of [
    'CREATE DATABASE taken CHARACTER SET utf8mb4',
    "CREATE USER hub@127.0.0.1 IDENTIFIED BY 'pw'",
    'GRANT ALL ON taken.* TO hub@127.0.0.1',
    'USE taken',
  ])
    await client.query(q);
  return {
    ...{ name: 'MariaDB', engine: 'mysql' },
    place: {
      host: '127.0.0.1',
      port: Number(new URL(own.url('x')).port),
      database: 'taken',
      user: 'hub',
      password: 'pw',
    },
    rows: async (q) => (await client.query(q))[0] as Record<string, unknown>[],
    async end() {
      await client.end();
      await own.stop();
    },
  };
}

const servers = [...(postgresExpected() ? [postgres] : []), ...(mariadbExpected() ? [mariadb] : [])];
describe.each(servers)('a database', (open) => {
  let server: Server;
  beforeAll(async () => {
    databaseLimits.rows = 6;
    server = await open();
  }, 60_000);
  afterAll(() => server?.end());

  test('gets whole deliveries and changes, each row once though the sender is killed, and confirms them', async () => {
    const id = await granted();
    await b.ports.lake.define([
      'UPDATE f.permit SET note = NULL WHERE entity = 3',
      "UPDATE f.permit SET note = '' WHERE entity = 5",
    ]);
    await target(id, { kind: 'database', engine: server.engine, ...server.place, table: 'permits' });
    // What the target gets first is whole, whatever is asked for; it is broken off before its last transaction.
    const broken = await deliver(id, 'changes', 4);
    expect([broken.kind, broken.transmission?.state, broken.receipt]).toEqual(['full', 'sending', null]);
    const [half] = await server.rows('SELECT rows_done, (SELECT count(*) FROM permits) AS n FROM jingwei_delivery');
    expect([Number(half!.rows_done), Number(half!.n)]).toEqual([12, 12]);
    await b.ports.jobs.submit('sharing.transmit', { delivery: broken.id });
    await makeReady();
    const first = (await view(id)).deliveryList[0]!;
    expect([first.transmission?.state, first.receipt]).toMatchObject(['sent', { by: '@database', matches: true }]);
    const all = await server.rows('SELECT * FROM permits ORDER BY fee');
    expect(all).toHaveLength(20);
    expect(all[5]).toMatchObject({ permit_no: 'P6', comp_nm: '企业6有限公司', phone: '138****0000', note: '备注6' });
    expect([all[2]!.note, all[4]!.note]).toEqual([null, '']);
    expect(Number(all[5]!.fee)).toBe(600);
    const [mark] = await server.rows('SELECT finished, manifest FROM jingwei_delivery');
    expect([Number(mark!.finished), JSON.parse(String(mark!.manifest)).rows]).toEqual([1, 20]);
    // One record changes, one goes, one comes.
    await b.ports.lake.define([
      "UPDATE f.permit SET comp_nm = '更名有限公司' WHERE entity = 1",
      'DELETE FROM f.permit WHERE entity = 2',
      "INSERT INTO f.permit SELECT 99, day, fact + 1000, amount, 'P99', comp_nm, contact, phone, valid_to, 9900, note FROM f.permit WHERE entity = 4",
    ]);
    const second = await deliver(id, 'changes');
    expect([second.kind, second.transmission?.state, second.receipt?.matches]).toEqual(['changes', 'sent', true]);
    const after = await server.rows('SELECT permit_no, comp_nm FROM permits ORDER BY fee');
    expect(after.map((r) => r.permit_no)).not.toContain('P2');
    expect(after[0]).toEqual({ permit_no: 'P1', comp_nm: '更名有限公司' });
    expect([after.length, after.at(-1)!.permit_no]).toEqual([20, 'P99']);
    await b.ports.lake.define([
      "UPDATE f.permit SET comp_nm = '企业1有限公司' WHERE entity = 1",
      'DELETE FROM f.permit WHERE entity = 99',
      "INSERT INTO f.permit SELECT 2, day, (7::BIGINT << 32) + 2, amount, 'P2', '企业2有限公司', '王小2', phone, DATE '2026-01-03', 200, '备注2' FROM f.permit WHERE entity = 4",
    ]);
    // A whole one takes away what is no longer there.
    expect((await deliver(id, 'full')).transmission?.state).toBe('sent');
    expect((await server.rows("SELECT count(*) AS n FROM permits WHERE permit_no IN ('P2', 'P99')"))[0]).toMatchObject({
      n: server.engine === 'postgres' ? '1' : 1,
    });
  });

  test('a table of somebody else is left alone, a refusal waits longer each time, and both sides see why', async () => {
    await server.rows('CREATE TABLE theirs (x INT)');
    const id = await granted();
    await target(id, { kind: 'database', engine: server.engine, ...server.place, table: 'theirs' });
    const one = await deliver(id, 'full');
    expect([one.transmission?.state, one.transmission?.problem?.code]).toEqual([
      'failed',
      'sharing.target.table-foreign',
    ]);
    await target(id, {
      kind: 'database',
      engine: server.engine,
      ...server.place,
      password: 'wrong',
      database: 'nowhere',
      table: 'ours',
    });
    const two = await deliver(id, 'full');
    expect(two.transmission).toMatchObject({ state: 'waiting', attempts: 1 });
    expect((await view(id, officer)).deliveryList[0]!.transmission?.problem?.code).toBe('sharing.target.unreachable');
    const text = JSON.stringify([await view(id), await view(id, officer)]);
    expect(text).not.toContain('wrong');
    const kept = await sql<{
      t: string;
    }>`SELECT shown::text || encode(ciphertext, 'escape') AS t FROM sharing.target WHERE share = ${id}`.execute(
      store.db.kysely,
    );
    expect(kept.rows[0]!.t).not.toContain('wrong');
  });
});

test('a store gets large files in parts and goes on where it was broken off; what proves them lies beside', async () => {
  const key = { accessKey: 'AK', secretKey: 'very-secret', region: 'us-east-1' };
  const objects = new Map<string, Buffer>();
  const parts = new Map<number, Buffer>();
  let puts = 0;
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const p of request) pieces.push(p as Buffer);
    const body = Buffer.concat(pieces);
    const url = new URL(request.url!, `http://${request.headers.host}`);
    const payload = createHash('sha256').update(body).digest('hex');
    const headers = Object.fromEntries(
      ['host', 'x-amz-content-sha256', 'x-amz-date'].map((n) => [n, String(request.headers[n])]),
    );
    if (request.headers.authorization !== authorization({ method: request.method!, url, headers, payload }, key))
      return response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    const part = url.searchParams.get('partNumber');
    if (request.method === 'HEAD')
      return response
        .writeHead(objects.has(url.pathname) ? 200 : 404, { 'content-length': objects.get(url.pathname)?.length ?? 0 })
        .end();
    if (request.method === 'POST' && url.searchParams.has('uploads')) return response.end('<UploadId>up+1</UploadId>');
    if (part) {
      puts += 1;
      parts.set(Number(part), body);
      return response.writeHead(200, { etag: `"${part}"` }).end();
    }
    objects.set(
      url.pathname,
      request.method === 'POST'
        ? Buffer.concat([...parts.keys()].sort((x, y) => x - y).map((n) => parts.get(n)!))
        : body,
    );
    return response.end('<ok/>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const large = s3Limits.part;
  s3Limits.part = 500;
  try {
    const id = await granted();
    await target(id, { kind: 's3', endpoint, bucket: 'rsj-data', prefix: 'from/scjg/', ...key });
    const one = await deliver(id, 'full', 3);
    expect(one.transmission?.state).toBe('sending');
    const before = puts;
    expect(before).toBeGreaterThan(0);
    await b.ports.jobs.submit('sharing.transmit', { delivery: one.id });
    await makeReady();
    const sent = (await view(id)).deliveryList[0] as Delivery & { sha256: string };
    expect(sent.transmission?.state).toBe('sent');
    expect(puts).toBe(parts.size);
    const names = [...objects.keys()].sort();
    expect(names).toEqual([
      `/rsj-data/from/scjg/scjg.permit-${id}-2.csv`,
      `/rsj-data/from/scjg/scjg.permit-${id}-2.manifest.json`,
    ]);
    expect(createHash('sha256').update(objects.get(names[0]!)!).digest('hex')).toBe(sent.sha256);
    await target(id, { kind: 's3', endpoint, bucket: 'rsj-data', ...key, secretKey: 'wrong' });
    const refused = await deliver(id, 'full');
    expect(refused.transmission).toMatchObject({ state: 'waiting', problem: { code: 'sharing.target.refused' } });
  } finally {
    s3Limits.part = large;
    server.close();
  }
});

test('a folder gets whole files only; nothing is sent while the grant is suspended; only the recipient says where to', async () => {
  const id = await granted();
  expect(await code(target(id, { kind: 'folder' }, officer))).toBe('sharing.not-yours');
  await target(id, { kind: 'folder' });
  const first = await deliver(id, 'changes');
  expect([first.kind, first.transmission?.state, first.receipt?.by]).toEqual(['full', 'sent', '@folder']);
  const folder = join(b.ports.folders.data, 'outbox', 'rsj', String(id));
  expect(readdirSync(folder).sort()).toEqual([`scjg.permit-${id}-2.csv`, `scjg.permit-${id}-2.manifest.json`]);
  expect(readFileSync(join(folder, `scjg.permit-${id}-2.csv`), 'utf8')).toContain('P6,');
  // Suspended between making and sending: it waits.
  await b.call('POST', '/shares/{id}/deliveries', officer, { params: { id }, body: { kind: 'full', format: 'csv' } });
  await b.runJobs();
  await b.step('shares', id, 'suspend', head, { comment: '超范围使用', data: { mendBy: '2026-12-30' } });
  await makeReady();
  expect((await view(id)).deliveryList[0]!.transmission).toMatchObject({ state: 'waiting', attempts: 0 });
  expect(readdirSync(folder)).toHaveLength(2);
});

test('an address inside a network that is not allowed is refused', async () => {
  const id = await granted();
  const s3 = { kind: 's3', bucket: 'abc', accessKey: 'a', secretKey: 'b' };
  for (const host of ['10.1.2.3', '[::ffff:192.168.1.1]', '169.254.169.254'])
    expect(await code(target(id, { ...s3, endpoint: `http://${host}/` }))).toBe('network.inside');
  expect(
    await code(
      target(id, {
        kind: 'database',
        engine: 'postgres',
        host: '192.168.0.9',
        port: 5432,
        database: 'a',
        user: 'b',
        password: 'c',
        table: 't',
      }),
    ),
  ).toBe('network.inside');
});
