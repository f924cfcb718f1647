/**
 * The data folder of each version that was given out (`*.pack`, made by make.ts) opens in this one: whole, provable, and its people sign in with
 * the passwords that they have.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../hub/src/config.ts';
import {
  type App,
  checkLake,
  checkSealed,
  createApp,
  migrate,
  migrationSets,
  restoreRows,
} from '../../hub/src/index.ts';
import { openDuckDbLake } from '../../hub/src/platform/lake/index.ts';
import { silentLogger } from '../../hub/src/platform/log/index.ts';
import { unpack } from './pack.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const packs = readdirSync(here).filter((name) => name.endsWith('.pack'));

interface Head {
  tables: { schema: string; table: string; rows: number }[];
}

/** The migrations that the older version had: those files and no others, unchanged, or its rows could not be loaded. */
function olderMigrations(rows: string, to: string): { room: string; folder: string }[] {
  const had = readFileSync(join(rows, 'platform.migration.ndjson'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { room: string; name: string });
  return migrationSets().map(({ room, folder }) => {
    const own = join(to, room);
    mkdirSync(own, { recursive: true });
    for (const m of had) if (m.room === room) symlinkSync(join(folder, m.name), join(own, m.name));
    return { room, folder: own };
  });
}

test('there is a data folder of an older version to try', () => {
  expect(packs.length).toBeGreaterThan(0);
});

describe.each(packs)('the data folder of %s', (name) => {
  const root = mkdtempSync(join(tmpdir(), 'jingwei-upgrade-'));
  const data = join(root, 'data');
  let app: App;
  let before: Head['tables'];
  const lakeBefore = new Map<string, number>();

  beforeAll(async () => {
    await unpack(join(here, name), data);
    before = (JSON.parse(readFileSync(join(data, 'rows', 'tables.json'), 'utf8')) as Head).tables;
    const sets = olderMigrations(join(data, 'rows'), join(root, 'migrations'));
    await restoreRows(data, { folder: data }, (db) => migrate(db, sets));
    rmSync(join(data, 'rows'), { recursive: true });
    // Marks of a demonstration whose city was made already.
    writeFileSync(join(data, 'demo'), '');
    const lake = await openDuckDbLake({ path: join(data, 'lake', 'lake.duckdb') });
    for (const { name: table } of await lake.query<{ name: string }>(
      "SELECT schema_name || '.\"' || table_name || '\"' AS name FROM duckdb_tables() WHERE NOT temporary",
    ))
      lakeBefore.set(table, (await lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))!.n);
    await lake.close();
    const config = loadConfig({
      ...{ env: {}, cwd: root },
      overrides: {
        ...{ dataFolder: data, 'http.port': 0, 'sensing.mqttPort': 0, 'lake.memoryMiB': 1024, 'lake.threads': 1 },
        ...{ 'demo.enabled': true, 'demo.rows': 0, 'demo.pace': 0, 'seal.signing': false },
      },
    });
    app = await createApp(config, { logger: silentLogger() });
  }, 300_000);
  afterAll(async () => {
    await app?.close();
    rmSync(root, { recursive: true, force: true });
  }, 120_000);

  test('keeps every row of its store and of its lake', async () => {
    const passing = new Set(['platform.job', 'jobs.job', 'auth.session', 'auth.attempt']);
    const gone: string[] = [];
    for (const { schema, table, rows } of before) {
      if (rows === 0 || passing.has(`${schema}.${table}`)) continue;
      const [now] = await app.db.query<{ n: number }>(`SELECT count(*)::int AS n FROM "${schema}"."${table}"`);
      if (now!.n < rows) gone.push(`${schema}.${table}: ${now!.n} of ${rows}`);
    }
    for (const [table, rows] of lakeBefore) {
      const now = await app.lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${table}`);
      if (now!.n < rows) gone.push(`${table}: ${now!.n} of ${rows}`);
    }
    expect(gone).toEqual([]);
    expect([...lakeBefore.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(10_000);
  });

  test('still proves what it received, and its seals hold', async () => {
    const received = await checkLake(app, { trees: true });
    expect(received.problems.map(String)).toEqual([]);
    expect(received.rows).toBeGreaterThan(1_000);
    const sealed = await checkSealed(app, { mend: false });
    expect(sealed.problems.map(String)).toEqual([]);
    expect(sealed.seals).toBeGreaterThan(100);
  });

  test('lets its people in with their passwords, and every page of theirs has its answers', async () => {
    const json = { 'content-type': 'application/json' };
    const signed = await fetch(`${app.url}/api/v1/session`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ login: 'steward', password: 'Warp-and-Weft-2026' }),
    });
    expect(signed.status).toBe(201);
    const cookie = signed.headers.getSetCookie()[0]!.split(';')[0]!;
    const api = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as {
      paths: Record<string, { get?: { parameters?: { in: string; required?: boolean }[] } }>;
    };
    const failed: string[] = [];
    let answered = 0;
    for (const [path, { get }] of Object.entries(api.paths)) {
      if (!get || get.parameters?.some((p) => p.required) || path.includes('{') || /stream|live|follow/.test(path))
        continue;
      const end = AbortSignal.timeout(20_000);
      const answer = await fetch(app.url + path, { headers: { cookie }, signal: end, redirect: 'manual' });
      if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await answer.body?.cancel();
      else await answer.arrayBuffer();
      if (answer.status >= 500) failed.push(`${path}: ${answer.status}`);
      if (answer.ok) answered += 1;
    }
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(80);
    const persons = await fetch(`${app.url}/api/v1/libraries/base`, { headers: { cookie } });
    const { libraries } = (await persons.json()) as { libraries: { library: string; entities: number }[] };
    expect(libraries.find((l) => l.library === 'building')?.entities).toBeGreaterThan(100);
  }, 120_000);
});
