/** Files of the repository: whole or not at all, and on disk before anything says that they are there. */
import { closeSync, fsyncSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file whole or not at all, on disk when it returns. */
export function place(path: string, content: Uint8Array): void {
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeAll(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  syncFolder(dirname(path));
}

/** A write may do less than it was asked to (a full disk): then the rest is tried, and fails with the reason. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

/** Bytes of a file from `at` on; an error when it is shorter. */
export function readPart(path: string, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const file = openSync(path, 'r');
  try {
    for (let got = 0; got < length; ) {
      const n = readSync(file, bytes, got, length - got, at + got);
      if (n === 0) throw new RangeError(`${path} is shorter than ${at + length} bytes`);
      got += n;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** What was renamed or removed in a folder is so on disk. */
export function syncFolder(folder: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })) return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
