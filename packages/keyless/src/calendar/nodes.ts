/**
 * Nodes of the calendar's tree (日历树). Leaf i is second i since 1970; node (h, i) is the perfect subtree over seconds i·2^h … (i+1)·2^h − 1. Almost all
 * seconds of history are empty, and perfect empty subtrees are the same everywhere: one per height. Times stay below 2^48 and are plain
 * numbers here; no bit operator of 32 bits touches them.
 */
import { fail } from '../errors.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { idOf, step } from '../hash/imprint.ts';

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

/** The nodes inside one block, made as they are asked for. */
export class BlockNodes {
  readonly #leaves: (Uint8Array | undefined)[] = [];
  readonly #empty: (height: number) => Uint8Array;
  readonly #made = new Map<number, Uint8Array>();

  constructor(empty: (height: number) => Uint8Array) {
    this.#empty = empty;
  }

  /** Root of the second at this place of the block. */
  set(place: number, root: Uint8Array): void {
    this.#leaves[place] = root;
  }

  leaf(place: number): Uint8Array | undefined {
    return this.#leaves[place];
  }

  /**
   * Node at a height (0 … BLOCK_HEIGHT) and its place in the block at that height. Only nodes whose seconds are all decided may be asked
   * for: what was answered is kept.
   */
  node(height: number, place: number): Uint8Array {
    if (height === 0) return this.#leaves[place] ?? this.#empty(0);
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
