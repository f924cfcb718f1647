/** A hub of its own for the browser tests: demo mode, a temporary data folder, a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshPgliteFolder } from '../../hub/src/platform/db/testing-folder.ts';
import { findBinaries, startPostgres } from '../../hub/src/platform/db/testing-postgres.ts';

/** The password that every account is given at its first sign-in. */
export const newPassword = 'Warp-and-Weft-2026';

export interface TestHub {
  url: string;
  /** One-time passwords by login, as the first start prints them. */
  passwords: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

const startLimit = 300_000;

/**
 * Starts a hub with the demonstration city of about `rows` rows (0: its people alone); resolves when it listens. A city stands on the
 * machine's PostgreSQL where there is one, which takes half the work of the embedded store; a hub without a city on the embedded one.
 */
export async function startHub(rows = 20_000): Promise<TestHub> {
  const data = mkdtempSync(join(tmpdir(), 'jingwei-e2e-'));
  const server = rows > 0 && findBinaries() ? await startPostgres() : undefined;
  if (server === undefined) {
    const database = await freshPgliteFolder();
    cpSync(database, join(data, 'pg'), { recursive: true });
    rmSync(database, { recursive: true });
  }
  const child = spawn(process.execPath, ['--import', 'tsx', 'hub/src/main.ts', '--demo'], {
    env: {
      ...process.env,
      JINGWEI_DATA_FOLDER: data,
      JINGWEI_HTTP_PORT: '0',
      JINGWEI_DEMO_ROWS: String(rows),
      ...(server === undefined ? {} : { JINGWEI_DB_URL: server }),
      // Without a city nothing lives in it either.
      ...(rows === 0 ? { JINGWEI_DEMO_PACE: '0' } : {}),
      JINGWEI_HTTP_LIMITS_REQUESTS_PER_MINUTE: '100000',
      JINGWEI_LOG_LEVEL: 'warn',
      // Browsers need the second processor, and a thread that waits for another turns in circles.
      JINGWEI_LAKE_THREADS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => stopHub(child, data);
  try {
    const { url, passwords } = await firstWords(child);
    return { url, passwords, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function firstWords(child: ChildProcess): Promise<{ url: string; passwords: Map<string, string> }> {
  return new Promise((resolve, reject) => {
    let text = '';
    let trouble = '';
    const timer = setTimeout(
      () => reject(new Error(`the hub did not start in time:\n${text}\n${trouble}`)),
      startLimit,
    );
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      trouble = (trouble + chunk).slice(-4000);
    });
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
      const passwords = new Map(
        [...text.matchAll(/^ {2}([a-z-]+) +([A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){3}) /gm)].map((m) => [m[1]!, m[2]!]),
      );
      if (!url || !passwords.has('archivist')) return;
      clearTimeout(timer);
      resolve({ url, passwords });
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the hub ended with ${code}:\n${text}\n${trouble}`));
    });
  });
}

async function stopHub(child: ChildProcess, data: string): Promise<void> {
  if (child.exitCode === null) {
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(hard);
  }
  rmSync(data, { recursive: true, force: true });
}
