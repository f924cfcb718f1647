/**
 * QR codes (GB/T 18284, ISO/IEC 18004) of short texts: byte mode, error correction M, versions 1 to 10. Answers the modules;
 * drawing them is the caller's.
 */

/** Error correction bytes of a block and number of blocks, by version, at level M. */
const ECC = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5];

const rawModules = (v: number): number => {
  const align = v === 1 ? 0 : Math.floor(v / 7) + 2;
  return (16 * v + 128) * v + 64 - (v > 1 ? (25 * align - 10) * align - 55 : 0) - (v > 6 ? 36 : 0);
};
const codewords = (v: number): number => Math.floor(rawModules(v) / 8);
const dataBytes = (v: number): number => codewords(v) - ECC[v - 1]! * BLOCKS[v - 1]!;

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let z = 0;
  for (let i = 7; i >= 0; i--) {
    z = (z << 1) ^ ((z >>> 7) * 0x11d);
    z ^= ((b >>> i) & 1) * a;
  }
  return z & 0xff;
}

function correction(data: readonly number[], degree: number): number[] {
  const divisor: number[] = Array.from({ length: degree }, (_, i) => (i === degree - 1 ? 1 : 0));
  let root = 1;
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) divisor[j] = times(divisor[j]!, root) ^ (divisor[j + 1] ?? 0);
    root = times(root, 2);
  }
  const rest: number[] = Array.from({ length: degree }, () => 0);
  for (const byte of data) {
    const factor = byte ^ rest.shift()!;
    rest.push(0);
    divisor.forEach((d, i) => {
      rest[i]! ^= times(d, factor);
    });
  }
  return rest;
}

/** The bytes of the text with padding and correction, blocks interleaved. */
function bytesOf(text: Uint8Array, v: number): number[] {
  const bits: number[] = [];
  const put = (value: number, length: number) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >>> i) & 1);
  };
  put(0b0100, 4);
  put(text.length, v < 10 ? 8 : 16);
  for (const byte of text) put(byte, 8);
  const most = dataBytes(v) * 8;
  put(0, Math.min(4, most - bits.length));
  while (bits.length % 8) bits.push(0);
  for (let pad = 0xec; bits.length < most; pad ^= 0xec ^ 0x11) put(pad, 8);
  const data = Array.from({ length: bits.length / 8 }, (_, i) =>
    Number.parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2),
  );
  const [blocks, ecc, all] = [BLOCKS[v - 1]!, ECC[v - 1]!, codewords(v)];
  const shorter = blocks - (all % blocks);
  const length = Math.floor(all / blocks) - ecc;
  const parts: { data: number[]; ecc: number[] }[] = [];
  for (let i = 0, at = 0; i < blocks; i++) {
    const own = data.slice(at, at + length + (i < shorter ? 0 : 1));
    at += own.length;
    parts.push({ data: own, ecc: correction(own, ecc) });
  }
  const out: number[] = [];
  for (let i = 0; i <= length; i++) for (const p of parts) if (i < p.data.length) out.push(p.data[i]!);
  for (let i = 0; i < ecc; i++) for (const p of parts) out.push(p.ecc[i]!);
  return out;
}

type Grid = (boolean | undefined)[][];

function frame(v: number): Grid {
  const n = v * 4 + 17;
  const g: Grid = Array.from({ length: n }, () => Array.from({ length: n }, () => undefined));
  const set = (x: number, y: number, dark: boolean) => {
    if (x >= 0 && y >= 0 && x < n && y < n) g[y]![x] = dark;
  };
  for (let i = 0; i < n; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [cx, cy] of [
    [3, 3],
    [n - 4, 3],
    [3, n - 4],
  ] as const)
    for (let dy = -4; dy <= 4; dy++)
      for (let dx = -4; dx <= 4; dx++) {
        const d = Math.max(Math.abs(dx), Math.abs(dy));
        set(cx + dx, cy + dy, d !== 2 && d !== 4);
      }
  const places = alignment(v, n);
  places.forEach((x, i) => {
    places.forEach((y, j) => {
      const last = places.length - 1;
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++) set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    });
  });
  return g;
}

