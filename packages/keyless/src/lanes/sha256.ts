/**
 * SHA-256 (FIPS 180-4) of four messages at once, in WebAssembly. Records are hashed and every two hashes are joined into a tree, all of them
 * short messages: here the cost of a call weighs more than the hash itself when it is made one by one, and four lanes side by side take little
 * longer than one.
 */
import { op, type WasmFunction, wasmModule } from './assembler.ts';

const K = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];
const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

const rotate = (x: number, n: number): number[] => [
  ...[...op.get(x), ...op.vShr(n)],
  ...[...op.get(x), ...op.vShl(32 - n), ...op.vOr],
];
const rotations = (x: number, a: number, b: number, c: number): number[] => [
  ...rotate(x, a),
  ...[...rotate(x, b), ...op.vXor],
  ...[...rotate(x, c), ...op.vXor],
];
const schedule = (x: number, a: number, b: number, shift: number): number[] => [
  ...rotate(x, a),
  ...[...rotate(x, b), ...op.vXor],
  ...[...op.get(x), ...op.vShr(shift), ...op.vXor],
];

/** Word `k` of one of the two operands of a shuffle, its bytes reversed (the hash is big-endian, the machine is not). */
const word = (operand: 0 | 1, k: number): number[] => [3, 2, 1, 0].map((b) => operand * 16 + k * 4 + b);
const half = (operand: 0 | 1, k: 0 | 1): number[] => Array.from({ length: 8 }, (_, b) => operand * 16 + k * 8 + b);

/** Turns four vectors of one message each into four vectors of one word each (and back), reversing bytes. */
function transpose(from: number[], to: number[], t: number[]): number[] {
  const pair = (a: number, b: number, k: 0 | 2, into: number) => [
    ...[...op.get(a), ...op.get(b)],
    ...op.vShuffle([...word(0, k), ...word(1, k), ...word(0, k + 1), ...word(1, k + 1)]),
    ...op.set(into),
  ];
  const join = (a: number, b: number, k: 0 | 1, into: number) => [
    ...[...op.get(a), ...op.get(b), ...op.vShuffle([...half(0, k), ...half(1, k)]), ...op.set(into)],
  ];
  return [
    ...pair(from[0]!, from[1]!, 0, t[0]!),
    ...pair(from[0]!, from[1]!, 2, t[1]!),
    ...pair(from[2]!, from[3]!, 0, t[2]!),
    ...pair(from[2]!, from[3]!, 2, t[3]!),
    ...join(t[0]!, t[2]!, 0, to[0]!),
    ...join(t[0]!, t[2]!, 1, to[1]!),
    ...join(t[1]!, t[3]!, 0, to[2]!),
    ...join(t[1]!, t[3]!, 1, to[3]!),
  ];
}

/** hash(p0..p3, blocks, o0..o3): four padded messages of the same number of 64-byte blocks; digests of 32 bytes. */
function hashFunction(): WasmFunction {
  const range = (from: number, n: number) => Array.from({ length: n }, (_, i) => from + i);
  const state = range(9, 8);
  const kept = range(17, 8);
  const w = range(25, 16);
  const t = range(41, 8);
  const code: number[] = [];
  for (let i = 0; i < 8; i++) code.push(...op.vSplat(START[i]!), ...op.set(kept[i]!));
  const block: number[] = [];
  for (let q = 0; q < 4; q++) {
    for (let l = 0; l < 4; l++) block.push(...op.get(l), ...op.vLoad(16 * q), ...op.set(t[4 + l]!));
    block.push(...transpose(t.slice(4, 8), w.slice(4 * q, 4 * q + 4), t.slice(0, 4)));
  }
  for (let i = 0; i < 8; i++) block.push(...op.get(kept[i]!), ...op.set(state[i]!));
  const s = [...state];
  for (let i = 0; i < 64; i++) {
    const [a, b, c, d, e, f, g, h] = s as [number, number, number, number, number, number, number, number];
    const wi = w[i & 15]!;
    if (i >= 16) {
      block.push(...schedule(w[(i - 2) & 15]!, 17, 19, 10), ...op.get(w[(i - 7) & 15]!), ...op.vAdd);
      block.push(...schedule(w[(i - 15) & 15]!, 7, 18, 3), ...op.vAdd, ...op.get(wi), ...op.vAdd, ...op.set(wi));
    }
    block.push(...op.get(h), ...rotations(e, 6, 11, 25), ...op.vAdd);
    block.push(...op.get(f), ...op.get(g), ...op.get(e), ...op.vSelect, ...op.vAdd);
    block.push(...op.get(wi), ...op.vSplat(K[i]!), ...op.vAdd, ...op.vAdd, ...op.set(t[0]!));
    block.push(...op.get(d), ...op.get(t[0]!), ...op.vAdd, ...op.set(d));
    // maj(a, b, c) = c where a and b differ, b where they agree
    block.push(...op.get(t[0]!), ...rotations(a, 2, 13, 22), ...op.vAdd);
    block.push(...op.get(c), ...op.get(b), ...op.get(a), ...op.get(b), ...op.vXor, ...op.vSelect, ...op.vAdd);
    block.push(...op.set(h));
    s.unshift(s.pop()!);
  }
  for (let i = 0; i < 8; i++) block.push(...op.get(kept[i]!), ...op.get(s[i]!), ...op.vAdd, ...op.set(kept[i]!));
  for (let l = 0; l < 4; l++) block.push(...op.get(l), ...op.const(64), ...op.add, ...op.set(l));
  block.push(...op.get(4), ...op.const(1), ...op.sub, 0x22, 4, ...op.continueIf);
  code.push(...op.loop(block));
  for (const q of [0, 1]) {
    code.push(...transpose(kept.slice(4 * q, 4 * q + 4), t.slice(4, 8), t.slice(0, 4)));
    for (let l = 0; l < 4; l++) code.push(...op.get(5 + l), ...op.get(t[4 + l]!), ...op.vStore(16 * q));
  }
  return { name: 'hash', params: 9, vectors: 40, code };
}

