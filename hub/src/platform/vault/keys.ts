/**
 * The keys that protect identity data, in a folder of their own outside of both databases: `token.key` (one for ever),
 * `seal-<version>.key` (values in the vault, rotated) and `files-<version>.key` (received files). Each is one line of
 * text, readable by the owner only; a folder or file that others can read stops the start, since it must be taken as
 * known to strangers. Lose the folder and the data is lost: back it up apart from the databases.
 */
import { createHmac, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Problem, problemKind } from '../problem.ts';

/** The sets of keys with versions. */
export type KeySet = 'seal' | 'files';

const exposed = problemKind(
  'vault.keys-exposed',
  500,
  '密钥路径 {path} 的权限为 {mode}，他人可读：请核查后改为 {expected}，并考虑更换密钥',
  'the key path {path} has mode {mode}, others can read it: check who did, set {expected} and consider new keys',
);
const foreign = problemKind(
  'vault.keys-foreign',
  500,
  '密钥路径 {path} 不属于运行本程序的用户，或不是普通文件和目录',
  'the key path {path} does not belong to the user who runs the hub, or is no plain file or folder',
);
const damagedKey = problemKind(
  'vault.key-damaged',
  500,
  '密钥文件 {path} 内容不合规，请从备份恢复',
  'the key file {path} is damaged: restore it from the backup',
);
/** Data exists for which a key is missing or another key stands in its place. */
export const keyLost = problemKind(
  'vault.key-lost',
  500,
  '缺少数据所用的密钥 {key}（或密钥不符）：请从备份恢复密钥目录 {folder}，切勿新建',
  'the key {key} of existing data is missing or another one stands in its place: restore the folder {folder} from the backup',
);

/** The opened folder of keys. */
export class KeyRing {
  readonly folder: string;
  readonly #keys = new Map<string, Buffer>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Opens the folder, makes it when it is not there, and reads every key. Exposed or damaged keys are Problems. */
  static open(folder: string): KeyRing {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    check(folder, true);
    const ring = new KeyRing(folder);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.gone'))) wipe(join(folder, file));
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.key'))) {
      const path = join(folder, file);
      check(path, false);
      const name = file.slice(0, -4);
      const found = /^jingwei-key 1 ([a-z0-9-]+) ([0-9a-f]{64})\n$/.exec(readFileSync(path, 'latin1'));
      if (found?.[1] !== name) throw new Problem(damagedKey, { path }, { file: path });
      ring.#keys.set(name, Buffer.from(found[2]!, 'hex'));
    }
    return ring;
  }

  /** The token key, or undefined when none was made yet. */
  get token(): Buffer | undefined {
    return this.#keys.get('token');
  }

  /** Versions of a set, the newest last. */
  versions(set: KeySet): number[] {
    return [...this.#keys.keys()]
      .filter((name) => name.startsWith(`${set}-`))
      .map((name) => Number(name.slice(set.length + 1)))
      .sort((a, b) => a - b);
  }

  /** One version's key; a missing one is a Problem. */
  key(set: KeySet, version: number): Buffer {
    const name = keyName(set, version);
    const key = this.#keys.get(name);
    if (!key) throw new Problem(keyLost, { key: name, folder: this.folder });
    return key;
  }

  /** Makes the token key. */
  makeToken(): Buffer {
    return this.#make('token');
  }

  /** Makes the next version of a set and answers its number; on disk when it returns. */
  makeNext(set: KeySet): number {
    const version = (this.versions(set).at(-1) ?? 0) + 1;
    this.#make(keyName(set, version));
    return version;
  }

  /** Another key of the hub by its name (`backup`); undefined where there is none. */
  named(name: string): Buffer | undefined {
    return this.#keys.get(name);
  }

  /** Keeps a key that came from elsewhere under a name of its own; on disk when it returns. One that is there already is a fault. */
  keep(name: string, key: Buffer): void {
    this.#make(name, key);
  }

  /** Overwrites and removes a version: what was sealed under it can never be read again. */
  destroy(set: KeySet, version: number): void {
    const name = keyName(set, version);
    // Set aside first: a start after a kill in the middle finishes the work instead of finding a damaged key.
    const gone = join(this.folder, `${name}.gone`);
    renameSync(join(this.folder, `${name}.key`), gone);
    wipe(gone);
    syncFolder(this.folder);
    this.#keys.get(name)?.fill(0);
    this.#keys.delete(name);
  }

  #make(name: string, key: Buffer = randomBytes(32)): Buffer {
    const path = join(this.folder, `${name}.key`);
    if (existsSync(path)) throw new Error(`the key ${name} exists already`);
    // Whole or not at all: the name appears when the content is on disk.
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeSync(file, `jingwei-key 1 ${name} ${key.toString('hex')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    syncFolder(this.folder);
    this.#keys.set(name, key);
    return key;
  }
}

/** A key derived from another for one use: HMAC-SM3(key, label). */
export function deriveKey(key: Uint8Array, label: string | Uint8Array): Buffer {
  return createHmac('sm3', key).update(label).digest();
}

/** What is kept in the database to recognise a key without telling anything of it. */
export function keyCheck(key: Uint8Array): string {
  return deriveKey(key, 'jingwei key check').subarray(0, 8).toString('hex');
}

/** The file's name without `.key`. */
export function keyName(set: KeySet, version: number): string {
  return `${set}-${String(version).padStart(4, '0')}`;
}

function check(path: string, folder: boolean): void {
  const stat = lstatSync(path);
  if ((folder ? !stat.isDirectory() : !stat.isFile()) || stat.uid !== process.geteuid?.()) {
    throw new Problem(foreign, { path }, { file: path });
  }
  const mode = stat.mode & 0o777;
  if (mode & 0o077) {
    throw new Problem(exposed, { path, mode: mode.toString(8), expected: folder ? '700' : '600' }, { file: path });
  }
}

/** Overwrites a file with zeros and removes it. */
function wipe(path: string): void {
  const { size } = lstatSync(path);
  const file = openSync(path, 'r+');
  try {
    writeSync(file, Buffer.alloc(size), 0, size, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  unlinkSync(path);
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
