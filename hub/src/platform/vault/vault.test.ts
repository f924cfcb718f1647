import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { citizenId, mobile } from '@jingwei/codes';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Principal } from '../auth/principal.ts';
import { permissionsOf, type Role } from '../auth/principal.ts';
import { ManualClock } from '../clock.ts';
import { type Lake, openDuckDbLake } from '../lake/index.ts';
import type { AuditEntry } from '../room.ts';
import { Vault } from './index.ts';

let folder: string;
let lake: Lake;
let vault: Vault;
let audited: AuditEntry[];
const clock = new ManualClock();

const openVault = () =>
  Vault.open({
    lake,
    keys: join(folder, 'keys'),
    clock,
    audit: {
      append: async (entry) => {
        audited.push(entry);
      },
    },
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-vault-'));
  audited = [];
  lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb'), threads: 1 });
  vault = await openVault();
});
afterEach(async () => {
  await vault.close();
  await lake.close();
  rmSync(folder, { recursive: true });
});

function principal(...roles: Role[]): Principal {
  return {
    userId: 'u1',
    login: 'steward',
    name: '某甲',
    organisation: null,
    roles,
    permissions: permissionsOf(roles),
    sessionId: 's1',
    purpose: null,
  };
}
const steward = principal('data-steward');
const ids = (n: number, from = 0) => Array.from({ length: n }, (_, i) => citizenId.generate(`id ${from + i}`));

test('a token depends on kind and original only, in JavaScript and in the engine alike', async () => {
  const odd = ['33028219800101123X', '', ' １３８ ', "o'hara\n\0x", '张三', 'x'.repeat(2000)];
  await lake.session(async (s) => {
    await s.run('CREATE TEMP TABLE given (o VARCHAR)');
    await s.append('given', [...odd.map((o) => [o]), [null]]);
    for (const kind of ['citizen-id', 'phone', 'account'] as const) {
      await vault.stageTokens(s, kind, 'SELECT o FROM given', 'staged');
      const rows = await s.query<{ original: string; token: string }>('SELECT * FROM staged');
      expect(new Map(rows.map((r) => [r.original, r.token]))).toEqual(
        new Map(odd.map((o) => [o, vault.tokenOf(kind, o)])),
      );
    }
  });
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(vault.tokenOf('phone', a)).toMatch(/^p~[a-z2-7]{26}$/);
      expect(vault.tokenOf('phone', a) === vault.tokenOf('phone', b)).toBe(a === b);
      expect(vault.tokenOf('account', a).slice(2)).not.toBe(vault.tokenOf('phone', a).slice(2));
    }),
  );
});

test('tokens stay the same after reopening and after rotation', async () => {
  const [id] = ids(1);
  const before = vault.tokenOf('citizen-id', id!);
  await vault.ingest('citizen-id', [id!]);
  await vault.rotate();
  await vault.close();
  vault = await openVault();
  expect(vault.tokenOf('citizen-id', id!)).toBe(before);
  expect((await vault.reveal([before], steward, '核对')).get(before)).toBe(id);
});

test('staging stores each new value once and answers how many were new', async () => {
  const many = ids(5000);
  await lake.session(async (s) => {
    await s.run('CREATE TEMP TABLE given (o VARCHAR)');
    await s.append(
      'given',
      many.map((o) => [o]),
    );
    expect(await vault.stageTokens(s, 'citizen-id', 'SELECT DISTINCT o FROM given', 'staged')).toBe(5000);
    await s.append(
      'given',
      ids(10, 5000).map((o) => [o]),
    );
    expect(await vault.stageTokens(s, 'citizen-id', 'SELECT DISTINCT o FROM given', 'staged')).toBe(10);
    expect(await s.first('SELECT count(*) AS n FROM staged')).toEqual({ n: 5010 });
  });
  expect(await lake.first("SELECT count(*) AS n, count(*) FILTER (check_code = 'ok') AS ok FROM vault.value")).toEqual({
    n: 5010,
    ok: 5010,
  });
  const tokens = many.map((id) => vault.tokenOf('citizen-id', id));
  const opened = await vault.reveal(tokens, steward, '核对');
  expect(tokens.map((t) => opened.get(t))).toEqual(many);
});

