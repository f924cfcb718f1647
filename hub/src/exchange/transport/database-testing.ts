/** A private MariaDB server for tests, gone with the test process however that ends. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';

/** The server's binary, or undefined where it is not installed. */
export const mariadbd = ['/usr/sbin/mariadbd', '/usr/bin/mariadbd', '/usr/libexec/mariadbd'].find((f) => existsSync(f));

/** Whether the server must or can be tested on; with CI=true its absence fails the suite instead of hiding it. */
export const mariadbExpected = (): boolean => mariadbd !== undefined || process.env.CI === 'true';

/** A running server. */
export interface TestMariadb {
  /** `mysql://root@127.0.0.1:<port>/<database>`. */
  url(database: string): string;
  /** Kills the server as a power cut would. */
  kill(): void;
  /** Starts it again on the same folder and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** The account as which it runs: never the superuser. */
function account(): { name: string; uid?: number; gid?: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  if (process.getuid?.() !== 0) {
    const own = lines.find((l) => l.split(':')[2] === String(process.getuid?.()));
    return { name: own?.split(':')[0] ?? 'nobody' };
  }
  for (const name of ['mysql', 'nobody']) {
    const line = lines.find((l) => l.startsWith(`${name}:`))?.split(':');
    if (line) return { name, uid: Number(line[2]), gid: Number(line[3]) };
  }
  throw new Error('no account to run MariaDB as');
}

/** Makes a server on a folder of its own and starts it. */
export async function startMariadb(): Promise<TestMariadb> {
  if (!mariadbd) throw new Error('tests need MariaDB: install mariadb-server');
  const { name, ...ids } = account();
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-mariadb-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(folder, 0o755);
  if (ids.uid !== undefined) for (const f of [folder, data]) chownSync(f, ids.uid, ids.gid!);
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { ...ids, cwd: folder, stdio: 'ignore' },
  );
  const port = await freePort();
  const url = (database: string) => `mysql://root@127.0.0.1:${port}/${database}`;
  // As with the tests' PostgreSQL: a shell waits on its standard input, which closes when this process ends in any way.
  const script =
    '"$0" --no-defaults --user="$3" --datadir="$1/data" --port="$2" --bind-address=127.0.0.1 --socket="$1/s" ' +
    '--innodb-buffer-pool-size=32M --innodb-flush-log-at-trx-commit=0 --skip-name-resolve >"$1/log" 2>&1 & p=$!; ' +
    'while read -r word; do [ "$word" = gone ] && break; done; kill -KILL $p; wait $p; [ "$word" = gone ] || rm -rf "$1"';
  let end: (word: string) => Promise<void> = async () => undefined;
  const start = async () => {
    const keeper = spawn('/bin/sh', ['-c', script, mariadbd!, folder, String(port), name], {
      ...ids,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    keeper.unref();
    const input = keeper.stdin!;
    (input as unknown as { unref(): void }).unref();
    const gone = new Promise<void>((resolve) => keeper.once('exit', () => resolve()));
    end = (word) => {
      keeper.ref();
      if (!input.writableEnded) input.end(word);
      return gone;
    };
    for (let tries = 0; ; tries++)
      try {
        await (await mysql.createConnection(url('mysql'))).end();
        return;
      } catch (error) {
        if (tries > 200)
          throw new Error(`MariaDB did not start: ${readFileSync(join(folder, 'log'), 'utf8')} ${error}`);
        await sleep(100);
      }
  };
  await start();
  return {
    url,
    kill: () => void end('gone\n'),
    start: async () => {
      await end('gone\n');
      await start();
    },
    stop: async () => {
      await end('');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
