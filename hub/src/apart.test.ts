/** A store that is put back alone, and a hub whose store is newer than the rest: both end in a state that is told. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, createApp } from './app.ts';
import { checkParts } from './checks.ts';
import { loadConfig } from './config.ts';
import { Audit } from './platform/audit/index.ts';
import { Repository, reach, restoreFiles, restorePoint } from './platform/backup/index.ts';
import { compare, raise, readMarks } from './platform/backup/together/mark.ts';
import { turnsOf } from './platform/backup/together/together.ts';
import { postgresExpected } from './platform/db/testing.ts';
import { makeServer, startOn, type TestServer } from './platform/db/testing-postgres.ts';
import { silentLogger } from './platform/log/index.ts';
import type { RoomModule } from './platform/room.ts';
import { KeyRing } from './platform/vault/index.ts';
import { allRooms } from './rooms.ts';

const root = mkdtempSync(join(tmpdir(), 'jingwei-apart-'));
// The servers run as another user where the tests run as root.
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const repository = join(root, 'repository');
const made = Repository.init(repository, new Date());

/** Rooms with their tables, mirrors, files and steps, without anything that runs by itself. */
const rooms = (): RoomModule[] =>
  allRooms().map(({ name, migrations, defineLake, mirrors, turned, files }) => ({
    name,
    ...(migrations ? { migrations } : {}),
    ...(defineLake ? { defineLake } : {}),
    ...(mirrors ? { mirrors } : {}),
    ...(turned ? { turned } : {}),
    ...(files ? { files } : {}),
  }));

const hub = (data: string, url: string): Promise<App> =>
  createApp(
    loadConfig({
      ...{ env: {}, cwd: root },
      overrides: {
        ...{ dataFolder: data, 'http.port': 0, 'lake.memoryMiB': 256, 'lake.threads': 1, 'db.url': url },
        ...{ 'backup.folder': repository, 'backup.rehearseDays': 0, 'backup.pointInTime': true },
        ...{ 'backup.archiveSeconds': 5, 'backup.at': '00:00' },
      },
    }),
    { logger: silentLogger(), scryptCost: 4, rooms: rooms() },
  );

