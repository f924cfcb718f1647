/** Files of keyless commands: read whole where they are small, hashed in pieces where they are not, written without overwriting. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Problem } from '@jingwei/hub/light';
import { algorithmNamed, Hasher, hashAlgorithms, KeylessError } from '@jingwei/keyless';
import {
  changed,
  emptyFile,
  exists,
  noFile,
  notAFile,
  tooLarge,
  unknownAlgorithm,
  unreadable,
  unwritable,
} from './problems.ts';

/** Bytes read at once. */
const PIECE = 4 << 20;

/** Number of a hash algorithm by its name. Throws `cli.keyless.algorithm`. */
export function algorithmId(name: string): number {
  const known = algorithmNamed(name);
  if (!known) throw new Problem(unknownAlgorithm, { name, known: hashAlgorithms.map((a) => a.name).join(', ') });
  return known.id;
}

async function opened(file: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' ? new Problem(noFile, { file }) : new Problem(unreadable, { file, why: code });
  }
  if (!(await handle.stat()).isFile()) {
    await handle.close();
    throw new Problem(notAFile, { file });
  }
  return handle;
}

/**
 * Imprint of a file of any size, by number of the algorithm; `read` is told the bytes so far. A file that changes meanwhile has no imprint:
 * `cli.keyless.changed`. Throws also `cli.keyless.no-file`, `.not-a-file`, `.unreadable`.
 */
export async function imprintOfFile(
  file: string,
  algorithm: number,
  read: (bytes: number, total: number) => void = () => undefined,
): Promise<{ imprint: Uint8Array; size: number }> {
  const handle = await opened(file);
  try {
    const before = await handle.stat({ bigint: true });
    const hasher = new Hasher(algorithm);
    const piece = Buffer.alloc(Number(before.size < PIECE ? before.size + 1n : BigInt(PIECE)));
    let size = 0;
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      size += bytesRead;
      hasher.update(piece.subarray(0, bytesRead));
      read(size, Number(before.size));
    }
    const after = await handle.stat({ bigint: true });
    if (BigInt(size) !== before.size || after.size !== before.size || after.mtimeNs !== before.mtimeNs)
      throw new Problem(changed, { file });
    return { imprint: hasher.digest(), size };
  } finally {
    await handle.close();
  }
}

/** The bytes of a small file. Throws `cli.keyless.no-file`, `.not-a-file`, `.unreadable`, `.empty`, `.too-large`. */
export async function bytesOfFile(file: string, most: number): Promise<Uint8Array> {
  const handle = await opened(file);
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new Problem(emptyFile, { file });
    if (size > most) throw new Problem(tooLarge, { file, most });
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/** What a reader of the format says is wrong is told with the file. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof KeylessError ? Object.assign(error, { place: { file } }) : error;
  }
}

/** Whether something stands there. */
const standsAt = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;

/** Refuses a place where something stands already, unless it may be replaced: asked before the work, not after it. */
export function mayWrite(file: string, force: boolean): void {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there && !there.isFile()) throw new Problem(notAFile, { file });
  if (there && !force) throw new Problem(exists, { file });
}

/** Writes a file whole or not at all, and never over another one unless `force`. */
export function writeWhole(file: string, bytes: Uint8Array, force: boolean): void {
  const beside = force ? `${file}.${process.pid}.part` : file;
  try {
    const handle = openSync(beside, 'wx', 0o644);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    } finally {
      closeSync(handle);
    }
    if (force) renameSync(beside, file);
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && standsAt(file)) throw new Problem(exists, { file });
    throw new Problem(unwritable, { file, why: code });
  }
}
