/**
 * The guard of the keys: one key of 32 bytes under which every key of the folder is wrapped (AES-256-GCM), and which itself lies wrapped under an
 * RSA key of a token (PKCS #11) that never leaves it. Without the token and its PIN the folder tells nothing. The token is asked once at the
 * start by a helper process (OpenSC's pkcs11-tool): no native library in the hub's own process, none to be compiled when it is installed.
 * RSA-OAEP with SHA-1, since tokens of older firmware and SoftHSM know no other; its security does not rest on collisions.
 */
import { spawnSync } from 'node:child_process';
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/index.ts';
import { Problem, problemKind } from '../problem.ts';

/** How the token is found. */
export type TokenSettings = NonNullable<Config['vault']['pkcs11']>;

const unavailable = problemKind(
  'vault.token-unavailable',
  500,
  '密码设备（PKCS#11）无法使用：{reason}',
  'the token (PKCS #11) cannot be used: {reason}',
);
const noToken = problemKind(
  'vault.token-needed',
  500,
  '密钥由密码设备保护，请配置 vault.pkcs11：{folder}',
  'the keys are guarded by a token, configure vault.pkcs11: {folder}',
);
const pinExposed = problemKind(
  'vault.pin-exposed',
  500,
  'PIN 文件 {path} 不存在、他人可读或不属于运行本程序的用户',
  'the PIN file {path} is missing, readable by others or belongs to another user',
);
export const wrongGuard = problemKind(
  'vault.guard-wrong',
  500,
  '密钥 {key} 无法由本机的密码设备解开：文件被改动，或设备不是原来的',
  'the key {key} cannot be unwrapped: its file was changed, or the token is another one',
);

/** `guard.json` in the folder of the keys. */
const guardFile = z.strictObject({
  version: z.literal(1),
  kind: z.literal('pkcs11'),
  token: z.string(),
  key: z.string(),
  wrapped: z.base64(),
  made: z.string(),
});
/** What stands in `guard.json`. */
export type GuardFile = z.infer<typeof guardFile>;

/** Opened guards by folder: rooms open the folder of keys anew, the token is asked once. */
const opened = new Map<string, Buffer>();

/** Where the guard of a folder stands. */
export const guardPath = (folder: string): string => join(folder, 'guard.json');

/** The guard of a folder as its file tells it; undefined where the keys lie unwrapped. */
export function guardOf(folder: string): GuardFile | undefined {
  const path = guardPath(folder);
  return existsSync(path) ? guardFile.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

/** Opens the guard of a folder by its token; nothing to do where there is none. Must come before the keys are read. */
export function openGuard(folder: string, settings: TokenSettings | undefined): void {
  const file = guardOf(folder);
  if (!file || opened.has(realpathSync(folder))) return;
  if (!settings) throw new Problem(noToken, { folder }, { setting: 'vault.pkcs11' });
  setGuard(folder, unwrapByToken(settings, Buffer.from(file.wrapped, 'base64')));
}

/** The opened guard of a folder; a Problem where there is one that was not opened. */
export function openedGuard(folder: string): Buffer | undefined {
  if (!existsSync(guardPath(folder))) return undefined;
  const guard = opened.get(realpathSync(folder));
  if (!guard) throw new Problem(noToken, { folder }, { setting: 'vault.pkcs11' });
  return guard;
}

/** Remembers an opened guard; undefined forgets it. */
export function setGuard(folder: string, guard: Buffer | undefined): void {
  if (guard) opened.set(realpathSync(folder), guard);
  else opened.delete(realpathSync(folder));
}

/** A new guard under a token's key. That the token opens it is tried before anything is put under it. */
export function newGuard(settings: TokenSettings, now: Date): { guard: Buffer; file: GuardFile } {
  const guard = randomBytes(32);
  const key = publicKeyOf(settings);
  const wrapped = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, guard);
  if (!unwrapByToken(settings, wrapped).equals(guard))
    throw failed('it does not decrypt what its public key encrypted');
  const { token, key: label } = settings;
  return {
    guard,
    file: {
      version: 1,
      kind: 'pkcs11',
      token,
      key: label,
      wrapped: wrapped.toString('base64'),
      made: now.toISOString(),
    },
  };
}

/** A key wrapped under a guard; its name is bound to it, so that files cannot change places. Hexadecimal. */
export function wrapKey(guard: Buffer, name: string, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', guard, nonce);
  cipher.setAAD(Buffer.from(`jingwei key ${name}`));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString('hex');
}

/** The key again; a Problem where a bit differs. */
export function unwrapKey(guard: Buffer, name: string, wrapped: string): Buffer {
  const bytes = Buffer.from(wrapped, 'hex');
  try {
    const cipher = createDecipheriv('aes-256-gcm', guard, bytes.subarray(0, 12));
    cipher.setAAD(Buffer.from(`jingwei key ${name}`));
    cipher.setAuthTag(bytes.subarray(bytes.length - 16));
    return Buffer.concat([cipher.update(bytes.subarray(12, bytes.length - 16)), cipher.final()]);
  } catch {
    throw new Problem(wrongGuard, { key: name });
  }
}

function pinOf({ pin, pinFile }: TokenSettings): string {
  if (pin !== undefined) return pin;
  const stat = statSync(pinFile!, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.mode & 0o077 || stat.uid !== process.geteuid?.())
    throw new Problem(pinExposed, { path: pinFile }, { file: pinFile! });
  return readFileSync(pinFile!, 'utf8').trim();
}

const failed = (reason: string) => new Problem(unavailable, { reason }, { setting: 'vault.pkcs11' });

/** Runs the helper: bounded in time and in what it may say. The PIN goes by the environment, never by the arguments, which others can list. */
function tool(settings: TokenSettings, args: readonly string[], input?: Buffer, pin?: string): Buffer {
  const { module, token } = settings;
  const run = spawnSync(settings.tool, ['--module', module, '--token-label', token, ...args], {
    ...(input ? { input } : {}),
    env: { ...process.env, ...(pin === undefined ? {} : { JINGWEI_TOKEN_PIN: pin }) },
    timeout: 30_000,
    maxBuffer: 1_048_576,
  });
  const { code } = (run.error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOENT') throw failed(`there is no ${settings.tool} (OpenSC)`);
  if (run.error) throw failed(run.error.message);
  if (run.status !== 0) {
    const lines = run.stderr.toString('utf8').split('\n');
    throw failed(
      (lines.find((line) => /error|CKR_|not found|No slot/i.test(line)) ?? lines[0] ?? '').trim().slice(0, 200),
    );
  }
  return run.stdout;
}

function publicKeyOf(settings: TokenSettings): KeyObject {
  const der = tool(settings, ['--read-object', '--type', 'pubkey', '--id', settings.key]);
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails!.modulusLength! >= 2048) return key;
  } catch {
    // Said below.
  }
  throw failed(`the key ${settings.key} is no RSA key of 2048 bits or more`);
}

function unwrapByToken(settings: TokenSettings, wrapped: Buffer): Buffer {
  const how = ['--decrypt', '-m', 'RSA-PKCS-OAEP', '--hash-algorithm', 'SHA-1', '--mgf', 'MGF1-SHA1'];
  const args = ['--login', '--pin', 'env:JINGWEI_TOKEN_PIN', ...how, '--id', settings.key];
  const guard = tool(settings, args, wrapped, pinOf(settings));
  if (guard.length !== 32) throw failed('what it decrypted is no key');
  return guard;
}
