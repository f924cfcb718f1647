import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDb } from '../db/index.ts';
import { describeDb, freshPgliteFolder } from '../db/testing.ts';
import { type Lake, openDuckDbLake } from '../lake/index.ts';
import { silentLogger } from '../log/index.ts';
import { Mirrors } from './index.ts';
import { rain, rainSets } from './testing.ts';

const log = silentLogger();
const shown = (lake: Lake) => lake.query('SELECT * FROM v.rain_gauge_v1 ORDER BY id');
const truth = async (db: Db) =>
  (
    await db.query<{ at: Date }>(`SELECT id, label, mm, at, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, notes, open
      FROM rain.shown ORDER BY id`)
  ).map((r) => ({ ...r, at: r.at.toISOString() }));

describeDb('mirrors', rainSets, (db) => {
  let lake: Lake;
  let mirrors: Mirrors;
  beforeAll(async () => {
    lake = await openDuckDbLake({ path: ':memory:', threads: 1, memoryMiB: 256 });
    await db().query(
      `INSERT INTO rain.gauge SELECT i, '站' || i, i / 2.0, '2026-11-20T16:30:00Z', NULL FROM generate_series(1, 50) i`,
    );
    mirrors = new Mirrors({ db: db(), lake, log }, [rain]);
    await mirrors.define();
    await mirrors.rebuild('rain_gauge');
  });
  afterAll(() => lake.close());

  test('what stood there before is shown, and every change follows', async () => {
    expect(await shown(lake)).toEqual(await truth(db()));
    await db().query(`UPDATE rain.gauge SET mm = 99.25, open = true, label = '"引号"、\\ 与 \n' WHERE id = 3`);
    await db().query('DELETE FROM rain.gauge WHERE id = 4');
    await db().query('UPDATE rain.gauge SET id = 400 WHERE id = 5');
    await db().query(`INSERT INTO rain.note (gauge, said) VALUES (6, '漏'), (6, '已修'), (7, 'x')`);
    await db().query('UPDATE rain.note SET gauge = 8 WHERE gauge = 7');
    expect(await mirrors.drain()).toBeGreaterThan(0);
    expect(await shown(lake)).toEqual(await truth(db()));
    expect(await lake.first('SELECT day, notes FROM v.rain_gauge_v1 WHERE id = 6')).toEqual({
      day: '2026-11-21',
      notes: ['漏', '已修'],
    });
    expect(await mirrors.drain()).toBe(0);
    expect((await mirrors.states())[0]).toMatchObject({ rows: 49, waiting: 0, whole: true });
  });

  test('what was rolled back is not shown; several writers at once end as PostgreSQL holds it', async () => {
    await expect(
      db().tx(async (trx) => {
        await trx
          .insertInto('rain.gauge')
          .values({ id: 900, label: 'x', at: new Date(0) })
          .execute();
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        await db().query('UPDATE rain.gauge SET mm = coalesce(mm, 0) + $1 WHERE id % 3 = $2', [i, i % 3]);
        if (i % 4 === 0) await mirrors.drain();
      }),
    );
    await mirrors.drain();
    expect(await shown(lake)).toEqual(await truth(db()));
  });

  test('emptied at once, filled again, and another declaration makes the table anew', async () => {
    await db().query('TRUNCATE rain.gauge');
    await mirrors.drain();
    expect(await shown(lake)).toEqual([]);
    await db().query(
      `INSERT INTO rain.gauge SELECT i, 'n' || i, i, '2026-01-01T00:00:00Z', true FROM generate_series(1, 5000) i`,
    );
    await mirrors.drain();
    expect(await shown(lake)).toEqual(await truth(db()));
    const other = { ...rain, columns: rain.columns.slice(0, 2) };
    const later = new Mirrors({ db: db(), lake, log }, [other]);
    await later.define();
    expect((await later.states())[0]).toMatchObject({ rows: 0, whole: false });
    expect(await later.rebuild('rain_gauge')).toBe(5000);
    expect(await lake.first('SELECT * FROM v.rain_gauge_v1 WHERE id = 7')).toEqual({ id: 7, label: 'n7' });
    // A mirror that nobody declares any more leaves nothing that grows.
    await new Mirrors({ db: db(), lake, log }, []).define();
    await db().query('DELETE FROM rain.gauge WHERE id < 10');
    expect(await db().query('SELECT * FROM mirror.change')).toEqual([]);
  });
});

test('killed at any moment, the lake ends as PostgreSQL holds it', { timeout: 120_000 }, async () => {
  const pg = await freshPgliteFolder();
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-mirror-'));
  const writer = fileURLToPath(new URL('./fixtures/kill-writer.ts', import.meta.url));
  try {
    let heard = 0;
    let lines = 0;
    const child = spawn(process.execPath, ['--import', 'tsx', writer, pg, join(folder, 'lake.duckdb')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines += text.split('\n').length - 1;
      heard = Number(text.trimEnd().split('\n').at(-1)) || heard;
      if (lines >= 45) child.kill('SIGKILL');
    });
    expect(await new Promise((resolve) => child.on('close', (_, s) => resolve(s)))).toBe('SIGKILL');
    const db = await openDb({ kind: 'pglite', folder: pg });
    const lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb'), threads: 1, memoryMiB: 256 });
    const mirrors = new Mirrors({ db, lake, log }, [rain]);
    await mirrors.define();
    if (!(await mirrors.states())[0]!.whole) await mirrors.rebuild('rain_gauge');
    await mirrors.drain();
    const rows = await truth(db);
    expect(rows.length).toBeGreaterThan(30);
    expect(Number((rows.at(-1) as unknown as { id: number }).id)).toBeGreaterThanOrEqual(heard);
    expect(await shown(lake)).toEqual(rows);
    await db.close();
    await lake.close();
  } finally {
    rmSync(pg, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
});
