/**
 * Joins of many nodes at once: four lanes at a time where the hash is SHA-256 and the machine can, one by one otherwise. Nodes are handed over in an
 * arena of bytes; a join is named by the places of its children and of its result.
 */
import { step } from '../hash/imprint.ts';
import { type FourHashes, fourHashes, SCRATCH, SLOT } from './sha256.ts';

/** Joins handed to the lanes in one call. */
const BATCH = 1024;
const WORDS = SLOT / 4;
const FROM = SCRATCH;
const TO = FROM + 2 * BATCH * SLOT;
/** Messages longer than a pair of imprints: four lanes of at most that many blocks of 64 bytes. */
const BLOCKS = 4;
const LONG = TO + BATCH * SLOT;
const LANE = BLOCKS * 64;
/** Bytes of the memory. */
const SIZE = LONG + (BLOCKS + 1) * 4 * LANE + 256;
/** Fewer joins than these are not worth making the lanes ready. */
const FEW = 16;

let lanes: (FourHashes & { bytes: Uint8Array<ArrayBuffer>; words: Uint32Array }) | null | undefined;

/** The lanes; null where the machine has none (or forbids them). One memory for all: nothing in it outlives a call. */
function ready(): typeof lanes {
  if (lanes === undefined) {
    try {
      const made = fourHashes(SIZE);
      lanes = { ...made, words: new Uint32Array(made.bytes.buffer) };
    } catch {
      lanes = null;
    }
  }
  return lanes;
}

/** Values of nodes: an arena in which every value begins at a multiple of four, the places, and the lengths (upper 16 bits of `info`). */
export interface Nodes {
  bytes: Uint8Array;
  words: Uint32Array;
  at: Uint32Array;
  info: Uint32Array;
}

/** Imprint of SHA-256. */
const SHA256 = 1;
const IMPRINT = 33;

/**
 * Computes joins of one level: `joins` holds left child, right child and result of each, `count` of them; results are imprints whose room in
 * the arena is taken already.
 */
export function joinAll(algorithm: number, nodes: Nodes, joins: Int32Array, count: number, level: number): void {
  const four = algorithm === SHA256 && count >= FEW ? ready() : null;
  if (!four) {
    for (let i = 0; i < count; i++) joinOne(algorithm, nodes, joins, i, level);
    return;
  }
  const { words, at, info } = nodes;
  const { words: lane } = four;
  const from = FROM >> 2;
  const to = TO >> 2;
  const batch = new Int32Array(BATCH);
  const long = new LongJoins(four, nodes, joins, level);
  for (let i = 0; i < count; ) {
    let n = 0;
    for (; i < count && n < BATCH; i++) {
      const left = joins[3 * i]!;
      const right = joins[3 * i + 1]!;
      if (info[left]! >>> 16 !== IMPRINT || info[right]! >>> 16 !== IMPRINT) {
        long.add(i);
        continue;
      }
      let a = at[left]! >> 2;
      let b = at[right]! >> 2;
      let c = from + n * 2 * WORDS;
      for (let w = 0; w < WORDS; w++) lane[c++] = words[a++]!;
      for (let w = 0; w < WORDS; w++) lane[c++] = words[b++]!;
      batch[n++] = joins[3 * i + 2]!;
    }
    if (n > 0) four.joinSlots(FROM, TO, (n + 3) >> 2, level);
    for (let k = 0; k < n; k++) {
      let a = at[batch[k]!]! >> 2;
      let b = to + k * WORDS;
      for (let w = 0; w < WORDS; w++) words[a++] = lane[b++]!;
    }
  }
  long.end();
}

function joinOne(algorithm: number, { bytes, at, info }: Nodes, joins: Int32Array, i: number, level: number): void {
  const value = (node: number) => bytes.subarray(at[node]!, at[node]! + (info[node]! >>> 16));
  bytes.set(step(algorithm, value(joins[3 * i]!), value(joins[3 * i + 1]!), level), at[joins[3 * i + 2]!]!);
}

/** Joins with metadata or with imprints of another length: padded by hand, four of the same number of blocks together. */
class LongJoins {
  readonly #four: FourHashes & { bytes: Uint8Array<ArrayBuffer> };
  readonly #nodes: Nodes;
  readonly #joins: Int32Array;
  readonly #level: number;
  readonly #waiting = new Int32Array((BLOCKS + 1) * 4);
  readonly #count = new Uint8Array(BLOCKS + 1);

  constructor(four: FourHashes & { bytes: Uint8Array<ArrayBuffer> }, nodes: Nodes, joins: Int32Array, level: number) {
    this.#four = four;
    this.#nodes = nodes;
    this.#joins = joins;
    this.#level = level;
  }

  add(i: number): void {
    const { bytes, at, info } = this.#nodes;
    const left = this.#joins[3 * i]!;
    const right = this.#joins[3 * i + 1]!;
    const leftSize = info[left]! >>> 16;
    const rightSize = info[right]! >>> 16;
    const size = leftSize + rightSize + 1;
    const blocks = (size + 9 + 63) >>> 6;
    if (blocks > BLOCKS) {
      joinOne(SHA256, this.#nodes, this.#joins, i, this.#level);
      return;
    }
    const n = this.#count[blocks]!;
    const message = this.#four.bytes;
    let to = LONG + blocks * 4 * LANE + n * LANE;
    const end = to + blocks * 64;
    for (let k = 0, a = at[left]!; k < leftSize; k++) message[to++] = bytes[a++]!;
    for (let k = 0, a = at[right]!; k < rightSize; k++) message[to++] = bytes[a++]!;
    message[to++] = this.#level;
    message[to++] = 0x80;
    while (to < end - 2) message[to++] = 0;
    // At most 256 bytes: the number of bits has two bytes.
    message[to++] = (size * 8) >>> 8;
    message[to] = (size * 8) & 0xff;
    this.#waiting[blocks * 4 + n] = this.#joins[3 * i + 2]!;
    this.#count[blocks] = n + 1;
    if (n === 3) this.#put(blocks);
  }

  #put(blocks: number): void {
    const from = LONG + blocks * 4 * LANE;
    const out = LONG;
    this.#four.hash(
      ...([0, 1, 2, 3].map((l) => from + l * LANE) as [number, number, number, number]),
      blocks,
      ...([0, 1, 2, 3].map((l) => out + l * 32) as [number, number, number, number]),
    );
    const { bytes, at } = this.#nodes;
    for (let l = 0; l < this.#count[blocks]!; l++) {
      const place = at[this.#waiting[blocks * 4 + l]!]!;
      bytes[place] = SHA256;
      for (let k = 0; k < 32; k++) bytes[place + 1 + k] = this.#four.bytes[out + l * 32 + k]!;
    }
    this.#count[blocks] = 0;
  }

  end(): void {
    for (let blocks = 1; blocks <= BLOCKS; blocks++) if (this.#count[blocks]! > 0) this.#put(blocks);
  }
}
