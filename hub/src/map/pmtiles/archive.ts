/** The base map as one PMTiles file in the data folder: made by a job, replaced whole, read by ranges. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is told of the archive beside it. */
export interface ArchiveNote {
  /** What it shows: the versions of its layers. */
  version: string;
  tiles: number;
  bytes: number;
  made: string;
  minZoom: number;
  maxZoom: number;
}

export class Archive {
  readonly #folder: string;

  constructor(data: string) {
    this.#folder = join(data, 'map');
  }

  get path(): string {
    return join(this.#folder, 'base.pmtiles');
  }

  /** What the archive is; null while there is none. */
  async note(): Promise<ArchiveNote | null> {
    const file = join(this.#folder, 'base.json');
    if (!existsSync(file) || !existsSync(this.path)) return null;
    return JSON.parse(await readFile(file, 'utf8')) as ArchiveNote;
  }

  /** Puts a new archive in the place of the old one: the file is on disk whole before its name changes. */
  async put(bytes: Uint8Array, note: ArchiveNote): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const parts: [string, Uint8Array | string][] = [
      [this.path, bytes],
      [join(this.#folder, 'base.json'), JSON.stringify(note)],
    ];
    for (const [path, content] of parts) {
      const next = `${path}.new`;
      await rm(next, { force: true });
      await writeFile(next, content);
      const file = await open(next, 'r+');
      await file.sync();
      await file.close();
      await rename(next, path);
    }
  }

  /** Bytes from … to (inclusive) with the file's length. */
  async read(from: number, to: number | null): Promise<{ bytes: Uint8Array; size: number; end: number } | null> {
    const { size } = await stat(this.path);
    const end = Math.min(to ?? size - 1, size - 1);
    if (from > end) return null;
    const file = await open(this.path, 'r');
    try {
      const bytes = new Uint8Array(end - from + 1);
      await file.read(bytes, 0, bytes.length, from);
      return { bytes, size, end };
    } finally {
      await file.close();
    }
  }
}

/** A short name of a version, for ETag and addresses. */
export const shortOf = (version: string): string =>
  createHash('sha256').update(version).digest('base64url').slice(0, 16);
