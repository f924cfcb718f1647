import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchangeTables } from '../exchange/index.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import type { ErasureWork } from '../platform/personal.ts';
import { erasureDuties, type SharingPorts } from '../sharing/index.ts';
import { gatewayHolder } from './erase.ts';
import { type GatewayBench, gatewayBench, gatewayMigrations } from './testing.ts';

const work: ErasureWork = {
  subject: { erasure: 5, norm: 'n', citizen: ['c~mine'], own: [] },
  ...{ plain: [], names: ['王小3'], at: new Date('2026-03-05T00:00:00Z'), signal: new AbortController().signal },
};
let store: TestDb;
let g: GatewayBench;
beforeAll(async () => {
  store = await testStore(gatewayMigrations);
  g = await gatewayBench(store.db);
  await g.b.ports.lake.define(exchangeTables);
}, 60_000);
afterAll(async () => {
  await g.end();
  await store.end();
});

type Json = { records: Record<string, unknown>[]; record: Record<string, unknown>; count: number };
const json = async (r: Response) => (await r.json()) as Json;

test('served tables go on without the records, each recipient that called is told its own numbers, other rows are the same', async () => {
  const { lake } = g.b.ports;
  const [called, silent] = [await g.grant(), await g.grant({ items: ['permit_no', 'contact'] })];
  const token = await g.token(await g.client());
  const tables = async () =>
    (
      await lake.query<{ name: string }>(
        "SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'gw' AND regexp_matches(table_name, '^s[0-9]+_') ORDER BY 1",
      )
    ).map((t) => t.name);
  const rowsOf = async () => {
    const all: string[] = [];
    for (const t of await tables())
      for (const r of await lake.query<{ r: string }>(`SELECT to_json(t)::VARCHAR AS r FROM gw."${t}" t ORDER BY _n`))
        all.push(`${t} ${r.r}`);
    return all;
  };
  const [mine] = (await json(await g.get(`${called}/lookup?permit_no=P3`, token))).records;
  // A table that served before these stands by for calls that still read it.
  const name = (await tables()).find((t) => t.startsWith(`s${called}_`))!;
  await lake.write('gateway', (s) => s.run(`CREATE TABLE gw.s${called}_before AS FROM gw."${name}"`));
  await lake.write('test', (s) =>
    s.run(`INSERT INTO ex.subject_row SELECT 5, 'scjg.permit', 11, 7, 3, (7::BIGINT << 32) + 3, 'accepted', true, []`),
  );
  const before = await rowsOf();
  expect(before.filter((r) => r.includes('王小3"')).length).toBe(3);
  const held = gatewayHolder(g.b.ports as SharingPorts, 15, () => g.gateway.usage.take());
  expect((await held.find(work.subject, work)).map((h) => [h.place, h.count, h.action])).toEqual([
    [`served:${called}`, 1, 'delete'],
    [`served:${silent}`, 1, 'delete'],
  ]);
  expect(await rowsOf()).toEqual(before);

  const { done } = await held.erase(work);
  expect(done.map((d) => [d.place, d.count])).toEqual([
    [`served:${called}`, 1],
    [`served:${silent}`, 1],
  ]);
  expect(await rowsOf()).toEqual(before.filter((r) => !r.includes('王小3"') && !r.includes('_before ')));
  // The recipient that was answered is told the number that its own copies have; the one that never called is not.
  const duties = await erasureDuties(store.db.kysely, { erasure: 5 });
  expect(duties.map((d) => [d.share, d.records])).toEqual([[called, [mine!._record]]]);
  // Calls go on at once, by key and by number, and do not find the person.
  expect((await g.get(`${called}/lookup?permit_no=P3`, token)).status).toBe(404);
  expect((await g.get(`${called}/records/${mine!._record}`, token)).status).toBe(404);
  expect((await json(await g.get(`${called}/lookup?permit_no=P4`, token))).records).toMatchObject([
    { contact: '王小4' },
  ]);
  // Made anew from what is there once the row is gone.
  await lake.write('test', (s) => s.run("DELETE FROM f.permit WHERE permit_no = 'P3'"));
  await g.gateway.services.refresh();
  expect((await json(await g.get(`${called}/count`, token))).count).toBe(19);
  expect((await rowsOf()).some((r) => r.includes('王小3"'))).toBe(false);
  expect((await held.erase(work)).done).toEqual([]);
}, 120_000);
