/** A private PostgreSQL server for tests, once per test process, gone with it however it ends. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
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
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return url;
    } catch (error) {
      if (tries > 150)
        throw new Error(`PostgreSQL did not start: ${readFileSync(join(folder, 'log'), 'utf8')} ${error}`);
      await sleep(100);
    }
  }
}
