/**
 * Hash trees (哈希树) of any number of leaves: many records, one request. Nodes stand in flat columns (values, parents, levels). What is joined with
 * what is decided as leaves come; the joins themselves are computed later, many of a level at once, so that a million leaves cost little more
 * than a quarter of a hash each. The chain of any leaf is read from the columns afterwards.
 */
import { fail } from '../errors.ts';
import type { AggregationLink } from '../format/aggregation.ts';
import { metadataValue, type Origin } from '../format/metadata.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { imprint } from '../hash/imprint.ts';
import { joinAll } from '../lanes/joiner.ts';
import { LEFT, METADATA, writeChain } from './chain.ts';

/** A leaf: what is known of it beside its hash. */
export interface LeafOptions {
  /** Height of the tree of which the hash is a root; 0 for a document. */
  level?: number;
  /** Who hands it in: becomes part of the chain. */
  origin?: Origin;
  /** The same as the value of a metadata element, where it is made already. */
  metadata?: Uint8Array;
}

/** Blinding (盲化掩码): hides a record's neighbours, whose content could be guessed, from who holds its chain. */
export interface Blinding {
  /** Random and secret, at least as long as a digest. */
  seed: Uint8Array;
  /** Hash that stands before the first leaf. */
  previous: Uint8Array;
}

const NONE = -1;
/** Joins that may wait before they are computed. */
const WAITING = 8192;

/** Builds one tree; leaves in the order of their coming. */
export class TreeBuilder {
  readonly #algorithm: number;
  readonly #length: number;
  readonly #maxLevel: number;
  readonly #blinding: Blinding | undefined;
  #previous: Uint8Array | undefined;
  /** Values of nodes; each begins at a multiple of four. */
  #bytes: Uint8Array;
  #words: Uint32Array;
  #used = 0;
  #at: Uint32Array;
  /** Length, level and kind (see `chain.ts`) of nodes. */
  #info: Uint32Array;
  /** Parent and sibling of nodes, side by side. */
  #ways: Int32Array;
  #nodes = 0;
  /** The open subtree of each height. */
  #open: number[] = [];
  #leaves: Int32Array;
  #size = 0;
  #root: number | undefined;
  /** Joins that are not computed yet, by level: left, right, parent. */
  readonly #joins: Int32Array[] = [];
  readonly #joinCount: number[] = [];
  #waiting = 0;

  /** `algorithm`: number of the hash of inner nodes; `maxLevel`: what the server above allows; `expected`: leaves for which room is made. */
  constructor(algorithm: number, options: { maxLevel?: number; blinding?: Blinding; expected?: number } = {}) {
    const known = algorithmOf(algorithm);
    if (!known) fail('algorithm', `不认识的哈希算法 ${algorithm}`, `an unknown hash algorithm ${algorithm}`);
    this.#algorithm = algorithm;
    this.#length = known.length + 1;
    this.#maxLevel = Math.min(255, options.maxLevel ?? 255);
    this.#blinding = options.blinding;
    if (options.blinding && options.blinding.seed.length < known.length)
      fail('tree.seed', '掩码种子过短', 'the seed of blinding masks is too short');
    this.#previous = options.blinding?.previous;
    const leaves = Math.max(32, options.expected ?? 256);
    const room = 2 * leaves;
    this.#bytes = new Uint8Array(room * ((this.#length + 3) & ~3));
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#at = new Uint32Array(room);
    this.#info = new Uint32Array(room);
    this.#ways = new Int32Array(2 * room);
    this.#leaves = new Int32Array(leaves);
  }

  /** Number of leaves so far. */
  get size(): number {
    return this.#size;
  }

  /** Number of the hash of inner nodes. */
  get algorithm(): number {
    return this.#algorithm;
  }

