/** Trees over very many leaves of one kind, built by several threads: perfect subtrees are joined side by side, what is above them here. */
import { Worker } from 'node:worker_threads';
import { fail } from '../errors.ts';
import type { AggregationLink } from '../format/aggregation.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { step } from '../hash/imprint.ts';
import { laneModule, SLOT } from '../lanes/sha256.ts';

/** Bytes of an imprint: only hashes of 32 bytes are taken. */
const IMPRINT = 33;
/** Leaves that a thread joins at once: its levels fit a processor's cache. */
const CHUNK_HEIGHT = 13;
const CHUNK = 2 ** CHUNK_HEIGHT;
/** Leaves of one tree at most (memory: about 70 bytes each). */
const MOST = 1 << 26;

/** A built tree; the same shape as that of `TreeBuilder` over the same leaves. */
export class WideTree {
  readonly size: number;
  /** Number of the hash of inner nodes. */
  readonly algorithm: number;
  /** Imprint and level of the root: what is sent upward. */
  readonly root: Uint8Array;
  readonly level: number;
  readonly #leaves: Uint8Array;
  readonly #arena: Uint8Array;
  readonly #offsets: readonly number[];
  /** Subtrees without a partner, from the lowest up, and what stands to their right when they are joined. */
  readonly #open: { height: number; value: Uint8Array; right: Uint8Array | undefined; rightLevel: number }[] = [];

  constructor(algorithm: number, leaves: Uint8Array, size: number, arena: Uint8Array, offsets: readonly number[]) {
    this.size = size;
    this.algorithm = algorithm;
    this.#leaves = leaves;
    this.#arena = arena;
    this.#offsets = offsets;
    let top: Uint8Array | undefined;
    let level = 0;
    for (let height = 0; 2 ** height <= size; height++) {
      const nodes = Math.floor(size / 2 ** height);
      if (height > CHUNK_HEIGHT)
        for (let i = 0; i < nodes; i++) {
          const made = step(algorithm, this.#node(height - 1, 2 * i), this.#node(height - 1, 2 * i + 1), height);
          arena.set(made, offsets[height]! + i * SLOT);
        }
      if (nodes % 2 === 0) continue;
      const value = this.#node(height, nodes - 1).slice();
      this.#open.push({ height, value, right: top, rightLevel: level });
      level = top ? height + 1 : height;
      top = top ? step(algorithm, value, top, level) : value;
    }
    this.root = top!;
    this.level = level;
  }

  #node(height: number, place: number): Uint8Array {
    if (height === 0) return this.#leaves.subarray(place * IMPRINT, (place + 1) * IMPRINT);
    const at = this.#offsets[height]! + place * SLOT;
    return this.#arena.subarray(at, at + IMPRINT);
  }

  /** Imprint of a leaf. */
  leaf(leaf: number): Uint8Array {
    if (!Number.isInteger(leaf) || leaf < 0 || leaf >= this.size)
      fail('tree.leaf', `没有叶子 ${leaf}`, `no leaf ${leaf}`);
    return this.#node(0, leaf).slice();
  }

  /** The chain of a leaf up to the root; for `prependChain`. */
  chainOf(leaf: number): AggregationLink[] {
    this.leaf(leaf);
    const links: AggregationLink[] = [];
    const link = (left: boolean, levelCorrection: number, sibling: Uint8Array) =>
      links.push({ left, levelCorrection, sibling: sibling.slice(), kind: 'imprint' });
    let place = leaf;
    let height = 0;
    for (; (place ^ 1) < Math.floor(this.size / 2 ** height); height++) {
      link(place % 2 === 0, 0, this.#node(height, place ^ 1));
      place >>>= 1;
    }
    let level = height;
    for (const open of this.#open) {
      if (open.height < height) continue;
      if (open.height === height) {
        if (!open.right) continue;
        link(true, 0, open.right);
      } else link(false, open.height - level, open.value);
      level = open.height + 1;
    }
    return links;
  }
}

/** Threads that build trees, one tree after the other. */
export class TreeThreads {
  readonly #algorithm: number;
  readonly #workers: Worker[];
  #last: Promise<unknown> = Promise.resolve();
  #failed: Error | undefined;

  /** `algorithm`: number of a hash of 32 bytes for inner nodes. */
  constructor(threads: number, algorithm = 1) {
    const known = algorithmOf(algorithm);
    if (known?.length !== IMPRINT - 1)
      fail('algorithm', `不能用的哈希算法 ${algorithm}`, `not a hash of 32 bytes: ${algorithm}`);
    this.#algorithm = algorithm;
    let module: object | undefined;
    try {
      if (algorithm === 1) module = laneModule();
    } catch {
      // Without lanes every join is made by Node's hash.
    }
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('../lanes/chunk-worker.mjs', import.meta.url), {
        workerData: { module, chunk: CHUNK },
        execArgv: [],
      });
      worker.on('error', (error) => {
        this.#failed = error;
      });
      worker.unref();
      return worker;
    });
  }

  /**
   * Builds the tree over imprints of 33 bytes one after the other (copied unless they stand in shared memory). Rejects with `keyless.tree.empty`,
   * `keyless.tree.leaves`.
   */
  build(leaves: Uint8Array): Promise<WideTree> {
    const built = this.#last.then(() => this.#build(leaves));
    this.#last = built.catch(() => {});
    return built;
  }

  async #build(given: Uint8Array): Promise<WideTree> {
    const size = given.length / IMPRINT;
    if (size === 0) fail('tree.empty', '哈希树没有叶子', 'a tree without leaves');
    if (!Number.isInteger(size) || size > MOST)
      fail('tree.leaves', '叶子应为连续的 33 字节印记', 'leaves must be imprints of 33 bytes, and not too many');
    const shared = given.buffer instanceof SharedArrayBuffer;
    const leaves = shared
      ? new Uint8Array(given.buffer, given.byteOffset, given.length)
      : new Uint8Array(new SharedArrayBuffer(given.length));
    if (!shared) leaves.set(given);
    const offsets = [0];
    let end = 0;
    for (let height = 1; 2 ** height <= size; height++) {
      offsets.push(end);
      end += Math.floor(size / 2 ** height) * SLOT;
    }
    const arena = new Uint8Array(new SharedArrayBuffer(end));
    const job = {
      leaves,
      count: size,
      chunk: CHUNK,
      height: Math.min(CHUNK_HEIGHT, offsets.length - 1),
      arena,
      offsets,
      algorithm: this.#algorithm,
      name: algorithmOf(this.#algorithm)!.name,
      counter: new SharedArrayBuffer(4),
    };
    await Promise.all(this.#workers.map((worker) => run(worker, job, () => this.#failed)));
    return new WideTree(this.#algorithm, leaves, size, arena, offsets);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#last;
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function run(worker: Worker, job: object, failed: () => Error | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => settle(resolve);
    const exit = () => settle(() => reject(failed() ?? new Error('a thread that builds trees has ended')));
    const settle = (end: () => void) => {
      worker.off('message', done);
      worker.off('exit', exit);
      worker.unref();
      end();
    };
    worker.ref();
    worker.on('message', done);
    worker.on('exit', exit);
    worker.postMessage(job);
  });
}
