/** The command line as a client: a real hub that `jingwei start` began, and commands of people at it. */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EXIT } from '../cli/src/output.ts';
import { begin, jingwei as run, spawned } from '../cli/src/testing.ts';
import { freshPgliteFolder } from '../hub/src/platform/db/testing.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const sample = join(repository, 'sources', 'bb', 'public-institution', 'sample.csv');
const password = 'Kept-by-the-test-2026';

// The hub does what a hub does beside them.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let url: string;
let hub: ChildProcess;
/** What the hub said so far, and what it logged. */
let said = '';
let logged = '';

const env = (): Record<string, string> => ({
  JINGWEI_DATA_FOLDER: join(folder, 'data'),
  JINGWEI_HTTP_PORT: '0',
  JINGWEI_LAKE_MEMORY_MIB: '512',
  XDG_STATE_HOME: join(folder, 'state'),
  JINGWEI_CLI_LANG: 'en',
});

/** Runs a command as the person at this hub. */
const jingwei = (args: readonly string[], over: Record<string, string> = {}) => run(args, { ...env(), ...over });

const signIn = (login: string, as = password) => jingwei(['login', login], { JINGWEI_CLI_PASSWORD: as });

/** What the hub answers to the making of a user. */
interface Made {
  user: { id: string };
  oneTimePassword: string;
}

/** One request of a signed-in person to the hub, beside the command line. */
async function ask(method: string, path: string, body: unknown, cookie = ''): Promise<{ cookie: string; body: Made }> {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', origin: url, cookie },
    body: JSON.stringify(body),
  });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  const own = response.headers.getSetCookie().map((c) => c.split(';')[0]);
  return { cookie: own.join('; '), body: (await response.json()) as Made };
}

/** Signs in with a one-time password and sets the lasting one; answers the cookie. */
async function settle(login: string, once: string): Promise<string> {
  const { cookie } = await ask('POST', '/api/v1/session', { login, password: once });
  await ask('POST', '/api/v1/me/password', { current: once, next: password }, cookie);
  return cookie;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-cli-'));
  // The database of a fresh hub takes seconds to be made: a copy of one that is ready does as well.
  const ready = await freshPgliteFolder();
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  cpSync(ready, join(folder, 'data', 'pg'), { recursive: true });
  rmSync(ready, { recursive: true });
  hub = begin(['start'], env());
  hub.stderr!.setEncoding('utf8').on('data', (text) => {
    logged += text;
  });
  await new Promise<void>((resolve, reject) => {
    hub.stdout!.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (/ {2}auditadmin /.test(said)) resolve();
    });
    hub.once('exit', (code) => reject(new Error(`the hub ended with ${code}: ${said}`)));
  });
  url = /running: (http:\S+)/.exec(said)![1]!;
  const once = (login: string) => new RegExp(`^ {2}${login} +(\\S+)`, 'm').exec(said)![1]!;
  const system = await settle('sysadmin', once('sysadmin'));
  const security = await settle('secadmin', once('secadmin'));
  for (const [login, role, organisation] of [
    ['steward', 'data-steward', null],
    ['officer', 'data-officer', 'bb'],
    ['fresh', 'leader', null],
  ] as const) {
    const user = { login, name: login, organisation };
    const { body } = await ask('POST', '/api/v1/users', user, system);
    await ask(
      'PUT',
      `/api/v1/users/${body.user.id}/grants`,
      { grants: [{ role, organisation }], reason: 'test' },
      security,
    );
    if (login === 'fresh') writeFileSync(join(folder, 'once'), body.oneTimePassword);
    else await settle(login, body.oneTimePassword);
  }
}, 400_000);

