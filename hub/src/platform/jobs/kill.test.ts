import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { migrate, openDb } from '../db/index.ts';
import { freshPgliteFolder } from '../db/testing.ts';
import { jobMigrations } from './index.ts';

const worker = fileURLToPath(new URL('./fixtures/kill-worker.ts', import.meta.url));

/** Runs the worker; kills it when it says a line that matches. Answers the lines that it said. */
async function run(folder: string, submit: string, killAt?: string): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', worker, folder, submit], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (killAt && out.includes(`${killAt}\n`)) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('close', resolve));
  return out.trimEnd().split('\n');
}

test('a job whose process was killed goes on from its checkpoint and finishes', { timeout: 120_000 }, async () => {
  const folder = await freshPgliteFolder();
  try {
    const before = await openDb({ kind: 'pglite', folder });
    await migrate(before, [jobMigrations]);
    await before.close();
    expect((await run(folder, 'submit', 'step 7'))[0]).toBe('from 0');
    const second = await run(folder, 'no', 'step 20');
    expect(Number(second[0]!.split(' ')[1])).toBeGreaterThanOrEqual(7);
    const third = await run(folder, 'no');
    expect(Number(third[0]!.split(' ')[1])).toBeGreaterThanOrEqual(20);
    expect(JSON.parse(third.at(-1)!)).toEqual({ state: 'done', result: { counted: 60 }, attempt: 3 });
    const after = await openDb({ kind: 'pglite', folder });
    expect(await after.query('SELECT count(*) AS n, max(n) AS max FROM counted')).toEqual([{ n: 60, max: 60 }]);
    await after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
