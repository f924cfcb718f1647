/** A private PostgreSQL server for tests, once per test process, gone with it however it ends. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** The folder of the newest PostgreSQL binaries (15 or later) on this machine, or undefined. */
export function findBinaries(root = '/usr/lib/postgresql'): string | undefined {
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root)
    .map(Number)
    .filter((v) => v >= 15 && existsSync(join(root, String(v), 'bin', 'initdb')))
    .sort((a, b) => b - a);
  return versions[0] === undefined ? undefined : join(root, String(versions[0]), 'bin');
}

let running: Promise<string> | undefined;

/** Starts the server when none runs yet; answers its url. */
export function startPostgres(): Promise<string> {
  running ??= start();
  return running;
}

/** PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`. */
function otherUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const user of ['postgres', 'nobody']) {
    const line = lines.find((l) => l.startsWith(`${user}:`))?.split(':');
    if (line) return { uid: Number(line[2]), gid: Number(line[3]) };
  }
  return {};
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A server that a test starts itself on a folder of its own. */
export interface TestServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts a server on a data folder that is there; the folder comes to belong to the user that it runs as. `settings`: `name=value`. */
export async function startOn(data: string, settings: readonly string[] = []): Promise<TestServer> {
  const bin = findBinaries()!;
  const user = otherUser();
  if (user.uid !== undefined) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, data]);
  const port = await freePort();
  const script =
    '"$0" -D "$1" -p "$2" -h 127.0.0.1 -k "$1" -c fsync=off "$@" >"$1/start.log" 2>&1 & p=$!; cat >/dev/null; kill -INT $p; wait $p';
  const extra = settings.flatMap((s) => ['-c', s]);
  const keeper = spawn(
    '/bin/sh',
    ['-c', script.replace('"$@"', extra.map((e) => `'${e}'`).join(' ')), join(bin, 'postgres'), data, String(port)],
    {
      ...user,
      cwd: data,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );
  const ended = new Promise<void>((resolve) => keeper.once('exit', () => resolve()));
  const url = `postgres://jingwei@127.0.0.1:${port}/postgres`;
  await answers(url, join(data, 'start.log'));
  return {
    url,
    stop: async () => {
      keeper.stdin!.destroy();
      await ended;
    },
  };
}

/** A fresh data folder of a server, for `startOn`. */
export function makeServer(data: string): void {
  const user = otherUser();
  if (user.uid !== undefined) {
    mkdirSync(data, { recursive: true });
    chownSync(data, user.uid, user.gid!);
  }
  const made = spawnSync(
    join(findBinaries()!, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'jingwei',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
      '--wal-segsize=1',
    ],
    { ...user, cwd: data, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
}

async function start(): Promise<string> {
  const bin = findBinaries();
  if (!bin) {
    throw new Error(
      'tests need PostgreSQL 15+: install it, or set JINGWEI_TEST_POSTGRES=postgres://user@host/database',
    );
  }
  const user = otherUser();
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-postgres-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'jingwei', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  // The shell waits on its standard input, which closes when this process ends in any way; then it stops the server and
  // removes the folder. Nothing is left behind even by a killed test run.
  const script =
    '"$0" -D "$1/data" -p "$2" -h 127.0.0.1 -k "$1" -c fsync=off -c shared_buffers=32MB >"$1/log" 2>&1 & p=$!; ' +
    'cat >/dev/null; kill -QUIT $p; wait $p; rm -rf "$1"';
  const keeper = spawn('/bin/sh', ['-c', script, join(bin, 'postgres'), folder, String(port)], {
    ...user,
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  keeper.unref();
  (keeper.stdin as unknown as { unref(): void }).unref();
  const url = `postgres://jingwei@127.0.0.1:${port}/postgres`;
  await answers(url, join(folder, 'log'));
  return url;
}

/** Resolves when the server answers. */
async function answers(url: string, log: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries > 150) throw new Error(`PostgreSQL did not start: ${readFileSync(log, 'utf8')} ${error}`);
      await sleep(100);
    }
  }
}
