import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { migrate, openDb } from './index.ts';
import { describeDb, postgresExpected, testPostgres } from './testing.ts';
import { encode, parseArray } from './values.ts';

const fixture = (room: string) => ({ room, folder: fileURLToPath(new URL(`./fixtures/${room}`, import.meta.url)) });
const rooms = [fixture('first'), fixture('second')];

describeDb('the operational store', rooms, (db) => {
  test('values come back as the same JavaScript values', async () => {
    const [row] = await db().query(
      `SELECT 1::bigint AS i, 9007199254740993::bigint AS big, 7::smallint AS small, 1.5::float8 AS f, 12.50::numeric AS n,
        DATE '2024-02-29' AS day, TIMESTAMPTZ '2024-01-02 03:04:05.678+08' AS at, TIMESTAMP '2024-01-02 03:04:05' AS ts,
        '\\x0102'::bytea AS b, INTERVAL '1 day 2 hours' AS gap, true AS yes, '{"a":[1,null]}'::jsonb AS j, NULL::text AS none,
        ARRAY[1,2]::bigint[] AS ints, ARRAY['a"b\\','c,d','NULL',NULL,''] AS texts, ARRAY[DATE '2020-01-01'] AS days,
        ARRAY[[1,2],[3,4]] AS nested, '00000000-0000-0000-0000-000000000001'::uuid AS id,
        (SELECT count(*) FROM (VALUES (1), (2)) t(x)) AS n2`,
    );
    expect(row).toEqual({
      i: 1,
      big: 9007199254740993n,
      small: 7,
      f: 1.5,
      n: '12.50',
      day: '2024-02-29',
      at: new Date('2024-01-01T19:04:05.678Z'),
      ts: new Date('2024-01-02T03:04:05Z'),
      b: new Uint8Array([1, 2]),
      gap: '1 day 02:00:00',
      yes: true,
      j: { a: [1, null] },
      none: null,
      ints: [1, 2],
      texts: ['a"b\\', 'c,d', 'NULL', null, ''],
      days: ['2020-01-01'],
      nested: [
        [1, 2],
        [3, 4],
      ],
      id: '00000000-0000-0000-0000-000000000001',
      n2: 2,
    });
  });

  test('parameters arrive as the values that were given', async () => {
    const [row] = await db().query(
      `SELECT $1::int AS i, $2::boolean AS b, $3::bytea AS bytes, $4::jsonb AS j, $5::timestamptz AS at, $6::text[] AS l,
        $7::numeric AS n, $8::date AS d, $9::bigint AS big, $10::text AS none, $11::text AS t`,
      [
        1,
        false,
        new Uint8Array([0, 255]),
        { x: ['"'] },
        new Date(5),
        ['a', 'b"\\', null],
        '1.20',
        '2020-02-02',
        2n ** 60n,
        null,
        '经纬\n',
      ],
    );
    expect(row).toEqual({
      i: 1,
      b: false,
      bytes: new Uint8Array([0, 255]),
      j: { x: ['"'] },
      at: new Date(5),
      l: ['a', 'b"\\', null],
      n: '1.20',
      d: '2020-02-02',
      big: 2n ** 60n,
      none: null,
      t: '经纬\n',
    });
  });

  test('any texts survive the way there and back', async () => {
    const words = fc.array(
      fc.string({ unit: 'grapheme' }).map((s) => s.replaceAll('\0', '')),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(words, async (list) => {
        const [row] = await db().query<{ l: string[]; j: unknown }>('SELECT $1::text[] AS l, $2::jsonb AS j', [
          list,
          JSON.stringify(list),
        ]);
        expect(row).toEqual({ l: list, j: list });
      }),
      { numRuns: 30 },
    );
  });

  test('a transaction that throws leaves nothing behind', async () => {
    const before = await db().query('SELECT * FROM first.book');
    await expect(
      db().tx(async (trx) => {
        await trx.insertInto('first.book').values({ title: 'lost' }).execute();
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    expect(await db().query('SELECT * FROM first.book')).toEqual(before);
  });

  test('transactions side by side do not mix', async () => {
    await db().query('CREATE TABLE first.mixed (v int)');
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        db().tx(async (trx) => {
          await trx.insertInto('first.mixed').values({ v: i }).execute();
          await sql`SELECT 1`.execute(trx);
          if (i % 2) throw new Error('odd');
        }),
      ),
    );
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(10);
    const rows = await db().query<{ v: number }>('SELECT v FROM first.mixed ORDER BY v');
    expect(rows.map((r) => r.v)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });

  test('the outer handle inside a transaction is refused instead of waiting for ever', async () => {
    await expect(db().tx(() => db().query('SELECT 1'))).rejects.toThrow('handle that tx() gives');
    await expect(db().tx(() => db().kysely.selectFrom('first.book').selectAll().execute())).rejects.toThrow('handle');
    await expect(db().tx(() => db().tx(async () => 1))).rejects.toThrow('transaction inside');
    expect(await db().query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a broken rule of a table is an error with its SQLSTATE and constraint', async () => {
    const twice = db().query("INSERT INTO first.book (title) VALUES ('经')");
    await expect(twice).rejects.toMatchObject({ code: '23505', constraint: 'book_title_key' });
    expect(await db().query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('an embedded engine tells what it holds in memory; a server holds nothing of this process', async () => {
    const memory = await db().memory();
    if (db().kind === 'postgres') expect(memory).toBeUndefined();
    else expect(memory).toMatchObject({ database: expect.any(Number), heap: expect.any(Number) });
    if (memory) expect(Math.min(memory.database, memory.heap)).toBeGreaterThan(1_000_000);
  });

  test('Kysely builds, returns and counts', async () => {
    const k = db().kysely;
    const made = await k
      .insertInto('first.book')
      .values({ title: '新' })
      .returning(['title'])
      .executeTakeFirstOrThrow();
    expect(made).toEqual({ title: '新' });
    const changed = await k.updateTable('first.book').set({ title: '旧' }).where('title', '=', '新').executeTakeFirst();
    expect(changed.numUpdatedRows).toBe(1n);
    const gone = await k.deleteFrom('first.book').where('title', '=', '旧').executeTakeFirst();
    expect(gone.numDeletedRows).toBe(1n);
  });

  test('migrations were applied once, in order, and are recorded', async () => {
    expect(await migrate(db(), rooms)).toEqual([]);
    const rows = await db().query('SELECT room, name FROM platform.migration ORDER BY name, room');
    expect(rows).toEqual([
      { room: 'first', name: '2026-01-01-book.sql' },
      { room: 'second', name: '2026-01-01-loan.sql' },
      { room: 'second', name: '2026-01-02-note.sql' },
    ]);
  });

  test('a changed, a vanished, a misnamed and a faulty migration are each said clearly, and nothing is left behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jingwei-migrations-'));
    const code = (set: { room: string; folder: string }) =>
      migrate(db(), [set]).then(
        () => 'none',
        (e: Problem) => e.kind.code,
      );
    try {
      cpSync(fixture('first').folder, folder, { recursive: true });
      writeFileSync(join(folder, '2026-01-01-book.sql'), 'SELECT 1');
      expect(await code({ room: 'first', folder })).toBe('db.migration-changed');
      rmSync(join(folder, '2026-01-01-book.sql'));
      expect(await code({ room: 'first', folder })).toBe('db.migration-missing');
      writeFileSync(join(folder, '2026-01-05-x.sql'), 'CREATE TABLE third.a (v int); SELECT nonsense');
      expect(await code({ room: 'third', folder })).toBe('db.migration-failed');
      expect(await db().query("SELECT 1 FROM pg_namespace WHERE nspname = 'third'")).toEqual([]);
      // What came before the faulty one goes as well: the store is as the older version had it.
      writeFileSync(join(folder, '2026-01-04-x.sql'), 'CREATE TABLE third.fine (v int)');
      const faulty = await migrate(db(), [{ room: 'third', folder }]).catch((e: Problem) => e.params.name);
      expect(faulty).toBe('third/2026-01-05-x.sql');
      expect(await db().query("SELECT 1 FROM pg_namespace WHERE nspname = 'third'")).toEqual([]);
      expect(await db().query("SELECT 1 FROM platform.migration WHERE room = 'third'")).toEqual([]);
      writeFileSync(join(folder, 'x.sql'), 'SELECT 1');
      expect(await code({ room: 'third', folder })).toBe('db.migration-name');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('text forms', () => {
  test('an array that is encoded reads back as it was', () => {
    const leaf = fc.option(fc.string(), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.oneof(leaf, fc.array(leaf, { minLength: 1 }))), (list) => {
        expect(parseArray(encode(list)!, (t) => t)).toEqual(list);
      }),
    );
  });
});

test('a server that cannot be reached is a clear problem without the password', async () => {
  const open = openDb({ kind: 'postgres', url: 'postgres://u:topsecret@127.0.0.1:1/x' });
  const problem = await open.then(
    () => undefined,
    (e: Problem) => e,
  );
  expect(problem).toBeInstanceOf(Problem);
  expect(problem!.kind.code).toBe('db.unreachable');
  expect(JSON.stringify(problem)).not.toContain('topsecret');
});

if (postgresExpected()) {
  test('a session that the server ends is an error of its transaction, and the next one works', async () => {
    const { db, end } = await testPostgres();
    try {
      const cut = db.tx(async (trx) => {
        const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(trx);
        const kill = sql`SELECT pg_terminate_backend(${rows[0]!.pid})`.execute(trx);
        await kill.catch(() => undefined);
        await sql`SELECT 1`.execute(trx);
      });
      await expect(cut).rejects.toThrow();
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(await db.tx(async (trx) => (await sql`SELECT 2 AS two`.execute(trx)).rows)).toEqual([{ two: 2 }]);
    } finally {
      await end();
    }
  });

  test('two hubs that start on one server migrate it once', async () => {
    const { db, url, end } = await testPostgres();
    const second = await openDb({ kind: 'postgres', url });
    try {
      const applied = await Promise.all([migrate(db, rooms), migrate(second, rooms)]);
      expect(applied.flat().sort()).toEqual([
        'first/2026-01-01-book.sql',
        'second/2026-01-01-loan.sql',
        'second/2026-01-02-note.sql',
      ]);
      expect(await db.query('SELECT count(*) AS n FROM first.book')).toEqual([{ n: 2 }]);
    } finally {
      await second.close();
      await end();
    }
  });
}
