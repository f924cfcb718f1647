/** Every known word of an address in one trie, walked once from every position of a text. */

/** A trie over UTF-16 code units with integer payloads; frozen after {@link Trie.freeze}. */
export class Trie {
  /** Child of the root by first code unit (0: none). */
  readonly roots = new Int32Array(65536);
  /** Payload of a node + 1 (0: the node ends no word). */
  payload = new Int32Array(1024);
  #nodes = 1;
  #building: Map<number, number> | undefined = new Map();
  #keys = new Float64Array(0);
  #values = new Int32Array(0);
  #mask = 0;

  /** The payload of a word, adding the word with `payload()` where it is new. */
  add(word: string, payload: () => number): number {
    const building = this.#building;
    if (!building) throw new Error('the trie is frozen');
    let node = this.roots[word.charCodeAt(0)]!;
    if (node === 0) {
      node = this.#node();
      this.roots[word.charCodeAt(0)] = node;
    }
    for (let i = 1; i < word.length; i++) {
      const key = node * 65536 + word.charCodeAt(i);
      let child = building.get(key);
      if (child === undefined) {
        child = this.#node();
        building.set(key, child);
      }
      node = child;
    }
    if (this.payload[node] === 0) this.payload[node] = payload() + 1;
    return this.payload[node]! - 1;
  }

  /** Makes look-ups fast; no word can be added afterwards. */
  freeze(): this {
    const building = this.#building;
    if (!building) return this;
    let size = 16;
    while (size < building.size * 3) size *= 2;
    this.#mask = size - 1;
    this.#keys = new Float64Array(size);
    this.#values = new Int32Array(size);
    for (const [key, value] of building) {
      let slot = this.#slot(Math.floor(key / 65536), key % 65536);
      while (this.#values[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#keys[slot] = key;
      this.#values[slot] = value;
    }
    this.#building = undefined;
    return this;
  }

  /** The child of a node by a code unit; 0 where there is none. */
  child(node: number, code: number): number {
    const key = node * 65536 + code;
    let slot = this.#slot(node, code);
    while (this.#values[slot] !== 0) {
      if (this.#keys[slot] === key) return this.#values[slot]!;
      slot = (slot + 1) & this.#mask;
    }
    return 0;
  }

  #slot(node: number, code: number): number {
    let hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b);
    hash ^= hash >>> 15;
    return hash & this.#mask;
  }

  #node(): number {
    const node = this.#nodes++;
    if (node >= this.payload.length) {
      const grown = new Int32Array(this.payload.length * 2);
      grown.set(this.payload);
      this.payload = grown;
    }
    return node;
  }
}
