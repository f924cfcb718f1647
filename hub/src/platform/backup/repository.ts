/**
 * The repository of backups: chunks of files, each kept once whatever snapshot needs it, encrypted, in packs; beside them an index for each
 * pack and a manifest for each snapshot. A snapshot is complete (to restore it nothing else of the hub is needed) and costs only what is new:
 * full and incremental are the same thing. Everything is written in the order pack, index, manifest, each on disk before the next, so that a
 * kill leaves at worst chunks that nobody names, which `prune` takes away.
 *
 *   jingwei-backup.json    format, id, the data key wrapped by the recovery key
 *   packs/ab/<pack>.pack   encrypted chunks one after another
 *   index/<pack>.idx       names, places and lengths of the pack's chunks, encrypted
 *   snapshots/<id>.snap    the manifest, encrypted
 *   bases/<id>.base        the manifest of a base backup of the server, encrypted (point/)
 *   log/<system>/…         the server's log (point/shelf.ts)
 */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { Problem } from '../problem.ts';
import { place, syncFolder, writeAll } from './files.ts';
import type { BaseManifest } from './point/base.ts';
import { damaged, foreignFormat, noRepository, nothingToTry, repositoryExists, unknownSnapshot } from './problems.ts';
import {
  type ChunkKeys,
  chunkKeys,
  nameOf,
  newDataKey,
  newRecoveryKey,
  readRecoveryKey,
  seal,
  unseal,
  unwrap,
  wrap,
  writtenShares,
} from './secret.ts';

const FORMAT = 1;
/** Bytes after which a pack is closed. */
const PACK = 32 * 1024 * 1024;
/** Bytes after which a pack is brought to the disk: all at once would keep everybody else's durable writes waiting. */
const SYNC = 4 * 1024 * 1024;
/** Bytes of a name. */
const NAME = 32;
/** A pack of which less than this share is still needed is written anew. */
const WORTH = 0.6;

const head = z.object({
  format: z.number(),
  id: z.string(),
  createdAt: z.string(),
  renewedAt: z.string().optional(),
  recovery: z.string(),
});

/** One file of a snapshot. */
export interface FileEntry {
  /** Within the data folder, with `/`. */
  path: string;
  mode: number;
  size: number;
  /** Time of change when it was read, in milliseconds, and its number on the disk: whoever has the same is not read again. */
  mtime: number;
  ino: number;
  /** Names of its chunks in order, hexadecimal. */
  chunks: string[];
}

/** What a snapshot holds. Instants are ISO 8601 in UTC. */
export interface Manifest {
  format: 1;
  id: string;
  /** The moment that the snapshot shows. */
  at: string;
  /** Version of the program that wrote it. */
  version: string;
  city: string;
  synthetic: boolean;
  /** How the operational store stands in it: its folder (`pg/`) or rows of its tables (`rows/`). */
  store: 'pglite' | 'postgres';
  /** Whether the keys of the vault are in it. */
  keys: boolean;
  /** What stayed outside: an object store, for instance. */
  without: string[];
  files: FileEntry[];
  bytes: number;
  /** Of them new to the repository, as they lie there (encrypted, packed). */
  added: number;
  /** Milliseconds for which commits waited; milliseconds in all. */
  held: number;
  took: number;
}

interface Spot {
  pack: string;
  at: number;
  length: number;
}

/** An open repository. All calls are synchronous: it lives in a thread of its own. */
export class Repository {
  readonly folder: string;
  readonly #keys: ChunkKeys;
  readonly #spots = new Map<string, Spot>();
  #draft: { id: string; file: number; size: number; entries: { name: Buffer; spot: Spot }[] } | undefined;
  /** Bytes that this process added. */
  added = 0;

  private constructor(folder: string, dataKey: Uint8Array) {
    this.folder = folder;
    this.#keys = chunkKeys(dataKey);
    for (const file of list(join(folder, 'index'), '.idx')) this.#learn(file.slice(0, -4));
  }

