import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { newGuard, openGuard, setGuard, type TokenSettings, unwrapKey, wrapKey } from './guard.ts';
import { KeyRing } from './keys.ts';

/** SoftHSM and OpenSC as Debian has them (softhsm2, opensc). Where they are not, the last test still shows what a hub without its token says. */
const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(existsSync);
const there = module !== undefined && spawnSync('pkcs11-tool', ['--help']).error === undefined;
const token = mkdtempSync(join(tmpdir(), 'jingwei-token-'));
const before = process.env.SOFTHSM2_CONF;
let folder: string;
let settings: TokenSettings;

if (there) {
  mkdirSync(join(token, 'tokens'));
  writeFileSync(join(token, 'softhsm2.conf'), `directories.tokendir = ${join(token, 'tokens')}\nlog.level = ERROR\n`);
  process.env.SOFTHSM2_CONF = join(token, 'softhsm2.conf');
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'jingwei', '--pin', '1234', '--so-pin', '4321']);
  for (const [label, id] of [
    ['hub', '01'],
    ['other', '02'],
  ]) {
    const login = ['--module', module, '--token-label', 'jingwei', '--login', '--pin', '1234'];
    execFileSync(
      'pkcs11-tool',
      [...login, '--keypairgen', '--key-type', 'rsa:2048', '--id', id!, '--label', label!, '--usage-decrypt'],
      {
        stdio: 'ignore',
      },
    );
  }
}
afterAll(() => {
  if (before === undefined) delete process.env.SOFTHSM2_CONF;
  else process.env.SOFTHSM2_CONF = before;
  rmSync(token, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-guard-'));
  settings = { module: module ?? '/none.so', token: 'jingwei', key: '01', pin: '1234', tool: 'pkcs11-tool' };
});
afterEach(() => {
  setGuard(folder, undefined);
  rmSync(folder, { recursive: true });
});

const now = new Date('2026-11-22T00:00:00Z');
const text = (name: string) => readFileSync(join(folder, `${name}.key`), 'latin1');
function refusal(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('not refused');
}

test.runIf(there)(
  'keys lie wrapped under a key of the token, open with it only, and new ones go under it as well',
  () => {
    const ring = KeyRing.open(folder);
    ring.makeToken();
    ring.makeNext('seal');
    const [plain, seal] = [text('seal-0001'), ring.key('seal', 1)];
    ring.reguard(newGuard(settings, now));
    expect(text('seal-0001')).toMatch(/^jingwei-key 2 seal-0001 [0-9a-f]{120}\n$/);
    expect(text('seal-0001')).not.toContain(plain.split(' ')[3]!.trim());
    ring.makeNext('files');
    expect(text('files-0001')).toMatch(/^jingwei-key 2 /);
    // Another process: nothing is open yet.
    setGuard(folder, undefined);
    expect(refusal(() => KeyRing.open(folder)).kind.code).toBe('vault.token-needed');
    openGuard(folder, settings);
    const again = KeyRing.open(folder);
    expect(again.key('seal', 1)).toEqual(seal);
    expect(again.names).toEqual(['files-0001', 'seal-0001', 'token']);
  },
);

test.runIf(there)(
  'a wrong PIN, another token and another key are refused in the token’s own words, and no key is made',
  () => {
    const ring = KeyRing.open(folder);
    ring.makeToken();
    ring.reguard(newGuard(settings, now));
    const content = text('token');
    setGuard(folder, undefined);
    const said = (more: Partial<TokenSettings>) => refusal(() => openGuard(folder, { ...settings, ...more })).message;
    expect(said({ pin: '9999' })).toMatch(/vault.token-unavailable.*CKR_PIN_INCORRECT/);
    expect(said({ token: 'none' })).toMatch(/vault.token-unavailable/);
    expect(said({ key: '02' })).toMatch(/vault.token-unavailable/);
    expect(said({ module: '/none.so' })).toMatch(/vault.token-unavailable/);
    expect(said({ pin: undefined, pinFile: join(folder, 'pin') })).toMatch(/vault.pin-exposed/);
    writeFileSync(join(folder, 'pin'), '1234\n', { mode: 0o644 });
    expect(said({ pin: undefined, pinFile: join(folder, 'pin') })).toMatch(/vault.pin-exposed/);
    expect(text('token')).toBe(content);
    rmSync(join(folder, 'pin'));
    writeFileSync(join(folder, 'pin'), '1234\n', { mode: 0o600 });
    openGuard(folder, { ...settings, pin: undefined, pinFile: join(folder, 'pin') });
    expect(KeyRing.open(folder).token).toEqual(ring.token);
  },
);

test.runIf(there)(
  'the token can be changed and taken away again, and a file of another name is not taken for a key',
  () => {
    const ring = KeyRing.open(folder);
    const key = ring.makeToken();
    ring.reguard(newGuard(settings, now));
    ring.reguard(newGuard({ ...settings, key: '02' }, now));
    setGuard(folder, undefined);
    openGuard(folder, { ...settings, key: '02' });
    expect(KeyRing.open(folder).token).toEqual(key);
    writeFileSync(join(folder, 'seal-0001.key'), text('token').replace('token', 'seal-0001'), { mode: 0o600 });
    expect(refusal(() => KeyRing.open(folder)).kind.code).toBe('vault.guard-wrong');
    rmSync(join(folder, 'seal-0001.key'));
    KeyRing.open(folder).reguard(undefined);
    expect(text('token')).toMatch(/^jingwei-key 1 token /);
    expect(existsSync(join(folder, 'guard.json'))).toBe(false);
    setGuard(folder, undefined);
    expect(KeyRing.open(folder).token).toEqual(key);
  },
);

test('a wrapped key opens under its own name and guard only', () => {
  const [guard, key] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const wrapped = wrapKey(guard, 'seal-0001', key);
  expect(unwrapKey(guard, 'seal-0001', wrapped)).toEqual(key);
  expect(refusal(() => unwrapKey(guard, 'seal-0002', wrapped)).kind.code).toBe('vault.guard-wrong');
  expect(refusal(() => unwrapKey(Buffer.alloc(32), 'seal-0001', wrapped)).kind.code).toBe('vault.guard-wrong');
});

test('without the program that speaks to the token the start ends and says so', () => {
  const file = { version: 1, kind: 'pkcs11', token: 'jingwei', key: '01', wrapped: 'AAAA', made: now.toISOString() };
  writeFileSync(join(folder, 'guard.json'), JSON.stringify(file), { mode: 0o600 });
  const tool = join(folder, 'no-such-tool');
  expect(refusal(() => openGuard(folder, { ...settings, tool })).message).toContain(`there is no ${tool} (OpenSC)`);
  expect(refusal(() => openGuard(folder, undefined)).kind.code).toBe('vault.token-needed');
  expect(refusal(() => KeyRing.open(folder)).kind.code).toBe('vault.token-needed');
});
