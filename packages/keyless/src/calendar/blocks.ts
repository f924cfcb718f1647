/** Finished blocks of a calendar and the nodes above them: what makes chains quick after years of seconds. */
import { join as path } from 'node:path';
import { equal } from '../hash/imprint.ts';
import { AppendFile, type Finding } from './disk.ts';
import { BLOCK_HEIGHT, BLOCK_SECONDS, BlockNodes, join } from './nodes.ts';
import { type Block, blockLength, readBlock, writeBlock } from './records.ts';

/** Blocks whose insides are kept after they were asked for. */
const KEPT = 64;

interface Record {
  time: number;
  root: Uint8Array;
}

/** Nodes of the calendar by height and place. */
export class Blocks {
  readonly #file: AppendFile | undefined;
  readonly #imprint: number;
  readonly #empty: (height: number) => Uint8Array;
  readonly #read: (first: number, count: number) => Record[];
  /** Finished blocks in their order. */
  #blocks: Block[] = [];
  #stored = 0;
  /** The block that still grows. */
  #open: { block: number; first: number; count: number; nodes: BlockNodes } | undefined;
  /** Nodes above blocks that can change no more, by height and place. */
  readonly #above: Map<number, Uint8Array>[] = [];
  readonly #inside = new Map<number, BlockNodes>();

  constructor(
    folder: string,
    imprint: number,
    empty: (height: number) => Uint8Array,
    readOnly: boolean,
    read: (first: number, count: number) => Record[],
  ) {
    this.#imprint = imprint;
    this.#empty = empty;
    this.#read = read;
    try {
      this.#file = AppendFile.open(path(folder, 'calendar.blocks'), { readOnly });
    } catch (error) {
      if (!readOnly) throw error;
    }
  }

  /** Last second of the last finished block. */
  get lastTime(): number {
    const last = this.#blocks.at(-1);
    return last ? (last.block + 1) * BLOCK_SECONDS - 1 : 0;
  }