describe.runIf(postgresExpected())('store and lake of different moments', () => {
  const data = join(root, 'data');
  let server: TestServer;
  const servers: TestServer[] = [];
  let app: App;
  let t = 0;
  const ids: number[] = [];
  let n = 0;

  const until = async (what: () => Promise<boolean>) => {
    for (let tries = 0; tries < 300 && !(await what()); tries++) await pause(100);
    expect(await what()).toBe(true);
  };
  /** Does what rooms do: a file and the row that names it, a seal, an entry of the audit, a change in the log. */
  const live = async (of: App) => {
    n += 1;
    const { sha256 } = await of.deps.blobs.put([Buffer.from(`workbook ${n}`)]);
    await of.db.query(
      `INSERT INTO forms.import (id, form, version, name, blob, state, result, login, at)
        VALUES (gen_random_uuid(), 1, 1, $1, $2, 'checked', '{}', 'x', now())`,
      [`${n}.xlsx`, sha256],
    );
    const seal = await of.deps.seal.request({
      ...{ kind: 'file', subject: `${n}`, title: { zh: '试', en: 'try' }, organisation: null },
      imprint: Buffer.concat([Buffer.from([1]), createHash('sha256').update(`${n}`).digest()]),
    } as never);
    ids.push(seal);
    await of.deps.audit.append({ actor: null, action: 'try.step', object: `try/${n}`, outcome: 'ok' });
    await of.lake.write('try', (s) => s.run('UPDATE sub.stream SET head = head + 10'));
    await of.db.query('UPDATE subscriptions.cursor SET seq = seq + 10');
    await until(async () => (await of.seal.seals.store.counts()).pending === 0);
    // As every half minute.
    await raise(of.db, of.lake, new Date());
    // The next signature is of another second.
    await pause(1100);
  };
  const imports = async (of: App): Promise<string[]> =>
    (await of.db.query<{ name: string }>('SELECT name FROM forms.import ORDER BY name')).map((r) => r.name);
  const back = async (name: string): Promise<TestServer> => {
    const to = join(root, name);
    restorePoint({ from: repository, dataKey: made.dataKey, at: t, to });
    const own = await startOn(to, ['shared_buffers=8MB']);
    servers.push(own);
    return own;
  };
  const codes = async (of: App) => (await checkParts(of)).problems.map((p) => p.kind.code);

  beforeAll(async () => {
    makeServer(join(root, 'server'));
    server = await startOn(join(root, 'server'), ['shared_buffers=8MB']);
    servers.push(server);
    KeyRing.open(join(data, 'keys')).keep('backup', made.dataKey);
    app = await hub(data, server.url);
    await app.lake.write('try', (s) =>
      s.run("INSERT INTO sub.stream (stream, source, head, floor, shape) VALUES (1, 'try.log', 100, 0, 1)"),
    );
    await app.db.query(
      `INSERT INTO subscriptions.subscription (share, organisation, provider, entry, source, title, kind, target, changes, batch, partitions,
         state, created_by, created_at, changed_at)
       VALUES (1, 'a', 'b', 'c', 'try.log', 't', 'pull', '{}', '[]', 1, 1, 'active', 'x', now(), now())`,
    );
    await app.db.query(
      'INSERT INTO subscriptions.cursor (subscription, partition, seq) SELECT id, 0, 100 FROM subscriptions.subscription',
    );
    // The first base is asked for by the hub itself.
    await until(async () => Repository.open(repository, made.dataKey).bases().length > 0);
    await live(app);
    const take = await app.jobs.wait(await app.jobs.submit('backup.take', {}, { unique: 'backup' }));
    expect(take.state).toBe('done');
    await live(app);
    await pause(50);
    t = Date.now();
    await pause(50);
    await live(app);
    await until(async () => {
      const { ranges } = reach(Repository.open(repository, made.dataKey), made.dataKey);
      return (ranges.at(-1)?.to ?? 0) > t;
    });
    await app.close();
  }, 300_000);
  afterAll(async () => {
    for (const own of servers) await own.stop();
  });

  test('the store alone is put back: what the hub gave out is not given again, mirrors follow, and fsck says what is left', async () => {
    const own = await back('server-a');
    const a = await hub(data, own.url);
    try {
      const [turn] = await turnsOf(a.db);
      expect(turn).toMatchObject({ behind: 'store', done: true, settledAt: null });
      expect(await imports(a)).toEqual(['1.xlsx', '2.xlsx']);
      const steps = new Map(turn!.steps.map((s) => [s.id, s]));
      expect([...steps.keys()]).toEqual(
        expect.arrayContaining(['numbers', 'mirrors', 'audit', 'withdrawn', 'events.serials']),
      );
      // The lake knows of a later seal than the store: its number is passed over.
      expect(ids[2]).toBeGreaterThan(ids[1]!);
      await live(a);
      expect(ids.at(-1)).toBeGreaterThan(ids[2]! + 1000);
      expect(await new Audit(a.db, a.deps.clock).verify()).toMatchObject({ intact: true });
      await until(async () => (await a.mirrors.states()).every((m) => m.whole && m.waiting === 0));
      // Files are ahead: none is missing. What is left to people is told until somebody says that it is done.
      expect(new Set(await codes(a))).toEqual(new Set(['backup.fsck.turn']));
      // The cursor is behind the log: it goes on from there.
      const cursor = await a.db.query('SELECT phase FROM subscriptions.cursor');
      expect(cursor).toEqual([{ phase: 'live' }]);
      const { store, lake, server: now } = await readMarks(a.db, a.lake);
      expect(compare(store, lake, now)).toEqual({ apart: false, first: false });
    } finally {
      await a.close();
    }
  }, 180_000);

  test('the store is newer than lake, files and calendar: missing files are told, receivers are sent everything anew, seals are signed again', async () => {
    const to = join(root, 'data-b');
    const snapshot = Repository.open(repository, made.dataKey).snapshots()[0]!;
    restoreFiles({ from: repository, dataKey: made.dataKey, snapshot, to });
    const own = await back('server-b');
    const b = await hub(to, own.url);
    try {
      const [turn] = await turnsOf(b.db);
      expect(turn).toMatchObject({ behind: 'lake', done: true });
      expect(await imports(b)).toEqual(['1.xlsx', '2.xlsx']);
      // The second workbook came after the backup of the files.
      expect((await codes(b)).filter((c) => c === 'backup.fsck.file')).toHaveLength(1);
      expect(await b.db.query('SELECT phase, seq FROM subscriptions.cursor')).toEqual([{ phase: 'gap', seq: 110 }]);
      expect(turn!.steps.find((s) => s.id === 'signatures')).toMatchObject({ count: 1, left: true });
      const before = await b.db.query<{ seal: number }>('SELECT seal FROM backup.seal_before');
      expect(before).toEqual([{ seal: ids[1] }]);
      await until(async () => (await b.seal.seals.store.counts()).pending === 0);
    } finally {
      await b.close();
    }
  }, 180_000);
});
