/** A tree over many records that is signed by one request; the signature of any record is taken out of it afterwards. */
import { fail } from '../errors.ts';
import { type KeylessSignature, readSignature } from '../format/signature.ts';
import { type Blinding, type LeafOptions, TreeBuilder } from './tree.ts';
import { prependChain } from './write.ts';

/** Records of one request. */
export class RecordTree {
  readonly #algorithm: number;
  readonly #tree: TreeBuilder;
  readonly #leaves: { hash: Uint8Array; level: number }[] = [];
  #signature: KeylessSignature | undefined;

  /** `algorithm`: number of the hash of inner nodes. `blinding`: hides records from those who hold the signature of a neighbour. */
  constructor(algorithm: number, options: { maxLevel?: number; blinding?: Blinding; expected?: number } = {}) {
    this.#algorithm = algorithm;
    this.#tree = new TreeBuilder(algorithm, options);
  }

  /** Number of records. */
  get size(): number {
    return this.#leaves.length;
  }

  /** Adds a record; answers its number. */
  add(hash: Uint8Array, options: LeafOptions = {}): number {
    this.#leaves.push({ hash: hash.slice(), level: options.level ?? 0 });
    return this.#tree.add(hash, options);
  }

  /** Ends the tree: this root is to be signed, at this level. */
  close(): { root: Uint8Array; level: number } {
    return this.#tree.close();
  }

  /** Takes the signature that the root got. Throws `keyless.tree.signature` where it is none of this root. */
  attach(signature: Uint8Array): this {
    const read = readSignature(signature);
    const { root } = this.close();
    const signed = read.chains[0]!.inputHash;
    if (Buffer.compare(signed, root) !== 0)
      fail('tree.signature', '签名不是这棵树的根的签名', 'the signature is not one of the root of this tree');
    this.#signature = read;
    return this;
  }

  /** Signature of a record. */
  signatureOf(record: number): Uint8Array {
    if (!this.#signature) return fail('tree.unsigned', '哈希树还没有签名', 'the tree is not signed yet');
    const leaf = this.#leaves[record];
    if (!leaf) return fail('tree.leaf', `没有叶子 ${record}`, `no leaf ${record}`);
    return prependChain(this.#signature, {
      ...leaf,
      links: this.#tree.chainOf(record),
      algorithm: this.#algorithm,
    });
  }
}
