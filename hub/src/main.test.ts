import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

// A start that succeeds is tested with the command line (tests/command-line.test.ts), whose `start` is this one.
test('a wrong configuration stops the start and names every fault with its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-main-'));
  const file = join(folder, 'jingwei.yaml');
  writeFileSync(file, `dataFolder: ${join(folder, 'data')}\nhttp:\n  prot: 1\nlake:\n  threads: many\n`);
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--config', file], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
  expect(err).toContain('http.prot');
  expect(err).toContain(`${file}:3`);
  expect(err).toContain('lake.threads');
  expect(err).not.toContain('    at ');
  expect(existsSync(join(folder, 'data'))).toBe(false);
  rmSync(folder, { recursive: true });
});
