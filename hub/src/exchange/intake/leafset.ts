/**
 * The rows accepted so far in a run, by the first 64 bits of their leaf: open addressing over row numbers. Two different
 * rows meet here with a probability of about rows² / 2^65; the commit compares whole leaves and fails rather than lose one.
 */
export class LeafSet {
  /** Pairs of the second word of a leaf and the number of its entry, side by side so that a probe costs one look. */
  #slots = new Uint32Array(1 << 17);
  #mask = (1 << 16) - 1;
  #high = new Uint32Array(1 << 15);
  #rows = new Uint32Array(1 << 15);
  size = 0;

  /** The row that has the leaf whose words stand at `at`, or 0 after adding `row` (rows count from 1). */
  meet(words: Uint32Array, at: number, row: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    const low = words[at + 1]!;
    let slot = low & mask;
    for (let held = slots[slot * 2 + 1]!; held; held = slots[slot * 2 + 1]!) {
      if (slots[slot * 2] === low && this.#high[held] === words[at]) return this.#rows[held]!;
      slot = (slot + 1) & mask;
    }
    const own = ++this.size;
    if (own === this.#high.length) {
      this.#high = twice(this.#high);
      this.#rows = twice(this.#rows);
    }
    this.#high[own] = words[at]!;
    this.#rows[own] = row;
    slots[slot * 2] = low;
    slots[slot * 2 + 1] = own;
    if (own * 2 > mask) this.#rehash();
    return 0;
  }

  #rehash(): void {
    const old = this.#slots;
    const mask = (this.#mask + 1) * 4 - 1;
    const slots = new Uint32Array((mask + 1) * 2);
    for (let i = 0; i < old.length; i += 2) {
      if (!old[i + 1]) continue;
      let slot = old[i]! & mask;
      while (slots[slot * 2 + 1]) slot = (slot + 1) & mask;
      slots[slot * 2] = old[i]!;
      slots[slot * 2 + 1] = old[i + 1]!;
    }
    this.#slots = slots;
    this.#mask = mask;
  }
}

function twice(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(old.length * 2);
  more.set(old);
  return more;
}