test('two stagings of the same values at once store each once', async () => {
  const stage = () =>
    lake.session(async (s) => {
      await s.run('CREATE TEMP TABLE given (o VARCHAR)');
      await s.append(
        'given',
        ids(3000).map((o) => [o]),
      );
      return vault.stageTokens(s, 'citizen-id', 'SELECT o FROM given', 'staged');
    });
  const counts = await Promise.all([stage(), stage()]);
  expect(counts[0]! + counts[1]!).toBe(3000);
  expect(await lake.first('SELECT count(*) AS n FROM vault.value')).toEqual({ n: 3000 });
});

test('differently written originals share the token of their normal form and are found by any spelling', async () => {
  const given = [
    '33028219800101123x',
    '３３０２８２１９８００１０１１２３Ｘ',
    ' 330282 19800101 123X',
    '330282800101123',
  ];
  const tokens = await vault.ingest('citizen-id', given);
  const rows = await lake.query<{ token: string; norm: string }>('SELECT token, norm FROM vault.value');
  const norms = new Map(rows.map((r) => [r.token, r.norm]));
  const of = (o: string) => norms.get(tokens.get(o)!);
  expect(new Set([of(given[0]!), of(given[1]!), of(given[2]!)]).size).toBe(1);
  expect(of(given[0]!)).toBe(vault.normOf('citizen-id', given[1]!));
  expect(await vault.find('citizen-id', '330282 19800101 123x')).toHaveLength(
    3 + (of(given[3]!) === of(given[0]!) ? 1 : 0),
  );
  await vault.ingest('phone', ['+86 138-1234-1234', '13812341234']);
  expect(await vault.find('phone', '138 1234 1234')).toHaveLength(2);
});

test('a mask and the outcome of the check stand beside each value', async () => {
  const good = citizenId.generate(7);
  const wrong = good.slice(0, 17) + (good[17] === '1' ? '2' : '1');
  const phone = mobile.generate(7);
  const tokens = await vault.ingest('citizen-id', [good, wrong, '123', '33028219801301123X']);
  const phones = await vault.ingest('phone', [phone, '110']);
  const masks = await vault.masks([...tokens.values(), ...phones.values(), 'c~unknown']);
  expect(masks.get(tokens.get(good)!)).toBe(`${good.slice(0, 6)}**********${good.slice(-2)}`);
  expect(masks.get(phones.get(phone)!)).toBe(`${phone.slice(0, 3)}****${phone.slice(-4)}`);
  expect(masks.get(phones.get('110')!)).toBe('***');
  expect(masks.size).toBe(6);
  const checks = new Map(
    (await lake.query<{ token: string; check_code: string }>('SELECT token, check_code FROM v.identity_v1')).map(
      (r) => [r.token, r.check_code],
    ),
  );
  expect([good, wrong, '123', '33028219801301123X'].map((o) => checks.get(tokens.get(o)!))).toEqual([
    'ok',
    'check-digit',
    'length',
    'birth-date',
  ]);
});

test('revealing needs the permission and a purpose; every attempt is audited without the value', async () => {
  const [id] = ids(1);
  const token = (await vault.ingest('citizen-id', [id!])).get(id!)!;
  await expect(vault.reveal([token], principal('analyst'), '核对')).rejects.toThrow('vault.reveal-refused');
  await expect(vault.reveal([token], steward, '  ')).rejects.toThrow('auth.purpose-needed');
  await expect(vault.reveal([id!], steward, '核对')).rejects.toThrow('vault.not-a-token');
  expect((await vault.reveal([token], steward, '核对')).get(token)).toBe(id);
  expect(audited.map((e) => [e.action, e.outcome])).toEqual([
    ['vault.reveal', 'refused'],
    ['vault.reveal', 'refused'],
    ['vault.reveal', 'ok'],
  ]);
  expect(JSON.stringify(audited.map((e) => ({ ...e, actor: null })))).not.toContain(id);
});

