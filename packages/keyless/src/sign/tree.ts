/**
 * Hash trees (哈希树) of any number of leaves: many records, one request. Nodes stand in flat columns (values, parents, levels), so that a million
 * leaves cost a hash each and little else; the chain of any leaf is read from the columns afterwards.
 */
import { fail } from '../errors.ts';
import type { AggregationLink } from '../format/aggregation.ts';
import { metadataValue, type Origin } from '../format/metadata.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { imprint, step } from '../hash/imprint.ts';

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

/** Builds one tree; leaves in the order of their coming. */
export class TreeBuilder {
  readonly #algorithm: number;
  readonly #maxLevel: number;
  readonly #blinding: Blinding | undefined;
  #previous: Uint8Array | undefined;
  /** Values of nodes one after the other; node i has the bytes from #at[i] to #at[i + 1]. */
  #bytes: Uint8Array;
  #used = 0;
  #at: Uint32Array;
  #parent: Int32Array;
  #sibling: Int32Array;
  #level: Uint8Array;
  /** 1: the node is a left child; 2: its value is metadata. */
  #kind: Uint8Array;
  #nodes = 0;
  /** The open subtree of each height. */
  #open: number[] = [];
  readonly #leaves: number[] = [];
  #root: number | undefined;

  /** `algorithm`: number of the hash of inner nodes; `maxLevel`: what the server above allows. */
  constructor(algorithm: number, options: { maxLevel?: number; blinding?: Blinding; expected?: number } = {}) {
    const known = algorithmOf(algorithm);
    if (!known) fail('algorithm', `不认识的哈希算法 ${algorithm}`, `an unknown hash algorithm ${algorithm}`);
    this.#algorithm = algorithm;
    this.#maxLevel = Math.min(255, options.maxLevel ?? 255);
    this.#blinding = options.blinding;
    if (options.blinding && options.blinding.seed.length < known.length)
      fail('tree.seed', '掩码种子过短', 'the seed of blinding masks is too short');
    this.#previous = options.blinding?.previous;
    const room = Math.max(64, 2 * (options.expected ?? 512));
    this.#bytes = new Uint8Array(room * (known.length + 1));
    this.#at = new Uint32Array(room + 1);
    this.#parent = new Int32Array(room);
    this.#sibling = new Int32Array(room);
    this.#level = new Uint8Array(room);
    this.#kind = new Uint8Array(room);
  }

  /** Number of leaves so far. */
  get size(): number {
    return this.#leaves.length;
  }

  /** Adds a leaf and answers its number. Throws `keyless.tree.closed`, `keyless.tree.level`. */
  add(hash: Uint8Array, { level = 0, origin, metadata = origin && metadataValue(origin) }: LeafOptions = {}): number {
    if (this.#root !== undefined) fail('tree.closed', '哈希树已经结束', 'the tree is closed');
    const leaf = this.#node(hash, level, 0);
    let top = leaf;
    if (metadata) top = this.#join(top, this.#node(metadata, level, 2));
    const blinding = this.#blinding;
    if (blinding) {
      const mask = this.#node(imprint(this.#algorithm, this.#previous!, blinding.seed), this.#level[top]!, 0);
      this.#previous = hash.slice();
      top = this.#join(mask, top);
    }
    this.#push(top);
    return this.#leaves.push(leaf) - 1;
  }

  #push(node: number): void {
    let top = node;
    let height = this.#level[top]!;
    while (this.#open[height] !== undefined) {
      const left = this.#open[height]!;
      delete this.#open[height];
      top = this.#join(left, top);
      height = this.#level[top]!;
    }
    this.#open[height] = top;
  }

  /** Closes the tree; root and level are what is sent upward. Throws `keyless.tree.empty`. */
  close(): { root: Uint8Array; level: number } {
    if (this.#root === undefined) {
      let top = NONE;
      this.#open.forEach((node) => {
        top = top === NONE ? node : this.#join(node, top);
      });
      if (top === NONE) return fail('tree.empty', '哈希树没有叶子', 'a tree without leaves');
      this.#root = top;
      this.#open = [];
    }
    return { root: this.#value(this.#root).slice(), level: this.#level[this.#root]! };
  }

  /** The chain of a leaf up to the root, as links in their order. */
  chainOf(leaf: number): AggregationLink[] {
    if (this.#root === undefined) fail('tree.open', '哈希树还未结束', 'the tree is still open');
    const links: AggregationLink[] = [];
    let node = this.#leaves[leaf];
    if (node === undefined) return fail('tree.leaf', `没有叶子 ${leaf}`, `no leaf ${leaf}`);
    while (node !== this.#root) {
      const sibling: number = this.#sibling[node]!;
      const parent: number = this.#parent[node]!;
      links.push({
        left: (this.#kind[node]! & 1) === 1,
        levelCorrection: this.#level[parent]! - this.#level[node]! - 1,
        sibling: this.#value(sibling).slice(),
        kind: (this.#kind[sibling]! & 2) === 2 ? 'metadata' : 'imprint',
      });
      node = parent;
    }
    return links;
  }

  #value(node: number): Uint8Array {
    return this.#bytes.subarray(this.#at[node]!, this.#at[node + 1]!);
  }

  #node(value: Uint8Array, level: number, kind: number): number {
    if (level > this.#maxLevel)
      fail('tree.level', `哈希树超过 ${this.#maxLevel} 层`, `the tree is higher than ${this.#maxLevel}`);
    const node = this.#nodes++;
    if (node >= this.#parent.length) this.#grow();
    if (this.#used + value.length > this.#bytes.length) {
      const more = new Uint8Array(Math.max(2 * this.#bytes.length, this.#used + value.length));
      more.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = more;
    }
    this.#bytes.set(value, this.#used);
    this.#at[node] = this.#used;
    this.#used += value.length;
    this.#at[node + 1] = this.#used;
    this.#level[node] = level;
    this.#kind[node] = kind;
    this.#parent[node] = NONE;
    this.#sibling[node] = NONE;
    return node;
  }

  #join(left: number, right: number): number {
    const level = Math.max(this.#level[left]!, this.#level[right]!) + 1;
    const parent = this.#node(step(this.#algorithm, this.#value(left), this.#value(right), level), level, 0);
    this.#parent[left] = parent;
    this.#parent[right] = parent;
    this.#sibling[left] = right;
    this.#sibling[right] = left;
    this.#kind[left]! |= 1;
    return parent;
  }

  #grow(): void {
    const room = this.#parent.length * 2;
    const grown = <T extends Uint32Array | Int32Array | Uint8Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.#at = grown(this.#at, new Uint32Array(room + 1));
    this.#parent = grown(this.#parent, new Int32Array(room));
    this.#sibling = grown(this.#sibling, new Int32Array(room));
    this.#level = grown(this.#level, new Uint8Array(room));
    this.#kind = grown(this.#kind, new Uint8Array(room));
  }
}
