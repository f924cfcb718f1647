/** What must be shown again to a machine and to nobody else: passwords of outside brokers, addresses of streams; kept sealed. */
import { createHmac, randomBytes } from 'node:crypto';
import { KeyRing } from '../platform/vault/index.ts';
import { Sealer } from '../platform/vault/sealer.ts';

/** A sealed text as its columns. */
export interface SealedText {
  token: string;
  salt: Uint8Array;
  ciphertext: Uint8Array;
}

export class Secrets {
  readonly #sealer: Sealer;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#sealer = new Sealer(key);
  }

  /** Under the vault's key of now, derived for this room. */
  static of(folder: string): Secrets {
    const { token } = KeyRing.open(folder);
    if (!token) throw new Error('the vault has made no key yet');
    return new Secrets(createHmac('sha256', token).update('jingwei sensing secrets').digest());
  }

  seal(text: string): SealedText {
    const token = randomBytes(16).toString('hex');
    const { salts, ciphertexts } = this.#sealer.seal([token], [text]);
    return { token, salt: Buffer.from(salts, 'hex'), ciphertext: Buffer.from(ciphertexts, 'hex') };
  }

  open(sealed: SealedText): string {
    return this.#sealer.open([sealed])[0]!;
  }
}