test('what cannot be audited is not revealed', async () => {
  const token = (await vault.ingest('phone', ['13812341234'])).get('13812341234')!;
  const deaf = await Vault.open({
    lake,
    keys: join(folder, 'keys'),
    clock,
    audit: { append: () => Promise.reject(new Error('no audit')) },
  });
  await expect(deaf.reveal([token], steward, '核对')).rejects.toThrow('no audit');
  await expect(deaf.erase(token, steward, '申请')).rejects.toThrow('no audit');
  expect((await vault.reveal([token], steward, '核对')).size).toBe(1);
  await deaf.close();
});

test('an erased person is gone in every spelling and stays gone when delivered again', async () => {
  const tokens = await vault.ingest('phone', ['13812341234', '138 1234 1234', '13900001111']);
  const token = tokens.get('13812341234')!;
  expect((await vault.erase(token, steward, '本人申请')).sort()).toEqual([token, tokens.get('138 1234 1234')!].sort());
  await vault.ingest('phone', ['13812341234', '138-1234-1234']);
  const late = vault.tokenOf('phone', '138-1234-1234');
  expect((await vault.reveal([token, late], steward, '核对')).size).toBe(0);
  expect((await vault.masks([token, late])).get(late)).toBe('***');
  expect(await lake.first('SELECT count(ciphertext) AS c, count(salt) AS s FROM vault.value')).toEqual({ c: 1, s: 1 });
  expect(audited.filter((e) => e.action === 'vault.erase').map((e) => e.object)).toEqual([token]);
});

test('a ciphertext that was changed or moved to another token is refused', async () => {
  const tokens = await vault.ingest('phone', ['13812341234', '13900001111']);
  const [a, b] = [...tokens.values()];
  await lake.write('test', (s) =>
    s.run(
      'UPDATE vault.value SET ciphertext = x.ciphertext, salt = x.salt FROM (SELECT ciphertext, salt FROM vault.value WHERE token = $a) x WHERE token = $b',
      { a: a!, b: b! },
    ),
  );
  await expect(vault.reveal([b!], steward, '核对')).rejects.toThrow('vault.value-damaged');
  expect((await vault.reveal([a!], steward, '核对')).get(a!)).toBe('13812341234');
});

test('no original stands in the database file', async () => {
  const phone = '13812345670';
  await vault.ingest('phone', [phone]);
  await lake.define(['CHECKPOINT']);
  expect(readFileSync(join(folder, 'lake.duckdb')).includes(phone)).toBe(false);
});

test('rotation moves every value to a new key and destroys the old one; values arriving meanwhile are kept', async () => {
  const many = ids(300);
  await vault.ingest('citizen-id', many);
  const late = ids(50, 300);
  let arrived: Promise<unknown> | undefined;
  const end = await vault.rotate((p) => {
    if (p.done >= 100) arrived ??= vault.ingest('citizen-id', late);
  }, 100);
  await arrived;
  expect(end.version).toBe(2);
  expect(readdirSync(join(folder, 'keys')).sort()).toEqual(['files-0001.key', 'seal-0002.key', 'token.key']);
  const tokens = [...many, ...late].map((id) => vault.tokenOf('citizen-id', id));
  const opened = await vault.reveal(tokens, steward, '核对');
  expect(tokens.map((t) => opened.get(t))).toEqual([...many, ...late]);
});

test('a rotation killed in its middle is finished by the next one without a further key', async () => {
  const many = ids(400);
  await vault.ingest('citizen-id', many);
  await vault.close();
  await lake.close();
  await killMidway(folder);
  lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb'), threads: 1 });
  vault = await openVault();
  const mixed = await lake.query<{ v: number }>('SELECT DISTINCT key_version AS v FROM vault.value ORDER BY v');
  expect(mixed.map((r) => r.v)).toEqual([1, 2]);
  const tokens = many.map((id) => vault.tokenOf('citizen-id', id));
  expect((await vault.reveal(tokens, steward, '核对')).size).toBe(400);
  const first: number[] = [];
  expect(
    await vault.rotate((p) => {
      first.push(p.done);
    }, 100),
  ).toEqual({ version: 2, done: 400, total: 400 });
  expect(first[0]).toBeGreaterThan(0);
  expect(readdirSync(join(folder, 'keys')).sort()).toEqual(['files-0001.key', 'seal-0002.key', 'token.key']);
  const opened = await vault.reveal(tokens, steward, '核对');
  expect(tokens.map((t) => opened.get(t))).toEqual(many);
});

