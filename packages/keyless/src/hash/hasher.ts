/** Imprints of what is too large to be held at once: a file of gigabytes is read in pieces. */
import { incremental } from '#digest';
import { fail } from '../errors.ts';
import { algorithmOf } from './algorithms.ts';
import type { Digester } from './digester.ts';
import { HashUnavailable } from './imprint.ts';

/** An imprint piece by piece. */
export class Hasher {
  readonly #id: number;
  #digester: Digester | undefined;

  /** `id`: number of the algorithm, SHA-256 where it is left out. Throws {@link HashUnavailable} where it cannot be computed here. */
  constructor(id = 0x01) {
    const algorithm = algorithmOf(id);
    this.#digester = algorithm && incremental(algorithm.name);
    if (!this.#digester) throw new HashUnavailable(id);
    this.#id = id;
  }

  /** Adds bytes. Throws `keyless.hasher.ended` after the end. */
  update(data: Uint8Array): this {
    this.#open().update(data);
    return this;
  }

  /** Ends it: the imprint of all that was added. */
  digest(): Uint8Array {
    const digest = this.#open().digest();
    this.#digester = undefined;
    const out = new Uint8Array(digest.length + 1);
    out[0] = this.#id;
    out.set(digest, 1);
    return out;
  }

  #open(): Digester {
    return this.#digester ?? fail('hasher.ended', '哈希计算已经结束', 'the digest was ended already');
  }
}
