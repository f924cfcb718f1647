/**
 * The few WebAssembly instructions that the four-lane hash needs, as bytes (WebAssembly core specification 2.0 with
 * 128-bit SIMD). The module is made at start from sha256.ts, so that what runs is what is read there.
 */

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const out: number[] = [];
  let v = value >>> 0;
  do {
    const b = v & 0x7f;
    v >>>= 7;
    out.push(v ? b | 0x80 : b);
  } while (v);
  return out;
}

/** Signed LEB128 of a 32-bit integer. */
export function sleb(value: number): number[] {
  const out: number[] = [];
  let v = value | 0;
  for (;;) {
    const b = v & 0x7f;
    v >>= 7;
    if ((v === 0 && !(b & 0x40)) || (v === -1 && b & 0x40)) return [...out, b];
    out.push(b | 0x80);
  }
}

const vector = (items: number[][]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, body: number[]): number[] => [id, ...leb(body.length), ...body];
const text = (t: string): number[] => [...leb(t.length), ...new TextEncoder().encode(t)];

/** One function: its parameters are all i32, it answers nothing. */
export interface WasmFunction {
  name: string;
  params: number;
  vectors: number;
  code: number[];
}

/** A module that imports the memory `e.m` and exports the functions given. */
export function wasmModule(functions: WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [0x60, ...leb(f.params), ...Array<number>(f.params).fill(0x7f), 0]);
  const bodies = functions.map((f) => {
    const body = [...(f.vectors ? [1, ...leb(f.vectors), 0x7b] : [0]), ...f.code, 0x0b];
    return [...leb(body.length), ...body];
  });
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([[...text('e'), ...text('m'), 0x02, 0x00, 0x01]])),
    ...section(3, vector(functions.map((_, i) => leb(i)))),
    ...section(7, vector(functions.map((f, i) => [...text(f.name), 0x00, ...leb(i)]))),
    ...section(10, vector(bodies)),
  ]);
}

const simd = (op: number): number[] => [0xfd, ...leb(op)];

/** Instructions. `get`/`set`/`tee` name locals; parameters come first. */
export const op = {
  get: (l: number) => [0x20, ...leb(l)],
  set: (l: number) => [0x21, ...leb(l)],
  const: (v: number) => [0x41, ...sleb(v)],
  add: [0x6a],
  sub: [0x6b],
  call: (f: number) => [0x10, ...leb(f)],
  loop: (body: number[]) => [0x03, 0x40, ...body, 0x0b],
  continueIf: [0x0d, 0x00],
  load8: (offset: number) => [0x2d, 0, ...leb(offset)],
  store8: (offset: number) => [0x3a, 0, ...leb(offset)],
  vLoad: (offset: number) => [...simd(0x00), 0, ...leb(offset)],
  vStore: (offset: number) => [...simd(0x0b), 0, ...leb(offset)],
  /** The same 32-bit word in the four lanes. */
  vSplat: (word: number) => {
    const b = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
    return [...simd(0x0c), ...b, ...b, ...b, ...b];
  },
  vShuffle: (lanes: number[]) => [...simd(0x0d), ...lanes],
  vOr: simd(0x50),
  vXor: simd(0x51),
  /** bits of the first where the third has 1, of the second where it has 0 */
  vSelect: simd(0x52),
  vShl: (n: number) => [0x41, ...sleb(n), ...simd(0xab)],
  vShr: (n: number) => [0x41, ...sleb(n), ...simd(0xad)],
  vAdd: simd(0xae),
};
