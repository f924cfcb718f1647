import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { configurationPage, describeConfig, loadConfig } from './index.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'jingwei-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (text: string) => writeFileSync(join(cwd, 'jingwei.yaml'), text);
function faults(env: Record<string, string> = {}, file?: string): Problem[] {
  try {
    loadConfig({ cwd, env, ...(file ? { file } : {}) });
  } catch (error) {
    return (error as Problem).details.length ? (error as Problem).details : [error as Problem];
  }
  return [];
}

test('without a file and an environment everything has its default', () => {
  const config = loadConfig({ cwd, env: {} });
  expect(config).toMatchObject({
    dataFolder: join(cwd, 'data'),
    http: { host: '127.0.0.1', port: 8420, limits: { bodyMiB: 10 } },
    auth: { password: { minLength: 12 } },
    demo: { enabled: false },
    secrets: {},
  });
});

test('the environment wins over the file, the file over the defaults', () => {
  write('http:\n  port: 9000\n  host: 0.0.0.0\nlake: { threads: 4 }\n');
  const env = {
    JINGWEI_HTTP_PORT: '9001',
    JINGWEI_HTTP_TRUST_PROXY: 'true',
    JINGWEI_DATA_FOLDER: '/srv/jingwei',
    JINGWEI_AUTH_PASSWORD_MIN_LENGTH: '14',
    JINGWEI_SECRETS_SCJG_DB: '{"kind":"database","url":"mysql://u@h/d"}',
    JINGWEI_LOG_LEVEL: '',
    JINGWEI_TEST_POSTGRES: 'postgres://elsewhere',
  };
  const config = loadConfig({ cwd, env, overrides: { 'demo.enabled': true } });
  expect(config.http).toMatchObject({ port: 9001, host: '0.0.0.0', trustProxy: true });
  expect(config.dataFolder).toBe('/srv/jingwei');
  expect(config.auth.password.minLength).toBe(14);
  expect(config.lake.threads).toBe(4);
  expect(config.secrets['scjg-db']).toEqual({ kind: 'database', url: 'mysql://u@h/d' });
  expect(config.log.level).toBe('info');
  expect(config.demo.enabled).toBe(true);
});

test('all faults are told together, each with its setting, its line and what was expected', () => {
  write('http:\n  port: seventy\n  hosts: x\nlake:\n  memoryMiB: 1\n');
  const found = faults({ JINGWEI_LOG_LEVEL: 'loud', JINGWEI_HTTP_PROT: '1' });
  const byPlace = Object.fromEntries(found.map((f) => [f.place?.setting, f]));
  expect(Object.keys(byPlace).sort()).toEqual([
    'JINGWEI_HTTP_PROT',
    'http.hosts',
    'http.port',
    'lake.memoryMiB',
    'log.level',
  ]);
  expect(byPlace['http.port']!.place).toMatchObject({ file: join(cwd, 'jingwei.yaml'), line: 2 });
  expect(byPlace['http.hosts']!.place).toMatchObject({ line: 3 });
  expect(byPlace['http.port']!.message).toContain('expected number');
  expect(byPlace['lake.memoryMiB']!.message).toContain('256');
  expect(byPlace['log.level']!.message).toContain('JINGWEI_LOG_LEVEL');
  for (const f of found) expect(f.toJSON().title.zh).toMatch(/\p{Script=Han}/u);
});

test('a file that is named but absent, or is no YAML, is said with its place', () => {
  expect(faults({}, 'none.yaml')[0]!.kind.code).toBe('config.no-file');
  write('http:\n  port: [1\n');
  const [fault] = faults();
  expect(fault!.kind.code).toBe('config.not-yaml');
  expect(fault!.place!.line).toBeGreaterThanOrEqual(2);
  write('- a\n- b\n');
  expect(faults()[0]!.kind.code).toBe('config.not-yaml');
});

test('the value of a secret is in no fault', () => {
  write('secrets:\n  x: { kind: database, url: "ftp://user:topsecret@h" }\n');
  expect(JSON.stringify(faults())).not.toContain('topsecret');
  expect(faults()[0]).toBeInstanceOf(Problem);
});

test('every option is described and has a variable of its own', () => {
  const options = describeConfig();
  expect(options.length).toBeGreaterThan(30);
  for (const option of options) expect(option.description, option.setting).not.toBe('');
  const names = options.map((o) => o.env);
  expect(new Set(names).size).toBe(names.length);
  expect(options.find((o) => o.setting === 'http.port')).toEqual({
    setting: 'http.port',
    env: 'JINGWEI_HTTP_PORT',
    type: 'integer 0–65535',
    default: 8420,
    description: 'Port to listen on; 0 takes a free one',
  });
});

test('docs/configuration.md says what the schema says (vitest -u writes it anew)', async () => {
  await expect(configurationPage()).toMatchFileSnapshot('../../../../docs/configuration.md');
});

test('the example of the documentation is a valid configuration', () => {
  write(/```yaml\n([\s\S]*?)```/.exec(configurationPage())![1]!);
  expect(loadConfig({ cwd, env: {} }).secrets['scjg-db']).toBeDefined();
});