function alignment(v: number, n: number): number[] {
  if (v === 1) return [];
  const count = Math.floor(v / 7) + 2;
  const step = Math.ceil((n - 13) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, i) => n - 7 - i * step).reverse()];
}

/** Format (level M and mask) and version bits. */
function signs(g: Grid, v: number, mask: number): void {
  const n = g.length;
  let rest = mask;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const bit = (i: number) => ((bits >>> i) & 1) !== 0;
  const put = (x: number, y: number, dark: boolean) => {
    g[y]![x] = dark;
  };
  for (let i = 0; i <= 5; i++) put(8, i, bit(i));
  put(8, 7, bit(6));
  put(8, 8, bit(7));
  put(7, 8, bit(8));
  for (let i = 9; i < 15; i++) put(14 - i, 8, bit(i));
  for (let i = 0; i < 8; i++) put(n - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i++) put(8, n - 15 + i, bit(i));
  put(8, n - 8, true);
  if (v < 7) return;
  let left = v;
  for (let i = 0; i < 12; i++) left = (left << 1) ^ ((left >>> 11) * 0x1f25);
  const version = (v << 12) | left;
  for (let i = 0; i < 18; i++) {
    const dark = ((version >>> i) & 1) !== 0;
    const [a, b] = [n - 11 + (i % 3), Math.floor(i / 3)];
    put(a, b, dark);
    put(b, a, dark);
  }
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** How hard a code is to read: runs, squares, what looks like a finder, and an uneven share of dark modules. */
function penalty(g: readonly (readonly boolean[])[]): number {
  const n = g.length;
  let sum = 0;
  let dark = 0;
  for (const across of [true, false])
    for (let i = 0; i < n; i++) {
      const line = Array.from({ length: n }, (_, j) => (across ? g[i]![j]! : g[j]![i]!));
      const text = line.map(Number).join('');
      for (const run of text.match(/0+|1+/g) ?? []) if (run.length >= 5) sum += run.length - 2;
      for (let j = 0; j + 11 <= n; j++) {
        const part = text.slice(j, j + 11);
        if (part === '10111010000' || part === '00001011101') sum += 40;
      }
      if (across) dark += line.filter(Boolean).length;
    }
  for (let y = 0; y + 1 < n; y++)
    for (let x = 0; x + 1 < n; x++)
      if (g[y]![x] === g[y]![x + 1] && g[y]![x] === g[y + 1]![x] && g[y]![x] === g[y + 1]![x + 1]) sum += 3;
  return sum + Math.floor(Math.abs(dark * 20 - n * n * 10) / (n * n)) * 10;
}

/** The modules of a text, row by row, true for dark; without the quiet zone of four. Undefined when it is too long. */
export function qrModules(text: string): boolean[][] | undefined {
  const bytes = new TextEncoder().encode(text);
  let v = 1;
  while (v <= 10 && bytes.length + (v < 10 ? 2 : 3) > dataBytes(v)) v += 1;
  if (v > 10) return undefined;
  const fixed = frame(v);
  signs(fixed, v, 0);
  const n = fixed.length;
  const stream = bytesOf(bytes, v);
  const plain: boolean[][] = fixed.map((row) => row.map((d) => d ?? false));
  let i = 0;
  for (let right = n - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < n; step++)
      for (let j = 0; j < 2; j++) {
        const x = right - j;
        const y = ((right + 1) & 2) === 0 ? n - 1 - step : step;
        if (fixed[y]![x] !== undefined || i >= stream.length * 8) continue;
        plain[y]![x] = ((stream[i >>> 3]! >>> (7 - (i & 7))) & 1) !== 0;
        i += 1;
      }
  }
  let best: { grid: boolean[][]; cost: number } | undefined;
  masks.forEach((mask, number) => {
    const grid = plain.map((row, y) => row.map((d, x) => (fixed[y]![x] === undefined ? d !== mask(x, y) : d)));
    signs(grid, v, number);
    const cost = penalty(grid);
    if (!best || cost < best.cost) best = { grid, cost };
  });
  return best!.grid;
}