afterAll(async () => {
  hub?.kill('SIGTERM');
  if (hub?.exitCode === null) await new Promise((resolve) => hub.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
});

test('the hub that owns the data folder is found, and says how it is', async () => {
  const { code, out } = await spawned(['--json', 'status'], env());
  expect(code).toBe(EXIT.ok);
  expect(JSON.parse(out)).toEqual({ hub: url, status: 'ok', checks: { store: true, lake: true } });
});

test("the console's types of the interface are those of the routes that this hub has: they cannot go stale silently", async () => {
  const described = await (await fetch(`${url}/api/openapi.json`)).text();
  const [line] = readFileSync(join(repository, 'web', 'console', 'src', 'api', 'schema.d.ts'), 'utf8').split('\n');
  // npm run api-types -w web/console makes it anew.
  expect(line).toBe(
    `// Made from the description with SHA-256 ${createHash('sha256').update(described).digest('hex')}`,
  );
});

test('without a session, with a wrong password and without one at all the answer is a code and exit 1', async () => {
  const jobs = await jingwei(['jobs']);
  expect([jobs.code, jobs.out, jobs.err]).toEqual([EXIT.problem, '', 'http.sign-in: sign in first\n']);
  const wrong = await signIn('steward', 'not the password');
  expect([wrong.code, wrong.out]).toEqual([EXIT.problem, '']);
  expect(wrong.err).toBe('auth.sign-in-failed: the login or the password is not right\n');
  const json = await jingwei(['--json', 'login', 'steward'], { JINGWEI_CLI_PASSWORD: 'not the password' });
  expect([json.code, json.err]).toEqual([EXIT.problem, '']);
  expect(JSON.parse(json.out).problem).toMatchObject({
    code: 'auth.sign-in-failed',
    title: { zh: '用户名或密码不正确', en: 'the login or the password is not right' },
  });
  const none = await spawned(['--lang', 'zh', 'login', 'steward'], env());
  expect([none.code, none.err]).toEqual([
    EXIT.problem,
    '密码：\ncli.no-password: 没有密码：请输入，或用环境变量 JINGWEI_CLI_PASSWORD 给出\n',
  ]);
  expect(readdirSync(folder)).not.toContain('state');
});

test('a one-time password signs in, and the command says that nothing else works until it is changed', async () => {
  const { code, out } = await signIn('fresh', readFileSync(join(folder, 'once'), 'utf8'));
  expect([code, out.split('\n')[0]]).toEqual([EXIT.ok, `signed in to ${url}`]);
  expect(out).toContain('change the one-time password');
  const search = await jingwei(['search', 'x']);
  expect([search.code, search.err.split(':')[0]]).toEqual([EXIT.problem, 'auth.password-must-change']);
});

test('an officer signs in, collects a file of the own organisation by upload and gets its receipt', async () => {
  expect((await signIn('officer')).out).toBe(`signed in to ${url}\n`);
  const kept = join(folder, 'state', 'jingwei');
  const [session] = readdirSync(kept);
  expect(statSync(join(kept, session!)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(kept, session!), 'utf8')).not.toContain(password);

  const first = await jingwei(['collect', '--input', sample]);
  expect(first).toMatchObject({
    code: EXIT.ok,
    out: 'source bb.public-institution\nrun 1: received 24 = accepted 24 + quarantined 0 + duplicate 0\n',
  });
  // Not a terminal: lines instead of a bar, the end once.
  expect(first.err.match(/^100% collecting$/gm)).toHaveLength(1);

  const again = await jingwei(['--json', 'collect', '--input', sample]);
  expect([again.code, again.err]).toEqual([EXIT.ok, '']);
  expect(JSON.parse(again.out)).toMatchObject({ source: 'bb.public-institution', run: 1, already: true, received: 24 });

  const others = await jingwei(['collect', '--input', sample, '--source', 'scjg.permit']);
  expect([others.code, others.err.split(':')[0]]).toEqual([EXIT.problem, 'exchange.upload.not-yours']);
  const jobs = await jingwei(['jobs']);
  expect([jobs.code, jobs.err]).toEqual([EXIT.problem, 'http.forbidden: not allowed: jobs.read is needed\n']);
});

test('a file that is refused names the rule and the place; one that is not there or nobody declares is told at once', async () => {
  await signIn('steward');
  const file = join(folder, 'short.csv');
  writeFileSync(file, 'inst_id,inst_nm\n1,x\n');
  const refused = await jingwei(['collect', '--input', file, '--source', 'bb.public-institution']);
  expect(refused.code).toBe(EXIT.problem);
  expect(refused.err).toMatch(/^exchange\.[\w.-]+: .*uni_social_crd_cd.*short\.csv:1/m);
  const unknown = await jingwei(['collect', '--input', file]);
  expect([unknown.code, unknown.err.split(':')[0]]).toEqual([EXIT.problem, 'cli.collect.no-source']);
  const absent = await jingwei(['--json', 'collect', '--input', join(folder, 'absent.csv')]);
  expect([absent.code, JSON.parse(absent.out).problem.code]).toEqual([EXIT.problem, 'cli.collect.no-file']);
});

test('the steward sees jobs, integrates, finds an enterprise, and cannot check the lake that the hub holds', async () => {
  await signIn('steward');
  const refined = await jingwei(['--json', 'refine']);
  expect([refined.code, refined.err]).toEqual([EXIT.ok, '']);
  const jobs = await jingwei(['--json', 'jobs', '--limit', '50']);
  const kinds = (JSON.parse(jobs.out) as { jobs: { kind: string }[] }).jobs.map((j) => j.kind);
  expect(kinds).toEqual(expect.arrayContaining(['exchange.collect', 'refinery.integrate']));
  const table = await jingwei(['jobs', '--limit', '1']);
  expect(table.out.split('\n')).toHaveLength(3);
  const bad = await jingwei(['jobs', '--limit', 'many']);
  expect(bad.code).toBe(EXIT.problem);
  expect(bad.err).toMatch(/^http\.invalid: .*\n {2}- http\.invalid-value: limit: .*\/query\/limit/);

  const name = readFileSync(sample, 'utf8').split('\n')[1]!.split(',')[2]!;
  // The index follows the libraries a moment later.
  let found = await jingwei(['search', name]);
  for (let tries = 0; tries < 20 && !found.out.includes(name); tries++) found = await jingwei(['search', name]);
  expect(found.out).toContain(name);
  expect(found.out).toMatch(/^1 of 1$/m);
  const json = await jingwei(['--json', 'search', name]);
  expect(JSON.parse(json.out).hits[0].name).toBe(name);

  const fsck = await jingwei(['fsck']);
  expect([fsck.code, fsck.err.split(':')[0]]).toEqual([EXIT.problem, 'cli.fsck.hub-runs']);
});

test('after signing out the session is gone here and at the hub', async () => {
  await signIn('steward');
  const kept = join(folder, 'state', 'jingwei');
  const cookie = readFileSync(join(kept, readdirSync(kept)[0]!), 'utf8');
  expect(await jingwei(['logout'])).toEqual({ code: EXIT.ok, out: `signed out of ${url}\n`, err: '' });
  expect(readdirSync(kept)).toEqual([]);
  expect((await fetch(`${url}/api/v1/me`, { headers: { cookie } })).status).toBe(401);
  expect((await jingwei(['jobs'])).code).toBe(EXIT.problem);
});

test('where no hub answers, or something else does, the exit is 3; an address that is none is 2', async () => {
  const absent = await jingwei(['--hub', 'http://127.0.0.1:1', 'jobs']);
  expect([absent.code, absent.err]).toEqual([
    EXIT.unreachable,
    'cli.unreachable: no hub answers at http://127.0.0.1:1\n',
  ]);
  const other = createServer((_, response) => response.writeHead(502).end('<html>Bad gateway</html>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const page = await jingwei(['--json', '--hub', at, 'status']);
  other.close();
  expect([page.code, JSON.parse(page.out).problem.code]).toEqual([EXIT.unreachable, 'cli.unreachable']);
  expect((await jingwei(['--hub', 'nonsense', 'status'])).code).toBe(EXIT.usage);
  // A data folder without a hub: the client-only commands go to the configured address.
  const free = join(folder, 'free');
  mkdirSync(free);
  chmodSync(free, 0o700);
  expect((await jingwei(['--data', free, 'jobs'], { JINGWEI_HTTP_PORT: '1' })).code).toBe(EXIT.unreachable);
});

test('the hub printed the first passwords once and kept them out of its log; asked to stop it ends cleanly', async () => {
  expect(said).toMatch(/took: \d+\.\d s/);
  for (const login of ['sysadmin', 'secadmin', 'auditadmin']) {
    const [first, ...more] = [...said.matchAll(new RegExp(`^ {2}${login} +(\\S+)`, 'gm'))];
    expect(more).toEqual([]);
    expect(logged).not.toContain(first![1]!);
  }
  // It does log.
  expect(logged).toContain('Server listening');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  const ended = new Promise((resolve) => hub.once('exit', resolve));
  hub.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(existsSync(join(folder, 'data', 'lock'))).toBe(false);
});

test('words that are no command end with 2', async () => {
  expect((await jingwei(['collect'])).code).toBe(EXIT.usage);
  // What a shell sees is what the function answers.
  expect((await spawned(['collect'], env())).code).toBe(EXIT.usage);
  expect((await jingwei(['nonsense'])).code).toBe(EXIT.usage);
});