/**
 * join(in, out, quads, level): joins eight digests at a time into four: SHA-256(01 left 01 right level). The scratch
 * messages at address 0 have their fixed bytes written beforehand.
 */
function joinFunction(): WasmFunction {
  const body: number[] = [];
  for (let l = 0; l < 4; l++) {
    const at = l * 128;
    for (const [from, to] of [
      [0, 1],
      [16, 17],
      [32, 34],
      [48, 50],
    ] as const) {
      body.push(...op.const(0), ...op.get(0), ...op.vLoad(l * 64 + from), ...op.vStore(at + to));
    }
    body.push(...op.const(0), ...op.get(3), ...op.store8(at + 66));
  }
  for (let l = 0; l < 4; l++) body.push(...op.const(l * 128));
  body.push(...op.const(2));
  for (let l = 0; l < 4; l++) body.push(...op.get(1), ...op.const(l * 32), ...op.add);
  body.push(...op.call(0));
  body.push(...op.get(0), ...op.const(256), ...op.add, ...op.set(0));
  body.push(...op.get(1), ...op.const(128), ...op.add, ...op.set(1));
  body.push(...op.get(2), ...op.const(1), ...op.sub, 0x22, 2, ...op.continueIf);
  return { name: 'join', params: 4, vectors: 0, code: op.loop(body) };
}

/** Bytes of a slot that holds an imprint: 33, and three that keep the next one aligned. */
export const SLOT = 36;
/** Where the scratch messages of `joinSlots` begin. */
const SLOT_SCRATCH = 512;

/**
 * joinSlots(from, to, quads, level): joins eight imprints (in slots one after the other) into four, also in slots:
 * SHA-256(left right level), the children's own algorithm numbers included.
 */
function joinSlotsFunction(): WasmFunction {
  const body: number[] = [];
  for (let l = 0; l < 4; l++) {
    const at = SLOT_SCRATCH + l * 128;
    for (const [from, to] of [
      [0, 0],
      [SLOT, 33],
    ] as const) {
      const slot = l * 2 * SLOT + from;
      for (const part of [0, 16])
        body.push(...op.const(0), ...op.get(0), ...op.vLoad(slot + part), ...op.vStore(at + to + part));
      body.push(...op.const(0), ...op.get(0), ...op.load8(slot + 32), ...op.store8(at + to + 32));
    }
    body.push(...op.const(0), ...op.get(3), ...op.store8(at + 66));
  }
  for (let l = 0; l < 4; l++) body.push(...op.const(SLOT_SCRATCH + l * 128));
  body.push(...op.const(2));
  for (let l = 0; l < 4; l++) body.push(...op.get(1), ...op.const(l * SLOT + 1), ...op.add);
  body.push(...op.call(0));
  for (let l = 0; l < 4; l++) body.push(...op.get(1), ...op.const(1), ...op.store8(l * SLOT));
  body.push(...op.get(0), ...op.const(8 * SLOT), ...op.add, ...op.set(0));
  body.push(...op.get(1), ...op.const(4 * SLOT), ...op.add, ...op.set(1));
  body.push(...op.get(2), ...op.const(1), ...op.sub, 0x22, 2, ...op.continueIf);
  return { name: 'joinSlots', params: 4, vectors: 0, code: op.loop(body) };
}

/** Bytes at the start of the memory that `join` and `joinSlots` work in; nothing else may be kept there. */
export const SCRATCH = 1024;

/** The functions over a memory. */
export interface FourHashes {
  hash(
    p0: number,
    p1: number,
    p2: number,
    p3: number,
    blocks: number,
    o0: number,
    o1: number,
    o2: number,
    o3: number,
  ): void;
  /** Digests one after the other, all of them imprints of SHA-256. */
  join(from: number, to: number, quads: number, level: number): void;
  /** Imprints of 33 bytes in slots of {@link SLOT}. */
  joinSlots(from: number, to: number, quads: number, level: number): void;
}

/** What this module uses of the engine's WebAssembly (no type library of ours names it). */
interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { exports: unknown };
}
const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;

let compiled: object | undefined;

/** The compiled functions, which a worker thread can be given. Throws where the machine has no such lanes. */
export function laneModule(): object {
  compiled ??= new engine.Module(wasmModule([hashFunction(), joinFunction(), joinSlotsFunction()]));
  return compiled;
}

/** A memory of its own with the functions over it; the first `SCRATCH` bytes are theirs. */
export function fourHashes(size: number): FourHashes & { bytes: Uint8Array<ArrayBuffer> } {
  const memory = new engine.Memory({ initial: Math.ceil(size / 65536) });
  const bytes = new Uint8Array(memory.buffer);
  for (let l = 0; l < 8; l++) {
    const at = l * 128;
    bytes[at] = 0x01;
    bytes[at + 33] = 0x01;
    bytes[at + 67] = 0x80;
    bytes[at + 126] = 0x02; // 67 bytes are 536 = 0x0218 bits
    bytes[at + 127] = 0x18;
  }
  const functions = new engine.Instance(laneModule(), { e: { m: memory } }).exports as FourHashes;
  return { hash: functions.hash, join: functions.join, joinSlots: functions.joinSlots, bytes };
}
