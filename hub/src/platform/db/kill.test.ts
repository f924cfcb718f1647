import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openDb } from './index.ts';
import { freshPgliteFolder } from './testing.ts';

const writer = fileURLToPath(new URL('./fixtures/kill-writer.ts', import.meta.url));

/** Lets the writer acknowledge some rows, kills it, answers the last number that it acknowledged. */
async function killAfter(folder: string, rows: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  let count = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    count += text.split('\n').length - 1;
    if (count >= rows) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.on('close', (_, s) => resolve(s)));
  expect(signal).toBe('SIGKILL');
  // A number whose line was cut was not yet heard.
  return Number(out.slice(0, out.lastIndexOf('\n')).split('\n').at(-1));
}

test('what PGlite acknowledged survives kill -9, whole, and the folder opens again', { timeout: 120_000 }, async () => {
  const folder = await freshPgliteFolder();
  try {
    let last = 0;
    for (const rows of [1, 37, 110]) {
      last = await killAfter(folder, rows);
      const db = await openDb({ kind: 'pglite', folder });
      // A kill keeps what the machine already holds; a power cut only what was fsynced.
      expect(await db.query('SHOW fsync')).toEqual([{ fsync: 'on' }]);
      const [row] = await db.query<{ n: number; max: number; whole: number }>(
        'SELECT count(*) AS n, max(n) AS max, count(b) AS whole FROM acknowledged',
      );
      await db.close();
      expect(row!.max).toBeGreaterThanOrEqual(last);
      expect(row).toEqual({ n: row!.max, max: row!.max, whole: row!.max });
    }
    expect(last).toBeGreaterThanOrEqual(148);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
