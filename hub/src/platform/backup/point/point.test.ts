import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Db, migrate, openDb } from '../../db/index.ts';
import { postgresExpected } from '../../db/testing.ts';
import { makeServer, startOn, type TestServer } from '../../db/testing-postgres.ts';
import { createLogger } from '../../log/index.ts';
import { Problem } from '../../problem.ts';
import type { Deps } from '../../room.ts';
import { Repository } from '../repository.ts';
import { togetherMigrations } from '../together/together.ts';
import { Writer } from '../writer.ts';
import { reach, readInstant, restorePoint } from './restore.ts';
import { PointInTime } from './service.ts';

const root = mkdtempSync(join(tmpdir(), 'jingwei-point-'));
// The server runs as another user where the tests run as root, and has to get through.
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof Problem ? error.kind.code : String(error);
  }
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.runIf(postgresExpected())("a server's store is put back to any instant", () => {
  let server: TestServer;
  let db: Db;
  let point: PointInTime;
  let asked = 0;
  const repository = join(root, 'repository');
  const data = join(root, 'data');
  const { dataKey } = Repository.init(repository, new Date());
  const withWriter = async <T>(work: (writer: Writer) => Promise<T>): Promise<T> => {
    const writer = await Writer.open(repository, dataKey);
    try {
      return await work(writer);
    } finally {
      await writer.close();
    }
  };
  const make = (url: string, more: object = {}) => {
    const backup = {
      folder: repository,
      pointInTime: true,
      pointInTimeDays: 14,
      baseDays: 7,
      archiveSeconds: 60,
      serverKeepsMiB: 1024,
      ...more,
    };
    const deps = {
      ...{ db, folders: { data }, config: { db: { url }, backup }, clock: { now: () => new Date() } },
      log: createLogger({ level: 'fatal' }),
      jobs: {
        list: async () => [],
        submit: async () => {
          asked += 1;
          return 'job';
        },
      },
      audit: { append: async () => undefined },
    } as unknown as Deps;
    return new PointInTime({ deps, repository: () => ({ folder: repository, dataKey }), withWriter });
  };
  const base = () =>
    point.job().run({ progress() {}, signal: new AbortController().signal } as never, {} as never) as Promise<{
      id: string;
    }>;
  const now = async (): Promise<number> => {
    const [row] = await db.query<{ ms: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms');
    return Math.floor(row!.ms);
  };
  let n = 0;
  const write = async (rows: number) => {
    await db.query('INSERT INTO t.step SELECT i, clock_timestamp() FROM generate_series($1::int, $2::int) i', [
      n + 1,
      n + rows,
    ]);
    n += rows;
  };
  /** Rows that the store has when it is put back to an instant, and the last number of its sequence. */
  const restored = async (at: number): Promise<number> => {
    const to = join(root, `server-${at}`);
    restorePoint({ from: repository, dataKey, at, to });
    const own = await startOn(to, ['shared_buffers=8MB']);
    const there = await openDb({ kind: 'postgres', url: own.url, connections: 2 });
    try {
      const [row] = await there.query<{ n: number; most: number }>(
        'SELECT count(*)::int AS n, max(n)::int AS most FROM t.step',
      );
      expect(row!.most).toBe(row!.n);
      // It is a server of its own that can be written to, with no log left over.
      await there.query('INSERT INTO t.step VALUES (100000, now())');
      expect(existsSync(join(to, 'jingwei-log'))).toBe(false);
      return row!.n;
    } finally {
      await there.close();
      await own.stop();
      rmSync(to, { recursive: true, force: true });
    }
  };
  const receivers = (): number[] =>
    readdirSync('/proc')
      .filter((f) => /^\d+$/.test(f))
      .filter((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          return line.split('\0')[0]!.endsWith('pg_receivewal') && line.includes(data);
        } catch {
          // It has ended.
          return false;
        }
      })
      .map(Number);

  beforeAll(async () => {
    mkdirSync(data, { recursive: true });
    const folder = join(root, 'server');
    makeServer(folder);
    server = await startOn(folder, ['shared_buffers=8MB']);
    db = await openDb({ kind: 'postgres', url: server.url, connections: 4 });
    await migrate(db, [togetherMigrations]);
    await db.query(`CREATE SCHEMA t; CREATE TABLE t.step (n integer PRIMARY KEY, at timestamptz NOT NULL);
      INSERT INTO backup.mark (era, n, at) VALUES (gen_random_uuid(), 1, now())`);
    point = make(server.url);
  }, 120_000);
  afterAll(async () => {
    await point?.stop();
    await db?.close();
    await server?.stop();
  });

  const kept: { at: number; rows: number }[] = [];
  test('what was committed before the instant is there and nothing that came after', async () => {
    await write(10);
    await point.look();
    expect(asked).toBe(1);
    await base();
    for (const rows of [5, 7]) {
      await write(rows);
      await pause(30);
      kept.push({ at: await now(), rows: n });
      await pause(30);
      await write(3);
      if (rows === 7) await db.query('SELECT pg_switch_wal()');
      await point.look();
    }
    const state = await point.state();
    expect(state).toMatchObject({ enabled: true, problem: null, gaps: [] });
    for (const { at, rows } of kept) expect(await restored(at)).toBe(rows);
  }, 120_000);

  test('a receiver that is killed goes on, and nothing is missing', async () => {
    const before = receivers();
    expect(before.length).toBe(1);
    process.kill(before[0]!, 'SIGKILL');
    await write(4);
    await db.query('SELECT pg_switch_wal()');
    await write(4);
    await pause(20);
    const at = await now();
    await pause(20);
    await write(1);
    for (let tries = 0; tries < 100 && receivers().length === 0; tries++) await pause(50);
    expect(receivers()[0]).not.toBe(before[0]);
    await point.look();
    const state = await point.state();
    expect(state).toMatchObject({ problem: null, gaps: [], restarts: 1 });
    expect(await restored(at)).toBe(n - 1);
  }, 120_000);

  test('instants that cannot be restored are refused with their reason', () => {
    const { ranges } = reach(Repository.open(repository, dataKey), dataKey);
    const [range] = ranges;
    const to = join(root, 'nowhere');
    const ask = (at: number) => codeOf(() => restorePoint({ from: repository, dataKey, at, to }));
    expect(ask(range!.from - 1)).toBe('backup.point.early');
    expect(ask(range!.to)).toBe('backup.point.late');
    expect(codeOf(() => restorePoint({ from: repository, dataKey, at: range!.from, to: root }))).toBe(
      'backup.point.target-not-empty',
    );
    expect(existsSync(to)).toBe(false);
    expect(codeOf(() => readInstant('2026-11-22T10:41:00'))).toBe('backup.point.instant');
    expect(readInstant('2026-11-22T10:41:00+08:00')).toBe(Date.UTC(2026, 10, 22, 2, 41));
  });

  test('log that was lost is a gap that is told, and a new base goes on behind it', async () => {
    const last = (await point.state()) as { newest: number };
    await point.stop();
    await db.query("SELECT pg_drop_replication_slot('jingwei_postgres')");
    await write(2);
    await db.query('SELECT pg_switch_wal()');
    await write(2);
    await db.query('CHECKPOINT');
    const inside = await now();
    point = make(server.url);
    asked = 0;
    await point.look();
    await write(1);
    await db.query('SELECT pg_switch_wal()');
    await write(1);
    await point.look();
    // What was received anew begins behind what is missing: the old base leads nowhere any more.
    expect(asked).toBeGreaterThan(0);
    await base();
    await pause(20);
    await write(5);
    await point.look();
    const state = (await point.state()) as { gaps: { from: number; to: number }[]; lost: number | null };
    expect(state.lost).not.toBeNull();
    expect(state.gaps).toHaveLength(1);
    expect(state.gaps[0]!.from).toBe(last.newest);
    expect(codeOf(() => restorePoint({ from: repository, dataKey, at: inside, to: join(root, 'gap') }))).toBe(
      'backup.point.gap',
    );
    // Before the gap everything is as it was, behind it as well.
    expect(await restored(kept[1]!.at)).toBe(kept[1]!.rows);
    expect(await point.standing()).toMatchObject({ id: 'point-in-time', standing: 'warn' });
  }, 120_000);

  test('a role without replication, tools that are not there and an unfit store are told with what to do', async () => {
    await point.stop();
    await db.query('CREATE ROLE plain LOGIN');
    const url = server.url.replace('jingwei@', 'plain@');
    await db.query("SELECT pg_drop_replication_slot('jingwei_postgres')");
    const problemOf = async (more: object) => {
      const own = make(server.url, more);
      await own.look();
      const state = (await own.state()) as { problem: Problem | null };
      await own.stop();
      return state.problem?.kind.code;
    };
    expect(await problemOf({ serverUrl: url })).toBe('backup.point.role');
    expect(await problemOf({ serverTools: join(root, 'no-tools') })).toBe('backup.point.tools');
  }, 60_000);
});
