/** Loading into real servers from the machine's packages; where they are absent the suite says so, in CI they must be there. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateCity } from '../generate.ts';
import { noDefects } from '../options.ts';
import { inScratch } from '../testing.ts';

const binaries = '/usr/lib/postgresql/15/bin';
const havePostgres = existsSync(join(binaries, 'postgres'));
const mariadbd = ['/usr/sbin/mariadbd', '/usr/bin/mariadbd'].find((f) => existsSync(f));
const mustHave = process.env.CI === 'true';
const options = {
  threads: 1,
  seed: 2,
  rows: 6000,
  enterprises: 300,
  classes: ['scjg.market-entity', 'slj.water-use'],
  defects: { ...noDefects, noCode: 0.1 },
  truth: false,
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Tries until it works: a server takes a moment to listen. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let i = 0; ; i += 1)
    try {
      return await work();
    } catch (error) {
      if (i > 150) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

async function stop(server: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!server || server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await ended;
}

describe.skipIf(!havePostgres && !mustHave)('PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'synthcity-pg-'));
  let server: ChildProcess;
  let url = '';
  beforeAll(async () => {
    // The server refuses to run as the superuser.
    const root = userInfo().uid === 0;
    const who = root
      ? { uid: Number(execFileSync('id', ['-u', 'postgres'])), gid: Number(execFileSync('id', ['-g', 'postgres'])) }
      : {};
    if (root && who.uid !== undefined) chownSync(folder, who.uid, who.gid);
    const data = join(folder, 'data');
    execFileSync(
      join(binaries, 'initdb'),
      ['-D', data, '-A', 'trust', '-U', 'city', '-E', 'UTF8', '--locale=C', '-N'],
      { ...who, cwd: folder },
    );
    const port = await freePort();
    server = spawn(
      join(binaries, 'postgres'),
      ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder, '-F'],
      { ...who, cwd: folder, stdio: 'ignore' },
    );
    url = `postgres://city@127.0.0.1:${port}/postgres`;
    await eventually(async () => {
      const client = new pg.Client(url);
      await client.connect();
      await client.end();
    });
  }, 60_000);
  afterAll(async () => {
    await stop(server, 'SIGINT');
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a table for every class, with what is blank as NULL, and takes it again', async () => {
    await inScratch(async (out) => {
      for (const _ of [1, 2])
        await generateCity({ ...options, out, target: { kind: 'postgres', url, schema: 'departments' } });
      const report = await generateCity({ ...options, out });
      const client = new pg.Client(url);
      await client.connect();
      const { rows } = await client.query<{ n: string; blank: string; empty: string; name: string }>(
        "SELECT count(*) AS n, count(*) FILTER (WHERE uni_social_crd_cd IS NULL) AS blank, count(*) FILTER (WHERE uni_social_crd_cd = '') AS empty, min(user_nm) AS name FROM departments.slj_water_use",
      );
      await client.end();
      expect(Number(rows[0]?.n)).toBe(report.classes.find((c) => c.id === 'slj.water-use')?.rows);
      expect(Number(rows[0]?.blank)).toBeGreaterThan(0);
      expect(Number(rows[0]?.empty)).toBe(0);
      expect(rows[0]?.name).toMatch(/\p{Script=Han}/u);
    });
  }, 60_000);

  it('says what is wrong when the server refuses', async () => {
    await inScratch(async (out) => {
      await expect(
        generateCity({ ...options, out, target: { kind: 'postgres', url: url.replace('/postgres', '/nowhere') } }),
      ).rejects.toThrow(/nowhere/);
    });
  }, 60_000);
});

describe.skipIf(!mariadbd && !mustHave)('MariaDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'synthcity-my-'));
  let server: ChildProcess;
  let url = '';
  beforeAll(async () => {
    const me = userInfo().username;
    const data = join(folder, 'data');
    mkdirSync(data);
    chmodSync(folder, 0o755);
    execFileSync(
      'mariadb-install-db',
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--user=${me}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
      ],
      { stdio: 'ignore' },
    );
    const port = await freePort();
    server = spawn(
      mariadbd as string,
      [
        '--no-defaults',
        `--user=${me}`,
        `--datadir=${data}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(folder, 's')}`,
      ],
      { stdio: 'ignore' },
    );
    url = `mysql://root@127.0.0.1:${port}/city`;
    await eventually(async () => {
      const connection = await mysql.createConnection(url.replace('/city', '/mysql'));
      await connection.query('CREATE DATABASE IF NOT EXISTS city CHARACTER SET utf8mb4');
      await connection.end();
    });
  }, 60_000);
  afterAll(async () => {
    await stop(server, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a table for every class, with what is blank as NULL', async () => {
    await inScratch(async (out) => {
      const report = await generateCity({ ...options, out, target: { kind: 'mysql', url } });
      const connection = await mysql.createConnection({ uri: url, charset: 'utf8mb4' });
      const [rows] = await connection.query(
        "SELECT count(*) AS n, sum(uni_social_crd_cd IS NULL) AS blank, sum(uni_social_crd_cd = '') AS empty, min(user_nm) AS name FROM slj_water_use",
      );
      await connection.end();
      const row = (rows as { n: number; blank: string; empty: string; name: string }[])[0];
      expect(Number(row?.n)).toBe(report.classes.find((c) => c.id === 'slj.water-use')?.rows);
      expect(Number(row?.blank)).toBeGreaterThan(0);
      expect(Number(row?.empty)).toBe(0);
      expect(row?.name).toMatch(/\p{Script=Han}/u);
    });
  }, 60_000);
});
