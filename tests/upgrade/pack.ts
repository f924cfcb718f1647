/**
 * The data folder of an older version as one small file: rows of its store, its lake, keys, seals, archives and a few received files, one after
 * another, compressed. Made by `make.ts`, opened by the test of upgrades.
 */
import { createReadStream, createWriteStream, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createBrotliDecompress } from 'node:zlib';

const packing = {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 10,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_LARGE_WINDOW]: 0,
  },
};

/** Writes files of a folder (paths relative to it) into one pack. */
export async function pack(folder: string, paths: readonly string[], to: string): Promise<void> {
  async function* parts() {
    for (const path of paths) {
      const { size } = statSync(join(folder, path));
      yield Buffer.from(`${JSON.stringify({ path, size })}\n`);
      yield* createReadStream(join(folder, path));
    }
  }
  await pipeline(Readable.from(parts()), createBrotliCompress(packing), createWriteStream(to));
}

/** Lays the files of a pack out in a folder, readable by their owner only. */
export async function unpack(file: string, folder: string): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file).pipe(createBrotliDecompress())) chunks.push(chunk as Buffer);
  const all = Buffer.concat(chunks);
  for (let at = 0; at < all.length; ) {
    const end = all.indexOf(10, at);
    const { path, size } = JSON.parse(all.subarray(at, end).toString()) as { path: string; size: number };
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    writeFileSync(to, all.subarray(end + 1, end + 1 + size), { mode: 0o600 });
    at = end + 1 + size;
  }
}
