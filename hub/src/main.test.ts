import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshPgliteFolder } from './platform/db/testing.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-main-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the hub; answers what it said once it ended. `heard` is called with everything said so far. */
async function start(
  args: string[],
  heard: (text: string, stop: () => void) => void,
  env: Record<string, string> = {},
) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, JINGWEI_HTTP_PORT: '0', JINGWEI_LAKE_MEMORY_MIB: '512', ...env },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    heard(out, () => child.kill('SIGTERM'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, out, err };
}

test('the hub says where it is, prints the first passwords once, and stops when asked', {
  timeout: 120_000,
}, async () => {
  const data = join(folder, 'data');
  const pg = await freshPgliteFolder();
  cpSync(pg, join(data, 'pg'), { recursive: true });
  rmSync(pg, { recursive: true });
  let live: Promise<Response> | undefined;
  // Its accounts are what is asked for here, not its city.
  const env = { JINGWEI_DEMO_ROWS: '0', JINGWEI_DEMO_PACE: '0' };
  const heard = (text: string, stop: () => void) => {
    const url = /running: (http:\S+)\n/.exec(text)?.[1];
    // The last line of the start.
    if (!url || live || !/ {2}archivist /.test(text)) return;
    live = fetch(`${url}/health/live`);
    live.finally(stop);
  };
  const { code, out, err } = await start(['--data', data, '--demo'], heard, env);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  expect((await live!).status).toBe(200);
  expect(out).toMatch(/took: \d+\.\d s/);
  for (const login of ['sysadmin', 'secadmin', 'auditadmin', 'steward']) expect(out).toContain(login);
  expect(existsSync(join(data, 'lock'))).toBe(false);
  // What is for the eyes at the terminal is not in the log.
  expect(err).not.toContain(/sysadmin +(\S+)/.exec(out)![1]!);
});

test('a wrong configuration stops the start and names every fault with its place', { timeout: 60_000 }, async () => {
  const file = join(folder, 'jingwei.yaml');
  writeFileSync(file, `dataFolder: ${join(folder, 'data')}\nhttp:\n  prot: 1\nlake:\n  threads: many\n`);
  const { code, err } = await start(['--config', file], () => undefined);
  expect(code).toBe(1);
  expect(err).toContain('http.prot');
  expect(err).toContain(`${file}:3`);
  expect(err).toContain('lake.threads');
  expect(err).not.toContain('    at ');
  expect(existsSync(join(folder, 'data'))).toBe(false);
});
