/**
 * Nodes of the calendar's tree (日历树). Leaf i is second i since 1970; node (h, i) is the perfect subtree over seconds i·2^h … (i+1)·2^h − 1. Almost all
 * seconds of history are empty, and perfect empty subtrees are the same everywhere: one per height. Times stay below 2^48 and are plain
 * numbers here; no bit operator of 32 bits touches them.
 */
import { fail } from '../errors.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { idOf, step } from '../hash/imprint.ts';
import { joinAll } from '../lanes/joiner.ts';

/** Byte that ends every step of the calendar. */
const CALENDAR = 0xff;
/** Height of a block: its root is kept, what is in it is read again when asked for. 1,024 seconds. */
export const BLOCK_HEIGHT = 10;
export const BLOCK_SECONDS = 2 ** BLOCK_HEIGHT;
/** Times are below this. */
export const LAST_TIME = 2 ** 48;

/** A node over two; its algorithm is that of its right child. */
export const join = (left: Uint8Array, right: Uint8Array): Uint8Array => step(idOf(right), left, right, CALENDAR);

/** Greatest power of two that is at most `n` (1 ≤ n < 2^53), and its exponent. */
export function highest(n: number): { value: number; exponent: number } {
  let exponent = n >= 2 ** 32 ? 32 + (31 - Math.clz32(Math.floor(n / 2 ** 32))) : 31 - Math.clz32(n);
  if (n < 1) exponent = 0;
  return { value: 2 ** exponent, exponent };
}

/** Perfect empty subtrees by height; a second without signatures is the algorithm's number and zeros. */
export function emptyNodes(algorithm: number): (height: number) => Uint8Array {
  const known = algorithmOf(algorithm);
  if (!known) return fail('algorithm', `不认识的哈希算法 ${algorithm}`, `an unknown hash algorithm ${algorithm}`);
  const leaf = new Uint8Array(known.length + 1);
  leaf[0] = algorithm;
  const nodes: Uint8Array[] = [leaf];
  return (height) => {
    while (nodes.length <= height) nodes.push(join(nodes.at(-1)!, nodes.at(-1)!));
    return nodes[height]!;
  };
}

/** Seconds of a block from which on all its nodes are made at once. */
const MANY = 128;
/** Bytes of an imprint that four lanes can join, its slot, and the algorithm that they have. */
const IMPRINT = 33;
const SLOT = 36;
const SHA256 = 1;

/** Number of the first node of each height in a whole block, and the joins that make that height. */
const firsts: number[] = [];
const joins: Int32Array[] = [];
for (let height = 0, next = 0; height <= BLOCK_HEIGHT; height++) {
  const count = BLOCK_SECONDS >> height;
  firsts.push(next);
  const below = firsts[height - 1] ?? 0;
  joins.push(
    Int32Array.from({ length: height === 0 ? 0 : 3 * count }, (_, i) => {
      const node = Math.floor(i / 3);
      return i % 3 === 2 ? next + node : below + 2 * node + (i % 3);
    }),
  );
  next += count;
}
const NODES = 2 * BLOCK_SECONDS - 1;
const at = Uint32Array.from({ length: NODES }, (_, i) => i * SLOT);
const info = new Uint32Array(NODES).fill(IMPRINT << 16);

/** The nodes inside one block, made as they are asked for. */
export class BlockNodes {
  readonly #leaves: (Uint8Array | undefined)[] = [];
  readonly #empty: (height: number) => Uint8Array;
  readonly #made = new Map<number, Uint8Array>();
  #count = 0;
  #whole: Uint8Array | undefined;

  constructor(empty: (height: number) => Uint8Array) {
    this.#empty = empty;
  }

  /** Root of the second at this place of the block. */
  set(place: number, root: Uint8Array): void {
    this.#leaves[place] = root;
    this.#count += 1;
  }

  leaf(place: number): Uint8Array | undefined {
    return this.#leaves[place];
  }

  /** Says that no second of the block is to come: a block of many seconds is then joined four lanes at a time. */
  close(): this {
    const plain =
      this.#empty(0)[0] === SHA256 && this.#leaves.every((root) => root === undefined || root[0] === SHA256);
    if (this.#count < MANY || !plain) return this;
    const bytes = new Uint8Array(NODES * SLOT);
    for (let place = 0; place < BLOCK_SECONDS; place++) bytes.set(this.#leaves[place] ?? this.#empty(0), place * SLOT);
    const nodes = { bytes, words: new Uint32Array(bytes.buffer), at, info };
    for (let height = 1; height <= BLOCK_HEIGHT; height++)
      joinAll(SHA256, nodes, joins[height]!, BLOCK_SECONDS >> height, CALENDAR);
    this.#whole = bytes;
    this.#made.clear();
    return this;
  }

  /**
   * Node at a height (0 … BLOCK_HEIGHT) and its place in the block at that height. Only nodes whose seconds are all decided may be asked
   * for: what was answered is kept.
   */
  node(height: number, place: number): Uint8Array {
    if (height === 0) return this.#leaves[place] ?? this.#empty(0);
    if (this.#whole) {
      const from = (firsts[height]! + place) * SLOT;
      return this.#whole.slice(from, from + IMPRINT);
    }
    const key = height * BLOCK_SECONDS + place;
    const made = this.#made.get(key);
    if (made) return made;
    const left = this.node(height - 1, 2 * place);
    const right = this.node(height - 1, 2 * place + 1);
    const below = this.#empty(height - 1);
    const node = left === below && right === below ? this.#empty(height) : join(left, right);
    this.#made.set(key, node);
    return node;
  }
}
