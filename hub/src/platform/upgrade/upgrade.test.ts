import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { type Db, openDb } from '../db/index.ts';
import { freshPgliteFolder, postgresExpected, testPostgres } from '../db/testing.ts';
import { type Lake, openDuckDbLake } from '../lake/index.ts';
import { Problem } from '../problem.ts';
import { filesOf, newer, older, standing, start, type Version } from './testing.ts';

/** A data folder on one of the engines, that can be closed and opened again. */
interface Data {
  folder: string;
  url: string | undefined;
  db: Db;
  lake: Lake;
  open(): Promise<void>;
  close(): Promise<void>;
  end(): Promise<void>;
}

async function data(engine: 'PGlite' | 'PostgreSQL'): Promise<Data> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-upgraded-'));
  const server = engine === 'PostgreSQL' ? await testPostgres() : undefined;
  if (!server) {
    const fresh = await freshPgliteFolder();
    cpSync(fresh, join(folder, 'pg'), { recursive: true });
    rmSync(fresh, { recursive: true });
  }
  const d = { folder, url: server?.url } as Data;
  d.open = async () => {
    d.db = await openDb(
      server ? { kind: 'postgres', url: server.url } : { kind: 'pglite', folder: join(folder, 'pg') },
    );
    d.lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb') });
  };
  d.close = async () => {
    await d.db.close();
    await d.lake.close();
  };
  d.end = async () => {
    await d.close();
    await server?.end();
    rmSync(folder, { recursive: true, force: true });
  };
  await d.open();
  return d;
}

const clock = new ManualClock();
const run = (v: Version, d: Data, before?: (i: number) => void) =>
  start(v, filesOf(v, d.folder), { db: d.db, lake: d.lake, folder: d.folder, clock }, before);
/** The older version's data with rows in both stores. */
async function olderData(engine: 'PGlite' | 'PostgreSQL'): Promise<Data> {
  const d = await data(engine);
  await run(older, d);
  await d.db.query("INSERT INTO town.thing SELECT n, 'word ' || n FROM generate_series(1, 500) AS n");
  await d.lake.write('t', (s) => s.run('INSERT INTO town.reading SELECT i, i / 7 FROM range(5000) t(i)'));
  return d;
}
const codeOf = (error: unknown) => (error instanceof Problem ? error.kind.code : String(error));
const refusal = (work: Promise<unknown>) => work.then(() => 'nothing was refused', codeOf);

