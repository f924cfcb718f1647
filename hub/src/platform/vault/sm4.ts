/**
 * SM4 block cipher (GB/T 32907-2016), encryption direction, for many short values under as many keys: there the cost of
 * a native cipher object per value (about 3 µs) is several times that of the cipher itself. Long streams use Node's own.
 * Table look-ups are not constant in time: use it for data at rest, not where a stranger can time single encryptions.
 */

const sbox = new Uint8Array(
  Buffer.from(
    'd690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699' +
      '9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6' +
      '4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35' +
      '1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e' +
      'eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3' +
      '1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51' +
      '8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0' +
      '8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948',
    'hex',
  ),
);

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** One table per byte: substitution and the linear transformation L together. */
const [t0, t1, t2, t3] = [24, 16, 8, 0].map((shift) =>
  Int32Array.from(sbox, (s) => {
    const b = s << shift;
    return b ^ rotl(b, 2) ^ rotl(b, 10) ^ rotl(b, 18) ^ rotl(b, 24);
  }),
) as [Int32Array, Int32Array, Int32Array, Int32Array];
/** The same for the key schedule's transformation L'. */
const [k0, k1, k2, k3] = [24, 16, 8, 0].map((shift) =>
  Int32Array.from(sbox, (s) => {
    const b = s << shift;
    return b ^ rotl(b, 13) ^ rotl(b, 23);
  }),
) as [Int32Array, Int32Array, Int32Array, Int32Array];

const fk = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc] as const;
const ck = Int32Array.from({ length: 32 }, (_, i) => {
  let word = 0;
  for (let j = 0; j < 4; j++) word = (word << 8) | (((4 * i + j) * 7) & 0xff);
  return word;
});

/** Expands the 16 bytes of a key at `at` into 32 round keys, into a reusable array. */
export function sm4Schedule(key: Uint8Array, at: number, into: Int32Array): void {
  let a = word(key, at) ^ fk[0];
  let b = word(key, at + 4) ^ fk[1];
  let c = word(key, at + 8) ^ fk[2];
  let d = word(key, at + 12) ^ fk[3];
  for (let i = 0; i < 32; i++) {
    const x = b ^ c ^ d ^ ck[i]!;
    const next = a ^ k0[x >>> 24]! ^ k1[(x >>> 16) & 255]! ^ k2[(x >>> 8) & 255]! ^ k3[x & 255]!;
    into[i] = next;
    a = b;
    b = c;
    c = d;
    d = next;
  }
}

/** Encrypts one block given as four big-endian words; the answer is written to `out` in the same way. */
export function sm4Encrypt(rounds: Int32Array, a0: number, b0: number, c0: number, d0: number, out: Int32Array): void {
  let a = a0;
  let b = b0;
  let c = c0;
  let d = d0;
  for (let i = 0; i < 32; i++) {
    const x = b ^ c ^ d ^ rounds[i]!;
    const next = a ^ t0[x >>> 24]! ^ t1[(x >>> 16) & 255]! ^ t2[(x >>> 8) & 255]! ^ t3[x & 255]!;
    a = b;
    b = c;
    c = d;
    d = next;
  }
  out[0] = d;
  out[1] = c;
  out[2] = b;
  out[3] = a;
}

/**
 * SM4 in counter mode, in place, over `data[from, to)`: the counter starts at zero, so a key must serve one value only.
 * Encrypts and decrypts alike.
 */
export function sm4Counter(rounds: Int32Array, data: Uint8Array, from: number, to: number): void {
  for (let block = 0, at = from; at < to; block++) {
    sm4Encrypt(rounds, 0, 0, 0, block, stream);
    for (let i = 0; i < 16 && at < to; i++, at++) {
      data[at] = data[at]! ^ (stream[i >> 2]! >>> (24 - ((i & 3) << 3)));
    }
  }
}

const stream = new Int32Array(4);

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
