/** Reads a ZIP that is in memory, entry by entry, each unpacked as a stream: what a small file unpacks to is counted while it comes. */
import { createInflateRaw } from 'node:zlib';

/** Where a file is no ZIP, or unpacks to more than is taken. */
export class ZipFault extends Error {}

/** Bytes that all entries that are read may unpack to. */
export const UNPACKED = 512 << 20;

interface Entry {
  method: number;
  packed: number;
  offset: number;
}

/** The entries of a ZIP by name. */
export class Unzip {
  readonly #bytes: Buffer;
  readonly #entries = new Map<string, Entry>();
  #left = UNPACKED;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    let end = bytes.length - 22;
    const last = Math.max(0, end - 65_535);
    while (end >= last && end >= 0 && bytes.readUInt32LE(end) !== 0x06054b50) end--;
    if (end < last || end < 0) throw new ZipFault('no directory');
    const count = bytes.readUInt16LE(end + 10);
    let at = bytes.readUInt32LE(end + 16);
    for (let i = 0; i < count; i++) {
      if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw new ZipFault('damaged directory');
      const [flags, method, packed] = [
        bytes.readUInt16LE(at + 8),
        bytes.readUInt16LE(at + 10),
        bytes.readUInt32LE(at + 20),
      ];
      const [name, extra, comment] = [
        bytes.readUInt16LE(at + 28),
        bytes.readUInt16LE(at + 30),
        bytes.readUInt16LE(at + 32),
      ];
      if (flags & 1) throw new ZipFault('encrypted');
      const offset = bytes.readUInt32LE(at + 42);
      this.#entries.set(bytes.subarray(at + 46, at + 46 + name).toString('utf8'), { method, packed, offset });
      at += 46 + name + extra + comment;
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** An entry's content as text, in pieces. */
  async *text(name: string): AsyncGenerator<string> {
    const entry = this.#entries.get(name);
    if (!entry) return;
    const { offset, packed, method } = entry;
    const b = this.#bytes;
    if (offset + 30 > b.length || b.readUInt32LE(offset) !== 0x04034b50) throw new ZipFault('damaged entry');
    const start = offset + 30 + b.readUInt16LE(offset + 26) + b.readUInt16LE(offset + 28);
    if (start + packed > b.length) throw new ZipFault('damaged entry');
    const data = b.subarray(start, start + packed);
    const decoder = new TextDecoder('utf-8');
    if (method === 0) {
      this.#count(data.length);
      yield decoder.decode(data);
      return;
    }
    if (method !== 8) throw new ZipFault('unknown compression');
    const inflate = createInflateRaw();
    inflate.end(data);
    try {
      for await (const chunk of inflate as AsyncIterable<Buffer>) {
        this.#count(chunk.length);
        yield decoder.decode(chunk, { stream: true });
      }
    } catch (error) {
      throw error instanceof ZipFault ? error : new ZipFault('damaged entry');
    }
    yield decoder.decode();
  }

  /** A small entry whole; '' where there is none. */
  async whole(name: string): Promise<string> {
    let all = '';
    for await (const t of this.text(name)) all += t;
    return all;
  }

  #count(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new ZipFault('too large when unpacked');
  }
}
