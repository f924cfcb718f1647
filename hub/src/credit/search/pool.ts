/**
 * Texts in typed arrays with an index of bigrams: every text that contains two neighbouring units is found without
 * looking at the others. A text's last unit makes a bigram with 0, so single units are found too (all bigrams that
 * begin with it stand together). Postings are in ascending order of text.
 */
import type { Place } from './pinyin.ts';
import { fold } from './text.ts';

/** Grows by half as needed. */
export class Numbers<A extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array> {
  #array: A;
  length = 0;
  readonly #make: new (
    n: number,
  ) => A;
  constructor(make: new (n: number) => A, capacity = 1024) {
    this.#make = make;
    this.#array = new make(capacity);
  }
  push(value: number): void {
    if (this.length === this.#array.length) this.#grow(this.length + 1);
    this.#array[this.length++] = value;
  }
  #grow(need: number): void {
    const next = new this.#make(Math.max(need, Math.ceil(this.#array.length * 1.5)));
    next.set(this.#array);
    this.#array = next;
  }
  /** A copy of exactly the numbers pushed. */
  done(): A {
    return this.#array.slice(0, this.length) as A;
  }
  at(i: number): number {
    return this.#array[i]!;
  }
}

/** Collects texts; `done` indexes them. */
export class PoolBuilder {
  // Units come by the ten million: written directly, without a call for each.
  #units = new Uint16Array(1 << 16);
  #length = 0;
  readonly #starts = new Numbers(Uint32Array);
  readonly #originals = new Map<number, string>();

