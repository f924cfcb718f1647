/**
 * The keys that protect identity data, in a folder of their own outside of both databases: `token.key` (one for ever),
 * `seal-<version>.key` (values in the vault, rotated) and `files-<version>.key` (received files). Each is one line of
 * text, readable by the owner only, and wrapped where a token guards them (guard.ts); a folder or file that others can read stops the start, since it must be taken as
 * known to strangers. Lose the folder and the data is lost: back it up apart from the databases.
 */
import { createHmac, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
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
import { dirname, join } from 'node:path';
import { Problem, problemKind } from '../problem.ts';
import { type GuardFile, guardOf, guardPath, openedGuard, setGuard, unwrapKey, wrapKey } from './guard.ts';

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
  '缺少数据所用的密钥 {key}（或密钥不符）：请从备份恢复密钥目录 {folder}，切勿新建（jingwei keys lost 说明哪些数据仍可读）',
  'the key {key} of existing data is missing or another one stands in its place: restore the folder {folder} from the backup (`jingwei keys lost` says what can still be read)',
);

/** The opened folder of keys. */
export class KeyRing {
  readonly folder: string;
  readonly #keys = new Map<string, Buffer>();
  readonly #changed = new Set<() => void>();
  #guard: Buffer | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Opens the folder, makes it when it is not there, and reads every key. Exposed or damaged keys are Problems. */
  static open(folder: string): KeyRing {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    check(folder, true);
    const ring = new KeyRing(folder);
    ring.#guard = openedGuard(folder);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.gone'))) wipe(join(folder, file));
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.key'))) {
      const path = join(folder, file);
      check(path, false);
      const name = file.slice(0, -4);
      ring.#keys.set(name, ring.#read(name, path));
    }
    return ring;
  }

  /** Every key's name. */
  get names(): string[] {
    return [...this.#keys.keys()].sort();
  }

  /** Calls after every key that is made or destroyed, before anything is put under it. */
  onChange(call: () => void): void {
    this.#changed.add(call);
  }

  /**
   * Puts every key under another guard, or none. Each file is whole at every moment, under the old guard's rule or the new one's, and what lay open is
   * overwritten; done again after an interruption it goes on.
   */
  reguard(next: { guard: Buffer; file: GuardFile } | undefined): void {
    const path = guardPath(this.folder);
    // Between two guards the keys lie open for a moment: no file is ever under a guard whose own file is gone.
    for (const to of guardOf(this.folder) && next ? [undefined, next] : [next]) {
      if (to) {
        writeWhole(path, `${JSON.stringify(to.file, null, 2)}\n`);
        setGuard(this.folder, to.guard);
      }
      this.#guard = to?.guard;
      for (const [name, key] of this.#keys) {
        // The file of before is held open: when its name has gone to the new one, what stood in it is overwritten.
        const before = openSync(join(this.folder, `${name}.key`), 'r+');
        try {
          this.#write(name, key);
          writeSync(before, Buffer.alloc(fstatSync(before).size), 0, null, 0);
          fsyncSync(before);
        } finally {
          closeSync(before);
        }
      }
      if (!to && existsSync(path)) {
        unlinkSync(path);
        syncFolder(this.folder);
        setGuard(this.folder, undefined);
      }
    }
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

  /** Makes the next version of a set, above `above` as well, and answers its number; on disk when it returns. */
  makeNext(set: KeySet, above = 0): number {
    const version = Math.max(this.versions(set).at(-1) ?? 0, above) + 1;
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
    for (const call of this.#changed) call();
  }

  #read(name: string, path: string): Buffer {
    const text = readFileSync(path, 'latin1');
    const open = /^jingwei-key 1 ([a-z0-9-]+) ([0-9a-f]{64})\n$/.exec(text);
    if (open?.[1] === name) return Buffer.from(open[2]!, 'hex');
    const wrapped = /^jingwei-key 2 ([a-z0-9-]+) ([0-9a-f]{120})\n$/.exec(text);
    if (wrapped?.[1] !== name) throw new Problem(damagedKey, { path }, { file: path });
    if (!this.#guard) throw new Problem(keyLost, { key: 'guard.json', folder: this.folder });
    return unwrapKey(this.#guard, name, wrapped[2]!);
  }

  #write(name: string, key: Buffer): void {
    const content = this.#guard ? `2 ${name} ${wrapKey(this.#guard, name, key)}` : `1 ${name} ${key.toString('hex')}`;
    writeWhole(join(this.folder, `${name}.key`), `jingwei-key ${content}\n`);
  }

  #make(name: string, key: Buffer = randomBytes(32)): Buffer {
    const path = join(this.folder, `${name}.key`);
    if (existsSync(path)) throw new Error(`the key ${name} exists already`);
    this.#write(name, key);
    this.#keys.set(name, key);
    for (const call of this.#changed) call();
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

/** Whole or not at all: the name appears when the content is on disk. For the owner only. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, Buffer.from(content as string));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  syncFolder(dirname(path));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
