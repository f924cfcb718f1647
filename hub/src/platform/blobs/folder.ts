import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../problem.ts';
import { damaged, noKey, unknown } from './problems.ts';
import type { Blob, BlobCipher, BlobStore } from './store.ts';

/**
 * Files in a local folder, `ab/cdef…` by the SHA-256 of their content (`.sealed` when encrypted). A file appears under
 * its name only when it is whole and on disk.
 */
export class FolderBlobs implements BlobStore {
  readonly #folder: string;
  readonly #drafts: string;
  readonly #cipher: BlobCipher | undefined;
  /** Backups that read the folder: until they are through nothing is removed. */
  readonly #held = new Set<Promise<void>>();

  /** @param cipher encrypts what is put from now on; files put without it stay readable */
  constructor(folder: string, cipher?: BlobCipher) {
    this.#folder = folder;
    this.#drafts = join(folder, 'drafts');
    this.#cipher = cipher;
    mkdirSync(this.#drafts, { recursive: true, mode: 0o700 });
    // What a killed process was writing was never promised to anybody.
    for (const name of readdirSync(this.#drafts)) rmSync(join(this.#drafts, name));
  }

  #path(sha256: string, sealed: boolean): string {
    return join(this.#folder, sha256.slice(0, 2), `${sha256.slice(2)}${sealed ? '.sealed' : ''}`);
  }

  async #find(sha256: string): Promise<{ path: string; sealed: boolean } | undefined> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    for (const sealed of [true, false]) {
      const path = this.#path(sha256, sealed);
      try {
        await access(path);
        return { path, sealed };
      } catch {
        // Not under this name.
      }
    }
    return undefined;
  }

  async put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Blob> {
    const draft = join(this.#drafts, randomUUID());
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    try {
      const source = Readable.from(content, { objectMode: false });
      const sink = createWriteStream(draft, { mode: 0o600, flush: true });
      if (this.#cipher) await pipeline(source, measure, this.#cipher.encrypt(), sink);
      else await pipeline(source, measure, sink);
      const sha256 = hash.digest('hex');
      if (!(await this.#find(sha256))) {
        const path = this.#path(sha256, this.#cipher !== undefined);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(draft, path);
        await syncFolder(dirname(path));
        await syncFolder(this.#folder);
      }
      return { sha256, bytes };
    } finally {
      await rm(draft, { force: true });
    }
  }

  async *get(sha256: string): AsyncIterable<Uint8Array> {
    const found = await this.#find(sha256);
    if (!found) throw new Problem(unknown, { sha256 });
    if (found.sealed && !this.#cipher) throw new Problem(noKey, { sha256 });
    const file = createReadStream(found.path, { highWaterMark: 256 * 1024 });
    const hash = createHash('sha256');
    const plain = found.sealed ? this.#cipher!.decrypt() : undefined;
    // A fault of either stream ends the iteration of the last one.
    if (plain) file.on('error', (error) => plain.destroy(error)).pipe(plain);
    try {
      for await (const chunk of plain ?? file) {
        hash.update(chunk as Buffer);
        yield chunk as Buffer;
      }
    } finally {
      file.destroy();
      plain?.destroy();
    }
    if (hash.digest('hex') !== sha256) throw new Problem(damaged, { sha256 });
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#find(sha256)) !== undefined;
  }

  /** Holds removals back until the answer is called: a backup names files before it has read them. */
  hold(): () => void {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held.add(held);
    return () => {
      this.#held.delete(held);
      release();
    };
  }

  async remove(sha256: string): Promise<void> {
    while (this.#held.size > 0) await Promise.all(this.#held);
    const found = await this.#find(sha256);
    if (!found) return;
    await rm(found.path);
    await syncFolder(dirname(found.path));
  }
}

/** Makes a new name in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
