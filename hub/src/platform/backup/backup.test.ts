import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FolderBlobs } from '../blobs/index.ts';
import { type Db, migrate, openDb } from '../db/index.ts';
import { freshPgliteFolder, postgresExpected, testPostgres } from '../db/testing.ts';
import { type Lake, openDuckDbLake } from '../lake/index.ts';
import { Problem } from '../problem.ts';
import { Repository } from './repository.ts';
import { restoreFiles, restoreRows } from './restore.ts';
import { newRecoveryKey, readRecoveryKey, written } from './secret.ts';
import { type Source, takeSnapshot } from './snapshot.ts';
import { Writer } from './writer.ts';

const root = mkdtempSync(join(tmpdir(), 'jingwei-backup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let n = 0;
const fresh = (name: string) => join(root, `${++n}-${name}`);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof Problem ? error.kind.code : String(error);
  }
};

/** A small data folder with both stores, received files and a journal. */
interface Small {
  data: string;
  db: Db;
  lake: Lake;
  source: Source;
  blobs: FolderBlobs;
  end(): Promise<void>;
}

async function small(url?: string): Promise<Small> {
  const data = fresh('data');
  for (const name of ['blobs', 'archives', 'keys', 'lake', 'journal', 'work'])
    mkdirSync(join(data, name), { recursive: true, mode: 0o700 });
  writeFileSync(join(data, 'keys', 'token.key'), 'secret of the vault\n', { mode: 0o600 });
  for (const at of ['lock', 'journal/lock', 'journal/lock.4711']) writeFileSync(join(data, at), 'of this process\n');
  let db: Db;
  if (url) db = await openDb({ kind: 'postgres', url, connections: 4 });
  else {
    const folder = join(data, 'pg');
    const { cpSync } = await import('node:fs');
    cpSync(await freshPgliteFolder(), folder, { recursive: true });
    db = await openDb({ kind: 'pglite', folder });
  }
  await db.query(
    'CREATE SCHEMA t; CREATE TABLE t.step (n integer PRIMARY KEY, at timestamptz NOT NULL, note text, more jsonb)',
  );
  const lake = await openDuckDbLake({ path: join(data, 'lake', 'lake.duckdb') });
  await lake.define(['CREATE SCHEMA t', 'CREATE TABLE t.step (n INTEGER, payload VARCHAR)']);
  const [blobs, archiveBlobs] = [new FolderBlobs(join(data, 'blobs')), new FolderBlobs(join(data, 'archives'))];
  const folders = { data, keys: join(data, 'keys') } as Source['deps']['folders'];
  const config = { city: 'cixi', archives: { store: { kind: 'folder' } } } as Source['deps']['config'];
  const source: Source = {
    deps: { db, lake, folders, config, clock: { now: () => new Date() }, blobs, archiveBlobs },
    ...{ version: '0.0.0', synthetic: true, keys: true },
  };
  return {
    ...{ data, db, lake, source, blobs },
    end: async () => {
      await db.close();
      await lake.close();
    },
  };
}

/** One step after another, each part only when the part before is on disk: file, journal, lake, store. */
function walk(s: Small): { stop(): Promise<number> } {
  let on = true;
  let i = 0;
  const done = (async () => {
    while (on) {
      i += 1;
      await s.blobs.put([Buffer.from(`content ${i}`)]);
      appendFileSync(join(s.data, 'journal', 'steps.log'), `${i}\n`, { flush: true } as never);
      await s.lake.write('steps', (w) =>
        w.run('INSERT INTO t.step SELECT $n, repeat($p, 200) FROM range(50)', {
          n: i,
          p: createHash('md5').update(`${i}`).digest('hex'),
        }),
      );
      await s.db.tx((trx) =>
        sql`INSERT INTO t.step VALUES (${i}, now(), ${`第${i}步 “quoted” \\ and\nlines`}, ${JSON.stringify({ i, list: [1, null, 'x'] })})`.execute(
          trx,
        ),
      );
    }
    return i;
  })();
  return {
    stop: () => {
      on = false;
      return done;
    },
  };
}

/** How far each part of a restored folder is. */
async function reached(
  folder: string,
  db: Db,
): Promise<{ files: number; journal: number; lake: number; store: number }> {
  const lake = await openDuckDbLake({ path: join(folder, 'lake', 'lake.duckdb') });
  try {
    const row = await lake.first<{ n: number; rows: number }>(
      'SELECT coalesce(max(n), 0) AS n, count(*) AS rows FROM t.step',
    );
    expect(row!.rows).toBe(row!.n * 50);
    const store = await db.query<{ n: number; rows: number }>(
      'SELECT coalesce(max(n), 0)::int AS n, count(*)::int AS rows FROM t.step',
    );
    expect(store[0]!.rows).toBe(store[0]!.n);
    let files = 0;
    const blobs = new FolderBlobs(join(folder, 'blobs'));
    while (
      await blobs.has(
        createHash('sha256')
          .update(`content ${files + 1}`)
          .digest('hex'),
      )
    )
      files += 1;
    const journal = readFileSync(join(folder, 'journal', 'steps.log'), 'utf8')
      .split('\n')
      .filter(Boolean).length;
    return { files, journal, lake: row!.n, store: store[0]!.n };
  } finally {
    await lake.close();
  }
}

