/** Reads a delivered file as UTF-8 in chunks, hashing its bytes as they are on disk. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import { type IntakePlan, Refused } from './plan.ts';

const CHUNK = 4 << 20;

/** A source of UTF-8 chunks; the byte order mark is taken off. */
export class TextFile {
  read = 0;
  last = false;
  size: number;
  readonly #fd: number;
  readonly #hash = createHash('sha256');
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  readonly #encoding: IntakePlan['encoding'];
  readonly transcoded: boolean;
  readonly #raw: Uint8Array<ArrayBuffer>;
  #first = true;

  constructor(path: string, encoding: IntakePlan['encoding']) {
    this.#fd = openSync(path, 'r');
    this.size = fstatSync(this.#fd).size;
    this.#encoding = encoding;
    this.transcoded = encoding !== 'utf-8';
    this.#raw = new Uint8Array(this.transcoded ? CHUNK : 0);
    if (this.size === 0) {
      closeSync(this.#fd);
      throw new Refused({ code: 'exchange.file.empty', params: {} });
    }
  }

  /** Bytes that `next` may need behind `at`. */
  get room(): number {
    return CHUNK * (this.transcoded ? 4 : 1);
  }

  /**
   * Puts the next chunk into `into` from `at` on; answers how many bytes of UTF-8 came. After the last chunk `last` is
   * true.
   */
  next(into: Uint8Array<ArrayBuffer>, at: number): number {
    const raw = this.transcoded ? this.#raw : into.subarray(at, at + CHUNK);
    let n = 0;
    while (n < CHUNK) {
      const got = readSync(this.#fd, raw, n, CHUNK - n, null);
      if (got === 0) break;
      n += got;
    }
    this.read += n;
    let bytes = raw.subarray(0, n);
    this.#hash.update(bytes);
    this.last = n < CHUNK;
    if (this.#first) bytes = this.#start(bytes);
    if (!this.#decoder) {
      if (bytes.length < n) into.copyWithin(at, at + n - bytes.length, at + n);
      return bytes.length;
    }
    const text = this.#decoder.decode(bytes, { stream: !this.last });
    return Buffer.from(into.buffer, at).write(text);
  }

  #start(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.#first = false;
    const [a, b, c] = bytes;
    const wide = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
    const marked = a === 0xef && b === 0xbb && c === 0xbf;
    if ((wide && this.#encoding !== 'utf-16') || (marked && this.#encoding !== 'utf-8'))
      throw new Refused({
        code: 'exchange.file.encoding',
        params: { declared: this.#encoding, seen: wide ?? 'utf-8' },
        line: 1,
      });
    if (this.#encoding === 'gb18030') this.#decoder = new TextDecoder('gb18030');
    else if (this.#encoding === 'utf-16') this.#decoder = new TextDecoder(wide ?? 'utf-16le');
    return marked ? bytes.subarray(3) : bytes;
  }

  /** Hexadecimal SHA-256 of everything that was read. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  close(): void {
    closeSync(this.#fd);
  }
}
