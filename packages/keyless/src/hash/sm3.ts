/** SM3 (GB/T 32905-2016), for browsers: they have none of their own. */

const BLOCK = 64;
const START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e] as const;

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** The constants T_j, already rotated by j. */
const T = Int32Array.from({ length: 64 }, (_, j) => rotl(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32));

/** Expanded words of a block: shared, since a block is finished before another begins. */
const W = new Int32Array(68);

/** A digest piece by piece. */
export class Sm3 {
  readonly #state = Int32Array.from(START);
  readonly #rest = new Uint8Array(BLOCK);
  #held = 0;
  #length = 0;

  /** Adds bytes. */
  update(data: Uint8Array): this {
    this.#length += data.length;
    let at = 0;
    if (this.#held > 0) {
      at = Math.min(BLOCK - this.#held, data.length);
      this.#rest.set(data.subarray(0, at), this.#held);
      this.#held += at;
      if (this.#held < BLOCK) return this;
      this.#block(this.#rest, 0);
      this.#held = 0;
    }
    for (; at + BLOCK <= data.length; at += BLOCK) this.#block(data, at);
    this.#rest.set(data.subarray(at));
    this.#held = data.length - at;
    return this;
  }

  /** Ends the digest: 32 bytes. */
  digest(): Uint8Array {
    const length = this.#length;
    const tail = new Uint8Array(this.#held < 56 ? BLOCK : 2 * BLOCK);
    tail.set(this.#rest.subarray(0, this.#held));
    tail[this.#held] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(length / 0x2000_0000));
    view.setUint32(tail.length - 4, (length % 0x2000_0000) * 8);
    for (let at = 0; at < tail.length; at += BLOCK) this.#block(tail, at);
    const out = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, i) => {
      out.setInt32(4 * i, word);
    });
    return new Uint8Array(out.buffer);
  }

  #block(data: Uint8Array, at: number): void {
    for (let j = 0, k = at; j < 16; j++, k += 4)
      W[j] = (data[k]! << 24) | (data[k + 1]! << 16) | (data[k + 2]! << 8) | data[k + 3]!;
    for (let j = 16; j < 68; j++) {
      const x = W[j - 16]! ^ W[j - 9]! ^ rotl(W[j - 3]!, 15);
      W[j] = x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(W[j - 13]!, 7) ^ W[j - 6]!;
    }
    const s = this.#state;
    let a = s[0]!;
    let b = s[1]!;
    let c = s[2]!;
    let d = s[3]!;
    let e = s[4]!;
    let f = s[5]!;
    let g = s[6]!;
    let h = s[7]!;
    // Two loops that differ in their Boolean functions only: a condition in the innermost loop costs a third of the speed.
    for (let j = 0; j < 16; j++) {
      const a12 = (a << 12) | (a >>> 20);
      const sum = (a12 + e + T[j]!) | 0;
      const ss1 = (sum << 7) | (sum >>> 25);
      const w = W[j]!;
      const tt1 = ((a ^ b ^ c) + d + (ss1 ^ a12) + (w ^ W[j + 4]!)) | 0;
      const tt2 = ((e ^ f ^ g) + h + ss1 + w) | 0;
      d = c;
      c = (b << 9) | (b >>> 23);
      b = a;
      a = tt1;
      h = g;
      g = (f << 19) | (f >>> 13);
      f = e;
      e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15));
    }
    for (let j = 16; j < 64; j++) {
      const a12 = (a << 12) | (a >>> 20);
      const sum = (a12 + e + T[j]!) | 0;
      const ss1 = (sum << 7) | (sum >>> 25);
      const w = W[j]!;
      const tt1 = (((a & b) | ((a | b) & c)) + d + (ss1 ^ a12) + (w ^ W[j + 4]!)) | 0;
      const tt2 = ((g ^ (e & (f ^ g))) + h + ss1 + w) | 0;
      d = c;
      c = (b << 9) | (b >>> 23);
      b = a;
      a = tt1;
      h = g;
      g = (f << 19) | (f >>> 13);
      f = e;
      e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15));
    }
    s[0]! ^= a;
    s[1]! ^= b;
    s[2]! ^= c;
    s[3]! ^= d;
    s[4]! ^= e;
    s[5]! ^= f;
    s[6]! ^= g;
    s[7]! ^= h;
  }
}

/** The digest of bytes. */
export const sm3 = (data: Uint8Array): Uint8Array => new Sm3().update(data).digest();
