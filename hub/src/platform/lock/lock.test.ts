import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../problem.ts';
import { holderOf, lockFolder } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Problem).kind.code;
  }
  return 'none';
};

test('a second owner is refused and told where the first one listens', () => {
  const lock = lockFolder(folder);
  lock.setUrl('http://127.0.0.1:8420');
  expect(() => lockFolder(folder)).toThrow('http://127.0.0.1:8420');
  expect(codeOf(() => lockFolder(folder))).toBe('lock.held');
  expect(holderOf(folder)).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:8420' });
  lock.release();
  expect(holderOf(folder)).toBeUndefined();
  lockFolder(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that was killed leaves no lock that holds', async () => {
  const script = `import { lockFolder } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    lockFolder(process.argv[2]); process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const file = join(folder, 'holder.mts');
  writeFileSync(file, script);
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, folder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(codeOf(() => lockFolder(folder))).toBe('lock.held');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  expect(existsSync(join(folder, 'lock'))).toBe(true);
  expect(holderOf(folder)).toBeUndefined();
  const lock = lockFolder(folder);
  expect(holderOf(folder)?.pid).toBe(process.pid);
  lock.release();
});

test('a process number that was used again is not the owner', () => {
  const lock = lockFolder(folder);
  const holder = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));
  lock.release();
  writeFileSync(join(folder, 'lock'), JSON.stringify({ ...holder, birth: 'another boot/1' }));
  lockFolder(folder).release();
});

test('a lock that cannot be read is stale', () => {
  writeFileSync(join(folder, 'lock'), '{"pid": 1');
  lockFolder(folder).release();
});

test('a lock of another machine holds while it is touched', () => {
  const { pid } = spawnSync('true');
  const file = join(folder, 'lock');
  const of = (host: string) => JSON.stringify({ pid, host, birth: '', random: 'x', since: '' });
  writeFileSync(file, of(`${hostname()}-other`));
  expect(codeOf(() => lockFolder(folder))).toBe('lock.held');
  writeFileSync(file, of(hostname()));
  lockFolder(folder).release();
});
