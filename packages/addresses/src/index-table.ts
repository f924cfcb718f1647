/** An index in memory from keys to rows, kept in typed arrays: hashes sorted, rows beside them. */

/** A hash of 52 bits as a number; equal texts have equal hashes, and what is found is compared again by its values. */
export function hashOf(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return (a >>> 0) * 1048576 + ((b >>> 0) & 1048575);
}

/** Rows by key. Build with {@link KeyIndex.add}, then {@link KeyIndex.seal}. */
export class KeyIndex {
  #hashes = new Float64Array(1024);
  #rows = new Int32Array(1024);
  #count = 0;

  /** Adds a row under a key. */
  add(key: string, row: number): void {
    if (this.#count === this.#rows.length) {
      const hashes = new Float64Array(this.#count * 2);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
      const rows = new Int32Array(this.#count * 2);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    this.#hashes[this.#count] = hashOf(key);
    this.#rows[this.#count++] = row;
  }

  /** Sorts; nothing can be added afterwards. */
  seal(): void {
    const order = new Uint32Array(this.#count).map((_, i) => i);
    const old = this.#hashes;
    const rows = this.#rows;
    order.sort((a, b) => old[a]! - old[b]! || rows[a]! - rows[b]!);
    this.#hashes = Float64Array.from(order, (i) => old[i]!);
    this.#rows = Int32Array.from(order, (i) => rows[i]!);
  }

  /** The rows under a key, at most `most`, in the order in which they were added. */
  find(key: string, most: number): Int32Array {
    const hash = hashOf(key);
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#hashes[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (end < this.#count && end - low < most && this.#hashes[end] === hash) end++;
    return this.#rows.subarray(low, end);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#hashes.byteLength + this.#rows.byteLength;
  }
}
