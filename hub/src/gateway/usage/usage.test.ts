import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { silentLogger } from '../../platform/log/index.ts';
import { gatewayTables } from '../tables.ts';
import { type Call, Journal } from './journal.ts';
import { UsageStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'jingwei-journal-'));
const clock = new ManualClock('2026-11-30T15:59:00Z');
const call = (id: string, over: Partial<Call> = {}): Call => ({
  ...{ at: clock.now().toISOString(), id, share: 1, client: 'c', requester: 'a', provider: 'b', operation: 'record' },
  ...{ sandbox: false, key: null, fields: null, units: 1, rows: 1, status: 200, problem: null, ms: 1, purpose: null },
  ...over,
});
let lake: Lake;
beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define(gatewayTables);
});
afterAll(async () => {
  await lake.close();
  rmSync(folder, { recursive: true, force: true });
});
const audits: { action: string }[] = [];
const store = (journal: Journal) =>
  new UsageStore({ lake, clock, log: silentLogger(), audit: { append: async (e) => void audits.push(e) } }, journal);
const ids = async () => (await lake.query<{ id: string }>('SELECT id FROM gw.usage ORDER BY id')).map((r) => r.id);

test('every call that a killed process had answered is in the records after the next start', async () => {
  const own = join(folder, 'killed');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./fixtures/journal-child.ts', import.meta.url)), own],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const answered: string[] = [];
  let text = '';
  const ended = new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)));
  child.stdout.on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop()!;
    answered.push(...lines);
    if (answered.length > 2000) child.kill('SIGKILL');
  });
  expect(await ended).toBe('SIGKILL');
  const journal = new Journal(own);
  const usage = store(journal);
  await usage.start(1e9);
  const kept = new Set(await ids());
  expect(answered.filter((id) => !kept.has(id))).toEqual([]);
  expect(readdirSync(own)).toEqual([]);
  await usage.stop();
  await lake.write('gateway-usage', (s) => s.run('DELETE FROM gw.usage_2026_11'));
});

test('a segment that was taken but not removed is not taken twice, and half a line was never answered', async () => {
  const own = join(folder, 'twice');
  const journal = new Journal(own);
  const usage = store(journal);
  await usage.start(1e9);
  await Promise.all(['1', '2', '3'].map((id) => journal.add(call(id))));
  const { remove } = journal;
  journal.remove = async () => {
    throw new Error('killed');
  };
  await expect(usage.take()).rejects.toThrow('killed');
  journal.remove = remove;
  writeFileSync(join(own, '0-broken.ndjson'), `${JSON.stringify(call('4'))}\n{"at":"2026`);
  await usage.take();
  expect(await ids()).toEqual(['1', '2', '3', '4']);
  await usage.stop();
});

test('records go into the table of their month in the city, days end at its midnight, and sums stay what they were', async () => {
  const journal = new Journal(join(folder, 'months'));
  const usage = store(journal);
  await usage.start(1e9);
  await journal.add(call('late', { rows: 5 }));
  clock.advance(120_000);
  await journal.add(call('next', { status: 404, rows: 0 }));
  await usage.take();
  const tables = await lake.query<{ n: string }>(
    `SELECT table_name AS n FROM duckdb_tables() WHERE starts_with(table_name, 'usage_') ORDER BY 1`,
  );
  expect(tables.map((t) => t.n)).toEqual(['usage_2026_11', 'usage_2026_12']);
  const days = await usage.sums<{ day: string; calls: number; rows: number }>(
    `day::VARCHAR AS day, sum(calls)::INTEGER AS calls, sum(rows)::INTEGER AS rows`,
    'true',
    {},
    'GROUP BY day ORDER BY day',
  );
  expect(days).toEqual([
    { day: '2026-11-30', calls: 5, rows: 9 },
    { day: '2026-12-01', calls: 1, rows: 0 },
  ]);
  expect(audits.map((a) => a.action)).toEqual(['gateway.day']);
  expect(Number((await lake.first<{ n: number }>('SELECT count(*) AS n FROM gw.day'))!.n)).toBe(1);
  await usage.stop();
});

test('a disk that refuses is told to whoever waits, and the next record goes into a segment of its own', async () => {
  const own = join(folder, 'full');
  const journal = new Journal(own);
  await journal.add(call('before'));
  const inner = journal as unknown as { add: Journal['add'] };
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  expect(() => inner.add(circular as unknown as Call)).toThrow();
  rmSync(own, { recursive: true, force: true });
  await journal.turn();
  await expect(journal.add(call('lost'))).rejects.toThrow();
});
