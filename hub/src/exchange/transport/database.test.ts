/** Pulls from real servers: PostgreSQL and MariaDB from the machine's packages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CityOptions, generateCity, noDefects } from '@jingwei/synthcity';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type SourceDeclaration, sourceDeclaration } from '../../catalogue/index.ts';
import { postgresExpected, testPostgres } from '../../platform/db/testing.ts';
import { RetryableError } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import { rawTable } from '../names.ts';
import { declare, openBench, type TestBench } from '../testing.ts';
import type { PullDeps, Pulled } from './common.ts';
import { type DatabaseLimits, pullDatabase } from './database.ts';
import { mariadbExpected, startMariadb } from './database-testing.ts';
import { transportTables } from './tables.ts';

/** One engine under test. */
interface Engine {
  name: string;
  kind: 'postgres' | 'mysql';
  /** Address of the database; `no` replaces a part of it by what does not exist. */
  url(no?: 'user' | 'database' | 'server'): string;
  run(...statements: string[]): Promise<void>;
  /** Loads tables of a small synthetic city. */
  city(options: Omit<CityOptions, 'target'>): Promise<unknown>;
  /** Ends every connection of the hub, as an operator would. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

async function postgres(): Promise<Engine> {
  const store = await testPostgres();
  const admin = new pg.Client(store.url);
  await admin.connect();
  return {
    name: 'PostgreSQL',
    kind: 'postgres',
    url(no) {
      const url = new URL(store.url);
      if (no === 'user') url.username = 'nobody_at_all';
      if (no === 'database') url.pathname = '/nowhere';
      if (no === 'server') url.port = '1';
      return url.href;
    },
    async run(...statements) {
      for (const s of statements) await admin.query(s);
    },
    city: (options) => generateCity({ ...options, target: { kind: 'postgres', url: store.url } }),
    async cut() {
      await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jingwei'");
    },
    async close() {
      await admin.end();
      await store.end();
    },
  };
}

async function mariadb(): Promise<Engine> {
  const server = await startMariadb();
  const root = await mysql.createConnection(server.url('mysql'));
  await root.query('CREATE DATABASE city CHARACTER SET utf8mb4');
  await root.query("CREATE USER hub@127.0.0.1 IDENTIFIED BY 'hub-password'");
  await root.query('GRANT SELECT ON city.* TO hub@127.0.0.1');
  await root.query('USE city');
  await root.query('SET GLOBAL local_infile = 1');
  return {
    name: 'MariaDB',
    kind: 'mysql',
    url(no) {
      const url = new URL(server.url(no === 'database' ? 'nowhere' : 'city'));
      // An unknown database is told only to who may know.
      if (no !== 'database') [url.username, url.password] = ['hub', no === 'user' ? 'wrong' : 'hub-password'];
      if (no === 'server') url.port = '1';
      return url.href;
    },
    async run(...statements) {
      for (const s of statements) await root.query(s);
    },
    city: (options) => generateCity({ ...options, target: { kind: 'mysql', url: server.url('city') } }),
    async cut() {
      const [rows] = await root.query("SELECT id FROM information_schema.PROCESSLIST WHERE user = 'hub'");
      for (const { id } of rows as { id: number }[]) await root.query(`KILL ${id}`).catch(() => undefined);
    },
    async close() {
      await root.end();
      await server.stop();
    },
  };
}

let bench: TestBench;
beforeEach(async () => {
  bench = await openBench();
  await bench.lake.define(transportTables);
});
afterEach(() => bench.close());

const source = (e: Engine, fields: Parameters<typeof declare>[0], over: Record<string, unknown> = {}, transport = {}) =>
  declare(fields, { transport: { kind: e.kind, connection: 'source-db', table: 't', ...transport }, ...over });

async function pull(e: Engine, declared: SourceDeclaration, over: Partial<DatabaseLimits> = {}, extra = {}) {
  await bench.define(declared);
  const deps: PullDeps = { ...bench, secrets: { 'source-db': { kind: 'database', url: e.url() } } };
  return pullDatabase(deps, { source: declared, declaration: 1, ...extra }, over);
}
const counts = (p: Pulled) => [p.runs.length, p.received, p.accepted, p.quarantined, p.duplicate];
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (e) => e,
  );
const codeOf = (error: unknown): string =>
  error instanceof Problem
    ? error.kind.code
    : error instanceof RetryableError
      ? `retry ${(error.cause as Problem).kind.code}`
      : String(error);
const rowsOf = (declared: SourceDeclaration, columns: string) =>
  bench.lake.query(`SELECT ${columns} FROM ${rawTable(declared.id)} ORDER BY _run, _row`);

function suite(name: string, make: () => Promise<Engine>): void {
  describe(name, () => {
    let e: Engine;
    beforeAll(async () => {
      e = await make();
    });
    afterAll(() => e?.close());
    beforeEach(() => e.run('DROP TABLE IF EXISTS t'));

    test('every value is the text that the database shows: exact, NULL apart from empty', async () => {
      const names = ['k', 'big', 'money', 'day', 'moment', 'stamp', 'word', 'empty', 'none', 'raw'];
      await e.run(
        e.kind === 'postgres'
          ? 'CREATE TABLE t (k int PRIMARY KEY, big bigint, money numeric(40, 10), day date, moment timestamp, stamp timestamptz, word text, empty text, none text, raw bytea)'
          : 'CREATE TABLE t (k int PRIMARY KEY, big bigint unsigned, money decimal(40, 10), day date, moment datetime(6), stamp timestamp(6) NULL, word text, empty text, none text, raw varbinary(9)) CHARACTER SET utf8mb4',
        ...(e.kind === 'postgres' ? [] : ["SET time_zone = '+08:00'"]),
        `INSERT INTO t VALUES (1, 9223372036854775807, 12345678901234567890.1234567890, '1899-12-31', '2026-03-01 23:59:59.123456',
           ${e.kind === 'postgres' ? "'2026-03-01 16:00:00.5+00'" : "'2026-03-02 00:00:00.5'"}, '龘𠮷 "x"\n,', '', NULL, ${e.kind === 'postgres' ? "'\\x00ff'" : "x'00ff'"})`,
      );
      const declared = source(e, names);
      expect(counts(await pull(e, declared))).toEqual([1, 1, 1, 0, 0]);
      expect(await rowsOf(declared, names.join(', '))).toEqual([
        {
          k: '1',
          big: '9223372036854775807',
          money: '12345678901234567890.1234567890',
          day: '1899-12-31',
          moment: '2026-03-01 23:59:59.123456',
          stamp: e.kind === 'postgres' ? '2026-03-02 00:00:00.5' : '2026-03-02 00:00:00.500000',
          word: '龘𠮷 "x"\n,',
          empty: '',
          none: null,
          raw: e.kind === 'postgres' ? '\\x00ff' : '0x00FF',
        },
      ]);
    });

    test('a snapshot is read whole: the same table is recognised, what changed is new, what is gone has vanished', async () => {
      await e.run(
        'CREATE TABLE t (k varchar(9), v text)',
        "INSERT INTO t VALUES ('b', '2'), ('a', '1'), ('a', NULL), ('a', '')",
      );
      const declared = source(e, ['k', { name: 'value', column: 'v' }], { key: ['k'] });
      expect(counts(await pull(e, declared))).toEqual([1, 4, 4, 0, 0]);
      // Rows come in another order from the table, and in the same order from the pull.
      await e.run('DELETE FROM t', "INSERT INTO t VALUES ('a', ''), ('a', NULL), ('a', '1'), ('b', '2')");
      expect(counts(await pull(e, declared, { fetchRows: 1 }))).toEqual([0, 0, 0, 0, 0]);
      await e.run("DELETE FROM t WHERE k = 'b'", "INSERT INTO t VALUES ('c', '3')");
      expect(counts(await pull(e, declared))).toEqual([1, 4, 1, 0, 3]);
      expect(await bench.lake.query('SELECT of_run, replaced FROM v.vanished_v1')).toEqual([
        { of_run: 1, replaced: false },
      ]);
      expect(readdirSync(bench.work)).toEqual([]);
    });

    test('changes are read from the watermark on: inserts, updates and deletes arrive once', async () => {
      await e.run(
        'CREATE TABLE t (k varchar(9), v text, dsc_biz_operation varchar(1), dsc_biz_timestamp timestamp NULL, dsc_batch int)',
        "INSERT INTO t VALUES ('1', 'a', 'I', '2026-01-01 00:00:00', 1), ('2', 'b', 'I', '2026-01-02 00:00:00', 1), ('9', 'z', 'I', NULL, 1)",
      );
      const declared = source(e, ['k', 'v'], { key: ['k'], mode: 'changes' }, { watermark: 'dsc_biz_timestamp' });
      const first = await pull(e, declared);
      // The row without an instant cannot be placed in time: it waits in quarantine.
      expect(counts(first)).toEqual([1, 3, 2, 1, 0]);
      expect(first.checkpoint).toBe('2026-01-02 00:00:00');
      await e.run(
        "INSERT INTO t VALUES ('1', 'A', 'U', '2026-01-03 00:00:00', 2), ('2', 'b', 'D', '2026-01-03 00:00:00', 2), ('3', 'late', 'I', '2026-01-01 23:58:00', 2)",
        "DELETE FROM t WHERE dsc_biz_timestamp = '2026-01-01 00:00:00'",
      );
      // Read: the row at the mark again, the one without a mark again, the late one and the two new ones.
      expect(counts(await pull(e, declared))).toEqual([1, 5, 3, 0, 2]);
      expect(await rowsOf(declared, '_op, k, v')).toEqual([
        { _op: 'I', k: '1', v: 'a' },
        { _op: 'I', k: '2', v: 'b' },
        { _op: 'I', k: '3', v: 'late' },
        { _op: 'U', k: '1', v: 'A' },
        { _op: 'D', k: '2', v: 'b' },
      ]);
      await pull(e, declared);
      const again = await pull(e, declared);
      expect(counts(again)).toEqual([0, 0, 0, 0, 0]);
      expect(again.checkpoint).toBe('2026-01-03 00:00:00');
      expect(await bench.lake.first(`SELECT count(*) AS n FROM ${rawTable(declared.id)}`)).toEqual({ n: 5 });
    });

    test.each([
      ['bigint', ['9007199254740993', '9007199254740994', '9007199254740995']],
      ['decimal(20, 4)', ['1.5000', '1.5001', '10.0000']],
      ['varchar(20)', ['2026-01', '2026-02', '2026-03']],
      ['date', ['2026-01-01', '2026-01-02', '2026-01-03']],
    ])('a watermark may be %s, compared exactly', async (type, [a, b, c]) => {
      await e.run(
        `CREATE TABLE t (v text, w ${type}, dsc_biz_operation text, dsc_biz_timestamp text)`,
        `INSERT INTO t VALUES ('a', '${a}', 'I', '20260101'), ('b', '${b}', 'I', '20260101')`,
      );
      const declared = source(e, ['v'], { mode: 'changes' }, { watermark: 'w' });
      expect((await pull(e, declared)).checkpoint).toBe(b);
      await e.run(`INSERT INTO t VALUES ('c', '${c}', 'I', '20260101'), ('x', '${a}', 'I', '20260101')`);
      const second = await pull(e, declared);
      expect([second.read, second.accepted, second.duplicate, second.checkpoint]).toEqual([2, 1, 1, c]);
    });

    test('a connection cut in the middle: the next pull goes on from the checkpoint, nothing is lost or doubled', async () => {
      const many = 60_000;
      await e.run('CREATE TABLE t (k int, v varchar(700), dsc_biz_operation text, dsc_biz_timestamp text)');
      await e.run(
        e.kind === 'postgres'
          ? `INSERT INTO t SELECT i, repeat('v', 600), 'I', '20260101' FROM generate_series(1, ${many}) i`
          : `INSERT INTO t SELECT seq, repeat('v', 600), 'I', '20260101' FROM seq_1_to_${many}`,
      );
      const declared = source(e, ['k', 'v'], { mode: 'changes', key: ['k'] }, { watermark: 'k' });
      let cut: Promise<void> | undefined;
      const told: number[] = [];
      const error = await failure(
        pull(
          e,
          declared,
          { partRows: 10_000, fetchRows: 500 },
          {
            onRun: async (run: { accepted: number }) => void told.push(run.accepted),
            progress: (p: { step: string }) => {
              if (p.step === 'commit') cut ??= e.cut();
            },
          },
        ),
      );
      await cut;
      expect(codeOf(error)).toBe('retry exchange.pull.lost');
      const held = await bench.lake.first<{ n: number; most: number }>(
        `SELECT count(*) AS n, max(k::INTEGER) AS most FROM ${rawTable(declared.id)}`,
      );
      expect(held!.n).toBeGreaterThanOrEqual(10_000);
      expect(held!.n).toBeLessThan(many);
      // Whoever goes on with the rows knows of those that are in, though the pull failed.
      expect(told.reduce((a, b) => a + b, 0)).toBe(held!.n);
      const at = await bench.lake.first('SELECT mark FROM ex.checkpoint');
      expect(at).toEqual({ mark: String(held!.most) });
      const rest = await pull(e, declared, { partRows: 10_000 });
      expect(rest.read).toBe(many - held!.n + 1);
      expect(rest.duplicate).toBe(1);
      expect(
        await bench.lake.first(`SELECT count(*) AS n, count(DISTINCT k) AS d FROM ${rawTable(declared.id)}`),
      ).toEqual({ n: many, d: many });
      expect(await bench.lake.query('SELECT * FROM ex.refusal')).toEqual([]);
    });

    test('a snapshot whose connection is cut leaves nothing, and is whole at the next try', async () => {
      await e.run('CREATE TABLE t (k int PRIMARY KEY, v varchar(700))');
      await e.run(
        e.kind === 'postgres'
          ? "INSERT INTO t SELECT i, repeat('v', 600) FROM generate_series(1, 60000) i"
          : "INSERT INTO t SELECT seq, repeat('v', 600) FROM seq_1_to_60000",
      );
      const declared = source(e, ['k', 'v'], { key: ['k'] });
      let cut: Promise<void> | undefined;
      const progress = () => {
        cut ??= e.cut();
      };
      const error = await failure(pull(e, declared, { fetchRows: 100 }, { lastAttempt: true, progress }));
      await cut;
      expect(codeOf(error)).toBe('retry exchange.pull.lost');
      expect(await bench.lake.query('SELECT run FROM ex.run')).toEqual([]);
      // Nobody was to try again: the source is seen to have failed.
      expect(await bench.lake.query("SELECT problem->>'code' AS code FROM ex.refusal")).toEqual([
        { code: 'exchange.pull.lost' },
      ]);
      expect(counts(await pull(e, declared))).toEqual([1, 60_000, 60_000, 0, 0]);
    });

    test('what is wrong with the other side is said and recorded', async () => {
      await e.run('CREATE TABLE t (k int, v text, f double precision)', "INSERT INTO t VALUES (1, 'a', 1.5)");
      const deps = (url: string) => ({ ...bench, secrets: { 'source-db': { kind: 'database' as const, url } } });
      const all = ['k', 'v', 'f'];
      const order = (declared: SourceDeclaration) => ({ source: declared, declaration: 1 });
      const other = e.kind === 'postgres' ? 'mysql://a@b/c' : 'postgres://a@b/c';
      const changes = { mode: 'changes', contract: 'discard' };
      await e.run(
        'ALTER TABLE t ADD COLUMN dsc_biz_operation varchar(1)',
        'ALTER TABLE t ADD COLUMN dsc_biz_timestamp date',
      );
      const cases: [string, SourceDeclaration, string, string][] = [
        ['no table', source(e, all, {}, { table: 'nowhere' }), e.url(), 'exchange.pull.table-unknown'],
        ['no schema', source(e, all, {}, { table: 'nowhere.t' }), e.url(), 'exchange.pull.table-unknown'],
        ['a column less', source(e, [...all, 'w']), e.url(), 'exchange.contract.column-missing'],
        ['a column more', source(e, ['k', 'v']), e.url(), 'exchange.contract.column-extra'],
        ['no such watermark', source(e, all, changes, { watermark: 'w' }), e.url(), 'exchange.pull.watermark-unknown'],
        ['a rounded watermark', source(e, all, changes, { watermark: 'f' }), e.url(), 'exchange.pull.watermark-type'],
        ['wrong credentials', source(e, all), e.url('user'), 'exchange.pull.credentials'],
        ['no such database', source(e, all), e.url('database'), 'exchange.pull.database-unknown'],
        ['nobody there', source(e, all), e.url('server'), 'retry exchange.pull.unreachable'],
        ['no secret', source(e, all, {}, { connection: 'other-db' }), e.url(), 'exchange.pull.secret-unknown'],
        ['another engine', source(e, all), other, 'exchange.pull.secret-kind'],
      ];
      const seen: string[] = [];
      for (const [name, declared, url, code] of cases) {
        await bench.define(declared);
        const error = await failure(pullDatabase(deps(url), order(declared)));
        expect([name, codeOf(error)]).toEqual([name, code]);
        expect(JSON.stringify(error)).not.toContain('hub-password');
        if (error instanceof Problem) seen.push(code);
      }
      const kept = await bench.lake.query<{ code: string }>(
        "SELECT problem->>'code' AS code FROM ex.refusal ORDER BY id",
      );
      expect(kept.map((r) => r.code)).toEqual(seen);
      expect(readdirSync(bench.work)).toEqual([]);
    });

    test("a department's table of the synthetic city is collected whole, as its source declares it", async () => {
      const repository = fileURLToPath(new URL('../../../..', import.meta.url));
      const yaml = readFileSync(`${repository}/sources/slj/water-use/source.yaml`, 'utf8');
      const own = sourceDeclaration.parse(parse(yaml));
      const table = 'slj_water_use';
      const declared = { ...own, transport: { kind: e.kind, connection: 'source-db', table } };
      const out = join(bench.folder, 'city');
      const defects = { ...noDefects, noCode: 0.1 };
      await e.city({ seed: 2, rows: 6000, enterprises: 300, classes: [own.id], defects, truth: false, out });
      const done = await pull(e, declared);
      expect(done.received).toBeGreaterThan(100);
      expect(done.accepted + done.quarantined).toBe(done.received);
      const blank = await bench.lake.first<{ n: number; empty: number }>(
        `SELECT count(*) FILTER (uni_social_crd_cd IS NULL) AS n, count(*) FILTER (uni_social_crd_cd = '') AS empty
         FROM ${rawTable(own.id)}`,
      );
      expect(blank!.n).toBeGreaterThan(0);
      expect(blank!.empty).toBe(0);
      expect(counts(await pull(e, declared))).toEqual([0, 0, 0, 0, 0]);
    });

    test('an empty table is refused as a snapshot, and is no news as changes', async () => {
      await e.run('CREATE TABLE t (v text, w int, dsc_biz_operation text, dsc_biz_timestamp text)');
      const whole = source(e, ['v', 'w']);
      expect(codeOf(await failure(pull(e, whole)))).toBe('exchange.file.empty');
      const changes = source(e, ['v'], { mode: 'changes', id: 'ts.changes' }, { watermark: 'w' });
      expect(await pull(e, changes)).toMatchObject({ runs: [], read: 0, checkpoint: null });
    });

    test('columns that are not declared follow the contract', async () => {
      await e.run('CREATE TABLE t (k int PRIMARY KEY, more text)', "INSERT INTO t VALUES (1, 'x'), (2, NULL)");
      const evolve = source(e, ['k', 'later'], { contract: 'evolve' });
      expect(counts(await pull(e, evolve))).toEqual([1, 2, 2, 0, 0]);
      expect(await bench.lake.query('SELECT row, extra FROM ex.extra')).toEqual([{ row: 1, extra: '{"more":"x"}' }]);
      const discard = source(e, ['k'], { contract: 'discard', id: 'ts.discard' });
      expect(counts(await pull(e, discard))).toEqual([1, 2, 2, 0, 0]);
      const notices = await bench.lake.first<{ n: string }>(
        "SELECT notices AS n FROM ex.run WHERE source = 'ts.discard'",
      );
      expect(notices!.n).toContain('exchange.contract.columns-ignored');
    });

    test('a pull that is cancelled leaves nothing', async () => {
      await e.run('CREATE TABLE t (k int PRIMARY KEY)', 'INSERT INTO t VALUES (1), (2), (3)');
      const stop = new AbortController();
      const work = pull(e, source(e, ['k']), { fetchRows: 1 }, { signal: stop.signal, progress: () => stop.abort() });
      expect(codeOf(await failure(work))).toBe('exchange.collect.cancelled');
      expect(await bench.lake.query('SELECT run FROM ex.run')).toEqual([]);
      expect(readdirSync(bench.work)).toEqual([]);
    });
  });
}

if (postgresExpected()) suite('pull from PostgreSQL', postgres);
if (mariadbExpected()) suite('pull from MariaDB', mariadb);

test('the servers to pull from are on this machine', () => {
  const missing = [postgresExpected() ? '' : 'PostgreSQL', mariadbExpected() ? '' : 'MariaDB'].filter(Boolean);
  if (missing.length) console.warn(`not installed, so not tested here (CI=true demands them): ${missing.join(', ')}`);
  expect(postgresExpected() || mariadbExpected() || process.env.CI !== 'true').toBe(true);
});

if (mariadbExpected())
  test('a server that vanishes in the middle is waited for, and read on when it is back', async () => {
    const server = await startMariadb();
    try {
      const setup = await mysql.createConnection(server.url('mysql'));
      await setup.query('CREATE DATABASE city');
      await setup.query(
        "CREATE TABLE city.t AS SELECT seq AS k, repeat('v', 600) AS v, 'I' AS dsc_biz_operation, '20260101' AS dsc_biz_timestamp FROM seq_1_to_60000",
      );
      await setup.query('FLUSH TABLES');
      await setup.end();
      const declared = declare(['k', 'v'], {
        mode: 'changes',
        key: ['k'],
        transport: { kind: 'mysql', connection: 'source-db', table: 't', watermark: 'k' },
      });
      await bench.define(declared);
      const deps: PullDeps = { ...bench, secrets: { 'source-db': { kind: 'database', url: server.url('city') } } };
      const order = { source: declared, declaration: 1 };
      const first = await failure(
        pullDatabase(
          deps,
          { ...order, progress: (p) => void (p.step === 'commit' && server.kill()) },
          { partRows: 10_000, fetchRows: 500 },
        ),
      );
      expect(codeOf(first)).toBe('retry exchange.pull.lost');
      expect(codeOf(await failure(pullDatabase(deps, order)))).toBe('retry exchange.pull.unreachable');
      await server.start();
      await pullDatabase(deps, order);
      expect(
        await bench.lake.first(`SELECT count(*) AS n, count(DISTINCT k) AS d FROM ${rawTable(declared.id)}`),
      ).toEqual({ n: 60_000, d: 60_000 });
    } finally {
      await server.stop();
    }
  });