const engines = ['PGlite' as const, ...(postgresExpected() ? ['PostgreSQL' as const] : [])];
describe.each(engines)('an upgrade on %s', (engine) => {
  let d: Data | undefined;
  afterEach(async () => {
    await d?.end();
    d = undefined;
  });

  test('brings both stores to the new version with every row; an older version refuses them with what is to be done', {
    timeout: 60_000,
  }, async () => {
    d = await olderData(engine);
    expect(await run(newer, d)).toMatchObject({
      applied: expect.arrayContaining(['town/2026-02-03-other.sql']),
      lakeFrom: 1,
      lakeForm: 2,
    });
    expect(await d.db.query('SELECT count(*)::int AS n, count(name)::int AS named FROM town.thing')).toEqual([
      { n: 500, named: 500 },
    ]);
    expect(await d.lake.first('SELECT count(*) AS n, sum(n) AS s, count(unit) AS u FROM town.reading')).toEqual({
      n: 5000,
      s: 12497500,
      u: 0,
    });
    expect(await run(newer, d)).toEqual({ applied: [], lakeFrom: 2, lakeForm: 2, fresh: false });
    expect(
      await d.db.query('SELECT version, lake_from, lake_form, migrations FROM upgrade.release ORDER BY id'),
    ).toEqual([
      { version: '1.0.0', lake_from: null, lake_form: 1, migrations: 2 },
      { version: '2.0.0', lake_from: 1, lake_form: 2, migrations: 3 },
    ]);

    // An older version refuses the newer data with what is to be done, and changes nothing.
    const before = await standing2(d);
    // Where the store says so, where only the lake does, and where only the store does.
    expect(await refusal(run(older, d))).toBe('upgrade.lake-newer');
    expect(await refusal(run({ ...newer, form: 1 }, d))).toBe('upgrade.lake-newer');
    expect(await refusal(run({ ...older, form: 2 }, d))).toBe('db.migration-missing');
    expect(await standing2(d)).toBe(before);
    const problem = (await run(older, d).catch((e: unknown) => e)) as Problem;
    expect(problem.toJSON().title).toMatchObject({
      zh: expect.stringContaining('2.0.0'),
      en: expect.stringContaining('restore a backup'),
    });
  });

  test('whichever step fails, both stores are as they were, the older version opens them, and the mended one goes through', {
    timeout: 120_000,
  }, async () => {
    d = await olderData(engine);
    const before = await standing(d.db, d.lake);
    const names = Object.keys(newer.migrations).slice(1);
    const steps = [...newer.lake.map((_, i) => ({ lake: i })), ...names.map((name) => ({ name }))];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...steps), async (step) => {
        const broken = structuredClone(newer);
        // A statement that fails behind others of its file or of the lake.
        if ('lake' in step) broken.lake.splice(step.lake + 1, 0, 'INSERT INTO town.reading SELECT error($$broken$$)');
        else broken.migrations[step.name] += ' INSERT INTO town.thing SELECT 1 / 0, NULL;';
        const code = await refusal(run(broken, d!));
        expect(code).toBe('lake' in step ? 'upgrade.lake-failed' : 'db.migration-failed');
        expect(await standing(d!.db, d!.lake)).toBe(before);
        // The older version works on: it opens, reads and writes.
        expect((await run(older, d!)).applied).toEqual([]);
        await d!.db.query("INSERT INTO town.thing VALUES (-1, 'x')");
        await d!.lake.write('t', (s) => s.run('INSERT INTO town.reading VALUES (-1, 0)'));
        await d!.db.query('DELETE FROM town.thing WHERE n = -1');
        await d!.lake.write('t', (s) => s.run('DELETE FROM town.reading WHERE n = -1'));
      }),
      { numRuns: steps.length },
    );
    await d.close();
    await d.open();
    expect(await standing(d.db, d.lake)).toBe(before);
    // Without room on the disk nothing is begun; a start that has nothing to upgrade needs none.
    const ports = { db: d.db, lake: d.lake, folder: d.folder, clock, needed: Number.MAX_SAFE_INTEGER };
    expect(await refusal(start(newer, filesOf(newer, d.folder), ports))).toBe('upgrade.no-room');
    expect(await standing(d.db, d.lake)).toBe(before);
    expect((await start(older, filesOf(older, d.folder), ports)).applied).toEqual([]);
    expect((await run(newer, d)).applied).toHaveLength(3);
  });

  test('a kill at any moment leaves the older version’s data or what the newer one completes', {
    timeout: 180_000,
  }, async () => {
    d = await olderData(engine);
    const before = await standing(d.db, d.lake);
    for (const when of ['lake-3', 'migration', 'between', 'after']) {
      await d.close();
      await killed(d, when);
      await d.open();
      if (when === 'between') {
        // The store decided: the older version says so, and the newer one completes the lake.
        expect(await refusal(run(older, d)), when).toBe('db.migration-missing');
        expect(await run(newer, d), when).toMatchObject({ applied: [], lakeFrom: 1, lakeForm: 2 });
      } else if (when !== 'after') {
        expect(await standing(d.db, d.lake), when).toBe(before);
        expect((await run(older, d)).applied, when).toEqual([]);
      }
    }
    expect(await run(newer, d)).toMatchObject({ applied: [], lakeFrom: 2 });
    expect(await d.db.query('SELECT count(*)::int AS n, count(name)::int AS named FROM town.thing')).toEqual([
      { n: 500, named: 500 },
    ]);
    expect(await d.lake.first('SELECT count(*) AS n, sum(n) AS s FROM town.reading')).toEqual({ n: 5000, s: 12497500 });
  });
});

/** The newer version's standing: its columns have other names. */
const standing2 = async (d: Data): Promise<string> =>
  JSON.stringify([
    await d.db.query('SELECT * FROM town.thing ORDER BY n'),
    await d.db.query('SELECT room, name FROM platform.migration ORDER BY 1, 2'),
    await d.lake.query('SELECT * FROM town.reading ORDER BY n'),
    await d.lake.query('SELECT * FROM platform.form'),
  ]);

/** Lets a process upgrade the data and dies with it, or kills it while it migrates. */
async function killed(d: Data, when: string): Promise<void> {
  const child = fileURLToPath(new URL('./fixtures/upgrade-child.ts', import.meta.url));
  const args = ['--import', 'tsx', child, d.folder, when, ...(d.url ? [d.url] : [])];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process_.stdout.once('data', () => process_.kill('SIGKILL'));
  const signal = await new Promise((resolve) => process_.on('close', (_, s) => resolve(s)));
  expect(signal, when).toBe('SIGKILL');
}