describe.each(postgresExpected() ? ['pglite', 'postgres'] : ['pglite'])('backups of a working hub on %s', (kind) => {
  let s: Small;
  let url: string | undefined;
  let endDb = async () => {};
  beforeAll(async () => {
    if (kind === 'postgres') {
      const own = await testPostgres();
      url = own.url;
      endDb = own.end;
    }
    s = await small(url);
  }, 60_000);
  afterAll(async () => {
    await s.end();
    await endDb();
  });

  test('every backup is a moment that a power failure could have left, and can be restored', async () => {
    const repository = fresh('repository');
    const { dataKey } = Repository.init(repository, new Date());
    const walker = walk(s);
    const taken: string[] = [];
    const held: number[] = [];
    // Rows of a server are loaded into a new embedded store each time, which takes seconds.
    const times = kind === 'postgres' ? 2 : 3;
    for (let i = 0; i < times; i++) {
      await new Promise((resolve) => setTimeout(resolve, 120 + 77 * i));
      const writer = await Writer.open(repository, dataKey);
      const snapshot = await takeSnapshot(s.source, writer);
      await writer.close();
      taken.push(snapshot.id);
      held.push(snapshot.held);
    }
    await walker.stop();
    expect(new Set(taken).size).toBe(times);
    let last = 0;
    for (const id of taken) {
      const to = fresh('restored');
      const manifest = restoreFiles({ from: repository, dataKey, snapshot: id, to });
      expect(manifest.store).toBe(kind);
      expect(existsSync(join(to, 'lock'))).toBe(false);
      expect(readdirSync(join(to, 'journal'))).toEqual(['steps.log']);
      expect(readFileSync(join(to, 'keys', 'token.key'), 'utf8')).toBe('secret of the vault\n');
      if (kind === 'postgres') {
        // Rows of a server go into a store that the migrations have just made: here the embedded one.
        await restoreRows(to, { folder: to }, async (d) => {
          await migrate(d, []);
          await d.query(
            'CREATE SCHEMA t; CREATE TABLE t.step (n integer PRIMARY KEY, at timestamptz NOT NULL, note text, more jsonb)',
          );
        });
      }
      const db = await openDb({ kind: 'pglite', folder: join(to, 'pg') });
      try {
        const at = await reached(to, db);
        expect(at.store).toBeGreaterThan(last);
        // Each part is as far as the next or one step further: nothing is there whose cause is missing.
        expect(at.lake - at.store, JSON.stringify(at)).toBeGreaterThanOrEqual(0);
        expect(at.lake - at.store, JSON.stringify(at)).toBeLessThanOrEqual(1);
        expect(at.journal - at.lake, JSON.stringify(at)).toBeGreaterThanOrEqual(0);
        expect(at.journal - at.lake, JSON.stringify(at)).toBeLessThanOrEqual(1);
        expect(at.files - at.lake, JSON.stringify(at)).toBeGreaterThanOrEqual(0);
        const row = await db.query<{ note: string; more: unknown }>('SELECT note, more FROM t.step WHERE n = 1');
        expect(row).toEqual([{ note: '第1步 “quoted” \\ and\nlines', more: { i: 1, list: [1, null, 'x'] } }]);
        last = at.store;
      } finally {
        await db.close();
      }
    }
  }, 120_000);

  test('a second backup costs only what is new', async () => {
    const repository = fresh('repository');
    const { dataKey } = Repository.init(repository, new Date());
    await s.blobs.put([randomBytes(3_000_000)]);
    const one = await Writer.open(repository, dataKey);
    const first = await takeSnapshot(s.source, one);
    await one.close();
    await s.blobs.put([randomBytes(1000)]);
    const two = await Writer.open(repository, dataKey);
    const second = await takeSnapshot(s.source, two);
    expect(second.bytes).toBeGreaterThan(3_000_000);
    expect(second.added).toBeLessThan(first.added / 4);
    expect((await two.list()).map((v) => v.id)).toEqual([first.id, second.id]);
    // What only the first needed goes with it; the second is whole.
    await two.prune([first.id]);
    expect(await two.check(second.id)).toBeGreaterThan(3);
    await two.close();
    expect(readdirSync(join(s.data, 'work'))).toEqual([]);
    const to = fresh('restored');
    restoreFiles({ from: repository, dataKey, snapshot: 'latest', to });
    expect(existsSync(join(to, 'lake', 'lake.duckdb'))).toBe(true);
  }, 60_000);
});

