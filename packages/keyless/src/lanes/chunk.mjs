/**
 * Joins of whole chunks of leaves, level by level; plain JavaScript, so that a worker thread can run it without a loader. Leaves are imprints of 33
 * bytes one after the other; nodes above them stand in an arena by level, in slots of 36 bytes.
 */
import { hash } from 'node:crypto';

const SLOT = 36;
const IMPRINT = 33;
/** Bytes of the lanes' memory before the slots: scratch of the joins. */
const BASE = 1024;

/** A memory for chunks of so many leaves; `module`: the compiled lanes, or undefined where every join is made by Node's hash. */
export function chunkMemory(module, chunk) {
  const size = BASE + 2 * chunk * SLOT + 8 * SLOT;
  if (!module) return { bytes: new Uint8Array(size) };
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / 65536) });
  const { exports } = new WebAssembly.Instance(module, { e: { m: memory } });
  const bytes = new Uint8Array(memory.buffer);
  for (let l = 0; l < 8; l++) {
    bytes[l * 128 + 67] = 0x80;
    bytes[l * 128 + 126] = 0x02;
    bytes[l * 128 + 127] = 0x18;
  }
  return { bytes, joinSlots: exports.joinSlots };
}

/** Takes chunks from the shared counter until there are none left, and joins them. */
export function joinChunks(job, memory) {
  const { leaves, count, chunk, height, arena, offsets, algorithm, name } = job;
  const next = new Int32Array(job.counter);
  const { bytes } = memory;
  for (;;) {
    const from = Atomics.add(next, 0, 1) * chunk;
    if (from >= count) return;
    const to = Math.min(from + chunk, count);
    let read = from * IMPRINT;
    for (let i = 0, at = BASE; i < to - from; i++, at += SLOT - IMPRINT)
      for (let k = 0; k < IMPRINT; k++) bytes[at++] = leaves[read++];
    let below = BASE;
    for (let level = 1; level <= height; level++) {
      const first = Math.floor(from / 2 ** level);
      const nodes = Math.floor(to / 2 ** level) - first;
      if (nodes <= 0) break;
      const above = below + (Math.floor(to / 2 ** (level - 1)) - Math.floor(from / 2 ** (level - 1))) * SLOT;
      if (memory.joinSlots) memory.joinSlots(below, above, (nodes + 3) >> 2, level);
      else joinHere(bytes, below, above, nodes, level, algorithm, name);
      arena.set(bytes.subarray(above, above + nodes * SLOT), offsets[level] + first * SLOT);
      below = above;
    }
  }
}

const message = new Uint8Array(2 * IMPRINT + 1);

function joinHere(bytes, below, above, nodes, level, algorithm, name) {
  message[2 * IMPRINT] = level;
  for (let i = 0; i < nodes; i++) {
    const left = below + 2 * i * SLOT;
    message.set(bytes.subarray(left, left + IMPRINT), 0);
    message.set(bytes.subarray(left + SLOT, left + SLOT + IMPRINT), IMPRINT);
    bytes[above + i * SLOT] = algorithm;
    bytes.set(hash(name, message, 'buffer'), above + i * SLOT + 1);
  }
}
