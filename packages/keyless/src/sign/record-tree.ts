/** A tree over many records that is signed by one request; the signature of any record is taken out of it afterwards. */
import { fail } from '../errors.ts';
import { readSignature } from '../format/signature.ts';
import { equal } from '../hash/imprint.ts';
import { chainHead } from './chain.ts';
import { type Blinding, type LeafOptions, TreeBuilder } from './tree.ts';
import { chainsAbove } from './write.ts';

/** Records of one request. */
export class RecordTree {
  readonly #tree: TreeBuilder;
  #above: { signature: Uint8Array; head: Uint8Array; tail: Uint8Array } | undefined;

  /**
   * `algorithm`: number of the hash of inner nodes. `blinding`: hides records from those who hold the signature of a neighbour. `expected`: records
   * for which room is made.
   */
  constructor(algorithm: number, options: { maxLevel?: number; blinding?: Blinding; expected?: number } = {}) {
    this.#tree = new TreeBuilder(algorithm, options);
  }

  /** Number of records. */
  get size(): number {
    return this.#tree.size;
  }

  /** Adds a record; answers its number. Throws `keyless.tree.closed`, `keyless.tree.level`. */
  add(hash: Uint8Array, options?: LeafOptions): number {
    return this.#tree.add(hash, options);
  }

  /** Ends the tree: this root is to be signed, at this level. Throws `keyless.tree.empty`. */
  close(): { root: Uint8Array; level: number } {
    return this.#tree.close();
  }

  /**
   * Takes the signature that the root got. Throws `keyless.tree.signature` where it is none of this root, `keyless.prepend.level` where it was asked for
   * at another level.
   */
  attach(signature: Uint8Array): this {
    const read = readSignature(signature);
    const { root, level } = this.close();
    const { inputHash, time, index } = read.chains[0]!;
    if (!equal(inputHash, root))
      fail('tree.signature', '签名不是这棵树的根的签名', 'the signature is not one of the root of this tree');
    this.#above = { signature, head: chainHead(time, index), tail: chainsAbove(read, level) };
    return this;
  }

  /** Signature of a record. Throws `keyless.tree.unsigned`, `keyless.tree.leaf`. */
  signatureOf(record: number): Uint8Array {
    const above = this.#above;
    if (!above) return fail('tree.unsigned', '哈希树还没有签名', 'the tree is not signed yet');
    if (this.size === 1 && this.#tree.chainOf(record).length === 0) return above.signature;
    return this.#tree.writeChainOf(record, above.head, above.tail);
  }
}