test('nothing of what was backed up can be read without the key, and a changed byte is found', async () => {
  const repository = fresh('repository');
  const { dataKey, recovery } = Repository.init(repository, new Date());
  const own = Repository.open(repository, dataKey);
  const secret = Buffer.from('330282199001011234 '.repeat(4000));
  const chunk = own.put(secret);
  own.keep({
    ...{ format: 1, id: '20261121T000000Z-00000000', at: '2026-11-21T00:00:00Z', version: '0', city: 'cixi' },
    ...{ synthetic: true, store: 'pglite', keys: true, without: [], bytes: secret.length, added: 0, held: 0, took: 0 },
    files: [{ path: 'blobs/ab', mode: 0o600, size: secret.length, mtime: 0, ino: 0, chunks: [chunk] }],
  });
  const all = readdirSync(repository, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .map((f) => join(f.parentPath, f.name));
  for (const file of all) expect(readFileSync(file).includes('3302821990')).toBe(false);
  expect(Repository.dataKey(repository, recovery.toLowerCase().replaceAll('-', ' '))).toEqual(dataKey);
  expect(codeOf(() => Repository.dataKey(repository, newRecoveryKey()))).toBe('backup.key');
  expect(codeOf(() => Repository.open(repository, randomBytes(32)))).toBe('backup.damaged');
  // Content once, however often it is put.
  expect(own.put(secret)).toBe(chunk);
  const pack = all.find((f) => f.endsWith('.pack'))!;
  const bytes = readFileSync(pack);
  bytes[20]! ^= 1;
  writeFileSync(pack, bytes);
  expect(codeOf(() => Repository.open(repository, dataKey).check('latest'))).toBe('backup.damaged');
  const to = fresh('restored');
  expect(codeOf(() => restoreFiles({ from: repository, dataKey, snapshot: 'latest', to }))).toBe('backup.damaged');
  expect(existsSync(to)).toBe(false);
});

test('a recovery key survives being copied, and a slip is told', () => {
  for (let i = 0; i < 200; i++) {
    const bytes = randomBytes(32);
    const text = written(bytes);
    expect(text).toMatch(/^([0-9A-Z]{7}-){7}[0-9A-Z]{7}$/);
    expect(readRecoveryKey(` ${text.toLowerCase()} `.replaceAll('-', ' '))).toEqual(bytes);
    const at = i % text.length;
    if (text[at] === '-') continue;
    const slip = text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1);
    expect(codeOf(() => readRecoveryKey(slip))).toBe('backup.recovery-key');
  }
});

test('custodians put the recovery key together, and too few or a slip are told', () => {
  const repository = fresh('repository');
  const { dataKey, shares } = Repository.init(repository, new Date(), { needed: 3, count: 5 });
  expect(Repository.dataKey(repository, [shares[4], shares[0], shares[2]].join('\n'))).toEqual(dataKey);
  expect(Repository.dataKey(repository, shares.join('\n').toLowerCase())).toEqual(dataKey);
  expect(codeOf(() => Repository.dataKey(repository, shares.slice(0, 2).join('\n')))).toBe('backup.recovery-shares');
  const at = shares[1]!.length - 9;
  const slip = shares[1]!.slice(0, at) + (shares[1]![at] === '7' ? '8' : '7') + shares[1]!.slice(at + 1);
  expect(codeOf(() => Repository.dataKey(repository, [shares[0], slip, shares[2]].join('\n')))).toBe(
    'backup.recovery-key',
  );
});

test('a new recovery key opens what the one of before opened, and that opens nothing any more', () => {
  const folder = fresh('repository');
  const { dataKey, recovery } = Repository.init(folder, new Date());
  expect(codeOf(() => Repository.renew(folder, dataKey, new Date()))).toBe('backup.nothing-to-try');
  const repository = Repository.open(folder, dataKey);
  const name = repository.put(Buffer.from('kept before'));
  repository.flush();
  expect(codeOf(() => Repository.renew(folder, randomBytes(32), new Date()))).toMatch(/^backup\./);
  expect(Repository.dataKey(folder, recovery)).toEqual(dataKey);
  const renewed = Repository.renew(folder, dataKey, new Date());
  expect(codeOf(() => Repository.dataKey(folder, recovery))).toBe('backup.key');
  expect(Repository.dataKey(folder, renewed.recovery)).toEqual(dataKey);
  expect(Repository.open(folder, dataKey).get(name).toString()).toBe('kept before');
  const { shares } = Repository.renew(folder, dataKey, new Date(), { needed: 2, count: 3 });
  expect(Repository.dataKey(folder, [shares[2], shares[0]].join('\n'))).toEqual(dataKey);
});

test('bad places are told before anything is changed', () => {
  const folder = fresh('full');
  mkdirSync(folder);
  writeFileSync(join(folder, 'x'), 'x');
  expect(codeOf(() => Repository.init(folder, new Date()))).toBe('backup.repository-exists');
  expect(codeOf(() => Repository.open(folder, randomBytes(32)))).toBe('backup.repository-missing');
  const repository = fresh('repository');
  const { dataKey } = Repository.init(repository, new Date());
  expect(codeOf(() => restoreFiles({ from: repository, dataKey, snapshot: 'latest', to: folder }))).toBe(
    'backup.target-not-empty',
  );
  expect(codeOf(() => restoreFiles({ from: repository, dataKey, snapshot: '../x', to: fresh('to') }))).toBe(
    'backup.snapshot-unknown',
  );
  expect(readdirSync(folder)).toEqual(['x']);
});
