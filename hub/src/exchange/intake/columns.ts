/**
 * Column buffers in Parquet's PLAIN encoding. Rows are appended value by value; rows found to be known already are taken
 * out again before the group is written.
 */

/** A column of texts: four bytes of length, then the bytes; nullable ones keep a flag per row. */
export class TextColumn {
  bytes = new Uint8Array(1 << 16);
  used = 0;
  readonly name: string;
  /** One byte per row: 1 where there is a value; undefined where every row has one. */
  flags: Uint8Array | undefined;
  rows = 0;

  constructor(name: string, nullable: boolean) {
    this.name = name;
    if (nullable) this.flags = new Uint8Array(1 << 12);
  }

  /** Makes room for a value of so many bytes. */
  reserve(length: number): void {
    const need = this.used + length + 4;
    if (need <= this.bytes.length) return;
    const more = new Uint8Array(Math.max(need, this.bytes.length * 2));
    more.set(this.bytes.subarray(0, this.used));
    this.bytes = more;
  }

  /** Appends a value that is already in bytes, or null. */
  push(value: Uint8Array | null): void {
    this.mark(value !== null);
    if (value === null) return;
    this.reserve(value.length);
    this.length(value.length);
    this.bytes.set(value, this.used);
    this.used += value.length;
  }

  /** Counts a row and, in a nullable column, whether it has a value. */
  mark(present: boolean): void {
    if (this.flags) {
      if (this.rows === this.flags.length) {
        const more = new Uint8Array(this.flags.length * 2);
        more.set(this.flags);
        this.flags = more;
      }
      this.flags[this.rows] = present ? 1 : 0;
    }
    this.rows += 1;
  }

  /** Writes the length of the value that follows. */
  length(n: number): void {
    const { bytes } = this;
    const at = this.used;
    bytes[at] = n;
    bytes[at + 1] = n >>> 8;
    bytes[at + 2] = n >>> 16;
    bytes[at + 3] = n >>> 24;
    this.used = at + 4;
  }

  /** Takes rows out; `from` is the row and byte where a batch began, `gone[i]` says whether its i-th row leaves. */
  remove(from: { rows: number; used: number }, gone: Uint8Array): void {
    const { bytes, flags } = this;
    let read = from.used;
    let write = from.used;
    let row = from.rows;
    for (let i = from.rows; i < this.rows; i++) {
      const present = flags ? flags[i]! : 1;
      const size = present
        ? 4 + (bytes[read]! | (bytes[read + 1]! << 8) | (bytes[read + 2]! << 16) | (bytes[read + 3]! << 24))
        : 0;
      if (!gone[i - from.rows]) {
        if (size && read !== write) bytes.copyWithin(write, read, read + size);
        write += size;
        if (flags) flags[row] = present;
        row += 1;
      }
      read += size;
    }
    this.used = write;
    this.rows = row;
  }

  clear(): void {
    this.used = 0;
    this.rows = 0;
  }
}

/** A column of values of one width in bytes (numbers little-endian, digests as they are); never null. */
export class FixedColumn {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  /** The same bytes by words of four. */
  words: Uint32Array;
  rows = 0;
  readonly name: string;
  readonly kind: 'int32' | 'int64' | 'timestamp' | 'digest';
  readonly width: number;

  constructor(name: string, kind: 'int32' | 'int64' | 'timestamp' | 'digest', capacity = 1 << 12) {
    this.name = name;
    this.kind = kind;
    this.width = kind === 'int32' ? 4 : kind === 'digest' ? 32 : 8;
    this.bytes = new Uint8Array(capacity * this.width);
    this.view = new DataView(this.bytes.buffer);
    this.words = new Uint32Array(this.bytes.buffer);
  }

  get used(): number {
    return this.rows * this.width;
  }

  /** Makes room for one more; answers where it goes. */
  next(): number {
    const at = this.rows * this.width;
    if (at + this.width > this.bytes.length) {
      const more = new Uint8Array(this.bytes.length * 2);
      more.set(this.bytes);
      this.bytes = more;
      this.view = new DataView(more.buffer);
      this.words = new Uint32Array(more.buffer);
    }
    this.rows += 1;
    return at;
  }

  /** Appends a whole number (exact up to 2^53). */
  number(n: number): void {
    const at = this.next();
    if (this.width === 4) this.words[at >> 2] = n;
    else {
      this.view.setUint32(at, n >>> 0, true);
      this.view.setInt32(at + 4, Math.floor(n / 4294967296), true);
    }
  }

  /** Appends the digest whose eight words stand at `at` in `words`. */
  digest(words: Uint32Array, at: number): void {
    const to = this.next() >> 2;
    const own = this.words;
    for (let i = 0; i < 8; i++) own[to + i] = words[at + i]!;
  }

  remove(from: { rows: number }, gone: Uint8Array): void {
    let row = from.rows;
    for (let i = from.rows; i < this.rows; i++) {
      if (gone[i - from.rows]) continue;
      if (row !== i) this.bytes.copyWithin(row * this.width, i * this.width, (i + 1) * this.width);
      row += 1;
    }
    this.rows = row;
  }

  clear(): void {
    this.rows = 0;
  }
}

export type Column = TextColumn | FixedColumn;
