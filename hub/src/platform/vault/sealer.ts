/**
 * Sealing of single values: each under a key of its own, SM4(wrap key, salt) with a random salt of 16 bytes, in counter
 * mode; then HMAC-SM3 over token, salt and ciphertext, cut to 16 bytes (encrypt-then-MAC), which also ties the value to
 * its token. Without the salt the value's key is unknown even to who holds the wrap key: destroying the salt erases it.
 */
import { createCipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { Problem, problemKind } from '../problem.ts';
import { Hmac } from './hmac.ts';
import { deriveKey } from './keys.ts';
import { sm4Counter, sm4Schedule } from './sm4.ts';

const SALT = 16;
const TAG = 16;

const damaged = problemKind(
  'vault.value-damaged',
  500,
  '标识 {token} 的密文与其校验不符，数据已损坏或被篡改',
  'the ciphertext of {token} does not fit its check: it was damaged or tampered with',
);

/** Sealed values in the same order as they came: hexadecimal, one line each, ready to be split in the engine. */
export interface SealedBatch {
  salts: string;
  ciphertexts: string;
}

/** A value as it is kept. */
export interface Sealed {
  token: string;
  salt: Uint8Array;
  ciphertext: Uint8Array;
}

/** Seals and opens under one version of the key. Not shared between threads. */
export class Sealer {
  readonly #wrap: Buffer;
  readonly #mac: Hmac;
  readonly #rounds = new Int32Array(32);

  constructor(key: Uint8Array) {
    this.#wrap = deriveKey(key, 'jingwei vault wrap').subarray(0, 16);
    this.#mac = new Hmac('sm3', deriveKey(key, 'jingwei vault mac'));
  }

  /** Seals values under fresh salts. */
  seal(tokens: readonly string[], values: readonly string[]): SealedBatch {
    const salts = randomBytes(SALT * values.length);
    const keys = this.#keys(salts);
    const lengths = values.map((value) => Buffer.byteLength(value));
    const data = Buffer.allocUnsafe(lengths.reduce((sum, n) => sum + n + TAG, 0));
    const ends: number[] = [];
    let at = 0;
    for (let i = 0; i < values.length; i++) {
      const end = at + lengths[i]!;
      data.write(values[i]!, at);
      sm4Schedule(keys, i * SALT, this.#rounds);
      sm4Counter(this.#rounds, data, at, end);
      data.write(this.#tag(tokens[i]!, salts, i * SALT, data, at, end), end, TAG, 'latin1');
      at = end + TAG;
      ends.push(at);
    }
    return {
      salts: lines(
        salts.toString('hex'),
        values.map((_, i) => (i + 1) * SALT),
      ),
      ciphertexts: lines(data.toString('hex'), ends),
    };
  }

  /** Opens values; one that was changed, or that belongs to another token, is a Problem. */
  open(sealed: readonly Sealed[]): string[] {
    const salts = Buffer.concat(sealed.map((s) => s.salt));
    const keys = this.#keys(salts);
    return sealed.map(({ token, ciphertext }, i) => {
      const data = Buffer.from(ciphertext);
      const end = data.length - TAG;
      const expected = end < 0 ? '' : this.#tag(token, salts, i * SALT, data, 0, end).slice(0, TAG);
      if (end < 0 || !timingSafeEqual(Buffer.from(expected, 'latin1'), data.subarray(end))) {
        throw new Problem(damaged, { token });
      }
      sm4Schedule(keys, i * SALT, this.#rounds);
      sm4Counter(this.#rounds, data, 0, end);
      return data.toString('utf8', 0, end);
    });
  }

  /** The values' keys, in one call for all. */
  #keys(salts: Uint8Array): Buffer {
    const cipher = createCipheriv('sm4-ecb', this.#wrap, null);
    cipher.setAutoPadding(false);
    return cipher.update(salts);
  }

  #tag(token: string, salts: Uint8Array, saltAt: number, data: Uint8Array, from: number, to: number): string {
    const length = token.length + SALT + to - from;
    const room = this.#mac.room(length);
    room.write(token, 0, 'latin1');
    room.set(salts.subarray(saltAt, saltAt + SALT), token.length);
    room.set(data.subarray(from, to), token.length + SALT);
    return this.#mac.finish(length);
  }
}

/** Cuts a hexadecimal text at byte positions into lines. */
function lines(hex: string, ends: readonly number[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const end of ends) {
    parts.push(hex.slice(from * 2, end * 2));
    from = end;
  }
  return parts.join('\n');
}
