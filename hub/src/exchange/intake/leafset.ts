/**
 * The rows accepted so far in a run, by the first 64 bits of their leaf: open addressing over row numbers. Two different
 * rows meet here with a probability of about rows² / 2^65; the commit compares whole leaves and fails rather than lose one.
 */
export class LeafSet {
  #slots = new Int32Array(1 << 16);
  #mask = (1 << 16) - 1;
  #high = new Uint32Array(1 << 15);
  #low = new Uint32Array(1 << 15);
  #rows = new Uint32Array(1 << 15);
  size = 0;

  /** The row that has the leaf whose words stand at `at`, or 0 after adding `row` (rows count from 1). */
  meet(words: Uint32Array, at: number, row: number): number {
    const high = words[at]!;
    const low = words[at + 1]!;
    let slot = low & this.#mask;
    for (let held = this.#slots[slot]!; held; held = this.#slots[slot]!) {
      if (this.#low[held] === low && this.#high[held] === high) return this.#rows[held]!;
      slot = (slot + 1) & this.#mask;
    }
    const own = ++this.size;
    if (own === this.#high.length) this.#more();
    this.#high[own] = high;
    this.#low[own] = low;
    this.#rows[own] = row;
    this.#slots[slot] = own;
    if (own * 2 > this.#mask) this.#rehash();
    return 0;
  }

  #more(): void {
    for (const name of ['high', 'low', 'rows'] as const) {
      const old = name === 'high' ? this.#high : name === 'low' ? this.#low : this.#rows;
      const more = new Uint32Array(old.length * 2);
      more.set(old);
      if (name === 'high') this.#high = more;
      else if (name === 'low') this.#low = more;
      else this.#rows = more;
    }
  }

  #rehash(): void {
    const size = (this.#mask + 1) * 4;
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
    for (let i = 1; i <= this.size; i++) {
      let slot = this.#low[i]! & this.#mask;
      while (this.#slots[slot]) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = i;
    }
  }
}