  /** Makes a repository in an absent or empty folder; answers its data key and the recovery key, which is to be shown once. */
  static init(
    folder: string,
    now: Date,
    custodians?: { needed: number; count: number },
  ): { dataKey: Buffer; recovery: string; shares: string[]; id: string } {
    if (existsSync(folder) && readdirSync(folder).length > 0) throw new Problem(repositoryExists, { folder });
    for (const name of ['packs', 'index', 'snapshots']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    const dataKey = newDataKey();
    const id = randomUUID();
    return {
      dataKey,
      id,
      ...newRecovery(folder, { format: FORMAT, id, createdAt: now.toISOString() }, dataKey, custodians),
    };
  }

  /**
   * Gives a repository another recovery key (or shares); the one of before opens it no longer. Who kept it together with a copy of the
   * repository's head from before still has the data key: then a new repository is needed. A data key that does not open what is there is a
   * Problem, as is a repository without anything by which it could be tried.
   */
  static renew(
    folder: string,
    dataKey: Uint8Array,
    now: Date,
    custodians?: { needed: number; count: number },
  ): { recovery: string; shares: string[] } {
    const { recovery: _, ...own } = readHead(folder);
    if (list(join(folder, 'index'), '.idx').length === 0) throw new Problem(nothingToTry, { folder });
    Repository.open(folder, dataKey);
    return newRecovery(folder, { ...own, renewedAt: now.toISOString() }, dataKey, custodians);
  }

  /** The data key of a repository by its recovery key. */
  static dataKey(folder: string, recovery: string): Buffer {
    return unwrap(readHead(folder).recovery, readRecoveryKey(recovery));
  }

  /** Opens with the data key. A wrong one is a Problem as soon as anything is read. */
  static open(folder: string, dataKey: Uint8Array): Repository {
    readHead(folder);
    return new Repository(folder, dataKey);
  }

  /** Whether a chunk is there. */
  has(name: string): boolean {
    return this.#spots.has(name);
  }

  /** Keeps a chunk, unless it is there; answers its name. It is on disk after `flush`. */
  put(content: Uint8Array): string {
    const name = nameOf(this.#keys, content);
    const hex = name.toString('hex');
    if (this.#spots.has(hex)) return hex;
    const box = seal(this.#keys, name, squeeze(content));
    if (!this.#draft) {
      const id = randomBytes(16).toString('hex');
      mkdirSync(join(this.folder, 'packs', id.slice(0, 2)), { recursive: true, mode: 0o700 });
      this.#draft = { id, file: openSync(`${this.#pack(id)}.new`, 'w', 0o600), size: 0, entries: [] };
    }
    const { id, file, size, entries } = this.#draft;
    writeAll(file, box);
    const spot = { pack: id, at: size, length: box.length };
    entries.push({ name, spot });
    this.#spots.set(hex, spot);
    if (Math.floor(size / SYNC) !== Math.floor((size + box.length) / SYNC)) fdatasyncSync(file);
    this.#draft.size += box.length;
    this.added += box.length;
    if (this.#draft.size >= PACK) this.flush();
    return hex;
  }

  /** Closes the pack that is being written: it and its index are on disk afterwards. */
  flush(): void {
    const draft = this.#draft;
    if (!draft) return;
    fsyncSync(draft.file);
    closeSync(draft.file);
    const path = this.#pack(draft.id);
    renameSync(`${path}.new`, path);
    syncFolder(dirname(path));
    const table = Buffer.alloc(draft.entries.length * (NAME + 8));
    draft.entries.forEach(({ name, spot }, i) => {
      name.copy(table, i * (NAME + 8));
      table.writeUInt32LE(spot.at, i * (NAME + 8) + NAME);
      table.writeUInt32LE(spot.length, i * (NAME + 8) + NAME + 4);
    });
    place(join(this.folder, 'index', `${draft.id}.idx`), seal(this.#keys, Buffer.from(`index ${draft.id}`), table));
    this.#draft = undefined;
  }

  /** The content of a chunk; a missing or changed one is a Problem. */
  get(name: string): Buffer {
    const spot = this.#spots.get(name);
    if (!spot) throw new Problem(damaged, { what: `chunk ${name.slice(0, 12)}` });
    const box = Buffer.alloc(spot.length);
    const path = this.#draft?.id === spot.pack ? `${this.#pack(spot.pack)}.new` : this.#pack(spot.pack);
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      throw new Problem(damaged, { what: `packs/${spot.pack}` });
    }
    try {
      if (readSync(file, box, 0, spot.length, spot.at) !== spot.length)
        throw new Problem(damaged, { what: `packs/${spot.pack}` });
    } finally {
      closeSync(file);
    }
    const plain = unsqueeze(unseal(this.#keys, Buffer.from(name, 'hex'), box, `packs/${spot.pack}`));
    return plain;
  }

  /** Keeps a manifest: from here on the snapshot exists. */
  keep(manifest: Manifest): void {
    this.flush();
    const text = deflateRawSync(JSON.stringify(manifest), { level: 6 });
    place(
      join(this.folder, 'snapshots', `${manifest.id}.snap`),
      seal(this.#keys, Buffer.from(`snapshot ${manifest.id}`), text),
    );
  }

  /** Ids of all snapshots, the oldest first (an id begins with its time). */
  snapshots(): string[] {
    return list(join(this.folder, 'snapshots'), '.snap').map((f) => f.slice(0, -5));
  }

  /** One snapshot's manifest; `latest` is the newest. */
  manifest(id: string): Manifest {
    const own = id === 'latest' ? this.snapshots().at(-1) : id;
    const path = own && /^[0-9TZa-f-]+$/.test(own) ? join(this.folder, 'snapshots', `${own}.snap`) : '';
    if (!own || !existsSync(path)) throw new Problem(unknownSnapshot, { snapshot: id });
    const text = unseal(this.#keys, Buffer.from(`snapshot ${own}`), readFileSync(path), `snapshots/${own}`);
    return JSON.parse(inflateRawSync(text).toString('utf8')) as Manifest;
  }

  /** Keeps the manifest of a base backup of the server: from here on it exists. */
  keepBase(manifest: BaseManifest): void {
    this.flush();
    mkdirSync(join(this.folder, 'bases'), { recursive: true, mode: 0o700 });
    const text = deflateRawSync(JSON.stringify(manifest), { level: 6 });
    place(
      join(this.folder, 'bases', `${manifest.id}.base`),
      seal(this.#keys, Buffer.from(`base ${manifest.id}`), text),
    );
  }

  /** Ids of all base backups, the oldest first. */
  bases(): string[] {
    return list(join(this.folder, 'bases'), '.base').map((f) => f.slice(0, -5));
  }

  /** One base backup's manifest. */
  base(id: string): BaseManifest {
    const path = /^[0-9TZa-f-]+$/.test(id) ? join(this.folder, 'bases', `${id}.base`) : '';
    if (!path || !existsSync(path)) throw new Problem(unknownSnapshot, { snapshot: id });
    const text = unseal(this.#keys, Buffer.from(`base ${id}`), readFileSync(path), `bases/${id}`);
    return JSON.parse(inflateRawSync(text).toString('utf8')) as BaseManifest;
  }

  /** Takes snapshots and base backups away, and every chunk that no other one names. Answers bytes that became free. */
  prune(forget: readonly string[], bases: readonly string[] = []): { snapshots: number; bytes: number } {
    for (const id of forget) rmSync(join(this.folder, 'snapshots', `${id}.snap`), { force: true });
    syncFolder(join(this.folder, 'snapshots'));
    for (const id of bases) rmSync(join(this.folder, 'bases', `${id}.base`), { force: true });
    if (bases.length) syncFolder(join(this.folder, 'bases'));
    const needed = new Set<string>();
    for (const id of this.snapshots()) for (const f of this.manifest(id).files) for (const c of f.chunks) needed.add(c);
    for (const id of this.bases()) for (const f of this.base(id).files) for (const c of f.chunks) needed.add(c);
    const packs = new Map<string, { live: [string, Spot][]; bytes: number }>();
    for (const [name, spot] of this.#spots) {
      const pack = packs.get(spot.pack) ?? { live: [], bytes: 0 };
      pack.bytes += spot.length;
      if (needed.has(name)) pack.live.push([name, spot]);
      packs.set(spot.pack, pack);
    }
    let before = 0;
    for (const { bytes } of packs.values()) before += bytes;
    const gone: string[] = [];
    for (const [id, { live, bytes }] of packs) {
      const kept = live.reduce((sum, [, spot]) => sum + spot.length, 0);
      if (kept >= bytes * WORTH) continue;
      const contents = live.map(([name]) => this.get(name));
      for (const [name, spot] of [...this.#spots]) if (spot.pack === id) this.#spots.delete(name);
      for (const content of contents) this.put(content);
      gone.push(id);
    }
    // What is still needed is on disk in its new place before the old one goes.
    this.flush();
    for (const id of gone) rmSync(join(this.folder, 'index', `${id}.idx`), { force: true });
    syncFolder(join(this.folder, 'index'));
    for (const id of gone) rmSync(this.#pack(id), { force: true });
    this.#sweep();
    let after = 0;
    for (const spot of this.#spots.values()) after += spot.length;
    return { snapshots: forget.length, bytes: before - after };
  }

  /** Reads every chunk that a snapshot names and checks it; answers how many. Faults are Problems. */
  check(id: string, onProgress?: (done: number, total: number) => void): number {
    const names = [...new Set(this.manifest(id).files.flatMap((f) => f.chunks))];
    names.forEach((name, i) => {
      const content = this.get(name);
      if (nameOf(this.#keys, content).toString('hex') !== name) throw new Problem(damaged, { what: `chunk ${name}` });
      if (i % 64 === 0) onProgress?.(i, names.length);
    });
    return names.length;
  }

  /** Files of writers that were killed. */
  #sweep(): void {
    const known = new Set([...this.#spots.values()].map((s) => s.pack));
    const packs = join(this.folder, 'packs');
    for (const part of readdirSync(packs))
      for (const file of readdirSync(join(packs, part)))
        if (!known.has(file.replace(/\.pack(\.new)?$/, ''))) rmSync(join(packs, part, file), { force: true });
  }

  #learn(pack: string): void {
    const box = readFileSync(join(this.folder, 'index', `${pack}.idx`));
    const table = unseal(this.#keys, Buffer.from(`index ${pack}`), box, `index/${pack}`);
    for (let i = 0; i < table.length; i += NAME + 8) {
      const spot = { pack, at: table.readUInt32LE(i + NAME), length: table.readUInt32LE(i + NAME + 4) };
      this.#spots.set(table.toString('hex', i, i + NAME), spot);
    }
  }

  #pack(id: string): string {
    return join(this.folder, 'packs', id.slice(0, 2), `${id}.pack`);
  }
}

/** The id of a repository: it tells one from another, also to those without its key. */
export const idOfRepository = (folder: string): string => readHead(folder).id;

/** Writes the head of a repository with the data key under a new recovery key. */
function newRecovery(
  folder: string,
  own: object,
  dataKey: Uint8Array,
  custodians?: { needed: number; count: number },
): { recovery: string; shares: string[] } {
  const recovery = newRecoveryKey();
  const bytes = readRecoveryKey(recovery);
  const whole = { ...own, recovery: wrap(dataKey, bytes) };
  const shares = custodians ? writtenShares(bytes, custodians.needed, custodians.count) : [];
  place(join(folder, 'jingwei-backup.json'), Buffer.from(`${JSON.stringify(whole, null, 2)}\n`));
  return { recovery, shares };
}

function readHead(folder: string): z.infer<typeof head> {
  const file = join(folder, 'jingwei-backup.json');
  if (!existsSync(file)) throw new Problem(noRepository, { folder });
  let own: unknown;
  try {
    own = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Problem(damaged, { what: 'jingwei-backup.json' });
  }
  const read = head.safeParse(own);
  if (!read.success) throw new Problem(damaged, { what: 'jingwei-backup.json' });
  if (read.data.format !== FORMAT) throw new Problem(foreignFormat, { found: read.data.format, known: FORMAT });
  return read.data;
}

/** One byte says how: 0 as it is, 1 deflated. Columns and encrypted files do not become smaller: a sample tells. */
function squeeze(content: Uint8Array): Buffer {
  const sample = content.subarray(0, 16_384);
  if (content.length > 64 && deflateRawSync(sample, { level: 1 }).length < sample.length * 0.85) {
    const small = deflateRawSync(content, { level: 1 });
    if (small.length < content.length) return Buffer.concat([Buffer.from([1]), small]);
  }
  return Buffer.concat([Buffer.from([0]), content]);
}

const unsqueeze = (kept: Buffer): Buffer => (kept[0] === 1 ? inflateRawSync(kept.subarray(1)) : kept.subarray(1));

const list = (folder: string, end: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => f.endsWith(end))
        .sort()
    : [];
