/**
 * Custody (密钥分持): every key of the hub sealed to a public key whose private part nobody has; custodians hold shares of it, and enough of them together
 * open everything. The sealed files lie apart from the folder of keys and tell nothing by themselves, so that they may lie in every backup. A key
 * that is made later is sealed without asking anybody; one that was destroyed goes from here as well.
 * Sealed: X25519 with a key of the moment, HKDF-SHA256, AES-256-GCM; the name of the file is bound to it.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { Problem, problemKind } from '../problem.ts';
import { writeWhole } from './keys.ts';

const noCustody = problemKind(
  'vault.custody-none',
  409,
  '{folder} 中没有分持的密钥',
  'no keys are in custody in {folder}',
);
const wrongShares = problemKind(
  'vault.custody-shares',
  400,
  '这些分持密钥不属于 {folder}',
  'these shares do not belong to {folder}',
);
const damagedCustody = problemKind(
  'vault.custody-damaged',
  500,
  '分持文件 {path} 已损坏',
  'the file in custody {path} is damaged',
);
const inPlace = problemKind(
  'vault.custody-in-place',
  409,
  '密钥目录中已有 {path}，不会覆盖',
  'there is a {path} in the folder of keys, it is not overwritten',
);

const custodyFile = z.strictObject({
  version: z.literal(1),
  publicKey: z.string(),
  needed: z.int().min(2).max(255),
  count: z.int().min(2).max(255),
  made: z.string(),
});
/** Who holds what: never a share. */
export type CustodyFile = z.infer<typeof custodyFile>;

const MAGIC = 'jingwei custody 1';
/** PKCS #8 of X25519 before the 32 bytes of its key. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SUFFIX = '.sealed';

/** The custody of one folder of keys. */
export class Custody {
  readonly folder: string;
  readonly #keys: string;

  constructor(folder: string, keys: string) {
    this.folder = folder;
    this.#keys = keys;
  }

  /** Who holds it; undefined where nothing is in custody. */
  get file(): CustodyFile | undefined {
    const path = join(this.folder, 'custody.json');
    return existsSync(path) ? custodyFile.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
  }

  /** Begins a custody, or begins it anew: former shares open nothing any more. Answers the private key, to be split and forgotten. */
  begin(needed: number, count: number, now: Date): Buffer {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const file: CustodyFile = {
      ...{ version: 1, needed, count, made: now.toISOString() },
      publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    };
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    for (const path of below(this.folder)) if (path.endsWith(SUFFIX)) rmSync(path);
    writeWhole(join(this.folder, 'custody.json'), `${JSON.stringify(file, null, 2)}\n`);
    return privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(PKCS8.length);
  }

  /**
   * Brings what is sealed in line with the keys as they are; answers how many files changed. `ring` are the keys by name as they open (the guard of a
   * token does not reach the custodians); every other file of the folder is sealed as it lies.
   */
  keep(ring: readonly { name: string; content: string }[]): number {
    const { file } = this;
    if (!file) return 0;
    const wanted = new Map(ring.map(({ name, content }) => [`${name}.key`, Buffer.from(content)]));
    for (const path of below(this.#keys)) {
      const name = relative(this.#keys, path).split(sep).join('/');
      if (/\.(key|new|gone)$/.test(name) || name === 'guard.json') continue;
      wanted.set(name, readFileSync(path));
    }
    let changed = 0;
    for (const path of below(this.folder)) {
      const name = relative(this.folder, path).split(sep).join('/').slice(0, -SUFFIX.length);
      if (!path.endsWith(SUFFIX)) continue;
      const content = wanted.get(name);
      if (content && headOf(path).digest === digestOf(content)) wanted.delete(name);
      else if (!content) {
        rmSync(path);
        changed++;
      }
    }
    const to = createPublicKey({ key: Buffer.from(file.publicKey, 'base64'), format: 'der', type: 'spki' });
    for (const [name, content] of wanted) {
      const path = join(this.folder, `${name}${SUFFIX}`);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeWhole(path, seal(to, name, content));
      changed++;
    }
    return changed;
  }

  /** The files in custody, by their names in the folder of keys. */
  names(): string[] {
    return below(this.folder)
      .filter((path) => path.endsWith(SUFFIX))
      .map((path) => relative(this.folder, path).split(sep).join('/').slice(0, -SUFFIX.length))
      .sort();
  }

  /** Opens everything with the private key that custodians put together. Throws where it is another's or a file is damaged. */
  open(privateBytes: Uint8Array): Map<string, Buffer> {
    const { file } = this;
    if (!file) throw new Problem(noCustody, { folder: this.folder });
    const own = createPrivateKey({ key: Buffer.concat([PKCS8, privateBytes]), format: 'der', type: 'pkcs8' });
    const publicKey = createPublicKey(own).export({ type: 'spki', format: 'der' }).toString('base64');
    if (publicKey !== file.publicKey) throw new Problem(wrongShares, { folder: this.folder });
    return new Map(
      this.names().map((name) => {
        const path = join(this.folder, `${name}${SUFFIX}`);
        return [name, unseal(own, name, path)];
      }),
    );
  }

  /** Makes the folder of keys again; nothing that is there is overwritten, and nothing is written unless all can be. */
  recover(privateBytes: Uint8Array): string[] {
    const files = this.open(privateBytes);
    for (const name of files.keys())
      if (existsSync(join(this.#keys, name)))
        throw new Problem(inPlace, { path: name }, { file: join(this.#keys, name) });
    for (const [name, content] of files) {
      const path = join(this.#keys, name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeWhole(path, content);
    }
    return [...files.keys()];
  }
}

/** A digest under which nobody finds the content: keys are random, and the digest is salted by its purpose. */
const digestOf = (content: Buffer) => createHash('sha256').update('jingwei custody').update(content).digest('hex');

function headOf(path: string): { digest: string; body: Buffer } {
  const [head, digest, body] = readFileSync(path, 'utf8').split('\n');
  if (head !== MAGIC || !digest || !body) throw new Problem(damagedCustody, { path }, { file: path });
  return { digest, body: Buffer.from(body, 'base64') };
}

const keyFor = (secret: Buffer, ephemeral: Buffer) =>
  Buffer.from(hkdfSync('sha256', secret, ephemeral, 'jingwei custody', 32));

function seal(to: KeyObject, name: string, content: Buffer): string {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const ephemeral = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyFor(diffieHellman({ privateKey, publicKey: to }), ephemeral), nonce);
  cipher.setAAD(Buffer.from(name));
  const body = Buffer.concat([ephemeral, nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  return `${MAGIC}\n${digestOf(content)}\n${body.toString('base64')}\n`;
}

/** SPKI of X25519 before its 32 bytes. */
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

function unseal(privateKey: KeyObject, name: string, path: string): Buffer {
  try {
    const { body } = headOf(path);
    const ephemeral = body.subarray(0, 32);
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI, ephemeral]), format: 'der', type: 'spki' });
    const cipher = createDecipheriv(
      'aes-256-gcm',
      keyFor(diffieHellman({ privateKey, publicKey }), ephemeral),
      body.subarray(32, 44),
    );
    cipher.setAAD(Buffer.from(name));
    cipher.setAuthTag(body.subarray(body.length - 16));
    return Buffer.concat([cipher.update(body.subarray(44, body.length - 16)), cipher.final()]);
  } catch {
    throw new Problem(damagedCustody, { path }, { file: path });
  }
}

/** Every plain file below a folder; none where it is missing. */
function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? below(path) : entry.isFile() ? [path] : [];
  });
}
