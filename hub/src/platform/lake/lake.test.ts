import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../problem.ts';
import { type Lake, openDuckDbLake } from './index.ts';

let folder: string;
let lake: Lake;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-lake-'));
  lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb') });
});
afterEach(async () => {
  await lake.close();
  rmSync(folder, { recursive: true });
});

test('values come back as exact JavaScript values', async () => {
  const row = await lake.first(
    `SELECT 1::BIGINT AS i, 9007199254740993::BIGINT AS big, 12.50::DECIMAL(18,2) AS d, DATE '2024-02-29' AS day,
            TIMESTAMP '2024-01-02 03:04:05' AS at, '\\x01\\x02'::BLOB AS b, [1,2] AS l, {'a': 1} AS s, NULL AS n`,
  );
  expect(row).toEqual({
    i: 1,
    big: 9007199254740993n,
    d: '12.50',
    day: '2024-02-29',
    at: '2024-01-02T03:04:05.000Z',
    b: new Uint8Array([1, 2]),
    l: [1, 2],
    s: { a: 1 },
    n: null,
  });
});

test('parameters are bound by name, lists and bytes among them', async () => {
  const row = await lake.first('SELECT $a || $b AS t, list_contains($l, $a) AS has, octet_length($x) AS n', {
    a: '经',
    b: '纬',
    l: ['经', 'x'],
    x: new Uint8Array(3),
  });
  expect(row).toEqual({ t: '经纬', has: true, n: 3 });
});

test('a transaction that throws leaves nothing behind', async () => {
  await lake.define(['CREATE TABLE t (a INTEGER, b VARCHAR)']);
  await expect(
    lake.write('t', async (s) => {
      await s.append('t', [[1, 'x']]);
      throw new Error('stop');
    }),
  ).rejects.toThrow('stop');
  expect(await lake.query('SELECT * FROM t')).toEqual([]);
});

test('writers of one lane wait for each other and none is lost', async () => {
  await lake.define(['CREATE TABLE n (v INTEGER)', 'INSERT INTO n VALUES (0)']);
  await Promise.all(
    Array.from({ length: 20 }, () =>
      lake.write('n', async (s) => {
        await s.run('UPDATE n SET v = v + 1');
      }),
    ),
  );
  expect(await lake.first('SELECT v FROM n')).toEqual({ v: 20 });
});

test('append writes typed values and nulls in batches', async () => {
  await lake.define(['CREATE SCHEMA x', 'CREATE TABLE x.t (a INTEGER, b VARCHAR, c BIGINT, d BLOB)']);
  const n = await lake.write('x', (s) =>
    s.append(
      'x.t',
      (function* () {
        for (let i = 0; i < 5000; i++) yield [i, i % 7 === 0 ? null : `r${i}`, BigInt(i), new Uint8Array([i & 255])];
      })(),
    ),
  );
  expect(n).toBe(5000);
  expect(await lake.first('SELECT count(*) AS n, count(b) AS b, sum(a) AS s FROM x.t')).toEqual({
    n: 5000,
    b: 4285,
    s: 12497500,
  });
});

test('a stream answers all rows in batches', async () => {
  let n = 0;
  for await (const rows of lake.stream('SELECT i FROM range(10000) r(i)')) n += rows.length;
  expect(n).toBe(10000);
});

test('steps are timed one by one', async () => {
  const timings = await lake.session((s) =>
    s.steps([
      { name: 'make', sql: 'CREATE TEMP TABLE a AS SELECT * FROM range(10)' },
      { name: 'drop', sql: 'DROP TABLE a' },
    ]),
  );
  expect(timings.map((t) => t.name)).toEqual(['make', 'drop']);
});

test('an engine that is bound to one folder reaches no other file, and nobody takes that back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bound-'));
  const bound = await openDuckDbLake({ path: ':memory:', only: join(folder, 'own') });
  try {
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own', 'a.csv'), 'k\n1\n');
    writeFileSync(join(folder, 'b.csv'), 'k\n1\n');
    expect(await bound.first(`SELECT k FROM read_csv('${folder}/own/a.csv')`)).toEqual({ k: 1 });
    for (const sql of [
      `FROM read_csv('${folder}/b.csv')`,
      `FROM read_text('${folder}/own/../b.csv')`,
      `COPY (SELECT 1) TO '${folder}/c.csv'`,
      `ATTACH '${folder}/d.duckdb'`,
      'SET enable_external_access = true',
      "SET allowed_directories = ['/']",
    ])
      await expect(bound.query(sql), sql).rejects.toThrow();
  } finally {
    await bound.close();
    rmSync(folder, { recursive: true });
  }
});

test('bulk steps answer the same while many look things up, in a transaction, with parameters and with errors', async () => {
  const work = (how: string) =>
    lake.write('bulk', (s) =>
      s.steps([
        {
          name: 'two statements',
          sql: `CREATE TABLE ${how} AS SELECT range AS n FROM range(300000); CREATE TEMP TABLE t AS SELECT 1`,
        },
        { name: 'with a parameter', sql: `DELETE FROM ${how} WHERE n % $by = 0`, params: { by: 3 } },
      ]),
    );
  const alone = await work('alone');
  for (let i = 0; i < 40; i++) await lake.query('SELECT 1 AS one');
  const beside = await work('beside');
  expect(beside.map((t) => [t.name, t.rows])).toEqual(alone.map((t) => [t.name, t.rows]));
  expect(beside[1]!.rows).toBe(100_000);
  expect(await lake.first('SELECT (SELECT sum(n) FROM alone) = (SELECT sum(n) FROM beside) AS same')).toEqual({
    same: true,
  });
  const failing = lake.write('bulk', (s) =>
    s.steps([
      { name: 'done', sql: 'DELETE FROM beside' },
      { name: 'wrong', sql: "SELECT sum(CAST('a' || n AS INTEGER)) FROM alone" },
    ]),
  );
  await expect(failing).rejects.toThrow(/Conversion/);
  expect(await lake.first('SELECT count(*) AS n FROM beside')).toEqual({ n: 200_000 });
});

test('a bulk step beside look-ups can be interrupted', async () => {
  for (let i = 0; i < 40; i++) await lake.query('SELECT 1 AS one');
  const stopped = lake.write('bulk', (s) => {
    setTimeout(() => s.interrupt(), 100);
    return s.steps([
      {
        name: 'long',
        sql: 'CREATE TEMP TABLE x AS SELECT count(*) FROM range(100000) a, range(10000000) b WHERE a.range <> b.range',
      },
    ]);
  });
  await expect(stopped).rejects.toThrow(/[Ii]nterrupt/);
});

test('what needs more memory than the lake may have is a problem with the setting, and the lake goes on', async () => {
  const small = await openDuckDbLake({ path: ':memory:', memoryMiB: 64, threads: 1 });
  const much = 'SELECT list(i::VARCHAR || repeat($x, 100)) AS all FROM range(2000000) t(i)';
  const told = await small.query(much, { x: '经' }).catch((error: Problem) => error.toJSON());
  expect(told).toMatchObject({ code: 'lake.memory', status: 503, title: { en: expect.stringContaining('64 MiB') } });
  expect(await small.first('SELECT 1 AS one')).toEqual({ one: 1 });
  await small.close();
});