/** Starts a process that rotates this folder's vault and kills it when it has moved a part of the values. */
async function killMidway(data: string): Promise<void> {
  const here = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const code = `
    import { Vault } from ${here('./index.ts')};
    import { openDuckDbLake } from ${here('../lake/index.ts')};
    import { systemClock } from ${here('../clock.ts')};
    const lake = await openDuckDbLake({ path: ${JSON.stringify(join(data, 'lake.duckdb'))}, threads: 1 });
    const vault = await Vault.open({ lake, keys: ${JSON.stringify(join(data, 'keys'))}, clock: systemClock, audit: { append: async () => {} } });
    await vault.rotate(async (p) => {
      if (p.done < 100) return;
      console.log('midway');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }, 100);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    cwd: new URL('../../../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)));
  child.stdout.once('data', () => child.kill('SIGKILL'));
  expect(await ended).toBe('SIGKILL');
}

test('keys that others can read stop the start', async () => {
  const keys = join(folder, 'keys');
  expect(statSync(keys).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(keys)) expect(statSync(join(keys, file)).mode & 0o777).toBe(0o600);
  chmodSync(join(keys, 'token.key'), 0o640);
  await expect(openVault()).rejects.toThrow('vault.keys-exposed');
  chmodSync(join(keys, 'token.key'), 0o600);
  chmodSync(keys, 0o755);
  await expect(openVault()).rejects.toThrow('vault.keys-exposed');
  chmodSync(keys, 0o700);
  writeFileSync(join(keys, 'seal-0001.key'), 'nonsense\n');
  await expect(openVault()).rejects.toThrow('vault.key-damaged');
});

test('a process killed while it made or destroyed a key leaves nothing that stops the next start', async () => {
  const keys = join(folder, 'keys');
  writeFileSync(join(keys, 'seal-0002.key.new'), 'jingwei-key 1 se', { mode: 0o600 });
  writeFileSync(join(keys, 'seal-0000.gone'), '\0'.repeat(80), { mode: 0o600 });
  await vault.close();
  vault = await openVault();
  expect(readdirSync(keys).filter((name) => name.endsWith('.gone'))).toEqual([]);
  await vault.ingest('phone', ['13812341234']);
  expect((await vault.rotate()).version).toBe(2);
  expect(readdirSync(keys).sort()).toEqual(['files-0001.key', 'seal-0002.key', 'token.key']);
});

test('missing or foreign keys of existing data stop the start and none is made in their place', async () => {
  await vault.ingest('phone', ['13812341234']);
  const keys = join(folder, 'keys');
  rmSync(join(keys, 'seal-0001.key'));
  await expect(openVault()).rejects.toThrow('vault.key-lost');
  rmSync(keys, { recursive: true });
  await expect(openVault()).rejects.toThrow('vault.key-lost');
  expect(readdirSync(keys)).toEqual([]);
  const { KeyRing } = await import('./index.ts');
  KeyRing.open(keys).makeToken();
  KeyRing.open(keys).makeNext('seal');
  await expect(openVault()).rejects.toThrow('vault.key-lost');
});

test('a lost or exchanged key of received files stops the start instead of being made anew', async () => {
  const path = join(folder, 'keys', 'files-0001.key');
  const whole = readFileSync(path);
  rmSync(path);
  await expect(openVault()).rejects.toThrow('vault.key-lost');
  expect(readdirSync(join(folder, 'keys'))).not.toContain('files-0001.key');
  writeFileSync(path, `jingwei-key 1 files-0001 ${'ab'.repeat(32)}\n`, { mode: 0o600 });
  await expect(openVault()).rejects.toThrow('vault.key-lost');
  writeFileSync(path, whole, { mode: 0o600 });
  await vault.close();
  vault = await openVault();
});
