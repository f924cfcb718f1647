/**
 * Reads a tar stream (POSIX ustar, as `pg_basebackup` writes it) without holding it: plain files and folders, their content in pieces. Anything
 * else of the format (links) is told, never passed over. IEEE Std 1003.1, pax: ustar interchange format.
 */
import { Problem } from '../../problem.ts';
import { brokenTar } from './problems.ts';

const BLOCK = 512;

/** One entry, before its content. */
export interface TarEntry {
  path: string;
  folder: boolean;
  mode: number;
  size: number;
  /** Milliseconds. */
  mtime: number;
}

/** What is done with an entry: content comes in pieces of at most `piece` bytes, `end` follows the last. */
export interface TarSink {
  begin(entry: TarEntry): void;
  piece(bytes: Buffer): void;
  end(): void;
}

const bad = (message: string): Problem => new Problem(brokenTar, { message });

/** A reader that is given chunks of any length; `finish` tells when the stream ended too early. */
export class TarReader {
  readonly #sink: TarSink;
  readonly #piece: number;
  #held: Buffer[] = [];
  #length = 0;
  /** Bytes of content that are still to come, and padding behind them; undefined: a header comes next. */
  #left: { content: number; padding: number } | undefined;
  #ended = false;

  constructor(sink: TarSink, piece: number) {
    this.#sink = sink;
    this.#piece = piece;
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#length += chunk.length;
    while (this.#step());
  }

  /** The stream is over. */
  finish(): void {
    if (!this.#ended || this.#left) throw bad('it ends too early');
  }

  #take(n: number): Buffer {
    const all = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = all.length > n ? [all.subarray(n)] : [];
    this.#length -= n;
    return all.subarray(0, n);
  }

  /** Does one thing; false when more bytes are needed. */
  #step(): boolean {
    if (this.#ended) {
      // Blocks of zeros follow the end.
      this.#take(this.#length);
      return false;
    }
    if (this.#left) {
      if (this.#left.content > 0) {
        const n = Math.min(this.#piece, this.#left.content);
        if (this.#length < n) return false;
        this.#sink.piece(this.#take(n));
        this.#left.content -= n;
        return true;
      }
      if (this.#length < this.#left.padding) return false;
      this.#take(this.#left.padding);
      this.#left = undefined;
      this.#sink.end();
      return true;
    }
    if (this.#length < BLOCK) return false;
    const header = this.#take(BLOCK);
    if (header.every((b) => b === 0)) {
      this.#ended = true;
      return this.#length > 0;
    }
    const entry = readHeader(header);
    this.#sink.begin(entry);
    this.#left = { content: entry.size, padding: (BLOCK - (entry.size % BLOCK)) % BLOCK };
    return true;
  }
}

function readHeader(h: Buffer): TarEntry {
  const text = (from: number, length: number): string => {
    const field = h.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString('utf8');
  };
  const number = (from: number, length: number): number => {
    // A number too large for the octal field stands in binary, its first bit set.
    if (h[from]! & 0x80) {
      let n = h[from]! & 0x7f;
      for (let i = 1; i < length; i++) n = n * 256 + h[from + i]!;
      return n;
    }
    const digits = text(from, length).trim();
    if (!/^[0-7]*$/.test(digits)) throw bad('a number of a header is none');
    return digits ? Number.parseInt(digits, 8) : 0;
  };
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : h[i]!;
  if (number(148, 8) !== sum) throw bad('the check sum of a header is wrong');
  const kind = String.fromCharCode(h[156]!);
  const prefix = text(345, 155);
  const path = `${prefix ? `${prefix}/` : ''}${text(0, 100)}`.replace(/^\.\//, '').replace(/\/+$/, '');
  if (!'05\0'.includes(kind)) throw bad(`${path} is neither a file nor a folder (${kind})`);
  const folder = kind === '5';
  const size = folder ? 0 : number(124, 12);
  if (!Number.isSafeInteger(size)) throw bad(`the size of ${path}`);
  return { path, folder, mode: number(100, 8), size, mtime: number(136, 12) * 1000 };
}
