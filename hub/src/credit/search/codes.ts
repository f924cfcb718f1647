/**
 * Codes (unified social credit code, organisation code, registration number) sorted, so that a whole code or any prefix
 * of at least four characters is found by two binary searches.
 */
import { Numbers } from './pool.ts';

const WIDTH = 18;
const CLEAN = /^[0-9A-Z]{4,18}$/;
/** Which code it is. */
export type CodeField = 'uscc' | 'orgcode' | 'regno';
const FIELDS: readonly CodeField[] = ['uscc', 'orgcode', 'regno'];

/** Collects codes; `done` sorts them. */
export class CodesBuilder {
  #bytes = new Uint8Array(1 << 16);
  readonly #docs = new Numbers(Uint32Array);

  /** Adds a code of a document; anything longer than 18 characters is cut, separators and case do not count. */
  add(doc: number, field: CodeField, code: string): void {
    const text = CLEAN.test(code)
      ? code
      : code
          .toUpperCase()
          .replace(/[^0-9A-Z]/g, '')
          .slice(0, WIDTH);
    if (text.length < 4) return;
    const at = this.#docs.length * WIDTH;
    if (at + WIDTH > this.#bytes.length) {
      const next = new Uint8Array(this.#bytes.length * 2);
      next.set(this.#bytes);
      this.#bytes = next;
    }
    for (let i = 0; i < text.length; i++) this.#bytes[at + i] = text.charCodeAt(i);
    this.#docs.push(doc * 3 + FIELDS.indexOf(field));
  }

  done(): Codes {
    const bytes = this.#bytes;
    const count = this.#docs.length;
    // Least significant digit first: each pass is stable, so after the first character all is in order.
    let order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    let next = new Uint32Array(count);
    for (let place = WIDTH - 1; place >= 0; place--) {
      const starts = new Uint32Array(257);
      for (let i = 0; i < count; i++) starts[bytes[i * WIDTH + place]! + 1]! += 1;
      for (let b = 0; b < 256; b++) starts[b + 1]! += starts[b]!;
      for (let i = 0; i < count; i++) {
        const id = order[i]!;
        const b = bytes[id * WIDTH + place]!;
        next[starts[b]!] = id;
        starts[b]! += 1;
      }
      [order, next] = [next, order];
    }
    const sorted = new Uint8Array(count * WIDTH);
    const docs = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const id = order[i]!;
      sorted.set(bytes.subarray(id * WIDTH, (id + 1) * WIDTH), i * WIDTH);
      docs[i] = this.#docs.at(id);
    }
    return new Codes(sorted, docs);
  }
}

/** Sorted codes. */
export class Codes {
  readonly #bytes: Uint8Array;
  readonly #docs: Uint32Array;
  readonly count: number;

  constructor(bytes: Uint8Array, docs: Uint32Array) {
    this.#bytes = bytes;
    this.#docs = docs;
    this.count = docs.length;
  }

  get bytes(): number {
    return this.#bytes.byteLength + this.#docs.byteLength;
  }

  /** For each document its codes in the order of the fields: place in the sorted codes, -1 where it has none. */
  places(docs: number): Int32Array {
    const places = new Int32Array(docs * 3).fill(-1);
    for (let i = 0; i < this.count; i++) places[this.#docs[i]!] = i;
    return places;
  }

  /** The code at a place of the sorted codes. */
  text(place: number): string {
    const bytes = this.#bytes.subarray(place * WIDTH, (place + 1) * WIDTH);
    const end = bytes.indexOf(0);
    return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
  }

  /** Calls `each` for every code that begins with the prefix. */
  search(prefix: string, each: (doc: number, field: CodeField, exact: boolean) => void): void {
    if (prefix.length > WIDTH) return;
    for (let i = this.#lower(prefix); i < this.count && this.#compare(i, prefix) === 0; i++) {
      const exact = prefix.length === WIDTH || this.#bytes[i * WIDTH + prefix.length] === 0;
      each(Math.floor(this.#docs[i]! / 3), FIELDS[this.#docs[i]! % 3]!, exact);
    }
  }

  /** Compares the beginning of a code with a prefix. */
  #compare(i: number, prefix: string): number {
    for (let k = 0; k < prefix.length; k++) {
      const d = this.#bytes[i * WIDTH + k]! - prefix.charCodeAt(k);
      if (d !== 0) return d;
    }
    return 0;
  }

  #lower(prefix: string): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle, prefix) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