  /** Adds a leaf and answers its number. Throws `keyless.tree.closed`, `keyless.tree.level`. */
  add(hash: Uint8Array, options?: LeafOptions): number {
    if (this.#root !== undefined) fail('tree.closed', '哈希树已经结束', 'the tree is closed');
    const level = options?.level ?? 0;
    const leaf = this.#value(hash, level, 0);
    let top = leaf;
    if (options?.origin || options?.metadata)
      top = this.#join(top, this.#value(options.metadata ?? metadataValue(options.origin!), level, METADATA));
    const blinding = this.#blinding;
    if (blinding) {
      const mask = this.#value(imprint(this.#algorithm, this.#previous!, blinding.seed), this.#levelOf(top), 0);
      this.#previous = Uint8Array.from(hash);
      top = this.#join(mask, top);
    }
    this.#push(top);
    if (this.#size === this.#leaves.length) this.#leaves = grown(this.#leaves, new Int32Array(2 * this.#size));
    this.#leaves[this.#size] = leaf;
    return this.#size++;
  }

  #push(node: number): void {
    let top = node;
    let height = this.#levelOf(top);
    let left = this.#open[height];
    while (left !== undefined && left !== NONE) {
      this.#open[height] = NONE;
      top = this.#join(left, top);
      height = this.#levelOf(top);
      left = this.#open[height];
    }
    while (this.#open.length < height) this.#open.push(NONE);
    this.#open[height] = top;
  }

  /** Closes the tree; root and level are what is sent upward. Throws `keyless.tree.empty`. */
  close(): { root: Uint8Array; level: number } {
    if (this.#root === undefined) {
      let top = NONE;
      for (const node of this.#open) if (node !== NONE) top = top === NONE ? node : this.#join(node, top);
      if (top === NONE) return fail('tree.empty', '哈希树没有叶子', 'a tree without leaves');
      this.#compute();
      this.#root = top;
      this.#open = [];
    }
    return { root: this.#valueOf(this.#root).slice(), level: this.#levelOf(this.#root) };
  }

  /** Node of a leaf. */
  #leaf(leaf: number): number {
    if (this.#root === undefined) fail('tree.open', '哈希树还未结束', 'the tree is still open');
    const node = leaf >= 0 && leaf < this.#size ? this.#leaves[leaf] : undefined;
    return node ?? fail('tree.leaf', `没有叶子 ${leaf}`, `no leaf ${leaf}`);
  }

  /** The chain of a leaf up to the root, as links in their order. */
  chainOf(leaf: number): AggregationLink[] {
    const links: AggregationLink[] = [];
    for (let node = this.#leaf(leaf); node !== this.#root; ) {
      const parent = this.#ways[2 * node]!;
      const sibling = this.#ways[2 * node + 1]!;
      links.push({
        left: (this.#info[node]! & LEFT) !== 0,
        levelCorrection: this.#levelOf(parent) - this.#levelOf(node) - 1,
        sibling: this.#valueOf(sibling).slice(),
        kind: (this.#info[sibling]! & METADATA) !== 0 ? 'metadata' : 'imprint',
      });
      node = parent;
    }
    return links;
  }

  /**
   * The element 0x801 of a leaf, written at once: what `chainOf` and `writeAggregationChain` give together, several times as fast. `head`: from
   * `chainHead`. With `tail` (elements from `chainsAbove`, or calendar and anchor) it is the whole signature 0x800. The level at which the leaf stands
   * is part of the first link. Throws `keyless.tree.single`: a tree of one leaf has no chain.
   */
  writeChainOf(leaf: number, head: Uint8Array, tail?: Uint8Array): Uint8Array {
    const node = this.#leaf(leaf);
    if (node === this.#root)
      return fail('tree.single', '只有一个叶子的树没有哈希链', 'a tree of one leaf has no chain');
    const columns = { bytes: this.#bytes, at: this.#at, info: this.#info, ways: this.#ways };
    return writeChain(columns, node, this.#root!, this.#algorithm, head, tail);
  }

  #levelOf(node: number): number {
    return (this.#info[node]! >>> 8) & 0xff;
  }

  #valueOf(node: number): Uint8Array {
    const at = this.#at[node]!;
    return this.#bytes.subarray(at, at + (this.#info[node]! >>> 16));
  }

  /** A node whose value is known. */
  #value(value: Uint8Array, level: number, kind: number): number {
    const node = this.#node(value.length, level, kind);
    this.#bytes.set(value, this.#at[node]!);
    return node;
  }

  #node(length: number, level: number, kind: number): number {
    if (level > this.#maxLevel)
      fail('tree.level', `哈希树超过 ${this.#maxLevel} 层`, `the tree is higher than ${this.#maxLevel}`);
    const node = this.#nodes++;
    if (node === this.#at.length) this.#grow();
    const end = (this.#used + length + 3) & ~3;
    if (end > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(2 * this.#bytes.length, end)));
      this.#words = new Uint32Array(this.#bytes.buffer);
    }
    this.#at[node] = this.#used;
    this.#info[node] = (length << 16) | (level << 8) | kind;
    this.#used = end;
    return node;
  }

  #join(left: number, right: number): number {
    const level = Math.max(this.#levelOf(left), this.#levelOf(right)) + 1;
    const parent = this.#node(this.#length, level, 0);
    this.#ways[2 * left] = parent;
    this.#ways[2 * right] = parent;
    this.#ways[2 * left + 1] = right;
    this.#ways[2 * right + 1] = left;
    this.#info[left]! |= LEFT;
    let joins = this.#joins[level];
    const count = this.#joinCount[level] ?? 0;
    if (!joins || 3 * count === joins.length) {
      while (this.#joins.length <= level) {
        this.#joins.push(new Int32Array(48));
        this.#joinCount.push(0);
      }
      joins = grown(this.#joins[level]!, new Int32Array(Math.max(48, 6 * count)));
      this.#joins[level] = joins;
    }
    joins[3 * count] = left;
    joins[3 * count + 1] = right;
    joins[3 * count + 2] = parent;
    this.#joinCount[level] = count + 1;
    if (++this.#waiting === WAITING) this.#compute();
    return parent;
  }

  /** Computes what waits, from the lowest level up: what a join needs stands below it. */
  #compute(): void {
    const nodes = { bytes: this.#bytes, words: this.#words, at: this.#at, info: this.#info };
    this.#joins.forEach((joins, level) => {
      const count = this.#joinCount[level]!;
      if (count > 0) joinAll(this.#algorithm, nodes, joins, count, level);
      this.#joinCount[level] = 0;
    });
    this.#waiting = 0;
  }

  #grow(): void {
    const room = this.#at.length * 2;
    this.#at = grown(this.#at, new Uint32Array(room));
    this.#info = grown(this.#info, new Uint32Array(room));
    this.#ways = grown(this.#ways, new Int32Array(2 * room));
  }
}

function grown<T extends Uint32Array | Int32Array | Uint8Array>(old: T, made: T): T {
  made.set(old);
  return made;
}