  /** Takes in the finished blocks that are stored, as far as they fit a log of that many records; answers how many records they cover. */
  load(records: number): number {
    const file = this.#file;
    if (!file) return 0;
    const length = blockLength(this.#imprint);
    const bytes = file.read(0, file.length);
    let covered = 0;
    let good = 0;
    for (let at = 0; at + length <= bytes.length; at += length) {
      const block = readBlock(bytes, at, this.#imprint);
      const before = this.#blocks.at(-1)?.block ?? -1;
      if (!block || block.first !== covered || block.block <= before || covered + block.count > records) break;
      covered += block.count;
      this.#blocks.push(block);
      good = at + length;
    }
    const last = this.#blocks.at(-1);
    // Blocks of another log than the one that is here say nothing.
    if (last && !this.#fits(last)) {
      this.#blocks = [];
      covered = 0;
      good = 0;
    }
    this.#stored = this.#blocks.length;
    if (good < file.length) {
      try {
        file.truncate(good);
      } catch {
        // Read beside the owner: what was not understood is simply not used.
      }
    }
    return covered;
  }

  #fits({ block, first, count }: Block): boolean {
    try {
      const times = [this.#read(first, 1)[0]!.time, this.#read(first + count - 1, 1)[0]!.time];
      return times.every((time) => Math.floor(time / BLOCK_SECONDS) === block);
    } catch {
      return false;
    }
  }

  /** Takes a second in; `record` is its number in the log. */
  add(time: number, root: Uint8Array, record: number): void {
    const block = Math.floor(time / BLOCK_SECONDS);
    if (this.#open && this.#open.block !== block) this.#finish();
    this.#open ??= { block, first: record, count: 0, nodes: new BlockNodes(this.#empty) };
    this.#open.nodes.set(time % BLOCK_SECONDS, root);
    this.#open.count += 1;
  }

  #finish(): void {
    const { block, first, count, nodes } = this.#open!;
    this.#blocks.push({ block, first, count, root: nodes.close().node(BLOCK_HEIGHT, 0) });
    this.#open = undefined;
    const file = this.#file;
    if (!file) return;
    try {
      // Forced to the device by nobody: what is lost of it is made again from the log.
      while (this.#stored < this.#blocks.length) {
        file.append(writeBlock(this.#blocks[this.#stored]!), false);
        this.#stored += 1;
      }
    } catch {
      // The log is what counts; the block is stored with the next one.
    }
  }

  /** Place of the first finished block that is not before `block`. */
  #place(block: number): number {
    let [low, high] = [0, this.#blocks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#blocks[middle]!.block < block) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #nodesOf(block: number): BlockNodes | undefined {
    if (this.#open?.block === block) return this.#open.nodes;
    const known = this.#inside.get(block);
    if (known) return known;
    const place = this.#place(block);
    const found = this.#blocks[place];
    if (found?.block !== block) return undefined;
    const nodes = new BlockNodes(this.#empty);
    for (const { time, root } of this.#read(found.first, found.count)) nodes.set(time % BLOCK_SECONDS, root);
    if (this.#inside.size >= KEPT) this.#inside.delete(this.#inside.keys().next().value!);
    this.#inside.set(block, nodes.close());
    return nodes;
  }

  /** Root of a second as it was taken in. */
  leaf(time: number): Uint8Array | undefined {
    return this.#nodesOf(Math.floor(time / BLOCK_SECONDS))?.leaf(time % BLOCK_SECONDS);
  }

  /** Number of the first record that is not before a second; `records` where there is none. */
  recordFrom(time: number, records: number): number {
    const block = Math.floor(time / BLOCK_SECONDS);
    const place = this.#place(block);
    const found = this.#blocks[place] ?? this.#open;
    if (!found) return records;
    if (found.block !== block) return found.block > block ? found.first : records;
    const within = this.#read(found.first, found.count).findIndex((record) => record.time >= time);
    return within < 0 ? found.first + found.count : found.first + within;
  }

  /** Node (height, place); all its seconds must be decided. */
  node(height: number, place: number): Uint8Array {
    if (height <= BLOCK_HEIGHT) {
      const width = 2 ** (BLOCK_HEIGHT - height);
      const block = Math.floor(place / width);
      if (height === BLOCK_HEIGHT) {
        const found = this.#blocks[this.#place(block)];
        if (found?.block === block) return found.root;
      }
      return this.#nodesOf(block)?.node(height, place % width) ?? this.#empty(height);
    }
    const up = height - BLOCK_HEIGHT;
    const width = 2 ** up;
    const from = place * width;
    const next = this.#blocks[this.#place(from)]?.block ?? this.#open?.block;
    if (next === undefined || next >= from + width) return this.#empty(height);
    this.#above[up] ??= new Map();
    const made = this.#above[up].get(place);
    if (made) return made;
    const node = join(this.node(height - 1, 2 * place), this.node(height - 1, 2 * place + 1));
    this.#above[up].set(place, node);
    return node;
  }

  /** Makes the root of every finished block again and holds it against the stored one. */
  check(): Finding[] {
    const findings: Finding[] = [];
    this.#blocks.forEach(({ block, first, count, root }, n) => {
      const nodes = new BlockNodes(this.#empty);
      let sound = true;
      try {
        for (const { time, root: leaf } of this.#read(first, count)) {
          if (Math.floor(time / BLOCK_SECONDS) !== block) sound = false;
          nodes.set(time % BLOCK_SECONDS, leaf);
        }
      } catch {
        return; // a damaged record, which is told by itself
      }
      if (sound && equal(nodes.close().node(BLOCK_HEIGHT, 0), root)) return;
      findings.push({
        code: 'block',
        zh: `第 ${n} 个区块的根与日历不符`,
        en: `the root of block ${n} is not that of the calendar`,
        file: this.#file?.path ?? 'calendar.blocks',
        offset: n * blockLength(this.#imprint),
        mended: false,
      });
    });
    return findings;
  }

  close(): void {
    this.#file?.close();
  }
}
