/**
 * Hashes rows as they come and grows their tree, four messages at a time. A caller writes the canonical text of a row
 * straight into `bytes` at `text`, ends it with `end`, and finds its leaf after the next `settle`.
 */
import { createHash } from 'node:crypto';
import { fourHashes, SCRATCH } from '@jingwei/keyless';
import { BLOCK, BLOCK_LEVEL, type TreeNode, TreeStack } from './tree.ts';

const LEAVES = SCRATCH;
const SLACK = 64;
const SPARE = LEAVES + (BLOCK + SLACK) * 32;
const TREE = SPARE + 256;
const TEXT = TREE + (BLOCK + SLACK) * 32;
const TEXT_BYTES = 8 << 20;
/** Texts longer than this are hashed by themselves. */
export const INLINE_TEXT = 1 << 18;
const MOST_BLOCKS = 64;

/** Hasher and tree of one run. */
export class LeafForest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory by words of four bytes, as the machine orders them. */
  readonly words: Uint32Array;
  /** Where the next row's text is written. */
  text = TEXT;
  /** Leaves of the present block, whole or pending. */
  count = 0;
  /** Roots of finished blocks, in order. */
  readonly blocks: Uint8Array[] = [];
  readonly #four;
  readonly #stack = new TreeStack();
  readonly #waiting = new Uint32Array((MOST_BLOCKS + 1) * 8);
  readonly #waits = new Uint8Array(MOST_BLOCKS + 1);

  constructor() {
    this.#four = fourHashes(TEXT + TEXT_BYTES + 2 * INLINE_TEXT);
    this.bytes = this.#four.bytes;
    this.words = new Uint32Array(this.bytes.buffer);
  }

  /** Whether the rows so far must be settled before another is written. */
  get full(): boolean {
    return this.count === BLOCK || this.text > TEXT + TEXT_BYTES;
  }

  /** Where in `words` the leaf with this number in the present block stands (after `settle`). */
  leafAt(index: number): number {
    return (LEAVES >> 2) + index * 8;
  }

  /** Ends the row whose text was written from `text` to `to`; answers its number in the block. */
  end(to: number): number {
    const { bytes } = this;
    const from = this.text;
    const length = to - from;
    const blocks = (length + 72) >>> 6;
    const index = this.count++;
    if (blocks > MOST_BLOCKS) {
      bytes.set(createHash('sha256').update(bytes.subarray(from, to)).digest(), LEAVES + index * 32);
      return index;
    }
    const next = from + blocks * 64;
    let at = to;
    bytes[at++] = 0x80;
    while (at < next - 4) bytes[at++] = 0;
    const bits = length * 8;
    bytes[at] = bits >>> 24;
    bytes[at + 1] = bits >>> 16;
    bytes[at + 2] = bits >>> 8;
    bytes[at + 3] = bits;
    this.text = next;
    const n = this.#waits[blocks]!;
    const base = blocks * 8 + n * 2;
    this.#waiting[base] = from;
    this.#waiting[base + 1] = LEAVES + index * 32;
    if (n === 3) this.#put(blocks);
    else this.#waits[blocks] = n + 1;
    return index;
  }

  /** Ends a row whose text is too long for the area. */
  endLong(text: Uint8Array): number {
    const index = this.count++;
    this.bytes.set(createHash('sha256').update(text).digest(), LEAVES + index * 32);
    return index;
  }

  #put(blocks: number): void {
    const w = this.#waiting;
    const b = blocks * 8;
    this.#four.hash(w[b]!, w[b + 2]!, w[b + 4]!, w[b + 6]!, blocks, w[b + 1]!, w[b + 3]!, w[b + 5]!, w[b + 7]!);
    this.#waits[blocks] = 0;
  }

  /** Hashes what waits; the leaves of the present block can be read until `advance`. */
  settle(): void {
    for (let blocks = 1; blocks <= MOST_BLOCKS; blocks++) {
      const n = this.#waits[blocks]!;
      if (n === 0) continue;
      for (let i = n; i < 4; i++) {
        this.#waiting[blocks * 8 + i * 2] = this.#waiting[blocks * 8]!;
        this.#waiting[blocks * 8 + i * 2 + 1] = SPARE;
      }
      this.#put(blocks);
    }
  }

  /** After `settle` and after the leaves were read: makes room, and folds the block when it is whole. */
  advance(): void {
    this.text = TEXT;
    if (this.count === BLOCK) this.#fold();
  }

  /** Joins the leaves of the block level by level; what has no partner at its level waits in the slot of that level. */
  #fold(): void {
    let from = LEAVES;
    let n = this.count;
    for (let level = 0; n > 0; level++) {
      if (n % 2 === 1) {
        const digest = this.bytes.slice(from + (n - 1) * 32, from + n * 32);
        if (level === BLOCK_LEVEL) {
          this.blocks.push(digest);
          this.#stack.add({ digest, level });
        } else this.#stack.slots[level] = { digest, level };
      }
      n >>= 1;
      if (n > 0) this.#four.join(from, TREE, (n + 3) >> 2, level + 1);
      from = TREE;
    }
    this.count = 0;
  }

  /**
   * Ends the tree. `root` is over everything, `tail` over the rows after the last whole block; null where there are none.
   * The leaves of a last, partial block stay readable.
   */
  finish(): { root: TreeNode | null; tail: TreeNode | null } {
    this.settle();
    this.#fold();
    const tail = new TreeStack();
    for (let level = 0; level < BLOCK_LEVEL; level++) tail.slots[level] = this.#stack.slots[level];
    return { root: this.#stack.root(), tail: tail.root() };
  }
}
