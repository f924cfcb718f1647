/** What writing to disk means here: bytes at a place, forced to the device before anybody is told; a failed write leaves nothing behind. */
import { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { fail, KeylessError } from '../errors.ts';

/** The calls that can fail for want of room; a test hands in ones that do. */
export interface Disk {
  /** Writes all bytes at the place. */
  write(fd: number, bytes: Uint8Array, position: number): void;
  /** Forces what was written to the device. */
  sync(fd: number): void;
}

/** The machine's own disk. */
export const machineDisk: Disk = {
  write(fd, bytes, position) {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
  },
  sync: fdatasyncSync,
};

/** CRC-32 (zlib's polynomial) of bytes. */
export const checksum = (bytes: Uint8Array): number => crc32(bytes);

/** Forces the names in a folder to the device, so that a new file is found again. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A file that only grows at its end. */
export class AppendFile {
  readonly path: string;
  readonly #fd: number;
  readonly #disk: Disk;
  #length: number;
  #broken = false;

  private constructor(path: string, fd: number, disk: Disk) {
    this.path = path;
    this.#fd = fd;
    this.#disk = disk;
    this.#length = fstatSync(fd).size;
  }

  /** Opens a file, making it where it is not there and `readOnly` is not set. */
  static open(path: string, options: { readOnly?: boolean; disk?: Disk } = {}): AppendFile {
    const { readOnly = false, disk = machineDisk } = options;
    if (readOnly) return new AppendFile(path, openSync(path, 'r'), disk);
    let fd: number;
    try {
      fd = openSync(path, 'r+');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      fd = openSync(path, 'wx+', 0o600);
      syncFolder(dirname(path));
    }
    return new AppendFile(path, fd, disk);
  }

  /** Bytes that are there. */
  get length(): number {
    return this.#length;
  }

  /** Reads `length` bytes at a place; fewer at the end of the file. */
  read(position: number, length: number): Buffer {
    const out = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.#length - position)));
    let at = 0;
    while (at < out.length) {
      const n = readSync(this.#fd, out, at, out.length - at, position + at);
      if (n === 0) break;
      at += n;
    }
    return out.subarray(0, at);
  }

  /**
   * Adds bytes at the end; on the device when this returns unless `sync` is false. Throws `keyless.disk` where that fails: the file is then
   * as it was before, or refuses all further writing.
   */
  append(bytes: Uint8Array, sync = true): void {
    if (this.#broken)
      fail('disk', `文件 ${this.path} 写入失败后不可再写`, `${this.path} is closed to writing after a failure`);
    try {
      this.#disk.write(this.#fd, bytes, this.#length);
      if (sync) this.#disk.sync(this.#fd);
    } catch (error) {
      this.truncate(this.#length);
      throw diskError(this.path, error);
    }
    this.#length += bytes.length;
  }

  /** Cuts the file. */
  truncate(length: number): void {
    try {
      ftruncateSync(this.#fd, length);
      fsyncSync(this.#fd);
      this.#length = length;
    } catch (error) {
      this.#broken = true;
      throw diskError(this.path, error);
    }
  }

  /** Writes over bytes that are there; for mending only. */
  overwrite(position: number, bytes: Uint8Array): void {
    this.#disk.write(this.#fd, bytes, position);
    this.#disk.sync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function diskError(path: string, error: unknown): KeylessError {
  const { code, message } = error as NodeJS.ErrnoException;
  const [zh, en] =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? ['磁盘已满', 'the disk is full']
      : [`写入失败：${message}`, `writing failed: ${message}`];
  return new KeylessError('disk', `${zh}（${path}）`, `${en} (${path})`);
}

/** Something found amiss in what is on disk. */
export interface Finding {
  /** Stable code such as `torn`, `crc`, `order`, `root`. */
  code: string;
  zh: string;
  en: string;
  /** File, and byte in it where one is known. */
  file: string;
  offset?: number;
  /** Whether it was put right. */
  mended: boolean;
}