  /** Adds a text (folded here) and answers its number. */
  add(text: string): number {
    const id = this.#starts.length;
    const folded = fold(text);
    if (folded !== text) this.#originals.set(id, text);
    this.#starts.push(this.#length);
    if (this.#length + folded.length > this.#units.length) {
      const next = new Uint16Array(Math.ceil((this.#length + folded.length) * 1.5));
      next.set(this.#units);
      this.#units = next;
    }
    const units = this.#units;
    const at = this.#length;
    for (let i = 0; i < folded.length; i++) units[at + i] = folded.charCodeAt(i);
    this.#length += folded.length;
    return id;
  }

  done(): Pool {
    this.#starts.push(this.#length);
    return new Pool(this.#units.slice(0, this.#length), this.#starts.done(), this.#originals);
  }
}

/** An indexed, immutable pool of folded texts. */
export class Pool {
  readonly units: Uint16Array;
  readonly starts: Uint32Array;
  readonly count: number;
  readonly #originals: Map<number, string>;
  readonly #keys: Uint32Array;
  readonly #offsets: Uint32Array;
  readonly #postings: Uint32Array;
  readonly #stamps: Uint32Array;
  #stamp = 0;

  constructor(units: Uint16Array, starts: Uint32Array, originals: Map<number, string>) {
    this.units = units;
    this.starts = starts;
    this.count = starts.length - 1;
    this.#originals = originals;
    this.#stamps = new Uint32Array(this.count);
    [this.#keys, this.#offsets, this.#postings] = bigrams(units, starts);
  }

  /** Bytes of the arrays; texts that folding changed are counted by their length. */
  get bytes(): number {
    let originals = 0;
    for (const t of this.#originals.values()) originals += 48 + t.length * 2;
    const arrays = [this.units, this.starts, this.#keys, this.#offsets, this.#postings, this.#stamps];
    return arrays.reduce((sum, a) => sum + a.byteLength, originals);
  }

  /** Marks the units that occur. */
  seen(into: Uint8Array): void {
    for (const unit of this.units) into[unit] = 1;
  }

  length(id: number): number {
    return this.starts[id + 1]! - this.starts[id]!;
  }

  /** The folded text. */
  folded(id: number): string {
    return String.fromCharCode(...this.units.subarray(this.starts[id]!, this.starts[id + 1]!));
  }

  /** The text as it was added. */
  original(id: number): string {
    return this.#originals.get(id) ?? this.folded(id);
  }

  /** Where the pattern begins in a text, from `from` on; -1 when nowhere. */
  find(id: number, pattern: readonly Place[], from = 0): number {
    const start = this.starts[id]!;
    const last = this.starts[id + 1]! - pattern.length;
    for (let s = start + from; s <= last; s++) {
      let i = 0;
      for (; i < pattern.length; i++) {
        const place = pattern[i]!;
        const unit = this.units[s + i]!;
        if (place.set ? place.set.has[unit] !== 1 : place.one !== unit) break;
      }
      if (i === pattern.length) return s - start;
    }
    return -1;
  }

  /** Calls `each` once for every text that contains the pattern, with the place of its first occurrence. */
  search(pattern: readonly Place[], each: (id: number, at: number) => void): void {
    const slots = this.#cheapest(pattern);
    this.#stamp += 1;
    for (const slot of slots) {
      for (let p = this.#offsets[slot]!; p < this.#offsets[slot + 1]!; p++) {
        const id = this.#postings[p]!;
        if (this.#stamps[id] === this.#stamp) continue;
        this.#stamps[id] = this.#stamp;
        const at = this.find(id, pattern);
        if (at >= 0) each(id, at);
      }
    }
  }

  /** Calls `each` once for every text in which the single unit occurs. */
  withUnit(unit: number, each: (id: number) => void): void {
    this.#stamp += 1;
    for (const slot of this.#slots({ one: unit, set: null, letters: '', whole: true }, null)) {
      for (let p = this.#offsets[slot]!; p < this.#offsets[slot + 1]!; p++) {
        const id = this.#postings[p]!;
        if (this.#stamps[id] === this.#stamp) continue;
        this.#stamps[id] = this.#stamp;
        each(id);
      }
    }
  }

  /** In how many texts (counted by bigrams, so at least as many) the unit occurs. */
  frequency(unit: number): number {
    const from = this.#lower((unit << 16) >>> 0);
    const to = unit === 0xffff ? this.#keys.length : this.#lower(((unit + 1) << 16) >>> 0);
    return this.#offsets[to]! - this.#offsets[from]!;
  }

  /** Texts that hold the bigram, in ascending order. */
  bigram(first: number, second: number): Uint32Array {
    const key = ((first << 16) | second) >>> 0;
    const slot = this.#lower(key);
    if (this.#keys[slot] !== key) return new Uint32Array(0);
    return this.#postings.subarray(this.#offsets[slot]!, this.#offsets[slot + 1]!);
  }

  #cheapest(pattern: readonly Place[]): number[] {
    if (pattern.length === 1) return this.#slots(pattern[0]!, null);
    let best: number[] = [];
    let cost = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < pattern.length; i++) {
      const slots = this.#slots(pattern[i]!, pattern[i + 1]!);
      const sum = slots.reduce((s, k) => s + this.#offsets[k + 1]! - this.#offsets[k]!, 0);
      if (sum < cost) [best, cost] = [slots, sum];
      if (cost === 0) break;
    }
    return best;
  }

  /** Slots of the bigrams that begin with one of the first and go on with one of the second (null: with anything). */
  #slots(first: Place, second: Place | null): number[] {
    const slots: number[] = [];
    for (const a of first.set ? first.set.units : [first.one]) {
      if (second && !second.set) {
        const key = ((a << 16) | second.one) >>> 0;
        const slot = this.#lower(key);
        if (this.#keys[slot] === key) slots.push(slot);
        continue;
      }
      for (let s = this.#lower((a << 16) >>> 0); s < this.#keys.length && this.#keys[s]! >>> 16 === a; s++) {
        if (!second || second.set!.has[this.#keys[s]! & 0xffff] === 1) slots.push(s);
      }
    }
    return slots;
  }

  #lower(key: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Sorted keys, offsets and postings of all bigrams, each text once per bigram. */
function bigrams(units: Uint16Array, starts: Uint32Array): [Uint32Array, Uint32Array, Uint32Array] {
  const texts = starts.length - 1;
  let size = 1 << 12;
  let table = new Uint32Array(size);
  let counts = new Uint32Array(size);
  let lasts = new Uint32Array(size);
  let used = 0;
  const slotOf = (key: number): number => {
    let s = (Math.imul(key, 0x9e3779b1) >>> 0) & (size - 1);
    while (table[s] !== 0 && table[s] !== key) s = (s + 1) & (size - 1);
    return s;
  };
  const grow = () => {
    const [oldTable, oldCounts, oldLasts] = [table, counts, lasts];
    size *= 2;
    [table, counts, lasts] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
    for (let i = 0; i < oldTable.length; i++) {
      if (oldTable[i] === 0) continue;
      const s = slotOf(oldTable[i]!);
      table[s] = oldTable[i]!;
      counts[s] = oldCounts[i]!;
      lasts[s] = oldLasts[i]!;
    }
  };
  for (let t = 0; t < texts; t++) {
    const end = starts[t + 1]!;
    for (let i = starts[t]!; i < end; i++) {
      const key = ((units[i]! << 16) | (i + 1 < end ? units[i + 1]! : 0)) >>> 0;
      const s = slotOf(key);
      if (table[s] === 0) {
        table[s] = key;
        used += 1;
      }
      if (lasts[s] !== t + 1) {
        lasts[s] = t + 1;
        counts[s] = counts[s]! + 1;
      }
      if (used * 2 > size) grow();
    }
  }
  const keys = table.filter((k) => k !== 0).sort();
  const offsets = new Uint32Array(keys.length + 1);
  for (let k = 0; k < keys.length; k++) {
    const s = slotOf(keys[k]!);
    offsets[k + 1] = offsets[k]! + counts[s]!;
    counts[s] = offsets[k]!;
  }
  lasts.fill(0);
  const postings = new Uint32Array(offsets[keys.length]!);
  for (let t = 0; t < texts; t++) {
    const end = starts[t + 1]!;
    for (let i = starts[t]!; i < end; i++) {
      const s = slotOf(((units[i]! << 16) | (i + 1 < end ? units[i + 1]! : 0)) >>> 0);
      if (lasts[s] === t + 1) continue;
      lasts[s] = t + 1;
      postings[counts[s]!] = t;
      counts[s] = counts[s]! + 1;
    }
  }
  return [keys, offsets, postings];
}
